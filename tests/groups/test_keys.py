"""The same task has the same key in all runs that are read together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from recup_kg.align.match import MatchTask
from recup_kg.api.measured_keys import shared_keys


def no_reading(number: int) -> Sequence[MatchTask]:
    raise AssertionError(f"run {number} has the tasks of the others: it need not be matched")


def keys(*runs: dict[str, str]) -> list[dict[str, str]]:
    return shared_keys(runs, [{} for _ in runs], no_reading)


def task(identifier: str, canonical: str, *, program: str, parents: tuple[str, ...] = ()) -> MatchTask:
    return MatchTask(
        identifier=identifier,
        name=None,
        step=program,
        program=program,
        arguments=(),
        inputs=(),
        outputs=(),
        parents=parents,
        canonical=canonical,
        local=f"local of {program}",
        neighbourhood=f"around {canonical}",
    )


def test_no_runs_have_no_keys():
    assert shared_keys([], [], no_reading) == []


def test_a_canonical_id_that_is_unique_is_the_key_whatever_the_identifiers():
    assert keys({"a": "c1", "b": "c2"}, {"x": "c2", "y": "c1"}) == [
        {"a": "c1", "b": "c2"},
        {"x": "c2", "y": "c1"},
    ]


def test_equal_identifiers_tell_tasks_of_one_canonical_id_apart():
    assert keys({"a": "c", "b": "c"}, {"b": "c", "a": "c"}) == [
        {"a": "c/a", "b": "c/b"},
        {"b": "c/b", "a": "c/a"},
    ]


def test_other_identifiers_leave_a_class():
    assert keys({"a": "c", "b": "c"}, {"a": "c", "z": "c"}) == [
        {"a": "c", "b": "c"},
        {"a": "c", "z": "c"},
    ]


def test_neighbourhoods_tell_apart_before_identifiers_do():
    runs = ({"a": "c", "b": "c", "d": "c"}, {"x": "c", "y": "c", "z": "c"})
    around = ({"a": "1", "b": "1", "d": "2"}, {"x": "2", "y": "1", "z": "1"})
    assert shared_keys(runs, around, no_reading) == [
        {"a": "c:1", "b": "c:1", "d": "c:2"},
        {"x": "c:2", "y": "c:1", "z": "c:1"},
    ]


def test_a_run_with_another_task_is_aligned_to_what_most_have():
    usual = {"a": "c1", "b": "c2"}
    odd = {"p": "other 1", "q": "other 2", "r": "other 3"}
    tasks = {
        0: [task("a", "c1", program="first"), task("b", "c2", program="second", parents=("a",))],
        2: [
            task("p", "other 1", program="first"),
            task("q", "other 2", program="second", parents=("p",)),
            task("r", "other 3", program="third"),
        ],
    }
    found = shared_keys([usual, usual, odd], [{}, {}, {}], lambda number: tasks[number])
    assert found == [usual, usual, {"p": "c1", "q": "c2", "r": "other 3"}]


def test_a_task_of_one_run_only_does_not_take_the_key_of_another():
    usual = [task("a", "c1", program="first"), task("b", "c2", program="second")]
    moved = replace(task("b", "c2", program="second"), canonical="c9")
    new = replace(task("new", "c2", program="third"), neighbourhood="elsewhere")
    tasks = {0: usual, 2: [usual[0], moved, new]}
    found = shared_keys(
        [{"a": "c1", "b": "c2"}, {"a": "c1", "b": "c2"}, {"a": "c1", "b": "c9", "new": "c2"}],
        [{}, {}, {}],
        lambda number: tasks[number],
    )
    assert found[2] == {"a": "c1", "b": "c2", "new": "c2+"}


def test_a_class_of_one_run_is_a_class_in_all():
    usual = [task(name, f"c{name}", program="same") for name in "12"]
    odd = [replace(task(name, f"x{name}", program="same"), neighbourhood=f"n{name}") for name in "78"]
    tasks = {0: usual, 2: odd}
    found = shared_keys(
        [{"1": "c1", "2": "c2"}, {"1": "c1", "2": "c2"}, {"7": "x7", "8": "x8"}],
        [{}, {}, {}],
        lambda number: tasks[number],
    )
    assert found == [{"1": "c1", "2": "c1"}, {"1": "c1", "2": "c1"}, {"7": "c1", "8": "c1"}]


@given(st.permutations(["a", "b", "c", "d"]), st.permutations(["a", "b", "c", "d"]))
def test_the_order_of_tasks_means_nothing(one: list[str], two: list[str]):
    canonical = {"a": "c1", "b": "c1", "c": "c2", "d": "c3"}
    found = keys({name: canonical[name] for name in one}, {name: canonical[name] for name in two})
    assert found[0] == found[1]
    assert len(set(found[0].values())) == 4
