"""Places a workflow's steps in layers from top to bottom, each below all that lead to it.

Sugiyama's method in its plain form: edges that close a loop are turned round, long edges pass through
invisible places, each layer is ordered by the mean of its neighbours, then columns are spread evenly.
Lengths are in column widths; drawing multiplies them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

Link = tuple[str, str]
# A place of a layer: a step's name, or (from, to, layer) where a long edge passes.
Place = str | tuple[str, str, int]
Graph = dict[Place, list[Place]]
# The places of each link, from its upper step to its lower one.
Ways = dict[Link, list[Place]]

SWEEPS = 8
# A passing edge needs less room than a step.
PASSAGE = 0.5


@dataclass(frozen=True)
class Point:
    x: float
    layer: int


@dataclass(frozen=True)
class Layout:
    """Where steps stand and through which points each link runs, from its step to the next."""

    width: float
    layers: int
    steps: dict[str, Point]
    routes: dict[Link, list[Point]]


def arrange(names: Sequence[str], links: Sequence[Link]) -> Layout:
    """A layout of the steps `names`; links to unknown steps and from a step to itself are left out."""
    known = set(names)
    links = [link for link in dict.fromkeys(links) if known.issuperset(link) and link[0] != link[1]]
    turned = _closing(names, links)
    downward = list(dict.fromkeys((b, a) if (a, b) in turned else (a, b) for a, b in links))
    depth = _depths(names, downward)
    passages = {link: _passages(link, depth) for link in downward}
    below, above = _neighbours(passages)
    layers = _layers(names, depth, passages)
    _order(layers, below, above)
    columns = _columns(layers, below, above)
    points = {place: Point(columns[place], number) for number, layer in enumerate(layers) for place in layer}
    routes = {
        (a, b): [points[place] for place in (passages[b, a][::-1] if (a, b) in turned else passages[a, b])]
        for a, b in links
    }
    width = max((columns[place] + _room(place) / 2 for layer in layers for place in layer), default=0)
    return Layout(width, len(layers), {name: points[name] for name in names}, routes)


def _closing(names: Sequence[str], links: Sequence[Link]) -> set[Link]:
    """The links that lead back to a step on the way, found depth first without recursion."""
    following = defaultdict(list)
    for a, b in links:
        following[a].append(b)
    state: dict[str, str] = {}
    closing = set()
    for start in names:
        stack = [] if start in state else [(start, iter(following[start]))]
        state.setdefault(start, "open")
        while stack:
            here, rest = stack[-1]
            step = next(rest, None)
            if step is None:
                state[here] = "closed"
                stack.pop()
            elif step not in state:
                state[step] = "open"
                stack.append((step, iter(following[step])))
            elif state[step] == "open":
                closing.add((here, step))
    return closing


def _depths(names: Sequence[str], links: Sequence[Link]) -> dict[str, int]:
    """The length of the longest way to each step."""
    depth = dict.fromkeys(names, 0)
    following = defaultdict(list)
    waiting = dict.fromkeys(names, 0)
    for a, b in links:
        following[a].append(b)
        waiting[b] += 1
    ready = [name for name in names if not waiting[name]]
    for here in ready:
        for step in following[here]:
            depth[step] = max(depth[step], depth[here] + 1)
            waiting[step] -= 1
            if not waiting[step]:
                ready.append(step)
    return depth


def _passages(link: Link, depth: dict[str, int]) -> list[Place]:
    a, b = link
    return [a, *((a, b, layer) for layer in range(depth[a] + 1, depth[b])), b]


def _neighbours(passages: Ways) -> tuple[Graph, Graph]:
    below: Graph = defaultdict(list)
    above: Graph = defaultdict(list)
    for way in passages.values():
        for upper, lower in pairwise(way):
            below[upper].append(lower)
            above[lower].append(upper)
    return below, above


def _layers(names: Sequence[str], depth: dict[str, int], passages: Ways) -> list[list[Place]]:
    layers: list[list[Place]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for name in names:
        layers[depth[name]].append(name)
    for way in passages.values():
        for layer, place in enumerate(way[1:-1], depth[str(way[0])] + 1):
            layers[layer].append(place)
    return layers


def _order(layers: list[list[Place]], below: Graph, above: Graph) -> None:
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        neighbours = above if down else below
        position: dict[Place, float] = {place: x for layer in layers for x, place in enumerate(layer)}
        for layer in layers if down else layers[::-1]:
            for place in layer:
                position[place] = _mean([position[other] for other in neighbours[place]], position[place])
            layer.sort(key=position.__getitem__)
            position |= {place: x for x, place in enumerate(layer)}


def _columns(layers: list[list[Place]], below: Graph, above: Graph) -> dict[Place, float]:
    column: dict[Place, float] = {}
    for layer in layers:
        column |= _spread(layer, [0.0] * len(layer))
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        neighbours = above if down else below
        for layer in layers if down else layers[::-1]:
            wanted = [_mean([column[other] for other in neighbours[place]], column[place]) for place in layer]
            column |= _spread(layer, wanted)
    left = min((column[place] - _room(place) / 2 for place in column), default=0)
    return {place: x - left for place, x in column.items()}


def _spread(layer: list[Place], wanted: list[float]) -> dict[Place, float]:
    """Columns as near to the wanted ones as the places' room allows, moved together to their mean."""
    found: list[float] = []
    for place, x in zip(layer, wanted, strict=True):
        least = found[-1] + (_room(layer[len(found) - 1]) + _room(place)) / 2 if found else x
        found.append(max(x, least))
    shift = _mean([w - f for w, f in zip(wanted, found, strict=True)], 0)
    return {place: x + shift for place, x in zip(layer, found, strict=True)}


def _room(place: Place) -> float:
    return 1.0 if isinstance(place, str) else PASSAGE


def _mean(numbers: Sequence[float], otherwise: float) -> float:
    return sum(numbers) / len(numbers) if numbers else otherwise
