"""A layered drawing of a directed graph, after Sugiyama, Tagawa and Toda (1981): layers by longest path, few crossings.

Coordinates across the layers are the least squares ones under the order and the distances (isotonic regression). Everything is
in the order of its numbers, so that the same graph gives the same drawing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

_SWEEPS = 12
_RELAXATIONS = 8


@dataclass(frozen=True, slots=True)
class Frame:
    """How large boxes are along the layers and across, and the distances between them, in pixels."""

    along: float
    across: float
    between_layers: float
    within_layer: float
    lane: float = 10.0


@dataclass(frozen=True, slots=True)
class Placed:
    """Where the boxes begin, along the layers and across, by number; the bends of each edge; the size of the whole."""

    boxes: tuple[tuple[float, float], ...]
    layer: tuple[int, ...]
    bends: tuple[tuple[tuple[float, float], ...], ...]
    along: float
    across: float


def place(number: int, edges: Sequence[tuple[int, int]], frame: Frame) -> Placed:
    """Places for so many boxes and their edges."""
    depth = layers(number, edges)
    forward = [edge if depth[edge[0]] <= depth[edge[1]] else (edge[1], edge[0]) for edge in edges]
    chains, size, links = _with_lanes(number, forward, depth)
    rows = _ordered(number, size, depth, chains, links)
    heights = [frame.across if item < number else frame.lane for item in range(size)]
    centres = _centres(rows, links, heights, frame.within_layer)
    low = min((centres[item] - heights[item] / 2 for item in range(size)), default=0.0)
    high = max((centres[item] + heights[item] / 2 for item in range(size)), default=0.0)
    step = frame.along + frame.between_layers
    boxes = tuple((depth[item] * step, centres[item] - heights[item] / 2 - low) for item in range(number))
    bends = tuple(
        _bends(edge, chain, depth, centres, low, frame) for edge, chain in zip(edges, chains, strict=True)
    )
    deepest = max(depth, default=0)
    return Placed(boxes, tuple(depth), bends, deepest * step + frame.along, high - low)


def layers(number: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """The longest path to each node from one without a predecessor; edges that close a circle don't count."""
    after: list[list[int]] = [[] for _ in range(number)]
    for source, target in edges:
        after[source].append(target)
    order = _finished(after)
    position = {node: index for index, node in enumerate(order)}
    depth = [0] * number
    for node in order:
        for target in after[node]:
            if position[target] > position[node]:
                depth[target] = max(depth[target], depth[node] + 1)
    return depth


def components(number: int, edges: Sequence[tuple[int, int]]) -> list[list[int]]:
    """The strongly connected components (Kosaraju), each in order of its nodes."""
    after: list[list[int]] = [[] for _ in range(number)]
    before: list[list[int]] = [[] for _ in range(number)]
    for source, target in edges:
        after[source].append(target)
        before[target].append(source)
    seen = [False] * number
    found = []
    for root in _finished(after):
        if seen[root]:
            continue
        seen[root] = True
        group, stack = [], [root]
        while stack:
            node = stack.pop()
            group.append(node)
            for previous in before[node]:
                if not seen[previous]:
                    seen[previous] = True
                    stack.append(previous)
        found.append(sorted(group))
    return sorted(found)


def _finished(after: Sequence[Sequence[int]]) -> list[int]:
    """The nodes in reverse order of when a depth-first search left them: a topological order where there is no circle."""
    state = [0] * len(after)
    done: list[int] = []
    for root in reversed(range(len(after))):
        stack = [(root, iter(sorted(after[root], reverse=True)))] if not state[root] else []
        state[root] = state[root] or 1
        while stack:
            node, targets = stack[-1]
            for target in targets:
                if not state[target]:
                    state[target] = 1
                    stack.append((target, iter(sorted(after[target], reverse=True))))
                    break
            else:
                done.append(node)
                stack.pop()
    done.reverse()
    return done


def _with_lanes(
    number: int, edges: Sequence[tuple[int, int]], depth: list[int]
) -> tuple[list[list[int]], int, list[tuple[int, int]]]:
    """For each edge its nodes from layer to layer: where it passes one, a lane is kept free, numbered after the boxes."""
    chains, links, size = [], [], number
    for source, target in edges:
        chain = [source]
        for layer in range(depth[source] + 1, depth[target]):
            depth.append(layer)
            chain.append(size)
            size += 1
        chain.append(target)
        chains.append(chain)
        links += list(pairwise(chain))
    return chains, size, links


def _ordered(
    number: int,
    size: int,
    depth: Sequence[int],
    chains: Sequence[Sequence[int]],
    links: Sequence[tuple[int, int]],
) -> list[list[int]]:
    """The nodes of each layer by the barycentres of their neighbours, back and forth: the order with fewest crossings."""
    rows: list[list[int]] = [[] for _ in range(max(depth, default=-1) + 1)]
    for node in range(size):
        rows[depth[node]].append(node)
    before: list[list[int]] = [[] for _ in range(size)]
    after: list[list[int]] = [[] for _ in range(size)]
    for source, target in links:
        after[source].append(target)
        before[target].append(source)
    best, fewest = [list(row) for row in rows], _crossings(rows, after)
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        down = sweep % 2 == 0
        neighbours = before if down else after
        for row in rows if down else reversed(rows):
            place_of = {node: index for line in rows for index, node in enumerate(line)}
            keys = {
                node: _mean([place_of[other] for other in neighbours[node]], place_of[node]) for node in row
            }
            row.sort(key=lambda node, keys=keys: (keys[node], node))  # type: ignore[misc]
        crossings = _crossings(rows, after)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    return best


def _crossings(rows: Sequence[Sequence[int]], after: Sequence[Sequence[int]]) -> int:
    """How many pairs of links between neighbouring layers cross, by inversions."""
    total = 0
    for row, below in pairwise(rows):
        position = {node: index for index, node in enumerate(below)}
        ends = [end for node in row for end in sorted(position[target] for target in after[node])]
        total += _inversions(ends, len(below))
    return total


def _inversions(values: Sequence[int], size: int) -> int:
    """How many pairs are out of order, with a Fenwick tree."""
    tree = [0] * (size + 1)
    total = 0
    for seen, value in enumerate(values):
        index, smaller = value + 1, 0
        while index:
            smaller += tree[index]
            index -= index & -index
        total += seen - smaller
        index = value + 1
        while index <= size:
            tree[index] += 1
            index += index & -index
    return total


def _centres(
    rows: Sequence[Sequence[int]], links: Sequence[tuple[int, int]], heights: Sequence[float], gap: float
) -> list[float]:
    """The centre of each node across its layer: near its neighbours, none upon another."""
    near: list[list[int]] = [[] for _ in heights]
    for source, target in links:
        near[source].append(target)
        near[target].append(source)
    centres = [0.0] * len(heights)
    for row in rows:
        _spread(row, centres, dict.fromkeys(row, 0.0), heights, gap)
    for turn in range(_RELAXATIONS):
        for row in rows if turn % 2 == 0 else reversed(rows):
            wished = {node: _mean([centres[other] for other in near[node]], centres[node]) for node in row}
            _spread(row, centres, wished, heights, gap)
    return centres


def _spread(
    row: Sequence[int],
    centres: list[float],
    wished: dict[int, float],
    heights: Sequence[float],
    gap: float,
) -> None:
    """Set the centres of a row as near to the wished ones as the order and the distances allow (pool adjacent violators)."""
    offsets, reach = [], 0.0
    for index, node in enumerate(row):
        if index:
            reach += (heights[row[index - 1]] + heights[node]) / 2 + gap
        offsets.append(reach)
    pools: list[tuple[float, int]] = []
    for node, offset in zip(row, offsets, strict=True):
        total, size = wished[node] - offset, 1
        while pools and pools[-1][0] / pools[-1][1] >= total / size:
            previous, members = pools.pop()
            total, size = total + previous, size + members
        pools.append((total, size))
    values = [total / size for total, size in pools for _ in range(size)]
    for node, offset, value in zip(row, offsets, values, strict=True):
        centres[node] = value + offset


def _mean(values: Iterable[float], otherwise: float) -> float:
    found = list(values)
    return sum(found) / len(found) if found else float(otherwise)


def _bends(
    edge: tuple[int, int],
    chain: Sequence[int],
    depth: Sequence[int],
    centres: Sequence[float],
    low: float,
    frame: Frame,
) -> tuple[tuple[float, float], ...]:
    """The points that an edge goes through, from the end of its source to the beginning of its target."""
    step = frame.along + frame.between_layers
    points: list[tuple[float, float]] = []
    for index, node in enumerate(chain):
        begin, centre = depth[node] * step, centres[node] - low
        points += [(begin, centre)] if index else []
        points += [(begin + frame.along, centre)] if index < len(chain) - 1 else []
    return tuple(points if edge[0] == chain[0] else reversed(points))
