"""The answer of a run as a part of a study."""

from __future__ import annotations

from pathlib import Path

from partnersim.compare.comparison import Comparison
from partnersim.runs.folder import FIGURES_NAME
from partnersim.runs.reader import read_runs
from partnersim.show.answer import costs, which
from partnersim.show.short_page import Part

#: The figure that a part shows, if it was drawn.
_FIGURE = "comparison.svg"


def run_part(ask: str, folder: Path) -> Part:
    """Return what some runs answer: which policy is robust, by how much, what it costs."""
    comparison = Comparison(read_runs(folder))
    first, *others = [*which(comparison), *costs(comparison)]
    details = [*first.details[:1]]
    for other in others:
        details += [other.sentence, *other.details]
    drawing = folder / FIGURES_NAME / _FIGURE
    figures = [drawing] if drawing.exists() else []
    return Part(
        first.sentence,
        question=ask,
        details=[*details, f"{comparison.made_of}; results in {folder.name}"],
        figures=figures,
    )
