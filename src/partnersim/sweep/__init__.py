"""Sweeps: many policies over many sampled futures, in chunks that survive anything."""

from partnersim.sweep.running import run_sweep

__all__ = ["run_sweep"]
