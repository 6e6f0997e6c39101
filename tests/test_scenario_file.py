"""Scenario files: data only, every problem with its line, nothing that could run."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partnersim.configuration import load_experiment, load_scenario
from partnersim.errors import InputError
from partnersim.scenario.experiment import Experiment
from partnersim.scenario.scenario_file import LARGEST_FILE, read_scenario_file


@pytest.fixture
def write(tmp_path: Path):
    def written(content: str | bytes) -> Path:
        path = tmp_path / "mine.yaml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return written


def experiment(path: Path, *overrides: str) -> Experiment:
    return load_experiment([f"scenario={path}", *overrides])


def problems(path: Path, *overrides: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        experiment(path, *overrides)
    return [line.replace(f"{path.parent}/", "") for line in caught.value.problems]


def told(attempt: Callable[[], object]) -> tuple[str, ...]:
    """Return the problems that an attempt is refused with; any other error is a failure."""
    try:
        attempt()
    except InputError as error:
        return error.problems
    return ()


def test_options_and_settings(write) -> None:
    path = write("""
policy:
  base: deepen_first
  name: digital_south
  regions: {sub_saharan_africa: 2}
  hubs: [KEN, NGA]
geopolitics: rivalry
world: {switched_off: [SIX_G]}
horizon: {end: 2030Q4}
replicates: 7
""")
    run = experiment(path)
    assert [(arm.policy, arm.climate) for arm in run.arms] == [
        ("balanced", "rivalry"),
        ("digital_south", "rivalry"),
    ]
    assert run.settings.experiment == "mine"
    assert run.settings.replicates == 7
    policy = run.arms[1].scenario.policy
    assert policy.hubs == ("KEN", "NGA")
    assert policy.regions == {"Sub-Saharan Africa": 2}
    assert policy.priorities == load_scenario("policy=deepen_first").policy.priorities
    assert run.arms[0].scenario.policy == load_scenario().policy
    assert run.arms[0].scenario.world.switched_off == ("SIX_G",)


def test_a_file_without_a_policy_changes_the_main_experiment(write) -> None:
    run = experiment(write("shocks:\n  cable_cut: {half_life: 9}\nclimates: [calm, rivalry]\n"))
    assert run.climates == ("calm", "rivalry")
    assert len(run.policies) == 6
    assert run.arms[0].scenario.shocks["cable_cut"].half_life == 9


def test_a_new_shock_type_can_be_scheduled(write) -> None:
    path = write("""
shocks:
  solar_storm:
    description: A solar storm disturbs satellites.
    scope: world
    rate: 0.02
    severity: {low: 0.1, mode: 0.5, high: 1.0}
    half_life: 2
    effects: {struck: {threat: {infrastructure: 0.5}}}
geopolitics:
  schedule:
    - {shock: solar_storm, quarter: 2028Q1, where: world, severity: 8e-1}
shock_tests: [solar_storm]
policies: [balanced]
climates: [calm]
""")
    run = experiment(path)
    (strike,) = run.arms[0].scenario.geopolitics.schedule
    assert (strike.shock, strike.severity) == ("solar_storm", 0.8)


def test_the_command_line_wins(write) -> None:
    path = write("policy: no_offer\ngeopolitics: rivalry\nseed: 5\n")
    run = experiment(path, "policy=deepen_first", "seed=6")
    assert run.policies == ("balanced", "deepen_first")
    assert run.settings.seed == 6


def test_an_empty_file_changes_nothing(write) -> None:
    assert len(experiment(write("# nothing\n")).arms) == 24


def test_problems_name_file_line_and_key(write) -> None:
    path = write("""policy:
  base: deepn_first
  openness: 5
  hubs: [NO, JPM]
  negotiatrs: 4
geopolitics: calmm
shoks: {}
horizon:
  end: 2020Q1
replicates: many
scenario: other.yaml
""")
    text = "\n".join(problems(path, "seed=x"))
    for expected in (
        "mine.yaml, line 2: policy.base: deepn_first: unknown policy, did you mean 'deepen_first'?",
        "mine.yaml, line 3: policy.openness = 5: must be a number from 0 to 1",
        "mine.yaml, line 4: policy.hubs[0] = false: must be a text; YAML reads a bare NO",
        "mine.yaml, line 4: policy.hubs[1]: unknown country 'JPM', did you mean 'JPN' (Japan)?",
        "mine.yaml, line 5: policy.negotiatrs: unknown setting, did you mean 'negotiators'?",
        "mine.yaml, line 6: geopolitics: calmm: unknown geopolitics, did you mean 'calm'?",
        "mine.yaml, line 7: shoks: unknown setting, did you mean 'shocks'?",
        "mine.yaml, line 9: horizon.end = '2020Q1': must be a quarter",
        "mine.yaml, line 10: replicates = 'many': must be a whole number",
        "mine.yaml, line 11: scenario: unknown setting",
    ):
        assert expected in text, f"{expected}\n---\n{text}"
    assert "\nseed = 'x': must be a whole number" in text


def test_a_setting_overridden_on_the_command_line_is_not_blamed_on_the_file(write) -> None:
    assert problems(write("seed: 5\n"), "seed=-1")[0].startswith("seed = -1")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a: !!python/object/apply:os.system [ls]", "the tag"),
        ("a: !!python/name:os.system", "the tag"),
        ("a: !custom 1", "the tag"),
        ("a: &x 1\nb: *x", "anchors and aliases"),
        ("_target_: os.system", "line 1: '_target_' is not allowed"),
        ("policy:\n  offer_: 1", "line 2: 'offer_' is not allowed"),
        ("hydra:\n  run: {dir: /tmp}", "line 1: 'hydra' is not allowed"),
        ("hydra.callbacks: {}", "'hydra.callbacks' is not allowed"),
        ("policy@_global_: balanced", "'policy@_global_' is not allowed"),
        ("defaults: [policy: no_offer]", "'defaults' is not allowed"),
        ("# @package _global_\nseed: 1", "line 1: '@package' is not allowed"),
        ("policy: {name: '${oc.env:HOME}'}", "line 1: '${' is not allowed"),
        ("'${x}': 1", "'${' is not allowed"),
        ("seed: 1\nseed: 2", "line 2: 'seed' stands twice"),
        ("[1]: 2", "a key must be a text"),
        ("- 1", "must hold settings"),
        ("seed: [1", "line 1"),
        ("seed: 1\n---\nseed: 2", "2 documents"),
        ("seed: " + "[" * 1000, "nested deeper than 20 levels"),
        ("seed: " + "9" * 10_000, "cannot be read as a value"),
        (b"seed: \xff", "not UTF-8"),
        (b"seed: \x00", "characters that YAML does not allow"),
        (b"#" * (LARGEST_FILE + 1), "larger than"),
    ],
)
def test_a_file_is_data_only(write, content: str | bytes, expected: str) -> None:
    found = problems(write(content))
    assert any(expected in line for line in found), found


def test_all_forbidden_things_are_told_at_once(write) -> None:
    found = problems(write("_a_: 1\nhydra: 2\nseed: ${x}\nseed: 3\n"), "replicates=0")
    assert len(found) == 5


def test_nothing_runs(write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for content in (
        "hydra: {callbacks: {x: {_target_: builtins.open, file: made, mode: w}}}",
        "policy: {_target_: builtins.open, file: made, mode: w}",
        "x: !!python/object/apply:builtins.open [made, w]",
    ):
        problems(write(content))
    assert not (tmp_path / "made").exists()


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    assert "no such file" in problems(tmp_path / "none.yaml")[0]
    assert "is a folder" in problems(tmp_path)[0]
    assert problems(tmp_path / ("x" * 5000))
    assert problems(tmp_path / "a\x00b")


def test_only_regular_files_are_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    assert "is not a regular file" in problems(pipe)[0]


def test_many_unknown_keys_take_bounded_work(write) -> None:
    path = write("".join(f"unknown_{number}: 1\n" for number in range(9_000)))
    found = problems(path)
    assert 200 <= len(found) < 300
    assert "8,800 more unknown settings" in found[-1]
    nested = "policy:\n" + "".join(f"  unknown_{number}: 1\n" for number in range(9_000))
    found = problems(write(nested))
    assert "8,800 more problems" in found[-1]


@pytest.mark.parametrize("number", ["0600", "1:30", "2027-01-01", "0x1F", "08"])
def test_numbers_are_read_as_on_the_command_line(write, number: str) -> None:
    (problem,) = problems(write(f"policy:\n  negotiators: {number}\n"))
    told_of = f"policy.negotiators = '{number}': must be a whole number from 0 to 2000"
    assert problem.startswith(f"mine.yaml, line 2: {told_of}")
    assert (
        experiment(write("policy: {negotiators: 1_000}")).arms[-1].scenario.policy.negotiators
        == 1000
    )


def test_only_one_file(write) -> None:
    path = write("seed: 1")
    assert any("only one" in line for line in problems(path, f"scenario={path}"))


_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
_TREES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
_KEYS = st.sampled_from(
    [
        *("policy", "geopolitics", "shocks", "world", "behaviour", "horizon", "seed"),
        *("policies", "climates", "reference", "output", "experiment", "shock_tests"),
    ]
)
_GROUPS = st.fixed_dictionaries(
    {},
    optional={
        "policy": _TREES
        | st.fixed_dictionaries({}, optional={"hubs": _TREES, "regions": _TREES, "offer": _TREES}),
        "geopolitics": _TREES
        | st.fixed_dictionaries({}, optional={"schedule": _TREES, "shocks": _TREES}),
        "shocks": _TREES | st.fixed_dictionaries({"cable_cut": _TREES}),
        "behaviour": _TREES | st.fixed_dictionaries({"coefficients": _TREES}),
    },
)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(_KEYS, _TREES) | _GROUPS)
def test_any_data_is_refused_or_understood(tmp_path_factory, tree: object) -> None:
    import yaml

    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    assert all(problem.strip() for problem in told(lambda: experiment(path)))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60) | st.text("{}[]:,-&*!|>'\"%@`#? \n\tab1", max_size=40))
def test_any_text_is_refused_or_read(tmp_path_factory, content: str) -> None:
    path = tmp_path_factory.getbasetemp() / "text.yaml"
    path.write_text(content, encoding="utf-8", errors="surrogateescape")
    assert all(problem.strip() for problem in told(lambda: read_scenario_file(path)))
