"""Benchmarks. One thread for linear algebra, so that CPU times compare one core with one core."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
