"""Engines: what works through the chunks. Each offers a pool; none can change a result."""

from partnersim.runs.engines.pool import Pool, open_pool

__all__ = ["Pool", "open_pool"]
