"""Columns of text measured in Arrow against the same cells measured as objects."""

from __future__ import annotations

import csv
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recup_kg.result_comparisons import Bound
from recup_kg.results import cells
from recup_kg.results.cells import measure_cells
from recup_kg.results.formats import csv as tables
from recup_kg.results.pairs import measure_parts
from recup_kg.results.statistics import Statistics
from recup_kg.results.texts import measure_texts

CELL = st.one_of(
    st.sampled_from(
        ["", " ", "1", "01", "+1", " 1", "1.0", "1e3", ".5", "5.", "-0.0", "NaN", "-inf", "Infinity"]
    ),
    st.sampled_from(
        ["n", "nx", "na", "in", "index", "e", "x1", "0x10", "1_0", "1,5", '"', "a\nb", "\u0661", "ınf"]
    ),
    st.sampled_from(["9007199254740993", "9007199254740993.0", str(2**63), str(-(2**63)), "1" * 19, "1e400"]),
    st.integers(-20, 20).map(str),
    st.floats().map(repr),
    st.text(max_size=4),
)
KIND = st.sampled_from(
    [
        CELL,
        st.sampled_from(["", "task_1", "task_2"]),
        st.one_of(st.just(""), st.floats(-9, 9).map(repr)),
        st.one_of(st.just("x"), st.integers(-9, 9).map(str)),
        st.one_of(st.just(""), st.sampled_from(["1", "2.5", "nan"])),
    ]
)
BOUND = st.sampled_from([Bound(), Bound(atol=1e-6), Bound(rtol=0.1, atol=1)])


@st.composite
def columns(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    cell = draw(KIND)
    one = draw(st.lists(cell, min_size=1, max_size=12))
    two = [draw(st.one_of(st.just(text), cell)) for text in one]
    return one, two


@settings(max_examples=500, deadline=None)
@given(columns(), BOUND, st.sampled_from([1, 5, 1 << 15]))
def test_columns_are_measured_as_their_cells_are(pair, bound, at_once):
    expected = Statistics()
    for start in range(0, len(pair[0]), at_once):
        one, two = (np.array([*side[start : start + at_once]], object) for side in pair)
        expected.add(measure_texts(one, two, start, bound))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cells, "CELLS", at_once)
        found = measure_cells(*(pyarrow.array(side, pyarrow.string()) for side in pair), 0, bound)
    assert repr(found) == repr(expected)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(CELL, st.floats().map(repr), CELL), min_size=1, max_size=20),
    st.data(),
    st.sampled_from([",", ";", "\t"]),
)
def test_tables_are_read_alike_both_ways(tmp_path_factory, rows, data, separator):
    folder = tmp_path_factory.mktemp("tables")
    others = [tuple(data.draw(st.sampled_from([cell, "1", "x"])) for cell in row) for row in rows]
    for name, table in (("a.csv", rows), ("b.csv", others[: data.draw(st.integers(1, len(others)))])):
        with (folder / name).open("w", newline="") as stream:
            writer = csv.writer(stream, delimiter=separator, quoting=csv.QUOTE_ALL, lineterminator="\n")
            writer.writerows([("one", "two", "three"), *table])
    assert measured(folder, in_arrow=True) == measured(folder, in_arrow=False)


def measured(folder, *, in_arrow):
    with tables.read(folder / "a.csv") as (one,), tables.read(folder / "b.csv") as (two,):
        if not in_arrow:
            one, two = replace(one, cells=None), replace(two, cells=None)
        with ThreadPoolExecutor(2) as pool:
            return repr(
                [it.statistics for it in measure_parts(one, two, ["one", "two", "three"], Bound(), pool)]
            )


@pytest.mark.parametrize(
    ("one", "two"),
    [(["", "1.5", "nan"], ["", "1.5", "-inf"]), (["id", "7"], ["id", "-8"]), (["a", "b"], ["a", "c"])],
)
def test_cells_of_one_kind_are_not_looked_at_one_by_one(monkeypatch, one, two):
    monkeypatch.setattr(cells, "kinds_of", None)
    found = measure_cells(*(pyarrow.array(side, pyarrow.string()) for side in (one, two)), 0, Bound())
    assert found.out_of_bound == 1


def test_real_tables_are_read_alike_both_ways(root):
    files = sorted((root / "data" / "flowbench" / "eht_imaging").glob("*.csv"))
    with ThreadPoolExecutor(2) as pool:
        for first, second in pairwise(files):
            with tables.read(first) as (one,), tables.read(second) as (two,):
                names = [variable.name for variable in one.variables]
                found = [
                    repr([it.statistics for it in measure_parts(*sides, names, Bound(atol=1), pool)])
                    for sides in ((one, two), (replace(one, cells=None), replace(two, cells=None)))
                ]
            assert found[0] == found[1]
