"""Configuration: what users type becomes scenarios and arms, or one line per problem."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partnersim.configuration import (
    load_experiment,
    load_experiments,
    load_scenario,
    scenario_of,
)
from partnersim.errors import InputError
from partnersim.scenario.assembly import every_path, file_name
from partnersim.scenario.config_files import GROUPS, configs_folder, default_options, options
from partnersim.scenario.geopolitics import Geopolitics
from partnersim.scenario.policy import Policy

POLICIES = (
    "balanced",
    "deepen_first",
    "broaden_first",
    "connect_first",
    "strengthen_first",
    "no_offer",
)
CLIMATES = ("calm", "rivalry", "fragmentation", "coercion")


def problems(*overrides: str) -> list[str]:
    with pytest.raises(InputError) as caught:
        load_experiment(overrides)
    return list(caught.value.problems)


def told(attempt: Callable[[], object]) -> tuple[str, ...]:
    """Return the problems that an attempt is refused with; any other error is a failure."""
    try:
        attempt()
    except InputError as error:
        return error.problems
    return ()


def arms(*overrides: str) -> list[tuple[str, str]]:
    return [(arm.policy, arm.climate) for arm in load_experiment(overrides).arms]


# The shipped files


def test_promised_options_are_there() -> None:
    assert set(POLICIES) <= set(options("policy"))
    assert set(CLIMATES) <= set(options("geopolitics"))
    assert {"main", "single", "four_directions"} <= set(options("experiment"))


@pytest.mark.parametrize("policy", options("policy"))
def test_every_policy_loads_under_its_own_name(policy: str) -> None:
    scenario = load_scenario(f"policy={policy}")
    assert scenario.policy.name == policy
    assert scenario.policy.description


@pytest.mark.parametrize("climate", options("geopolitics"))
def test_every_climate_loads_under_its_own_name(climate: str) -> None:
    scenario = load_scenario(f"geopolitics={climate}")
    assert scenario.geopolitics.name == climate
    assert scenario.geopolitics.description


@pytest.mark.parametrize(
    ("group", "option"),
    [(group, option) for group in ("world", "shocks", "behaviour") for option in options(group)],
)
def test_every_other_option_loads(group: str, option: str) -> None:
    load_scenario(f"{group}={option}")


@pytest.mark.parametrize("experiment", options("experiment"))
def test_every_experiment_loads(experiment: str) -> None:
    assert load_experiment([f"experiment={experiment}"]).arms


def test_the_catalogue_holds_the_kinds_of_shock_that_the_model_needs() -> None:
    shocks = load_scenario().shocks
    assert len(shocks) >= 16
    assert {shock.scope for shock in shocks.values()} >= {"world", "region", "country", "eu"}
    for name, shock in shocks.items():
        changes = shock.effects.model_dump(exclude_defaults=True)
        assert changes, f"{name} changes nothing"


def test_all_climates_name_shocks_of_the_catalogue() -> None:
    for climate in CLIMATES:
        scenario = load_scenario(f"geopolitics={climate}")
        assert set(scenario.geopolitics.shocks) <= set(scenario.shocks)


def test_policies_share_money_and_officials_so_that_they_compare() -> None:
    policies = [load_scenario(f"policy={name}").policy for name in POLICIES]
    assert len({policy.negotiators for policy in policies}) == 1
    assert {policy.offer.envelope for policy in policies} == {1500, 0}


def test_config_folder_is_that_of_the_checkout() -> None:
    assert configs_folder() == Path(__file__).parent.parent / "configs"
    assert set(default_options()) == set(GROUPS)


# Which arms run


def test_nothing_named_runs_the_main_experiment() -> None:
    experiment = load_experiment()
    assert experiment.settings.experiment == "main"
    assert experiment.policies == POLICIES
    assert experiment.climates == CLIMATES
    assert len(experiment.arms) == 24


def test_a_named_policy_runs_beside_the_reference_in_one_climate() -> None:
    assert arms("policy=deepen_first") == [("balanced", "calm"), ("deepen_first", "calm")]


def test_a_named_policy_and_climate() -> None:
    experiment = load_experiment(["policy=deepen_first", "geopolitics=fragmentation"])
    assert [(arm.policy, arm.climate) for arm in experiment.arms] == [
        ("balanced", "fragmentation"),
        ("deepen_first", "fragmentation"),
    ]
    assert experiment.settings.experiment == "deepen_first_fragmentation"


def test_a_climate_alone_runs_with_all_policies() -> None:
    experiment = load_experiment(["geopolitics=coercion"])
    assert experiment.policies == POLICIES
    assert experiment.climates == ("coercion",)
    assert experiment.settings.experiment == "main_coercion"


def test_a_changed_policy_runs_beside_the_unchanged_one() -> None:
    experiment = load_experiment(["policy.negotiators=800"])
    reference, changed = experiment.arms
    assert (reference.policy, changed.policy) == ("balanced", "balanced_changed")
    assert reference.scenario.policy == load_scenario().policy
    assert changed.scenario.policy.negotiators == 800
    assert changed.scenario.policy.name == "balanced_changed"


def test_a_change_to_the_same_value_is_no_change() -> None:
    assert arms("policy=deepen_first", "policy.negotiators=600") == [
        ("balanced", "calm"),
        ("deepen_first", "calm"),
    ]


def test_changes_hold_for_all_policies_of_a_named_experiment_but_the_reference() -> None:
    experiment = load_experiment(["experiment=four_directions", "policy.openness=0.9"])
    assert experiment.policies[0] == "balanced"
    assert set(experiment.policies[1:]) == {f"{name}_changed" for name in POLICIES[:5]}
    for arm in experiment.arms:
        assert (arm.scenario.policy.openness == 0.9) == arm.policy.endswith("_changed")


def test_a_climate_beside_an_experiment_replaces_its_climates() -> None:
    experiment = load_experiment(["experiment=four_directions", "geopolitics=coercion"])
    assert experiment.climates == ("coercion",)
    assert experiment.settings.experiment == "four_directions"


def test_changed_shocks_and_behaviour_hold_for_all_arms() -> None:
    experiment = load_experiment(["shocks.cable_cut.rate=1", "horizon.end=2030Q4"])
    assert len(experiment.arms) == 24
    assert {arm.scenario.shocks["cable_cut"].rate for arm in experiment.arms} == {1}
    assert {arm.scenario.horizon.end for arm in experiment.arms} == {"2030Q4"}


def test_changed_climates_say_so() -> None:
    experiment = load_experiment(["geopolitics.intensity=3"])
    assert experiment.climates == tuple(f"{climate}_changed" for climate in CLIMATES)


def test_own_names() -> None:
    assert arms("policy.openness=0.9", "policy.name=wide", "geopolitics.name=quiet") == [
        ("balanced", "quiet"),
        ("wide", "quiet"),
    ]


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("Überblick für Ärzte", "Überblick_für_Ärzte"),
        ("стратегія", "стратегія"),
        ("数字伙伴", "数字伙伴"),
        ("हिन्दी नीति", "हिन्दी_नीति"),
        ("U\u0308ber", "Über"),
        ("a/b\\c:d*e", "a_b_c_d_e"),
        ("../..", "experiment"),
        ("字" * 100, "字" * 66),
        ("x" * 300, "x" * 100),
    ],
)
def test_folders_keep_the_letters_of_a_name(name: str, folder: str) -> None:
    assert file_name(name) == folder


def test_a_name_for_several_policies_is_refused() -> None:
    (problem,) = problems("experiment=main", "policy.openness=0.9", "policy.name=wide")[:1]
    assert "policy.name" in problem


def test_the_name_of_another_policy_is_refused() -> None:
    assert any("no_offer" in line for line in problems("policy.name=no_offer", "policy.openness=1"))
    assert any("balanced" in line for line in problems("policy.name=balanced", "policy.openness=1"))


def test_another_reference_comes_first() -> None:
    experiment = load_experiment(["policies=[deepen_first,balanced]", "reference=no_offer"])
    assert experiment.policies == ("no_offer", "deepen_first", "balanced")


def test_a_policy_and_a_list_of_policies_contradict_each_other() -> None:
    assert any("policies" in line for line in problems("policy=no_offer", "policies=[balanced]"))


def test_the_reference_alone_is_noted() -> None:
    assert load_experiment(["policy=balanced"]).notes


def test_implausible_coefficients_are_noted() -> None:
    (note,) = load_experiment(["behaviour.coefficients.need.value=1000"]).notes
    assert "behaviour.coefficients.need.value = 1000" in note


def test_the_configuration_of_an_experiment_is_plain_data() -> None:
    import json

    experiment = load_experiment()
    tree = experiment.configuration()
    assert json.loads(json.dumps(tree, allow_nan=False)) == tree
    assert tree["policy"]["no_offer"]["offer"]["envelope"] == 0
    read_back = Policy.model_validate(tree["policy"]["connect_first"])
    assert read_back == load_scenario("policy=connect_first").policy


# What settings become


def test_priorities_mix_and_targeting_sum_to_one() -> None:
    policy = load_scenario("policy.priorities.connect=5", "policy.offer.mix.green=7").policy
    assert policy.priorities.connect == pytest.approx(5 / 8)
    assert sum(dict(policy.offer.mix).values()) == pytest.approx(1)
    assert sum(dict(policy.offer.targeting).values()) == pytest.approx(1)


def test_policies_build_on_balanced() -> None:
    base, deepen = load_scenario().policy, load_scenario("policy=deepen_first").policy
    assert deepen.offer.mix == base.offer.mix
    assert deepen.offer.targeting.depth > base.offer.targeting.depth
    assert deepen.priorities.deepen == pytest.approx(0.5)


def test_names_that_yaml_would_misread() -> None:
    assert load_scenario("policy.hubs=[NOR]").policy.hubs == ("NOR",)
    (problem,) = problems("policy.hubs=[NO]")
    assert "'NOR' (Norway)" in problem


def test_regions_by_full_and_short_name() -> None:
    scenario = load_scenario(
        "policy.regions.sub_saharan_africa=2",
        "policy.regions.Indo-Pacific=1.5",
        "policy.regions.turkiye_enlargement=0.5",
    )
    assert scenario.policy.regions == {
        "Sub-Saharan Africa": 2,
        "Indo-Pacific": 1.5,
        "Türkiye (enlargement)": 0.5,
    }


def test_a_schedule_on_the_command_line() -> None:
    schedule = "[{shock: cable_cut, quarter: 2027Q2, where: [gulf, KEN], severity: 0.5}]"
    (strike,) = load_scenario(f"geopolitics.schedule={schedule}").geopolitics.schedule
    assert strike.where == ("Gulf", "KEN")


def test_an_entry_of_a_list_can_be_changed() -> None:
    climate = load_scenario(
        "geopolitics=fragmentation", "geopolitics.schedule.0.severity=0.1"
    ).geopolitics
    assert isinstance(climate, Geopolitics)
    assert climate.schedule[0].severity == 0.1


def test_the_last_of_two_values_counts() -> None:
    assert load_experiment(["seed=1", "seed=2"]).settings.seed == 2


def test_a_path_is_taken_as_typed(tmp_path: Path) -> None:
    folder = f"{tmp_path}/a, b (c)"
    assert load_experiment([f"output={folder}"]).settings.output == folder
    assert load_experiment([f"output='{folder}'"]).settings.output == folder


# What is refused


def test_all_problems_at_once() -> None:
    found = problems(
        "polcy=balanced",
        "policy=deepn_first",
        "policy.opennes=1",
        "policy.openness=7",
        "policy.offer.envelope=-1",
        "policy.hubs=[JPM,Kenya]",
        "policy.regions.Gulff=2",
        "geopolitics.shocks.cabel_cut=2",
        "geopolitics.schedule=[{shock: x, quarter: 20270, where: Atlantis, severity: 2}]",
        "world.switched_off=[TTX]",
        "world.links=everything",
        "shocks.cabel_cut.rate=1",
        "behaviour.coefficients.nead.value=1",
        "horizon.end=2020Q1",
        "replicates=0",
        "seed=1.5",
        "threads=0",
        "policies=[balancd,no_offer,no_offer]",
        "reference=none",
        "shock_tests=[cabel_cut]",
        "output=",
        "negotiators=5",
        "policy=",
        "broken=[",
        "alone",
    )
    text = "\n".join(found)
    assert len(set(found)) == len(found)
    for expected in (
        "polcy: unknown setting, did you mean 'policy'?",
        "policy=deepn_first: unknown policy, did you mean 'deepen_first'?",
        "policy.opennes: unknown setting, did you mean 'openness'?",
        "policy.openness = 7: must be a number from 0 to 1",
        "policy.offer.envelope = -1: must be a number from 0 to 20000 million EUR a year",
        "policy.hubs[0]: unknown country 'JPM', did you mean 'JPN' (Japan)?",
        "policy.hubs[1]: unknown country 'Kenya', did you mean 'KEN' (Kenya)?",
        "policy.regions.Gulff: unknown region 'Gulff', did you mean 'Gulf'?",
        "geopolitics.shocks.cabel_cut: unknown shock type 'cabel_cut', did you mean 'cable_cut'?",
        "geopolitics.schedule[0].shock: unknown shock type 'x'",
        "geopolitics.schedule[0].quarter = 20270: must be a quarter",
        "geopolitics.schedule[0].on: 'Atlantis' is neither",
        "geopolitics.schedule[0].severity = 2: must be a number from 0 to 1",
        "world.switched_off[0]: unknown instrument 'TTX', did you mean 'TTC'?",
        "world.links = 'everything': must be one of wide, strict",
        "shocks.cabel_cut: unknown shock type, did you mean 'cable_cut'?",
        "behaviour.coefficients.nead: unknown coefficient, did you mean 'need'?",
        "horizon.end = '2020Q1': must be a quarter from 2025Q3 to 2060Q4",
        "replicates = 0: must be a whole number from 1 to 1000000",
        "seed = 1.5: must be a whole number",
        "threads = 0: must be a whole number from 1",
        "policies[0] = 'balancd': unknown policy, did you mean 'balanced'?",
        "policies: 'no_offer' stands there more than once",
        "reference = 'none': unknown policy",
        "shock_tests[0]: unknown shock type 'cabel_cut', did you mean 'cable_cut'?",
        "output: must not be empty",
        "negotiators: unknown setting, did you mean 'policy.negotiators'?",
        "policy=: policy is named twice",
        "broken=[: cannot be read",
        "alone: not a setting, write KEY=VALUE",
    ):
        assert expected in text, f"{expected}\n---\n{text}"


@pytest.mark.parametrize(
    "override",
    [
        "hydra.run.dir=/tmp/x",
        "+hydra.callbacks.x._target_=os.system",
        "++hydra.searchpath=[/tmp]",
        "hydra/job_logging=disabled",
        "policy._target_=os.system",
        "_target_=os.system",
        "policy@hydra=balanced",
        "policy@_global_=balanced",
        "policy.name=${oc.env:HOME}",
        "policy.name='${oc.env:HOME}'",
        "~policy",
        "+policy=balanced",
        "--config-dir=/tmp",
        "--config-path",
        "-cd",
        "--cfg",
    ],
)
def test_doors_to_hydra_are_closed(override: str) -> None:
    (problem,) = problems(override)
    assert problem.startswith(override.split("=")[0])


@pytest.mark.parametrize(
    "value", ["nan", "inf", "-inf", "true", "null", "'0.5'", "[0.5]", "{a: 1}"]
)
def test_numbers_are_numbers(value: str) -> None:
    (problem,) = problems(f"policy.openness={value}")
    assert "must be a number from 0 to 1" in problem or "unknown" in problem


def test_settings_without_weights_are_refused() -> None:
    zero = [f"policy.priorities.{name}=0" for name in ("deepen", "broaden", "connect")]
    (problem,) = problems(*zero, "policy.priorities.strengthen=0")
    assert problem.startswith("policy.priorities: one of deepen, broaden")


def test_severity_must_rise() -> None:
    (problem,) = problems("shocks.cable_cut.severity.low=1")
    assert "low <= mode <= high" in problem


def test_two_values_without_m_are_refused() -> None:
    (problem,) = problems("policy=deepen_first,no_offer")
    assert "-m" in problem
    assert "policies=[" in problem


@pytest.mark.parametrize(
    ("word", "told_of"),
    [
        ("policy.hubs=[Germany]", "Germany is a member of the EU, not a partner"),
        ("policy.hubs=[DEU]", "Germany is a member of the EU, not a partner"),
        ("policy.hubs=[DE]", "Germany is a member of the EU, not a partner"),
        ("policy.hubs=[Deutschland]", "Germany is a member of the EU, not a partner"),
        ("policy.hubs=[EL]", "Greece is a member of the EU, not a partner"),
        ("policy.hubs=[EU]", "EU is the other side of every tie, not a partner"),
        ("policy.hubs=[UK]", "did you mean 'GBR' (United Kingdom)?"),
        ("policy.hubs=['South Korea']", "did you mean 'KOR' (Republic of Korea)?"),
        ("policy.hubs=[CH]", "did you mean 'CHE' (Switzerland)?"),
        ("policy.hubs=[Kenia]", "did you mean 'KEN' (Kenya)?"),
        ("policy.hubs=[Atlantis]", "; write an ISO 3166 code of three letters such as KEN"),
        (
            "geopolitics.schedule=[{shock: trade_war, quarter: 2027Q1, where: US, severity: 1}]",
            "did you mean 'USA' (United States)?",
        ),
        ("policy.hubs=[Taiwan]", "Taiwan is a place without data here"),
        ("policy.regions.Africa=2", "Africa is a continent; its regions: sub_saharan_africa"),
        ("policy.regions.sub_saharn_africa=2", "did you mean 'sub_saharan_africa'?"),
        (
            "geopolitics.schedule=[{shock: trade_war, quarter: 2027Q1, where: FRA, severity: 1}]",
            "France is a member of the EU",
        ),
    ],
)
def test_places_that_are_no_partners_are_told_truly(word: str, told_of: str) -> None:
    (problem,) = problems(word)
    assert told_of in problem


@pytest.mark.parametrize(
    ("word", "told_of"),
    [
        ("policy.colour=red,blue", "policy.colour: unknown setting"),
        ("policy.regions=a,b", "policy.regions = 'a,b': must be a group of names"),
        ("policy=balansed,no_offer", "policy=balansed: unknown policy, did you mean 'balanced'?"),
        ("world=a,b", "world=a: unknown world"),
    ],
)
def test_no_hint_is_given_that_would_not_help(word: str, told_of: str) -> None:
    (problem,) = problems(word)
    assert told_of in problem
    assert "-m" not in problem


@pytest.mark.parametrize("name", ["平静", "é + ü", "it's (new)"])
def test_the_quotes_that_a_name_needs_are_told_as_a_shell_takes_them(name: str) -> None:
    (problem,) = problems(f"policy.name={name}")
    hint = problem.partition("; write it with quotes: ")[2]
    if not hint:  # a quote within needs another one around it
        assert problem.endswith("quote a text twice: \"policy.name='...'\"")
        return
    (word,) = shlex.split(hint)
    assert load_scenario(word).policy.name == name


def test_what_is_wrong_with_many_names_is_told_of_some(tmp_path: Path) -> None:
    file = tmp_path / "many.yaml"
    names = ", ".join(f"AB{number}" for number in range(5000))
    file.write_text(f"policy:\n  hubs: [{names}]\n", "utf-8")
    told = problems(f"scenario={file}")
    assert len(told) == 201
    assert told[-1].endswith("policy: 4,800 more problems")
    file.write_text(f"policy:\n  hubs: [{names * 5}]\n", "utf-8")
    assert problems(f"scenario={file}") == [f"{file}, line 2: more than 20,000 keys and values"]
    (problem,) = problems(f"policy.hubs=[{names}]")
    assert "longer than 20,000 characters" in problem


@pytest.mark.parametrize(
    ("word", "hint", "means"),
    [
        ("policies=balanced,no_offer", "write 'policies=[balanced,no_offer]'", 2),
        ("policy=balanced,no_offer", "write 'policies=[balanced,no_offer]'", 2),
        ("climates=calm,rivalry", "write 'climates=[calm,rivalry]'", 6),
        ("geopolitics=calm,rivalry", "write 'climates=[calm,rivalry]'", 6),
    ],
)
def test_hints_work_as_they_are_printed(word: str, hint: str, means: int) -> None:
    for sweep in (load_experiment, load_experiments):
        if sweep is load_experiment or not word.startswith(("policy=", "geopolitics=")):
            with pytest.raises(InputError) as caught:
                sweep([word])
            assert hint in str(caught.value)
    assert len(load_experiment([hint.split("'")[1]]).policies) == means


def test_what_is_no_text_is_refused() -> None:
    for words in ({"policy": "balanced"}, 3, None):
        with pytest.raises(InputError, match="settings are written as texts"):
            load_scenario(words)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="unknown group"):
        scenario_of({"polcy": "balanced"}, {})


def test_a_key_of_many_dots_is_refused() -> None:
    (problem,) = problems(f"policy{'.a' * 3000}=1")
    assert "nested deeper than 20 levels" in problem


def test_there_is_one_world() -> None:
    assert load_scenario("policy.hubs=[TCD]").policy.hubs == ("TCD",)
    (problem,) = problems("world=named")
    assert problem.startswith("world=named: there is one world, of all 169 partners;")
    (problem,) = problems("world.which=named")
    assert problem.startswith("world.which: unknown setting")


_KEYS = [
    *every_path(),
    "policy.regions.Gulf",
    "shocks.cable_cut.rate",
    "seed",
    "replicates",
    *GROUPS,
]
_NASTY = st.sampled_from(
    [
        *(
            "",
            "[",
            "]",
            "{",
            "}",
            "{a:",
            "[1,",
            "'",
            '"',
            "\\",
            "${x}",
            "1e999",
            "-1e999",
            "9" * 400,
        ),
        *(
            "null",
            "~",
            "*",
            "&a",
            "!!x",
            "true",
            "\x00",
            "\n",
            "é",
            "a=b",
            "a:b",
            "int(x)",
            "cast(1",
        ),
        *(
            "range(1)",
            "glob(*)",
            "choice()",
            "interval(0,1)",
            "sort(3,2)",
            "{}",
            "[]",
            "{a: {b: c}}",
        ),
    ]
)
_VALUES = _NASTY | st.text(max_size=12) | st.integers().map(str) | st.floats().map(str)


@st.composite
def _words(draw: st.DrawFn) -> str:
    key = draw(st.sampled_from(_KEYS) | st.text(max_size=8))
    if draw(st.booleans()) and key:
        place = draw(st.integers(0, len(key) - 1))
        key = key[:place] + draw(st.sampled_from("abcx_.@+~$ ")) + key[place + 1 :]
    return f"{key}={draw(_VALUES)}"


@settings(max_examples=150, deadline=None)
@given(st.lists(_words() | st.text(max_size=10), max_size=4), st.booleans())
def test_malformed_words_are_refused_or_understood(words: list[str], sweep: bool) -> None:
    words = [word for word in words if not word.startswith("scenario=")]
    found = told(lambda: load_experiments(words) if sweep else load_experiment(words))
    assert all(problem.strip() for problem in found)


# Sweeps


def test_a_sweep_runs_every_combination() -> None:
    experiments = load_experiments(["policy=deepen_first,no_offer", "seed=range(1,3)"])
    assert [(experiment.policies[-1], experiment.settings.seed) for experiment in experiments] == [
        ("deepen_first", 1),
        ("deepen_first", 2),
        ("no_offer", 1),
        ("no_offer", 2),
    ]
    names = [experiment.settings.experiment for experiment in experiments]
    assert len(set(names)) == 4
    assert all("seed-" in name and "/" not in name for name in names)


def test_sweeps_by_pattern() -> None:
    experiments = load_experiments(["policy=glob(*_first)"])
    assert [experiment.policies[-1] for experiment in experiments] == [
        "broaden_first",
        "connect_first",
        "deepen_first",
        "strengthen_first",
    ]


def test_a_sweep_of_one_is_a_run() -> None:
    (experiment,) = load_experiments(["seed=3"])
    assert experiment.settings.experiment == "main"


def test_sweeps_tell_all_problems() -> None:
    with pytest.raises(InputError) as caught:
        load_experiments(["seed=1,x", "policy=deepen_first,none", "replicates=0"])
    text = str(caught.value)
    assert "seed = 'x'" in text
    assert "policy=none" in text
    assert "replicates = 0" in text


@pytest.mark.parametrize(
    "words",
    [
        ["seed=range(0,100000000)"],
        ["seed=range(0,30)", "replicates=range(1,31)"],
        ["policy.openness=interval(0,1)"],
        ["policy=glob(x*)"],
        ["seed=glob(*)"],
        ["seed=range(1,1)"],
    ],
)
def test_sweeps_that_cannot_be(words: list[str]) -> None:
    with pytest.raises(InputError):
        load_experiments(words)


def test_a_host_program_keeps_its_hydra(tmp_path: Path) -> None:
    from hydra import compose, initialize_config_dir

    (tmp_path / "own.yaml").write_text("own: 1\n")
    with initialize_config_dir(str(tmp_path), version_base="1.3"):
        load_scenario("seed=1", "policy=no_offer", "geopolitics=rivalry")
        assert compose("own").own == 1
