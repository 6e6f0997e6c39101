"""The program, loaded, with its compiled rules: what processes are forked from."""

from partnersim import load_scenario, load_world, simulate
from partnersim.command import program, resume, run, sweep  # noqa: F401
from partnersim.command.screen import Screen  # noqa: F401
from partnersim.sweep import running  # noqa: F401

simulate(load_world("named"), load_scenario("world=named", "horizon.end=2025Q4"))
