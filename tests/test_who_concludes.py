"""Who concludes an instrument by when: one source for list, file, figure and page."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pandas as pd
import pytest

from partnersim.cli.program import main
from partnersim.compare.comparison import Comparison
from partnersim.errors import InputError
from partnersim.page import forecast as page_forecast
from partnersim.page.futures import Futures
from partnersim.page.request import usual_scenario
from partnersim.runs.reader import read_runs
from partnersim.runs.stored_forecast import StoredForecast
from partnersim.show.answer import cautions
from partnersim.show.signing import chances_by, draw_signing_by_year, draw_who_signs
from partnersim.show.tables import signing_table

pytestmark = pytest.mark.usefixtures("one_record", "quick_figures")
WORDS = ("draws=2", "runs=2", "horizon.end=2026Q4", "threads=1")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Results in which a forecast lies; it is not made again."""
    place = tmp_path_factory.mktemp("results")
    assert main(["forecast", *WORDS, f"output={place}"]) == 0
    return place


def test_the_list_is_that_of_the_forecast(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["instrument=DIGITAL_PARTNERSHIP", "by=2026", f"output={place}"]
    assert main(["forecast", *WORDS, *asked]) == 0
    told = capsys.readouterr().out
    (folder,) = (place / "forecast").iterdir()
    table = pd.read_csv(folder / "who_digital_partnership_2026Q4.csv")
    forecast = pd.read_csv(folder / "forecast.csv", keep_default_na=False)
    own = forecast[
        (forecast["instrument"] == "DIGITAL_PARTNERSHIP")
        & (forecast["stage"] == "in_force")
        & (forecast["by"] == "2026Q4")
    ].set_index("iso3")
    assert len(table) == len(own)
    assert (table["probability"].to_numpy() == own.loc[table["iso3"], "probability"]).all()
    assert table["probability"].is_monotonic_decreasing
    assert f" 1  {table['country'][0]} ({table['iso3'][0]})" in told
    assert (folder / "figures" / "who_digital_partnership_2026Q4.svg").exists()
    page = (folder / "who_digital_partnership_2026Q4.html").read_text("utf-8")
    assert str(table["country"][0]) in page
    # The command holds all that was asked; nothing says of a forecast that it is none.
    again = shlex.join(["partnersim", "forecast", *WORDS[:3], *asked[:2]])
    assert f"<pre>{again}\n</pre>" in page
    assert "as a forecast" not in page


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["instrument=DIGITAL_PARTNERSHP"], "did you mean 'DIGITAL_PARTNERSHIP'?"),
        (["instrument=TTC", "by=203"], "must be a year or a quarter"),
        (["partner=Brazl"], "partner=Brazl: no such partner, did you mean 'BRA' (Brazil)?"),
        (
            ["region=Golf"],
            "region=Golf: no such region, did you mean 'Gulf'? (regions: ",
        ),
        (["stage=signd"], "did you mean 'signed'?"),
        (
            ["instrument=TTC", "by=2029", "horizon.end=2026Q4"],
            "must be a quarter of the runs",
        ),
    ],
)
def test_what_cannot_be_asked(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["forecast", *words, f"output={tmp_path}"]) == 2
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_lists_reports_and_figures_of_runs_show_one_forecast(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [*WORDS, f"output={place}"]
    assert main(["forecast", *words, "partner=Brazil", "by=2026"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert main(["report", str(place / "forecast"), "partner=BRA", "by=2026Q4"]) == 0
    again = capsys.readouterr().out.splitlines()
    assert said[: len(again) - 1] == again[:-1]
    assert main(["report", str(place / "forecast"), "partnr=BRA"]) == 2
    assert "may be asked for instrument=" in capsys.readouterr().err
    end = ("policy=balanced", "horizon.end=2026Q4", "replicates=1", "figures=false", words[-1])
    for climate in ("calm", "rivalry"):
        assert main([f"geopolitics={climate}", *end]) == 0
    own, other = (
        Comparison(read_runs(place / f"balanced_{climate}")) for climate in ("calm", "rivalry")
    )
    assert other.signers.forecast is None
    forecast = StoredForecast.read(place / "forecast")
    rows = forecast.asked_for({"stage": "in_force", "by": "2026Q4"})
    found = own.signers.by(2026)
    assert found["probability"].tolist() == rows["probability"].tolist()
    table = signing_table(own)
    assert table.rows[0][-1] == found["reason"][0]
    _, chances, _ = chances_by(own, 0)
    assert chances.to_numpy().sum() == pytest.approx(rows["probability"].sum())
    # Their figures say that they are a forecast, those of runs that they are none.
    for comparison, none in ((own, False), (other, True)):
        for draw in (draw_who_signs, draw_signing_by_year):
            footer = " ".join(text.get_text() for text in draw(comparison).figure.texts)
            assert ("do not read as a forecast" in footer) == none
        (caution, *_) = cautions(comparison)
        assert caution.endswith("forecasts." if none else "; only what comes into force is one.")


def test_the_page_shows_the_stored_forecast(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_forecast, "_place", Path("nowhere"))
    with pytest.raises(InputError, match=r"forecast=.*nobody: holds no forecast"):
        page_forecast.look_in(str(place / "nobody"))
    opened = page_forecast.look_in(str(place / "forecast"))
    assert opened == {"policy": "balanced", "climate": "calm", "data": ""}
    short = {"horizon": {"end": "2026Q4"}}
    told = page_forecast.country_forecast(Futures(usual_scenario(short), 1), "BRA", 0)
    assert told is not None
    stored = StoredForecast.read(place / "forecast")
    rows = stored.asked_for({"stage": "tie", "by": "2026Q4", "partner": "BRA"}).head(8)
    assert told["by"] == "2026Q4"
    assert [row[1] for row in told["rows"]] == rows["probability"].tolist()
    assert [row[-1] for row in told["rows"]] == rows["reason"].tolist()
    other = Futures(usual_scenario(short, geopolitics="rivalry"), 1)
    assert page_forecast.country_forecast(other, "BRA", 0) is None
    # The page has words of its own for every part of a reason.
    page = Path(__file__).parents[1] / "page/src/languages/en.json"
    words = json.loads(page.read_text("utf-8"))
    parts = {part for reason in stored.pairs["reason"] for part in reason.split("; ")}
    assert {f"why.{re.sub(r'^[0-9]+', '{n}', part)}" for part in parts} <= set(words)
