"""The answer in plain words: five questions, each with its uncertainty."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from partnersim.compare.differences import Difference, compared
from partnersim.compare.evidence import Evidence
from partnersim.compare.measures import called, listed, opening, titled
from partnersim.compare.signers import percent
from partnersim.compare.study import Study
from partnersim.runs.wording import NO_BREAK, number

#: At most so many differences are told with their numbers.
MOST_NUMBERS = 3
#: With fewer runs per future luck is hardly averaged out.
FEW_REPLICATES = 10


@dataclass(frozen=True)
class Answer:
    """A question, its answer in one sentence, and what else belongs to it."""

    question: str
    sentence: str
    details: tuple[str, ...]


def answers(evidence: Evidence) -> list[Answer]:
    """Return the questions of a strategist with their answers."""
    told = [robust(evidence)]
    if len(evidence.ran) > 1:
        told.append(margin(evidence))
    return [*told, fails(evidence), drives(evidence), signs(evidence)]


def robust(evidence: Evidence) -> Answer:
    """Say which policy is robust, and how sure that is."""
    found = evidence.robustness
    details = []
    if len(evidence.ran) > 1 and (found.regret.to_numpy() > 0).any():
        details.append(found.reason)
        details.append(
            "The ranking weighs these measures alike and compares with the worst policy run here: "
            "other measures or other policies may rank them otherwise"
        )
        measures = found.smallest_on
        if measures:
            details.append(
                f"It alone has the smallest regret on {listed([titled(name) for name in measures])}"
            )
        if found.left_out:
            details.append(found.left_out_note)
        if len(evidence.undominated) < len(evidence.ran):
            beaten = [policy for policy in evidence.ran if policy not in evidence.undominated]
            details.append(
                f"On average another policy is at least as good on {found.every} as "
                f"{listed([called(policy) for policy in beaten])}"
            )
    sentence = found.sentence
    best, reference = evidence.best, evidence.study.reference
    if best != reference and not found.rivals and details:
        told = against(evidence, best, reference)
        if not any(one.verdict > 0 for one in told):
            sentence += f", but on no single measure is it clearly better than {called(reference)}"
    return Answer("Which policy is robust?", sentence, tuple(details))


def margin(evidence: Evidence) -> Answer:
    """Say by how much the most robust policy beats the reference and the next one."""
    best, reference = evidence.best, evidence.study.reference
    next_one = evidence.robustness.ranked[1]
    bases = list(dict.fromkeys(base for base in (reference, next_one) if base != best))
    tables = {base: against(evidence, best, base) for base in bases}
    if any(one.verdict for told in tables.values() for one in told):
        sentence, *further = numbered(best, tables)
    else:
        names = " or ".join(called(base) for base in bases)
        sentence = f"{called(best)} cannot be told apart from {names} on any measure"
        further = [evidence.differences(evidence.focus, bases[0])[best].sentence]
    details = [opening(text) for text in further]
    apart = any(one.verdict for one in tables.get(next_one, ()))
    if next_one in tables and not apart and next_one not in evidence.robustness.rivals:
        details.append(
            f"{opening(called(best))} is ranked before {called(next_one)} all the same: regret "
            "takes all measures together, differences take one at a time"
        )
    replicates = evidence.study.manifest["replicates"]
    if replicates < FEW_REPLICATES:
        details.append(
            f"Only {number(replicates)} run{'s' if replicates > 1 else ''} per policy and future: "
            "they say little about luck and intervals are wide; more would tell more apart"
        )
    details.append(
        "Differences are means over pairs of runs with the same future and the same luck; the "
        "intervals in brackets hold together for all policies and measures with 95"
        + NO_BREAK
        + "% confidence"
    )
    return Answer("By how much does it beat the others?", opening(sentence), tuple(details))


def numbered(policy: str, tables: dict[str, list[Difference]]) -> Iterator[str]:
    """Yield how a policy compares with each base, then its clear differences with numbers."""
    for base, told in tables.items():
        yield compared(policy, base, told)
        for one in [one for one in told if one.verdict][:MOST_NUMBERS]:
            yield one.sentence


def against(evidence: Evidence, policy: str, base: str) -> list[Difference]:
    """Return the differences of one policy to another: clear gains, clear losses, the rest."""
    told = [evidence.differences(metric, base)[policy] for metric in evidence.measures]
    return sorted(told, key=lambda one: (one.verdict == 0, -one.verdict))


def fails(evidence: Evidence) -> Answer:
    """Say where the most robust policy fails, and whether others fail less."""
    found = evidence.failing
    details = [f"Failing means here: {found.rule}"]
    mine = percent(found.shares[found.policy])
    others = {name: share for name, share in found.shares.items() if name != found.policy}
    shares = sorted(set(map(percent, others.values())))
    if len(shares) == 1:
        each = "the other policy" if len(others) == 1 else "every other policy"
        details.append(f"It fails in {mine} of {found.noun}s, {each} in {shares[0]}")
    elif others:
        least, most = min(others, key=others.__getitem__), max(others, key=others.__getitem__)
        details.append(
            f"It fails in {mine} of {found.noun}s; of the other policies {called(least)} fails "
            f"least ({percent(others[least])}) and {called(most)} most ({percent(others[most])})"
        )
    details += [
        f"Also where {found.factors.box(box)}: {percent(box.density)} of futures there fail"
        for box in found.boxes[1:2]
    ]
    return Answer("Where does it fail?", found.sentence, tuple(details))


def drives(evidence: Evidence) -> Answer:
    """Say what the outcome depends on."""
    focus = evidence.drivers(evidence.focus)
    details = [
        evidence.drivers(metric).sentence
        for metric in evidence.headlines
        if metric != evidence.focus
    ]
    if focus.indices.empty:
        details.append(
            "Too few futures were run to say which factor matters: a sweep over ranges does"
        )
    if focus.driver_sentence:
        details.insert(0, focus.spread_sentence)
    sentence = focus.driver_sentence or focus.spread_sentence
    return Answer("What drives the outcome?", sentence, tuple(details))


def signs(evidence: Evidence) -> Answer:
    """Say who signs next."""
    found = evidence.signers
    details = [
        "Brackets: share of runs and its 95"
        + NO_BREAK
        + "% interval, in which every replicate counts once because all futures share its luck"
    ]
    return Answer("Who signs next?", found.sentence, tuple(details) if len(found.next) else ())


def warning(study: Study) -> str:
    """Say that runs are not there and what to do about it; empty if all are."""
    if not study.lacking:
        return ""
    there = study.planned - study.lacking
    return (
        f"Only {number(there)} of {number(study.planned)} runs are there ({study.loss}). All that "
        "follows rests on these alone and may change when the others are in. Run them with: "
        f"partnersim resume {study.folder.as_posix()}"
    )


def cautions(evidence: Evidence) -> Iterator[str]:
    """Yield what a reader must know before using the answer."""
    facts = evidence.study.manifest
    assumed = len(facts["assumed_coefficients"])
    total = len(facts["configuration"]["behaviour"]["coefficients"])
    share = "All" if assumed == total else f"{number(assumed)} of"
    rests = f"{share} {number(total)} behavioural coefficients are assumed. " if assumed else ""
    yield (
        f"{rests}These are statements about the model: compare policies, do not read them as "
        "forecasts."
    )
    failed = len(evidence.study.failures)
    if failed:
        yield (
            f"{number(failed)} {'run failed and is' if failed == 1 else 'runs failed and are'} "
            "left out, listed at the end of the evidence."
        )
    absent = [policy for policy in evidence.study.policies if policy not in evidence.ran]
    if absent:
        yield f"No run of {listed([called(policy) for policy in absent])} succeeded."
