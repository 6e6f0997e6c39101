"""An experiment of the kind ``backtest``: fit to the past, forecast what followed, score it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from partnersim.cli.score import show_calibration, show_coverage, show_scores
from partnersim.cli.screen import Screen
from partnersim.configuration import load_experiment
from partnersim.errors import InputError
from partnersim.history.backtest import DRAWS, backtest_tables, fold
from partnersim.history.evidence import read_evidence
from partnersim.runs.export import write_tables
from partnersim.runs.folder import (
    json_digest,
    read_table,
    remove,
    table_writer,
    write_whole,
    writing_results,
)
from partnersim.runs.manifest import HASH_DIGITS, results_folder, rules_fingerprint
from partnersim.runs.tables import as_table
from partnersim.scenario.run_settings import RunSettings
from partnersim.show.figures import draw_figures

#: Folder of the cuts that are done, while others are not.
_CUTS = "cuts"


def run_backtest(settings: RunSettings, screen: Screen) -> Path:
    """Fit to each cut, forecast the year after it and score all; draw the figure.

    What is done already is not done again: a killed backtest goes on with the next cut.

    Returns
    -------
    Path
        Its folder.

    Raises
    ------
    InputError
        If no cut is named, or the results cannot be written.
    """
    if not settings.cuts:
        raise InputError("cuts: none given; name quarters, as in cuts=[2019Q4,2020Q4]")
    began = time.monotonic()
    # The settings that decide the result, and the name.
    names = {"experiment", "kind", "cuts", "replicates", "seed"}
    kept = settings.model_dump(mode="json", include=names)
    folder = results_folder(settings.output, settings.experiment, kept)
    place = folder / _CUTS
    with writing_results(place):
        place.mkdir(parents=True, exist_ok=True)
    tables = made_anew(settings, screen, place)
    write_tables(folder, tables, {"configuration": kept, "seed": settings.seed})
    remove(place)
    if settings.figures:
        draw_figures(folder, ["backtest"])
    show_scores(screen, tables["scores"])
    show_calibration(screen, tables["calibration"], "pooled")
    show_coverage(screen, tables["coverage"])
    screen.results_in(folder, began)
    return folder


def backtest_again(
    kept: Mapping[str, Any], threads: int | None, screen: Screen
) -> dict[str, pd.DataFrame]:
    """Return the tables of a backtest from the configuration that its manifest tells."""
    words = [f"{name}={kept[name]}" for name in ("replicates", "seed")]
    cuts = f"cuts=[{','.join(kept['cuts'])}]"
    settings = load_experiment(["experiment=backtest", cuts, *words]).settings
    return made_anew(settings.model_copy(update={"threads": threads}), screen)


def made_anew(
    settings: RunSettings, screen: Screen, place: Path | None = None
) -> dict[str, pd.DataFrame]:
    """Return the tables of a backtest.

    Parameters
    ----------
    place : Path, optional
        Where the cuts that are done are kept.
    """
    evidence = read_evidence()
    screen.compiling()
    made = json_digest({"rules": rules_fingerprint(), "data": evidence.world.digest})
    each, folds, done = DRAWS * settings.replicates, [], 0
    with screen.progress("Cuts", len(settings.cuts) * each) as show:

        def note(cut: str) -> None:
            nonlocal done
            done += settings.replicates
            show(f"{cut}: forecasting", done)

        for number, cut in enumerate(settings.cuts, start=1):
            path = None if place is None else place / f"{cut}-{made[:HASH_DIGITS]}.parquet"
            if path is not None and path.exists():
                folds.append(read_table(path).to_pandas())
            else:
                show(f"{cut}: fitting", done)
                folds.append(fold(evidence, cut, settings, note=partial(note, cut)))
                if path is not None:
                    write_whole(path, table_writer(as_table(folds[-1])))
            done = number * each
            show(cut, done)
    return backtest_tables(pd.concat(folds, ignore_index=True), evidence.world)
