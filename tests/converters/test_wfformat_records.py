"""What reaches the records: gaps, artefacts, coverage, old units, layout 1.6; and round trips of made traces."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recup_kg.converters.times import timestamp
from recup_kg.converters.wfformat import read, sniff, write
from recup_kg.rdf.read import read_trace
from recup_kg.rdf.write import graphs
from recup_kg.records import Gap, Trace
from tests.wfformat_samples import executed, normal, renamed, save, small, specified


def stored(trace: Trace) -> Trace:
    """The trace after a way through quads."""
    store = pyoxigraph.Store()
    store.bulk_load("".join(graphs(trace)[0].lines).encode(), format=pyoxigraph.RdfFormat.N_QUADS)
    triples = store.query("CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }")
    return read_trace(triples.serialize(format=pyoxigraph.RdfFormat.N_TRIPLES))


def comes_back(trace: dict[str, Any], folder: Path) -> Trace:
    """Assert that export gives the trace back; the records of it."""
    records = read(save(folder, trace))
    assert normal(json.loads(write(stored(records)))) == normal(trace)
    return records


def gaps(trace: Trace, kind: str) -> list[Gap]:
    return [gap for gap in trace.gaps if gap.kind == kind]


def test_the_small_trace_comes_back(tmp_path: Path) -> None:
    trace = comes_back(small(), tmp_path)
    assert [task.level for task in trace.tasks] == [0, 1, 1, 2]
    assert trace.workflow.steps[0].name == "merge"
    assert trace.gaps == ()
    assert trace.artefacts == ()


def test_members_that_no_layout_defines_are_kept_as_gaps(tmp_path: Path) -> None:
    document = small(extra={"a": [1, 2]})
    executed(document, 2)["gpu"] = "A100"
    document["workflow"]["execution"]["machines"][0]["cpu"]["cache"] = 64
    document["author"] = None
    trace = comes_back({**document, "author": None}, tmp_path)
    found = {gap.where: gap.value for gap in gaps(trace, "UnmappedField")}
    assert found == {
        "$.extra": '{"a":[1,2]}',
        "$.workflow.execution.tasks[2].gpu": '"A100"',
        "$.workflow.execution.machines[0].cpu.cache": "64",
    }
    assert [gap.where for gap in gaps(trace, "NotCaptured")] == ["$.author"]


def test_empty_texts_say_nothing(tmp_path: Path) -> None:
    document = small(description="", createdAt="")
    document["runtimeSystem"]["version"] = ""
    document["workflow"]["execution"]["machines"][0]["release"] = ""
    executed(document, 1)["command"] = {"program": "", "arguments": ["", "-x"]}
    trace = comes_back(document, tmp_path)
    assert {(gap.where, gap.value) for gap in gaps(trace, "NotCaptured")} == {
        ("$.description", '""'),
        ("$.createdAt", '""'),
        ("$.runtimeSystem.version", '""'),
        ("$.workflow.execution.machines[0].release", '""'),
        ("$.workflow.execution.tasks[1].command.program", '""'),
    }
    assert trace.tasks[1].program is None
    assert trace.tasks[1].arguments == ("", "-x")


def test_a_dependency_that_one_side_states(tmp_path: Path) -> None:
    document = small()
    specified(document, 0)["children"].remove("work_ID03")
    specified(document, 3)["parents"].remove("work_ID02")
    trace = comes_back(document, tmp_path)
    found = gaps(trace, "OneSidedDependency")
    assert {(gap.about.identifier, gap.where, gap.value) for gap in found} == {
        ("work_ID03", "$.workflow.specification.tasks[2].parents", '"split_ID01"'),
        ("work_ID02", "$.workflow.specification.tasks[1].children", '"merge_ID04"'),
    }
    assert trace.tasks[3].parents == ("work_ID03", "work_ID02")


def test_repeated_entries_are_gaps(tmp_path: Path) -> None:
    document = small()
    specified(document, 3)["inputFiles"].append("a.out")
    document["workflow"]["specification"]["files"].append({"id": "a.txt", "sizeInBytes": 7})
    document["workflow"]["specification"]["files"].append({"id": "a.out", "sizeInBytes": 50})
    document["workflow"]["execution"]["machines"].append({"nodeName": "n1", "cpu": {"coreCount": 9}})
    trace = read(save(tmp_path, document))
    assert {(gap.kind, gap.where) for gap in trace.gaps} == {
        ("DuplicateEntry", "$.workflow.specification.tasks[3].inputFiles[2]"),
        ("ConflictingValue", "$.workflow.specification.files[6].sizeInBytes"),
        ("DuplicateEntry", "$.workflow.specification.files[7].sizeInBytes"),
        ("ConflictingValue", "$.workflow.execution.machines[2]"),
    }
    assert next(item for item in trace.data if item.identifier == "a.txt").size == 500
    assert [node.core_count for node in trace.nodes] == [8, 8]


def test_a_task_that_did_not_run_is_planned_and_no_activity(tmp_path: Path) -> None:
    document = small()
    del document["workflow"]["execution"]["tasks"][3]
    trace = comes_back(document, tmp_path)
    assert [task.executed for task in trace.tasks] == [True, True, True, False]
    lines = [
        line
        for line in graphs(trace)[0].lines
        if line.startswith(f"<https://w3id.org/recup/run/{trace.execution.identity}/task/merge")
    ]
    assert any("PlannedTask" in line for line in lines)
    assert not [line for line in lines if "prov#" in line]
    assert [gap.where for gap in gaps(trace, "NotCaptured")] == ["$.workflow.specification.tasks[3]"]


def test_lists_left_out_differ_from_empty_lists(tmp_path: Path) -> None:
    document = small()
    del specified(document, 0)["inputFiles"]
    specified(document, 1)["inputFiles"] = []
    del executed(document, 2)["machines"]
    executed(document, 3)["command"]["arguments"] = []
    del executed(document, 1)["command"]
    trace = comes_back(document, tmp_path)
    assert [task.inputs for task in trace.tasks[:2]] == [None, ()]
    assert trace.tasks[3].arguments == ()
    assert trace.tasks[1].arguments is None


def test_an_undeclared_machine_is_known_by_name_only(tmp_path: Path) -> None:
    document = small()
    executed(document, 0)["machines"] = ["elsewhere"]
    trace = comes_back(document, tmp_path)
    assert [(node.name, node.listed) for node in trace.nodes] == [
        ("n1", True),
        ("n2", True),
        ("elsewhere", False),
    ]


def test_metrics_of_layout_1_6(tmp_path: Path) -> None:
    document = small(schemaVersion="1.6")
    document["workflow"]["specification"]["metrics"] = {"numberOfTasks": 4, "maximumWidth": 2}
    document["workflow"]["execution"]["metrics"] = {"sumTaskRuntimesInSeconds": 65.25}
    trace = comes_back(document, tmp_path)
    assert {metric.name: metric.value for metric in trace.metrics} == {
        "numberOfTasks": 4,
        "maximumWidth": 2,
        "sumTaskRuntimesInSeconds": 65.25,
    }


def test_task_start_times_keep_their_zone_and_spelling(tmp_path: Path) -> None:
    document = small()
    executed(document, 0)["executedAt"] = "2024-01-02T01:00:01.500+02:00"
    executed(document, 1)["executedAt"] = "yesterday"
    trace = comes_back(document, tmp_path)
    first, second = trace.tasks[0].started, trace.tasks[1].started
    assert first is not None and second is not None
    assert (first.iso, second.iso) == ("2024-01-02T01:00:01.500+02:00", None)
    assert [gap.where for gap in gaps(trace, "UnreadableValue")] == [
        "$.workflow.execution.tasks[1].executedAt"
    ]


def test_the_folder_rule_finds_artefacts_by_use_and_not_by_name(tmp_path: Path) -> None:
    document = small()
    specified(document, 1)["inputFiles"].append("library")
    executed(document, 1)["command"]["arguments"] += ["-d", "library/main"]
    document["workflow"]["specification"]["files"].append({"id": "library", "sizeInBytes": 4096})
    trace = comes_back(document, tmp_path)
    assert [(item.about.identifier, item.property.rsplit("#")[-1]) for item in trace.artefacts] == [
        ("library", "byteSize")
    ]


def test_a_size_of_0_is_doubtful_for_an_input_and_fine_for_an_output(tmp_path: Path) -> None:
    document = small()
    files = document["workflow"]["specification"]["files"]
    files[0]["sizeInBytes"] = files[5]["sizeInBytes"] = 0
    trace = comes_back(document, tmp_path)
    assert [item.about.identifier for item in trace.artefacts] == ["in.txt"]


def test_kilobytes_of_old_layouts_become_bytes_and_sizes_stay(tmp_path: Path) -> None:
    job = {
        "name": "a_ID1",
        "type": "compute",
        "runtime": 2,
        "parents": [],
        "bytesRead": 3,
        "memory": 1.5,
        "files": [{"name": "f", "link": "input", "size": 7}],
        "machine": "n",
    }
    machine = {"nodeName": "n", "memory": 16, "cpu": {"count": 4, "speed": 2000}}
    document = {
        "name": "old",
        "schemaVersion": "1.0",
        "workflow": {"makespan": 5, "jobs": [job], "machines": [machine]},
    }
    trace = read(save(tmp_path, document))
    (task,), (node,) = trace.tasks, trace.nodes
    assert (task.read_bytes, task.resident_memory, task.run_time) == (3000, 1500.0, 2)
    assert (node.memory_size, node.core_count, node.cpu_speed_reading) == (16_000, 4, 2000)
    assert trace.data[0].size == 7
    assert task.written_bytes is None


def test_an_amount_stated_twice_and_differently_is_a_gap(tmp_path: Path) -> None:
    job = {"name": "a", "parents": [], "bytesRead": 3, "readBytes": 4000}
    trace = read(save(tmp_path, {"name": "old", "schemaVersion": "1.4", "workflow": {"tasks": [job]}}))
    assert [(gap.kind, gap.where, gap.value) for gap in trace.gaps if gap.about.kind == "task"] == [
        ("ConflictingValue", "$.workflow.tasks[0].bytesRead", "3")
    ]
    assert trace.tasks[0].read_bytes == 4000


def test_old_layouts_may_refer_to_tasks_by_id(tmp_path: Path) -> None:
    jobs = [{"name": "a", "id": "1", "parents": []}, {"name": "a", "id": "2", "parents": ["1"]}]
    trace = read(save(tmp_path, {"name": "old", "schemaVersion": "1.3", "workflow": {"tasks": jobs}}))
    assert [(task.identifier, task.parents) for task in trace.tasks] == [("1", ()), ("2", ("1",))]


def test_identity_follows_facts_and_not_the_file(tmp_path: Path) -> None:
    base = read(save(tmp_path, small())).execution.identity
    described = small(description="other words", author={"name": "x", "email": "y"})
    assert read(save(tmp_path, described)).execution.identity == base
    for edit in (
        lambda trace: executed(trace, 0).update(runtimeInSeconds=10.26),
        lambda trace: executed(trace, 0)["command"].update(program="splitter"),
        lambda trace: executed(trace, 0)["command"].update(arguments=["in.txt", "3"]),
        lambda trace: trace["workflow"]["specification"]["files"][1].update(sizeInBytes=501),
        lambda trace: executed(trace, 0).update(machines=["n2"]),
    ):
        other = small()
        edit(other)
        assert read(save(tmp_path, other)).execution.identity != base


def test_the_fingerprint_is_of_the_configuration_only(tmp_path: Path) -> None:
    base = read(save(tmp_path, small())).execution
    slower = small()
    executed(slower, 0).update(runtimeInSeconds=99.0, machines=["n2"])
    assert read(save(tmp_path, slower)).execution.fingerprint == base.fingerprint
    other = small()
    executed(other, 0)["command"]["arguments"] = ["in.txt", "3"]
    assert read(save(tmp_path, other)).execution.fingerprint != base.fingerprint


def test_signatures_do_not_depend_on_ids_or_order(tmp_path: Path) -> None:
    one = {task.signatures for task in read(save(tmp_path, small())).tasks}
    assert {task.signatures for task in read(save(tmp_path, renamed(small()))).tasks} == one
    assert len(one) == 4


def test_sniff_reads_the_ends_only(tmp_path: Path) -> None:
    document = {"workflow": small()["workflow"], "pad": "x" * 200_000, "schemaVersion": "1.5"}
    assert sniff(save(tmp_path, document))
    assert not sniff(save(tmp_path, {"pad": "x" * 200_000}))


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("2024-02-30T00:00:00Z", None),
        ("2024-02-03", None),
        ("2024-02-03T00:00:00+15:00", None),
        ("2024-02-03 04:05:06,5", "2024-02-03T04:05:06.5"),
        ("20240203T040506-0530", "2024-02-03T04:05:06-05:30"),
        ("02-03-24T04:05:06Z", "2024-02-03T04:05:06Z"),
        ("2024-02-03T04:05:06+02", "2024-02-03T04:05:06+02:00"),
    ],
)
def test_times(written: str, iso: str | None) -> None:
    assert timestamp(written).iso == iso


names = st.text(st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=12)
amounts = st.one_of(st.integers(0, 2**63 - 1), st.floats(0, 1e300, allow_nan=False))


@st.composite
def traces(draw: st.DrawFn) -> dict[str, Any]:
    """Any small trace of layout 1.5: odd characters, optional members, every kind of number."""
    ids = draw(st.lists(names, min_size=1, max_size=5, unique=True))
    files = draw(st.lists(names, max_size=5, unique=True))
    tasks, runs = [], []
    for position, task in enumerate(ids):
        parents = draw(st.lists(st.sampled_from(ids[:position]), unique=True)) if position else []
        some = st.lists(st.sampled_from(files), unique=True) if files else st.just([])
        tasks.append(
            {"name": draw(names), "id": task, "parents": parents, "inputFiles": draw(some), "outputFiles": []}
        )
        run: dict[str, Any] = {"id": task}
        for member in ("runtimeInSeconds", "avgCPU", "readBytes", "memoryInBytes", "coreCount", "priority"):
            if draw(st.booleans()):
                run[member] = draw(amounts)
        if draw(st.booleans()):
            run["command"] = {"program": draw(names), "arguments": draw(st.lists(names, max_size=3))}
        runs.append(run)
    for task in tasks:
        task["children"] = [other["id"] for other in tasks if task["id"] in other["parents"]]
    sizes = [{"id": file, "sizeInBytes": draw(st.integers(0, 2**63 - 1))} for file in files]
    return {
        "name": draw(names),
        "schemaVersion": "1.5",
        "workflow": {
            "specification": {"tasks": tasks, "files": sizes},
            "execution": {"makespanInSeconds": draw(amounts), "executedAt": draw(names), "tasks": runs},
        },
    }


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(traces())
def test_any_trace_comes_back(tmp_path: Path, trace: dict[str, Any]) -> None:
    comes_back(trace, tmp_path)
