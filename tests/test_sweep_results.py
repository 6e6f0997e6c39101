"""Results of sweeps: the same on any engine and cut, kept whole, repaired when broken."""

from __future__ import annotations

import dataclasses
import errno
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from partnersim import StoredSweep, read_sweep, simulate_ensemble
from partnersim.errors import InputError
from partnersim.runs import chunk, durable_file, part
from partnersim.runs.chunk import Workbench, simulate_chunk
from partnersim.runs.export import export
from partnersim.runs.plan import plan_in
from partnersim.runs.run_digest import run_digest
from partnersim.runs.running import resume_sweep
from partnersim.runs.stored_part import read_part
from partnersim.runs.sweep_lock import sweep_lock
from partnersim.runs.verifying import differences
from partnersim.scenario.engine import Engine
from sweeps import RUNS, cut_sweep, small_plan, small_sweep

THREADS = Engine()
#: A factor for which some futures contradict themselves: the most likely severity below the least.
CONTRADICTING = (
    "design.factors.shocks.cable_cut.severity.low={low: 0.05, high: 0.39}",
    "design.factors.shocks.cable_cut.severity.mode={low: 0.21, high: 0.9}",
)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> StoredSweep:
    """The small sweep in six parts; tests that change it take a copy."""
    return cut_sweep(tmp_path_factory.mktemp("robustness") / "finished", 8)


@pytest.fixture
def own(finished: StoredSweep, tmp_path: Path) -> StoredSweep:
    """A copy of the small sweep that may be broken."""
    return read_sweep(shutil.copytree(finished.folder, tmp_path / "own"))


def resumed(sweep: StoredSweep, notes: list[str] | None = None) -> StoredSweep:
    note = (lambda text: None) if notes is None else notes.append
    return resume_sweep(sweep.folder, THREADS, threads=1, note=note)


# What is stored is what the model does


def test_runs_are_those_of_an_ensemble_of_the_same_scenario(finished: StoredSweep) -> None:
    plan = plan_in(finished)
    runs, quarters, signing = finished.runs(), finished.quarters(), finished.signing()
    counts: dict[str, int] = {}
    for point in range(3):
        for policy, scenario in plan.future(point).items():
            ensemble = simulate_ensemble(plan.world, scenario, seed=1, replicates=3, threads=1)
            ending = ensemble.metrics[ensemble.metrics["quarter"] == "2026Q1"]
            mine = runs[(runs["policy"] == policy) & (runs["point"] == point)]
            assert mine["replicate"].tolist() == [0, 1, 2]
            assert (mine[finished.metrics].to_numpy() == ending[finished.metrics].to_numpy()).all()
            year = ensemble.metrics[ensemble.metrics["quarter"] == "2025Q4"]
            kept = quarters[(quarters["policy"] == policy) & (quarters["point"] == point)]
            kept = kept[kept["quarter"] == "2025Q4"]
            assert (kept["links"].to_numpy() == year["links"].to_numpy()).all()
    for point in range(len(plan.points)):
        for policy, scenario in plan.future(point).items():
            ensemble = simulate_ensemble(plan.world, scenario, seed=1, replicates=3, threads=1)
            counts[policy] = counts.get(policy, 0) + int(ensemble.in_force_by_year.sum())
    assert signing.groupby("policy", observed=True)["in_force"].sum().to_dict() == counts
    assert (signing["runs"] == 24).all()
    assert (signing["in_force"] <= signing["runs"]).all()


def test_tables_are_sorted_and_whole(finished: StoredSweep) -> None:
    runs = finished.runs(["links"])
    assert list(runs.columns) == ["policy", "point", "replicate", "links"]
    assert len(runs) == RUNS
    order = runs.assign(policy=runs["policy"].cat.codes)
    assert order[["policy", "point", "replicate"]].apply(tuple, axis=1).is_monotonic_increasing
    assert list(runs["policy"].cat.categories) == ["balanced", "connect_first"]
    quarters = finished.quarters(["links"])
    assert len(quarters) == 2 * RUNS
    assert quarters["quarter"].tolist() == ["2025Q4", "2026Q1"] * RUNS
    assert finished.failures().empty
    assert finished.manifest["runs_done"] == finished.manifest["runs_planned"] == RUNS
    assert finished.reference == "balanced"
    climate = finished.factors.iloc[0]
    assert (climate["factor"], climate["kind"]) == ("geopolitics", "choice")
    assert (
        {"setting", "assumed"}
        <= set(finished.factors["origin"])
        <= {
            *("setting", "assumed", "estimated"),
        }
    )


def test_an_unknown_metric_is_told_with_the_nearest(finished: StoredSweep) -> None:
    with pytest.raises(InputError, match="did you mean 'links'"):
        finished.runs(["lnks"])


@pytest.mark.parametrize("size", [3, 11, RUNS])
def test_any_cut_gives_the_same_results(finished: StoredSweep, tmp_path: Path, size: int) -> None:
    again = cut_sweep(tmp_path, size)
    assert len(again.parts) == -(-RUNS // size)
    assert again.manifest == finished.manifest
    assert again.recomputed_digest() == finished.manifest["digest"]
    assert again.runs().equals(finished.runs())
    assert again.quarters().equals(finished.quarters())


def test_manifests_are_the_same_bytes_whatever_did_the_work(
    finished: StoredSweep, tmp_path: Path
) -> None:
    other = small_sweep(tmp_path, "threads=1", "engine.chunk_seconds=50")
    for name in ("manifest.json", "design.json", "signing.parquet", "failures.parquet"):
        assert (other.folder / name).read_bytes() == (finished.folder / name).read_bytes()


def test_another_seed_is_another_sweep(finished: StoredSweep) -> None:
    hashes = {
        small_plan(*words).facts().configuration_hash
        for words in ((), ("seed=2",), ("design.seed=2",), ("design.points=16",))
    }
    assert len(hashes) == 4
    assert finished.manifest["configuration_hash"] in hashes


# What is broken is found and run again


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    # Among the values: some bytes of the footer that follows them say nothing of the content.
    content[len(content) // 4] ^= 0xFF
    path.write_bytes(content)


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def swapped(path: Path) -> None:
    """Let a part bear the name of another."""
    other = max(path.parent.glob("part-*.parquet"))
    shutil.copy(other, path)


def without_counts(path: Path) -> None:
    path.with_name(path.name.replace("part-", "signing-")).unlink()


def removed(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize(
    "harm",
    [flipped, truncated, emptied, swapped, without_counts, removed],
    ids=lambda f: f.__name__,
)
def test_broken_parts_are_run_again(own: StoredSweep, harm: Callable[[Path], None]) -> None:
    digest = own.manifest["digest"]
    harm(min((own.folder / "parts").glob("part-*.parquet")))
    notes: list[str] = []
    again = resumed(own, notes)
    assert again.manifest["digest"] == again.recomputed_digest() == digest
    assert bool(notes) == (harm is not removed)
    assert differences(again, runs=None, threads=1, progress=lambda *_: None) == []


def test_parts_of_another_sweep_do_not_count(own: StoredSweep, tmp_path: Path) -> None:
    other = small_sweep(tmp_path / "other", "seed=2", "engine.chunk_seconds=50")
    shutil.rmtree(own.folder / "parts")
    shutil.copytree(other.folder / "parts", own.folder / "parts")
    assert resumed(own).manifest["digest"] == own.manifest["digest"] != other.manifest["digest"]


def test_overlapping_parts_count_once(own: StoredSweep) -> None:
    bench = Workbench(plan_in(own))
    for start, stop in ((0, 7), (3, 20), (40, RUNS)):
        made = simulate_chunk(bench, start, stop)
        part.write_part(own.folder / "parts", own.manifest["configuration_hash"], own.layout, made)
    again = resumed(own)
    assert len(again.runs([])) == RUNS
    assert again.manifest["digest"] == own.manifest["digest"]


def test_an_unfinished_sweep_can_be_read(own: StoredSweep) -> None:
    paths = sorted((own.folder / "parts").glob("part-*.parquet"))
    kept = read_part(paths[0])
    assert kept is not None
    for path in paths[1:]:
        path.unlink()
    assert len(read_sweep(own.folder).runs(["links"])) == kept.rows < RUNS


# What fails is recorded


def test_a_contradicting_future_fails_alone(tmp_path: Path) -> None:
    sweep = small_sweep(tmp_path, *CONTRADICTING)
    failures = sweep.failures()
    points = sweep.points()
    low, mode = (points[f"shocks.cable_cut.severity.{name}"] for name in ("low", "mode"))
    bad = points["point"][low > mode].tolist()
    assert 0 < len(bad) < len(points)
    assert sorted(set(failures["point"])) == bad
    assert len(failures) == 6 * len(bad)
    assert failures["error"].str.contains("must rise: low <= mode <= high").all()
    assert (
        failures["shocks.cable_cut.severity.low"] > failures["shocks.cable_cut.severity.mode"]
    ).all()
    runs = sweep.runs(["links"])
    assert len(runs) == RUNS - len(failures) == sweep.manifest["runs_done"]
    assert not set(runs["point"]) & set(bad)
    assert sweep.manifest["runs_failed"] == len(failures)
    assert sweep.recomputed_digest() == sweep.manifest["digest"]


def test_a_run_that_raises_does_not_stop_the_others(
    finished: StoredSweep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = Workbench.play

    def sometimes(bench: Workbench, state: object, replicate: int) -> object:
        if replicate == 1:
            raise FloatingPointError("no such luck\nsecond line")
        return play(bench, state, replicate)  # type: ignore[arg-type]

    monkeypatch.setattr(chunk.Workbench, "play", sometimes)
    sweep = small_sweep(tmp_path)
    failures = sweep.failures()
    assert len(failures) == RUNS / 3
    assert set(failures["error"]) == {"FloatingPointError: no such luck"}
    assert set(failures["replicate"]) == {1}
    whole = finished.runs()
    assert sweep.runs().equals(whole[whole["replicate"] != 1].reset_index(drop=True))


def test_a_full_disk_is_one_line_and_loses_nothing(
    finished: StoredSweep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flush = durable_file.flush_to_disk
    written = []

    def full(path: Path) -> None:
        if path.name.startswith(".part-"):
            written.append(path)
            if len(written) > 2:
                raise OSError(errno.ENOSPC, "No space left on device")
        flush(path)

    monkeypatch.setattr(durable_file, "flush_to_disk", full)
    with pytest.raises(InputError) as refused:
        small_sweep(tmp_path, "threads=1", "engine.chunk_seconds=0.01")
    assert len(refused.value.problems) == 1
    assert "No space left on device" in refused.value.problems[0]
    monkeypatch.undo()
    folder = next(tmp_path.glob("robustness/*"))
    assert len(list((folder / "parts").glob("part-*.parquet"))) == 2
    assert not list((folder / "parts").glob(".*"))
    assert resumed(read_sweep(folder)).manifest["digest"] == finished.manifest["digest"]


def test_an_unwritable_place_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "robustness").write_text("a file")
    with pytest.raises(InputError, match="results cannot be written"):
        small_sweep(tmp_path)


def test_two_sweeps_in_one_folder_do_not_meet(own: StoredSweep) -> None:
    with sweep_lock(own.folder), pytest.raises(InputError, match="another sweep is at work"):
        resumed(own)
    assert resumed(own).manifest["digest"] == own.manifest["digest"]


# What is not ours is refused


def edited(sweep: StoredSweep, **changes: object) -> None:
    path = sweep.folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_results_of_another_version_are_not_continued(own: StoredSweep) -> None:
    edited(own, versions={**own.manifest["versions"], "partnersim": "0.0.1"})
    with pytest.raises(InputError, match=r"made with partnersim 0\.0\.1, this is"):
        resumed(own)


def test_another_format_is_refused(own: StoredSweep) -> None:
    edited(own, format="sweep 99")
    with pytest.raises(
        InputError, match=r"in format 'sweep 99', made with .*reads format 'sweep 1'"
    ):
        read_sweep(own.folder)


def test_an_edited_configuration_is_refused(own: StoredSweep) -> None:
    edited(own, configuration={**own.manifest["configuration"], "seed": 5})
    with pytest.raises(InputError, match="changed by hand"):
        read_sweep(own.folder)


def test_edited_futures_are_refused(own: StoredSweep) -> None:
    points = own.points()
    points.loc[0, "geopolitics.intensity"] += 0.1
    points.to_parquet(own.folder / "points.parquet")
    with pytest.raises(InputError, match=r"points\.parquet was changed"):
        resumed(own)


def test_what_is_no_sweep_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no sweep"):
        read_sweep(tmp_path / "nothing")


def test_the_folder_above_is_enough_if_it_holds_one(finished: StoredSweep) -> None:
    assert read_sweep(finished.folder.parent).folder == finished.folder


# Verifying and exporting


def test_a_changed_value_is_found_even_with_a_fitting_checksum(own: StoredSweep) -> None:
    made = simulate_chunk(Workbench(plan_in(own)), 0, RUNS)
    made.metrics[own.metrics.index("links"), 17, 0] += 1
    digests = tuple(run_digest(made.metrics[:, run].T) for run in range(RUNS))
    made = dataclasses.replace(made, digests=digests)
    for path in (own.folder / "parts").iterdir():
        path.unlink()
    part.write_part(own.folder / "parts", own.manifest["configuration_hash"], own.layout, made)
    forged = read_sweep(own.folder)
    edited(forged, digest=forged.recomputed_digest())
    found = differences(read_sweep(own.folder), runs=None, threads=1, progress=lambda *_: None)
    policy, point, replicate = (int(x[0]) for x in own.layout.places(np.array([17])))
    assert len(found) == 1
    assert (
        f"{own.policies[policy]}, future {point}, replicate {replicate}, 2025Q4: links" in found[0]
    )


def test_damage_and_gaps_are_found(own: StoredSweep) -> None:
    path = min((own.folder / "parts").glob("part-*.parquet"))
    flipped(path)
    found = differences(read_sweep(own.folder), runs=3, threads=1, progress=lambda *_: None)
    assert found
    path.unlink()
    found = differences(read_sweep(own.folder), runs=3, threads=1, progress=lambda *_: None)
    assert "only 40 of 48 runs are there (missing: runs 0 to 7); run the rest with" in found[0]


def test_csv_holds_the_tables(own: StoredSweep) -> None:
    paths = {path.stem: path for path in export(own, "csv")}
    assert set(paths) == {"points", "factors", "runs", "quarters", "signing", "failures"}
    back = pd.read_csv(paths["runs"])
    assert (back["links"].to_numpy() == own.runs()["links"].to_numpy()).all()


def test_netcdf_holds_the_metrics_by_axis(own: StoredSweep) -> None:
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("netCDF4")
    (path,) = export(own, "netcdf")
    with xarray.open_dataset(path) as data:
        assert dict(data.sizes) == {"policy": 2, "point": 8, "replicate": 3, "quarter": 2}
        rows = data["links"].sel(quarter="2026Q1").to_numpy().ravel()
        assert (rows == own.runs()["links"].to_numpy()).all()
        assert (data["geopolitics"].to_numpy() == own.points()["geopolitics"].to_numpy()).all()


def test_excel_has_a_sheet_per_table(own: StoredSweep) -> None:
    pytest.importorskip("openpyxl")
    (path,) = export(own, "xlsx")
    sheets = pd.read_excel(path, sheet_name=None)
    assert (sheets["runs"]["partners"].to_numpy() == own.runs()["partners"].to_numpy()).all()
    assert list(sheets["points"].columns) == list(own.points().columns)
