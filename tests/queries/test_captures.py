"""Queries over real captures of Dask and Darshan beside the checkout; what is expected was counted in their files."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tests.queries.conftest import Library

R4, PMDA, SECOND = "ImageProcessing-R4", "PMDA-R1", "PMDA-R2"
WORKERS = "dask worker transitions"
Rows = list[dict[str, Any]]


def ask(library: Library, name: str, **parameters: str) -> Rows:
    return list(library.graph.query(name, **parameters))


def test_the_node_that_sent_no_events_is_found(captures: Library) -> None:
    rows = [row for row in ask(captures, "source-coverage", run=R4) if row["source"] == WORKERS]
    assert [(row["expected"], row["observed"], row["state"]) for row in rows if "x3106" in row["host"]] == [
        (4, 0, "missing")
    ]
    assert [row["state"] for row in rows if "x3107" in row["host"]] == ["complete"]


def test_a_file_that_was_not_delivered_has_no_host(captures: Library) -> None:
    rows = ask(captures, "source-coverage", run=R4)
    missing = [row["host"] for row in rows if row["source"] == "dask scheduler transitions"]
    assert missing == [None]


def test_a_complete_capture_lacks_nothing(captures: Library) -> None:
    for run in (PMDA, SECOND):
        states = Counter(row["state"] for row in ask(captures, "source-coverage", run=run))
        assert set(states) <= {"complete", "unknown"}, run
        assert states["complete"] >= 7


def test_what_each_task_read(captures: Library) -> None:
    rows = ask(captures, "task-access", run=PMDA)
    assert len(rows) == 12
    assert {row["certainty"] for row in rows} == {"Exact"}
    assert {row["writes"] for row in rows} == {0}
    task = rows[0]["identifier"]
    own = [row for row in rows if row["identifier"] == task]
    assert ask(captures, "task-access", run=PMDA, task=task) == own
    counted = ask(captures, "counters", run=PMDA, task=task)
    assert len(counted) == 5 * len(own)
    read = sum(row["value"] for row in counted if row["counter"] == "accessReadBytes")
    assert read == sum(row["bytesRead"] for row in own) > 0
    assert {row["unit"] for row in counted} == {"NUM", "BYTE", "SEC"}


def test_what_could_not_be_joined_says_why(captures: Library) -> None:
    rows = ask(captures, "unjoined", run=R4)
    assert len(rows) == 36
    assert all(row["reason"] for row in rows)
    assert {row["kind"] for row in rows} >= {"Process", "ProcessGroup"}


def test_each_link_says_how_sure_it_is(captures: Library) -> None:
    rows = ask(captures, "links", run=PMDA)
    assert len(rows) == 778
    assert {row["certainty"] for row in rows} <= {"Exact", "ByInterval", "OnlyCandidate"}
    assert all(row["method"] and row["subjectName"] and row["objectName"] for row in rows)
    exact = ask(captures, "links", run=PMDA, certainty="Exact")
    assert len(exact) == sum(row["certainty"] == "Exact" for row in rows)


def test_the_nearest_configuration_is_the_repetition(captures: Library) -> None:
    rows = ask(captures, "similar-configurations", run=PMDA)
    assert [row["label"] for row in rows] == [SECOND, R4]
    assert rows[0]["similarity"] == 1
    assert ask(captures, "configuration-difference", reference=PMDA, other=SECOND) == []
    assert ask(captures, "package-difference", reference=PMDA, other=SECOND) == []


def test_both_repetitions_moved_what_the_same_tasks_made(captures: Library) -> None:
    assert len(ask(captures, "transfers", run=PMDA)) == 9
    assert ask(captures, "transfer-difference", reference=PMDA, other=SECOND) == []
    rows = ask(captures, "transfer-difference", reference=PMDA, other=R4)
    assert rows
    assert all(row["referenceTransfers"] != row["otherTransfers"] for row in rows)
