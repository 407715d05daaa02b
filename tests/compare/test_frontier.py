"""First deviations and what inherits them."""

from __future__ import annotations

from recup_kg.compare.frontier import MOST_ROOTS, Changes, find_frontier
from tests.compare.facts_samples import facts, task

CHAIN = {
    "inputs": {"a": ("in",), "b": ("x",), "c": ("y",)},
    "outputs": {"a": ("x",), "b": ("y",), "c": ("z",)},
}
PARENTS = {"b": ("a",), "c": ("b",)}


def chain() -> object:
    return facts({name: task(name) for name in "abc"}, PARENTS, **CHAIN)


def roots(
    data: set[str], tasks: set[str] = frozenset(), unpaired: set[str] = frozenset()
) -> dict[str, tuple[str, ...]]:
    """The roots of each task of the chain, where these data and tasks differ and these data have no partner."""
    run = chain()
    aligned = {item: item for item in run.data if item not in unpaired}
    pairs = {name: name for name in "abc"}
    changes = Changes(frozenset(data), frozenset(tasks))
    return dict(find_frontier(run, run, pairs, aligned, changes).roots)


def test_nothing_differs() -> None:
    assert roots(set()) == {}


def test_what_differs_below_the_first_inherits_it() -> None:
    assert roots({"x", "y", "z"}) == {"b": ("a",), "c": ("a",)}


def test_equal_data_end_the_inheritance() -> None:
    assert roots({"x", "z"}) == {"b": ("a",)}


def test_a_changed_input_is_a_root_by_its_name() -> None:
    assert roots({"in", "x"}) == {"a": ("in",), "b": ("in",)}


def test_a_task_with_other_arguments_is_a_second_root() -> None:
    assert roots({"x", "y"}, {"b"}) == {"b": ("a",), "c": ("a", "b")}


def test_data_without_a_partner_differ() -> None:
    assert roots(set(), unpaired={"y"}) == {"c": ("b",)}


def test_an_unmatched_task_is_a_root() -> None:
    run = chain()
    frontier = find_frontier(
        run, run, {"b": "b", "c": "c"}, {"y": "y", "z": "z"}, Changes(frozenset({"y"}), frozenset())
    )
    assert frontier.inherited("b") == ("a",)
    assert frontier.inherited("c") == ("a",)
    assert frontier.inherited("elsewhere") == ()


def test_the_roots_of_many_are_bounded() -> None:
    many = [f"s{index}" for index in range(MOST_ROOTS + 10)]
    run = facts(
        {name: task(name) for name in (*many, "merge")},
        {"merge": tuple(many)},
        inputs={"merge": tuple(f"f{name}" for name in many)},
        outputs={name: (f"f{name}",) for name in many},
    )
    same = {name: name for name in run.tasks}
    changes = Changes(frozenset(run.data), frozenset())
    frontier = find_frontier(run, run, same, {item: item for item in run.data}, changes)
    assert len(frontier.inherited("merge")) == MOST_ROOTS
