"""Try other choices of the calibration on the history before 2023, and write how they did.

Usage: ``python tools/cross_validate.py``

Fits to the end of 2016 and forecasts 2017 to 2019, fits to the end of 2019 and forecasts 2020 to
2022. Nothing of 2023 and later is looked at. Writes ``results/cross_validation/folds.csv``, which
``tools/write_docs.py`` puts into the documents.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from partnersim.configuration import load_experiment
from partnersim.history.backtest import backtest, groups
from partnersim.history.cases import REFERENCES, pooled
from partnersim.history.design import CalibrationChoices
from partnersim.history.estimate import read_evidence
from partnersim.history.scores import log_score
from partnersim.runs.export import write_tables
from partnersim.runs.running import start

FOLDS = (("2016Q4", "2019Q4"), ("2019Q4", "2022Q4"))
TRIED = {
    "as shipped": CalibrationChoices(),
    "priors twice as wide": CalibrationChoices(prior_width=2.0),
    "priors half as wide": CalibrationChoices(prior_width=8.0),
    "on offer one year ahead": CalibrationChoices(lead_years=1),
    "on offer three years ahead": CalibrationChoices(lead_years=3),
    "every pair weighs one": CalibrationChoices(one_decision_one_weight=False),
}
SHARES = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0)
DRAWS, RUNS = 20, 30
RESULTS = Path(__file__).resolve().parent.parent / "results" / "cross_validation"


def main() -> None:
    """Try everything and write the table."""
    evidence = read_evidence()
    settings = load_experiment(["experiment=backtest", f"replicates={RUNS}"]).settings
    rows, shares = [], []
    for name, choices in TRIED.items():
        for cut, until in FOLDS:
            with TemporaryDirectory() as folder:
                own = settings.model_copy(update={"output": folder})
                made = backtest(own, evidence, draws=DRAWS, cut=cut, until=until, choices=choices)
                result = made.tables(start(made.plan, own.engine))
            scores, cases = result["scores"], result["cases"]
            ties = scores[scores["group"] == "new ties"]
            ours = ties[ties["forecast"] == "model"].set_index("score")["value"]
            rules = ties[ties["forecast"].isin(REFERENCES)].groupby("score")["value"]
            rows.append(
                {
                    "choices": name,
                    "cut": cut,
                    "until": until,
                    "log_score": ours["log score"],
                    "best_rule": rules.min()["log score"],
                    "recall_at_50": ours["recall at 50"],
                    "best_rule_recall": rules.max()["recall at 50"],
                }
            )
            print(f"{name}, {cut}: {rows[-1]['log_score']:.4f}")
            if choices == CalibrationChoices():
                shares += of_shares(cases[cases["by"] == until], cut, until)
    facts = {"kind": "cross_validation", "draws": DRAWS, "runs": RUNS}
    write_tables(RESULTS, {"folds": pd.DataFrame(rows), "shares": pd.DataFrame(shares)}, facts)


def of_shares(cases: pd.DataFrame, cut: str, until: str) -> list[dict[str, object]]:
    """Return the logarithmic score of new ties with several shares of popularity."""
    ties = cases[groups(cases)["new ties"]]
    model, popularity = ties["model"].to_numpy(), ties["popularity"].to_numpy()
    happened = ties["happened"].to_numpy(float)
    return [
        {
            "share": share,
            "cut": cut,
            "until": until,
            "log_score": float(log_score(pooled(model, popularity, share), happened).mean()),
        }
        for share in SHARES
    ]


if __name__ == "__main__":
    main()
