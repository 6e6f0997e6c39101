"""A modeller's workbench: Mesa's SolaraViz on `PartnershipModel`, one run at a time.

    pip install 'partnersim[modeller]'
    solara run examples/solara_workbench.py

For rooms there is ``partnersim serve``: SolaraViz shows one run of one strategy, asks addresses
elsewhere for parts of its page, and stays blank without a network.
"""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

try:
    import solara
    from mesa.visualization import SolaraViz
    from mesa.visualization.utils import update_counter
except ImportError as missing:
    raise SystemExit(
        f"needs the package {missing.name}, which is not installed;"
        " install it with: pip install 'partnersim[modeller]'"
    ) from None

from partnersim import PartnershipModel, load_scenario, load_world
from partnersim.compare.labels import metric_label
from partnersim.scenario.config_files import options

SHOWN = ("instruments", "partners_depth_3", "links", "eu_value")


class Workbench(PartnershipModel):
    """The model with what SolaraViz lets a modeller set.

    Parameters
    ----------
    policy, climate : str
        Options of the shipped configuration.
    openness : float
        0 accepts like-minded partners only, 1 anybody.
    replicate : int
        Number of the future.
    rng : int
        Seed.
    """

    def __init__(
        self,
        policy: str = "balanced",
        climate: str = "calm",
        openness: float = 0.5,
        replicate: int = 0,
        rng: int = 1,
    ) -> None:
        scenario = load_scenario(
            f"policy={policy}",
            f"geopolitics={climate}",
            f"policy.openness={float(openness)}",
        )
        super().__init__(load_world(), scenario, seed=rng, replicate=replicate)


@solara.component
def growth(model: Workbench) -> Any:
    """Draw some metrics up to the quarter played."""
    update_counter.get()
    figure = Figure(figsize=(7, 5), layout="constrained")
    table = model.metrics
    for axes, name in zip(figure.subplots(2, 2).flat, SHOWN, strict=True):
        axes.plot(range(len(table)), table[name])
        axes.set_title(metric_label(name).title)
        axes.set_xlim(0, model.settings.horizon.quarters)
    return solara.FigureMatplotlib(figure)


@solara.component
def latest(model: Workbench) -> Any:
    """List what happened last."""
    update_counter.get()
    events = model.events[["quarter", "event", "iso3", "instrument", "other", "shock"]]
    return solara.DataFrame(events.tail(12), items_per_page=12)


PARAMETERS = {
    "policy": {"type": "Select", "value": "balanced", "values": list(options("policy"))},
    "climate": {"type": "Select", "value": "calm", "values": list(options("geopolitics"))},
    "openness": {"type": "SliderFloat", "value": 0.5, "min": 0.0, "max": 1.0, "step": 0.05},
    "replicate": {"type": "SliderInt", "value": 0, "min": 0, "max": 99, "step": 1},
    "rng": {"type": "SliderInt", "value": 1, "min": 0, "max": 999, "step": 1, "label": "seed"},
}

page = SolaraViz(
    Workbench(),
    components=[(growth, 0), (latest, 0)],
    model_params=PARAMETERS,
    name="partnersim workbench",
)
page  # solara shows what stands here last  # noqa: B018
