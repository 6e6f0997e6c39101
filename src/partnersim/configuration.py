"""Configuration: Hydra composes the files and reads the command line, pydantic validates.

The only module that knows Hydra. What a user writes never reaches Hydra's composition: overrides
are parsed by Hydra's grammar, but options are looked up among the shipped files and settings are
merged as plain data. Nothing is resolved, imported or instantiated.
"""

from __future__ import annotations

import copy
import math
import shlex
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import islice, product
from typing import TYPE_CHECKING, Any, get_origin

from partnersim.errors import InputError, nearest, read_each, with_problems_of
from partnersim.scenario.assembly import Assembly, experiment_of, file_name
from partnersim.scenario.config_files import GROUPS, PLURALS, configs_folder, fingerprint, options
from partnersim.scenario.experiment import Experiment
from partnersim.scenario.names import Names, names_of
from partnersim.scenario.request import PATH_KEYS, Request, merged, of_options, refusal, unquoted
from partnersim.scenario.scenario import Scenario, setting_at
from partnersim.scenario.settings import below

if TYPE_CHECKING:
    from hydra.core.override_parser.types import Override

#: Jobs of one multirun; more than that is a design, not a sweep.
MOST_JOBS = 500


def load_scenario(*overrides: str) -> Scenario:
    """Return a scenario: the shipped configuration with changes.

    Parameters
    ----------
    *overrides : str
        As on the command line: ``"policy=deepen_first"``, ``"geopolitics=fragmentation"``,
        ``"policy.negotiators=800"``, ``"scenario=FILE.yaml"``. Settings that concern a run
        (seed, replicates ...) are checked, but are not part of a scenario.

    Returns
    -------
    Scenario
        Validated and immutable.

    Raises
    ------
    InputError
        All problems, one line each.

    Examples
    --------
    >>> load_scenario("policy=deepen_first", "geopolitics=rivalry").policy.name
    'deepen_first'
    """
    return _assembly(_request(overrides)).scenario()


def scenario_of(choices: Mapping[str, Any], changes: Mapping[str, Any]) -> Scenario:
    """Return a scenario from options and settings given as plain data, not as words.

    Parameters
    ----------
    choices : mapping of str to str
        Option by group: ``{"policy": "deepen_first", "geopolitics": "calm"}``.
    changes : mapping
        Settings laid over them, nested as in the configuration:
        ``{"policy": {"negotiators": 800}}``.

    Raises
    ------
    InputError
        All problems, one line each.

    Examples
    --------
    >>> scenario_of({"policy": "deepen_first"}, {"policy": {"openness": 0.7}}).policy.openness
    0.7
    """
    request = Request()
    for group, option in choices.items():
        if group not in GROUPS:
            request.problems.append(f"{group}: unknown group of options{nearest(group, GROUPS)}")
        elif isinstance(option, str):
            request.choose(group, option)
        else:
            request.problems.append(f"{group}: must be the name of an option")
    request.changes = merged(request.changes, copy.deepcopy(dict(changes)))
    return _assembly(request).scenario()


def load_experiment(overrides: Sequence[str] = ()) -> Experiment:
    """Return an experiment: how to run it and the arms it compares.

    Parameters
    ----------
    overrides : sequence of str
        As on the command line; see `partnersim.scenario.assembly` for what they mean.

    Raises
    ------
    InputError
        All problems, one line each.
    """
    return _assembly(_request(overrides)).experiment()


def names_a_policy(overrides: Sequence[str]) -> bool:
    """Tell whether words, or the scenario file among them, name one policy or change it."""
    request = _request(overrides)
    return "policy" in request.choices or bool({"policy", "variants"} & set(request.changes))


def load_experiments(overrides: Sequence[str]) -> list[Experiment]:
    """Return one experiment for each combination of values (``-m``).

    Parameters
    ----------
    overrides : sequence of str
        Values may be sweeps: ``seed=1,2``, ``seed=range(1,5)``, ``policy=glob(*_first)``,
        ``horizon.end=choice(2030Q4,2035Q4)``.

    Raises
    ------
    InputError
        All problems of all jobs, one line each.
    """
    return read_each(_jobs(overrides), lambda job: _assembly(_request(job[1])).experiment(job[0]))


# Overrides


@lru_cache(maxsize=1)
def _parser() -> Any:
    from hydra.core.override_parser.overrides_parser import OverridesParser

    return OverridesParser.create()


def _parsed(token: str) -> Override:
    """Parse a word by Hydra's grammar.

    Raises
    ------
    InputError
        If it does not follow the grammar.
    """
    from hydra.errors import HydraException

    try:
        return _parser().parse_override(token)
    except (HydraException, ValueError, RecursionError, OverflowError) as error:
        reason = str(error).splitlines()[0][:120] if str(error) else "not readable"
        raise InputError(f"{token}: cannot be read ({reason}){_quoted(token)}") from None


def _quoted(token: str) -> str:
    """Return how a word with a text is written so that it can be read, as a shell takes it."""
    key, _, text = token.partition("=")
    word = f"{key}='{text}'"
    try:
        _parser().parse_override(word)
    except Exception:  # whatever the grammar does not like of it
        return f"; quote a text twice: \"{key}='...'\""
    plain = not set(word) & set('"$`\\!')
    return f"; write it with quotes: {f'"{word}"' if plain else shlex.quote(word)}"


def _request(overrides: Sequence[str]) -> Request:
    """Read the words of a command line without sweeps."""
    request = Request()
    accepted = []
    for token in overrides:
        reason = refusal(token)
        if reason is None:
            accepted.append(token)
        else:
            request.problems.append(reason)
    pairs = [token.partition("=")[::2] for token in accepted]
    files = [value for key, value in pairs if key == "scenario"]
    if len(files) > 1:
        request.problems.append(f"scenario={files[1]}: only one scenario file can be used")
    if files:
        request.read_file(unquoted(files[0]))
    for token, (key, value) in zip(accepted, pairs, strict=True):
        if key == "scenario":
            continue
        if key == "output":
            request.change(key, unquoted(value))
            continue
        try:
            override = _parsed(token)
            if override.is_sweep_override() and _takes_one_of_several(key):
                raise InputError(_several(token))
        except InputError as error:
            request.problems.extend(error.problems)
            continue
        if key in GROUPS:
            request.choose(key, override.value())
        elif override.is_sweep_override():
            # No setting, or a group of them: what is wrong is not that there are several values.
            request.change(key, value)
        else:
            request.change(override.key_or_group, override.value())
    return request


# Several jobs


def _takes_one_of_several(path: str) -> bool:
    """Tell whether a setting could have one, or be a list, of several values."""
    kind = setting_at(path).kind
    return path in GROUPS or (kind is not Any and (_is_list(path) or not below(kind)))


def _several(token: str) -> str:
    """Say what to write instead of a word with several values."""
    key, _, value = token.partition("=")
    if key in GROUPS:
        unknown = [
            name for name in value.split(",") if name.isidentifier() and name not in options(key)
        ]
        if unknown:
            return f"{key}={unknown[0]}: unknown {key}{of_options(unknown[0], options(key))}"
    plural = PLURALS.get(key)
    beside = f"; to compare them write '{plural}=[{value}]'" if plural else ""
    if _is_list(key):
        return f"{token}: several values; write '{key}=[{value}]'"
    return f"{token}: several values; add -m to run one after another{beside}"


def _is_list(path: str) -> bool:
    """Tell whether a setting is a list, so that several values are no sweep."""
    return get_origin(setting_at(path).kind) is tuple


def _values(token: str) -> list[str]:
    """Return the words that a sweep stands for; a word without a sweep stands for itself."""
    key = token.partition("=")[0]
    if refusal(token) is not None or key in PATH_KEYS:
        return [token]
    try:
        override = _parsed(token)
    except InputError:
        return [token]
    if not override.is_sweep_override() or _is_list(key):
        return [token]
    if override.is_interval_sweep():
        raise InputError(f"{token}: an interval has no end of values; write range() or a list")
    value: Any = override.value()
    if hasattr(value, "filter"):
        if key not in GROUPS:
            raise InputError(f"{token}: glob() chooses among options of {', '.join(GROUPS)}")
        found = value.filter(list(options(key)))
        if not found:
            raise InputError(f"{token}: no option fits (options: {', '.join(options(key))})")
        return [f"{key}={option}" for option in found]
    values = list(islice(override.sweep_string_iterator(), MOST_JOBS + 1))
    if not values:
        raise InputError(f"{token}: an empty range")
    return [f"{key}={value}" for value in values]


def _jobs(overrides: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield the end of the name, and all words, of every combination of values."""
    problems: list[str] = []
    alternatives: list[list[str]] = []
    for token in overrides:
        try:
            alternatives.append(_values(token))
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        # What is wrong with the other words is told as well.
        with_problems_of(lambda: load_experiment([words[0] for words in alternatives]), problems)
    if math.prod(map(len, alternatives)) > MOST_JOBS:
        raise InputError(f"-m: more than {MOST_JOBS} combinations")
    for number, job in enumerate(product(*alternatives), start=1):
        swept = [word for word, words in zip(job, alternatives, strict=True) if len(words) > 1]
        # The number keeps folders apart whose values read alike once shortened.
        parts = [str(number), *(file_name(word.replace("=", "-", 1)) for word in swept)]
        yield "__".join(["", *parts])[:100] if swept else "", list(job)


# Composition


def _assembly(request: Request) -> Assembly:
    """Compose the configuration that a request needs."""
    experiment = experiment_of(request)
    # All policies and climates are composed anyway: choosing among them needs no composition.
    groups = ("world", "shocks", "behaviour", "engine")
    choices = {group: request.choices[group] for group in groups if group in request.choices}
    words = [f"{group}={option}" for group, option in {**choices, "experiment": experiment}.items()]
    files = fingerprint()
    tree = _composed(files, "config", tuple(words))
    # What is composed serves again: only the lists of options grow, by variants.
    every = {group: dict(composed) for group, composed in _every_option(files).items()}
    return Assembly(tree, every, experiment, request, _shipped_names())


@cache
def _shipped_names() -> Names:
    from partnersim.world.world import shipped_world

    return names_of(shipped_world())


def _every_option(files: tuple[Any, ...]) -> dict[str, Any]:
    """Return every policy and climate, which are the same whatever else is chosen."""
    groups = ("policy", "geopolitics")
    words = [f"+{group}@{group}.{name}={name}" for group in groups for name in options(group)]
    return _composed(files, None, tuple(words))


@lru_cache(maxsize=16)
def _composed(files: tuple[Any, ...], config: str | None, words: tuple[str, ...]) -> dict[str, Any]:
    """Let Hydra compose a tree of a main file, if one is named, and of the options in the words.

    ``files`` is part of the key so that an edited file is read again.
    """
    from hydra import compose, initialize_config_dir
    from hydra.core.global_hydra import GlobalHydra
    from hydra.errors import HydraException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException
    from yaml import YAMLError

    # A host program's own Hydra must survive.
    outer = GlobalHydra.instance().hydra
    GlobalHydra.instance().clear()
    try:
        with initialize_config_dir(str(configs_folder()), version_base="1.3"):
            composed = compose(config, overrides=list(words))
        tree = OmegaConf.to_container(composed, resolve=False)
    except (HydraException, OmegaConfBaseException, YAMLError) as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        raise InputError(f"{configs_folder()}: {'; '.join(lines[:3])}") from None
    finally:
        GlobalHydra.instance().clear()
        if outer is not None:
            GlobalHydra.instance().initialize(outer)
    return tree  # type: ignore[return-value]
