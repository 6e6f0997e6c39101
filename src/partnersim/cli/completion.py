"""The verb ``completion``: scripts for the shell, and the words that they offer."""

from __future__ import annotations

from collections.abc import Sequence
from glob import escape, glob
from os.path import isdir
from pathlib import Path

from partnersim.cli.settings_list import choices_at, keys_below
from partnersim.cli.streams import line
from partnersim.cli.verbs import CHOICES, EXPERIMENTS, PATHS, SETTINGS, VERBS, verb_named
from partnersim.errors import InputError, nearest
from partnersim.scenario.config_files import GROUPS, PLURALS, options
from partnersim.scenario.request import PATH_KEYS
from partnersim.shipped_folder import shipped_folder

#: What comes before ``completion.sh``.
SHELLS = {
    "bash": """\
# Completion of partnersim. Use it in this shell:  source <(partnersim completion bash)
# or in every shell: add that line to ~/.bashrc
""",
    "zsh": """\
# Completion of partnersim. Use it in this shell:  source <(partnersim completion zsh)
# or in every shell: add that line to ~/.zshrc, behind compinit
autoload -U +X bashcompinit && bashcompinit
""",
}

_SUGGEST = "suggest"
_LISTS = {plural: group for group, plural in PLURALS.items()}


def main(words: Sequence[str]) -> int:
    """Print the script for a shell, or the words that may follow.

    Raises
    ------
    InputError
        If the shell is not known.
    """
    if words and words[0] == _SUGGEST:
        word, *earlier = words[1:] or [""]
        line("\n".join(suggestions(word, earlier)))
        return 0
    if len(words) != 1 or words[0] not in SHELLS:
        given = " ".join(words)
        hint = nearest(given, SHELLS) if given else ""
        raise InputError(
            f"completion: name one shell, {' or '.join(SHELLS)} ({given or 'none'} given){hint}"
        )
    function = Path(__file__).with_name("completion.sh").read_text("utf-8")
    line(SHELLS[words[0]] + function.rstrip("\n"))
    return 0


def suggestions(word: str, earlier: Sequence[str] = ()) -> list[str]:
    """Return the words that a beginning can become.

    Parameters
    ----------
    word : str
        What is typed so far.
    earlier : sequence of str
        The words before it, the program's name left out; the first may be a verb.
    """
    verb = verb_named(earlier[0]) if earlier else None
    if earlier and earlier[-1] in CHOICES:
        return [choice for choice in CHOICES[earlier[-1]] if choice.startswith(word)]
    words = (verb or VERBS[0]).words
    if not earlier:
        words = (*(verb.name for verb in VERBS), SETTINGS)
    key, equals, value = word.partition("=")
    if equals and (SETTINGS in words or f"{key}=" in words):
        return [f"{key}={item}" for item in _values(key, value) if item.startswith(value)]
    offered: list[str] = []
    for each in words:
        if each == SETTINGS:
            offered += _keys(word)
        elif each == PATHS:
            offered += _paths(word)
        elif each == EXPERIMENTS:
            offered += [path.name for path in shipped_folder("experiments").iterdir()]
        else:
            offered.append(each)
    return [item for item in offered if item.startswith(word)]


def _keys(word: str) -> list[str]:
    """Return the keys one level below what is typed; groups of settings end in a dot."""
    group = word.rpartition(".")[0]
    keys = []
    for name in keys_below(group):
        path = f"{group}.{name}" if group else name
        if path in GROUPS or not keys_below(path):
            keys.append(f"{path}=")
        if keys_below(path):
            keys.append(f"{path}.")
    return keys


def _paths(beginning: str) -> list[str]:
    """Return the folders, which end in a slash, and files that a path can become."""
    return sorted(f"{path}/" if isdir(path) else path for path in glob(f"{escape(beginning)}*"))


def _values(key: str, value: str) -> list[str]:
    if key in GROUPS:
        return list(options(key))
    if key in PATH_KEYS:
        files = (".yaml", ".yml") if key == "scenario" else ()
        return [path for path in _paths(value) if path.endswith(("/", *files))]
    if key == "reference":
        return list(options("policy"))
    if key in _LISTS:
        # Inside a list the last name is completed: [balanced,dee
        before = value[: max(value.rfind(","), value.rfind("[")) + 1] or "["
        return [f"{before}{name}" for name in options(_LISTS[key])]
    return list(choices_at(key))
