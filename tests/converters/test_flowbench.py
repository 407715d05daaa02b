"""FlowBench's tables: every value comes back, dependencies are found and never made up, and odd or broken tables."""

from __future__ import annotations

import csv
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recup_kg.converters import converters, flowbench
from recup_kg.converters.flowbench import columns
from recup_kg.converters.flowbench.build import machine_of
from recup_kg.converters.flowbench.edges import adjacency_file, workflow_of_file
from recup_kg.converters.flowbench.table import read_table
from recup_kg.converters.nextflow import sniff as is_nextflow
from recup_kg.errors import MalformedSource
from recup_kg.evidence.scheduling import UncapturedTask
from recup_kg.evidence.statements import LiteralValue, Statement
from recup_kg.rdf.read import read_trace
from recup_kg.rdf.vocabulary import measurement_properties
from recup_kg.records import Number, TaskExecution, Trace
from recup_kg.validate import validate
from recup_kg.vocab import RECUP, part_iri, run_iri
from tests.conftest import ROOT
from tests.converters.crates import ntriples
from tests.converters.golden import assert_golden, triples

FOLDER = ROOT / "data" / "flowbench" / "eht_imaging"
SAMPLES = sorted(FOLDER.glob("*.csv"))
NORMAL, THROTTLED = FOLDER / "eht-imaging-run0001.csv", FOLDER / "eht-imaging-run0303.csv"
HEADER = ",anomaly_type,type,is_clustered,ready,submit,execute_start,execute_end,wms_delay,queue_delay,runtime,kickstart_hostname"
ROW = "a_ID1,None,compute,0,10.0,11.0,12.0,15.5,1.0,1.0,3.5,w-1-container-0-3"


def table(folder: Path, *rows: str, header: str = HEADER, name: str = "flow-run0001.csv") -> Path:
    path = folder / name
    path.write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
    return path


def adjacency(path: Path, edges: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(edges), encoding="utf-8")
    return path


def gaps(trace: Trace) -> list[tuple[str, str]]:
    """Kinds and places."""
    return [(gap.kind, gap.where) for gap in trace.gaps]


def by_name(trace: Trace) -> dict[str, TaskExecution]:
    return {task.identifier: task for task in trace.tasks}


def said(trace: Trace, task: str) -> dict[str, str]:
    """The statements about a task: term of ours to text."""
    about = part_iri(run_iri(trace.execution.identity), "task", task)
    return {
        record.predicate.removeprefix(RECUP): record.object.lexical
        for record in trace.records
        if isinstance(record, Statement)
        and record.subject == about
        and isinstance(record.object, LiteralValue)
    }


def test_golden(request: pytest.FixtureRequest) -> None:
    update = request.config.getoption("--update-golden")
    for path in (NORMAL, THROTTLED):
        assert_golden(f"flowbench/{path.stem}", flowbench.read(path), update=update, summary=path != NORMAL)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_value_of_a_sample_comes_back(path: Path) -> None:
    trace = flowbench.read(path)
    with path.open(newline="") as stream:
        rows = {row[""]: row for row in csv.DictReader(stream)}
    tasks = by_name(trace)
    assert tasks.keys() == rows.keys()
    for name, row in rows.items():
        assert values_of(trace, tasks[name]) == {
            column: text
            for column, text in row.items()
            if column and text and not (column in columns.STAGES and text == "0.0")
        }


def values_of(trace: Trace, task: TaskExecution) -> dict[str, str]:
    """What a row must have said, from what was made of it."""
    statements, measured = said(trace, task.identifier), dict(task.measurements)
    assert task.nodes is not None
    assert task.started is not None
    assert task.ended is not None
    found: dict[str, str | None] = {
        "type": task.task_type,
        "is_clustered": {"false": "0", "true": "1"}[statements["clustered"]],
        "submit": statements["submittedAsWritten"],
        "execute_start": task.started.written,
        "execute_end": task.ended.written,
        "runtime": shown(task.run_time),
        "kickstart_hostname": task.nodes[0],
        "kickstart_transformations": task.category,
        "kickstart_executables": task.program,
        "kickstart_executables_exitcode": str(task.exit_code),
        "kickstart_online_bytes_read": shown(task.read_bytes),
        "kickstart_online_bytes_written": shown(task.written_bytes),
        **{column: shown(measured.get(term)) for column, term in columns.MEASURED.items()},
        **{column: statements.get(term) for column, term in columns.TEXTS.items()},
        **{column: seconds(statements.get(term)) for column, term in columns.TIMES.items()},
    }
    if task.arguments is not None:
        found["kickstart_executables_argv"] = next(
            row.values[columns.ARGUMENTS]
            for row in read_table(path_of(trace)).rows
            if row.job == task.identifier and tuple(row.values[columns.ARGUMENTS].split()) == task.arguments
        )
    return {column: text for column, text in found.items() if text is not None}


def path_of(trace: Trace) -> Path:
    return FOLDER / trace.source.file_name


def shown(value: Number | None) -> str | None:
    """A number as the tables write it."""
    return None if value is None else str(float(value))


def seconds(time: str | None) -> str | None:
    return None if time is None else str(datetime.fromisoformat(time).timestamp())


def test_a_run_as_a_whole() -> None:
    run = flowbench.read(NORMAL).execution
    assert (run.label, run.workflow_name) == ("eht-imaging-run0001", "eht-imaging")
    assert run.started is not None
    assert run.ended is not None
    assert (run.started.iso, run.ended.iso) == ("2024-04-26T01:31:59Z", "2024-04-26T01:35:55Z")
    # From the first `ready`, 1714095119, to the last `post_script_end`, 1714095355.
    assert run.makespan == 236
    assert "program=eht-imaging_pipeline" in run.facts


def test_runs_of_one_workflow_agree() -> None:
    traces = [flowbench.read(path) for path in SAMPLES]
    assert len({trace.execution.fingerprint for trace in traces}) == 1
    assert len({trace.workflow for trace in traces}) == 1
    assert len({trace.execution.identity for trace in traces}) == len(SAMPLES) == 10
    signed = {
        tuple(
            (task.identifier, task.signatures.canonical)
            for task in sorted(trace.tasks, key=lambda task: task.identifier)
        )
        for trace in traces
    }
    assert len(signed) == 1


def test_the_label_is_kept_and_no_part_of_what_a_run_is(tmp_path: Path) -> None:
    trace = flowbench.read(THROTTLED)
    labels = {name: said(trace, name)["anomalyLabel"] for name in by_name(trace)}
    assert set(labels.values()) == {"None", "hdd_5"}
    text = THROTTLED.read_text()
    other = table(tmp_path, *text.replace("hdd_5", "None").splitlines()[1:], header=text.splitlines()[0])
    assert flowbench.read(other).execution.identity == trace.execution.identity


def test_dependencies_come_from_the_file_beside() -> None:
    tasks = by_name(flowbench.read(NORMAL))
    assert tasks["create_dir_eht-imaging_0_condorpool"].parents == ()
    assert tasks["eht-imaging_postprocessing_ID0000002"].parents == ("eht-imaging_pipeline_ID0000001",)
    assert sum(len(task.parents) for task in tasks.values()) == 18
    assert tasks["cleanup_eht-imaging_0_condorpool"].level == 4
    assert {path.name for path in flowbench.members(NORMAL)} == {NORMAL.name, "eht_imaging.adjacency.json"}


@pytest.mark.parametrize("path", SAMPLES[:2], ids=lambda path: path.stem)
def test_a_sample_is_valid_and_its_gaps_are_true(path: Path) -> None:
    trace = flowbench.read(path)
    assert [result for result in validate(ntriples(trace)).results if result.severity != "Info"] == []
    assert gaps(trace) == [("NotCaptured", "line 1")]
    assert [(item.property.removeprefix(RECUP), item.where) for item in trace.artefacts] == [
        ("stageInRate", "line 1, stage_in_effective_bytes_per_sec"),
        ("stageOutRate", "line 1, stage_out_effective_bytes_per_sec"),
    ]


def test_what_was_measured_comes_back_from_the_graph() -> None:
    trace = flowbench.read(NORMAL)
    again = read_trace("\n".join(triples(trace)))
    for name, task in by_name(trace).items():
        found = by_name(again)[name]
        assert sorted(found.measurements) == sorted(task.measurements)
        assert [type(value) for _, value in sorted(found.measurements)] == [
            type(value) for _, value in sorted(task.measurements)
        ]
        assert (found.run_time, found.read_bytes) == (task.run_time, task.read_bytes)
    assert {node.name: node.host for node in again.nodes} == {node.name: node.host for node in trace.nodes}


def test_every_column_that_is_measured_is_one_of_the_ontology() -> None:
    terms = measurement_properties()
    units = {RECUP + term: terms[RECUP + term].unit for term in columns.MEASURED.values()}
    assert all(units[RECUP + term] == "SEC" for term in columns.SECONDS.values())
    assert all(units[RECUP + term] == "BYTE-PER-SEC" for term in columns.RATES.values())
    assert {units[RECUP + term] for term in columns.COUNTS.values()} == {"BYTE", "NUM"}


@pytest.mark.parametrize(
    ("host", "machine"),
    [
        ("poseidon-worker-2-container-44-47", "poseidon-worker-2"),
        ("worker-1-container-3", "worker-1"),
        ("w_container_0", "w"),
        ("w.container-0-3.novalocal", "w"),
        ("node7-container", "node7"),
        ("poseidon-submit", None),
        ("container-1", None),
        ("a-containerised", None),
    ],
)
def test_the_machine_below_a_container(host: str, machine: str | None) -> None:
    assert machine_of(host) == machine


def test_containers_and_machines_are_nodes() -> None:
    nodes = {node.name: node.host for node in flowbench.read(NORMAL).nodes}
    assert nodes["poseidon-worker-2-container-44-47"] == "poseidon-worker-2"
    assert nodes["poseidon-worker-2"] is None
    assert nodes["poseidon-submit"] is None
    assert flowbench.read(NORMAL).execution.nodes == tuple(nodes)


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("flow.adjacency.json", "flow-run0001.csv"),
        ("flow.json", "flow-run0001.csv"),
        ("adjacency_list_dags/flow.json", "flow-run0001.csv"),
        ("../flow.adjacency.json", "flow-run0001.csv"),
        ("../../adjacency_list_dags/flow.json", "flow-run0001.csv"),
        ("my_flow.adjacency.json", "my-flow-run0001.csv"),
        ("my-flow.adjacency.json", "my_flow_run0001.csv"),
        ("../here.adjacency.json", "x.csv"),
    ],
)
def test_where_dependencies_are_looked_for(place: str, name: str, tmp_path: Path) -> None:
    folder = tmp_path / "above" / "here"
    folder.mkdir(parents=True)
    path = table(folder, ROW, ROW.replace("a_ID1", "b_ID2"), name=name)
    assert adjacency_file(path) is None
    found = adjacency((folder / place).resolve(), {"a_ID1": ["b_ID2"], "b_ID2": []})
    assert adjacency_file(path) == found
    trace = flowbench.read(path)
    assert by_name(trace)["b_ID2"].parents == ("a_ID1",)
    assert {member.file_name.rsplit("/")[-1] for member in trace.source.members} == {name, found.name}


def test_dependencies_three_folders_above_are_not_taken(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b" / "c"
    folder.mkdir(parents=True)
    path = table(folder, ROW)
    adjacency(tmp_path / "flow.adjacency.json", {"a_ID1": []})
    assert adjacency_file(path) is None
    trace = flowbench.read(path)
    assert trace.source.members == ()
    assert [gap.comment for gap in trace.gaps][-1].startswith("no dependencies between jobs")


def test_a_relative_path_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table(tmp_path, ROW)
    adjacency(tmp_path / "flow.adjacency.json", {"a_ID1": []})
    monkeypatch.chdir(tmp_path)
    assert len(flowbench.read(Path("flow-run0001.csv")).source.members) == 2


def test_the_nearest_file_counts_and_other_json_does_not(tmp_path: Path) -> None:
    path = table(tmp_path, ROW)
    (tmp_path / "flow.json").write_text('{"name": "a trace of another format"}')
    assert adjacency_file(path) is None
    near = adjacency(tmp_path / "flow.adjacency.json", {"a_ID1": []})
    adjacency(tmp_path / "adjacency_list_dags" / "flow.json", {"a_ID1": ["z"]})
    assert adjacency_file(path) == near


def test_dependencies_of_other_jobs_are_not_used(tmp_path: Path) -> None:
    path = table(tmp_path, ROW)
    adjacency(tmp_path / "flow.adjacency.json", {"x": ["y"], "y": []})
    trace = flowbench.read(path)
    assert by_name(trace).keys() == {"a_ID1"}
    assert ("ConflictingValue", "flow.adjacency.json") in gaps(trace)


def test_jobs_without_row_are_planned_and_rows_without_dependencies_a_gap(tmp_path: Path) -> None:
    path = table(tmp_path, ROW, ROW.replace("a_ID1", "late_ID9"))
    adjacency(tmp_path / "flow.adjacency.json", {"a_ID1": ["b_ID2"], "b_ID2": []})
    trace = flowbench.read(path)
    tasks = by_name(trace)
    assert (tasks["b_ID2"].executed, tasks["b_ID2"].parents, tasks["b_ID2"].step) == (False, ("a_ID1",), "b")
    assert UncapturedTask("b_ID2") in trace.records
    assert ("NotCaptured", "flow.adjacency.json") in gaps(trace)
    (unknown,) = [gap for gap in trace.gaps if gap.about.kind == "task"]
    assert (unknown.about.identifier, unknown.where) == ("late_ID9", "line 3")
    assert [result for result in validate(ntriples(trace)).results if result.severity == "Violation"] == []


def test_a_row_that_says_nothing_is_a_planned_task(tmp_path: Path) -> None:
    trace = flowbench.read(table(tmp_path, ROW, "b_ID2,None,compute,0,,,,,,,,"))
    task = by_name(trace)["b_ID2"]
    assert not task.executed
    assert said(trace, "b_ID2") == {"anomalyLabel": "None"}
    assert [result for result in validate(ntriples(trace)).results if result.severity == "Violation"] == []


def test_what_is_not_there_is_absent(tmp_path: Path) -> None:
    trace = flowbench.read(table(tmp_path, "a,None,,nan,10.0,,,,NaN,,,"))
    (task,) = trace.tasks
    assert task == replace(
        task,
        task_type=None,
        started=None,
        ended=None,
        run_time=None,
        nodes=None,
        program=None,
        arguments=None,
    )
    assert task.measurements == ()
    assert task.executed
    assert trace.nodes == ()
    assert ("NotCaptured", "line 1.machines") in gaps(trace)
    assert "clustered" not in said(trace, "a")


def test_a_job_that_failed_and_was_clustered(tmp_path: Path) -> None:
    header = HEADER + ",kickstart_executables_exitcode,kickstart_transformations"
    trace = flowbench.read(table(tmp_path, ROW.replace(",0,", ",1,", 1) + ',-1,"m1,m2"', header=header))
    (task,) = trace.tasks
    assert (task.exit_code, task.category, task.step) == (-1, "m1,m2", "a")
    assert said(trace, "a_ID1")["clustered"] == "true"


def test_a_value_of_several_lines(tmp_path: Path) -> None:
    header = HEADER + ",kickstart_executables_argv"
    path = table(tmp_path, ROW + ',"-c\n\u2028one, two"', ROW.replace("a_ID1", "b") + ",", header=header)
    trace = flowbench.read(path)
    assert by_name(trace)["a_ID1"].arguments == ("-c", "one,", "two")
    assert [row.line for row in read_table(path).rows] == [2, 4]


def test_one_job_in_several_rows(tmp_path: Path) -> None:
    trace = flowbench.read(table(tmp_path, ROW, ROW, ROW.replace(",3.5,", ",9.5,")))
    assert {name: task.run_time for name, task in by_name(trace).items()} == {
        "a_ID1": 3.5,
        "a_ID1 (line 4)": 9.5,
    }
    assert gaps(trace)[:2] == [("DuplicateEntry", "line 3"), ("ConflictingValue", "line 4")]


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("runtime", "-3"),
        ("runtime", "fast"),
        ("queue_delay", "inf"),
        ("wms_delay", "1e400"),
        ("execute_start", "-1"),
        ("execute_start", "1e30"),
        ("submit", "soon"),
        ("ready", "x"),
        ("is_clustered", "maybe"),
    ],
)
def test_what_can_not_be_read_is_a_gap(column: str, text: str, tmp_path: Path) -> None:
    names = HEADER.split(",")
    values = ROW.split(",")
    values[names.index(column)] = text
    trace = flowbench.read(table(tmp_path, ",".join(values)))
    (gap,) = [gap for gap in trace.gaps if gap.kind == "UnreadableValue"]
    assert (gap.where, gap.value) == (f"line 2, {column}", json.dumps(text))
    assert [result for result in validate(ntriples(trace)).results if result.severity == "Violation"] == []


def test_a_column_that_is_not_known_is_a_gap(tmp_path: Path) -> None:
    trace = flowbench.read(table(tmp_path, ROW + ",1", header=HEADER + ",mood"))
    assert ("UnmappedField", "line 1, mood") in gaps(trace)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n", "{path}: line 1: the first line does not name FlowBench's columns"),
        (HEADER + "\n", "{path}: line 2: no job has a row"),
        (HEADER + "\na,None\n", "{path}: line 2: 2 values for 12 columns"),
        (f"{HEADER}\n{ROW}\n{ROW[:20]}", "{path}: line 3: 4 values for 12 columns"),
        (HEADER + "\n" + ROW.removeprefix("a_ID1"), "{path}: line 2: the row does not name its job"),
        (
            HEADER.removeprefix(",") + "\n",
            "{path}: line 1: the first column must name the jobs, here it is 'anomaly_type'",
        ),
        (HEADER + ",type\n", "{path}: line 1: the column 'type' stands twice"),
        (HEADER + "\n\xff", "{path}: byte 120: not UTF-8"),
        (f'{HEADER}\n{ROW}\n"' + "x" * 200_000, "{path}: line 3: field larger than field limit"),
    ],
)
def test_malformed(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(MalformedSource) as caught:
        flowbench.read(path)
    told = str(caught.value)
    expected = message.format(path=path)
    assert told.startswith(expected)
    assert "\n" not in told


@pytest.mark.parametrize("text", ["[]", "{", '{"a": "b"}', '{"a": [1]}', "[" * 100_000])
def test_a_file_that_tells_no_dependencies(text: str, tmp_path: Path) -> None:
    path = table(tmp_path, ROW)
    (tmp_path / "flow.adjacency.json").write_text(text)
    with pytest.raises(MalformedSource, match="no object from each job to the list of its children"):
        flowbench.read(path)


def test_jobs_that_depend_on_each_other_in_a_circle(tmp_path: Path) -> None:
    path = table(tmp_path, ROW)
    adjacency(tmp_path / "flow.adjacency.json", {"a_ID1": ["b"], "b": ["a_ID1"]})
    with pytest.raises(MalformedSource, match=r"flow\.adjacency\.json.*in a circle"):
        flowbench.read(path)


def test_only_such_tables_are_recognised(tmp_path: Path) -> None:
    assert [path for path in SAMPLES if not flowbench.sniff(path)] == []
    assert [name for name, item in converters().items() if item.sniff(NORMAL)] == ["flowbench"]
    for text in (b"", b"\xff\xfe", b"a,b\n", HEADER.replace("runtime", "time").encode()):
        path = tmp_path / "x.csv"
        path.write_bytes(text)
        assert not flowbench.sniff(path)
    assert not is_nextflow(NORMAL)


@pytest.mark.parametrize(
    ("name", "workflow"),
    [
        ("eht-imaging-run0001", "eht-imaging"),
        ("1000genome-run12", "1000genome"),
        ("montage_run0001", "montage"),
        ("casa-nowcast-full-3", "casa-nowcast-full"),
        ("run0001", "run0001"),
    ],
)
def test_the_workflow_of_a_file(name: str, workflow: str) -> None:
    assert workflow_of_file(Path(f"{name}.csv")) == workflow


@given(st.integers(0, 253_402_300_799), st.integers(0, 999_999))
def test_times_are_exact(whole: int, micro: int) -> None:
    stamp = columns.moment(f"{whole}.{micro:06d}")
    assert stamp.iso is not None
    read = datetime.fromisoformat(stamp.iso)
    assert read.tzinfo == UTC
    assert (read - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() == pytest.approx(
        whole + micro / 1e6, abs=1e-6
    )


@given(st.text(max_size=12))
def test_no_text_breaks_a_number_or_a_time(text: str) -> None:
    value = columns.amount("runtime", text)
    assert value is None or value >= 0
    columns.moment(text)


def test_all_runs_of_flowbench(shared_data: Path, tmp_path: Path) -> None:
    for name, tasks in (("eht_imaging", 12), ("pycbc_inference", 17)):
        folder = tmp_path / name
        with zipfile.ZipFile(shared_data / "flowbench" / f"{name}.zip") as archive:
            archive.extractall(folder)
        text = (shared_data / "flowbench" / f"{name}.adjacency.json").read_text()
        (tmp_path / f"{name}.adjacency.json").write_text(text)
        traces = [flowbench.read(path) for path in sorted(folder.glob("*.csv"))]
        assert len(traces) > 500
        assert {len(trace.tasks) for trace in traces} == {tasks}
        assert {tuple(gaps(trace)) for trace in traces} == {(("NotCaptured", "line 1"),)}
        assert len({trace.execution.fingerprint for trace in traces}) == 1
