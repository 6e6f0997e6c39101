"""The program: its first word says what to do, ``run`` if it is no verb.

Exit status: 0 done, 1 results that `verify` finds to differ, of which `export` finds runs not to be
there, or that `reproduce` does not find again, 2 input that cannot be used, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from partnersim.cli.verbs import DEFAULT_VERB, VERBS, verb_named
from partnersim.errors import InputError, nearest, one_line

DONE, UNUSABLE_INPUT, INTERRUPTED = 0, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program.

    Parameters
    ----------
    argv : sequence of str, optional
        The words behind the program's name; those of the process if left out.

    Returns
    -------
    int
        Exit status.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a dash must not end the program.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        status = _obey(words)
        sys.stdout.flush()
    except InputError as error:
        for problem in error.problems:
            print(f"error: {one_line(problem)}", file=sys.stderr)
        return UNUSABLE_INPUT
    except KeyboardInterrupt as interruption:
        kept = str(interruption) or "nothing of the unfinished experiment was kept"
        print(f"interrupted: {kept}", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has enough of it; Python's own flush at exit must not complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    return status


def _obey(words: list[str]) -> int:
    verb = verb_named(words[0]) if words else None
    if verb is None:
        if "--version" in words:
            from importlib.metadata import version

            print(f"partnersim {version('partnersim')}")
            return DONE
        if "--help" in words or "-h" in words:
            from partnersim.cli.help import program_help

            print(program_help())
            return DONE
        if words and "=" not in words[0] and not words[0].startswith("-"):
            _refuse_unknown_verb(words)
        verb = verb_named(DEFAULT_VERB)
        assert verb is not None
    else:
        words = words[1:]
    module = verb.load()
    if "--help" in words or "-h" in words:
        print(module.help_text())
        return DONE
    return module.main(words)


def _refuse_unknown_verb(words: list[str]) -> None:
    """Refuse a first word that is neither a verb nor a setting, with all other problems."""
    from partnersim.configuration import load_experiments

    names = [verb.name for verb in VERBS]
    problems = [
        f"{words[0]}: unknown verb{nearest(words[0], names)} (verbs: {', '.join(names)};"
        " settings are written KEY=VALUE)"
    ]
    try:
        load_experiments(
            [word for word in words[1:] if word not in ("-m", "--multirun", "--dry-run")]
        )
    except InputError as error:
        problems.extend(error.problems)
    raise InputError(problems)


if __name__ == "__main__":
    sys.exit(main())
