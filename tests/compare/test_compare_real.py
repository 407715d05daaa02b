"""Comparisons of real pairs against facts that were computed from the files alone, and of runs edited in known places."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from recup_kg.api.scratch import Scratch
from recup_kg.compare import compare
from recup_kg.compare.document import document
from recup_kg.compare.text import text
from recup_kg.comparisons import Comparison, Kind, Verdict
from recup_kg.converters import detect
from recup_kg.rdf.comparison import comparison_graph
from recup_kg.rdf.write import graphs
from recup_kg.report.markdown import pair_markdown
from tests.wfformat_samples import executed, renamed, save, small, specified

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
TRACES = DATA / "wfformat" / "v1.5"
real = pytest.mark.skipif(not TRACES.is_dir(), reason="needs the folder ../shared/data beside the checkout")


def compared(one: Path, two: Path) -> Comparison:
    """The comparison of two files, in memory."""
    with Scratch() as scratch:
        sides = []
        for path in (one, two):
            graph = graphs(detect(path).read(path))[0]
            scratch.load("".join(graph.lines).encode())
            sides.append((graph.name, path.stem))
        return compare(scratch, sides[0], sides[1])


@cache
def pair(one: str, two: str) -> Comparison:
    """The comparison of two real traces."""
    return compared(TRACES / f"{one}.json", TRACES / f"{two}.json")


def kinds(comparison: Comparison, first: bool | None = None) -> Counter[str]:
    """How many deviations there are of each kind."""
    return Counter(
        deviation.kind.value
        for deviation in comparison.deviations
        if first is None or deviation.first is first
    )


def aspects(comparison: Comparison) -> dict[str, str]:
    return {aspect.name: aspect.verdict.value for aspect in comparison.aspects}


def oracle() -> list[dict[str, Any]]:
    path = DATA / "oracles" / "wf_pairs.json"
    return json.loads(path.read_text()) if path.is_file() else []


@real
@pytest.mark.parametrize("facts", oracle(), ids=lambda facts: f"{facts['a']}--{facts['b']}")
def test_the_facts_of_real_pairs(facts: dict[str, Any]) -> None:
    comparison = pair(facts["a"], facts["b"])
    makespan, matching = comparison.makespan, comparison.matching
    assert [makespan.reference, makespan.other] == facts["makespan"]
    assert makespan.ratio == pytest.approx(facts["makespan_ratio"], abs=0.001)
    assert sum(part.difference for part in makespan.parts) == pytest.approx(makespan.difference)
    assert matching.matched + matching.ambiguous + matching.only_reference == facts["tasks"][0]
    if facts["same_command"] == facts["tasks"][0] == facts["common_task_ids"]:
        assert matching.matched == facts["tasks"][0]
        placed = {
            deviation.reference_task
            for deviation in comparison.deviations
            if deviation.kind is Kind.PLACEMENT
        }
        assert len(placed) == facts["tasks_on_other_machine"]
        slow = facts["tasks_slower_2x_and_1s"] + facts["tasks_faster_2x_and_1s"]
        assert kinds(comparison)["performance"] == slow
        # In blast-medium the size of the folder nt differs too, which is an artefact.
        doubtful = 1 if "medium" in facts["a"] else 0
        assert kinds(comparison)["output content"] == facts["common_files_size_differs"] - doubtful


def test_the_oracle_has_its_pairs() -> None:
    if not oracle():
        pytest.skip("needs the folder ../shared/data beside the checkout")
    assert len(oracle()) == 5


@real
def test_blast_is_honest_about_its_makespan() -> None:
    comparison = pair("blast-chameleon-small-002", "blast-chameleon-small-003")
    assert comparison.verdict is Verdict.DIFFERENT
    assert aspects(comparison) == {
        "structure": "same",
        "programs and arguments": "same",
        "inputs": "can't tell",
        "outputs": "different",
        "machines": "different",
        "status": "can't tell",
        "performance": "different",
    }
    assert kinds(comparison) == {"output content": 39, "placement": 32}
    assert "can't be attributed to any task" in comparison.makespan.message
    inherited = [deviation for deviation in comparison.deviations if not deviation.first]
    assert [deviation.reference_task for deviation in inherited] == ["cat_blast_ID000042"]
    assert len(inherited[0].inherited_from) == 38
    assert all(deviation.name != "nt" for deviation in comparison.deviations)
    assert any("nt" in remark and "artefact" in remark for remark in comparison.remarks)


@real
@pytest.mark.parametrize("one", ["blast-chameleon-small-001", "blast-chameleon-small-005"])
def test_artefacts_are_never_named_as_causes(one: str) -> None:
    comparison = pair(one, "blast-chameleon-small-002")
    shown = json.dumps([(deviation.name, deviation.message) for deviation in comparison.deviations])
    assert '"nt"' not in shown
    assert "speed" not in shown.lower()


@real
def test_another_input_and_structure() -> None:
    comparison = pair("1000genome-chameleon-2ch-100k-001", "1000genome-chameleon-2ch-250k-001")
    assert (
        comparison.matching.matched,
        comparison.matching.only_reference,
        comparison.matching.only_other,
    ) == (52, 0, 30)
    assert kinds(comparison, first=True)["structure"] == 30
    assert kinds(comparison)["input"] == 2
    assert kinds(comparison)["parameter"] >= 20
    inputs = [deviation for deviation in comparison.deviations if deviation.kind is Kind.INPUT]
    assert {deviation.name for deviation in inputs} == {"ALL.chr21.100000.vcf", "ALL.chr22.100000.vcf"}
    merged = next(
        deviation
        for deviation in comparison.deviations
        if deviation.kind is Kind.OUTPUT and deviation.reference_task == "individuals_merge_ID0000011"
    )
    assert not merged.first
    assert "ALL.chr21.100000.vcf" in merged.inherited_from


@real
def test_other_accessions_are_ambiguous_classes() -> None:
    comparison = pair("srasearch-chameleon-20a-001", "srasearch-chameleon-20a-002")
    assert (comparison.matching.matched, comparison.matching.ambiguous) == (2, 40)
    assert {entry.name for entry in comparison.matching.classes} == {"fasterq-dump", "bowtie2"}
    classed = [deviation for deviation in comparison.deviations if deviation.reference_task is None]
    assert {"parameter", "placement"} <= {deviation.kind.value for deviation in classed}


@real
@pytest.mark.parametrize("path", sorted(TRACES.glob("*.json")), ids=lambda path: path.stem)
def test_a_run_is_the_same_as_itself(path: Path) -> None:
    comparison = compared(path, path)
    assert comparison.deviations == ()
    assert comparison.verdict is Verdict.SAME
    assert comparison.matching.matched == len(
        json.loads(path.read_bytes())["workflow"]["specification"]["tasks"]
    )


@real
@pytest.mark.parametrize(
    "name", ["blast-chameleon-small-001", "montage-chameleon-2mass-005d-001", "sarek-dirt02-001"]
)
def test_a_run_with_all_ids_renamed_matches_fully(name: str, tmp_path: Path) -> None:
    path = TRACES / f"{name}.json"
    other = save(tmp_path, renamed(json.loads(path.read_bytes())))
    comparison = compared(path, other)
    tasks = len(json.loads(path.read_bytes())["workflow"]["specification"]["tasks"])
    assert (comparison.matching.matched, comparison.matching.ambiguous) == (tasks, 0)
    assert comparison.deviations == ()
    assert comparison.verdict is not Verdict.DIFFERENT


@real
@pytest.mark.parametrize("version", ["1.0", "1.2", "1.3", "1.4"])
def test_two_layouts_of_one_run_do_not_differ(version: str) -> None:
    name = "blast-chameleon-small-001.json"
    comparison = compared(DATA / "wfformat" / f"v{version}" / name, TRACES / name)
    assert comparison.verdict is (Verdict.CANT_TELL if version == "1.0" else Verdict.SAME)
    assert {deviation.kind for deviation in comparison.deviations} == (
        {Kind.CAPTURE_GAP} if version == "1.0" else set()
    )
    assert any("one and the same execution" in remark for remark in comparison.remarks)


Edit = Callable[[dict[str, Any]], object]


def _file(trace: dict[str, Any], name: str) -> dict[str, Any]:
    return next(file for file in trace["workflow"]["specification"]["files"] if file["id"] == name)


EDITS: dict[str, tuple[Edit, Kind, str | None, str]] = {
    "program": (
        lambda trace: executed(trace, 1)["command"].update(program="other"),
        Kind.PROGRAM,
        "work_ID02",
        "programs and arguments",
    ),
    "argument": (
        lambda trace: executed(trace, 0)["command"].update(arguments=["in.txt", "3"]),
        Kind.PARAMETER,
        "split_ID01",
        "programs and arguments",
    ),
    "order of arguments": (
        lambda trace: executed(trace, 3)["command"].update(arguments=["b.out", "a.out"]),
        Kind.PARAMETER,
        "merge_ID04",
        "programs and arguments",
    ),
    "input": (
        lambda trace: _file(trace, "in.txt").update(sizeInBytes=999),
        Kind.INPUT,
        "split_ID01",
        "inputs",
    ),
    "output": (
        lambda trace: _file(trace, "a.out").update(sizeInBytes=51),
        Kind.OUTPUT,
        "work_ID02",
        "outputs",
    ),
    "run time": (
        lambda trace: executed(trace, 2).update(runtimeInSeconds=90.0),
        Kind.PERFORMANCE,
        "work_ID03",
        "performance",
    ),
    "machine": (
        lambda trace: executed(trace, 2).update(machines=["n1"]),
        Kind.PLACEMENT,
        "work_ID03",
        "machines",
    ),
    "cores of a machine": (
        lambda trace: trace["workflow"]["execution"]["machines"][0]["cpu"].update(coreCount=4),
        Kind.ENVIRONMENT,
        None,
        "machines",
    ),
    "system version": (
        lambda trace: trace["runtimeSystem"].update(version="8"),
        Kind.ENVIRONMENT,
        None,
        "machines",
    ),
    "dependency": (
        lambda trace: (
            specified(trace, 2)["parents"].append("work_ID02"),
            specified(trace, 1)["children"].append("work_ID03"),
        ),
        Kind.STRUCTURE,
        "work_ID03",
        "structure",
    ),
}


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.parametrize("rename", [False, True], ids=["same ids", "renamed"])
def test_one_edit_is_one_first_deviation(name: str, rename: bool, tmp_path: Path) -> None:
    edit, kind, task, aspect = EDITS[name]
    other = small()
    edit(other)
    one = save(tmp_path, small(), "one.json")
    two = save(tmp_path, renamed(other) if rename else other, "two.json")
    comparison = compared(one, two)
    (deviation,) = [deviation for deviation in comparison.deviations if deviation.first]
    assert deviation.kind is kind
    if not rename:
        assert task == (deviation.reference_task or deviation.other_task)
    assert aspects(comparison)[aspect] == "different"
    assert comparison.verdict is Verdict.DIFFERENT
    assert deviation.evidence.query
    others = {found for found, verdict in aspects(comparison).items() if verdict == "different"} - {aspect}
    assert not others


def test_another_status_is_a_deviation(tmp_path: Path) -> None:
    """No trace has a status; other sources will."""
    path = save(tmp_path, small())
    slower = small()
    executed(slower, 0)["runtimeInSeconds"] = 10.5
    with Scratch() as scratch:
        sides = []
        for file, status in ((path, "done"), (save(tmp_path, slower, "two.json"), "failed")):
            trace = detect(file).read(file)
            graph = graphs(trace)[0]
            names = [line.split(" ", 1)[0] for line in graph.lines if "#TaskExecution>" in line]
            end = f" <{graph.name}> .\n"
            said = [f'{name} <https://w3id.org/recup/ontology#status> "{status}"{end}' for name in names]
            said[1] = said[1].replace("failed", "done")
            scratch.load("".join((*graph.lines, *said)).encode())
            sides.append((graph.name, file.stem))
        comparison = compare(scratch, sides[0], sides[1])
    assert kinds(comparison) == {"status": 3}
    assert aspects(comparison)["status"] == "different"
    assert comparison.deviations[0].message.endswith("ended as failed instead of done")


def test_what_differs_downstream_is_inherited(tmp_path: Path) -> None:
    other = small()
    for name in ("a.txt", "a.out", "all.out"):
        _file(other, name)["sizeInBytes"] += 5
    comparison = compared(save(tmp_path, small(), "one.json"), save(tmp_path, other, "two.json"))
    found = {
        deviation.name: (deviation.first, deviation.inherited_from) for deviation in comparison.deviations
    }
    assert found == {
        "a.txt": (True, ()),
        "a.out": (False, ("split_ID01",)),
        "all.out": (False, ("split_ID01",)),
    }


def test_a_changed_input_explains_what_follows(tmp_path: Path) -> None:
    other = small()
    for name in ("in.txt", "a.txt", "b.txt"):
        _file(other, name)["sizeInBytes"] += 5
    comparison = compared(save(tmp_path, small(), "one.json"), save(tmp_path, other, "two.json"))
    first = [deviation for deviation in comparison.deviations if deviation.first]
    assert [(deviation.kind, deviation.name) for deviation in first] == [(Kind.INPUT, "in.txt")]
    assert {deviation.inherited_from for deviation in comparison.deviations if not deviation.first} == {
        ("in.txt",)
    }


def test_a_task_in_one_run_only(tmp_path: Path) -> None:
    other = small()
    del other["workflow"]["specification"]["tasks"][2]
    del other["workflow"]["execution"]["tasks"][2]
    specified(other, 0)["children"].remove("work_ID03")
    specified(other, 2)["parents"].remove("work_ID03")
    comparison = compared(save(tmp_path, small(), "one.json"), save(tmp_path, other, "two.json"))
    assert (
        comparison.matching.matched,
        comparison.matching.only_reference,
        comparison.matching.only_other,
    ) == (3, 1, 0)
    structure = [deviation for deviation in comparison.deviations if deviation.kind is Kind.STRUCTURE]
    assert [(deviation.reference_task, deviation.other_task) for deviation in structure] == [
        ("work_ID03", None)
    ]


def test_what_is_the_same_for_some_tasks_is_not_the_same(tmp_path: Path) -> None:
    other = small()
    del other["workflow"]["specification"]["tasks"][2]
    del other["workflow"]["execution"]["tasks"][2]
    specified(other, 0)["children"].remove("work_ID03")
    specified(other, 2)["parents"].remove("work_ID03")
    comparison = compared(save(tmp_path, small(), "one.json"), save(tmp_path, other, "two.json"))
    found = {aspect.name: aspect for aspect in comparison.aspects}
    assert found["machines"].verdict is Verdict.CANT_TELL
    assert found["machines"].reason == "the same for 3 matched tasks; 1 task in one run only"
    assert Verdict.SAME not in {aspect.verdict for aspect in comparison.aspects}


def test_inputs_of_a_class_can_not_be_told(tmp_path: Path) -> None:
    traces = []
    for first, second in (("p", "q"), ("r", "s")):
        trace = small()
        for index, name in ((1, first), (2, second)):
            specified(trace, index).update(inputFiles=[name], outputFiles=[])
            executed(trace, index)["command"] = {"program": "work", "arguments": []}
        specified(trace, 3)["inputFiles"] = []
        executed(trace, 3)["command"]["arguments"] = []
        trace["workflow"]["specification"]["files"] += [
            {"id": first, "sizeInBytes": 1},
            {"id": second, "sizeInBytes": 1},
        ]
        traces.append(trace)
    comparison = compared(save(tmp_path, traces[0], "one.json"), save(tmp_path, traces[1], "two.json"))
    assert comparison.matching.ambiguous == 2
    inputs = next(aspect for aspect in comparison.aspects if aspect.name == "inputs")
    assert (inputs.verdict, inputs.reason) == (Verdict.CANT_TELL, "4 inputs of tasks that can't be paired")


def test_the_document_has_the_documented_members(tmp_path: Path) -> None:
    other = small()
    executed(other, 2)["runtimeInSeconds"] = 90.0
    found = document(compared(save(tmp_path, small(), "one.json"), save(tmp_path, other, "two.json")))
    assert {
        "reference",
        "other",
        "verdict",
        "aspects",
        "coverage",
        "matching",
        "deviations",
        "makespan",
    } <= set(found)
    assert json.loads(json.dumps(found)) == found
    (deviation,) = found["deviations"]
    evidence = deviation.pop("evidence")
    assert deviation == {
        "rank": 1,
        "kind": "performance",
        "name": "work_ID03",
        "reference_task": "work_ID03",
        "other_task": "work_ID03",
        "first": True,
        "role": None,
        "inherited_from": [],
        "reference_value": 30.0,
        "other_value": 90.0,
        "unit": "s",
        "ratio": 3.0,
        "message": "work_ID03 took 90 s instead of 30 s",
    }
    assert evidence["query"] == "deviation-performance"
    assert evidence["bindings"]["reference"].endswith("/task/work_ID03")


def test_text_fits_the_screen_and_markdown_is_a_table(tmp_path: Path) -> None:
    other = small(name="a-very-long-name-of-a-workflow-that-goes-on-and-on")
    executed(other, 2)["runtimeInSeconds"] = 90.0
    comparison = compared(save(tmp_path, small(), "one.json"), save(tmp_path, other, "two.json"))
    for verbose in (False, True):
        assert all(len(line) <= 80 for line in text(comparison, verbose).splitlines())
    assert "Verdict: different" in text(comparison)
    assert "Coverage: of 24 properties 10 captured in both runs, 0 in part, 14 in neither" in text(comparison)
    assert "| 1 | performance | yes | work_ID03 took 90 s instead of 30 s |" in pair_markdown(comparison)


def test_the_graph_of_a_comparison_names_its_evidence(tmp_path: Path) -> None:
    other = small()
    _file(other, "a.out")["sizeInBytes"] = 51
    _file(other, "all.out")["sizeInBytes"] = 111
    comparison = compared(save(tmp_path, small(), "one.json"), save(tmp_path, other, "two.json"))
    lines = "".join(comparison_graph(comparison).lines)
    assert lines.count("#OutputDeviation>") == 2
    assert (
        f"<{comparison.iri}/deviation/2> <https://w3id.org/recup/ontology#inheritedFrom> <{comparison.iri}/deviation/1>"
        in lines
    )
    assert '#evidenceQuery> "deviation-output"' in lines
    assert lines.count("#alignedWith>") == 4 + 6
