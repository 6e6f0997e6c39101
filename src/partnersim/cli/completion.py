"""The verb ``completion``: scripts for the shell, and the words that they offer."""

from __future__ import annotations

from collections.abc import Sequence
from glob import glob

from partnersim.cli.settings_list import keys_below
from partnersim.cli.verbs import VERBS
from partnersim.errors import InputError, nearest
from partnersim.scenario.config_files import GROUPS, options

_FUNCTION = """\
_partnersim() {
    local word="${COMP_LINE:0:$COMP_POINT}"
    word="${word##* }"
    local first=no
    [[ "$COMP_CWORD" -le 1 ]] && first=yes
    local IFS=$'\\n'
    COMPREPLY=($(partnersim completion suggest "$first" "$word" 2>/dev/null))
    # Bash replaces only what stands behind the last "=".
    if [[ "$COMP_WORDBREAKS" == *=* && "$word" == *=* ]]; then
        local before="${word%"${word##*=}"}"
        COMPREPLY=("${COMPREPLY[@]#"$before"}")
    fi
    if [[ "${#COMPREPLY[@]}" -eq 1 && "${COMPREPLY[0]}" != *[=./] ]]; then
        COMPREPLY=("${COMPREPLY[0]} ")
    fi
}
complete -o nospace -F _partnersim partnersim
"""

_BASH = """\
# Completion of partnersim. Use it in this shell:  source <(partnersim completion bash)
# or in every shell: add that line to ~/.bashrc
"""

_ZSH = """\
# Completion of partnersim. Use it in this shell:  source <(partnersim completion zsh)
# or in every shell: add that line to ~/.zshrc, behind compinit
autoload -U +X bashcompinit && bashcompinit
"""

SHELLS = {"bash": _BASH + _FUNCTION, "zsh": _ZSH + _FUNCTION}

_SUGGEST = "suggest"
_LISTS = {"policies": "policy", "climates": "geopolitics", "reference": "policy"}


def help_text() -> str:
    """Return what ``partnersim completion --help`` prints."""
    return (
        "partnersim completion SHELL prints a script that completes words with the Tab key.\n"
        "\n"
        "  bash   source <(partnersim completion bash)    in this shell, or in ~/.bashrc\n"
        "  zsh    source <(partnersim completion zsh)     in this shell, or in ~/.zshrc"
    )


def main(words: Sequence[str]) -> int:
    """Print the script for a shell, or the words that may follow.

    Raises
    ------
    InputError
        If the shell is not known.
    """
    if words and words[0] == _SUGGEST:
        first, word = (*words[1:3], "", "")[:2]
        print("\n".join(suggestions(word, first=first == "yes")))
        return 0
    if len(words) != 1 or words[0] not in SHELLS:
        given = " ".join(words)
        hint = nearest(given, SHELLS) if given else ""
        raise InputError(f"completion {given}: name one shell ({', '.join(SHELLS)}){hint}")
    print(SHELLS[words[0]], end="")
    return 0


def suggestions(word: str, *, first: bool) -> list[str]:
    """Return the words that a beginning can become.

    Parameters
    ----------
    word : str
        What is typed so far.
    first : bool
        Whether it is the first word, which may be a verb.
    """
    key, equals, value = word.partition("=")
    if equals:
        return [f"{key}={item}" for item in _values(key, value) if item.startswith(value)]
    verbs = [verb.name for verb in VERBS] if first else []
    return [item for item in (*verbs, *_keys(word)) if item.startswith(word)]


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


def _values(key: str, value: str) -> list[str]:
    if key in GROUPS:
        return list(options(key))
    if key == "scenario":
        return sorted(path for suffix in ("yaml", "yml") for path in glob(f"{value}*.{suffix}"))
    if key == "reference":
        return list(options(_LISTS[key]))
    if key in _LISTS:
        # Inside a list the last name is completed: [balanced,dee
        before = value[: max(value.rfind(","), value.rfind("[")) + 1] or "["
        return [f"{before}{name}" for name in options(_LISTS[key])]
    if key == "world.which":
        return ["all", "named"]
    if key in ("figures", "world.bloc_expansions", "world.history"):
        return ["true", "false"]
    return []
