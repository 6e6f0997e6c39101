"""Write the generated parts of the documents: tables out of code, configuration and data.

Usage: ``python tools/write_docs.py``, then look at what changed and commit it.

A generated part stands between ``<!-- begin: NAME -->`` and ``<!-- end: NAME -->``. Everything else
in a document is written by hand and left alone. The part ``results`` is written, and the figures of
the README are copied, only if ``results/main`` holds the main experiment with the settings as they
are shipped; ``backtest``, ``cross_validation``, ``shares`` and the parts about reliability only if
their results are there.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd

from command_parts import commands, settings
from data_use import data_use
from doc_tables import code, listed, table
from licence_tables import Row, page_rows, python_rows
from partnersim.calibration.evidence import past_scenario, read_evidence
from partnersim.calibration.past_world import score_gap, world_of_year
from partnersim.configuration import load_experiment, load_scenario
from partnersim.errors import InputError
from partnersim.reproduction.experiment_folder import experiment_folders
from partnersim.reproduction.readme import overview, readme
from partnersim.rules.coefficients import NAMES
from partnersim.rules.constants import AREAS, DIRECTIONS, OBJECTIVES, STAGES
from partnersim.rules.metric_names import metric_names, slug
from partnersim.scenario.config_files import options, read_option
from partnersim.scenario.shock import ShockType
from partnersim.store import (
    StoredExperiment,
    configuration_hash,
    metric_label,
    quantity,
    read_experiment,
)
from partnersim.store.table_folder import read_tables
from partnersim.world import indicators
from partnersim.world.countries import INDICATORS
from partnersim.world.tables import PACKAGE_DATA
from partnersim.world.world import World, load_world
from rehearsal import rehearsal

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
RESULTS = ROOT / "results" / "main"

#: What the README tells of the main experiment.
SHOWN = ("instruments", "partners_depth_3", "links", "hub_dependence", "partner_value", "eu_value")

#: Figures of the main experiment that the README shows.
FIGURES = ("comparison.png", "growth.png")

_PART = re.compile(r"(<!-- begin: ([a-z_]+) -->\n)(.*?)(<!-- end: \2 -->)", re.DOTALL)


def number(value: float) -> str:
    """Return a number as short as it can be told."""
    return f"{value:.6f}".rstrip("0").rstrip(".") if value else "0"


def pairs(values: Mapping[Any, float]) -> str:
    """Return names with their numbers."""
    return ", ".join(f"{name} {number(value)}" for name, value in values.items())


def coefficients() -> str:
    """Return every behavioural coefficient."""
    behaviour = load_scenario().behaviour
    rows = [
        (
            code(name),
            number(item.value),
            f"{number(item.low)} to {number(item.high)}",
            item.unit,
            item.origin,
            item.meaning,
        )
        for name, item in ((name, behaviour.coefficients[name]) for name in behaviour.values())
    ]
    return table(("name", "value", "plausible range", "unit", "origin", "meaning"), rows)


def estimates() -> str:
    """Return the estimated coefficients beside their priors."""
    assumed = past_scenario().behaviour.coefficients
    behaviour = load_scenario().behaviour
    rows = []
    for name in behaviour.named_by_origin("estimated"):
        item, prior = behaviour.coefficients[name], assumed[name]
        cut = item.source.rpartition("cut to ")[2] if "cut to" in item.source else "at its end"
        rows.append(
            (
                code(name),
                number(prior.value),
                f"{number(prior.low)} to {number(prior.high)}",
                number(item.value),
                "-" if cut == "at its end" else f"{number(item.low)} to {number(item.high)}",
                cut,
            )
        )
    return table(
        ("name", "prior", "plausible", "estimate", "two deviations", "deviation left"), rows
    )


def stay_assumed() -> str:
    """Return the coefficients of the likelihood that stay assumed, and why."""
    behaviour = load_scenario().behaviour.coefficients
    reasons: dict[str, list[str]] = {}
    for name, item in behaviour.items():
        if item.origin == "assumed":
            reason = "not identified" if item.source.startswith("not id") else item.source
            reasons.setdefault(reason, []).append(name)
    return table(("why", "coefficients"), ((why, listed(names)) for why, names in reasons.items()))


def stand_ins() -> str:
    """Return how scores from the panel compare with scores from all indicators."""
    evidence = read_evidence()
    gap = score_gap(evidence.world, world_of_year(evidence.world, evidence.panel, 2025))
    rows = [
        (
            row.score,
            row.area or "-",
            f"{row.correlation:.2f}",
            f"{row.mean_panel:.2f}",
            f"{row.mean_full:.2f}",
        )
        for row in gap.itertuples()
    ]
    return table(("score", "area", "correlation", "mean, panel", "mean, all indicators"), rows)


def backtest() -> str | None:
    """Return the scores of the backtest; None if it was not run."""
    folder = RESULTS.parent / "backtest"
    try:
        scores = read_tables(folder, ("scores",))["scores"]
    except InputError:
        return None
    forecasts = {
        "pooled": "forecast",
        "model": "bare model",
        "base_rate": "base rate",
        "pipeline_rate": "pipeline",
        "popularity": "popularity",
    }
    rows = []
    for (group, score), part in scores.groupby(["group", "score"], sort=False):
        known = part.set_index("forecast")
        happened, cases = known.loc["model", ["happened", "cases"]]
        cells = [
            f"{known.at[name, 'value']:.3f} ({known.at[name, 'low']:.3f}"
            f" to {known.at[name, 'high']:.3f})"
            for name in forecasts
        ]
        rows.append((f"{group} ({happened} of {cases})", score, *cells))
    return table(("cases (happened)", "score", *forecasts.values()), rows)


def cross_validation() -> str | None:
    """Return how other choices did before 2023; None if they were not tried."""
    try:
        folds = read_tables(RESULTS.parent / "cross_validation", ("folds",))["folds"]
    except InputError:
        return None
    rows = [
        (
            row.choices,
            f"after {row.cut}, to {row.until}",
            f"{row.log_score:.3f}",
            f"{row.best_rule:.3f}",
            f"{100 * row.recall_at_50:.0f} %",
            f"{100 * row.best_rule_recall:.0f} %",
        )
        for row in folds.itertuples()
    ]
    header = ("choices", "forecast", "log score", "best rule", "recall at 50", "best rule's")
    return table(header, rows)


def shares() -> str | None:
    """Return the scores with several shares of popularity; None if they were not tried."""
    try:
        tried = read_tables(RESULTS.parent / "cross_validation", ("shares",))["shares"]
    except InputError:
        return None
    wide = tried.pivot(index="share", columns=["cut", "until"], values="log_score")
    rows = [
        (f"{share:.0%}", *(f"{value:.4f}" for value in line), f"{line.mean():.4f}")
        for share, line in zip(wide.index, wide.to_numpy(), strict=True)
    ]
    header = [f"after {cut}, to {until}" for cut, until in wide.columns]
    return table(("share of popularity", *header, "mean"), rows)


def reliability() -> str | None:
    """Return what the reliability campaign tried and how often it held; None if it was not run."""
    rows = [
        (
            record["title"],
            record["tried"],
            record["held"],
            f"{record['trials']:,}",
            f"{record['trials'] - len(record['failed']):,}",
            record["seed"],
        )
        for record in _campaign()
    ]
    header = ("part", "what was tried", "what must hold", "trials", "held", "seed")
    return table(header, rows) if rows else None


def reliability_cases() -> str | None:
    """Return the trials of the reliability campaign by kind; None if it was not run."""
    rows = [
        (record["title"], case, f"{count:,}", counted)
        for record in _campaign()
        for cases, counted in (
            (record["cases"], "yes"),
            (record["besides"], "no"),
            (record["left_out"], "left out"),
        )
        for case, count in cases.items()
    ]
    return table(("part", "kind", "how often", "counts as a trial"), rows) if rows else None


def _campaign() -> list[dict[str, Any]]:
    """Return the records of the parts of the reliability campaign that were run."""
    paths = sorted((RESULTS.parent / "campaign").glob("*.json"))
    return [json.loads(path.read_text("utf-8")) for path in paths]


def metrics() -> str:
    """Return every metric, those that differ only by a name in one row."""
    regions = load_world().regions
    families = {
        "instruments": (("direction", DIRECTIONS), ("area", AREAS), ("region", regions)),
        "partners": (("direction", DIRECTIONS),),
        "value": (("objective", OBJECTIVES), ("region", regions)),
    }
    family_of = {
        f"{stem}_{slug(name)}": (f"{stem}_<{kind}>", len(names))
        for stem, kinds in families.items()
        for kind, names in kinds
        for name in names
    }
    rows: dict[str, Sequence[object]] = {}
    for name in metric_names(regions):
        family, count = family_of.get(name, (name, 1))
        label = metric_label(name)
        title = label.title.partition(":")[0] if count > 1 else label.title
        rows[family] = (code(family), title, label.unit or "-", label.better or "-", count)
    return table(("name", "title", "unit", "better", "columns"), rows.values())


def shocks() -> str:
    """Return the shock catalogue: how often, whom, how hard, how long."""
    rows = []
    for name, shock in load_scenario().shocks.items():
        severity = shock.severity
        spread = shock.spread
        rows.append(
            (
                code(name),
                shock.description,
                shock.scope,
                number(shock.rate),
                ", ".join(number(x) for x in (severity.low, severity.mode, severity.high)),
                number(shock.half_life),
                number(shock.strain),
                number(shock.cuts_links),
                "-" if spread.along == "none" else f"{spread.along} {number(spread.probability)}",
            )
        )
    header = ("type", "what happens", "scope", "rate", "severity", "half-life", "strain", "cuts")
    return table((*header, "spread"), rows)


def shock_effects() -> str:
    """Return what each shock type changes, and where it strikes more or less often."""
    rows = [
        (code(name), _effects(shock), pairs(shock.regions) or "-")
        for name, shock in load_scenario().shocks.items()
    ]
    return table(("type", "change at full intensity", "regions struck more or less often"), rows)


def _effects(shock: ShockType) -> str:
    effects = shock.effects
    parts = [
        f"{kind}: {pairs(changes)}"
        for kind in ("threat", "rival", "readiness")
        if (changes := getattr(effects, kind))
    ]
    parts += [
        f"{kind} {number(change)}"
        for kind in ("alignment", "budget")
        if (change := getattr(effects, kind))
    ]
    return "; ".join(parts)


def policies() -> str:
    """Return the shipped policies by what they set otherwise than the reference."""
    return _variants("policy")


def climates() -> str:
    """Return the shipped climates by what they set."""
    return _variants("geopolitics")


def _variants(group: str) -> str:
    rows = []
    for name in options(group):
        settings = read_option(group, name)
        own = {key: settings[key] for key in settings if key not in ("name", "description")}
        own.pop("defaults", None)
        told = "; ".join(_flat(own)) if name != "balanced" else "the reference, see its file"
        rows.append((code(name), settings["description"], told))
    return table(("name", "what it stands for", "settings"), rows)


def _flat(settings: Mapping[str, Any], prefix: str = "") -> Iterable[str]:
    """Return settings as ``path value``; a group of plain numbers stays together."""
    for key, value in settings.items():
        if isinstance(value, Mapping):
            if value and not any(isinstance(item, (Mapping, list)) for item in value.values()):
                yield f"{prefix}{key}: {pairs(value)}"
            else:
                yield from _flat(value, f"{prefix}{key}.")
        elif isinstance(value, list):
            for item in value:
                yield f"{key}: {', '.join(str(part) for part in item.values())}"
        else:
            yield f"{prefix}{key} {value}"


def instruments() -> str:
    """Return the instrument catalogue with the network of June 2025."""
    world = load_world()
    stages = Counter(world.network[["instrument", "stage"]].itertuples(index=False, name=None))
    rows = []
    for row in world.instruments.to_dict("records"):
        name = row["instrument"]
        held = [f"{count} {stage}" for stage in STAGES if (count := stages[name, stage])]
        rows.append(
            (
                code(name),
                row["name"],
                ", ".join(row["areas"].split(";")),
                row["binding"],
                row["role"],
                row["path"],
                row["effort"],
                "yes" if row["funded"] else "no",
                _who(world, name),
                "; ".join(
                    " or ".join(group.split("|")) for group in row["prerequisites"].split(";")
                )
                or "-",
                ", ".join(held).replace("_", " ") or "-",
            )
        )
    header = ("id", "name", "areas", "binding", "role", "path", "effort", "EU money")
    return table((*header, "eligible", "needs in force", "June 2025"), rows)


def _who(world: World, instrument: str) -> str:
    place = list(world.instruments["instrument"]).index(instrument)
    count = int(world.arrays.eligible[:, place].sum())
    return "all" if count == len(world.countries) else str(count)


def weights() -> str:
    """Return the weighted means that make scores out of indicators."""
    rows = [
        (kind, area, pairs(means[area]))
        for kind, means in (
            ("readiness", indicators.READINESS),
            ("demand", indicators.DEMAND),
            ("rival", indicators.RIVAL),
            ("threat", indicators.THREAT),
        )
        for area in AREAS
    ]
    rows += [
        ("alignment", "-", pairs(indicators.ALIGNMENT)),
        ("business", "-", pairs(indicators.BUSINESS)),
        ("exposure", "-", pairs(indicators.EXPOSURE)),
    ]
    return table(("score", "area", "parts and weights"), rows)


def missing() -> str:
    """Return how many values of each indicator are imputed, and for whom."""
    countries = load_world().countries
    imputed = {
        name: countries["iso3"][countries["imputed"].str.split(";").map(lambda x, n=name: n in x)]
        for name in INDICATORS
    }
    rows = [(code(name), len(codes), " ".join(codes) or "-") for name, codes in imputed.items()]
    return table(("indicator", "missing", "countries and territories"), rows)


def network() -> str:
    """Return where the pairs of the network of June 2025 come from."""
    pairs_held = load_world().network
    rows = []
    for (origin, expansion), part in pairs_held.groupby(["origin", "expansion"], sort=True):
        counts = part["stage"].value_counts()
        rows.append(
            (origin, expansion, len(part), *(int(counts.get(stage, 0)) for stage in STAGES[1:]))
        )
    totals = pairs_held["stage"].value_counts()
    rows.append(("all", "", len(pairs_held), *(int(totals.get(stage, 0)) for stage in STAGES[1:])))
    return table(("origin", "expansion", "pairs", *(s.replace("_", " ") for s in STAGES[1:])), rows)


def objectives() -> str:
    """Return how much each area serves each objective."""
    return _csv_table("areas.csv", ("area", *OBJECTIVES))


def modules() -> str:
    """Return how much each module of the Offer serves each area, and how sensitive it is."""
    return _csv_table("modules.csv", ("module", *AREAS, "trust"))


def hotspots() -> str:
    """Return the centres of conflict."""
    return _csv_table("hotspots.csv", ("hotspot", "latitude", "longitude", "weight"))


def organisations() -> str:
    """Return the organisations that make affinity."""
    frame = pd.read_csv(PACKAGE_DATA / "organisations.csv", dtype=str, keep_default_na=False)
    members = pd.read_csv(PACKAGE_DATA / "memberships.csv", dtype=str, keep_default_na=False)
    counts = members[members["status"] == "member"]["organisation"].value_counts()
    rows = [
        (
            code(row["organisation"]),
            row["name"],
            row["weight"],
            "yes" if row["is_digital_agreement"] == "yes" else "-",
            int(counts.get(row["organisation"], 0)),
        )
        for row in frame.to_dict("records")
    ]
    return table(("id", "name", "weight", "makes links", "members outside the EU"), rows)


def _csv_table(file: str, columns: Sequence[str]) -> str:
    frame = pd.read_csv(PACKAGE_DATA / file, dtype=str, keep_default_na=False)
    return table(columns, frame[list(columns)].itertuples(index=False, name=None))


def in_numbers() -> str:
    """Return how large the model is."""
    scenario = load_scenario()
    world, named = load_world(), load_world("named")
    held = Counter(world.network["stage"])
    origins = Counter(item.origin for item in scenario.behaviour.coefficients.values())
    shipped = f"{len(options('policy'))} and {len(options('geopolitics'))}"
    known = f"{origins['estimated']} estimated, {origins['assumed']} assumed"
    rows = [
        ("partner countries", f"{len(world.countries)}, of which {len(named.countries)} named"),
        ("instruments", len(world.instruments)),
        ("pairs of both on 5 June 2025", f"{len(world.network)}, {held['in_force']} in force"),
        ("quarters to the end of 2035", scenario.horizon.quarters),
        ("policies and climates shipped", shipped),
        ("types of shock", len(scenario.shocks)),
        ("behavioural coefficients", known),
        ("metrics per quarter", len(metric_names(world.regions))),
    ]
    return table(("what", "how many"), rows)


#: Numbers that stand in the rules: module, name, meaning.
CONSTANTS = (
    ("rules.constants", "MAXIMUM_DEPTH", "most binding level"),
    ("rules.constants", "QUARTERS_PER_YEAR", "quarters of a year"),
    ("rules.constants", "CENTS_PER_MILLION", "cents of a million EUR"),
    ("rules.beginning", "INITIAL_REPUTATION", "reputation of the EU at the start"),
    ("rules.shocks", "SPREAD_SHARE", "share of its severity with which a shock spreads"),
    ("rules.constants", "HALF_CONNECTED", "links at which a country is half connected"),
    (
        "rules.instrument_utility",
        "HALF_COMPLEMENTARY",
        "instruments per area at which H is half felt",
    ),
    ("rules.adaptation", "HALF_DELIVERED", "stage transitions at which delivery is one half"),
    ("rules.structure", "LANCZOS_STEPS", "most steps of the Lanczos iteration"),
    ("world.instruments", "HIGH_INCOME", "GDP per person of high income, USD"),
    ("world.indicators", "NEED_GAP", "weight of the gap 1 - readiness in need"),
    ("world.indicators", "CONFLICT_REACH_KM", "reach of a conflict, km"),
    ("world.affinity", "EARTH_RADIUS_KM", "radius of the Earth, km"),
)


def constants() -> str:
    """Return the numbers that stand in the rules."""
    rows = [
        (code(name), code(module), getattr(import_module(f"partnersim.{module}"), name), meaning)
        for module, name, meaning in CONSTANTS
    ]
    return table(("name", "module", "value", "meaning"), rows)


def experiments() -> str:
    """Return question, answer and figure of every shipped experiment."""
    return overview(experiment_folders().values(), "../experiments")


def main_experiment() -> StoredExperiment | None:
    """Return the main experiment; None if it is not there or of other settings."""
    try:
        stored = read_experiment(RESULTS)
    except InputError:
        return None
    shipped = configuration_hash(load_experiment(["experiment=main"]).configuration())
    return stored if stored.manifest["configuration_hash"] == shipped else None


def copy_figures(stored: StoredExperiment) -> None:
    """Copy the figures that the README shows."""
    target = ROOT / "docs" / "figures"
    target.mkdir(exist_ok=True)
    for name in FIGURES:
        shutil.copyfile(stored.folder / "figures" / name, target / name)


def copy_backtest() -> None:
    """Copy the figure of the backtest, if it was run."""
    figure = RESULTS.parent / "backtest" / "figures" / "backtest.png"
    if figure.is_file():
        shutil.copyfile(figure, ROOT / "docs" / "figures" / figure.name)


def results() -> str | None:
    """Return the main results; None if they are not there or of other settings."""
    stored = main_experiment()
    if stored is None:
        return None
    summary = stored.table("summary")
    summary = summary.set_index(["metric", "policy", "climate"])["median"].sort_index()
    best, worst = stored.climates[0], stored.climates[-1]
    rows = []
    for policy in stored.policies:
        medians = [
            [quantity(metric, summary[metric, policy, climate]) for climate in (best, worst)]
            for metric in SHOWN
        ]
        rows.append((code(policy), *(" / ".join(pair) for pair in medians)))
    told = (
        f"Medians of {stored.manifest['replicates']} runs at the end of"
        f" {stored.manifest['quarters'][-1]} in the climate {code(best)} / {code(worst)}."
        f" {len(stored.manifest['assumed_coefficients'])} of {len(NAMES)} coefficients are"
        " assumed.\n\n"
    )
    return told + table(("policy", *(metric_label(metric).title for metric in SHOWN)), rows)


def _licences(rows: Iterable[Row]) -> str:
    return table(("package", "version", "licence"), rows)


def licences_of_the_program() -> str:
    """Return the licences of what the program needs."""
    return _licences(python_rows("run"))


def licences_of_extras() -> str:
    """Return the licences of what a user may add."""
    return _licences(python_rows("extras", without=("run",)))


def licences_of_tests_and_tools() -> str:
    """Return the licences of what builds, tests and keeps the program."""
    return _licences(python_rows("build", "test", "upkeep", without=("run", "extras")))


def licences_in_the_page() -> str:
    """Return the licences of what is part of the page."""
    return _licences(page_rows(bundled=True))


def licences_of_the_page() -> str:
    """Return the licences of what the page is built and checked with."""
    return _licences(page_rows(bundled=False))


PARTS: dict[str, Callable[[], str | None]] = {
    part.__name__: part
    for part in (
        *(coefficients, constants, metrics, shocks, shock_effects, policies, climates, instruments),
        *(estimates, stay_assumed, stand_ins, backtest, cross_validation, shares),
        *(reliability, reliability_cases),
        *(licences_of_the_program, licences_of_extras, licences_of_tests_and_tools),
        *(licences_in_the_page, licences_of_the_page, experiments),
        *(weights, missing, network, objectives, modules, hotspots, organisations, results),
        *(in_numbers, data_use, commands, settings, rehearsal),
    )
}


def filled(text: str, parts: Mapping[str, Callable[[], str | None]] = PARTS) -> str:
    """Return a document with its generated parts written anew.

    Parameters
    ----------
    text : str
        The document.
    parts : mapping
        What writes each part; a part that is not there, or comes out as None, stays as it is.

    Raises
    ------
    KeyError
        If the document asks for a part that nothing writes.
    """

    def written(found: re.Match[str]) -> str:
        begin, name, present, end = found.groups()
        if name not in PARTS:
            raise KeyError(f"no part of the documents is called '{name}'")
        new = parts[name]() if name in parts else None
        return f"{begin}{present if new is None else new}{end}"

    return _PART.sub(written, text)


def main() -> int:
    """Write all documents."""
    for path in DOCUMENTS:
        text = path.read_text("utf-8")
        new = filled(text)
        if new != text:
            path.write_text(new, "utf-8")
            print(f"{path.relative_to(ROOT)}: written")
    for folder in experiment_folders().values():
        folder.readme.write_text(readme(folder), "utf-8")
    copy_backtest()
    stored = main_experiment()
    if stored is None:
        print("results: left as they are, results/main does not hold the shipped experiment")
    else:
        copy_figures(stored)
    return 0


if __name__ == "__main__":
    sys.exit(main())
