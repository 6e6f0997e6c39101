"""The examples in the docstrings of the analysis hold; importing it costs little."""

from __future__ import annotations

import doctest
import subprocess
import sys
from importlib import import_module
from pkgutil import iter_modules

import pytest

from partnersim import compare

MODULES = [module.name for module in iter_modules(compare.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name: str) -> None:
    module = import_module(f"partnersim.compare.{name}")
    assert doctest.testmod(module).failed == 0


def test_every_public_method_has_an_example() -> None:
    examples = {
        example.name.rpartition(".")[2]
        for name in MODULES
        for example in doctest.DocTestFinder().find(import_module(f"partnersim.compare.{name}"))
        if example.examples
    }
    functions = {name for name in compare.__all__ if name[0].islower()}
    # Shown in docs/analysis.md, on runs of the model.
    assert functions - examples == {
        "end_of_horizon",
        "differences",
        "ranking",
        "trade_offs",
        "winners",
    }


def test_importing_loads_no_heavy_package() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import sys, partnersim.compare; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert not {"scipy.stats", "sklearn", "matplotlib", "numba", "mesa", "hydra"} & set(told)
