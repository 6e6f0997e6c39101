"""The verb ``update``: network and history taken on to a later day, in a folder of one's own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from partnersim.cli.streams import line
from partnersim.cli.verbs import paths_and_own
from partnersim.errors import refuse
from partnersim.user_path import user_path

#: What it takes beside the file, and what is said of a value.
_OWN = {"output": "FOLDER", "until": "QUARTER", "data": "FOLDER"}


def main(words: Sequence[str]) -> int:
    """Make the folder and say how to begin from it.

    Raises
    ------
    InputError
        If anything is wrong with the words, the events or the folder.
    """
    paths, given, problems = paths_and_own(words, _OWN)
    if len(paths) != 1:
        problems.append(f"update takes one file, EVENTS; {len(paths)} given")
    problems += [f"{path}: no such file" for path in paths if not path.is_file()]
    if "output" not in given:
        problems.append("output=FOLDER: say where the new data go")
    until = given.get("until")
    if until is not None and not re.fullmatch(r"20\d\dQ[1-4]", until, re.ASCII):
        problems.append(f"until={until}: must be a quarter, such as 2026Q2")
    refuse(problems)
    from partnersim.history.update import update
    from partnersim.runs.folder import check_place, writing_results
    from partnersim.world.tables import PACKAGE_DATA

    place = check_place(given["output"])
    base = user_path(given["data"]) if "data" in given else PACKAGE_DATA
    with writing_results(place):
        world = update(paths[0], place, until, base)
    line(f"The network as of {world.known_until}: {len(world.network)} pairs")
    line(f"Data in {place}; runs from there begin in {world.first_quarter}:")
    line(f"  partnersim forecast world.data={place}")
    return 0
