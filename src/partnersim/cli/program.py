"""The program: its first word says what to do, ``run`` if it is no verb.

Exit status: 0 done, 1 results that `verify` finds to differ, of which `export` finds runs not to be
there, or that `reproduce` does not find again, 2 input that cannot be used, 130 interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from partnersim.cli import streams
from partnersim.cli.verbs import DEFAULT_VERB, VERBS, verb_named
from partnersim.errors import InputError, nearest, one_line, with_problems_of

DONE, UNUSABLE_INPUT, INTERRUPTED = 0, 2, 130
#: More problems than this are counted, not listed.
MOST_PROBLEMS = 500


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
    streams.prepare()
    try:
        status = _obey(words)
        sys.stdout.flush()
    except InputError as error:
        lines = [one_line(problem) for problem in error.problems[:MOST_PROBLEMS]]
        if left := len(error.problems) - len(lines):
            lines.append(f"{left:,} more problem{'s' if left > 1 else ''}")
        for problem in lines:
            streams.write(sys.stderr, f"error: {problem}")
        return UNUSABLE_INPUT
    except KeyboardInterrupt as interruption:
        kept = str(interruption) or "nothing of the unfinished experiment was kept"
        streams.write(sys.stderr, f"interrupted: {kept}")
        return INTERRUPTED
    except OSError as failure:
        # Of the files that it works with, every verb tells itself.
        if failure.filename is not None:
            raise
        streams.give_up(sys.stdout, failure)
        return UNUSABLE_INPUT if streams.anything_lost() else DONE
    return status or (UNUSABLE_INPUT if streams.anything_lost() else DONE)


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
    if "--help" in words or "-h" in words:
        from partnersim.cli.help import verb_help

        print(verb_help(verb))
        return DONE
    return verb.load().main(words)


def _refuse_unknown_verb(words: list[str]) -> None:
    """Refuse a first word that is neither a verb nor a setting, with all other problems."""
    from partnersim.configuration import load_experiments

    names = [verb.name for verb in VERBS]
    problems = [
        f"{words[0]}: unknown verb{nearest(words[0], names)} (verbs: {', '.join(names)};"
        " settings are written KEY=VALUE)"
    ]
    options = ("-m", "--multirun", "--dry-run", "--yes")
    settings = [word for word in words[1:] if word not in options]
    with_problems_of(lambda: load_experiments(settings), problems)


if __name__ == "__main__":
    sys.exit(main())
