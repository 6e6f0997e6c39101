"""The folders of the shipped experiments: where they are, what each holds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from partnersim.errors import InputError, nearest
from partnersim.shipped_folder import shipped_folder

FOLDER = "experiments"
EXPECTED = "expected.yaml"


@dataclass(frozen=True)
class ExperimentFolder:
    """One experiment on disk.

    Attributes
    ----------
    path : Path
        Its folder, which has its name.
    """

    path: Path

    @property
    def name(self) -> str:
        """Name of the experiment."""
        return self.path.name

    @property
    def configuration(self) -> Path:
        """The scenario file with all its settings; results are named after it."""
        return self.path / f"{self.name}.yaml"

    @property
    def expected(self) -> Path:
        """Question, findings and digest."""
        return self.path / EXPECTED

    @property
    def figure(self) -> Path:
        """Its figure."""
        return self.path / "figure.png"

    @property
    def readme(self) -> Path:
        """What a reader reads."""
        return self.path / "README.md"


def experiments_folder() -> Path:
    """Return the folder of all experiments: the checkout's if there is one."""
    return shipped_folder(FOLDER)


def experiment_folders() -> dict[str, ExperimentFolder]:
    """Return the experiments by name, in alphabetical order.

    Raises
    ------
    InputError
        If there are none where they should be.
    """
    place = experiments_folder()
    found = {
        path.parent.name: ExperimentFolder(path.parent) for path in place.glob(f"*/{EXPECTED}")
    }
    if not found:
        raise InputError(f"{place}: holds no experiments (looked for NAME/{EXPECTED})")
    return dict(sorted(found.items()))


def named_folders(names: list[str]) -> list[ExperimentFolder]:
    """Return the experiments of these names, each once.

    Raises
    ------
    InputError
        One line per name that is unknown.
    """
    known = experiment_folders()
    unknown = [
        f"{name}: no such experiment{nearest(name, known)} (there are: {', '.join(known)})"
        for name in names
        if name not in known
    ]
    if unknown:
        raise InputError(unknown)
    return [known[name] for name in dict.fromkeys(names)]
