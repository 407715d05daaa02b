"""Records of a made-up capture of Dask."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TypeVar

import pytest

from recup_kg.converters import converters, dask
from recup_kg.converters.dask.keys import group, prefix
from recup_kg.converters.dask.values import epoch, real, whole
from recup_kg.evidence.processes import Process
from recup_kg.evidence.scheduling import (
    GraphSubmission,
    NodeRole,
    Registration,
    StateTransition,
    Transfer,
    UncapturedTask,
    WorkerSettings,
)
from recup_kg.rdf.write import graphs
from recup_kg.records import TaskExecution, Timestamp, Trace
from recup_kg.validate.check import validate_quads
from tests.converters.golden import assert_golden
from tests.converters.test_wfformat_records import stored
from tests.dask_samples import (
    BROKEN,
    CLIENT,
    HASH,
    LOAD0,
    LOAD1,
    NEVER,
    SCATTERED,
    SCHEDULER,
    SUM,
    TABLES,
    W1,
    W2,
    W3,
    WORKER_LOG,
    T,
    save,
)

R = TypeVar("R")


def of(trace: Trace, kind: type[R]) -> list[R]:
    return [record for record in trace.records if isinstance(record, kind)]


def task(trace: Trace, key: str) -> TaskExecution:
    return next(task for task in trace.tasks if task.identifier == key)


@pytest.fixture
def trace(tmp_path: Path) -> Trace:
    return dask.read(save(tmp_path))


def test_the_tasks_are_the_keys_of_all_graphs(trace: Trace) -> None:
    assert {task.identifier: (task.step, task.parents, task.executed) for task in trace.tasks} == {
        LOAD0: ("load", (), True),
        LOAD1: ("load", (), True),
        SUM: ("sum", (LOAD0, LOAD1), True),
        BROKEN: ("broken", (SUM,), True),
        NEVER: (prefix(NEVER), (BROKEN,), False),
    }
    assert task(trace, SUM).inputs == (LOAD0, LOAD1, SCATTERED)
    assert of(trace, UncapturedTask) == []


def test_the_last_successful_run_gives_times_worker_and_thread(trace: Trace) -> None:
    load = task(trace, LOAD0)
    assert load.started == Timestamp(f"{T + 1}.0", "2024-04-19T19:01:41Z")
    assert load.ended == Timestamp(f"{T + 2}.0010", "2024-04-19T19:01:42.001Z")
    assert (load.worker, load.thread, load.status, load.run_time) == (W1, 9007199254740993, "memory", 1.0)
    assert load.group == f"load-{HASH}"
    states = [(item.process, item.to_state) for item in of(trace, StateTransition) if item.task == LOAD0]
    assert (W3, "executing") in states
    assert (W3, "released") in states


def test_begin_and_end_of_a_transfer_are_not_those_of_the_task(trace: Trace) -> None:
    total = task(trace, SUM)
    assert total.started is not None
    assert total.started.written == f"{T + 5}.000001"
    assert total.run_time == 2.5e-06
    comments = [gap.comment for gap in trace.gaps if gap.kind == "ConflictingValue"]
    assert len(comments) == 1
    assert comments[0].startswith("begins, ends and duration of 1 tasks are those of the transfer")


def test_a_failed_task_ran_and_says_so(trace: Trace) -> None:
    broken = task(trace, BROKEN)
    assert (broken.executed, broken.status, broken.worker, broken.run_time) == (True, "erred", W2, 0.5)
    # The task after it failed with it and never ran.
    assert task(trace, NEVER).status is None


def test_data_have_the_sizes_that_the_scheduler_states(trace: Trace) -> None:
    assert {item.identifier: (item.size, item.generators) for item in trace.data} == {
        LOAD0: (800, (LOAD0,)),
        LOAD1: (800, (LOAD1,)),
        SUM: (28, (SUM,)),
        BROKEN: (None, (BROKEN,)),
        NEVER: (None, (NEVER,)),
        SCATTERED: (None, ()),
    }


def test_a_transfer_is_there_once_for_each_end(trace: Trace) -> None:
    received, sent, to_client = of(trace, Transfer)
    assert (received.from_process, received.to_process, received.recorded_by) == (W2, W1, W1)
    assert (received.times_recorded, received.size, received.items) == (3, 800, (LOAD1,))
    assert (sent.from_process, sent.to_process, sent.recorded_by) == (W2, W1, W2)
    assert (sent.times_recorded, sent.compressed_size) == (1, 91)
    assert (received.other_end, sent.other_end) == (sent.identifier, received.identifier)
    assert (to_client.from_process, to_client.to_process, to_client.other_end) == (W1, None, None)
    assert [item.direction for item in (received, sent, to_client)] == ["incoming", "outgoing", "outgoing"]


def test_submissions_registrations_and_processes(trace: Trace) -> None:
    first, second = of(trace, GraphSubmission)
    assert (first.client, first.wanted, set(first.tasks)) == (CLIENT, (SUM,), {LOAD0, LOAD1, SUM})
    assert set(second.tasks) == {BROKEN, NEVER}
    assert [(item.process or item.client, item.action) for item in of(trace, Registration)] == [
        (W1, "add"),
        (W2, "add"),
        (W3, "add"),
        (W3, "remove"),
        (CLIENT, "add"),
    ]
    assert [(item.identifier, item.label, item.host) for item in of(trace, Process)] == [
        (SCHEDULER, f"scheduler {SCHEDULER}", None),
        (W1, f"worker {W1}", None),
        (W2, f"worker {W2}", None),
        (W3, f"worker {W3}", None),
    ]


def test_the_execution_is_stated_by_the_scheduler_alone(trace: Trace) -> None:
    run = trace.execution
    assert run.started == Timestamp(f"{T}.5", "2024-04-19T19:01:40.5Z")
    assert run.makespan == 20.25
    assert run.nodes is None
    assert run.label == f"{run.workflow_name} Client-0a1b2c3d"
    assert "workers=3" in run.facts


def test_the_graph_is_the_golden_one(trace: Trace, request: pytest.FixtureRequest) -> None:
    assert_golden("dask-small", trace, update=request.config.getoption("--update-golden"))


def test_the_graph_conforms(trace: Trace) -> None:
    report = validate_quads("".join(line for graph in graphs(trace) for line in graph.lines))
    assert [result for result in report.results if result.severity == "Violation"] == []


def test_tasks_and_source_come_back_from_the_graph(trace: Trace) -> None:
    back = stored(trace)
    assert back.source == trace.source
    assert len(back.source.members) == 6

    def told(task: TaskExecution) -> tuple[object, ...]:
        return (
            *(task.started, task.ended, task.status, task.exit_code, task.group, task.worker, task.thread),
            *(task.run_time, task.executed, task.signatures, set(task.parents)),
        )

    assert {t.identifier: told(t) for t in back.tasks} == {t.identifier: told(t) for t in trace.tasks}


def test_each_file_leads_to_the_same_capture(tmp_path: Path, trace: Trace) -> None:
    for name in TABLES:
        path = tmp_path / f"{name}.csv"
        assert dask.sniff(path)
        assert [name for name, one in converters().items() if one.sniff(path)] == ["dask"]
        assert set(dask.members(path)) == set(tmp_path.iterdir())
        assert dask.read(path) == trace


def test_order_of_rows_index_and_columns_do_not_matter_to_tasks(tmp_path: Path, trace: Trace) -> None:
    shuffled = {}
    for name, (columns, rows) in TABLES.items():
        order = list(range(len(columns)))
        random.Random(4).shuffle(order)
        mixed = [tuple(row[i] for i in order) for row in rows]
        random.Random(5).shuffle(mixed)
        shuffled[name] = ([columns[i] for i in order], mixed)
    (tmp_path / "other").mkdir()
    other = dask.read(save(tmp_path / "other", shuffled, index=False))
    assert other.tasks == trace.tasks
    assert other.data == trace.data
    assert other.execution == trace.execution


@pytest.mark.parametrize("name", ["graph", "scheduler_transition", "worker_transition"])
def test_one_file_alone_gives_what_it_tells(tmp_path: Path, name: str) -> None:
    alone = dask.read(save(tmp_path, {name: TABLES[name]}))
    absent = [gap.where for gap in alone.gaps if gap.comment == "the capture has no such file"]
    assert absent == [f"{other}.csv" for other in TABLES if other != name]
    ran = {task.identifier for task in alone.tasks if task.executed}
    unknown = {item.identifier for item in of(alone, UncapturedTask)}
    if name == "graph":
        assert (ran, unknown) == (set(), {LOAD0, LOAD1, SUM, BROKEN, NEVER})
    else:
        assert (ran, unknown) == ({LOAD0, LOAD1, SUM, BROKEN}, set())
    report = validate_quads("".join(line for graph in graphs(alone) for line in graph.lines))
    assert [result for result in report.results if result.severity == "Violation"] == []


def test_transfers_prove_that_a_task_ran_and_not_where(tmp_path: Path) -> None:
    found = dask.read(save(tmp_path, {name: TABLES[name] for name in ("graph", "worker_transfer", "worker")}))
    assert {t.identifier for t in found.tasks if t.executed} == {LOAD1, SUM}
    assert (task(found, LOAD1).worker, task(found, LOAD1).started, task(found, LOAD1).status) == (
        None,
        None,
        None,
    )
    assert {item.identifier for item in of(found, UncapturedTask)} == {LOAD0, BROKEN, NEVER}
    assert {item.identifier: item.size for item in found.data if item.size} == {LOAD1: 800, SUM: 28}


def test_a_silent_worker_leaves_open_what_ran_on_it(tmp_path: Path) -> None:
    tables = {name: TABLES[name] for name in ("graph", "worker_transition", "worker")}
    columns, rows = TABLES["worker_transition"]
    tables["worker_transition"] = (columns, [row for row in rows if row[3] != W3])
    found = dask.read(save(tmp_path, tables))
    assert [item.identifier for item in of(found, UncapturedTask)] == [NEVER]
    # With transitions of every worker, a task without any did not run.
    found = dask.read(save(tmp_path, {"worker_transition": TABLES["worker_transition"]}))
    assert of(found, UncapturedTask) == []
    assert not task(found, NEVER).executed


def test_nodes_have_the_roles_of_their_lists(tmp_path: Path) -> None:
    path = save(tmp_path)
    (tmp_path / "WorkerNodes").write_text("n1\n")
    (tmp_path / "SchedulerNode").write_text("n9.cluster")
    (tmp_path / "ClientNode").write_text("n9.cluster\n")
    found = dask.read(path)
    assert found.execution.nodes == ("n1", "n9.cluster")
    assert [(item.identifier, item.roles) for item in of(found, NodeRole)] == [
        ("n1", ("worker",)),
        ("n9.cluster", ("client", "scheduler")),
    ]
    assert {item.host for item in of(found, Process) if item.identifier != SCHEDULER} == {"n1"}
    assert task(found, SUM).nodes == ("n1",)
    # Two nodes: which worker is on which, no file says.
    (tmp_path / "WorkerNodes").write_text("n1\nn2\n")
    found = dask.read(path)
    assert {item.host for item in of(found, Process)} == {None, "n9.cluster"}
    assert task(found, SUM).nodes is None


def test_logs_tell_settings_and_which_worker_could_not_report(tmp_path: Path) -> None:
    path = save(tmp_path)
    (tmp_path / "worker.e").write_text(WORKER_LOG)
    (tmp_path / "scheduler.e").write_text("x - INFO -   Scheduler at:   tcp://10.0.0.9:8786\n")
    (tmp_path / "consumer.o").write_text("ok\ndata failure:  {'key': 1data failure:  {'start'\n")
    found = dask.read(path)
    assert of(found, WorkerSettings) == [
        WorkerSettings(W3, 8, "503.22 GiB", "/tmp/space/worker-31mp2yp_"),
        WorkerSettings(W1, 8, "503.22 GiB", None),
        WorkerSettings(W2, 8, "503.22 GiB", None),
    ]
    told = [(gap.about.identifier, gap.where, gap.comment) for gap in found.gaps if gap.kind == "NotCaptured"]
    assert told == [
        (
            W3,
            "worker.e line 1",
            "the plug-in Plugin.py did not start (RuntimeError: no fabric), so this worker could not report its events",
        ),
        ("", "consumer.o line 2", "the consumer reports a failure with the data of an event"),
        ("", "consumer.o line 2", "the consumer reports a failure with the data of an event"),
    ]
    assert "threads of a worker=8" in found.execution.facts


def test_the_total_time_that_the_program_prints_is_another_quantity_than_the_makespan(tmp_path: Path) -> None:
    path = save(tmp_path)
    (tmp_path / "producer.o").write_text("Received Mode = distributed\n\n\nTotal time taken  = 200.71s\n")
    run = dask.read(path).execution
    assert (run.reported_makespan, run.makespan) == (200.71, 20.25)


@pytest.mark.parametrize(
    "text", ["", "Total time taken  = fast\n", "Total time taken  = 12 min\n", "not Total time taken = 3s\n"]
)
def test_what_is_no_total_time_is_none(tmp_path: Path, text: str) -> None:
    path = save(tmp_path)
    (tmp_path / "producer.o").write_text(text)
    assert dask.read(path).execution.reported_makespan is None


def test_of_several_total_times_none_is_used(tmp_path: Path) -> None:
    path = save(tmp_path)
    (tmp_path / "producer.o").write_text("Total time taken  = 3s\nagain\nTotal time taken  = 4s\n")
    found = dask.read(path)
    assert found.execution.reported_makespan is None
    told = [gap.comment for gap in found.gaps if gap.where == "producer.o"]
    assert told == ["the program prints 2 total times, on lines 1, 3: none is used"]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        # The examples of https://docs.dask.org for key_split, and prefixes that a scheduler stated.
        ("x", "x"),
        ("x-1", "x"),
        ("x-1-2-3", "x"),
        ("('x-2', 1)", "x"),
        ("('x', 1)", "x"),
        ("hello-world-1", "hello-world"),
        ("ae05086432ca935f6eba409a8ecd4896", "data"),
        ("<module.submodule.myclass object at 0xdaf372", "myclass"),
        ("_dask_helper-9417f84f-f598-4120-b995-eb8272d07c56", "dask_helper"),
        (f"('block-info-_map_read_frame-{HASH}', 126, 0, 0, 0)", "block-info"),
        ("x-abcdefab", "x"),
        ("x-abcdefabc-1", "x-abcdefabc"),
        ("", "Other"),
        ("<>", "Other"),
    ],
)
def test_prefixes(key: str, expected: str) -> None:
    assert prefix(key) == expected


def test_groups_of_tuples_only() -> None:
    assert group(f"('sum-{HASH}', 0, (1, 2))") == f"sum-{HASH}"
    assert group(f"sum-{HASH}") is None
    assert group("(1, 2)") is None


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("1713553298.7102184", "2024-04-19T19:01:38.7102184Z"),
        ("1713553298", "2024-04-19T19:01:38Z"),
        ("1713553298.50", "2024-04-19T19:01:38.5Z"),
        ("0", "1970-01-01T00:00:00Z"),
        ("1.7135532987102184e9", "2024-04-19T19:01:38.7102184Z"),
        ("nan", None),
        ("-1", None),
        ("1e400", None),
        ("inf", None),
        ("253402300800", None),
        ("2024-04-19", None),
    ],
)
def test_times_keep_all_digits(text: str, iso: str | None) -> None:
    assert epoch(text) == Timestamp(text, iso)


def test_numbers_are_exact() -> None:
    assert [whole(text) for text in ("12", "12.0", "12.", "9007199254740993", "18446744073709551615")] == [
        12,
        12,
        12,
        9007199254740993,
        18446744073709551615,
    ]
    assert [whole(text) for text in (None, "", "12.5", "-1", "nan", "1e3")] == [None] * 6
    assert [real(text) for text in ("0.25", "nan", "inf", "-1", "x", None)] == [
        0.25,
        None,
        None,
        None,
        None,
        None,
    ]
