"""How an experiment is run: replicates, seed, what is compared with what, where results go."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from partnersim.scenario.design import Design
from partnersim.scenario.engine import Engine
from partnersim.scenario.settings import Settings, number, text

Names = Annotated[tuple[str, ...], Field(strict=False)]

LARGEST_SEED = 2**63 - 1


class RunSettings(Settings):
    """Everything about a run that is not part of the scenario."""

    experiment: str = text("Name of the experiment and of its results folder")
    kind: Literal["simulation", "backtest"] = Field(
        default="simulation", description="What is done: simulate, or test against the history"
    )
    replicates: int = number("Runs of every policy and climate", 1, 1_000_000, unit="runs")
    seed: int = number("Seed; the same seed gives the same results", 0, LARGEST_SEED)
    threads: int | None = Field(
        default=None,
        ge=1,
        le=4096,
        description="Threads at work; null uses all cores",
        json_schema_extra={"unit": "threads", "low": 1, "high": 4096},
    )
    policies: Names = Field(default=(), description="Policies to compare; [] for the chosen one")
    climates: Names = Field(default=(), description="Climates to compare; [] for the chosen one")
    reference: str = text("Policy that the others are compared with; always run")
    shock_tests: Names = Field(
        default=(),
        description="Shock types whose effect is measured: struck everywhere at full strength "
        "against not struck",
    )
    output: str = text("Folder of all results")
    figures: bool = Field(default=True, description="Draw the figures after the run")
    engine: Engine = Field(
        default=Engine(), description="How a sweep is worked through; never changes a result"
    )
    design: Design | None = Field(
        default=None, description="Futures that a sweep samples; null for an experiment without"
    )
