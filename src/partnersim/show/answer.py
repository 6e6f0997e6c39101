"""The answer in plain words: five questions, each with its uncertainty."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from partnersim.compare.comparison import Comparison
from partnersim.compare.cost import PAY, costs_of
from partnersim.compare.differences import NEGLIGIBLE, PolicyDifference, compared
from partnersim.compare.labels import NO_BREAK, number
from partnersim.compare.signers import note_of
from partnersim.compare.switches import firings
from partnersim.compare.tables import FEW_REPLICATES, SHARE_RUNS
from partnersim.compare.words import amount, called, counted, listed, opening, percent, titled
from partnersim.errors import InputError
from partnersim.runs.folder import FIGURES_NAME
from partnersim.runs.reader import read_runs
from partnersim.show.short_page import Part

#: At most so many differences are given with their numbers, and policies one by one.
MOST_NUMBERS, MOST_POLICIES = 3, 5
#: The figure that a part of a study shows, if it was drawn.
_FIGURE = "comparison.svg"


def answers(comparison: Comparison) -> list[Part]:
    """Return the questions of a strategist with their answers."""
    found = [*which(comparison), *costs(comparison), *switched(comparison)]
    return [*found, fails(comparison), drives(comparison), signs(comparison)]


def which(comparison: Comparison) -> list[Part]:
    """Say which policy is robust, and how policies differ; that first where none is ranked."""
    found = [robust(comparison)]
    if len(comparison.policies) > 1:
        found.append(margin(comparison))
    return found[::-1] if comparison.ranking.unranked else found


def robust(comparison: Comparison) -> Part:
    """Say which policy is robust, and how sure that is."""
    found = comparison.ranking
    details = []
    if not found.unranked and (found.regret.to_numpy() > 0).any():
        details = [
            found.reason,
            "The ranking weighs these measures alike and compares with the worst policy run here: "
            "other measures or other policies may rank them otherwise",
        ]
        if found.smallest_on:
            measures = listed(list(map(titled, found.smallest_on)))
            details.append(f"It alone has the smallest regret on {measures}")
        if found.left_out:
            details.append(found.left_out_note)
        if comparison.beaten:
            good = f"at least as good as {listed(list(map(called, comparison.beaten)))}"
            details.append(f"Another policy is {good} on {found.every}, and clearly better on one")
    sentence = found.sentence
    best, reference = comparison.best, comparison.reference
    if best != reference and not found.rivals and details:
        every = against(comparison, best, reference)
        if not any(one.verdict > 0 for one in every):
            sentence += f", but on no single measure is it clearly better than {called(reference)}"
    return Part(sentence, "Which policy is robust?", details)


def margin(comparison: Comparison) -> Part:
    """Say by how much the most robust policy beats the reference and the next one.

    Where policies are not ranked, say how each of them differs from the reference.
    """
    best, reference = comparison.best, comparison.reference
    unranked = bool(comparison.ranking.unranked)
    others = comparison.policies[1:]
    bases = list(dict.fromkeys([reference, comparison.ranking.ranked[1]]))
    pairs = [(best, base) for base in bases if base != best]
    if unranked:
        pairs = [(policy, reference) for policy in others[:MOST_POLICIES]]
    tables = {pair: against(comparison, *pair) for pair in pairs}
    if unranked or any(one.verdict for found in tables.values() for one in found):
        sentence, *details = map(opening, numbered(tables))
    else:
        names = " or ".join(called(base) for _, base in pairs)
        small = any(one.negligible for found in tables.values() for one in found)
        verb = "does not differ clearly" if small else "cannot be told apart"
        sentence = opening(f"{called(best)} {verb} from {names} on any measure")
        details = [opening(comparison.differences(comparison.focus, pairs[0][1])[best].sentence)]
    next_one = comparison.ranking.ranked[1]
    apart = any(one.verdict for one in tables.get((best, next_one), ()))
    if not unranked and next_one not in comparison.ranking.rivals and not apart:
        details.append(
            f"{opening(called(best))} is ranked before {called(next_one)} all the same: regret "
            "takes all measures together, differences take one at a time"
        )
    if len(others) > len(pairs) and unranked:
        details.append(
            f"{counted(len(others) - len(pairs), 'more policy', 'more policies')}: below"
        )
    runs = comparison.runs.replicates
    if runs < FEW_REPLICATES:
        verb = "says" if runs == 1 else "say"
        details.append(
            f"Only {counted(runs, 'run')} per policy and {comparison.noun} {verb} little about "
            "luck: intervals are wide or missing, more runs would tell more apart"
        )
    details.append(
        f"Differences are means over pairs of runs in the same {comparison.noun} and with the same "
        f"random numbers; the intervals in brackets hold together for all {comparison.family} "
        f"differences that are compared (other policies × measures), with 95{NO_BREAK}% confidence "
        "(Bonferroni). Clear: the interval leaves out zero; "
        f"negligible: all of it is within {percent(NEGLIGIBLE)} of what is compared with"
    )
    question = "How do policies differ?" if unranked else "By how much does it beat the others?"
    return Part(sentence, question, details)


def costs(comparison: Comparison) -> list[Part]:
    """Say what policies cost, what lapses, and what an extra million buys."""
    every = costs_of(comparison.runs)
    every = every[every.index.isin(comparison.policies)]
    if every.empty:
        return []
    base, goal = called(comparison.reference), comparison.focus
    usual = every["cost"][comparison.reference]
    each = {
        policy: f"{number(cost)}{NO_BREAK}million EUR" for policy, cost in every["cost"].items()
    }
    details = []
    for policy, cost, lapsed in every.itertuples():
        text = each[policy]
        if lapsed > 0:
            text += f", {percent(lapsed)} of the Offer's money lapses"
        more = cost - usual
        if abs(more) > NEGLIGIBLE * max(usual, 1.0):
            found = comparison.differences(goal, comparison.reference)[policy]
            buys = amount(goal, found.mean / more * 100, 2, sign=True)
            text += (
                f"; between it and {base}, each 100 million EUR go with {buys} of {titled(goal)}"
            )
        details.append(f"{opening(called(policy))}: {text}")
    details.append(
        f"Public cost: what the Offer spends, and {PAY:g} million EUR a year for each negotiator"
        " (assumed), up to the end; switches of a policy are left out"
    )
    best, cheapest = comparison.best, str(every.index[0])
    sentence = f"{opening(called(best))} costs {each[best]}"
    if each[cheapest] != each[best]:
        sentence += f"; the cheapest is {called(cheapest)} at {each[cheapest]}"
    if len(every) == 1:
        sentence += details.pop(0).removeprefix(f"{opening(called(best))}: {each[best]}")
    return [Part(sentence, "What does it cost?", details)]


def switched(comparison: Comparison) -> list[Part]:
    """Say how often the switches of adaptive policies fired; nothing where there are none."""
    try:
        sentences = [one.sentence for one in firings(comparison.runs)]
    except InputError as error:
        sentences = [f"Not known: {'; '.join(error.problems)}"]
    if not sentences:
        return []
    return [Part(sentences[0], "Did the switches fire?", sentences[1:])]


def numbered(tables: dict[tuple[str, str], list[PolicyDifference]]) -> Iterator[str]:
    """Yield how each pair of policies compares, then its clear differences with numbers."""
    for (policy, base), found in tables.items():
        yield compared(policy, base, found)
        for one in [one for one in found if one.verdict][:MOST_NUMBERS]:
            yield one.sentence


def against(comparison: Comparison, policy: str, base: str) -> list[PolicyDifference]:
    """Return the differences of one policy to another: clear gains, clear losses, the rest."""
    found = [comparison.differences(metric, base)[policy] for metric in comparison.measures]
    return sorted(found, key=lambda one: (one.verdict == 0, -one.verdict))


def fails(comparison: Comparison) -> Part:
    """Say where the most robust policy fails, and whether others fail less."""
    found = comparison.failing
    question = "Where does it fail?"
    if comparison.ranking.unranked:
        question = f"Where does {called(found.policy)} fail?"
    if len(found.fails) < 2:
        return Part(found.sentence, question)
    details = [f"Failing means here: {found.rule}"]
    others = {name: share for name, share in found.shares.items() if name != found.policy}
    count = len(found.fails)

    def share(policy: str) -> str:
        few = f"{found.shares[policy] * count:.0f} of {count}"
        return percent(found.shares[policy]) if count >= SHARE_RUNS else few

    of = "of " if count >= SHARE_RUNS else ""
    mine = f"It fails in {share(found.policy)} {of}{found.noun}s"
    shares = sorted(set(map(share, others)))
    if len(shares) == 1:
        each = "the other policy" if len(others) == 1 else "every other policy"
        details.append(f"{mine}, {each} in {shares[0]}")
    elif others:
        least, most = min(others, key=others.__getitem__), max(others, key=others.__getitem__)
        ends = f"{called(least)} fails least ({share(least)}) and {called(most)} most"
        details.append(f"{mine}; of the other policies {ends} ({share(most)})")
    details += [
        f"Also where {found.factors.box(box)}: {percent(box.density)} of futures there fail"
        for box in found.boxes[1:2]
    ]
    return Part(found.sentence, question, details)


def drives(comparison: Comparison) -> Part:
    """Say what the outcome depends on."""
    focus = comparison.drivers(comparison.focus)
    others = [name for name in comparison.headlines if name != comparison.focus]
    details = [comparison.drivers(metric).sentence for metric in others]
    if focus.lacking:
        details.append(f"Which factor matters was not looked for: {focus.lacking}")
    if focus.driver_sentence:
        details.insert(0, focus.spread_sentence)
    sentence = focus.driver_sentence or focus.spread_sentence
    if not sentence:
        sentence = f"One {comparison.noun} was run: what drives outcomes shows only over several"
        details = []
    return Part(sentence, "What drives the outcome?", list(filter(None, details)))


def signs(comparison: Comparison) -> Part:
    """Say what comes into force."""
    found, runs = comparison.signers, comparison.runs.replicates
    brackets = f"chance and its 90{NO_BREAK}% interval"
    if found.forecast is None:
        brackets = (
            f"share of runs and its 95{NO_BREAK}% interval (Wilson, each pair alone), in which "
            "every replicate counts once because all futures share its luck"
        )
    details = [note_of(found.forecast), f"Brackets: {brackets}"]
    if found.forecast is None and runs < FEW_REPLICATES:
        each = f"{counted(runs, 'run')} per policy and {comparison.noun}"
        details.append(f"{each} say little about single pairs")
    return Part(found.sentence, "What comes into force?", details if len(found.next) else [])


def warning(comparison: Comparison) -> str:
    """Say that runs are not there and what to do about it; empty if all are."""
    runs = comparison.runs
    if not comparison.lacking:
        return ""
    there = number(runs.planned - comparison.lacking)
    return (
        f"Only {there} of {number(runs.planned)} runs are there ({runs.loss}). All that follows "
        "rests on these alone and may change when the others are in. Run them with: "
        f"partnersim resume {runs.folder.as_posix()}"
    )


def cautions(comparison: Comparison) -> Iterator[str]:
    """Yield what a reader must know before using the answer."""
    facts = comparison.manifest
    assumed = len(facts["assumed_coefficients"])
    total = len(facts["configuration"]["behaviour"]["coefficients"])
    share = "All" if assumed == total else f"{number(assumed)} of"
    verb = "is" if assumed == 1 else "are"
    rests = f"{share} {number(total)} behavioural coefficients {verb} assumed. " if assumed else ""
    but = "" if comparison.signers.forecast is None else "; only what comes into force is one"
    yield (
        f"{rests}These are statements about the model: compare policies, do not read them as "
        f"forecasts{but}."
    )
    failed = len(comparison.failures)
    if failed:
        yield (
            f"{counted(failed, 'run')} failed and {'is' if failed == 1 else 'are'} left out, "
            "listed at the end of the evidence."
        )
    absent = [policy for policy in comparison.runs.policies if policy not in comparison.policies]
    if absent:
        yield f"No run of {listed([called(policy) for policy in absent])} succeeded."


def run_part(ask: str, folder: Path) -> Part:
    """Return the part of a study that some runs answer: which policy is robust, what it costs."""
    comparison = Comparison(read_runs(folder))
    first, *others = [*which(comparison), *costs(comparison)]
    details = [*first.details[:1]]
    for other in others:
        details += [other.sentence, *other.details]
    drawing = folder / FIGURES_NAME / _FIGURE
    return Part(
        first.sentence,
        question=ask,
        details=[*details, f"{comparison.made_of}; results in {folder.name}"],
        figures=[drawing] if drawing.exists() else [],
    )
