"""Bad tables are refused: file, row and reason, every problem at once."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest

from partnersim.errors import InputError
from partnersim.shipped_folder import rows_of
from partnersim.world.tables import PACKAGE_DATA
from partnersim.world.world import load_world

Rows = list[dict[str, str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "data"
    shutil.copytree(PACKAGE_DATA, copy)
    return copy


def read(path: Path) -> Rows:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: Rows) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def change(table: Path, match: dict[str, str], **cells: str) -> int:
    """Change the first row that matches; return its number in the file."""
    rows = read(table)
    number, row = next(
        (number, row)
        for number, row in enumerate(rows, start=2)
        if all(row[column] == value for column, value in match.items())
    )
    row.update(cells)
    write(table, rows)
    return number


def refused(folder: Path) -> tuple[str, ...]:
    with pytest.raises(InputError) as raised:
        load_world(data_dir=folder)
    return raised.value.problems


def test_a_table_with_semicolons_is_one_problem(folder: Path) -> None:
    table = folder / "countries.csv"
    table.write_text(table.read_text("utf-8").replace(",", ";"), "utf-8")
    assert refused(folder)[0].startswith("countries.csv: columns are separated by semicolons")


CASES = [
    (
        *("network.csv", {"iso3": "JPN", "instrument": "TRUST_SERVICES"}, {"iso3": "JPX"}),
        "iso3 'JPX' is not a country of countries.csv, did you mean 'JPN' (Japan)?",
    ),
    (
        *("network.csv", {"iso3": "JPN", "instrument": "FTA"}, {"instrument": "FTA_DIGITEL"}),
        "instrument 'FTA_DIGITEL' is not an instrument of instruments.csv, "
        "did you mean 'FTA_DIGITAL'?",
    ),
    (
        *("network.csv", {"iso3": "USA", "instrument": "TTC"}, {"stage": "signed"}),
        "stage 'signed' is impossible for TTC, whose path 'political' knows "
        "planned, announced, negotiating, in_force",
    ),
    (
        *("network.csv", {"iso3": "USA", "instrument": "TTC"}, {"stage": "in force"}),
        "stage 'in force' must be one of planned, announced, negotiating, concluded, signed, "
        "in_force, did you mean 'in_force'?",
    ),
    (
        *("network.csv", {"iso3": "SRB", "instrument": "SAA"}, {"iso3": "BRA"}),
        "BRA is not eligible for SAA",
    ),
    (
        *("network.csv", {"iso3": "USA", "instrument": "TTC"}, {"expansion": "bloc"}),
        "expansion 'bloc' must be one of none, facts, partnersim",
    ),
    (
        *("network.csv", {"iso3": "USA", "instrument": "TTC"}, {"origin": "documents"}),
        "origin 'documents' must be one of document, history, did you mean 'document'?",
    ),
    (
        *("countries.csv", {"iso3": "NOR"}, {"telecom": "1.4"}),
        "telecom '1.4' must be a number from 0 to 1",
    ),
    (
        *("countries.csv", {"iso3": "NOR"}, {"internet_users": "many"}),
        "internet_users 'many' must be a number from 0 to 100",
    ),
    (
        *("countries.csv", {"iso3": "NOR"}, {"latitude": "", "name": ""}),
        "latitude '' must be a number from -90 to 90",
    ),
    (
        *("countries.csv", {"iso3": "NOR"}, {"ldc": "maybe"}),
        "ldc 'maybe' must be one of no, yes, did you mean 'yes'?",
    ),
    (
        *("countries.csv", {"iso3": "UKR"}, {"enlargement": "candidat"}),
        "enlargement 'candidat' must be one of empty, potential candidate, candidate, "
        "did you mean 'candidate'?",
    ),
    (
        *("memberships.csv", {"iso3": "VNM", "organisation": "ASEAN"}, {"organisation": "ASEEN"}),
        "organisation 'ASEEN' is not an organisation of organisations.csv, did you mean 'ASEAN'?",
    ),
    (
        *("organisations.csv", {"organisation": "G7"}, {"weight": "-0.1"}),
        "weight '-0.1' must be a number from 0 to 1",
    ),
    (
        *("borders.csv", {"iso3_a": "AFG", "iso3_b": "CHN"}, {"iso3_b": "AFG"}),
        "AFG cannot border itself",
    ),
    (
        *("hotspots.csv", {"hotspot": "Kashmir"}, {"weight": "2"}),
        "weight '2' must be a number from 0 to 1",
    ),
    (
        *("areas.csv", {"area": "trade"}, {"security": "0.5"}),
        "weights sum to 1.4, not to 1",
    ),
    (
        *("modules.csv", {"module": "green"}, {"trust": "5"}),
        "trust '5' must be a number from 0 to 1",
    ),
    (
        *("instruments.csv", {"instrument": "DTA"}, {"binding": "5"}),
        "binding '5' must be a whole number from 0 to 4",
    ),
    (
        *("instruments.csv", {"instrument": "DTA"}, {"effort": "0"}),
        "effort '0' must be a whole number from 1 to 1000",
    ),
    (
        *("instruments.csv", {"instrument": "DTA"}, {"path": "treatie"}),
        "path 'treatie' must be one of political, treaty, programme, project, "
        "did you mean 'treaty'?",
    ),
    (
        *("instruments.csv", {"instrument": "DTA"}, {"areas": "trade;cyber_security"}),
        "areas 'cyber_security' is not an area, did you mean 'cybersecurity'?",
    ),
    (
        *("instruments.csv", {"instrument": "DTA"}, {"directions": ""}),
        "directions is empty",
    ),
    (
        *("instruments.csv", {"instrument": "DTA"}, {"prerequisites": "FTA|HORIZONS"}),
        "prerequisites 'HORIZONS' is not an instrument of instruments.csv, did you mean 'HORIZON'?",
    ),
    (
        *("instruments.csv", {"instrument": "DTA"}, {"prerequisites": "FTA;TTC;SAA;DCFTA"}),
        "prerequisites hold at most 3 groups of 6 instruments",
    ),
    (
        *("instruments.csv", {"instrument": "CTIP"}, {"prerequisites": "CTIP"}),
        "prerequisites form a cycle: CTIP -> CTIP",
    ),
    (
        *("instruments.csv", {"instrument": "CTIP"}, {"eligible_regions": "LAC;Gulff"}),
        "eligible_regions 'Gulff' is unknown, did you mean 'Gulf'?",
    ),
    (
        *("instruments.csv", {"instrument": "CTIP"}, {"eligible_groups": "ASEAN;BRIC"}),
        "eligible_groups 'BRIC' is unknown, did you mean 'BRICS'?",
    ),
    (
        *("instruments.csv", {"instrument": "CTIP"}, {"eligible_countries": "XYZ"}),
        "eligible_countries 'XYZ' is unknown",
    ),
    (
        *("instruments.csv", {"instrument": "CTIP"}, {"excluded": "EEA_EFTAA"}),
        "excluded 'EEA_EFTAA' is unknown, did you mean 'EEA_EFTA'?",
    ),
    (
        "instruments.csv",
        {"instrument": "CTIP"},
        {"eligible_countries": "NOR", "excluded": "EEA_EFTA"},
        "no country is eligible for CTIP",
    ),
    (
        *("rival_kinds.csv", {"kind": "cbpr_forum"}, {"who": "APEC;OECDD"}),
        "who 'OECDD' is not a country or organisation, did you mean 'OECD'?",
    ),
]


@pytest.mark.parametrize(("file", "match", "cells", "reason"), CASES)
def test_a_bad_cell_is_refused_with_file_row_and_reason(folder, file, match, cells, reason):
    number = change(folder / file, match, **cells)
    problems = refused(folder)
    assert f"{file}, row {number}: {reason}" in problems
    # What follows from it is not told as well.
    assert len(problems) == (2 if cells.get("name") == "" else 1)


def test_a_cycle_of_prerequisites_is_told_once(folder):
    change(folder / "instruments.csv", {"instrument": "HORIZON"}, prerequisites="AI_FACTORY")
    number = change(folder / "instruments.csv", {"instrument": "AI_FACTORY"})
    assert refused(folder) == (
        f"instruments.csv, row {number}: prerequisites form a cycle: "
        "AI_FACTORY -> HPC -> HORIZON -> AI_FACTORY",
    )


def test_all_problems_come_at_once(folder):
    change(folder / "network.csv", {"iso3": "USA", "instrument": "TTC"}, stage="signed")
    change(folder / "countries.csv", {"iso3": "NOR"}, telecom="7", population="0")
    change(folder / "modules.csv", {"module": "green"}, trust="")
    change(folder / "borders.csv", {"iso3_a": "AFG", "iso3_b": "CHN"}, iso3_a="FRA")
    problems = refused(folder)
    assert len(problems) == 5
    assert [problem.split(",")[0] for problem in problems] == [
        *("countries.csv", "countries.csv", "modules.csv", "network.csv", "borders.csv"),
    ]


@pytest.mark.parametrize(
    ("file", "key"),
    [
        ("countries.csv", ("iso3",)),
        ("instruments.csv", ("instrument",)),
        ("network.csv", ("iso3", "instrument")),
        ("memberships.csv", ("iso3", "organisation")),
        ("organisations.csv", ("organisation",)),
        ("borders.csv", ("iso3_a", "iso3_b")),
        ("areas.csv", ("area",)),
        ("modules.csv", ("module",)),
        ("hotspots.csv", ("hotspot",)),
    ],
)
def test_a_repeated_row_is_refused(folder, file, key):
    rows = read(folder / file)
    write(folder / file, [*rows, rows[1]])
    identity = ", ".join(rows[1][column] for column in key)
    assert refused(folder) == (f"{file}, row {len(rows) + 2}: {identity} repeats row 3",)


def test_a_border_the_other_way_round_is_a_repetition(folder):
    rows = read(folder / "borders.csv")
    first = rows[0]
    swapped = {**first, "iso3_a": first["iso3_b"], "iso3_b": first["iso3_a"]}
    write(folder / "borders.csv", [*rows, swapped])
    assert refused(folder) == (
        f"borders.csv, row {len(rows) + 2}: {first['iso3_b']}, {first['iso3_a']} "
        "repeats row 2 the other way",
    )


def test_a_missing_column_is_refused(folder):
    text = (folder / "network.csv").read_text(encoding="utf-8")
    (folder / "network.csv").write_text(text.replace("stage", "stages", 1), encoding="utf-8")
    assert refused(folder) == (
        "network.csv, row 1: column 'stage' is missing, did you mean 'stages'?",
    )


def test_a_missing_file_is_refused(folder):
    (folder / "borders.csv").unlink()
    assert refused(folder) == (f"borders.csv: not found in '{folder}'",)


def test_a_missing_name_of_a_fixed_set_is_refused(folder):
    rows = [row for row in read(folder / "areas.csv") if row["area"] != "trade"]
    write(folder / "areas.csv", rows)
    assert refused(folder) == ("areas.csv: no row for trade",)


def test_a_row_with_too_few_cells_is_refused(folder):
    with (folder / "borders.csv").open("a", encoding="utf-8") as file:
        file.write("NOR,RUS\n")
    number = len(read(folder / "borders.csv")) + 1
    assert refused(folder) == (f"borders.csv, row {number}: 2 cells, the header has 4",)


def test_text_that_is_not_utf_8_is_refused(folder):
    (folder / "borders.csv").write_bytes("Türkiye".encode("latin-1"))
    assert refused(folder) == ("borders.csv: not UTF-8 text",)


def test_empty_countries_are_refused(folder):
    header = (folder / "countries.csv").read_text(encoding="utf-8").splitlines()[0]
    (folder / "countries.csv").write_text(header + "\n", encoding="utf-8")
    assert refused(folder) == ("countries.csv: no rows",)


def test_a_folder_that_does_not_exist(tmp_path):
    with pytest.raises(InputError, match="is not a folder"):
        load_world(data_dir=tmp_path / "nowhere")


def test_an_edited_copy_is_used(folder):
    rows = read(folder / "instruments.csv")
    own = {**rows[0], "instrument": "SPACE_DIALOGUE", "name": "Space Dialogue", "effort": "2"}
    write(folder / "instruments.csv", [*rows, own])
    world = load_world(data_dir=folder)
    assert world.instruments["instrument"].iloc[-1] == "SPACE_DIALOGUE"
    assert world.arrays.stage.shape == (169, 64)
    assert world.arrays.effort[-1] == 2
    assert world.digest != load_world().digest


def test_an_untouched_copy_is_the_same_world(folder):
    copy, package = load_world(data_dir=folder), load_world()
    assert copy.digest == package.digest
    for ours, theirs in zip(copy.arrays, package.arrays, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_missing_indicator_is_imputed_and_flagged(folder):
    change(folder / "countries.csv", {"iso3": "NOR"}, telecom="", gdp_usd="")
    norway = load_world(data_dir=folder).countries.set_index("iso3").loc["NOR"]
    assert norway["imputed"] == "gdp_usd;telecom"
    assert 0 < norway["telecom"] <= 1
    assert norway["gdp_usd"] > 0


def test_ends_of_lines_and_byte_order_marks_are_no_content(folder: Path) -> None:
    for path in folder.glob("*.csv"):
        text = path.read_text("utf-8").replace("\n", "\r\n")
        path.write_bytes(text.encode("utf-8-sig"))
    assert load_world(data_dir=folder).digest == load_world().digest


@pytest.mark.parametrize("row", ["pull,wins of rivals, and half as much", "pull"])
def test_a_shipped_row_has_as_many_cells_as_the_head(tmp_path: Path, row: str) -> None:
    table = tmp_path / "table.csv"
    table.write_text(f"name,text\n{row}\n", "utf-8")
    with pytest.raises(ValueError, match="zip"):
        rows_of(table)
    table.write_text('name,text\npull,"wins of rivals, and half as much"\n', "utf-8")
    assert rows_of(table) == [{"name": "pull", "text": "wins of rivals, and half as much"}]
