"""A small invented experiment in the shape of the real one, written and read back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from partnersim.runs.experiment_reader import StoredExperiment, read_experiment
from partnersim.runs.experiment_writer import ExperimentWriter
from partnersim.runs.manifest import ExperimentFacts

DIRECTIONS = ("deepen", "broaden", "connect", "strengthen")
AREAS = (
    "infrastructure",
    "technology",
    "cybersecurity",
    "information",
    "identity",
    "platforms",
    "trade",
    "governance",
)
SHOCKS = ("supplier_coercion", "cable_cut", "breakthrough")


@dataclass(frozen=True)
class FakeWorld:
    countries: pd.DataFrame
    instruments: pd.DataFrame
    network: pd.DataFrame
    digest: str = "d" * 64


@dataclass
class FakeEnsemble:
    metrics: pd.DataFrame
    events: pd.DataFrame
    countries: pd.DataFrame
    in_force_by_year: np.ndarray
    years: list[int]
    initially_in_force: np.ndarray
    links_at_end: np.ndarray
    replicates: int
    iso3: tuple[str, ...]
    instruments: tuple[str, ...]


def small_world() -> FakeWorld:
    rows = [
        ("JPN", "Japan", "Indo-Pacific", 36.2, 138.3, 4213000.0, 124.5, ""),
        ("KOR", "Republic of Korea", "Indo-Pacific", 36.5, 127.8, 1713000.0, 51.7, ""),
        ("SGP", "Singapore", "Indo-Pacific", 1.35, 103.8, 501000.0, 5.9, ""),
        ("CAN", "Canada", "North America", 56.1, -106.3, 2142000.0, 40.1, ""),
        ("UKR", "Ukraine", "Eastern Neighbourhood", 48.4, 31.2, 178000.0, 37.7, ""),
        ("MDA", "Moldova", "Eastern Neighbourhood", 47.4, 28.4, 16500.0, 2.5, "gci_score"),
        ("BRA", "Brazil", "Latin America and Caribbean", -14.2, -51.9, 2173000.0, 211.1, ""),
        ("KEN", "Kenya", "Sub-Saharan Africa", 0.0, 37.9, 108000.0, 55.3, ""),
        ("MAR", "Morocco", "Southern Neighbourhood", 31.8, -7.1, 144000.0, 37.7, ""),
        ("TUV", "Tuvalu", "Pacific", -7.1, 177.6, 60.0, 0.01, "egdi;gci_score"),
    ]
    columns = ["iso3", "name", "region", "latitude", "longitude"]
    columns += ["gdp_usd", "population", "imputed"]
    countries = pd.DataFrame(rows, columns=columns)
    instruments = pd.DataFrame(
        {
            "instrument": ["TTC", "DIGITAL_PARTNERSHIP", "DTA", "SDP", "HORIZON", "CYBER_DIALOGUE"],
            "name": [
                "Trade and Technology Council",
                "Digital Partnership",
                "Digital Trade Agreement",
                "Security and Defence Partnership",
                "Horizon Europe association",
                "Cyber Dialogue",
            ],
            "binding": [2, 2, 4, 2, 3, 1],
        }
    )
    network = pd.DataFrame(
        {
            "iso3": ["JPN", "JPN", "KOR", "SGP", "CAN", "UKR"],
            "instrument": [
                "DIGITAL_PARTNERSHIP",
                "SDP",
                "DIGITAL_PARTNERSHIP",
                "DTA",
                "SDP",
                "SDP",
            ],
            "stage": ["in_force", "in_force", "in_force", "signed", "planned", "negotiating"],
            "source": "invented",
            "confidence": "recalled",
        }
    )
    return FakeWorld(countries, instruments, network)


def fake_ensemble(
    world: FakeWorld,
    policy: str,
    climate: str,
    *,
    replicates: int = 12,
    last_year: int = 2027,
    first_quarter: int = 2,
    shock: str = "",
) -> FakeEnsemble:
    """Invent runs in which policies and climates differ a little; the same luck in every arm."""
    drift = {"balanced": 1.0, "no_offer": 0.7}.get(policy, 1.0 + (len(policy) % 5) / 20)
    drift *= {"calm": 1.0, "fragmentation": 0.75}.get(climate, 0.9)
    luck = np.random.default_rng(42)
    iso3 = tuple(world.countries["iso3"])
    instruments = tuple(world.instruments["instrument"])
    partners, kinds = len(iso3), len(instruments)
    years = list(range(2025, last_year + 1))
    quarters = [f"{y}Q{q}" for y in years for q in (1, 2, 3, 4) if (y, q) >= (2025, first_quarter)]
    since = np.arange(len(quarters))

    place = {name: i for i, name in enumerate(iso3)}
    kind = {name: k for k, name in enumerate(instruments)}
    initially = np.zeros((partners, kinds), dtype=bool)
    held = world.network[world.network["stage"] == "in_force"]
    initially[[place[c] for c in held["iso3"]], [kind[k] for k in held["instrument"]]] = True

    base = 5.0 * np.exp(luck.normal(size=(replicates, 1, 1)) * 0.15)
    slope = np.array([1.0, 0.6, 0.8, 0.4])[None, None, :]
    growth = base * slope * (1 + drift * since[None, :, None] / 10)
    by_direction = np.floor(growth * (1 + 0.02 * luck.normal(size=growth.shape))) * partners / 10
    if shock:
        severity = {name: 0.2 + 0.2 * i for i, name in enumerate(SHOCKS)}.get(shock, 0.3)
        sign = -1.0 if shock == "breakthrough" else 1.0
        hit = sign * severity * 0.4 * np.exp(-np.maximum(since - 4, 0) / 6) * (since >= 4)
        by_direction *= 1 - hit[None, :, None] * luck.uniform(0.5, 1.5, size=(replicates, 1, 1))
    total = by_direction.sum(axis=2)
    scale = total / total.mean()
    metrics = pd.DataFrame(
        {
            "replicate": np.repeat(np.arange(replicates, dtype=np.int32), len(quarters)),
            "quarter": quarters * replicates,
            "instruments": total.reshape(-1),
        }
    )
    for d, name in enumerate(DIRECTIONS):
        metrics[f"instruments_{name}"] = by_direction[:, :, d].reshape(-1)
    invented = {
        "partners": np.minimum(partners, np.floor(total / 3)),
        "partners_depth_3": np.minimum(partners, np.floor(total / 8)),
        "links": np.floor(total * (1.5 - drift / 2)),
        "hub_dependence": 0.6 / (0.5 + scale),
        "partner_value": total * 0.7,
        "eu_value": total * 0.5 * (2 - drift),
        "value_ldc_share": 0.1 + 0.01 * scale * (1 - drift),
        "rival_share": 0.4 - 0.05 * scale,
        "covered_gdp": 0.5 + 0.1 * np.tanh(scale),
        "offer_absorbed": 0.7 + 0 * scale,
        "drawdown": 0.02 * scale,
    }
    for name, values in invented.items():
        metrics[name] = values.reshape(-1)

    odds = luck.random((partners, kinds)) ** 3
    ends = np.arange(1, len(years) + 1)[:, None, None] / len(years)
    chance = np.minimum(1.0, odds[None] * ends * drift)
    moves = luck.random((replicates, len(years), partners, kinds))
    signed = (moves[:, :1] < chance[None]) | initially[None, None]
    replicate, year, partner, instrument = np.nonzero(
        signed & ~np.concatenate([np.zeros_like(signed[:, :1]), signed[:, :-1]], axis=1)
    )
    events = pd.DataFrame(
        {
            "replicate": replicate.astype(np.int32),
            "quarter": [f"{years[y]}Q4" for y in year],
            "event": "advanced",
            "iso3": [iso3[i] for i in partner],
            "instrument": [instruments[k] for k in instrument],
            "other": None,
            "stage": "in_force",
            "direction": "deepen",
            "shock": "",
            "severity": np.nan,
        }
    )
    countries = pd.DataFrame(
        [
            {"quarter": f"{y}Q4", "iso3": name}
            | {f"depth_{a}": 4 * odds[i].mean() * drift * (t + 1) / len(years) for a in AREAS}
            | {
                "depth": min(4.0, 4 * odds[i].max() * drift * (t + 1) / len(years)),
                "instruments": float(signed[:, t, i].sum(axis=1).mean()),
                "links": 1.0,
                "invested": 10.0,
                "alignment": 0.5,
            }
            for t, y in enumerate(years)
            for i, name in enumerate(iso3)
        ]
    )
    links = np.triu(luck.binomial(replicates, luck.random((partners, partners)) ** 4), 1)
    return FakeEnsemble(
        metrics,
        events,
        countries,
        signed.sum(axis=0).astype(np.int64),
        years,
        initially,
        (links + links.T).astype(np.int64),
        replicates,
        iso3,
        instruments,
    )


def fake_facts(**changes: object) -> ExperimentFacts:
    facts = ExperimentFacts(
        experiment="invented",
        configuration={
            **{"seed": 7, "policy": {"balanced": {"name": "balanced"}}, "output": "anywhere"},
            **{"world": {}, "horizon": {"end": "2027Q4"}, "behaviour": {}},
        },
        seed=7,
        replicates=12,
        reference="balanced",
        world_digest="d" * 64,
        assumed_coefficients=["need", "activity"],
    )
    return replace(facts, **changes)  # type: ignore[arg-type]


def write_example(
    folder: Path,
    *,
    world: FakeWorld | None = None,
    policies: tuple[str, ...] = ("balanced", "deepen_first", "no_offer"),
    climates: tuple[str, ...] = ("calm", "fragmentation"),
    shocks: tuple[str, ...] = SHOCKS,
    **settings: int,
) -> StoredExperiment:
    world = world or small_world()
    with ExperimentWriter(
        folder,
        fake_facts(replicates=settings.get("replicates", 12)),
        countries=world.countries,
        instruments=world.instruments,
        network=world.network,
    ) as writer:
        for policy in policies:
            for climate in climates:
                writer.add_arm(policy, climate, fake_ensemble(world, policy, climate, **settings))
        calm = fake_ensemble(world, "balanced", "calm", **settings).metrics
        for shock in shocks:
            struck = fake_ensemble(world, "balanced", "calm", shock=shock, **settings).metrics
            writer.add_response(
                shock, "balanced", "calm", struck_at="2026Q2", struck=struck, unstruck=calm
            )
        return writer.finish()


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> StoredExperiment:
    return write_example(tmp_path_factory.mktemp("results") / "invented")


def test_what_was_written_is_read_back(example: StoredExperiment) -> None:
    world = small_world()
    ensemble = fake_ensemble(world, "deepen_first", "fragmentation")
    metrics = example.table("metrics")
    arm = metrics[(metrics["policy"] == "deepen_first") & (metrics["climate"] == "fragmentation")]
    for name in ensemble.metrics.columns:
        expected = ensemble.metrics[name].tolist()
        assert arm[name].tolist() == expected, name
    events = example.table("events")
    arm = events[(events["policy"] == "deepen_first") & (events["climate"] == "fragmentation")]
    assert arm["iso3"].tolist() == ensemble.events["iso3"].tolist()
    assert set(arm["other"]) == {""}
    assert arm["severity"].isna().all()
    assert example.table("partners")["imputed"].tolist() == world.countries["imputed"].tolist()
    assert example.table("network")["stage"].tolist() == world.network["stage"].tolist()


def test_only_the_asked_columns_are_read(example: StoredExperiment) -> None:
    columns = example.table("metrics", columns=["links"]).columns.tolist()
    assert columns == ["policy", "climate", "replicate", "quarter", "links"]


def test_arms_keep_their_order(example: StoredExperiment) -> None:
    assert example.policies == ["balanced", "deepen_first", "no_offer"]
    assert example.climates == ["calm", "fragmentation"]
    assert read_experiment(example.folder).arms == example.arms
