"""Results in formats of other programs: CSV, NetCDF, Excel, and tables with Parquet beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import networkx as nx
import pandas as pd

from partnersim.errors import InputError, refuse
from partnersim.runs import folder as store
from partnersim.runs.digest import combined, read_unchanged, table_digest
from partnersim.runs.engines import check_installed
from partnersim.runs.for_people import csv_for_people, with_names
from partnersim.runs.manifest import (
    FORMAT,
    MANIFEST_NAME,
    configuration_hash,
    read_manifest,
    versions,
)
from partnersim.runs.network_graph import network_graph
from partnersim.runs.parts import RUN_KEYS
from partnersim.runs.reader import Runs, the_one_in
from partnersim.runs.tables import as_table
from partnersim.scenario.assembly import file_name

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
    form : {"csv", "netcdf", "xlsx", "graphml"}
        ``csv`` makes one file per table; ``xlsx`` one workbook with one sheet per table;
        ``graphml`` one network per policy and climate, see `network_graph`;
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
        check_installed(package, f"export --to {form}", form)
    store.check_folder(stored.folder)
    if not stored.completeness.done:
        raise InputError(stored.warning)
    folder = stored.folder / store.EXPORT_NAME
    with store.writing_results(stored.folder):
        folder.mkdir(exist_ok=True)
        writers = {"csv": _csv, "xlsx": _xlsx, "graphml": _graphml, "netcdf": _netcdf}
        return writers[form](stored, folder)


def _csv(stored: Runs, folder: Path) -> list[Path]:
    paths = []
    for name, read in tables_of(stored).items():
        content = csv_for_people(read(), stored.world)
        paths.append(folder / f"{name}.csv")
        store.write_bytes(paths[-1], content)
    return paths


def _xlsx(stored: Runs, folder: Path) -> list[Path]:
    tables = {name: with_names(read(), stored.world) for name, read in tables_of(stored).items()}
    refuse(
        f"export --to xlsx: the table '{name}' has {len(frame):,} rows, Excel holds"
        f" {_SHEET_ROWS - 1:,}; use --to csv or netcdf"
        for name, frame in tables.items()
        if len(frame) >= _SHEET_ROWS
    )
    path = folder / "results.xlsx"

    def write(temporary: Path) -> None:
        with pd.ExcelWriter(temporary, engine="openpyxl") as book:
            for name, frame in tables.items():
                frame.to_excel(book, sheet_name=name, index=False)
                for cell in chain.from_iterable(book.sheets[name].iter_rows()):
                    # A name is no formula, and no error value either.
                    if isinstance(cell.value, str):
                        cell.data_type = "s"

    store.write_whole(path, write)
    return [path]


def _graphml(stored: Runs, folder: Path) -> list[Path]:
    if not stored.layout.detailed:
        raise InputError(
            "export --to graphml: networks are kept of listed climates, not of sampled futures"
        )
    paths: list[Path] = []
    for policy in stored.policies:
        for future, climate in enumerate(stored.futures["geopolitics"].astype(str)):
            graph = network_graph(stored, policy, future)
            if len(graph) == 1:  # the EU alone: no run of this pair is there yet
                continue
            path = folder / f"{file_name(f'network_{policy}_{climate}')}.graphml"
            if path in paths:  # of names that differ in letters that no file may have
                path = path.with_stem(f"{path.stem}_{len(paths)}")
            paths.append(path)
            store.write_whole(path, partial(nx.write_graphml, graph))
    return paths


def _netcdf(stored: Runs, folder: Path) -> list[Path]:
    axes = [*RUN_KEYS, "quarter"]
    metrics = stored.outcomes(quarters="all").astype({"policy": object, "quarter": object})
    every = pd.MultiIndex.from_product([metrics[axis].unique() for axis in axes], names=axes)
    data = metrics.set_index(axes).reindex(every).to_xarray()
    futures = stored.futures.set_index("future").loc[data["future"].to_numpy()]
    for name in futures.columns:
        values = futures[name].to_numpy()
        text = values.astype(str).astype(object) if values.dtype.kind not in "fiu" else values
        data[str(name)] = ("future", text)
    held = stored.completeness
    data.attrs = {
        "title": str(stored.manifest["experiment"]),
        "configuration_hash": str(stored.manifest["configuration_hash"]),
        "digest": str(stored.manifest["digest"]),
        "partnersim": str(stored.manifest["versions"]["partnersim"]),
        "runs": held.done,
        "runs_failed": held.failed,
        "runs_planned": held.planned,
    }
    packed = {name: {"zlib": True} for name, array in data.items() if array.dtype.kind == "f"}
    path = folder / "results.nc"

    def write(temporary: Path) -> None:
        try:
            data.to_netcdf(temporary, engine="netcdf4", encoding=packed)
        except RuntimeError as failure:  # what its library raises on a full disk
            raise InputError(f"{path}: cannot be written ({failure})") from None

    store.write_whole(path, write)
    return [path]


# Results that are a few tables beside the runs (a forecast, a backtest) or without any


def write_tables(
    folder: Path, tables: Mapping[str, pd.DataFrame], facts: Mapping[str, Any]
) -> Path:
    """Write tables into a folder of results, and what they are into its manifest.

    Each table is written as text for people and as Parquet for programs; the same content gives
    the same text. All appear together, or none; other files of the folder are left alone.

    Parameters
    ----------
    folder : Path
        Results of that name in it are replaced.
    tables : mapping of str to DataFrame
        By name.
    facts : mapping
        What the manifest tells besides; of runs that is what `read_manifest` returns.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """
    with store.locked(folder), store.writing_results(folder):
        for path in store.leftovers(folder):
            store.remove(path)
        files: dict[str, Callable[[Path], object]] = {}
        digests = {}
        for name, frame in tables.items():
            table = as_table(frame)
            files[f"{name}.csv"] = partial(Path.write_bytes, data=csv_for_people(frame))
            files[f"{name}.parquet"] = store.table_writer(table)
            digests[name] = table_digest(table)
        configuration = facts.get("configuration", {})
        content = {
            "format": FORMAT,
            "versions": versions(),
            "configuration": configuration,
            "configuration_hash": configuration_hash(configuration),
            "digest": combined(digests),
            **facts,
            "tables": digests,
        }
        store.write_files(folder, {**files, MANIFEST_NAME: store.facts_writer(content)})
    return folder


def read_tables(folder: Path, names: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Return tables that `write_tables` wrote.

    Parameters
    ----------
    folder : Path
        Their folder, or the one above it if that holds only one.
    names : sequence of str
        Which tables.

    Raises
    ------
    InputError
        If one is not there, damaged or changed.
    """
    place = the_one_in(folder)
    digests = read_manifest(place).get("tables", {})
    return {name: read_unchanged(place / f"{name}.parquet", digests.get(name)) for name in names}
