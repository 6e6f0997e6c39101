"""The glossary of a page: the measures and words that it names, and what they mean."""

from __future__ import annotations

from collections.abc import Iterable

from partnersim.compare.cost import PAY
from partnersim.compare.differences import NEGLIGIBLE
from partnersim.compare.labels import MAIN_METRICS
from partnersim.compare.words import percent
from partnersim.model.metrics import metrics
from partnersim.show.tables import Table, table

#: Words that mean something exact; those of the document of the same name mean the same there.
TERMS = {
    "policy": "A named set of lever settings.",
    "reference": "The policy that the others are compared with.",
    "climate": "A named geopolitical setting: intensity, shocks, tensions.",
    "future": "One combination of uncertainties in which every policy is played.",
    "run": "One play of a policy in a future, up to the end; the first run has the same luck under"
    " every policy, and so have the others.",
    "interval": "Where the true mean lies with 95 % confidence, as far as luck goes; it says"
    " nothing of what the model gets wrong.",
    "clear": "Of a difference: its interval leaves out zero.",
    "negligible": f"Of a difference: its whole interval is within {percent(NEGLIGIBLE)} of what is"
    " compared with.",
    "not clear": "Of a difference: neither clear nor negligible; these runs cannot tell.",
    "regret": "How much worse a policy is than the best one in the same future.",
    "public cost": f"What the Offer spends, and {PAY:g} million EUR a year for each negotiator"
    " (assumed), up to the end.",
    "lapse": "Money of the Offer lapses if nobody may or can take it in time.",
    "shock": "An event that strikes countries or the EU, such as a trade war; its effects fade.",
}


def glossary(texts: Iterable[str]) -> list[Table]:
    """Return a table of the measures that texts name, and one of the words.

    Parameters
    ----------
    texts : iterable of str
        All that a page says.
    """
    said = " ".join(texts).casefold()
    known = [metrics()[name] for name in MAIN_METRICS]
    named = [one for one in known if one.label.en.casefold() in said]
    terms = {word: meaning for word, meaning in TERMS.items() if word in said}
    found = [
        table(
            "Measures",
            {
                "Measure": [one.label.en for one in named],
                "Unit": [one.unit or "number" for one in named],
                "Better": [one.better or "neither" for one in named],
                "What it is": [one.definition for one in named],
            },
        ),
        table("Words", {"Word": terms, "Meaning": terms.values()}),
    ]
    return [one for one in found if one.rows]
