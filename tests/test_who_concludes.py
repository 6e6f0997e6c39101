"""Who concludes an instrument by when: one source for list, file, figure and page."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from partnersim.cli.program import main

WORDS = ("draws=2", "runs=2", "horizon.end=2026Q4", "threads=1")


def test_the_list_is_that_of_the_forecast(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["instrument=DIGITAL_PARTNERSHIP", "by=2026", f"output={tmp_path}"]
    assert main(["forecast", *WORDS, *asked]) == 0
    told = capsys.readouterr().out
    (folder,) = (tmp_path / "forecast").iterdir()
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
