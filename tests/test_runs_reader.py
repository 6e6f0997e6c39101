"""Runs of experiments and of sweeps are read in one shape."""

from __future__ import annotations

import shutil
from itertools import product
from pathlib import Path

import pandas as pd
import pytest

from partnersim import InputError, read_runs
from partnersim.cli.program import main
from sweeps import RUNS, small_sweep


@pytest.mark.usefixtures("quick_figures")
def test_an_experiment(tmp_path: Path) -> None:
    words = ("policies=[balanced,connect_first]", "climates=[calm,rivalry]", "replicates=3")
    kept = ("horizon.end=2026Q4", "shock_tests=[cable_cut]", "figures=false")
    kept += ("engine.chunk_seconds=0.01",)  # many parts
    assert main([*words, *kept, f"output={tmp_path}", "experiment=main"]) == 0
    runs = read_runs(tmp_path / "main")
    assert runs.policies == ["balanced", "connect_first"]
    assert runs.futures.to_dict("list") == {"future": [0, 1], "geopolitics": ["calm", "rivalry"]}
    assert (runs.kind, runs.planned, runs.warning) == ("listed", 12, "")
    ends = runs.outcomes(["links", "partners"])
    assert list(ends) == ["policy", "future", "replicate", "links", "partners"]
    assert len(ends) == 12
    everything = runs.outcomes(["links"], "all", policy="connect_first", future=1)
    assert len(everything) == 3 * len(runs.quarters)
    last = everything[everything["quarter"].astype(str) == runs.quarters[-1]]["links"]
    chosen = ends[(ends["policy"] == "connect_first") & (ends["future"] == 1)]
    assert list(last) == list(chosen["links"])
    for table in (runs.events(future=0), runs.countries(), runs.links(), runs.in_force()):
        assert list(table["policy"].unique()) == runs.policies
    both = runs.in_force(by_future=True)
    keys = ["policy", "iso3", "instrument", "year"]
    assert both.groupby(keys, observed=True)["in_force"].sum().to_list() == (
        runs.in_force().groupby(keys, observed=True)["in_force"].sum().to_list()
    )
    # What is asked for alone is read from fewer parts, and is the same.
    assert len(runs.completeness.parts) > 4
    for read in (runs.outcomes, runs.events, runs.countries, runs.links, runs.in_force):
        whole = both if read == runs.in_force else read()
        for policy, future in product(runs.policies, runs.futures["future"]):
            rows = whole[(whole["policy"] == policy) & (whole["future"] == future)]
            pd.testing.assert_frame_equal(
                read(policy=policy, future=future), rows.reset_index(drop=True)
            )
    for wrong, told in (
        ({"policy": "balancd"}, r"policy = 'balancd': not here, did you mean 'balanced'\?"),
        ({"future": 3}, "future = 3: 0 to 2 are here"),
        ({"future": "calm"}, "future = 'calm': 0 to 2 are here"),
        ({"quarters": "al"}, "quarters = 'al': 'end' or 'all'"),
        ({"metrics": "links"}, "metrics = 'links': a list of names"),
    ):
        with pytest.raises(InputError, match=told):
            runs.outcomes(**wrong)
    for name in ("countries", "futures"):  # one that is nowhere, and one that is another file
        with pytest.raises(InputError, match=f"name = '{name}': no table of the world"):
            runs.world_table(name)
    response = runs.shock_response()
    assert set(response["shock"]) == {"cable_cut"}
    links = response[response["metric"] == "links"].reset_index(drop=True)
    pd.testing.assert_frame_equal(runs.shock_response(["links"]), links)
    assert runs.failures().empty
    # Cut short: what is there is told, and what needs the rest is left out.
    for part in sorted((runs.folder / "parts").iterdir())[2:]:
        shutil.rmtree(part)
    cut = read_runs(runs.folder)
    assert "runs are there" in cut.warning
    assert cut.shock_response().empty
    assert main(["report", str(runs.folder)]) == 0
    assert main(["export", str(runs.folder), "--to", "csv"]) == 1
    assert (runs.folder / "export" / "network.csv").is_file()


def test_a_sweep(tmp_path: Path) -> None:
    small_sweep(tmp_path)
    runs = read_runs(tmp_path / "robustness")
    assert len(runs.outcomes()) == runs.planned == RUNS
    assert list(runs.futures)[:2] == ["future", "geopolitics"]
    assert set(runs.factors["factor"]) == set(runs.futures) - {"future"}
    assert runs.shock_response().empty
