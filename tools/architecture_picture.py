"""The picture of the rooms of the house, drawn from the imports that there really are.

Rooms are the folders of the package, and the one file that composes configurations. A room stands
below all that import it. Arrows are imports; those that follow from others are left out.
"""

from __future__ import annotations

import importlib
import textwrap
from html import escape

import grimp
import networkx as nx

from doc_tables import ROOT

PICTURE = ROOT / "docs" / "figures" / "architecture.svg"
#: Files beside the rooms that only bring something small to all of them.
_SMALL = {"__main__", "arrays", "errors", "shipped_folder", "user_path"}
_WIDTH, _HEIGHT, _RISE, _STEP = 226, 70, 92, 240
_STYLE = (
    'text{font-family:"DejaVu Sans",Verdana,sans-serif;fill:#0f172a;text-anchor:middle}'
    ".name{font-size:15px;font-weight:bold}.what{font-size:10.5px}"
)
_ARROW = (
    '<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7"'
    ' markerHeight="7" orient="auto"><path d="M0 0L10 5L0 10z" fill="#334155"/></marker></defs>'
)


def imports() -> nx.DiGraph:
    """Return the rooms, each with an edge to every room that it imports."""
    modules = grimp.build_graph("partnersim")
    graph = nx.DiGraph()
    for module in sorted(modules.modules):
        for imported in sorted(modules.find_modules_directly_imported_by(module)):
            one, other = ((*name.split("."), "")[1] for name in (module, imported))
            if one and other and one != other and not {one, other} & _SMALL:
                graph.add_edge(one, other)
    graph.add_nodes_from(
        name.split(".")[1]
        for name in modules.find_children("partnersim")
        if modules.find_children(name)
    )
    return graph


def rows(graph: nx.DiGraph) -> list[list[str]]:
    """Return the rooms row by row, from the doors down to what needs nobody.

    A room stands one row above the highest of those that it imports. In a row, those that are
    imported from further up than the next row stand on the right, where arrows pass.
    """
    height: dict[str, int] = {}
    for room in reversed(list(nx.lexicographical_topological_sort(graph))):
        height[room] = 1 + max((height[other] for other in graph[room]), default=-1)
    reduced = nx.transitive_reduction(graph)

    def place(room: str) -> tuple[bool, str]:
        return any(height[above] > height[room] + 1 for above in reduced.predecessors(room)), room

    levels = sorted(set(height.values()), reverse=True)
    return [sorted((r for r in height if height[r] == level), key=place) for level in levels]


def meaning(room: str) -> list[str]:
    """Return the first sentence of what a room says of itself, in at most three lines."""
    text = importlib.import_module(f"partnersim.{room}").__doc__ or ""
    sentence = text.split("\n\n")[0].split(". ")[0].replace("``", "").rstrip(".").strip()
    return textwrap.wrap(textwrap.shorten(sentence, 108, placeholder=" ..."), 38)


def drawn() -> str:
    """Return the picture as SVG."""
    graph = imports()
    levels = rows(graph)
    middle: dict[str, tuple[float, float]] = {}
    widest = max(map(len, levels))
    width = _STEP * widest + 20
    for row, level in enumerate(levels):
        first = (width - _STEP * (widest if len(level) > 1 else 1)) / 2
        for column, room in enumerate(level):
            middle[room] = (first + _STEP * (column + 0.5), 20 + _RISE * row + _HEIGHT / 2)
    height = _RISE * len(levels) + 10
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"'
        ' aria-labelledby="title">',
        '<title id="title">The rooms of partnersim: each imports those that arrows lead to</title>',
        f"<style>{_STYLE}</style>{_ARROW}",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for one, other in sorted(nx.transitive_reduction(graph).edges):
        (x1, y1), (x2, y2) = middle[one], middle[other]
        lines.append(
            f'<line x1="{x1:g}" y1="{y1 + _HEIGHT / 2:g}" x2="{x2:g}" y2="{y2 - _HEIGHT / 2:g}"'
            ' stroke="#334155" stroke-width="1.3" marker-end="url(#tip)"/>'
        )
    for room, (x, y) in sorted(middle.items()):
        lines.append(
            f'<rect x="{x - _WIDTH / 2:g}" y="{y - _HEIGHT / 2:g}" width="{_WIDTH}"'
            f' height="{_HEIGHT}" rx="8" fill="#D6EAF8" stroke="#334155" stroke-width="1.3"/>'
        )
        lines.append(f'<text x="{x:g}" y="{y - 16:g}" class="name">{room}</text>')
        lines += [
            f'<text x="{x:g}" y="{y + 1 + 13 * row:g}" class="what">{escape(text)}</text>'
            for row, text in enumerate(meaning(room))
        ]
    return "\n".join([*lines, "</svg>"]) + "\n"
