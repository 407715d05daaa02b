"""Drawings of graphs: layers follow the dependencies, nothing lies on anything else."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recup_kg.report.layout import Frame, components, layers, place

FRAME = Frame(100, 40, 50, 10)


@st.composite
def graphs(draw: st.DrawFn, cyclic: bool = False) -> tuple[int, list[tuple[int, int]]]:
    number = draw(st.integers(1, 14))
    pairs = [(a, b) for a in range(number) for b in range(number) if (a != b if cyclic else a < b)]
    return number, draw(st.lists(st.sampled_from(pairs), unique=True, max_size=30)) if pairs else []


@given(graphs())
@settings(max_examples=150, deadline=None)
def test_every_dependency_goes_to_a_later_layer_and_no_boxes_overlap(
    drawn: tuple[int, list[tuple[int, int]]],
) -> None:
    number, edges = drawn
    placed = place(number, edges, FRAME)
    assert all(placed.layer[source] < placed.layer[target] for source, target in edges)
    for layer in set(placed.layer):
        row = sorted(placed.boxes[node][1] for node in range(number) if placed.layer[node] == layer)
        assert all(below - above >= 40 + 10 - 1e-6 for above, below in pairwise(row))
    assert all(0 <= along <= placed.along - 100 + 1e-6 for along, _ in placed.boxes)
    assert all(-1e-6 <= across <= placed.across - 40 + 1e-6 for _, across in placed.boxes)


@given(graphs())
@settings(max_examples=100, deadline=None)
def test_a_line_begins_and_ends_at_its_boxes(drawn: tuple[int, list[tuple[int, int]]]) -> None:
    number, edges = drawn
    placed = place(number, edges, FRAME)
    for (source, target), bends in zip(edges, placed.bends, strict=True):
        assert bends[0] == pytest.approx((placed.boxes[source][0] + 100, placed.boxes[source][1] + 20))
        assert bends[-1] == pytest.approx((placed.boxes[target][0], placed.boxes[target][1] + 20))


@given(graphs())
@settings(max_examples=100, deadline=None)
def test_no_line_runs_through_a_box(drawn: tuple[int, list[tuple[int, int]]]) -> None:
    number, edges = drawn
    placed = place(number, edges, FRAME)
    for edge, bends in zip(edges, placed.bends, strict=True):
        for along, across in bends[1:-1]:
            for node in set(range(number)) - set(edge):
                x, y = placed.boxes[node]
                assert not (x <= along <= x + 100 and y < across < y + 40)


@given(graphs(cyclic=True))
@settings(max_examples=100, deadline=None)
def test_circles_are_drawn_as_well(drawn: tuple[int, list[tuple[int, int]]]) -> None:
    number, edges = drawn
    placed = place(number, edges, FRAME)
    assert len(placed.boxes) == number
    assert placed == place(number, edges, FRAME)


def test_a_layer_is_the_longest_path() -> None:
    assert layers(4, [(0, 1), (1, 2), (0, 2), (2, 3)]) == [0, 1, 2, 3]
    assert layers(0, []) == []


def test_components_are_what_feeds_each_other() -> None:
    assert components(5, [(0, 1), (1, 2), (2, 1), (3, 4)]) == [[0], [1, 2], [3], [4]]


def test_a_crossing_that_can_be_avoided_is_avoided() -> None:
    placed = place(4, [(0, 3), (1, 2)], FRAME)
    assert (placed.boxes[0][1] < placed.boxes[1][1]) == (placed.boxes[3][1] < placed.boxes[2][1])
