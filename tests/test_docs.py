"""The documents tell the truth: tables up to date, names that exist, links that lead somewhere."""

from __future__ import annotations

import hashlib
import importlib
import io
import itertools
import re
import sys
import tokenize
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest
import yaml

from partnersim.configuration import load_scenario
from partnersim.model import coefficients
from partnersim.model.constants import AREAS
from partnersim.model.metrics import metric_names, metrics
from partnersim.random import numbers as random_numbers
from partnersim.world.tables import PACKAGE_DATA
from partnersim.world.world import load_world

ROOT = Path(__file__).parent.parent
PAPERS = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
DOCUMENTS = [*PAPERS, *sorted((ROOT / "docs").rglob("*.md"))]
GENERATED = re.compile(r"<!-- begin: (\w+) -->\n.*?<!-- end: \1 -->", re.DOTALL)
FENCED = re.compile(r"^ *```.*?^ *```$", re.DOTALL | re.MULTILINE)

#: Names in code type that are not ours: of RSiena, of tools, placeholders of the documents.
FOREIGN = {
    *("altX", "cond", "FALSE", "inPop", "modelType", "transTriads", "X", "centered"),
    # Effects of goldfish.
    *("inertia", "indeg", "trans", "mixedTrans", "nodeTrans", "four", "diff", "sim", "egoAlterInt"),
    *("tertius", "node", "increment", "replace", "sienaGOF"),
    *("activate", "source", "python", "make", "NAME", "i", "j", "k", "n", "r", "x"),
    *("pip", "install", "tcp", "HOST", "tmux", "SOURCE_DATE_EPOCH", "CI"),
}
#: Files that a run or a reader makes.
MADE_BY_USERS = {
    "points.csv",
    "forecast.csv",
    "events.csv",
    "manifest.json",
    "comparison.png",
    "mine.yaml",
    ".venv",
    "src/partnersim/page/static",
}
MADE_BY_USERS |= {"my_sweep.yaml", "design.json", "parts/", "countries.csv", "treaties.csv"}
MADE_BY_USERS |= {
    "pareto.csv",
    "hard_decade.yaml",
    "results/hard_decade",
    "signposts.csv",
    "report_signposts.html",
    "expected.yaml",
    "climates.csv",
    "definitions.csv",
    "mine.csv",
}
MADE_BY_USERS |= {"parts/part-START-STOP/", "part.json", "parts/*/events.parquet"}
MADE_BY_USERS |= {"parts/*/metrics.parquet", "parts/*/in_force.parquet"}
MADE_BY_USERS |= {"partners.parquet", "instruments.parquet", "network.parquet"}
MADE_BY_USERS |= {"countries.parquet", "links.parquet"}
#: Countries i and j, instrument k, module m, shock type s, area a; also as in ``depth_ia``.
SUBSCRIPT = re.compile(r"_[ijkms]a?$")
APACHE_2 = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"


def text_of(path: Path) -> str:
    return path.read_text("utf-8")


def prose_of(path: Path) -> str:
    """Return what was written by hand, without blocks of code."""
    return FENCED.sub("", GENERATED.sub("", text_of(path)))


@cache
def write_docs() -> ModuleType:
    sys.path.insert(0, str(ROOT / "tools"))
    return importlib.import_module("write_docs")


# Generated parts


def must_be_up_to_date(path: Path, *without: str) -> None:
    tool = write_docs()
    # Results of runs are not part of the checkout.
    without += ("results", "backtest", "classes", "coverage", "reliability", "reliability_cases")
    parts = {name: part for name, part in tool.PARTS.items() if name not in without}
    stale = text_of(path) != tool.filled(text_of(path), parts)
    assert not stale, f"{path.name}: run python tools/write_docs.py"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_tables_are_up_to_date(path: Path) -> None:
    must_be_up_to_date(path, "rehearsal")


@pytest.mark.slow
def test_the_rehearsal_of_the_page_is_up_to_date() -> None:
    must_be_up_to_date(ROOT / "docs" / "tutorials" / "facilitator.md")


def test_every_generated_part_stands_in_one_document() -> None:
    found = [name for path in DOCUMENTS for name in GENERATED.findall(text_of(path))]
    assert sorted(found) == sorted(write_docs().PARTS)


def test_the_picture_of_the_rooms_is_that_of_the_imports() -> None:
    tool = write_docs()
    assert text_of(tool.PICTURE) == tool.drawn(), "run python tools/write_docs.py"
    rooms = {path.parent.name for path in (ROOT / "src" / "partnersim").glob("*/__init__.py")}
    text = text_of(ROOT / "docs" / "architecture.md")
    for room in rooms:
        assert f">{room}</text>" in text_of(tool.PICTURE)
        assert f"`{room}`" in text, room


def test_a_part_that_nothing_writes_is_refused() -> None:
    with pytest.raises(KeyError, match="nothing"):
        write_docs().filled("<!-- begin: nothing -->\n<!-- end: nothing -->")


# Coverage of the strategy


def coverage_rows() -> list[list[str]]:
    lines = text_of(ROOT / "docs" / "coverage.md").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in rows if row[0].isdecimal()]


def test_coverage_holds_every_item_once() -> None:
    assert [int(row[0]) for row in coverage_rows()] == list(range(1, 160))


def test_coverage_gives_a_status_a_reason_and_a_test_that_shows_it() -> None:
    for number, item, status, reason, shown in coverage_rows():
        assert status in ("represented", "simplified", "left out"), number
        assert item, number
        assert len(reason) > 15, number
        if status != "represented":
            assert shown == "–", number
        elif shown == "own effects":
            assert re.search("`[A-Z0-9_]+`", reason), f"item {number}: effects of which instrument?"
        else:
            # That the test exists is part of the test of names below.
            assert shown.startswith("`test_"), number


def test_coverage_counts_its_items() -> None:
    statuses = [row[2] for row in coverage_rows()]
    counts = [statuses.count(status) for status in ("represented", "simplified", "left out")]
    told = "Of the 159 items {} are represented, {} simplified and {} left out.".format(*counts)
    assert told in text_of(ROOT / "docs" / "coverage.md")
    assert counts[0] >= 115


def test_coverage_speaks_of_every_instrument() -> None:
    text = text_of(ROOT / "docs" / "coverage.md")
    names = load_world().instruments["instrument"]
    # A trade agreement without digital chapter, adequacy and the EEA are no items of the document.
    assert [name for name in names if f"`{name}`" not in text] == ["FTA", "ADEQUACY", "EEA"]


# Names and links


def words_in_code(text: str) -> Iterator[str]:
    """Return names and identifier-like texts of a Python file; comments and prose are no names."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NAME:
            yield token.string
        elif token.type == tokenize.STRING:
            inner = token.string.strip("rbuRBU").strip("\"'")
            if re.fullmatch(r"[\w ./-]+", inner) and "\n" not in inner and " " not in inner:
                yield from re.findall(r"\w+", inner)


def words_in_yaml(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from re.findall(r"\w+", str(key))
            yield from words_in_yaml(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from words_in_yaml(inner)
    elif isinstance(value, str) and " " not in value:
        yield from re.findall(r"\w+", value)


@cache
def vocabulary() -> frozenset[str]:
    """Return every name of the source, the configuration and the data, and every test."""
    words = set(FOREIGN)
    for path in (ROOT / "tests").glob("test_*.py"):
        words.update(re.findall(r"^def (test_\w+)", text_of(path), re.MULTILINE))
    words.update(path.stem for path in (ROOT / "benchmarks").glob("*.py"))
    for path in (ROOT / "src").rglob("*.py"):
        words.add(path.stem)
        words.add(path.parent.name)
        words.update(words_in_code(text_of(path)))
    for path in (*(ROOT / "configs").rglob("*.yaml"), *(ROOT / "experiments").rglob("*.yaml")):
        words.add(path.stem)
        words.update(words_in_yaml(yaml.safe_load(text_of(path))))
    for path in (ROOT / "src").rglob("*.csv"):
        table = pd.read_csv(path, dtype=str, keep_default_na=False)
        words.update(table.columns)
        for place, column in enumerate(table.columns):
            values = set(table[column])
            # Keys, and columns of a few words such as stage or confidence.
            if place < 2 or len(values) < 10:
                words.update(value for value in values if re.fullmatch(r"\w+", value))
    words.update(re.findall(r"^(\w+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))
    words.update(project["project"]["optional-dependencies"])
    words.update(
        line.partition(":")[0] for line in project["tool"]["pytest"]["ini_options"]["markers"]
    )
    words.update(metric_names(load_world().regions))
    words.update(coefficients.NAMES)
    words.update(f"depth_{area}" for area in AREAS)
    return frozenset(words)


def is_path(piece: str) -> bool:
    known_end = re.search(r"\.(py|md|csv|txt|json|ya?ml|cff|png|toml|typed|mjs)$", piece)
    return re.fullmatch(r"[\w./*-]+", piece) is not None and bool("/" in piece or known_end)


def exists(path: str, base: Path) -> bool:
    """Tell whether a path in a document leads somewhere; results are made by a run."""
    if path.startswith(("results/", ".venv/")) or path in MADE_BY_USERS:
        return True
    places = (ROOT, base, PACKAGE_DATA, ROOT / "src" / "partnersim")
    return any((place / path).exists() for place in places)


def known(word: str) -> bool:
    """Tell whether a name exists, whole or without its subscript (``depth_ia``) or ``<kind>``."""
    if word in vocabulary() or SUBSCRIPT.sub("", word) in vocabulary() or (ROOT / word).exists():
        return True
    return word.endswith("_") and any(name.startswith(word) for name in vocabulary())


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_names_in_documents_exist(path: Path) -> None:
    unknown = []
    for span in re.findall(r"(?<!`)`([^`]+)`(?!`)", prose_of(path)):
        for piece in span.split():
            if is_path(piece) or piece in MADE_BY_USERS:
                unknown += [] if exists(piece, path.parent) else [piece]
                continue
            words = re.findall(r"[A-Za-z_]\w*", re.sub(r"<\w+>", "", piece))
            unknown += [f"{word} in {span}" for word in words if not known(word)]
    assert unknown == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\(([^)\s]+)\)", FENCED.sub("", text_of(path)))
    local = [target.partition("#")[0] for target in targets if "://" not in target]
    assert [target for target in local if not (path.parent / target).exists()] == []


def test_index_leads_to_every_document() -> None:
    index = ROOT / "docs" / "index.md"
    linked = {target.partition("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text_of(index))}
    documents = {
        path.relative_to(index.parent).as_posix() for path in DOCUMENTS if path not in PAPERS
    }
    assert sorted(documents - linked - {index.name}) == []


# The model


def test_odd_has_all_elements() -> None:
    text = text_of(ROOT / "docs" / "ODD.md")
    sections = [
        *("Purpose and patterns", "Entities, state variables and scales"),
        *("Process overview and scheduling", "Design concepts", "Initialisation", "Input data"),
        "Submodels",
    ]
    assert re.findall(r"^## \d\. (.*)$", text, re.MULTILINE) == sections
    for concept in (
        *("Basic principles", "Emergence", "Adaptation", "Objectives", "Learning", "Prediction"),
        *("Sensing", "Interaction", "Stochasticity", "Collectives", "Observation"),
    ):
        assert f"\n**{concept}.** " in text


def test_odd_uses_every_coefficient() -> None:
    table = r"<!-- begin: coefficients -->\n.*?<!-- end"
    text = re.sub(table, "", text_of(ROOT / "docs" / "ODD.md"), flags=re.DOTALL)
    words = set(re.findall(r"\w+", text))
    # One formula stands for the hazards of all paths and stages.
    family = re.compile(r"hazard_(political|treaty|programme|project)_\w+")
    assert "hazard_<path>_<stage>" in text
    names = [name for name in coefficients.NAMES if not family.fullmatch(name)]
    assert [name for name in names if name not in words] == []


def test_odd_defines_every_metric() -> None:
    text = text_of(ROOT / "docs" / "ODD.md")
    for metric in metrics(load_world().regions).values():
        row = next(line for line in text.splitlines() if line.startswith(f"| `{metric.row}` |"))
        assert row.endswith(f"| {metric.definition} |")
        assert metric.definition.endswith((".", ")"))


def test_odd_tells_every_purpose_of_random_numbers() -> None:
    told: dict[str, int] = {}
    text = text_of(ROOT / "docs" / "ODD.md")
    for names, numbers in re.findall(r"^\| ((?:`[A-Z_]+`(?:, )?)+) \| ([\d, ]+) \|", text, re.M):
        pairs = zip(names.split(", "), numbers.split(", "), strict=True)
        told.update({name.strip("`"): int(number) for name, number in pairs})
    assert told == {
        name: value
        for name, value in vars(random_numbers).items()
        if name.isupper() and not name.startswith("_") and isinstance(value, int)
    }


# Estimation


def test_a_file_becomes_a_figure_in_ten_lines() -> None:
    text = text_of(ROOT / "docs" / "events.md")
    section = text.partition("## From the files to a figure in ten lines")[2]
    block = section.partition("```python\n")[2].partition("```")[0]
    assert len(block.splitlines()) == 10
    for step in ("read_csv", "fit(", "simulate(", "goodness_of_fit(", "draw_goodness_of_fit("):
        assert step in block


# Claims in words


def rows_of(path: Path, part: str) -> list[list[str]]:
    """Return the cells of a generated table, without its head."""
    text = text_of(path).partition(f"<!-- begin: {part} -->")[2].partition("<!-- end")[0]
    lines = [line.strip("| ").split(" | ") for line in text.strip().splitlines()]
    return lines[2:]


def test_what_the_facilitator_is_told_to_listen_for_is_so() -> None:
    rows = rows_of(ROOT / "docs" / "tutorials" / "facilitator.md", "rehearsal")
    officials, money, *_, climate = (row[1].split(" ±")[0].replace("−", "-") for row in rows)
    assert float(officials) < float(money) < 0
    hardly = climate == "not clear" or float(climate) > float(money) / 5
    assert hardly, "a climate of coercion costs less than a fifth of what doing without money does"


def test_shares_told_in_words_are_so() -> None:
    # "More than half of the coefficients are assumed", "expansions of blocs make nearly half of
    # the pairs", "three territories": the index, the limits, the note on data.
    behaviour = load_scenario().behaviour
    assert 0.5 < len(behaviour.named_by_origin("assumed")) / len(behaviour.coefficients) < 0.6
    world = load_world()
    assert 0.45 < (world.network["expansion"] != "none").mean() < 0.5
    assert (world.countries["kind"] != "country").sum() == 3


def test_forecast_is_better_than_simple_rules() -> None:
    rows = rows_of(ROOT / "docs" / "calibration.md", "backtest")
    values: dict[str, float] = {}
    for row in rows:
        for name, value in itertools.pairwise(row):
            if re.fullmatch(r"\*\*forecast\*\*|rule: .*", name):
                values.setdefault(name, float(value))
    assert len(values) == 5
    assert min(values, key=lambda name: values[name]) == "**forecast**"


# Papers of the house


def test_licence_is_the_unchanged_text() -> None:
    assert hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest() == APACHE_2


def test_versions_agree() -> None:
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]
    citation = yaml.safe_load(text_of(ROOT / "CITATION.cff"))
    assert citation["version"] == project["version"]
    assert citation["license"] == project["license"]
    assert f"\n## [{project['version']}]" in text_of(ROOT / "CHANGELOG.md")


def test_citation_holds_what_the_format_requires() -> None:
    citation = yaml.safe_load(text_of(ROOT / "CITATION.cff"))
    assert citation["cff-version"] == "1.2.0"
    assert citation["message"]
    assert citation["title"].startswith("partnersim")
    assert all(author["name"] for author in citation["authors"])
