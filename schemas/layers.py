"""Placing the tables of a diagram: referenced tables to the left, those that refer to them further right.

Layered drawing after Sugiyama, Tagawa and Toda (1981): layers by longest path, dummy nodes where an edge passes a
layer, crossings lowered by barycentres, then heights drawn towards their neighbours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import fmean

DUMMY_HEIGHT = 14.0
_ORDER_PASSES = 6
_ALIGN_PASSES = 8


@dataclass(slots=True)
class Node:
    """A table, or the place where an edge passes a layer (then `name` is empty)."""

    name: str
    height: float
    layer: int
    y: float = 0.0
    left: list[Node] = field(default_factory=list)
    right: list[Node] = field(default_factory=list)

    @property
    def middle(self) -> float:
        """The height of its centre."""
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Placement:
    """Where everything stands.

    Args:
        layers: the nodes of every layer, top to bottom, layers from left to right.
        routes: for every edge (child, parent) that passes layers, the dummy nodes on its way from child to parent.
    """

    layers: list[list[Node]]
    routes: dict[tuple[str, str], list[Node]]


def place(heights: Mapping[str, float], edges: Sequence[tuple[str, str]], gap: float) -> Placement:
    """Places boxes of the given heights.

    Args:
        heights: the height of every table's box in pixels, by table name.
        edges: (referring table, table it refers to); loops and cycles are welcome.
        gap: the least vertical distance between two boxes in pixels.
    """
    links = sorted({(child, parent) for child, parent in edges if child != parent})
    layer_of = _layers(list(heights), links)
    nodes = {name: Node(name, height, layer_of[name]) for name, height in heights.items()}
    layers: list[list[Node]] = [[] for _ in range(max(layer_of.values(), default=-1) + 1)]
    for node in nodes.values():
        layers[node.layer].append(node)
    routes = {link: _route(nodes[link[0]], nodes[link[1]], layers) for link in links}
    _order(layers)
    _align(layers, gap)
    return Placement(layers, routes)


def _layers(names: list[str], links: Iterable[tuple[str, str]]) -> dict[str, int]:
    """The longest path to a table that refers to none; edges that close a cycle do not count."""
    parents: dict[str, list[str]] = {name: [] for name in names}
    for child, parent in links:
        parents[child].append(parent)
    depth: dict[str, int] = {}

    def measure(name: str, path: frozenset[str]) -> int:
        if name not in depth:
            here = path | {name}
            depth[name] = max((measure(parent, here) + 1 for parent in parents[name] if parent not in here), default=0)
        return depth[name]

    for name in names:
        measure(name, frozenset())
    linked = {name for link in links for name in link}
    _spread([name for name in names if name not in linked], depth)
    return depth


def _spread(loners: list[str], depth: dict[str, int]) -> None:
    """Tables without relations fill the layers evenly, instead of all standing in the first."""
    width = max(max(depth.values(), default=0) + 1, min(3, len(depth)))
    used = [0] * width
    for name, layer in depth.items():
        if name not in loners:
            used[layer] += 1
    for name in loners:
        layer = used.index(min(used))
        used[layer] += 1
        depth[name] = layer


def _route(child: Node, parent: Node, layers: list[list[Node]]) -> list[Node]:
    """Links two nodes, through a dummy node in every layer between them."""
    if child.layer == parent.layer:
        return []
    low, high = sorted((child, parent), key=lambda node: node.layer)
    dummies = [Node("", DUMMY_HEIGHT, layer) for layer in range(low.layer + 1, high.layer)]
    chain = [low, *dummies, high]
    for dummy in dummies:
        layers[dummy.layer].append(dummy)
    for first, second in pairwise(chain):
        first.right.append(second)
        second.left.append(first)
    return dummies[::-1] if child is high else dummies


def _order(layers: list[list[Node]]) -> None:
    for attempt in range(_ORDER_PASSES):
        forwards = attempt % 2 == 0
        for layer in layers if forwards else layers[::-1]:
            ranks = {id(node): index for other in layers for index, node in enumerate(other)}

            def barycentre(node: Node, ranks: dict[int, int] = ranks, forwards: bool = forwards) -> float:
                neighbours = node.left if forwards else node.right
                return fmean(ranks[id(each)] for each in neighbours) if neighbours else float(ranks[id(node)])

            layer.sort(key=barycentre)


def _align(layers: list[list[Node]], gap: float) -> None:
    for layer in layers:
        _settle(layer, [0.0] * len(layer), gap)
    for attempt in range(_ALIGN_PASSES):
        for layer in layers if attempt % 2 == 0 else layers[::-1]:
            wanted = []
            for node in layer:
                neighbours = node.left + node.right
                centre = fmean(each.middle for each in neighbours) if neighbours else node.middle
                wanted.append(centre - node.height / 2)
            _settle(layer, wanted, gap)
    top = min((node.y for layer in layers for node in layer), default=0.0)
    for layer in layers:
        for node in layer:
            node.y -= top


def _settle(layer: list[Node], wanted: list[float], gap: float) -> None:
    """As near to the wanted heights as the order and the gap allow: the mean of pushing down and pushing up."""
    low, high = list(wanted), list(wanted)
    for index in range(1, len(layer)):
        low[index] = max(wanted[index], low[index - 1] + layer[index - 1].height + gap)
    for index in range(len(layer) - 2, -1, -1):
        high[index] = min(wanted[index], high[index + 1] - gap - layer[index].height)
    for node, pushed_down, pushed_up in zip(layer, low, high, strict=True):
        node.y = (pushed_down + pushed_up) / 2
