"""Whether a manifest is what this program writes, before anything rests on it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, NotRequired, TypedDict

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from partnersim.errors import InputError
from partnersim.runs.manifest import configuration_hash

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Texts = Annotated[list[str], Field(min_length=1)]
Count = Annotated[int, Field(ge=0)]


class _Versions(TypedDict):
    partnersim: str
    rules: NotRequired[str]


class _Settings(TypedDict):
    """The settings that are read from the manifest alone; the others are validated when used."""

    world: dict[str, Any]
    horizon: dict[str, Any]
    behaviour: dict[str, Any]
    policy: dict[str, dict[str, Any]]


class _Common(TypedDict):
    __pydantic_config__ = ConfigDict(strict=True)  # type: ignore[misc]

    experiment: str
    versions: _Versions
    seed: Count
    replicates: Annotated[int, Field(ge=1)]
    reference: str
    metrics: Texts
    quarters: Texts
    world_digest: str
    configuration_hash: Digest
    assumed_coefficients: list[str]
    configuration: _Settings


class _Arm(TypedDict):
    policy: str
    climate: str


class ExperimentManifest(_Common):
    """The manifest of an experiment without a design."""

    arms: Annotated[list[_Arm], Field(min_length=1)]
    rows: dict[str, Count]
    digest: Digest
    table_digests: dict[str, Digest]


class _Design(TypedDict):
    kind: str
    points: Count
    seed: Count


class SweepManifest(_Common):
    """The manifest of a sweep; it has no digest until all runs are done."""

    policies: Texts
    design: _Design
    design_digest: NotRequired[Digest]
    points_digest: Digest
    runs_planned: Annotated[int, Field(ge=1)]
    runs_done: Count
    runs_failed: Count
    digest: Digest | None


_EXPERIMENT = TypeAdapter(ExperimentManifest)
_SWEEP = TypeAdapter(SweepManifest)


def check_manifest(path: Path, manifest: Mapping[str, Any], *, sweep: bool) -> None:
    """Refuse a manifest that lacks an entry or holds one of another kind.

    Raises
    ------
    InputError
        Its first problem; a manifest is not written by hand.
    """
    try:
        (_SWEEP if sweep else _EXPERIMENT).validate_python(manifest)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        entry = ".".join(map(str, first["loc"]))
        raise InputError(
            f"{path}: damaged or changed by hand ({entry}: {first['msg'].lower()})"
        ) from None
    if configuration_hash(manifest["configuration"]) != manifest["configuration_hash"]:
        raise InputError(f"{path}: damaged or changed by hand (configuration: its hash differs)")
    if manifest["reference"] not in _policies(manifest, sweep=sweep):
        raise InputError(f"{path}: damaged or changed by hand (reference: no policy of it)")


def _policies(manifest: Mapping[str, Any], *, sweep: bool) -> set[str]:
    return set(manifest["policies"]) if sweep else {arm["policy"] for arm in manifest["arms"]}
