"""Figures of a sweep are really drawn; the report tells the numbers and needs nothing else."""

from __future__ import annotations

import itertools
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import matplotlib as mpl
import pandas as pd
import pytest
from matplotlib.text import Text

from pages import holds_ink, keeps_texts_apart, kept_pages
from partnersim.cli.experiment import show_sampled
from partnersim.cli.program import main
from partnersim.cli.screen import Screen
from partnersim.compare.comparison import Comparison
from partnersim.compare.differences import paired_differences
from partnersim.compare.labels import quantity
from partnersim.errors import InputError
from partnersim.model.metrics import metrics
from partnersim.runs.intervals import wilson
from partnersim.runs.reader import Runs, read_runs
from partnersim.runs.running import run_sweep
from partnersim.show import figures, pictures
from partnersim.show.figures import FIGURES, draw_all, draw_figures
from partnersim.show.pictures import fitting, picture
from partnersim.show.report import LARGEST_PAGE, page
from partnersim.show.sheet import Sheet, house_style
from partnersim.show.short_page import Part, write_short_page
from studies import invented, small_sweep

NAMES = ["comparison", "regret", "parallel_coordinates", "failing", "tornado"]
NAMES += ["bands", "signing_by_year"]
KINDS = {kind.name: kind for kind in FIGURES}
VOID = {"meta", "img", "br", "path", "use", "rect", "link"}


# For the session: at its end its workers take tests from each other, and would make them again.
@pytest.fixture(scope="session")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    return small_sweep(tmp_path_factory.mktemp("sweep"))


@pytest.fixture(scope="session")
def pages(sweep: Runs) -> dict[str, Sheet]:
    """Write the report as a user does, keeping the pages of the figures."""
    with kept_pages() as kept:
        assert main(["report", str(sweep.folder)]) == 0
    return kept


@pytest.fixture(scope="session")
def text(sweep: Runs, pages: dict[str, Sheet]) -> str:
    return (sweep.folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def evidence(sweep: Runs) -> Comparison:
    return Comparison(read_runs(sweep.folder))


class Outline(HTMLParser):
    """What is needed to check a page: elements with attributes, and the text."""

    def __init__(self, content: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag, f"{tag} closes something else"

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def plain(content: str) -> str:
    """Return the text of a page with single spaces."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", content)))


# Figures


@pytest.mark.parametrize("name", NAMES)
def test_figures_of_a_sweep_hold_ink_and_keep_texts_apart(
    sweep: Runs, pages: dict[str, Sheet], name: str
) -> None:
    holds_ink(pages[name], sweep.folder / "figures" / f"{name}.png", colours=10)
    keeps_texts_apart(pages[name])


def test_every_figure_says_where_it_comes_from(sweep: Runs, pages: dict[str, Sheet]) -> None:
    assert list(pages) == NAMES
    for name, drawn in pages.items():
        written = " ".join(text.get_text() for text in drawn.figure.findobj(Text))
        for part in (
            "192 runs: 2 runs per policy and future",
            "seed 1",
            sweep.manifest["configuration_hash"][:12],
            "partnersim 0.",
            "assumed coefficients",
        ):
            assert part in " ".join(written.split()), name


def test_figures_are_the_same_bytes_again(
    sweep: Runs, pages: dict[str, Sheet], evidence: Comparison, tmp_path: Path
) -> None:
    assert pages
    with mpl.rc_context({"font.size": 20, "axes.facecolor": "red"}):  # a user's taste
        for name in ("regret", "failing", "signing_by_year"):
            with house_style(name):
                written = KINDS[name].draw(evidence).save(tmp_path, name)
            for path in written:
                assert path.read_bytes() == (sweep.folder / "figures" / path.name).read_bytes()


def numbers_in(texts: set[str]) -> list[float]:
    return [float(text) for text in texts if re.fullmatch(r"\d+(\.\d+)?", text)]


def test_one_number_stands_for_a_policy_on_the_screen_and_in_all_figures(
    sweep: Runs,
    pages: dict[str, Sheet],
    evidence: Comparison,
    capsys: pytest.CaptureFixture[str],
) -> None:
    by_future = sweep.outcomes(["instruments"]).groupby(["policy", "future"], observed=True)
    means = by_future["instruments"].mean().groupby("policy", observed=True).mean()
    show_sampled(sweep, Screen())
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("over 32 futures, 2027Q4: mean and 90 % band of 64 runs")
    texts = {
        name: [found.get_text() for found in drawn.figure.findobj(Text)]
        for name, drawn in pages.items()
    }
    for policy, mean in means.items():
        shown = quantity("instruments", float(evidence.means.loc[str(policy), "instruments"]))
        assert abs(float(shown) - mean) <= 0.5
        (row,) = [line.split() for line in lines if line.startswith(f"{policy} ")]
        assert row[1] == shown
        assert any(text.split("\n")[-1] == shown for text in texts["bands"])
    lowest, highest = (quantity("instruments", float(end)) for end in (means.min(), means.max()))
    ends = {line for text in texts["parallel_coordinates"] for line in text.split("\n")}
    # With another digit where the ends lie close to each other.
    assert {lowest, highest} <= {quantity("instruments", number) for number in numbers_in(ends)}
    base = quantity("instruments", float(means["balanced"]))
    assert base in texts["comparison"]
    assert f"the means of policies lie between {lowest} and {highest}" in " ".join(
        pages["bands"].title.split()
    )


def test_every_measure_never_means_those_that_are_left_out(tmp_path: Path) -> None:
    gains = {"balanced": 0.0, "a": {"links": 4.0}, "b": {"eu_value": 5.0}, "c": {"links": 3.9}}
    evidence = Comparison(invented(gains))
    assert evidence.ranking.left_out == ("instruments", "partner_value")
    content = plain(page(evidence, {}))
    with kept_pages(written=False) as kept:
        for name in ("regret", "parallel_coordinates"):
            with house_style(name):
                KINDS[name].draw(evidence).save(tmp_path, name)
    written = {
        name: " ".join(" ".join(text.get_text() for text in drawn.figure.findobj(Text)).split())
        for name, drawn in kept.items()
    }
    but = "every measure but instruments in force and value to partners"
    for name, words in {**written, "report": content}.items():
        assert words.count("every measure") == words.count(but), name
        assert (but in words) == (name != "regret"), name
        assert "all measures " not in words, name
    for name in kept:
        assert "Not counted: instruments in force and value to partners; in nine" in written[name]
    assert "on average over 2 of 4 measures" in content
    only_links = Comparison(invented({"balanced": 0.0, "a": {"links": 4.0}})).ranking
    assert len(only_links.left_out) == 3
    assert only_links.every == "the one measure that counts"
    assert only_links.left_out_note.startswith("Not counted: instruments in force, value to")
    assert "Not counted: instruments in force and value to partners; in nine" in content


@pytest.mark.parametrize(
    ("gains", "kind", "missing"),
    [
        ({"balanced": 0.0}, "latin_hypercube", NAMES[:3]),
        ({"balanced": 0.0, "a": 1.0}, "listed", ["failing", "tornado"]),
    ],
)
def test_only_figures_that_show_something_are_drawn(
    gains: dict[str, float], kind: str, missing: list[str]
) -> None:
    count = 3 if kind == "listed" else 60
    evidence = Comparison(invented(gains, kind=kind, futures=count, crash=80.0))
    drawn = [name for name in NAMES[:5] if KINDS[name].has(evidence)]
    assert not set(missing) & set(drawn)
    assert set(NAMES[:5]) - set(missing) == set(drawn)


def test_many_policies_and_boxes_still_fit(tmp_path: Path) -> None:
    gains = {f"a_policy_with_a_long_name_{place}": place / 3 for place in range(11)}
    evidence = Comparison(invented(gains, futures=80, replicates=2, crash=80.0))
    with kept_pages(written=False) as kept:
        for name in ("regret", "parallel_coordinates", "failing"):
            with house_style(name):
                KINDS[name].draw(evidence).save(tmp_path, name)
    for drawn in kept.values():
        keeps_texts_apart(drawn)


# The report


def test_the_report_needs_nothing_else(text: str) -> None:
    assert len(text.encode("utf-8")) < LARGEST_PAGE
    bare = re.sub(r'src="data:image/png;base64,[^"]*"', "", text)
    assert not re.search(r"(?i)\b(?:https?|ftp|wss?):|//[a-z]|@import|<script|<link|<iframe", bare)
    for tag, attributes in Outline(text).elements:
        for name in ("src", "href", "xlink:href", "action", "data", "poster"):
            target = attributes.get(name)
            if target is not None:
                assert target.startswith(("#", "data:image/png;base64,")), (tag, target[:60])
        assert not any(name.startswith("on") for name in attributes), tag
    assert all(found.startswith("#") for found in re.findall(r"url\(([^)]*)\)", text))
    assert "default-src &#39;none&#39;" in text or "default-src 'none'" in text


def test_the_report_is_well_formed_and_accessible(text: str) -> None:
    outline = Outline(text)
    assert outline.open == []
    tags = [tag for tag, _ in outline.elements]
    headings = [int(tag[1]) for tag in tags if re.fullmatch(r"h[1-6]", tag)]
    assert headings[0] == 1
    assert headings.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(headings))
    identifiers = [found["id"] for _, found in outline.elements if "id" in found]
    assert len(identifiers) == len(set(identifiers))
    used = re.findall(r'(?:href|aria-labelledby)="#?([^"]+)"', text)
    used += re.findall(r"url\(#([^)]+)\)", text)
    assert {name for name in used if not name.startswith("data:")} <= set(identifiers)
    for tag, attributes in outline.elements:
        if tag == "svg":
            assert attributes["role"] == "img"
            assert len(attributes["aria-label"] or "") > 20
        if tag == "img":
            assert len(attributes["alt"] or "") > 20
        if tag == "th":
            assert attributes["scope"] in ("col", "row")
        if tag == "html":
            assert attributes["lang"] == "en"
    assert tags.count("caption") == tags.count("table") > 5
    assert tags.count("figure") == len(NAMES)


def test_the_answer_comes_first_then_evidence_assumptions_reproduction(text: str) -> None:
    places = [text.index(f'<section id="{name}"') for name in
              ("answer", "evidence", "assumptions", "glossary", "reproduce")]  # fmt: skip
    assert places == sorted(places)
    answer = plain(text[places[0] : places[1]])
    for question in ("Which policy is robust?", "By how much", "Where does it fail?"):
        assert question in answer
    assert "What drives the outcome?" in answer
    assert "What comes into force?" in answer
    assert "behavioural coefficients are assumed" in answer


def test_the_glossary_says_what_measures_and_words_mean(text: str, evidence: Comparison) -> None:
    said = plain(text[text.index('<section id="glossary"') : text.index('<section id="reproduce"')])
    for name in evidence.measures:
        assert metrics()[name].definition.split(",")[0] in said
    assert "its interval leaves out zero" in said


def test_the_report_tells_the_numbers_of_the_sweep(
    sweep: Runs, evidence: Comparison, text: str
) -> None:
    words = plain(text)
    runs = sweep.outcomes()
    runs = runs.rename(columns={"point": "future"}).astype({"policy": str})
    table = paired_differences(runs, "instruments", "balanced").set_index("policy")
    for policy, row in table.iterrows():
        mean = f"{abs(row['mean']):.0f} ("
        assert mean in words, policy
    best = evidence.best
    signing = sweep.in_force()
    signing = signing[(signing["policy"] == best) & (signing["year"] == 2027)]
    network = pd.read_parquet(sweep.folder / "network.parquet")
    held = network[network["stage"] == "in_force"]
    held = set(zip(held["iso3"], held["instrument"], strict=True))
    pairs = zip(signing["iso3"], signing["instrument"], strict=True)
    new = signing[[pair not in held for pair in pairs]]
    share = float((new["in_force"] / new["runs"]).max())
    low, high = wilson([share * 2], 2)
    assert f"({100 * share:.0f} %, {100 * low[0]:.0f} to {100 * high[0]:.0f} %)" in words
    assert "192 runs (3 policies × 32 futures × 2 replicates)" in words


def test_every_assumption_is_listed(sweep: Runs, text: str) -> None:
    coefficients = sweep.manifest["configuration"]["behaviour"]["coefficients"]
    assumed = sweep.manifest["assumed_coefficients"]
    assert len(assumed) > 10
    assumptions = text[text.index('<section id="assumptions"') :]
    for name in assumed:
        row = re.search(rf'<th scope="row">{name}</th>(.*?)</tr>', assumptions)
        assert row, name
        cells = [unescape(cell) for cell in re.findall(r"<td>(.*?)</td>", row.group(1))]
        entry = coefficients[name]
        if f"behaviour.coefficients.{name}.value" in set(sweep.factors["factor"]):
            assert cells[0] == "varied, see above"
        else:
            assert float(cells[0].replace("−", "-")) == entry["value"]
        assert cells[-1] == entry["meaning"]
    for factor in sweep.factors["factor"]:
        assert f'<th scope="row">{factor}</th>' in assumptions


def test_how_to_reproduce_names_hash_digest_seed_and_versions(sweep: Runs, text: str) -> None:
    words = plain(text[text.index('<section id="reproduce"') :])
    for part in (
        sweep.manifest["configuration_hash"],
        sweep.manifest["digest"],
        "partnersim verify",
        "Seed 1",
        f"python {sweep.manifest['versions']['python']}",
        "latin hypercube",
    ):
        assert part in words


def test_the_page_is_the_same_bytes_again(sweep: Runs, evidence: Comparison, text: str) -> None:
    folder = sweep.folder / "figures"
    again = page(evidence, {name: picture(folder, name) for name in NAMES})
    assert again == text


def test_an_experiment_gets_its_report_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(figures, "FIGURES", (KINDS["comparison"], KINDS["regret"]))
    settings = ["horizon.end=2026Q4", "replicates=3", "figures=false"]
    settings += ["policies=[balanced,no_offer]", "climates=[calm,coercion]", "shock_tests=[]"]
    assert main([*settings, f"output={tmp_path}"]) == 0
    (folder,) = tmp_path.glob("*/*")
    capsys.readouterr()
    assert main(["report", str(folder)]) == 0
    said = capsys.readouterr().out.splitlines()[1]
    words = plain((folder / "report.html").read_text(encoding="utf-8"))
    assert "12 runs (2 policies × 2 climates × 3 replicates)" in words
    assert "What does each policy gain and lose?" in words
    # The answer stands on the screen, too.
    assert said in words
    assert f"partnersim reproduce {folder}/manifest.json" in words


def test_little_is_said_of_little(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One run of two policies in one climate: no ranking, no band, no share, no plural."""
    monkeypatch.chdir(tmp_path)
    words = ["policies=[balanced,connect_first]", "climates=[calm]", "replicates=1"]
    runs = run_sweep(*words, "horizon.end=2026Q4", "shock_tests=[]")
    evidence = Comparison(runs)
    with kept_pages(written=False) as kept:
        draw_all(evidence)
    assert kept
    assert "regret" not in kept
    texts = [text.get_text() for sheet in kept.values() for text in sheet.figure.findobj(Text)]
    told = " ".join([plain(page(evidence, {})), *texts])
    for word in ("most robust", "resamples", "regret", "in nine of ten", "1 climates"):
        assert word not in told.casefold(), word
    assert "Policies are not ranked" in told


def test_names_with_a_star_get_their_footnote(tmp_path: Path) -> None:
    note = "Designations are without prejudice to positions on status."
    study = invented({"balanced": 0.0, "a": 1.0})
    assert note not in page(Comparison(study), {})
    world = replace(study.world, country={"JPN": "Japan", "KEN": "Kosovo*"})
    other = study.but()
    other.world = world
    starred = Comparison(other)
    assert note in page(starred, {})
    with kept_pages(written=False) as kept, house_style("signing_by_year"):
        KINDS["signing_by_year"].draw(starred).save(tmp_path, "signing_by_year")
    written = [text.get_text() for text in kept["signing_by_year"].figure.findobj(Text)]
    assert f"* {note}" in written


def test_texts_of_users_cannot_break_the_page() -> None:
    study = invented({"balanced": 0.0, "a": 1.0})
    study.manifest["configuration"]["policy"]["a"]["description"] = "<script>x</script> & \"y'"
    study.manifest["experiment"] = "<b>"
    study.manifest["digest"] = None
    failures = pd.DataFrame(
        {"policy": ["a"] * 30, "future": range(30), "replicate": 0, "error": "division <by> zero"}
    )
    text = page(Comparison(study.but(failures=failures)), {})
    assert "<script" not in text
    assert "<b>" not in text
    assert "division &lt;by&gt; zero" in text
    assert "the first 20 of 30" in text
    assert "none yet: the sweep is not finished" in text
    assert "1 coefficient, origin: literature" in text
    assert Outline(text).open == []


def test_large_drawings_become_pictures(
    sweep: Runs, pages: dict[str, Sheet], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pages
    monkeypatch.setattr(pictures, "LARGEST_DRAWING", 1000)
    [shown] = fitting([picture(sweep.folder / "figures", "regret")], 10**9)
    assert shown.startswith("<img ")
    width = re.search(r'width="(\d+)"', shown)
    assert width is not None
    assert abs(int(width[1]) - 100 * pages["regret"].width) <= 1


def test_parts_keep_their_own_figures_of_the_same_name(
    tmp_path: Path, sweep: Runs, pages: dict[str, Sheet]
) -> None:
    assert pages
    other = tmp_path / "figures" / "regret.svg"
    other.parent.mkdir()
    drawing = (sweep.folder / "figures" / "regret.svg").read_text(encoding="utf-8")
    other.write_text(drawing.replace("<dc:title>", "<dc:title>Another: "), encoding="utf-8")
    figures = [sweep.folder / "figures" / "regret.svg", other]
    parts = [Part(path.parent.parent.name, figures=[path]) for path in figures]
    text = write_short_page(tmp_path, "Two", "", parts, []).read_text(encoding="utf-8")
    titles = re.findall(r'aria-label="([^"]*)"', text)
    assert [title.startswith("Another: ") for title in titles] == [False, True]


def test_pictures_get_smaller_until_the_page_fits() -> None:
    def forms(letter: str, *sizes: int) -> tuple[Callable[[], str], ...]:
        return tuple(partial(str.__mul__, letter, size) for size in sizes)

    several = [forms("x", 100, 40), forms("y", 90, 70, 120, 10)]

    def sizes(room: int) -> Iterator[int]:
        return (len(form) for form in fitting(several, room))

    assert list(sizes(200)) == [100, 90]
    assert list(sizes(150)) == [40, 90]
    assert list(sizes(115)) == [40, 70]
    assert list(sizes(60)) == [40, 10]
    assert list(sizes(1)) == [40, 10]


# Bad input


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ([], "report: no folder given, one is needed"),
        (["a", "b"], "report: 2 folders given, one is needed"),
        (["a", "foo=1"], "foo=1: unknown setting (allowed: fails=METRIC:NUMBER, drivers=METHOD)"),
        (["--pdf", "x"], "--pdf: unknown option"),
        (["nowhere"], "nowhere: is not a folder of results"),
        (["empty"], "empty: holds no results"),
        (["broken"], "manifest.json: cannot be read"),
        (["file.txt"], "file.txt: is a file; name the folder of the results"),
    ],
)
def test_bad_folders_are_told_in_one_line(
    words: list[str],
    problem: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "manifest.json").write_text("{", encoding="utf-8")
    (tmp_path / "file.txt").write_text("", encoding="utf-8")
    assert main(["report", *words]) == 2
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1
    assert problem in told[0]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken", "empty", "file.txt"]


def test_a_sweep_without_its_names_is_refused(sweep: Runs, tmp_path: Path) -> None:
    copy = shutil.copytree(sweep.folder, tmp_path / "copy")
    (copy / "partners.parquet").unlink()
    with pytest.raises(InputError, match=r"partners\.parquet: is missing"):
        draw_figures(copy, ["signing_by_year"])


def test_help_tells_how(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--help"]) == 0
    assert "partnersim report results/main" in capsys.readouterr().out
