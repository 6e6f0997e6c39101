"""What an experiment asks and what it is expected to find, as data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import Field, ValidationError, model_validator

from partnersim.errors import InputError
from partnersim.scenario.problems import problems_of
from partnersim.scenario.scenario_file import read_scenario_file
from partnersim.scenario.settings import Settings, text

HEADING = (
    "# Question and findings of an experiment. Digest, values and the tolerances that follow from\n"
    "# intervals are written by tools/write_experiments.py; the rest by hand.\n"
)


class Claim(Settings):
    """What a finding says of its value; of the whole interval if there is one."""

    above: float | None = Field(default=None, description="The interval lies above this")
    below: float | None = Field(default=None, description="The interval lies below this")
    around: float | None = Field(default=None, description="The interval holds this")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.above is None and self.below is None and self.around is None:
            raise ValueError("one of above, below, around is needed")
        return self

    def holds(self, low: float, high: float) -> bool:
        """Say whether it is true of an interval."""
        return (
            (self.above is None or low > self.above)
            and (self.below is None or high < self.below)
            and (self.around is None or low <= self.around <= high)
        )


class Finding(Settings):
    """One finding: a sentence, the number behind it, and how far that may lie off."""

    says: str = text("The finding in words, without numbers")
    number: str = text("Kind of number: see partnersim.reproduction.numbers")
    of: dict[str, str | float] = Field(description="Which number of that kind: policy, measure ...")
    claim: Claim = Field(description="What the sentence says of the number")
    value: float | None = Field(default=None, description="The number that was found")
    low: float | None = Field(default=None, description="Lower end of its interval")
    high: float | None = Field(default=None, description="Upper end of its interval")
    tolerance: float | None = Field(default=None, ge=0, description="How far it may lie off")
    because: str = text("Why so far, if that does not follow from an interval", default="")


class Expected(Settings):
    """An experiment as it is told: question, answer, findings, digest of the results."""

    question: str = text("The question, in plain words")
    answer: str = text("The answer in one sentence, without numbers")
    about: str = text("What was run and how to read it, a few sentences")
    figure: str = text("The figure that shows it, see partnersim.show.figure_of")
    larger: str = text("Command that runs it larger")
    digest: str = text("Digest of the results", default="")
    findings: Annotated[tuple[Finding, ...], Field(strict=False, min_length=1)]


def read_expected(path: Path) -> Expected:
    """Read question, findings and digest of an experiment.

    Raises
    ------
    InputError
        One line per problem.
    """
    file = read_scenario_file(path)
    try:
        return Expected.model_validate(file.tree)
    except ValidationError as error:
        raise InputError(
            f"{path}: {problem}" for problem in problems_of(error, Expected, "")
        ) from None


def write_expected(path: Path, expected: Expected) -> None:
    """Write what `read_expected` reads; the same content gives the same bytes."""
    tree = expected.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    told = yaml.safe_dump(tree, sort_keys=False, allow_unicode=True, width=96)
    path.write_text(HEADING + told, "utf-8")
