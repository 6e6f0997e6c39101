"""The program, loaded, with its compiled rules: what processes are forked from."""

from partnersim import load_scenario, load_world, simulate
from partnersim.cli import program, resume, run, sweep  # noqa: F401
from partnersim.cli.screen import Screen  # noqa: F401
from partnersim.runs import running  # noqa: F401

simulate(load_world("named"), load_scenario("world=named", "horizon.end=2025Q4"))
