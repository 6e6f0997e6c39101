"""Figures and the report, drawn from stored runs."""

import contextlib as _contextlib
import os as _os

# Figures are drawn without a window: a backend that the environment names, and does not have, must
# not keep matplotlib from being loaded. Where there is one, the user's own drawings still get it.
_backend = _os.environ.pop("MPLBACKEND", None)
import matplotlib as _matplotlib  # noqa: E402

if _backend is not None:
    _os.environ["MPLBACKEND"] = _backend
    with _contextlib.suppress(ValueError):
        _matplotlib.rcParams["backend"] = _backend

from partnersim.show.figures import draw_figures  # noqa: E402
from partnersim.show.report import write_report  # noqa: E402
from partnersim.show.validation import draw_goodness_of_fit  # noqa: E402

__all__ = ["draw_figures", "draw_goodness_of_fit", "write_report"]
