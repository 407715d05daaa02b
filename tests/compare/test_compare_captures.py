"""Comparisons of runs of which not everything was captured: what is missing comes first, and is never a difference."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

import recup_kg as recup
from recup_kg.api.comparison import ComparedRuns
from recup_kg.comparisons import Deviation, Kind, Verdict
from recup_kg.rdf.comparison import comparison_graph
from recup_kg.validate import validate_quads
from tests import dask_samples as dask
from tests.compare.test_compare_real import compared
from tests.wfformat_samples import executed, renamed, save, small

LIST = frozenset(("graph", "worker", "client", "worker_transfer"))
ALL = frozenset(dask.TABLES)


def capture(folder: Path, name: str, tables: Mapping[str, dask.Table]) -> Path:
    """A capture of another run of the same tasks, with these tables: other clients, keys and addresses."""
    found = folder / name
    found.mkdir()
    dask.save(found, tables)
    for path in found.glob("*.csv"):
        text = path.read_text().replace(dask.CLIENT, f"Client-{name}")
        path.write_text(text.replace(dask.HASH, dask.HASH[::-1]) if name == "two" else text)
    return found


def without(names: frozenset[str]) -> dict[str, dask.Table]:
    return {name: table for name, table in dask.TABLES.items() if name not in names}


def runs(one: Path, two: Path) -> ComparedRuns:
    with recup.open(":memory:") as graph:
        for folder in (one, two):
            graph.ingest(folder, validate=False)
        result = graph.compare(one.name, two.name)
        assert result.stored_as is not None
        return result


def verdicts(result: ComparedRuns) -> dict[str, str]:
    return {aspect.name: aspect.verdict.value for aspect in result.aspects}


def of_kind(result: ComparedRuns, kind: Kind) -> list[Deviation]:
    return [deviation for deviation in result.deviations if deviation.kind is kind]


@pytest.fixture
def halves(tmp_path: Path) -> ComparedRuns:
    """A whole capture against one without transitions of the scheduler and of the workers."""
    parts = without(frozenset(("scheduler_transition", "worker_transition")))
    return runs(capture(tmp_path, "one", dask.TABLES), capture(tmp_path, "two", parts))


def test_tasks_that_were_not_captured_are_no_difference_of_structure(halves: ComparedRuns) -> None:
    matching = halves.matching
    assert (matching.matched, matching.ambiguous, matching.only_reference, matching.only_other) == (
        5,
        0,
        0,
        0,
    )
    assert of_kind(halves, Kind.STRUCTURE) == []
    assert halves.aspects[0].reason == (
        "the same tasks and dependencies; whether 0 tasks of the reference and 3 of the other run ran was not captured"
    )
    assert halves.verdict is Verdict.CANT_TELL
    assert set(verdicts(halves).values()) <= {"same", "can't tell"}
    assert [name for name, verdict in verdicts(halves).items() if verdict == "same"] == ["structure"]


def test_the_capture_gap_is_said_once_with_counts(halves: ComparedRuns) -> None:
    (gap,) = [found for found in of_kind(halves, Kind.CAPTURE_GAP) if found.name == "execution"]
    assert (gap.reference_value, gap.other_value) == ("5 of 5", "2 of 5")
    assert gap.message.startswith("whether tasks ran: captured for 2 of 5 instead of 5 of 5")
    assert gap.message.endswith(
        "2 in both runs, 3 in the reference only, 0 in the other run only, 0 in neither"
    )
    assert gap.evidence.query == "unexecuted-tasks"


def test_missing_sources_come_first_in_every_form(halves: ComparedRuns) -> None:
    first = halves.sources[0]
    assert {(gap.run, gap.source, gap.host, gap.state) for gap in halves.sources} == {
        ("two", "dask scheduler transitions", None, "missing"),
        ("two", "dask worker transitions", None, "missing"),
    }
    text = halves.render("text")
    assert text.index(first.message.split(":")[1].strip()) < text.index("Coverage:") < text.index("Verdict:")
    markdown = halves.render("md")
    assert markdown.index(first.why) < markdown.index("Verdict:")
    said = json.loads(halves.render("json"))["sources"]
    assert [entry["source"] for entry in said] == [gap.source for gap in halves.sources]
    assert said[0]["side"] == "other" and said[0]["touches"]
    graph = "".join(comparison_graph(halves.comparison).lines)
    assert graph.count("#crossesGap>") == 2
    assert graph.count("#touchedByGap>") == sum(len(gap.touches) for gap in halves.sources)
    assert first.message in graph
    assert all(len(line) <= 80 for line in text.splitlines())


def test_the_comparison_is_valid_and_always_the_same(tmp_path: Path, halves: ComparedRuns) -> None:
    lines = comparison_graph(halves.comparison).lines
    assert [
        result for result in validate_quads("".join(lines)).results if result.severity == "Violation"
    ] == []
    (tmp_path / "again").mkdir()
    parts = without(frozenset(("scheduler_transition", "worker_transition")))
    again = runs(capture(tmp_path / "again", "one", dask.TABLES), capture(tmp_path / "again", "two", parts))
    assert comparison_graph(again.comparison).lines == lines


def test_two_whole_captures_have_no_gap(tmp_path: Path) -> None:
    result = runs(capture(tmp_path, "one", dask.TABLES), capture(tmp_path, "two", dask.TABLES))
    assert result.sources == ()
    assert of_kind(result, Kind.CAPTURE_GAP) == []
    assert verdicts(result)["structure"] == "same"
    # One of the tasks did not run in either.
    assert result.matching.matched == 5


def test_a_node_that_reported_nothing_is_named(tmp_path: Path) -> None:
    columns, rows = dask.WORKED
    kept = tuple(row for row in rows if row[3] != dask.W2)
    parts = {**without(frozenset(("scheduler_transition",))), "worker_transition": (columns, kept)}
    result = runs(capture(tmp_path, "one", dask.TABLES), capture(tmp_path, "two", parts))
    (gap,) = [gap for gap in result.sources if gap.source == "dask worker transitions"]
    assert (gap.run, gap.host, gap.state, gap.observed) == ("two", "10.0.0.1", "partial", 1)
    assert gap is result.sources[0]
    assert of_kind(result, Kind.STRUCTURE) == []
    assert "same" not in {verdict for name, verdict in verdicts(result).items() if name != "structure"}


def test_without_the_task_graph_nothing_is_called_a_difference_of_structure(tmp_path: Path) -> None:
    parts = without(frozenset(("graph",)))
    result = runs(capture(tmp_path, "one", dask.TABLES), capture(tmp_path, "two", parts))
    assert of_kind(result, Kind.STRUCTURE) == []
    assert verdicts(result)["structure"] == "can't tell"
    (gap,) = [found for found in of_kind(result, Kind.CAPTURE_GAP) if found.name == "dask graph"]
    assert (
        "differences of tasks, dependencies or inputs can come of this: two: dask graph: missing"
        in gap.message
    )
    assert gap.evidence.query == "source-coverage"


@pytest.mark.parametrize("rename", [False, True], ids=["same ids", "renamed"])
def test_a_planned_task_that_did_not_run_is_a_difference(tmp_path: Path, rename: bool) -> None:
    other = small()
    del other["workflow"]["execution"]["tasks"][3]
    one, two = (
        save(tmp_path, small(), "one.json"),
        save(tmp_path, renamed(other) if rename else other, "two.json"),
    )
    comparison = compared(one, two)
    assert comparison.matching.matched == 4
    (found,) = [deviation for deviation in comparison.deviations if deviation.kind is Kind.STRUCTURE]
    assert found.message == "merge_ID04 was planned in the other run and not executed"
    assert found.evidence.query == "structure-only-reference"
    assert (found.reference_task, found.other_task, found.first) == ("merge_ID04", None, True)
    assert comparison.verdict is Verdict.DIFFERENT
    assert Verdict.SAME not in {aspect.verdict for aspect in comparison.aspects}
    (back,) = [found for found in compared(two, one).deviations if found.kind is Kind.STRUCTURE]
    assert back.message.endswith("was planned in the reference and not executed")
    assert back.evidence.query == "structure-only-other"


def test_what_depends_on_a_task_that_did_not_run_inherits_it(tmp_path: Path) -> None:
    other = small()
    del other["workflow"]["execution"]["tasks"][2:]
    comparison = compared(save(tmp_path, small(), "one.json"), save(tmp_path, other, "two.json"))
    found = {
        d.reference_task: (d.first, d.inherited_from)
        for d in comparison.deviations
        if d.kind is Kind.STRUCTURE
    }
    assert found == {"work_ID03": (True, ()), "merge_ID04": (False, ("work_ID03",))}


def test_tasks_that_ran_in_neither_run_are_the_same(tmp_path: Path) -> None:
    traces = [small(), small()]
    for number, trace in enumerate(traces):
        del trace["workflow"]["execution"]["tasks"][3]
        executed(trace, 0)["runtimeInSeconds"] = 10.0 + number / 10
    comparison = compared(save(tmp_path, traces[0], "one.json"), save(tmp_path, traces[1], "two.json"))
    assert comparison.matching.matched == 4
    assert comparison.deviations == ()


def test_the_image_processing_runs_differ_in_what_was_captured(shared_data: Path, tmp_path: Path) -> None:
    """Of the first run no transition was published, of the fourth one node has none: 1,665 differences were reported once."""
    folders = []
    for name in ("ImageProcessing-R1", "ImageProcessing-R4"):
        folders.append(tmp_path / name)
        folders[-1].mkdir()
        for path in sorted((shared_data / "recup-dask" / name).iterdir()):
            if path.suffix == ".csv" or path.name.endswith(("Node", "Nodes")):
                shutil.copy(path, folders[-1])
    result = runs(*folders)
    assert (result.matching.matched, result.matching.ambiguous) == (5440, 0)
    assert (result.matching.only_reference, result.matching.only_other) == (0, 0)
    assert {deviation.kind for deviation in result.deviations} == {Kind.CAPTURE_GAP}
    assert [
        (d.name, d.reference_value, d.other_value) for d in result.deviations if d.name == "execution"
    ] == [("execution", "1,995 of 5,440", "3,741 of 5,440")]
    first = result.sources[0]
    assert (first.run, first.source, first.state) == (
        "ImageProcessing-R4",
        "dask worker transitions",
        "missing",
    )
    assert first.host is not None
    assert (first.observed, first.expected) == (0, 4)
    assert result.verdict is Verdict.CANT_TELL
    assert verdicts(result)["structure"] == "same"
    assert list(verdicts(result).values()).count("can't tell") == 6
