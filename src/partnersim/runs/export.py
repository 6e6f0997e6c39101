"""Results in formats of other programs: CSV, NetCDF, Excel."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd

from partnersim.errors import InputError
from partnersim.runs.files import write_whole, writing_results
from partnersim.runs.folder import EXPORT_NAME, check_folder
from partnersim.runs.part import RUN_KEYS
from partnersim.runs.reader import Runs

#: Rows of an Excel sheet, one of which is the heading.
_SHEET_ROWS = 1_048_576
_NEEDS = {"netcdf": ("xarray", "netCDF4"), "xlsx": ("openpyxl",)}


def tables_of(stored: Runs) -> dict[str, Callable[[], pd.DataFrame]]:
    """Return how to read every table of some runs, by name."""
    tables: dict[str, Callable[[], pd.DataFrame]] = {
        "futures": lambda: stored.futures,
        "factors": lambda: stored.factors,
        "runs": stored.outcomes,
        "quarters": lambda: stored.outcomes(quarters="all"),
        "in_force": lambda: stored.in_force(by_future=stored.layout.detailed),
        "failures": stored.failures,
    }
    if stored.layout.detailed:
        tables |= {"events": stored.events, "countries": stored.countries, "links": stored.links}
    if stored.layout.shock_tests:
        tables["shock_response"] = stored.shock_response
    for name in ("partners", "instruments", "network"):
        tables[name] = partial(stored.world_table, name)
    return tables


def export(stored: Runs, form: str) -> list[Path]:
    """Write the tables into the folder ``export`` beside the results.

    Parameters
    ----------
    stored : Runs
    form : {"csv", "netcdf", "xlsx"}
        ``csv`` makes one file per table; ``xlsx`` one workbook with one sheet per table;
        ``netcdf`` one file with the metrics as arrays over policy, future, replicate and
        quarter, NaN where a run failed.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    InputError
        If a package is missing, the folder cannot be written, no run is there, or a table is too
        long for Excel.
    """
    for package in _NEEDS.get(form, ()):
        try:
            import_module(package)
        except ImportError:
            raise InputError(
                f"export --to {form}: needs the package {package}, which is not installed; install"
                f" it with: pip install 'partnersim[{form}]'"
            ) from None
    check_folder(stored.folder)
    if not stored.completeness.done:
        raise InputError(stored.warning)
    folder = stored.folder / EXPORT_NAME
    with writing_results(stored.folder):
        folder.mkdir(exist_ok=True)
        if form == "csv":
            return _csv(stored, folder)
        if form == "xlsx":
            return [_xlsx(stored, folder)]
        return [_netcdf(stored, folder)]


def _csv(stored: Runs, folder: Path) -> list[Path]:
    paths = []
    for name, read in tables_of(stored).items():
        frame = read()
        paths.append(folder / f"{name}.csv")
        write_whole(paths[-1], partial(frame.to_csv, index=False, lineterminator="\n"))
    return paths


def _xlsx(stored: Runs, folder: Path) -> Path:
    tables = {name: read() for name, read in tables_of(stored).items()}
    too_long = [name for name, frame in tables.items() if len(frame) >= _SHEET_ROWS]
    if too_long:
        raise InputError(
            f"export --to xlsx: the table '{name}' has {len(tables[name]):,} rows, Excel holds"
            f" {_SHEET_ROWS - 1:,}; use --to csv or netcdf"
            for name in too_long
        )
    path = folder / "results.xlsx"

    def write(temporary: Path) -> None:
        with pd.ExcelWriter(temporary, engine="openpyxl") as book:
            for name, frame in tables.items():
                frame.to_excel(book, sheet_name=name, index=False)

    write_whole(path, write)
    return path


def _netcdf(stored: Runs, folder: Path) -> Path:
    import xarray

    metrics = stored.outcomes(quarters="all")
    axes = [*RUN_KEYS, "quarter"]
    coordinates = {
        axis: (
            [str(word) for word in dict.fromkeys(metrics[axis])]
            if axis in ("policy", "quarter")
            else np.unique(metrics[axis].to_numpy())
        )
        for axis in axes
    }
    place = tuple(
        pd.Index(coordinates[axis]).get_indexer(
            metrics[axis].astype(str) if axis in ("policy", "quarter") else metrics[axis]
        )
        for axis in axes
    )
    shape = [len(coordinates[axis]) for axis in axes]
    arrays = {}
    for name in metrics.columns.difference(axes, sort=False):
        values = np.full(shape, np.nan)
        values[place] = metrics[name].to_numpy()
        arrays[str(name)] = (axes, values)
    futures = stored.futures.set_index("future").loc[coordinates["future"]]
    for name in futures.columns:
        values = futures[name].to_numpy()
        text = values.astype(str).astype(object) if values.dtype.kind not in "fiu" else values
        arrays[str(name)] = (["future"], text)
    held = stored.completeness
    facts: dict[str, str | int] = {
        "title": str(stored.manifest["experiment"]),
        "configuration_hash": str(stored.manifest["configuration_hash"]),
        "digest": str(stored.manifest["digest"]),
        "partnersim": str(stored.manifest["versions"]["partnersim"]),
        "runs": held.done,
        "runs_failed": held.failed,
        "runs_planned": held.planned,
    }
    data = xarray.Dataset(arrays, coords=coordinates, attrs=facts)
    packed = {name: {"zlib": True} for name, (_, v) in arrays.items() if v.dtype.kind == "f"}
    path = folder / "results.nc"

    def write(temporary: Path) -> None:
        try:
            data.to_netcdf(temporary, engine="netcdf4", encoding=packed)
        except RuntimeError as failure:  # what its library raises on a full disk
            raise InputError(f"{path}: cannot be written ({failure})") from None

    write_whole(path, write)
    return path
