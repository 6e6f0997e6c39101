"""The network at the end of runs as a graph: the EU, its partners, instruments and links."""

from __future__ import annotations

import networkx as nx

from partnersim.runs.reader import Runs

#: The node of the European Union.
UNION = "EU"
_KEPT = ("name", "region", "latitude", "longitude")


def network_graph(runs: Runs, policy: str | None = None, future: int = 0) -> nx.Graph:
    """Return partners, their ties with the EU and their links at the end of listed futures.

    Parameters
    ----------
    runs : Runs
    policy : str, optional
        As if nothing is said: `Runs.subject`.
    future : int
        Number of the future: the first climate is 0.

    Returns
    -------
    networkx.Graph
        Nodes have ``name``, ``region``, ``latitude``, ``longitude``, ``depth`` (0..4) and
        ``instruments`` (mean count). Edges have ``kind``: ``partnership`` with the EU
        (``instruments``, ``depth``) or ``link`` between partners (``probability``, the share of
        runs that have it).

    Raises
    ------
    InputError
        If countries and links were not kept, as of sampled futures.
    """
    chosen = policy or runs.subject
    states = runs.countries(policy=chosen, future=future).astype({"quarter": str, "iso3": str})
    state = states[states["quarter"] == states["quarter"].max()].set_index("iso3")
    partners = runs.world_table("partners").set_index("iso3")[list(_KEPT)]
    known = partners.join(state[["depth", "instruments"]], how="inner")
    graph = nx.Graph(policy=chosen, future=future)
    graph.add_node(UNION, name="European Union")
    for code, facts in known.to_dict(orient="index").items():
        graph.add_node(str(code), **facts)
        if facts["instruments"] > 0:
            tie = {name: facts[name] for name in ("instruments", "depth")}
            graph.add_edge(UNION, str(code), kind="partnership", **tie)
    links = runs.links(policy=chosen, future=future).astype({"iso3_a": str, "iso3_b": str})
    for row in links.itertuples():
        graph.add_edge(row.iso3_a, row.iso3_b, kind="link", probability=float(row.probability))
    return graph
