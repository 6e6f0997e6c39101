"""The examples run."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"


def test_the_workbench_of_modellers_shows_a_run() -> None:
    solara = pytest.importorskip("solara", reason="needs partnersim[modeller]")
    made = runpy.run_path(str(EXAMPLES / "solara_workbench.py"))
    model = made["Workbench"](policy="open_doors", climate="rivalry", openness=0.3, replicate=2)
    model.step()
    assert model.settings.policy.openness == 0.3
    for component in (made["growth"], made["latest"]):
        _, rendered = solara.render(component(model), handle_error=False)
        rendered.close()
    _, rendered = solara.render(made["page"], handle_error=False)
    rendered.close()


def test_the_workbench_says_what_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "solara", None)
    with pytest.raises(SystemExit, match=r"solara, .* pip install 'partnersim\[modeller\]'$"):
        runpy.run_path(str(EXAMPLES / "solara_workbench.py"))
