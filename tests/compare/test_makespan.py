"""The parts of a makespan add up, and nothing is made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recup_kg.compare.makespan import AFTER, BEFORE, RUN, UNATTRIBUTED, WAIT, split_makespan
from tests.compare.facts_samples import facts, task

PARENTS = {"b": ("a",), "c": ("a",), "d": ("b", "c")}
START = "2024-01-01T00:00:00Z"


def timed(times: dict[str, tuple[int, float]], makespan: float) -> object:
    tasks = {
        name: task(name, run, f"2024-01-01T00:{second // 60:02d}:{second % 60:02d}Z")
        for name, (second, run) in times.items()
    }
    return facts(tasks, PARENTS, makespan=makespan, started=START)


def untimed(run_times: dict[str, float | None], makespan: float) -> object:
    return facts({name: task(name, run) for name, run in run_times.items()}, PARENTS, makespan=makespan)


def test_the_critical_path_with_times() -> None:
    one = timed({"a": (2, 10), "b": (15, 20), "c": (12, 5), "d": (40, 5)}, 50)
    two = timed({"a": (2, 10), "b": (15, 20), "c": (12, 45), "d": (60, 5)}, 70)
    split = split_makespan(one, two)
    assert split.reference_path == ("a", "b", "d")
    assert split.other_path == ("a", "c", "d")
    assert {part.part: (part.reference, part.other) for part in split.parts} == {
        RUN: (35, 60),
        WAIT: (8, 3),
        BEFORE: (2, 2),
        AFTER: (5, 5),
    }
    assert sum(part.difference for part in split.parts) == split.difference == 20
    assert split.ratio == 1.4
    assert split.message.endswith("most of it is run time on the critical path")


def test_without_times_the_rest_is_unattributed() -> None:
    one = untimed({"a": 1, "b": 2, "c": 3, "d": 1}, 1001.4)
    two = untimed({"a": 1, "b": 2, "c": 2.5, "d": 1}, 1986.72)
    split = split_makespan(one, two)
    assert split.reference_path == ("a", "c", "d")
    assert [part.part for part in split.parts] == [RUN, UNATTRIBUTED]
    assert split.parts[0].difference == pytest.approx(-0.5)
    assert split.parts[1].difference == pytest.approx(985.82)
    assert "it can't be attributed to any task: no start times were captured" in split.message


def test_times_in_one_run_only_are_not_used() -> None:
    one = untimed({"a": 1, "b": 2, "c": 3, "d": 1}, 10)
    two = timed({"a": (2, 10), "b": (15, 20), "c": (12, 5), "d": (40, 5)}, 50)
    assert [part.part for part in split_makespan(one, two).parts] == [RUN, UNATTRIBUTED]


def test_a_longer_path_explains_a_longer_makespan() -> None:
    one = untimed({"a": 1, "b": 2, "c": 3, "d": 1}, 6)
    two = untimed({"a": 1, "b": 2, "c": 33, "d": 1}, 36)
    assert split_makespan(one, two).message.endswith("most of it is run time on the longest path")


def test_equal_makespans_need_no_explanation() -> None:
    one = untimed({"a": 1, "b": 2, "c": 3, "d": 1}, 100)
    two = untimed({"a": 1, "b": 2, "c": 3, "d": 1}, 101)
    assert split_makespan(one, two).message == "the makespans differ by +1.00 s"


@pytest.mark.parametrize(
    ("reference", "other", "where"),
    [(None, 1.0, "the reference"), (1.0, None, "the other run"), (None, None, "either run")],
)
def test_a_makespan_that_was_not_captured(reference: float | None, other: float | None, where: str) -> None:
    one, two = (facts({"a": task("a")}, {}, makespan=makespan) for makespan in (reference, other))
    split = split_makespan(one, two)
    assert (split.parts, split.difference, split.ratio) == ((), None, None)
    assert split.message == f"the makespan is not captured in {where}"


def test_a_run_time_that_was_not_captured_is_named() -> None:
    one = untimed({"a": 1, "b": 2, "c": 3, "d": 1}, 6)
    two = untimed({"a": 1, "b": None, "c": None, "d": 1}, 36)
    split = split_makespan(one, two)
    assert split.message.endswith("; 2 run times were not captured, so the path is a lower bound")
    assert sum(part.other for part in split.parts) == 36


times = st.dictionaries(
    st.sampled_from("abcd"), st.tuples(st.integers(0, 600), st.floats(0, 1000)), min_size=4, max_size=4
)


@given(times, times, st.floats(1, 1e5), st.floats(1, 1e5))
def test_the_parts_always_add_up(
    one: dict[str, tuple[int, float]], two: dict[str, tuple[int, float]], left: float, right: float
) -> None:
    split = split_makespan(timed(one, left), timed(two, right))
    assert sum(part.reference for part in split.parts) == pytest.approx(left)
    assert sum(part.other for part in split.parts) == pytest.approx(right)
