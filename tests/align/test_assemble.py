"""Tasks completed, templates, coverage, and dependencies that follow from data."""

from __future__ import annotations

import pytest

from recup_kg.align.assemble import UNSIGNED, complete, coverage_of, template
from recup_kg.align.dag import CycleError
from recup_kg.align.dependencies import dependencies
from recup_kg.converters.times import elapsed, timestamp
from recup_kg.records import DataObject, Step, TaskExecution
from recup_kg.vocab import DCAT, PROV, RECUP


def _task(name: str, *parents: str, step: str = "s", inputs: tuple[str, ...] | None = None) -> TaskExecution:
    return TaskExecution(name, name, step, 0, parents, inputs, None, UNSIGNED)


def test_levels_and_signatures_are_filled_in() -> None:
    data = [DataObject("x", "x", 5)]
    first, second, third = complete([_task("c", "b"), _task("b", "a"), _task("a", inputs=("x",))], data)
    assert [task.level for task in (first, second, third)] == [2, 1, 0]
    assert len({task.signatures.canonical for task in (first, second, third)}) == 3
    assert third.signatures.inputs is not None
    other = complete([_task("a", inputs=("x",))], [DataObject("x", "x", 6)])[0]
    assert other.signatures.inputs != third.signatures.inputs
    assert other.signatures.local == third.signatures.local


def test_a_cycle_is_an_error() -> None:
    with pytest.raises(CycleError):
        complete([_task("a", "b"), _task("b", "a")], ())


def test_the_template_has_declared_steps_too() -> None:
    tasks = [_task("a", step="one"), _task("b", "a", step="two"), _task("c", "a", "b", step="two")]
    made = template("w", tasks, ["three"])
    assert made.steps == (Step("one"), Step("three"), Step("two", ("one", "two")))
    assert made.identity == template("w", reversed(tasks), ["three"]).identity
    assert made.identity != template("other", tasks, ["three"]).identity


def test_coverage_counts_what_is_stated() -> None:
    found = {
        entry.property: (entry.expected, entry.observed)
        for entry in coverage_of(
            [_task("a", inputs=()), _task("b")], [DataObject("x", "x", 1)], {RECUP + "energy": (2, 0)}
        )
    }
    assert found[PROV + "used"] == (2, 1)
    assert found[RECUP + "runTime"] == (2, 0)
    assert found[DCAT + "byteSize"] == (1, 1)
    assert found[RECUP + "energy"] == (2, 0)


def test_dependencies_are_stated_or_follow_from_data() -> None:
    found = dependencies(
        ["a", "b", "c"],
        {"a": ["in"], "b": ["folder"], "c": ["in"]},
        {"a": ["folder/x"], "b": [], "c": []},
        stated={"c": ["b", "c"]},
        with_parts=lambda names: [
            part for name in names for part in ([name, "folder/x"] if name == "folder" else [name])
        ],
    )
    assert found.parents == {"a": (), "b": ("a",), "c": ("b",)}
    assert found.circles == ()


def test_tasks_in_a_circle_lose_their_order_and_no_other() -> None:
    found = dependencies(
        ["a", "b", "c"], {"a": ["y"], "b": ["x"], "c": ["x"]}, {"a": ["x"], "b": ["y"], "c": []}
    )
    assert found.parents == {"a": (), "b": (), "c": ("a",)}
    assert found.circles == (("a", "b"),)


@pytest.mark.parametrize(
    ("started", "ended", "seconds"),
    [
        ("2024-01-01T00:00:00Z", "2024-01-01T01:00:00.5+01:00", 0.5),
        ("2024-01-01T00:00:00", "2024-01-01T00:00:01", 1.0),
        ("2024-01-01T00:00:01", "2024-01-01T00:00:00", -1.0),
        ("2024-01-01T00:00:00", "2024-01-01T00:00:01Z", None),
        ("2024-01-01T00:00:00", "later", None),
    ],
)
def test_elapsed_time_needs_two_times_of_one_kind(started: str, ended: str, seconds: float | None) -> None:
    assert elapsed(timestamp(started), timestamp(ended)) == seconds
    assert elapsed(None, timestamp(ended)) is None
