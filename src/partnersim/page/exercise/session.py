"""The state of a session, in one file: who plays what, what was decided, round by round."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections import deque
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from partnersim.errors import InputError
from partnersim.page.exercise.roles import QUARTERS, Decision
from partnersim.page.request import MOST_ANNOTATIONS, MOST_GOALS, Goal, Line
from partnersim.runs.folder import write_whole
from partnersim.scenario.settings import Settings, number, setting

#: Wrong codes a minute, of one address and of all.
MOST_OF_ONE, MOST_OF_ALL = 12, 60
_SECONDS = 60.0


class Attempts:
    """Wrong codes of the last minute; while there are too many, no code counts."""

    def __init__(self) -> None:
        self._wrong: deque[tuple[float, str]] = deque()

    def too_many(self, address: str) -> bool:
        """Tell whether an address has to wait before its next attempt."""
        now = time.monotonic()
        while self._wrong and self._wrong[0][0] <= now - _SECONDS:
            self._wrong.popleft()
        of_one = sum(one == address for _, one in self._wrong)
        return of_one >= MOST_OF_ONE or len(self._wrong) >= MOST_OF_ALL

    def note(self, address: str) -> None:
        """Note a wrong code."""
        self._wrong.append((time.monotonic(), address))


#: Letters and digits that nobody mistakes for another when they are read aloud.
_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
#: 30 ** 6 codes: at the pace that `Attempts` allow, one chance in 8 000 in a whole day.
_CODE_LENGTH = 6
MOST_SEATS = 200
MOST_ROUNDS = 5
_MOST_ENTRIES = 2000
_LARGEST_FILE = 16 * 1024 * 1024

By = Literal["team", "facilitator"]


class Seat(Settings):
    """A phone in the room: the digest of what it brings, and the role that it plays."""

    digest: str
    role: str = ""


class Round(Settings):
    """A round that was played: the decisions of roles, and who made them."""

    decisions: dict[str, Decision]
    by: dict[str, By]


class Annotation(Settings):
    """What somebody wrote at a moment of the story."""

    quarter: int = number("Quarters played", 0, MOST_ROUNDS * QUARTERS, unit="quarters")
    text: Line = setting("What happened, in one line", pattern=r"\S", max_length=120)


class Entry(Settings):
    """A line of the log: when, who, what, in which round."""

    time: str
    who: str
    act: str
    round: int


class Session(BaseModel):
    """All that a session is; the world follows from it."""

    model_config = ConfigDict(extra="forbid", strict=True, validate_assignment=True)

    format: Literal[1] = 1
    # In the alphabets that they are made of: anything else could neither be typed nor be a cookie.
    code: str = Field(pattern=f"^[{_LETTERS}]{{{_CODE_LENGTH}}}$")
    token: str = Field(pattern="^[A-Za-z0-9_-]{16,100}$")
    seed: int = Field(ge=0, lt=2**31)
    climate: str = Field(max_length=80)
    #: Folder of data that it is played from, empty for the shipped ones; digests of data and rules.
    data: str = Field(default="", max_length=4000)
    digest: str = Field(default="", max_length=100)
    rules: str = Field(default="", max_length=100)
    metric: str = Field(max_length=80)
    paused: bool = False
    over: bool = False
    rounds: list[Round] = Field(default=[], max_length=MOST_ROUNDS)
    drafts: dict[str, Decision] = {}
    locked: dict[str, By] = {}
    seats: list[Seat] = Field(default=[], max_length=MOST_SEATS)
    goals: list[Goal] = Field(default=[], max_length=MOST_GOALS)
    annotations: list[Annotation] = Field(default=[], max_length=MOST_ANNOTATIONS)
    log: list[Entry] = Field(default=[], max_length=_MOST_ENTRIES)

    @classmethod
    def new(cls, climate: str, metric: str) -> Session:
        """Return a session that nobody has joined."""
        return cls(
            code="".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH)),
            token=secrets.token_urlsafe(16),
            seed=secrets.randbelow(2**31),
            climate=climate,
            metric=metric,
        )

    @classmethod
    def read(cls, path: Path) -> Session:
        """Read a session from its file.

        Raises
        ------
        InputError
            If the file cannot be read or is no session.
        """
        try:
            if not path.is_file():
                raise InputError(f"--session {path}: is no file that could hold a session")
            if path.stat().st_size > _LARGEST_FILE:
                raise InputError(f"--session {path}: too large to be a session")
            return cls.model_validate_json(path.read_bytes())
        except OSError as error:
            raise InputError(f"--session {path}: cannot be read ({error.strerror})") from None
        except ValidationError as error:
            first = min(error.errors(), key=lambda one: one["loc"][:1] != ("format",))
            if first["loc"][:1] == ("format",):
                raise InputError(
                    f"--session {path}: was begun with another version of partnersim"
                ) from None
            where = ".".join(map(str, first["loc"])) or "the file"
            raise InputError(
                f"--session {path}: is not a session ({where}: {first['msg'].lower()})"
            ) from None

    def write(self, path: Path) -> None:
        """Write the file, whole or not at all, for its owner only.

        Raises
        ------
        InputError
            If it cannot be written.
        """

        def write(staged: Path) -> None:
            staged.touch(0o600)
            staged.write_text(self.model_dump_json(indent=1) + "\n", "utf-8")

        try:
            write_whole(path, write)
        except OSError as error:
            raise InputError(f"--session {path}: cannot be written ({error.strerror})") from None

    def note(self, who: str, act: str) -> None:
        """Add a line to the log."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        entry = Entry(time=now, who=who, act=act, round=len(self.rounds) + 1)
        self.log = [*self.log[1 - _MOST_ENTRIES :], entry]

    def seat_of(self, secret: str) -> Seat | None:
        """Return the seat of a phone by the secret that it brings."""
        digest = digest_of(secret)
        return next((seat for seat in self.seats if seat.digest == digest), None)


def digest_of(secret: str) -> str:
    """Return what the file holds of a secret of a phone."""
    return hashlib.sha256(secret.encode()).hexdigest()
