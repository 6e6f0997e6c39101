"""The shape of the network of links, against networkx, numpy and closed forms.

Everything is measured where users read it: in the metrics of a network laid as first links.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import cache

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partnersim import load_scenario, synthetic_world
from partnersim.model.metrics import metric_names
from partnersim.model.observation import STRUCTURE, observe
from partnersim.model.state import State, copied
from partnersim.model.value import gini
from partnersim.runs.play import EVENT_CAPACITY, Player, year_ends_of
from partnersim.scenario.compile import prepare
from partnersim.scenario.scenario import Scenario
from partnersim.world.world import World
from scenarios import begun, with_arrays, without_shocks

LARGE = 120
Measure = Callable[[nx.Graph], dict[str, float]]


def measured(state: State, world: World) -> dict[str, float]:
    row = np.zeros(len(metric_names(world.regions)))
    observe(state, row)
    return dict(zip(metric_names(world.regions), row, strict=True))


@cache
def world_of(countries: int) -> World:
    return synthetic_world(countries, 3)


@pytest.fixture(scope="module")
def measure(scenario: Scenario) -> Measure:
    """Return the metrics of a graph on a world of as many countries."""

    def of(graph: nx.Graph) -> dict[str, float]:
        count = graph.number_of_nodes()
        links = nx.to_numpy_array(graph, nodelist=range(count), dtype=np.uint8)
        world = with_arrays(world_of(count), links=links)
        return measured(begun(world, without_shocks(scenario)), world)

    return of


def connectivity(graph: nx.Graph) -> float:
    """Second smallest eigenvalue of the Laplacian of the largest component found first."""
    largest = max(nx.connected_components(graph), key=len)
    if len(largest) < 2:
        return 0.0
    laplacian = nx.laplacian_matrix(graph.subgraph(largest)).toarray().astype(float)
    return float(np.linalg.eigvalsh(laplacian)[1])


def random_graph(count: int, chance: float, seed: int) -> nx.Graph:
    return nx.gnp_random_graph(count, chance, seed=seed)


@settings(max_examples=60)
@given(
    count=st.sampled_from([3, 5, 8, 13, 21, 40]),
    chance=st.floats(0.0, 1.0),
    seed=st.integers(0, 10**6),
)
def test_metrics_of_random_graphs_are_networkxs(
    measure: Measure, count: int, chance: float, seed: int
) -> None:
    graph = random_graph(count, chance, seed)
    metrics = measure(graph)
    assert metrics["links"] == graph.number_of_edges()
    assert metrics["link_density"] == pytest.approx(nx.density(graph))
    assert metrics["clustering"] == pytest.approx(nx.transitivity(graph))
    sizes = [len(part) for part in nx.connected_components(graph)]
    if sizes.count(max(sizes)) == 1:
        assert metrics["algebraic_connectivity"] == pytest.approx(connectivity(graph), abs=1e-10)
    region = world_of(count).arrays.region
    groups = [set(np.flatnonzero(region == number).tolist()) for number in np.unique(region)]
    expected = nx.community.modularity(graph, groups) if graph.number_of_edges() else 0.0
    assert metrics["modularity"] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("count", [3, 4, 7, 20, 65])
def test_connectivity_has_its_closed_forms(measure: Measure, count: int) -> None:
    for graph, expected in (
        (nx.path_graph(count), 2 * (1 - math.cos(math.pi / count))),
        (nx.cycle_graph(count), 2 * (1 - math.cos(2 * math.pi / count))),
        (nx.complete_graph(count), count),
        (nx.star_graph(count - 1), 1.0),
        (nx.empty_graph(count), 0.0),
    ):
        value = measure(graph)["algebraic_connectivity"]
        assert value == pytest.approx(expected, rel=1e-9, abs=1e-10)


def test_two_triangles_and_a_bridge(measure: Measure) -> None:
    graph = nx.barbell_graph(3, 0)
    metrics = measure(graph)
    assert metrics["algebraic_connectivity"] == pytest.approx(connectivity(graph), rel=1e-9)
    assert metrics["clustering"] == pytest.approx(6 / 10)


def regional(seed: int) -> nx.Graph:
    """Dense blocks with few links between them: what links between regions look like."""
    chances = np.full((4, 4), 0.01) + np.eye(4) * 0.4
    return nx.Graph(nx.stochastic_block_model([30, 30, 30, 30], chances, seed=seed))


# In chains the smallest eigenvalues lie closest together.
@pytest.mark.parametrize(
    "graph",
    [
        *(random_graph(LARGE, degree / LARGE, seed) for degree in (4, 8, 30) for seed in range(6)),
        *(kind(LARGE) for kind in (nx.path_graph, nx.cycle_graph)),
        *map(regional, range(4)),
    ],
)
def test_connectivity_of_large_components(measure: Measure, graph: nx.Graph) -> None:
    value = measure(graph)["algebraic_connectivity"]
    assert value == pytest.approx(connectivity(graph), rel=1e-9)


def parts(sizes: Iterable[int], count: int) -> nx.Graph:
    graph = nx.disjoint_union_all([nx.path_graph(size) for size in sizes])
    graph.add_nodes_from(range(graph.number_of_nodes(), count))
    return graph


@pytest.mark.parametrize(
    ("sizes", "largest"), [((5, 3), 5), ((2, 6), 6), ((), 1), ((12,), 12), ((4, 4), 4)]
)
def test_hub_dependence_is_who_falls_out_of_the_largest_component(
    scenario: Scenario, sizes: tuple[int, ...], largest: int
) -> None:
    world = world_of(12)
    stage = world.arrays.stage.copy()
    stage[:, 0] = 6
    links = nx.to_numpy_array(parts(sizes, 12) if sizes else nx.empty_graph(12), dtype=np.uint8)
    world = with_arrays(world, stage=stage, links=links)
    metrics = measured(begun(world, scenario), world)
    assert metrics["partners"] == 12
    assert metrics["hub_dependence"] == pytest.approx(1 - largest / 12)


def test_hub_dependence_needs_partners(scenario: Scenario) -> None:
    world = world_of(12)
    world = with_arrays(world, stage=0, links=0)
    assert measured(begun(world, scenario), world)["hub_dependence"] == 0.0


def test_connectivity_is_measured_again_when_links_change(
    small_world: World, scenario: Scenario
) -> None:
    from partnersim.model.ties import set_link

    world = with_arrays(small_world, links=0, stage=6)
    state = begun(world, scenario)
    assert measured(state, world)["algebraic_connectivity"] == 0.0
    set_link(state, 0, 1, np.int8(1))
    assert measured(state, world)["algebraic_connectivity"] == pytest.approx(2.0)
    set_link(state, 1, 2, np.int8(1))
    assert measured(state, world)["algebraic_connectivity"] == pytest.approx(1.0)
    set_link(state, 0, 2, np.int8(1))
    assert measured(state, world)["algebraic_connectivity"] == pytest.approx(3.0)
    metrics = measured(state, world)
    assert metrics["links"] == 3
    assert metrics["clustering"] == 1.0


@settings(max_examples=100)
@given(values=st.lists(st.floats(0.0, 1e6), min_size=1, max_size=60), seed=st.integers(0, 99))
def test_gini_is_its_definition(values: list[float], seed: int) -> None:
    """In whatever order the values were before."""
    array = np.array(values)
    order = np.random.default_rng(seed).permutation(len(array))
    mean = array.mean()
    expected = np.abs(array[:, None] - array).mean() / (2 * mean) if mean > 0 else 0.0
    assert gini(array, order) == pytest.approx(expected, abs=1e-9)
    assert (np.diff(array[order]) >= 0).all()
    assert sorted(order) == list(range(len(array)))


def test_gini_of_known_distributions() -> None:
    assert gini(np.zeros(5), np.arange(5)) == 0.0
    assert gini(np.full(7, 3.0), np.arange(7)) == pytest.approx(0.0, abs=1e-12)
    alone = np.zeros(10)
    alone[3] = 5.0
    assert gini(alone, np.arange(10)) == pytest.approx(0.9)


@pytest.mark.parametrize("watched", [False, True])
def test_structure_that_is_not_read_changes_nothing(world_named: World, *, watched: bool) -> None:
    switch = "{name: cut, when: {metric: modularity, above: 0}, then: {negotiators: 100}}"
    words = [f"policy.switches=[{switch}]"] if watched else []
    scenario = load_scenario("horizon.end=2028Q4", *words)
    names = metric_names(world_named.regions)
    noted, _ = year_ends_of(scenario.horizon)
    read = np.arange(len(noted)) % 5 == 3
    state = prepare(world_named, scenario, EVENT_CAPACITY)
    whole, part = (Player(copied(state), noted, len(names), each) for each in (None, read))
    rest = [place for place, name in enumerate(names) if name not in STRUCTURE]
    for replicate in range(3):
        one, other = (player.play(1, replicate) for player in (whole, part))
        np.testing.assert_array_equal(one.metrics[:, rest], other.metrics[:, rest])
        np.testing.assert_array_equal(one.metrics[read], other.metrics[read])
        np.testing.assert_array_equal(one.events, other.events)
