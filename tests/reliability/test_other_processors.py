"""Other processors.

Tried: a sampled sweep of the full world on processors that this machine can stand in for: the
compiler, numpy and the system's library of mathematics are told that wide vectors and fused
multiplication are not there, alone and together

Held: metrics, points of the design and event log are equal to the byte, and nothing is warned of
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from program import begun, ended, files

pytestmark = pytest.mark.slow

SETTINGS = ("experiment=sensitivity", "design.points=4", "horizon.end=2028Q4", "figures=false")
NUMPY = "X86_V3 X86_V4 AVX512_ICL AVX512_SPR"
LIBRARY = "glibc.cpu.hwcaps=-AVX,-AVX2,-FMA,-FMA4,-AVX512F,-AVX2_Usable,-FMA_Usable,-FMA4_Usable"
PROCESSORS = {
    "compiler without vectors wider than 128 bits": {"NUMBA_CPU_NAME": "x86-64-v2"},
    "compiler without AVX-512": {"NUMBA_CPU_NAME": "x86-64-v3"},
    "compiler for any x86-64": {"NUMBA_CPU_NAME": "x86-64", "NUMBA_CPU_FEATURES": ""},
    "numpy without AVX2 and AVX-512": {"NPY_DISABLE_CPU_FEATURES": NUMPY},
    "library of mathematics without AVX2 and FMA": {"GLIBC_TUNABLES": LIBRARY},
}
PROCESSORS["all of that"] = {
    **PROCESSORS["compiler for any x86-64"],
    "NPY_DISABLE_CPU_FEATURES": NUMPY,
    "GLIBC_TUNABLES": LIBRARY,
}


def swept(folder: Path, environment: dict[str, str]) -> dict[str, bytes]:
    """Return the files of a sweep that ran on a processor."""
    answer = ended(begun(*SETTINGS, f"output={folder}", env=environment))
    assert answer.status == 0, answer
    assert "arning" not in answer.err, answer
    return files(folder)


def test_other_processors_give_the_same_bytes(held: Counter[str], tmp_path: Path) -> None:
    expected = swept(tmp_path / "here", {})
    assert len(expected) > 3
    for name, environment in PROCESSORS.items():
        assert swept(tmp_path / name, environment) == expected, name
        held[name] += 1
