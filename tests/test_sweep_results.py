"""Results of sweeps: the same on any engine and cut, kept whole, repaired when broken."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import networkx as nx
import pandas as pd
import pyarrow as pa
import pytest

from partnersim import Runs, read_runs, run_sweep, simulate_ensemble
from partnersim.cli.program import main
from partnersim.configuration import load_experiment
from partnersim.errors import InputError
from partnersim.runs import folder as store
from partnersim.runs import parts
from partnersim.runs.chunk import Workbench, simulate_chunk
from partnersim.runs.export import export
from partnersim.runs.folder import facts_writer, locked, read_table
from partnersim.runs.manifest import read_manifest
from partnersim.runs.parts import read_part
from partnersim.runs.plan import plan_in, plan_of
from partnersim.runs.play import Player
from partnersim.runs.running import resume_runs
from partnersim.runs.verify import differences
from partnersim.scenario.run_settings import Engine
from sweeps import (
    LISTED_WORDS,
    RUNS,
    cut_sweep,
    digest_now,
    small_experiment,
    small_plan,
    small_sweep,
)

THREADS = Engine()
#: A factor for which some futures contradict themselves: the most likely severity below the least.
CONTRADICTING = (
    "design.factors.shocks.cable_cut.severity.low={low: 0.3, high: 0.39}",
    "design.factors.shocks.cable_cut.severity.mode={low: 0.21, high: 0.5}",
)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """The small sweep in six parts; tests that change it take a copy."""
    return cut_sweep(tmp_path_factory.mktemp("robustness") / "finished", 8)


@pytest.fixture
def own(finished: Runs, tmp_path: Path) -> Runs:
    """A copy of the small sweep that may be broken."""
    return read_runs(shutil.copytree(finished.folder, tmp_path / "own"))


def resumed(sweep: Runs, notes: list[str] | None = None) -> Runs:
    note = (lambda text: None) if notes is None else notes.append
    return resume_runs(sweep.folder, THREADS, threads=1, note=note)


# What is stored is what the model does


def test_runs_are_those_of_an_ensemble_of_the_same_scenario(finished: Runs) -> None:
    plan = plan_in(finished)
    runs, quarters, signing = (
        finished.outcomes(),
        finished.outcomes(quarters="all"),
        finished.in_force(),
    )
    counts: dict[str, int] = {}
    for point in range(3):
        for policy, scenario in plan.scenarios(point).items():
            ensemble = simulate_ensemble(plan.world, scenario, seed=1, replicates=3, threads=1)
            ending = ensemble.metrics[ensemble.metrics["quarter"] == "2026Q1"]
            mine = runs[(runs["policy"] == policy) & (runs["future"] == point)]
            assert mine["replicate"].tolist() == [0, 1, 2]
            assert (mine[finished.metrics].to_numpy() == ending[finished.metrics].to_numpy()).all()
            year = ensemble.metrics[ensemble.metrics["quarter"] == "2025Q4"]
            kept = quarters[(quarters["policy"] == policy) & (quarters["future"] == point)]
            kept = kept[kept["quarter"] == "2025Q4"]
            assert (kept["links"].to_numpy() == year["links"].to_numpy()).all()
    for point in range(len(plan.futures)):
        for policy, scenario in plan.scenarios(point).items():
            ensemble = simulate_ensemble(plan.world, scenario, seed=1, replicates=3, threads=1)
            counts[policy] = counts.get(policy, 0) + int(ensemble.in_force_by_year.sum())
    assert signing.groupby("policy", observed=True)["in_force"].sum().to_dict() == counts
    assert (signing["runs"] == 24).all()
    assert (signing["in_force"] <= signing["runs"]).all()


def test_tables_are_sorted_and_whole(finished: Runs) -> None:
    runs = finished.outcomes(["links"])
    assert list(runs.columns) == ["policy", "future", "replicate", "links"]
    assert len(runs) == RUNS
    order = runs.assign(policy=runs["policy"].cat.codes)
    assert order[["policy", "future", "replicate"]].apply(tuple, axis=1).is_monotonic_increasing
    assert list(runs["policy"].cat.categories) == ["balanced", "connect_first"]
    quarters = finished.outcomes(["links"], "all")
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
            *("setting", "assumed", "literature", "estimated"),
        }
    )


def test_an_unknown_metric_is_told_with_the_nearest(finished: Runs) -> None:
    with pytest.raises(InputError, match="did you mean 'links'"):
        finished.outcomes(["lnks"])


@pytest.mark.parametrize("size", [3, 11, RUNS])
def test_any_cut_gives_the_same_results(finished: Runs, tmp_path: Path, size: int) -> None:
    again = cut_sweep(tmp_path, size)
    assert len(again.completeness.parts) == -(-RUNS // size)
    assert again.manifest == finished.manifest
    assert digest_now(again) == finished.manifest["digest"]
    assert again.outcomes().equals(finished.outcomes())
    assert again.outcomes(quarters="all").equals(finished.outcomes(quarters="all"))


def test_manifests_are_the_same_bytes_whatever_did_the_work(finished: Runs, tmp_path: Path) -> None:
    other = small_sweep(tmp_path, "threads=1", "engine.chunk_seconds=50")
    for name in ("manifest.json", "futures.parquet", "partners.parquet"):
        assert (other.folder / name).read_bytes() == (finished.folder / name).read_bytes()


def test_another_seed_is_another_sweep(finished: Runs) -> None:
    hashes = {
        small_plan(*words).manifest()["configuration_hash"]
        for words in ((), ("seed=2",), ("design.seed=2",), ("design.points=16",))
    }
    assert len(hashes) == 4
    assert finished.manifest["configuration_hash"] in hashes


# What is broken is found and run again


def flipped(part_of_runs: Path) -> None:
    path = part_of_runs / "metrics.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 4] ^= 0xFF
    path.write_bytes(content)


def truncated(part_of_runs: Path) -> None:
    path = part_of_runs / "metrics.parquet"
    path.write_bytes(path.read_bytes()[:-100])


def emptied(part_of_runs: Path) -> None:
    (part_of_runs / "part.json").write_bytes(b"")


def swapped(part_of_runs: Path) -> None:
    """Let a part bear the name of another."""
    other = max(part_of_runs.parent.glob("part-*"))
    shutil.rmtree(part_of_runs)
    shutil.copytree(other, part_of_runs)


def without_counts(part_of_runs: Path) -> None:
    (part_of_runs / "in_force.parquet").unlink()


def replaced_by_a_file(part_of_runs: Path) -> None:
    shutil.rmtree(part_of_runs)
    part_of_runs.write_text("not a part")


def removed(part_of_runs: Path) -> None:
    shutil.rmtree(part_of_runs)


@pytest.mark.parametrize(
    "harm",
    [flipped, truncated, emptied, swapped, without_counts, replaced_by_a_file, removed],
    ids=lambda f: f.__name__,
)
def test_broken_parts_are_run_again(own: Runs, harm: Callable[[Path], None]) -> None:
    digest = own.manifest["digest"]
    harm(min((own.folder / "parts").glob("part-*")))
    notes: list[str] = []
    again = resumed(own, notes)
    assert again.manifest["digest"] == digest_now(again) == digest
    assert bool(notes) == (harm is not removed)
    assert differences(again, runs=None, threads=1, progress=lambda *_: None) == []


def test_parts_of_another_sweep_do_not_count(own: Runs, tmp_path: Path) -> None:
    other = small_sweep(tmp_path / "other", "seed=2", "engine.chunk_seconds=50")
    shutil.rmtree(own.folder / "parts")
    shutil.copytree(other.folder / "parts", own.folder / "parts")
    assert resumed(own).manifest["digest"] == own.manifest["digest"] != other.manifest["digest"]


def test_overlapping_parts_count_once(own: Runs) -> None:
    bench = Workbench(plan_in(own))
    for start, stop in ((0, 7), (3, 20), (40, RUNS)):
        made = simulate_chunk(bench, start, stop)
        parts.write_part(own.folder / "parts", own.manifest["configuration_hash"], own.layout, made)
    again = resumed(own)
    assert len(again.outcomes([])) == RUNS
    assert again.manifest["digest"] == own.manifest["digest"]


def test_an_unfinished_sweep_can_be_read(own: Runs) -> None:
    paths = sorted((own.folder / "parts").glob("part-*"))
    kept = read_part(paths[0])
    assert kept is not None
    for path in paths[1:]:
        shutil.rmtree(path)
    assert len(read_runs(own.folder).outcomes(["links"])) == kept.stop - kept.start < RUNS


# What fails is recorded


def test_a_contradicting_future_fails_alone(tmp_path: Path) -> None:
    sweep = small_sweep(tmp_path, *CONTRADICTING)
    failures = sweep.failures()
    points = sweep.futures
    low, mode = (points[f"shocks.cable_cut.severity.{name}"] for name in ("low", "mode"))
    bad = points["future"][low > mode].tolist()
    assert 0 < len(bad) < len(points)
    assert sorted(set(failures["future"])) == bad
    assert len(failures) == 6 * len(bad)
    assert failures["error"].str.contains("must rise: low <= mode <= high").all()
    assert (
        failures["shocks.cable_cut.severity.low"] > failures["shocks.cable_cut.severity.mode"]
    ).all()
    runs = sweep.outcomes(["links"])
    assert len(runs) == RUNS - len(failures) == sweep.manifest["runs_done"]
    assert not set(runs["future"]) & set(bad)
    assert sweep.manifest["runs_failed"] == len(failures)
    assert digest_now(sweep) == sweep.manifest["digest"]


def test_a_run_that_raises_does_not_stop_the_others(
    finished: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = Player.play

    def sometimes(player: Player, seed: int, replicate: int) -> object:
        if replicate == 1:
            raise FloatingPointError("no such luck\nsecond line")
        return play(player, seed, replicate)

    monkeypatch.setattr(Player, "play", sometimes)
    sweep = small_sweep(tmp_path)
    failures = sweep.failures()
    assert len(failures) == RUNS / 3
    assert set(failures["error"]) == {"FloatingPointError: no such luck"}
    assert set(failures["replicate"]) == {1}
    whole = finished.outcomes()
    assert sweep.outcomes().equals(whole[whole["replicate"] != 1].reset_index(drop=True))


def test_a_full_disk_is_one_line_and_loses_nothing(
    finished: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flush = store.flush_to_disk
    written = []

    def full(path: Path) -> None:
        if path.name == "metrics.parquet":
            written.append(path)
            if len(written) > 2:
                raise OSError(errno.ENOSPC, "No space left on device")
        flush(path)

    monkeypatch.setattr(store, "flush_to_disk", full)
    with pytest.raises(InputError) as refused:
        small_sweep(tmp_path, "threads=1", "engine.chunk_seconds=0.01")
    assert len(refused.value.problems) == 1
    assert "No space left on device" in refused.value.problems[0]
    monkeypatch.undo()
    folder = next(tmp_path.glob("robustness/*"))
    assert len(list((folder / "parts").glob("part-*"))) == 2
    assert not list((folder / "parts").glob(".*"))
    assert resumed(read_runs(folder)).manifest["digest"] == finished.manifest["digest"]


def test_an_unwritable_place_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "robustness").write_text("a file")
    with pytest.raises(InputError, match="results cannot be written"):
        small_sweep(tmp_path)


def test_two_sweeps_in_one_folder_do_not_meet(own: Runs) -> None:
    with locked(own.folder), pytest.raises(InputError, match="another program is at work"):
        resumed(own)
    assert resumed(own).manifest["digest"] == own.manifest["digest"]


# What is not ours is refused


def edited(runs: Runs, **changes: object) -> None:
    """Change the manifest as this program would have written it."""
    content = {**read_manifest(runs.folder), **changes}
    facts_writer(content)(runs.folder / "manifest.json")


def test_results_of_another_version_are_not_continued(own: Runs) -> None:
    edited(own, versions={**own.manifest["versions"], "partnersim": "0.0.1"})
    with pytest.raises(InputError, match=r"made with partnersim 0\.0\.1, this is"):
        resumed(own)


@pytest.mark.parametrize("format_of_0_1", [1, "sweep 1"])
def test_results_of_version_0_1_are_refused(own: Runs, format_of_0_1: object) -> None:
    path = own.folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": format_of_0_1}))
    with pytest.raises(InputError, match=r"in format .*, made with .*run the experiment again"):
        read_runs(own.folder)


def test_an_edited_manifest_is_refused(own: Runs) -> None:
    path = own.folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "replicates": 5}))
    with pytest.raises(InputError, match="changed by hand"):
        read_runs(own.folder)


@pytest.mark.parametrize(
    "change", [{"seed": 5}, {"reference": "connect_first"}, {"metrics": ["links"]}]
)
def test_facts_that_do_not_fit_the_configuration_are_found(
    own: Runs, change: dict[str, object]
) -> None:
    edited(own, **change)
    (name,) = change
    with pytest.raises(InputError, match=f"{name} does not fit the configuration"):
        plan_in(read_runs(own.folder))


def test_edited_futures_are_refused(own: Runs) -> None:
    futures = own.futures.copy()
    futures.loc[0, "geopolitics.intensity"] += 0.1
    futures.to_parquet(own.folder / "futures.parquet")
    with pytest.raises(InputError, match=r"futures\.parquet: was changed"):
        resumed(own)


def test_what_holds_no_results_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no results"):
        read_runs(tmp_path / "nothing")


def test_the_folder_above_is_enough_if_it_holds_one(finished: Runs) -> None:
    assert read_runs(finished.folder.parent).folder == finished.folder


# Verifying and exporting


def test_a_changed_value_is_found_even_with_a_fitting_checksum(own: Runs) -> None:
    made = simulate_chunk(Workbench(plan_in(own)), 0, RUNS)
    rows = made.tables["metrics"]
    links = rows.column("links").to_numpy().copy()
    links[17] += 1
    place = rows.column_names.index("links")
    made.tables["metrics"] = rows.set_column(place, "links", pa.array(links))
    for path in (own.folder / "parts").iterdir():
        shutil.rmtree(path)
    parts.write_part(own.folder / "parts", own.manifest["configuration_hash"], own.layout, made)
    forged = read_runs(own.folder)
    edited(forged, digest=digest_now(forged))
    found = differences(read_runs(own.folder), runs=None, threads=1, progress=lambda *_: None)
    policy, future, replicate = own.layout.place(17)
    assert len(found) == 1
    assert f"{policy}, future {future}, replicate {replicate}, 2025Q4: links" in found[0]


@pytest.mark.parametrize(("factor", "said"), [(1 + 1e-13, True), (1.001, False)])
def test_rounding_of_another_machine_is_told_from_tampering(
    own: Runs, capsys: pytest.CaptureFixture[str], factor: float, said: bool
) -> None:
    part = min((own.folder / "parts").glob("part-*"))
    made = read_part(part).read()
    rows = made.tables["metrics"]
    column = rows.column_names.index("eu_value")
    values = pa.array(rows.column("eu_value").to_numpy() * factor)
    made.tables["metrics"] = rows.set_column(column, "eu_value", values)
    shutil.rmtree(part)
    parts.write_part(own.folder / "parts", own.manifest["configuration_hash"], own.layout, made)
    edited(own, machine={"processor": "abacus", "mathematics": "logarithms"})
    edited(own, digest=digest_now(read_runs(own.folder)))
    assert main(["verify", str(own.folder), "--all", "threads=1"]) == 1
    told = capsys.readouterr().out
    assert "eu_value" in told
    note = "note: nothing but last digits differs"
    assert (note in told) == said
    assert ("made on abacus, logarithms; this is " in told) == said


def test_damage_and_gaps_are_found(own: Runs) -> None:
    path = min((own.folder / "parts").glob("part-*"))
    flipped(path)
    found = differences(read_runs(own.folder), runs=3, threads=1, progress=lambda *_: None)
    assert found
    shutil.rmtree(path)
    found = differences(read_runs(own.folder), runs=3, threads=1, progress=lambda *_: None)
    assert "only 40 of 48 runs are there (missing: runs 0 to 7); run the rest with" in found[0]


def test_csv_holds_the_tables(own: Runs) -> None:
    paths = {path.stem: path for path in export(own, "csv")}
    assert set(paths) == {
        *("futures", "factors", "runs", "quarters", "in_force", "failures"),
        *("partners", "instruments", "network"),
    }
    back = pd.read_csv(paths["runs"])
    assert (back["links"].to_numpy() == own.outcomes()["links"].to_numpy()).all()


def test_names_stand_beside_codes_and_networks_are_graphs(tmp_path: Path) -> None:
    own = small_experiment(tmp_path)
    rows = pd.read_csv({path.stem: path for path in export(own, "csv")}["links"])
    assert list(rows)[2:6] == ["iso3_a", "country_a", "iso3_b", "country_b"]
    assert dict(zip(rows["iso3_a"], rows["country_a"], strict=True))["JPN"] == "Japan"
    paths = export(own, "graphml")
    assert [path.name for path in paths[:2]] == [
        *("network_balanced_calm.graphml", "network_balanced_coercion.graphml")
    ]
    assert len(set(paths)) == len(paths)
    graph = nx.read_graphml(paths[0])
    assert graph.nodes["JPN"]["name"] == "Japan"
    assert graph.edges["EU", "JPN"]["kind"] == "partnership"
    known = own.links(policy="balanced", future=0)
    kinds = [kind for _, _, kind in graph.edges(data="kind")]
    assert kinds.count("link") == len(known)


def test_networks_of_policies_with_any_name_are_files(tmp_path: Path) -> None:
    words = ("horizon.end=2025Q4", "replicates=1", "shock_tests=[]", "figures=false")
    named = ("policy.openness=0.9", "policy.name='план/1'", "geopolitics=calm")
    own = run_sweep(*words, *named, f"output={tmp_path}")
    paths = export(own, "graphml")
    assert [path.name for path in paths] == [
        *("network_balanced_calm.graphml", "network_план_1_calm.graphml")
    ]
    assert nx.read_graphml(paths[1]).graph["policy"] == "план/1"
    assert own.folder.parent.name == "план_1_calm"


def test_networks_of_which_no_run_is_there_are_left_out(tmp_path: Path) -> None:
    plan = plan_of(load_experiment(list(LISTED_WORDS)))
    whole = cut_sweep(tmp_path / "cut", 1, plan)
    for part in sorted((whole.folder / "parts").iterdir())[1:]:
        shutil.rmtree(part)
    paths = export(read_runs(whole.folder), "graphml")
    assert [path.name for path in paths] == ["network_balanced_calm.graphml"]


def test_networks_of_sampled_futures_are_refused(own: Runs) -> None:
    with pytest.raises(InputError, match="listed climates"):
        export(own, "graphml")


def test_a_pipe_in_place_of_a_file_is_not_waited_for(own: Runs) -> None:
    table = next((own.folder / "parts").glob("*/metrics.parquet"))
    for path in (own.folder / "futures.parquet", table, own.folder / "manifest.json"):
        path.unlink()
        os.mkfifo(path)
    with pytest.raises(InputError, match="is not a regular file"):
        read_table(own.folder / "futures.parquet")
    part = read_part(table.parent)
    assert part is not None
    assert not part.intact()
    with pytest.raises(InputError, match="is not a regular file"):
        read_runs(own.folder)


def test_names_are_texts_in_every_spreadsheet(own: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    names = ["=1+1", "+2", "-3", "@x", "#N/A", "Zürich"]
    table = pd.DataFrame({"policy": pd.Categorical(names), "links": [-1.0] * 6, "runs": 2})
    monkeypatch.setattr("partnersim.runs.export.tables_of", lambda _: {"runs": lambda: table})
    (path,) = export(own, "csv")
    assert path.read_bytes().startswith(
        b"\xef\xbb\xbfpolicy,links,runs\n'=1+1,-1.0,2\n'+2,-1.0,2\n"
    )
    assert list(pd.read_csv(path, keep_default_na=False)["policy"]) == [
        *("'=1+1", "'+2", "'-3", "'@x", "#N/A", "Zürich")
    ]
    (path,) = export(own, "xlsx")
    cells = [row[0] for row in openpyxl.load_workbook(path)["runs"].iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == names
    assert {cell.data_type for cell in cells} == {"s"}


def test_netcdf_holds_the_metrics_by_axis(own: Runs) -> None:
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("netCDF4")
    (path,) = export(own, "netcdf")
    with xarray.open_dataset(path) as data:
        assert dict(data.sizes) == {"policy": 2, "future": 8, "replicate": 3, "quarter": 2}
        rows = data["links"].sel(quarter="2026Q1").to_numpy().ravel()
        assert (rows == own.outcomes()["links"].to_numpy()).all()
        assert (data["geopolitics"].to_numpy() == own.futures["geopolitics"].to_numpy()).all()


def test_excel_has_a_sheet_per_table(own: Runs) -> None:
    pytest.importorskip("openpyxl")
    (path,) = export(own, "xlsx")
    sheets = pd.read_excel(path, sheet_name=None)
    assert (sheets["runs"]["partners"].to_numpy() == own.outcomes()["partners"].to_numpy()).all()
    assert list(sheets["futures"].columns) == list(own.futures.columns)
