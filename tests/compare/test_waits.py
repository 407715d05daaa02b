"""Queues and transfers: read from the graph as they are stated, and split off the makespan so that it still adds up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recup_kg.compare.facts import Facts
from recup_kg.compare.makespan import AFTER, BEFORE, BETWEEN, QUEUE, RUN, TRANSFER, WAIT, split_makespan
from recup_kg.compare.waits import RunWaits, Waits, posix, read_waits
from recup_kg.comparisons import UNEXPLAINED, Makespan
from tests.compare.facts_samples import facts, task

START = "2024-01-01T00:00:00Z"
ZERO = posix(START)


def at(second: float) -> str:
    return f"2024-01-01T00:{int(second) // 60:02d}:{second % 60:09.6f}Z"


def run(
    times: Mapping[str, tuple[float, float]],
    parents: Mapping[str, tuple[str, ...]],
    makespan: float,
    waits: Mapping[str, Waits] | None = None,
    *,
    queues: bool = True,
    transfers: bool = True,
) -> Facts:
    tasks = {name: task(name, seconds, at(begin)) for name, (begin, seconds) in times.items()}
    made = facts(tasks, parents, makespan=makespan, started=START)
    if waits is None:
        return made
    return replace(
        made, waits=RunWaits({f"urn:{name}": value for name, value in waits.items()}, queues, transfers)
    )


def parts(makespan: Makespan, side: str = "other") -> dict[str, float]:
    return {part.part: getattr(part, side) for part in makespan.parts if getattr(part, side)}


CHAIN = {"b": ("a",)}
TIMES = {"a": (2.0, 10.0), "b": (20.0, 15.0)}


def test_queue_and_staging_are_split_off() -> None:
    waits = {"a": Waits(queued=1.5, staged=2.0), "b": Waits(queued=5.0, staged=4.0)}
    one = run(TIMES, CHAIN, 40, waits)
    split = split_makespan(one, one)
    assert parts(split) == {RUN: 19, TRANSFER: 6, QUEUE: 6.5, WAIT: 3, BEFORE: 0.5, AFTER: 5}
    assert [(step.reference_task, step.other_task) for step in split.steps] == [
        ("a", None),
        ("b", None),
        (None, "a"),
        (None, "b"),
    ]


def test_matched_tasks_of_both_paths_are_one_step() -> None:
    one = run(TIMES, CHAIN, 40, {"b": Waits(queued=5.0)})
    two = run({"a": (2.0, 10.0), "b": (30.0, 15.0)}, CHAIN, 50, {"b": Waits(queued=15.0)})
    split = split_makespan(one, two, {"a": "a", "b": "b"})
    assert [(step.reference_task, step.other_task, step.difference) for step in split.steps] == [
        ("a", "a", 0),
        ("b", "b", 10),
    ]
    assert split.message.endswith("most of it is queueing of tasks of the critical path")
    assert split.unexplained == 0


def test_the_last_time_at_which_a_task_was_ready_counts() -> None:
    ready = Waits(ready=(ZERO + 13, ZERO + 18.5, ZERO + 21))
    assert parts(split_makespan(*[run(TIMES, CHAIN, 40, {"b": ready})] * 2))[QUEUE] == 1.5


def test_transfers_that_overlap_count_once_and_only_before_the_queue() -> None:
    fetched = Waits(
        queued=2.0, fetched=((ZERO + 10, ZERO + 14), (ZERO + 13, ZERO + 15), (ZERO + 17, ZERO + 30))
    )
    found = parts(split_makespan(*[run(TIMES, CHAIN, 40, {"b": fetched})] * 2))
    assert (found[TRANSFER], found[QUEUE], found[WAIT]) == (4, 2, 2)


def test_what_one_run_did_not_capture_is_split_off_in_neither() -> None:
    one = run(TIMES, CHAIN, 40, {"b": Waits(queued=5.0, staged=4.0)})
    split = split_makespan(one, run(TIMES, CHAIN, 80))
    assert parts(split, "reference") == {RUN: 25, WAIT: 8, BEFORE: 2, AFTER: 5}
    assert split.message.endswith(
        "; times of queues and transfers were captured in one run only, so they are not split off"
    )


def test_a_task_without_parents_is_preceded_by_what_ended_before_it_could_start() -> None:
    times = {"a": (1.0, 4.0), "long": (0.5, 4.8), "b": (9.0, 1.0)}
    found = parts(split_makespan(*[run(times, {}, 10)] * 2))
    assert found == {RUN: 5.8, BEFORE: 0.5, BETWEEN: 3.7}
    queued = parts(split_makespan(*[run(times, {}, 10, {"b": Waits(queued=9.0)})] * 2))
    assert queued == {RUN: 1, QUEUE: 9}


def test_clocks_that_differ_end_the_walk() -> None:
    times = {"a": (5.0, 5.0), "b": (1.0, 4.0), "p": (6.0, 1.0)}
    split = split_makespan(*[run(times, {"b": ("p",)}, 10)] * 2)
    assert split.reference_path == ("p", "b", "a")
    assert sum(parts(split).values()) == 10


@given(st.data())
def test_parts_and_steps_add_up(data: st.DataObject) -> None:
    number = data.draw(st.integers(1, 7))
    names = [f"t{index}" for index in range(number)]
    seconds = st.floats(0, 59).map(lambda value: round(value, 6))
    sides = []
    for _ in range(2):
        times = {name: (data.draw(seconds), data.draw(seconds)) for name in names}
        parents = {
            name: tuple(data.draw(st.lists(st.sampled_from(names[:index]), unique=True)))
            for index, name in enumerate(names)
            if index
        }
        waits = {
            name: Waits(
                queued=data.draw(st.none() | seconds),
                staged=data.draw(st.none() | seconds),
                fetched=tuple((ZERO + data.draw(seconds), ZERO + data.draw(seconds)) for _ in range(2)),
            )
            for name in names
        }
        sides.append(run(times, parents, data.draw(st.floats(0, 500)), waits))
    split = split_makespan(*sides, dict(zip(names, names, strict=True)))
    for side in ("reference", "other"):
        assert sum(getattr(part, side) for part in split.parts) == pytest.approx(
            getattr(split, side), abs=1e-8
        )
    stepped = sum(step.difference for step in split.steps)
    rest = sum(part.difference for part in split.parts if part.part in UNEXPLAINED)
    assert stepped + rest == pytest.approx(split.difference, abs=1e-8)
    assert all(
        part.reference >= 0 and part.other >= 0 for part in split.parts if part.part in (RUN, TRANSFER, QUEUE)
    )


def test_waits_are_read_as_they_are_stated() -> None:
    answers = {
        "queueDelay": [("a", 3.0)],
        "ready": [("b", START), ("b", "2024-01-01T01:00:00+01:00")],
        "stageInTime": [("a", 17.0), ("a", 4.0)],
        "?start ?end": [("b", START, "2024-01-01T00:00:02Z")],
        "LIMIT 1": [("t",)],
    }

    def rows(query: str) -> list[tuple[object, ...]]:
        return next(found for key, found in answers.items() if key in query)

    assert read_waits(rows) == RunWaits(
        {
            "a": Waits(queued=3.0, staged=21.0),
            "b": Waits(ready=(ZERO, ZERO), fetched=((ZERO, ZERO + 2),)),
        },
        queues=True,
        transfers=True,
    )


def test_what_no_source_states_is_not_captured() -> None:
    assert read_waits(lambda query: []) == RunWaits({}, queues=False, transfers=False)
