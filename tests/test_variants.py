"""Variants of policies in a scenario file: crossed groups, names, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from partnersim.configuration import load_experiment
from partnersim.errors import InputError
from partnersim.scenario.experiment import Experiment

CROSSED = """\
policies: [balanced, no_offer]
climates: [calm]
shock_tests: []
variants:
  - usual: {}
    open: {openness: 0.9, regions: {lac: 2}}
  - same_rule: {}
    by_need: {offer: {targeting: {need: 1, strategic: 0, even: 0, depth: 0, connection: 0}}}
"""


def loaded(folder: Path, text: str, *words: str) -> Experiment:
    """Return the experiment of a scenario file."""
    file = folder / "mine.yaml"
    file.write_text(text, "utf-8")
    return load_experiment([f"scenario={file}", *words])


def problems(folder: Path, text: str) -> list[str]:
    """Return what is wrong with a scenario file."""
    with pytest.raises(InputError) as refused:
        loaded(folder, text)
    return list(refused.value.problems)


def test_groups_are_crossed_and_what_changes_nothing_is_left_out(tmp_path: Path) -> None:
    experiment = loaded(tmp_path, CROSSED)
    assert experiment.policies == (
        *("balanced", "no_offer"),
        *("usual_by_need", "open_same_rule", "open_by_need"),
    )
    policies = {arm.policy: arm.scenario.policy for arm in experiment.arms}
    both = policies["open_by_need"]
    assert (both.name, both.openness, both.offer.targeting.need) == ("open_by_need", 0.9, 1.0)
    assert both.regions == {"LAC": 2.0}
    assert policies["usual_by_need"].openness == policies["balanced"].openness
    assert both.offer.mix == policies["balanced"].offer.mix


def test_weights_are_scaled_after_they_are_merged(tmp_path: Path) -> None:
    text = "variants: [{half: {priorities: {connect: 3}}}]\nclimates: [calm]\n"
    arms = {arm.policy: arm.scenario.policy for arm in loaded(tmp_path, text).arms}
    assert list(arms) == ["balanced", "half"]
    assert arms["half"].priorities.connect == 0.5


def test_a_variant_builds_on_the_policy_that_it_names(tmp_path: Path) -> None:
    text = "variants: [{cautious: {base: like_minded, negotiators: 300}}]\nclimates: [calm]\n"
    experiment = loaded(tmp_path, text, "reference=like_minded")
    arms = {arm.policy: arm.scenario.policy for arm in experiment.arms}
    assert arms["cautious"].negotiators == 300
    assert arms["cautious"].openness == arms["like_minded"].openness


def test_the_base_runs_even_if_another_is_the_reference(tmp_path: Path) -> None:
    text = "climates: [calm]\nvariants: [{plain: {}, poor: {offer: {envelope: 0}}}]\n"
    assert loaded(tmp_path, text, "reference=poor").policies == ("poor", "balanced")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("variants: 3", "variants = 3: must be a list of groups"),
        ("variants: [1]", "must be a list of groups"),
        ("variants: [{a: 3}]", "variants.a = 3: must be settings of a policy"),
        ("variants: [{'a b': {openness: 1}}]", "'a b' must be 1 to 41 letters"),
        ("variants: [{a: {opennes: 1}}]", "variants.a.opennes"),
        ("variants: [{a: {openness: 3}}]", "variants.a.openness"),
        ("variants: [{a: {base: balancd}}]", "did you mean 'balanced'?"),
        ("variants: [{a: {name: b}}]", "variants.a.name"),
        ("variants: [{no_offer: {openness: 1}}]", "the name of another policy"),
        ("varients: [{a: {openness: 1}}]", "did you mean 'variants'?"),
        ("variants: [{a: {hubs: [XXX]}}]", "XXX"),
    ],
)
def test_what_cannot_be_used_is_told(tmp_path: Path, text: str, told: str) -> None:
    found = problems(tmp_path, f"climates: [calm]\n{text}\n")
    assert any(told in line for line in found), found


def test_a_problem_is_told_with_its_line(tmp_path: Path) -> None:
    found = problems(tmp_path, "climates: [calm]\nvariants:\n  - a:\n      openness: 3\n")
    assert any("mine.yaml, line 4" in line for line in found), found


def test_too_many_combinations_are_refused(tmp_path: Path) -> None:
    group = "{" + ", ".join(f"a{place}: {{openness: 0.{place + 1}}}" for place in range(8)) + "}"
    found = problems(tmp_path, f"variants: [{group}, {group}, {group}, {group}]\n")
    assert any("at most 200" in line for line in found), found
