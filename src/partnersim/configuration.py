"""Configuration: Hydra composes the files and reads the command line, pydantic validates.

The only module that knows Hydra. What a user writes never reaches Hydra's composition: overrides
are parsed by Hydra's grammar, but options are looked up among the shipped files and settings are
merged as plain data. Nothing is resolved, imported or instantiated.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from partnersim.errors import InputError, nearest
from partnersim.scenario.arms import assemble_experiment, experiment_of, file_name
from partnersim.scenario.assembly import Assembly, Composed
from partnersim.scenario.config_files import (
    GROUPS,
    configs_folder,
    default_options,
    fingerprint,
    options,
)
from partnersim.scenario.experiment import Experiment
from partnersim.scenario.names import WorldNames, names_of
from partnersim.scenario.request import Request, merged
from partnersim.scenario.scenario import Scenario
from partnersim.scenario.sweeps import jobs
from partnersim.scenario.words import refusal, several, unquoted

if TYPE_CHECKING:
    from hydra.core.override_parser.types import Override


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
    return _scenario(_assembly(_request(overrides)))


def scenario_of(choices: Mapping[str, Any], changes: Mapping[str, Any]) -> Scenario:
    """Return a scenario from options and settings given as plain data, not as words.

    Parameters
    ----------
    choices : mapping of str to str
        Option by group: ``{"policy": "deepen_first", "world": "named"}``.
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
    return _scenario(_assembly(request))


def _scenario(assembly: Assembly) -> Scenario:
    """Return the one scenario that an assembly describes."""
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
    for number, (swept, job) in enumerate(jobs(overrides, _parsed, load_experiment), start=1):
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
            if override.is_sweep_override():
                raise InputError(several(token, key))
        except InputError as error:
            request.problems.extend(error.problems)
            continue
        if key in GROUPS:
            request.choose(key, override.value())
        else:
            request.change(override.key_or_group, override.value())
    return request


# Composition


def _assembly(request: Request) -> Assembly:
    """Compose the configuration that a request needs."""
    experiment = experiment_of(request)
    # All policies and climates are composed anyway: choosing among them needs no composition.
    groups = ("world", "shocks", "behaviour", "engine")
    choices = {group: request.choices[group] for group in groups if group in request.choices}
    tree = _fresh(_composed(fingerprint(), tuple({**choices, "experiment": experiment}.items())))
    policies = tree.pop("every_policy")
    climates = tree.pop("every_climate")
    return Assembly(Composed(tree, policies, climates, experiment), request, _world_names)


def _fresh(tree: Any) -> Any:
    """Return a copy of plain data, several times faster than `copy.deepcopy`."""
    if isinstance(tree, dict):
        return {key: _fresh(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_fresh(value) for value in tree]
    return tree


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
