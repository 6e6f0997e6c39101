"""Configuration: Hydra composes the files and reads the command line, pydantic validates.

The only module that knows Hydra. What a user writes never reaches Hydra's composition: overrides
are parsed by Hydra's grammar, but options are looked up among the shipped files and settings are
merged as plain data. Nothing is resolved, imported or instantiated.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice, product
from typing import TYPE_CHECKING, Any

from partnersim.errors import InputError, nearest
from partnersim.scenario.arms import assemble_experiment, experiment_of, file_name
from partnersim.scenario.assembly import TOP_LEVEL, Assembly, Composed
from partnersim.scenario.config_files import (
    GROUPS,
    configs_folder,
    default_options,
    fingerprint,
    options,
)
from partnersim.scenario.experiment import Experiment
from partnersim.scenario.names import WorldNames, names_of
from partnersim.scenario.request import PATH_KEYS, Request
from partnersim.scenario.scenario import Scenario

if TYPE_CHECKING:
    from hydra.core.override_parser.types import Override

#: Jobs of one multirun; more than that is a design, not a sweep.
LARGEST_SWEEP = 500

_OWN = re.compile(r"(\+{0,2})([^=]*)=(.*)", re.DOTALL)


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
    assembly = _assembly(_request(overrides))
    chosen = {**default_options(), **assembly.request.choices}
    _, policy = assembly.policy(chosen["policy"])
    _, climate = assembly.climate(chosen["geopolitics"])
    assembly.settings("scenario")
    scenario = assembly.scenario(policy, climate)
    assembly.refuse()
    if scenario is None:
        raise AssertionError("a scenario without a problem must be valid")
    return scenario


def load_experiment(overrides: Sequence[str] = ()) -> Experiment:
    """Return an experiment: how to run it and the arms it compares.

    Parameters
    ----------
    overrides : sequence of str
        As on the command line; see `partnersim.scenario.arms` for which arms they mean.

    Raises
    ------
    InputError
        All problems, one line each.
    """
    return assemble_experiment(_assembly(_request(overrides)))


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
    experiments: list[Experiment] = []
    problems: list[str] = []
    for number, (swept, job) in enumerate(_jobs(overrides), start=1):
        # The number keeps folders apart whose values read alike once shortened.
        parts = [file_name(f"{key}-{value}") for key, value in swept]
        suffix = "__".join(["", str(number), *parts])[:100] if swept else ""
        try:
            experiments.append(assemble_experiment(_assembly(_request(job)), suffix))
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        raise InputError(dict.fromkeys(problems))
    return experiments


# Overrides


def _refusal(token: str) -> str | None:
    """Say why a word cannot be an override, None if it may be one."""
    if token.startswith("-"):
        return f"{token}: unknown option (known: -m, --multirun, --help, --version)"
    if "${" in token:
        return f"{token}: '${{' is not allowed, settings are plain values"
    if token.startswith("~"):
        return f"{token}: settings cannot be removed, set them to another value"
    match = _OWN.fullmatch(token)
    if match is None:
        meant = [f"{group}={token}" for group in GROUPS if token in options(group)]
        hint = f", did you mean '{meant[0]}'?" if meant else nearest(token, TOP_LEVEL)
        return f"{token}: not a setting, write KEY=VALUE{hint}"
    plus, key = match[1], match[2]
    if "@" in key:
        return f"{token}: '@' is not allowed, options cannot be moved elsewhere"
    if re.match(r"hydra(\W|$)", key):
        return f"{token}: Hydra itself cannot be configured here"
    if any(part.startswith("_") or part.endswith("_") for part in key.split(".")):
        return f"{token}: no setting begins or ends with an underscore"
    if plus and key in (*GROUPS, *PATH_KEYS):
        return f"{token}: write {key}={match[3]} without '{plus}'"
    return None


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
        override: Override = _parser().parse_override(token)
    except (HydraException, ValueError, RecursionError, OverflowError) as error:
        reason = str(error).splitlines()[0][:120] if str(error) else "not readable"
        raise InputError(f"{token}: cannot be read ({reason}); quote texts: key='a b'") from None
    return override


def _request(overrides: Sequence[str]) -> Request:
    """Read the words of a command line without sweeps."""
    request = Request()
    accepted = []
    for token in overrides:
        reason = _refusal(token)
        if reason is None:
            accepted.append(token)
        else:
            request.problems.append(reason)
    pairs = [token.partition("=")[::2] for token in accepted]
    files = [value for key, value in pairs if key == "scenario"]
    if len(files) > 1:
        request.problems.append(f"scenario={files[1]}: only one scenario file can be used")
    if files:
        request.read_file(_unquoted(files[0]))
    for token, (key, value) in zip(accepted, pairs, strict=True):
        if key == "scenario":
            continue
        if key == "output":
            request.change(key, _unquoted(value))
            continue
        try:
            override = _parsed(token)
            if override.is_sweep_override():
                raise InputError(_several(token, key))
        except InputError as error:
            request.problems.extend(error.problems)
            continue
        if key in GROUPS:
            request.choose(key, override.value())
        else:
            request.change(override.key_or_group, override.value())
    return request


def _several(token: str, key: str) -> str:
    plural = {"policy": "policies", "geopolitics": "climates"}.get(key)
    beside = f"; to compare them write {plural}=[...]" if plural else ""
    return f"{token}: several values; add -m to run one after another{beside}"


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "'\""
    return value[1:-1] if quoted else value


# Sweeps


def _alternatives(token: str) -> list[str]:
    """Return the words that a sweep stands for; a word without a sweep stands for itself."""
    key = token.partition("=")[0]
    if _refusal(token) is not None or key in PATH_KEYS:
        return [token]
    try:
        override = _parsed(token)
    except InputError:
        return [token]
    if not override.is_sweep_override():
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
    values = list(islice(override.sweep_string_iterator(), LARGEST_SWEEP + 1))
    if not values:
        raise InputError(f"{token}: an empty range")
    return [f"{key}={value}" for value in values]


def _jobs(overrides: Sequence[str]) -> Iterator[tuple[list[tuple[str, str]], list[str]]]:
    """Return the swept keys with values, and all words, of every job.

    Raises
    ------
    InputError
        If a sweep cannot be expanded, or there are too many jobs.
    """
    problems: list[str] = []
    expanded: list[list[str]] = []
    for token in overrides:
        try:
            expanded.append(_alternatives(token))
        except InputError as error:
            problems.extend(error.problems)
    if problems:
        # What is wrong with the other words is told as well.
        try:
            _assembly(_request([words[0] for words in expanded])).refuse()
        except InputError as error:
            problems.extend(error.problems)
        raise InputError(problems)
    count = 1
    for words in expanded:
        count *= len(words)
    if count > LARGEST_SWEEP:
        raise InputError(f"-m: more than {LARGEST_SWEEP} combinations")
    for job in product(*expanded):
        swept = [
            (word.partition("=")[0], word.partition("=")[2])
            for word, words in zip(job, expanded, strict=True)
            if len(words) > 1
        ]
        yield swept, list(job)


# Composition


def _assembly(request: Request) -> Assembly:
    """Compose the configuration that a request needs."""
    experiment = experiment_of(request)
    groups = ("world", "policy", "geopolitics", "shocks", "behaviour")
    choices = {group: request.choices[group] for group in groups if group in request.choices}
    tree = copy.deepcopy(
        _composed(fingerprint(), tuple({**choices, "experiment": experiment}.items()))
    )
    policies = tree.pop("every_policy")
    climates = tree.pop("every_climate")
    return Assembly(Composed(tree, policies, climates, experiment), request, _world_names)


@lru_cache(maxsize=16)
def _composed(files: tuple[Any, ...], choices: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """Let Hydra compose the tree, with every policy and climate beside the chosen ones.

    One composition serves all arms of an experiment. ``files`` is part of the key so that an
    edited file is read again.
    """
    from hydra import compose, initialize_config_dir
    from hydra.core.global_hydra import GlobalHydra
    from hydra.errors import HydraException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException
    from yaml import YAMLError

    words = [f"{group}={option}" for group, option in choices]
    words += [f"+policy@every_policy.{name}={name}" for name in options("policy")]
    words += [f"+geopolitics@every_climate.{name}={name}" for name in options("geopolitics")]
    # A host program's own Hydra must survive.
    outer = GlobalHydra.instance().hydra
    GlobalHydra.instance().clear()
    try:
        with initialize_config_dir(str(configs_folder()), version_base="1.3"):
            composed = compose("config", overrides=words)
        tree = OmegaConf.to_container(composed, resolve=False)
    except (HydraException, OmegaConfBaseException, YAMLError) as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        raise InputError(f"{configs_folder()}: {'; '.join(lines[:3])}") from None
    finally:
        GlobalHydra.instance().clear()
        if outer is not None:
            GlobalHydra.instance().initialize(outer)
    return tree  # type: ignore[return-value]


@lru_cache(maxsize=2)
def _world_names(which: str) -> WorldNames:
    """Return the names that a world of the package's own data knows."""
    from partnersim.world.world import load_world

    return names_of(load_world(which))  # type: ignore[arg-type]
