"""The folder of an experiment: complete or absent, and clear about what stands in the way."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from partnersim.errors import InputError
from partnersim.runs.digest import ContentDigest
from partnersim.runs.experiment_reader import StoredExperiment, read_experiment
from partnersim.runs.experiment_writer import ExperimentWriter
from partnersim.runs.manifest import configuration_hash
from partnersim.runs.staged_folder import LEFTOVER_SECONDS, StagedFolder
from test_store_example import fake_ensemble, fake_facts, small_world, write_example


def writer(folder: Path) -> ExperimentWriter:
    world = small_world()
    return ExperimentWriter(
        folder,
        fake_facts(),
        countries=world.countries,
        instruments=world.instruments,
        network=world.network,
    )


def small_example(folder: Path) -> StoredExperiment:
    return write_example(folder, policies=("balanced", "no_offer"), climates=("calm",), shocks=())


def test_nothing_is_seen_until_it_is_finished(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    with writer(folder) as unfinished:
        unfinished.add_arm("balanced", "calm", fake_ensemble(small_world(), "balanced", "calm"))
        assert not folder.exists()
        with pytest.raises(InputError, match="holds no finished experiment"):
            read_experiment(folder)
    assert list(tmp_path.iterdir()) == []


def test_a_failure_leaves_the_earlier_results(tmp_path: Path) -> None:
    earlier = small_example(tmp_path / "mine").manifest["digest"]

    def interrupted() -> None:
        with writer(tmp_path / "mine") as w:
            w.add_arm("balanced", "calm", fake_ensemble(small_world(), "balanced", "calm"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert read_experiment(tmp_path / "mine").recomputed_digest() == earlier
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("moment", ["before", "between"])
def test_a_kill_while_publishing_loses_nothing(tmp_path: Path, moment: str) -> None:
    earlier = small_example(tmp_path / "mine").manifest["digest"]
    script = f"""
import os, pathlib, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from test_store_example import write_example
rename, calls = pathlib.Path.rename, []
def killed(self, target):
    calls.append(target)
    if len(calls) == {1 if moment == "before" else 2}:
        os._exit(9)
    return rename(self, target)
pathlib.Path.rename = killed
folder = pathlib.Path({str(tmp_path / "mine")!r})
write_example(folder, policies=("balanced",), climates=("calm",), shocks=())
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 9
    if moment == "between":
        assert not (tmp_path / "mine").exists()
        StagedFolder(tmp_path / "mine").discard()  # the next run brings the earlier results back
    assert read_experiment(tmp_path / "mine").recomputed_digest() == earlier


def test_a_second_run_replaces_the_first_and_keeps_foreign_files(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    first = small_example(folder)
    (folder / "notes.txt").write_text("mine")
    (folder / "figures").mkdir()
    (folder / "figures" / "growth.png").write_text("of the first run")
    second = write_example(folder, policies=("balanced",), climates=("calm",), shocks=())
    assert second.manifest["digest"] != first.manifest["digest"]
    assert (folder / "notes.txt").read_text() == "mine"
    assert not (folder / "figures").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("years of work")
    with pytest.raises(InputError, match=r"holds files that are not results.*thesis\.tex"):
        writer(tmp_path / "mine")
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="is a file, but results need a folder"):
        writer(tmp_path / "file")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "mine"]


def test_an_unwritable_place_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError) as refused:
        writer(tmp_path / "file" / "mine")
    assert len(refused.value.problems) == 1
    assert "mine: results cannot be written: " in str(refused.value)
    assert str(refused.value).endswith("/file: File exists")


def test_a_full_disk_is_one_line_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def on_a_full_disk() -> None:
        with writer(tmp_path / "mine") as w:
            monkeypatch.setattr(parquet.ParquetWriter, "write_table", full)
            monkeypatch.setattr(parquet.ParquetWriter, "close", full)
            w.add_arm("balanced", "calm", fake_ensemble(small_world(), "balanced", "calm"))

    with pytest.raises(InputError, match="No space left on device"):
        on_a_full_disk()
    assert list(tmp_path.iterdir()) == []


def test_old_leftovers_go_and_fresh_ones_stay(tmp_path: Path) -> None:
    old, fresh = tmp_path / ".mine.unfinished-old", tmp_path / ".mine.unfinished-fresh"
    for path in (old, fresh):
        path.mkdir()
    long_ago = time.time() - LEFTOVER_SECONDS - 60
    os.utime(old, (long_ago, long_ago))
    StagedFolder(tmp_path / "mine").discard()
    assert [path.name for path in tmp_path.iterdir()] == [fresh.name]


def test_arms_are_given_once_and_alike(tmp_path: Path) -> None:
    ensemble = fake_ensemble(small_world(), "balanced", "calm")
    with writer(tmp_path / "mine") as w:
        w.add_arm("balanced", "calm", ensemble)
        with pytest.raises(InputError, match="'balanced' in climate 'calm': given twice"):
            w.add_arm("balanced", "calm", ensemble)
        ensemble.metrics = ensemble.metrics.drop(columns="links")
        with pytest.raises(InputError, match="has other metrics"):
            w.add_arm("no_offer", "calm", ensemble)
    with pytest.raises(InputError, match="at least one arm"), writer(tmp_path / "mine") as w:
        w.finish()


def test_the_digest_ignores_the_order_of_arms_and_replicates(tmp_path: Path) -> None:
    world = small_world()
    digests = set()
    for trial in range(3):
        with writer(tmp_path / f"trial_{trial}") as w:
            arms = [("balanced", "calm"), ("no_offer", "calm"), ("no_offer", "fragmentation")]
            for policy, climate in arms if trial < 2 else reversed(arms):
                ensemble = fake_ensemble(world, policy, climate)
                if trial == 1:  # chunks of replicates arrive in another order
                    chunks = np.array_split(np.arange(12), 5)[::-1]
                    ensemble.metrics = in_chunks(ensemble.metrics, chunks)
                    ensemble.events = in_chunks(ensemble.events, chunks)
                w.add_arm(policy, climate, ensemble)
            digests.add(w.finish().manifest["digest"])
    assert len(digests) == 1


def in_chunks(rows: pd.DataFrame, chunks: list[np.ndarray]) -> pd.DataFrame:
    return pd.concat([rows[rows["replicate"].isin(chunk)] for chunk in chunks])


def test_the_digest_ignores_the_encoding_and_sees_every_value(tmp_path: Path) -> None:
    stored = small_example(tmp_path / "mine")
    path = stored.folder / "metrics.parquet"
    table = parquet.read_table(path)
    parquet.write_table(table, path, compression="snappy", row_group_size=37, use_dictionary=False)
    assert stored.recomputed_digest() == stored.manifest["digest"]
    place = table.column_names.index("links")
    values = table.column("links").to_numpy().copy()
    values[5] = np.nextafter(values[5], np.inf)
    parquet.write_table(table.set_column(place, "links", pa.array(values)), path)
    assert stored.recomputed_digest() != stored.manifest["digest"]


def test_text_numbers_and_missing_values_have_one_digest_each() -> None:
    def digest(**columns: pa.Array) -> str:
        content = ContentDigest(())
        content.update(pa.table(columns))
        return content.hexdigest()

    plain = digest(a=pa.array(["x", "", "y"]), b=pa.array([0.0, np.nan, 1.0]))
    coded = pa.array(["x", None, "y"]).dictionary_encode()
    assert digest(b=pa.array([-0.0, np.nan, 1.0]), a=coded) == plain
    assert digest(a=pa.array(["x", "y", ""]), b=pa.array([0.0, np.nan, 1.0])) != plain
    assert digest(c=pa.array(["x", "", "y"]), b=pa.array([0.0, np.nan, 1.0])) != plain


def test_two_runs_of_the_same_write_the_same_bytes(tmp_path: Path) -> None:
    first, second = small_example(tmp_path / "one"), small_example(tmp_path / "two")
    names = sorted(path.name for path in first.folder.iterdir())
    assert names == sorted(path.name for path in second.folder.iterdir())
    for name in names:
        assert (first.folder / name).read_bytes() == (second.folder / name).read_bytes(), name


def test_the_manifest_says_what_was_run(tmp_path: Path) -> None:
    stored = small_example(tmp_path / "mine")
    manifest = json.loads((stored.folder / "manifest.json").read_text())
    assert manifest["seed"] == 7
    assert manifest["replicates"] == 12
    assert manifest["arms"][1] == {"policy": "no_offer", "climate": "calm"}
    assert manifest["quarters"][0] == "2025Q2"
    assert manifest["versions"]["numpy"] == np.__version__
    assert manifest["rows"]["metrics"] == 2 * 12 * 11
    assert manifest["assumed_coefficients"] == ["activity", "need"]
    assert len(manifest["digest"]) == 64


def test_the_configuration_hash_ignores_where_and_how_fast() -> None:
    settings = {"seed": 1, "policy": {"name": "a"}, "threads": 1, "output": "x", "experiment": "y"}
    moved = settings | {"threads": 8, "output": "z", "experiment": "w"}
    assert configuration_hash(settings) == configuration_hash(moved)
    assert configuration_hash(settings) != configuration_hash(settings | {"seed": 2})


def test_reading_says_what_is_missing(tmp_path: Path) -> None:
    stored = small_example(tmp_path / "mine")
    with pytest.raises(InputError, match="no table 'metric', did you mean 'metrics'"):
        stored.table("metric")
    with pytest.raises(InputError, match="no column 'link', did you mean 'links'"):
        stored.table("metrics", columns=["link"])
    (stored.folder / "links.parquet").unlink()
    with pytest.raises(InputError, match=r"lacks the table links\.parquet"):
        read_experiment(stored.folder)
    (stored.folder / "manifest.json").write_text("{")
    with pytest.raises(InputError, match=r"manifest\.json: cannot be read"):
        read_experiment(stored.folder)
