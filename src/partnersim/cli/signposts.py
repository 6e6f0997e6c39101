"""The verb ``signposts``: which early sign tells to change the policy, and what that is worth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from partnersim.cli.words import folder_and_settings
from partnersim.errors import refuse

_SETTINGS = ("stay", "take", "metric")

#: What ``partnersim signposts --help`` prints.
HELP = """\
partnersim signposts FOLDER [stay=POLICY] [take=POLICY] [metric=NAME] looks through the runs of an
experiment or a sweep for early signs: which observable, by when, tells the futures in which one
policy ends better than the one that is followed.

  stay=POLICY    the policy that is followed; as if nothing is said: the reference
  take=POLICY    the other one; as if nothing is said: the one with the largest mean gain
  metric=NAME    by what they are judged at the end; as if nothing is said: partner_value

Thresholds are fitted to every second future or replicate; hit rate (of the runs in which the other
policy does better, how many show the sign), false-alarm rate and the value of switching are
measured in the others. The value compares with runs that took the other policy from the start: an
upper end of what a later change can bring. It also says how often switches of adaptive policies
fired, what is worth knowing first (of sampled futures), and where the choice tips.

Example
  partnersim policy=connect_first geopolitics=fragmentation replicates=100
  partnersim signposts results/connect_first_fragmentation metric=links

Writes signposts.csv and report_signposts.html into the folder."""


def main(words: Sequence[str]) -> int:
    """Find the signs, write and show them.

    Raises
    ------
    InputError
        If anything is wrong with the words, or the folder holds too little.
    """
    folder, settings = folder_and_settings("signposts", words, _SETTINGS)
    from partnersim.compare.signposts import asked_problems
    from partnersim.runs.reader import read_runs
    from partnersim.show.signposts import signposts_of, write_signposts

    runs = read_runs(Path(folder))
    asked = dict(word.split("=", 1) for word in settings)
    refuse(asked_problems(runs.layout, asked))
    found = signposts_of(runs, asked.get("stay"), asked.get("take"), asked.get("metric"))
    print(f"{found.sentence}.")
    for detail in found.details:
        print(f"- {detail}.")
    for path in write_signposts(found):
        print(f"Written: {path}")
    return 0
