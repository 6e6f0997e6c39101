"""Try other choices of the calibration on the history before 2023, and write how they did.

Usage: ``python tools/cross_validate.py``

Fits to the end of 2016 and forecasts 2017 to 2019, fits to the end of 2019 and forecasts 2020 to
2022. Nothing of 2023 and later is looked at. Writes ``results/cross_validation/folds.csv``, which
``tools/write_docs.py`` puts into the documents.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from partnersim.calibration.backtest import backtest
from partnersim.calibration.choices import Choices
from partnersim.calibration.evidence import read_evidence
from partnersim.store.table_folder import write_tables

FOLDS = (("2016Q4", "2019Q4"), ("2019Q4", "2022Q4"))
TRIED = {
    "as shipped": Choices(),
    "priors twice as wide": Choices(prior_width=2.0),
    "priors half as wide": Choices(prior_width=8.0),
    "on offer one year ahead": Choices(lead_years=1),
    "on offer three years ahead": Choices(lead_years=3),
    "every pair weighs one": Choices(one_decision_one_weight=False),
}
DRAWS, RUNS = 20, 20
RESULTS = Path(__file__).resolve().parent.parent / "results" / "cross_validation"


def main() -> None:
    """Try everything and write the table."""
    evidence = read_evidence()
    rows = []
    for name, choices in TRIED.items():
        for cut, until in FOLDS:
            scores = backtest(
                evidence, draws=DRAWS, runs=RUNS, cut=cut, until=until, choices=choices
            ).scores
            ties = scores[scores["group"] == "new ties"].set_index(["forecast", "score"])
            simple = ties["value"].sort_index().drop("model", level="forecast")
            rows.append(
                {
                    "choices": name,
                    "cut": cut,
                    "until": until,
                    "happened": int(ties["happened"].iloc[0]),
                    "log_score": ties.loc[("model", "log score"), "value"],
                    "best_rule": simple.xs("log score", level="score").min(),
                    "recall_at_50": ties.loc[("model", "recall at 50"), "value"],
                    "best_rule_recall": simple.xs("recall at 50", level="score").max(),
                }
            )
            print(name, cut, {key: round(rows[-1][key], 4) for key in ("log_score", "best_rule")})
    facts = {"kind": "cross_validation", "draws": DRAWS, "runs": RUNS}
    write_tables(RESULTS, {"folds": pd.DataFrame(rows)}, facts)


if __name__ == "__main__":
    main()
