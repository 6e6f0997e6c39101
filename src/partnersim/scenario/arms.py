"""Which policies and climates an experiment compares, and what it is called.

- Nothing named: the experiment ``main``.
- A policy named (``policy=deepen_first``) or changed (``policy.negotiators=800``): that policy
  beside the untouched reference, in one climate (``calm`` unless named).
- Only a climate named: the policies of the experiment in that climate.
- An experiment named: its policies and climates; a policy or climate named beside it takes the
  place of its list, and changed settings of the policy hold for all of its policies.

The reference always runs, untouched. A policy or climate with changed settings is called
NAME_changed, unless ``policy.name`` or ``geopolitics.name`` gives it a name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from partnersim.errors import nearest
from partnersim.scenario.assembly import Assembly
from partnersim.scenario.config_files import default_options
from partnersim.scenario.experiment import Arm, Experiment
from partnersim.scenario.geopolitics import Geopolitics
from partnersim.scenario.policy import Policy
from partnersim.scenario.problems import shown
from partnersim.scenario.request import Request

SINGLE = "single"


def names_a_policy(request: Request) -> bool:
    """Tell whether the user means one policy: by name, or by changing settings of it."""
    lists = {"policies", "variants"} & set(request.changes) or "experiment" in request.choices
    return "policy" in request.choices or ("policy" in request.changes and not lists)


def experiment_of(request: Request) -> str:
    """Return which experiment a request is about."""
    if "experiment" in request.choices:
        return request.choices["experiment"]
    return SINGLE if names_a_policy(request) else default_options()["experiment"]


def _selected(
    assembly: Assembly, group: str, plural: str, allowed: Iterable[str], alone: bool
) -> list[str]:
    """Return the options of a group that are compared, telling unknown ones."""
    request, composed = assembly.request, assembly.composed
    chosen = request.choices.get(group)
    if chosen is not None and plural in request.changes:
        assembly.problems.append(
            f"{group}={chosen} and {plural}=...: name either one {group} or several {plural}"
        )
    default = chosen or default_options()[group]
    if chosen is not None or alone:
        return [default]
    listed = request.changes.get(plural, composed.tree[plural])
    if not isinstance(listed, (list, tuple)):
        return [default]  # the settings of the run tell that it is not a list
    known = tuple(allowed)
    for place, name in enumerate(listed):
        if isinstance(name, str) and name not in known:
            assembly.problems.append(
                f"{plural}[{place}] = {shown(name)}: unknown {group}{nearest(name, known)}"
                f" (options: {', '.join(known)})"
            )
    return list(dict.fromkeys(name for name in listed if name in known)) or [default]


def _variants[Settings: (Policy, Geopolitics)](
    assembly: Assembly,
    group: str,
    names: Iterable[str],
    variant: Callable[[str], tuple[str, Settings | None]],
) -> dict[str, Settings | None]:
    """Return settings by label, telling names that stand for two things."""
    variants: dict[str, Settings | None] = {}
    for name in names:
        label, settings = variant(name)
        if label in variants:
            assembly.problems.append(
                f"{group}.name = {shown(label)}: several would have this name; change only one"
            )
        variants[label] = settings
    return variants


def assemble_experiment(assembly: Assembly, suffix: str = "") -> Experiment:
    """Return the experiment of a request.

    Parameters
    ----------
    assembly : Assembly
        The composed configuration and the request.
    suffix : str
        Appended to the name of the experiment: one job of several.

    Raises
    ------
    InputError
        All problems, one line each.
    """
    composed, request = assembly.composed, assembly.request
    explicit_policies = "policies" in request.changes
    policy_names = _selected(
        assembly,
        "policy",
        "policies",
        composed.policies,
        alone=names_a_policy(request) and not explicit_policies,
    )
    climate_names = _selected(assembly, "geopolitics", "climates", composed.climates, alone=False)
    policies = _variants(assembly, "policy", policy_names, assembly.policy)
    climates = _variants(assembly, "geopolitics", climate_names, assembly.climate)
    name = _name(request, composed.experiment, list(policies), list(climates))
    settings = assembly.settings(name + suffix)
    assembly.check_design(
        settings.design if settings else None, policies.values(), climates.values()
    )
    reference = request.changes.get("reference", composed.tree["reference"])
    if isinstance(reference, str) and reference:
        if reference in policies:
            untouched = policies.pop(reference)
            policies = {reference: untouched, **policies}
        elif reference in composed.policies:
            policies = {reference: assembly.policy(reference, changed=False)[1], **policies}
        else:
            known = tuple(dict.fromkeys((*composed.policies, *policies)))
            assembly.problems.append(
                f"reference = {shown(reference)}: unknown policy{nearest(reference, known)}"
                f" (options: {', '.join(known)})"
            )
        if len(policies) == 1 and len(climates) == 1:
            assembly.notes.append(
                f"{reference} is the reference itself: nothing to compare it with"
            )
    scenarios = {
        (policy, climate): assembly.scenario(policies[policy], climates[climate])
        for climate in climates
        for policy in policies
    }
    assembly.refuse()
    arms = [
        Arm(policy, climate, scenario)
        for (policy, climate), scenario in scenarios.items()
        if scenario is not None
    ]
    if settings is None or len(arms) < len(scenarios):
        raise AssertionError("a part without a problem must be valid")
    return Experiment(settings, tuple(arms), tuple(dict.fromkeys(assembly.notes)))


def _name(request: Request, experiment: str, policies: list[str], climates: list[str]) -> str:
    """Return the name of the experiment, which is that of its results folder."""
    parts = [experiment]
    if "experiment" not in request.choices and request.file is not None:
        parts = [request.file.path.stem]
    elif experiment == SINGLE:
        parts = [*policies, *climates]
    elif "experiment" not in request.choices and "geopolitics" in request.choices:
        parts = [experiment, *climates]
    return file_name("_".join(parts))


def file_name(text: str) -> str:
    """Return a text as the name of a folder."""
    return re.sub(r"[^\w.+-]+", "_", text, flags=re.ASCII).strip("._")[:100] or "experiment"
