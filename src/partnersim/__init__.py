"""partnersim: how the EU's network of international digital partnerships grows.

The public interface is loaded when first used, so that importing the package costs nothing:
`load_world`, `load_scenario`, `simulate`, `simulate_ensemble`, `run_sweep`, `read_runs`,
`PartnershipModel`, `PartnerCountry`, `EuropeanUnion`, the bare mode `actor_oriented` and
`events`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from partnersim import actor_oriented as actor_oriented
    from partnersim import events as events
    from partnersim.configuration import load_scenario as load_scenario
    from partnersim.errors import InputError as InputError
    from partnersim.mesa import EuropeanUnion as EuropeanUnion
    from partnersim.mesa import PartnerCountry as PartnerCountry
    from partnersim.mesa import PartnershipModel as PartnershipModel
    from partnersim.runs.play import Ensemble as Ensemble
    from partnersim.runs.play import Run as Run
    from partnersim.runs.play import simulate as simulate
    from partnersim.runs.play import simulate_ensemble as simulate_ensemble
    from partnersim.runs.reader import Runs as Runs
    from partnersim.runs.reader import read_runs as read_runs
    from partnersim.runs.running import run_sweep as run_sweep
    from partnersim.scenario.scenario import world_of as world_of
    from partnersim.world.synthetic import synthetic_world as synthetic_world
    from partnersim.world.world import World as World
    from partnersim.world.world import load_world as load_world

    __version__: str

_NAMES = {
    "configuration": ("load_scenario",),
    "errors": ("InputError",),
    "mesa": ("EuropeanUnion", "PartnerCountry", "PartnershipModel"),
    "runs.play": ("Ensemble", "Run", "simulate", "simulate_ensemble"),
    "runs.reader": ("Runs", "read_runs"),
    "runs.running": ("run_sweep",),
    "scenario.scenario": ("world_of",),
    "world.synthetic": ("synthetic_world",),
    "world.world": ("World", "load_world"),
}
_HOMES = {name: f"partnersim.{home}" for home, names in _NAMES.items() for name in names}

_PACKAGES = ("actor_oriented", "events")

__all__ = [*sorted(_HOMES), *_PACKAGES]


# Hidden from type checkers, which otherwise take any name for one that exists.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> Any:
        if name == "__version__":
            from importlib.metadata import version

            return version("partnersim")
        if name in _PACKAGES:
            return import_module(f"partnersim.{name}")
        if name not in _HOMES:
            raise AttributeError(f"module 'partnersim' has no attribute {name!r}")
        value = getattr(import_module(_HOMES[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
