"""Other processors.

Tried: a sampled sweep and an experiment of the full world on processors that this machine can stand
in for: the compiler, numpy and the system's library of mathematics are told that wide vectors and
fused multiplication are not there, alone and together

Held: manifest with the digest of metrics and event log, points of the design and every metric are
equal to the bit, and nothing is warned of
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from program import begun, ended
from small_results import folder_in, must_equal

pytestmark = pytest.mark.slow

#: Sampled futures, and listed ones with their event log.
EXPERIMENTS = {
    "sampled": ("experiment=sensitivity", "design.points=4", "horizon.end=2028Q4"),
    "listed": ("policy=connect_first", "geopolitics=coercion", "replicates=2"),
}
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


def played(folder: Path, environment: dict[str, str]) -> dict[str, Path]:
    """Run the experiments on a processor; return their folders."""
    for name, words in EXPERIMENTS.items():
        output = f"output={folder / name}"
        answer = ended(begun(*words, "figures=false", output, env=environment))
        assert answer.status == 0, answer
        assert "arning" not in answer.err, answer
    return {name: folder_in(folder / name) for name in EXPERIMENTS}


def test_other_processors_give_the_same_bytes(held: Counter[str], tmp_path: Path) -> None:
    here = played(tmp_path / "here", {})
    for processor, environment in PROCESSORS.items():
        for name, folder in played(tmp_path / processor, environment).items():
            must_equal(folder, here[name])
        held[processor] += 1
