"""Baselines as data in the graph, brought up to date, and the outliers that plain SPARQL finds with them."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

import recup_kg as recup
from recup_kg.api import KnowledgeGraph
from recup_kg.api.baselines import baseline_names, parse_key, statistics
from recup_kg.baselines import KnownValue, TaskKey
from recup_kg.errors import UsageError
from recup_kg.vocab import RECUP
from tests.groups.samples import deviating, population, repeat
from tests.wfformat_samples import executed, save

RUN_TIME = RECUP + "runTime"


@pytest.fixture(params=["memory", "disk"])
def graph(request: pytest.FixtureRequest, tmp_path: Path) -> KnowledgeGraph:
    graph = recup.open(":memory:" if request.param == "memory" else str(tmp_path / "store"))
    graph.ingest_all([*population(tmp_path, 6), deviating(tmp_path)], validate=False)
    return graph


def test_a_baseline_holds_the_statistics_of_its_runs(graph: KnowledgeGraph):
    kept = graph.baseline("usual", "until=2024-01-03T00:00:00Z")
    assert (len(kept.baseline.runs), kept.read) == (6, 6)
    of_work = next(
        one for one in kept.baseline.statistics if one.measurement == RUN_TIME and one.step == "split"
    )
    times = [executed(repeat(number), 0)["runtimeInSeconds"] for number in range(6)]
    assert (of_work.n, of_work.runs, of_work.median) == (6, 6, pytest.approx(median(times)))
    assert of_work.low == pytest.approx(numpy.quantile(times, 0.25))
    assert (of_work.minimum, of_work.maximum) == (min(times), max(times))
    rows = [
        row
        for row in graph.query("baseline", baseline="usual", step="split")
        if row["measurement"] == RUN_TIME
    ]
    assert [(row["n"], row["median"], row["unit"]) for row in rows] == [(6, of_work.median, "s")]
    assert graph.validate().conforms
    assert kept.to_dict()["statistics"][0]["label"]


def test_adding_a_run_reads_only_it_and_gives_what_all_together_give(graph: KnowledgeGraph):
    graph.baseline("usual", "run-00,run-01,run-02,run-03,run-04")
    added = graph.extend_baseline("usual", "run-05")
    assert added.read == 1
    assert added.baseline.revision_of is not None
    whole = graph.baseline("whole", "until=2024-01-03T00:00:00Z")
    assert added.baseline.statistics == whole.baseline.statistics
    assert baseline_names(graph._access.reading()) == ("usual", "whole")
    assert len({row["n"] for row in graph.query("baseline", baseline="usual")}) == 1


def test_the_same_runs_give_the_same_baseline(graph: KnowledgeGraph):
    first = graph.baseline("usual", "run-00,run-01")
    again = graph.baseline("usual", "run-00,run-01")
    assert (again.baseline, again.stored_as) == (first.baseline, first.stored_as)
    assert graph.extend_baseline("usual", "run-00").baseline.iri == first.baseline.iri


def test_outliers_are_found_by_a_query(graph: KnowledgeGraph):
    graph.baseline("usual", "until=2024-01-03T00:00:00Z")
    rows = list(graph.query("outliers", baseline="usual", run="slow", spreads=20))
    assert {row["identifier"] for row in rows} == {"work_ID02"}
    assert {row["measurement"] for row in rows} == {RUN_TIME, RECUP + "averageCpuUtilization"}
    assert all(row["n"] == 6 for row in rows)
    assert len(graph.query("outliers", baseline="usual", run="run-03", spreads=20)) == 0


def test_a_run_with_another_task_is_read_with_all_others(graph: KnowledgeGraph, tmp_path: Path):
    graph.baseline("usual", "run-00,run-01,run-02")
    stopped = repeat(40)
    del stopped["workflow"]["execution"]["tasks"][3]
    executed(stopped, 2)["command"]["program"] = "work3"
    graph.ingest(save(tmp_path, stopped, "other.json"), validate=False)
    kept = graph.extend_baseline("usual", "other", allow_mixed=["all"])
    assert kept.read == 4
    assert len(kept.baseline.runs) == 4


def test_what_makes_no_sense_is_one_clear_line(graph: KnowledgeGraph, tmp_path: Path):
    with pytest.raises(UsageError, match="no baseline is called 'usual'; there are: none"):
        graph.extend_baseline("usual", "run-00")
    with pytest.raises(UsageError, match="'two words' can't name a baseline: it is one word"):
        graph.baseline("two words", "@all")
    graph.baseline("usual", "run-00,run-01")
    graph.remove("run-01")
    with pytest.raises(UsageError, match="1 runs of the baseline are no longer in the store"):
        graph.extend_baseline("usual", "run-02")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("c1", TaskKey("c1")),
        ("c1/a:b/c", TaskKey("c1", None, "a:b/c")),
        ("c1:n1", TaskKey("c1", "n1")),
        ("c1:n1/a", TaskKey("c1", "n1", "a")),
    ],
)
def test_a_key_says_what_tells_tasks_apart(key: str, expected: TaskKey):
    assert parse_key(key) == expected


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=20))
def test_statistics_are_ordered_and_spread_is_never_below_the_step(numbers: list[float]):
    values = [KnownValue("k", "s", f"r{place}", RUN_TIME, number) for place, number in enumerate(numbers)]
    (one,) = statistics(values, {RUN_TIME: 0.5})
    assert one.minimum <= one.low <= one.median <= one.high <= one.maximum
    assert one.spread is None if len(numbers) == 1 else (one.spread or 0) >= max(0.5, one.mad)
    assert one.median == pytest.approx(float(numpy.median(numbers)))
