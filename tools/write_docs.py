"""Write the generated parts of the documents: tables and a picture, of code, settings and data.

Usage: ``python tools/write_docs.py``, then look at what changed and commit it.

A generated part stands between ``<!-- begin: NAME -->`` and ``<!-- end: NAME -->``. Everything else
in a document is written by hand and left alone. The part ``results`` is written, and the figures of
the README are copied, only if ``results/main`` holds the main experiment with the settings as they
are shipped; ``backtest``, ``classes`` and the parts about reliability only if
their results are there.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping

from architecture_picture import PICTURE, drawn
from command_parts import commands, settings
from data_use import data_use
from doc_tables import ROOT
from estimate_parts import (
    backtest,
    classes,
    coverage,
    estimates,
    link_estimates,
    stand_ins,
    stay_assumed,
)
from experiment_pages import readme
from lever_parts import findings_by_coding, idle_levers, levers, levers_by_instrument
from licence_parts import (
    licences_in_the_page,
    licences_of_extras,
    licences_of_tests_and_tools,
    licences_of_the_page,
    licences_of_the_program,
)
from model_parts import (
    climates,
    coefficients,
    connection_modes,
    constants,
    disturbed_scores,
    effect_kinds,
    metrics,
    package_claim,
    policies,
    shock_effects,
    shock_evidence,
    shocks,
    utility_terms,
)
from partnersim.reproduction.experiments import experiment_folders
from rehearsal import rehearsal
from result_parts import (
    benchmarks,
    copy_backtest,
    copy_figures,
    experiments,
    main_experiment,
    reliability,
    reliability_cases,
    results,
)
from world_parts import (
    hotspots,
    in_numbers,
    instruments,
    missing,
    modules,
    network,
    objectives,
    organisations,
    patterns,
    value_in_words,
    weights,
)

DOCUMENTS = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))


_PART = re.compile(r"(<!-- begin: ([a-z_]+) -->\n)(.*?)(<!-- end: \2 -->)", re.DOTALL)


PARTS: dict[str, Callable[[], str | None]] = {
    part.__name__: part
    for part in (
        *(
            coefficients,
            constants,
            metrics,
            utility_terms,
            package_claim,
            disturbed_scores,
            shocks,
            shock_effects,
            shock_evidence,
            effect_kinds,
            connection_modes,
            policies,
            climates,
            instruments,
        ),
        *(estimates, link_estimates, stay_assumed, stand_ins, backtest, classes, coverage),
        *(reliability, reliability_cases, benchmarks),
        *(levers, levers_by_instrument, idle_levers, findings_by_coding),
        *(licences_of_the_program, licences_of_extras, licences_of_tests_and_tools),
        *(licences_in_the_page, licences_of_the_page, experiments),
        *(weights, missing, network, objectives, modules, hotspots, organisations, results),
        *(value_in_words, in_numbers, data_use, commands, settings, rehearsal, patterns),
    )
}


def filled(text: str, parts: Mapping[str, Callable[[], str | None]] = PARTS) -> str:
    """Return a document with its generated parts written anew.

    Parameters
    ----------
    text : str
        The document.
    parts : mapping
        What writes each part; a part that is not there, or comes out as None, stays as it is.

    Raises
    ------
    KeyError
        If the document asks for a part that nothing writes.
    """

    def written(found: re.Match[str]) -> str:
        begin, name, present, end = found.groups()
        if name not in PARTS:
            raise KeyError(f"no part of the documents is called '{name}'")
        new = parts[name]() if name in parts else None
        return f"{begin}{present if new is None else new}{end}"

    return _PART.sub(written, text)


def main() -> int:
    """Write all documents."""
    for path in DOCUMENTS:
        text = path.read_text("utf-8")
        new = filled(text)
        if new != text:
            path.write_text(new, "utf-8")
            print(f"{path.relative_to(ROOT)}: written")
    PICTURE.write_text(drawn(), "utf-8")
    for folder in experiment_folders().values():
        folder.readme.write_text(readme(folder), "utf-8")
    copy_backtest()
    stored = main_experiment()
    if stored is None:
        print("results: left as they are, results/main does not hold the shipped experiment")
    else:
        copy_figures(stored)
    return 0


if __name__ == "__main__":
    sys.exit(main())
