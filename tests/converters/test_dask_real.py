"""The four captures of the RECUP group. They may not be copied: of their graphs only counts and a hash are kept."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from recup_kg.align.match import Matching, MatchTask, match
from recup_kg.align.tokens import without_run_tokens
from recup_kg.converters import converters, dask
from recup_kg.evidence.processes import Process
from recup_kg.evidence.scheduling import StateTransition, Transfer, UncapturedTask, WorkerSettings
from recup_kg.rdf.write import graphs
from recup_kg.records import Trace
from recup_kg.validate.check import validate_quads
from tests.converters.golden import assert_golden

RUNS = ("ImageProcessing-R1", "ImageProcessing-R4", "PMDA-R1", "PMDA-R2")


@pytest.fixture(scope="module")
def captures(shared_data: Path) -> dict[str, Trace]:
    return {run: dask.read(shared_data / "recup-dask" / run / "graph.csv") for run in RUNS}


def count(trace: Trace, kind: type) -> int:
    return sum(isinstance(record, kind) for record in trace.records)


def matched(reference: Trace, other: Trace) -> Matching:
    def seen(trace: Trace) -> list[MatchTask]:
        return [
            MatchTask(
                task.identifier,
                task.name,
                task.step,
                task.program,
                task.arguments,
                task.inputs or (),
                task.outputs or (),
                task.parents,
                task.signatures.canonical,
                task.signatures.local,
                task.signatures.neighbourhood,
            )
            for task in trace.tasks
        ]

    return match(seen(reference), seen(other))


@pytest.mark.parametrize("run", RUNS)
def test_golden(captures: dict[str, Trace], run: str, request: pytest.FixtureRequest) -> None:
    update = request.config.getoption("--update-golden")
    assert_golden(f"dask-{run.lower()}", captures[run], update=update, summary=True)


@pytest.mark.parametrize(
    ("run", "tasks", "ran", "uncaptured", "transitions", "transfers"),
    # Counted with csv and ast.literal_eval.
    [
        ("ImageProcessing-R1", 5440, 1995, 3445, 0, 3908),
        ("ImageProcessing-R4", 5440, 3741, 1699, 29762, 1739),
        ("PMDA-R1", 9, 9, 0, 111, 9),
        ("PMDA-R2", 9, 9, 0, 111, 9),
    ],
)
def test_counts(
    captures: dict[str, Trace],
    run: str,
    tasks: int,
    ran: int,
    uncaptured: int,
    transitions: int,
    transfers: int,
) -> None:
    trace = captures[run]
    assert len(trace.tasks) == len({task.identifier for task in trace.tasks}) == tasks
    assert sum(task.executed for task in trace.tasks) == ran
    assert count(trace, UncapturedTask) == uncaptured
    assert count(trace, StateTransition) == transitions
    assert count(trace, Transfer) == transfers
    assert count(trace, Process) == 9
    assert [gap.kind for gap in trace.gaps if gap.kind in ("UnmappedField", "UnreadableValue")] == []


@pytest.mark.parametrize("run", RUNS)
def test_the_graph_conforms(captures: dict[str, Trace], run: str) -> None:
    report = validate_quads("".join(line for graph in graphs(captures[run]) for line in graph.lines))
    assert [result for result in report.results if result.severity == "Violation"] == []


def test_prefix_and_group_follow_the_rules_that_the_scheduler_states(captures: dict[str, Trace]) -> None:
    from recup_kg.converters.dask.keys import prefix

    for run in ("PMDA-R1", "PMDA-R2"):
        assert Counter(task.step for task in captures[run].tasks) == {"dask_helper": 6, "list": 3}
        assert [prefix(task.identifier) for task in captures[run].tasks] == [
            t.step for t in captures[run].tasks
        ]


def test_tasks_of_two_runs_align_although_their_keys_differ(captures: dict[str, Trace]) -> None:
    first, second = captures["ImageProcessing-R1"], captures["ImageProcessing-R4"]
    found = matched(first, second)
    assert len(found.pairs) == 5440
    assert all(without_run_tokens(one) == without_run_tokens(two) for one, two in found.pairs.items())
    assert first.workflow == second.workflow
    assert first.execution.fingerprint == second.execution.fingerprint
    first, second = captures["PMDA-R1"], captures["PMDA-R2"]
    found = matched(first, second)
    # Tasks that nothing tells apart stay classes.
    assert len(found.pairs) == 1
    assert sorted(len(one.reference) for one in found.classes) == [2, 2, 4]
    assert (found.only_reference, found.only_other) == ((), ())
    assert first.workflow == second.workflow


def test_the_workers_that_could_not_report_are_named(captures: dict[str, Trace]) -> None:
    silent = {
        gap.about.identifier for gap in captures["ImageProcessing-R4"].gaps if gap.about.kind == "process"
    }
    assert len(silent) == 4
    assert {address.rsplit(":", 1)[0] for address in silent} == {"tcp://10.201.2.127"}
    for run in ("ImageProcessing-R1", "PMDA-R1", "PMDA-R2"):
        assert [gap for gap in captures[run].gaps if gap.about.kind == "process"] == []
    assert count(captures["ImageProcessing-R4"], WorkerSettings) == 8


def test_hosts_are_stated_only_where_one_node_had_all_workers(captures: dict[str, Trace]) -> None:
    for run in RUNS:
        hosts = {
            record.host
            for record in captures[run].records
            if isinstance(record, Process) and record.label.startswith("worker")
        }
        assert len(hosts) == 1
        assert (hosts == {None}) == run.startswith("ImageProcessing")


def test_no_other_converter_claims_a_file_of_a_capture(shared_data: Path) -> None:
    claimed = 0
    for path in sorted((shared_data / "recup-dask").glob("*/*.csv")):
        assert [name for name, one in converters().items() if one.sniff(path)] == ["dask"]
        claimed += 1
    assert claimed == 21


def test_no_other_file_is_claimed(shared_data: Path) -> None:
    others = [path for path in shared_data.rglob("*") if path.is_file() and path.suffix != ".darshan"]
    found = {path for path in others if dask.sniff(path)}
    assert found == set((shared_data / "recup-dask").glob("*/*.csv"))
