"""The shipped experiments: their folders, and what each asks and is expected to find, as data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from partnersim.errors import InputError, nearest, refuse
from partnersim.scenario.problems import problems_of
from partnersim.scenario.scenario_file import read_scenario_file
from partnersim.scenario.settings import Settings, text
from partnersim.shipped_folder import shipped_folder

EXPECTED = "expected.yaml"


class Claim(Settings):
    """What a finding says of its value; of the whole interval if there is one."""

    above: float | None = Field(default=None, description="The interval lies above this")
    below: float | None = Field(default=None, description="The interval lies below this")
    around: float | None = Field(default=None, description="The interval holds this")

    def _misfits(self) -> Iterator[str]:
        if self.above is None and self.below is None and self.around is None:
            yield "one of above, below, around is needed"

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
    than: dict[str, str | float] = Field(
        default_factory=dict,
        description="The sentence compares: what is other in the number that is subtracted; "
        "`number` if it is of another kind; 'largest other' and 'smallest other' of all names",
    )
    claim: Claim = Field(description="What the sentence says of the number")
    value: float | None = Field(default=None, description="The number that was found")
    low: float | None = Field(default=None, description="Lower end of its interval")
    high: float | None = Field(default=None, description="Upper end of its interval")
    tolerance: float | None = Field(default=None, ge=0, description="How far it may lie off")
    because: str = text("Why so far, if that does not follow from an interval", default="")


class Expected(Settings):
    """What an experiment asks and finds: question, answer, findings, digest of the results."""

    question: str = text("The question, in plain words")
    answer: str = text("The answer in one sentence, without numbers")
    about: str = text("What was run and how to read it, a few sentences")
    figure: str = text("The figure that shows it, see partnersim.show")
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


class ExperimentFolder:
    """One experiment on disk.

    Attributes
    ----------
    path : Path
        Its folder, which has its name.
    name : str
        Name of the experiment.
    configuration : Path
        The scenario file with all its settings; results are named after it.
    expected : Path
        Question, findings and digest.
    figure, readme : Path
        What a reader looks at.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.name
        self.configuration = path / f"{path.name}.yaml"
        self.expected = path / EXPECTED
        self.figure = path / "figure.png"
        self.readme = path / "README.md"


def experiments_folder() -> Path:
    """Return the folder of all experiments: the checkout's if there is one."""
    return shipped_folder("experiments")


def experiment_folders() -> dict[str, ExperimentFolder]:
    """Return the experiments by name, in alphabetical order.

    Raises
    ------
    InputError
        If there are none where they should be.
    """
    place = experiments_folder()
    found = sorted(path.parent for path in place.glob(f"*/{EXPECTED}"))
    if not found:
        raise InputError(f"{place}: holds no experiments (looked for NAME/{EXPECTED})")
    return {path.name: ExperimentFolder(path) for path in found}


def named_folders(names: list[str]) -> list[ExperimentFolder]:
    """Return the experiments of these names, each once.

    Raises
    ------
    InputError
        One line per name that is unknown.
    """
    known = experiment_folders()
    refuse(
        f"{name}: no such experiment{nearest(name, known)} (there are: {', '.join(known)})"
        for name in names
        if name not in known
    )
    return [known[name] for name in dict.fromkeys(names)]
