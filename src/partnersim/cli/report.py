"""The verb ``report``: one page about the results of a sweep or an experiment."""

from __future__ import annotations

from collections.abc import Sequence

from partnersim.cli.streams import line
from partnersim.errors import InputError
from partnersim.user_path import user_path


def help_text() -> str:
    """Return what ``partnersim report --help`` prints."""
    return (
        "partnersim report DIR writes DIR/report.html: one page, readable offline, that opens with"
        "\nthe answer in plain words with its uncertainty, then evidence, assumptions and how to"
        "\nreproduce it. It also draws the figures anew into DIR/figures.\n"
        "\n"
        "DIR is the folder of a finished run or of a sweep:\n"
        "  partnersim report results/main\n"
        "\n"
        "If runs of a sweep are not there (it is unfinished, parts are damaged), the page rests\n"
        "on the others; it says so at its top, and so does a line on the screen."
    )


def main(words: Sequence[str]) -> int:
    """Write the report of the folder that the words name.

    Parameters
    ----------
    words : sequence of str
        The folder.

    Raises
    ------
    InputError
        If there is not exactly one folder, it holds no results, or the page cannot be written.
    """
    unknown = [word for word in words if word.startswith("-")]
    if unknown:
        raise InputError(f"{word}: unknown option (known: --help)" for word in unknown)
    if len(words) != 1:
        given = "no folder given" if not words else f"{len(words)} folders given"
        raise InputError(f"report: {given}, one is needed: partnersim report results/main")
    folder = user_path(words[0])
    if not folder.is_dir():
        raise InputError(f"{folder}: is not a folder of results")
    from partnersim.cli.screen import Screen
    from partnersim.show.report import write_report

    line("Analysing and drawing ...")
    line(f"Report in {write_report(folder, Screen().note)}")
    return 0
