"""The join over real captures; what is expected here was counted in the files by hand."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import pyoxigraph
import pytest

from recup_kg.api.check import check
from recup_kg.api.convert import convert
from recup_kg.api.fusion import RunName, fuse
from recup_kg.api.plan import plan
from recup_kg.api.scratch import Scratch
from recup_kg.errors import SourceError
from recup_kg.rdf.graph import Graph
from recup_kg.store.table import Value
from recup_kg.tables import content_hash, to_arrow
from recup_kg.vocab import prefixes_turtle

pytest.importorskip("darshan", reason="needs the extra darshan")
WORKERS = "dask worker transitions"
COVERAGE = """SELECT ?host ?source ?expected ?observed ?state { GRAPH ?g {
  ?c a recup:SourceCoverage ; recup:sourceKind ?source ; recup:observedCount ?observed ; recup:coverageState ?s .
  OPTIONAL { ?c recup:hostName ?host } OPTIONAL { ?c recup:expectedCount ?expected } }
  BIND (REPLACE(STR(?s), "^.*#", "") AS ?state) }"""
LINKS = """SELECT ?predicate ?method ?certainty ?zone { GRAPH ?g {
  ?l a recup:Link ; recup:linkPredicate ?p ; recup:linkMethod ?method ; recup:certainty ?c .
  OPTIONAL { ?l recup:derivedUtcOffset ?zone } }
  BIND (REPLACE(STR(?p), "^.*#", "") AS ?predicate) BIND (REPLACE(STR(?c), "^.*#", "") AS ?certainty) }"""


@cache
def fused(folder: Path) -> tuple[Graph, frozenset[str]]:
    """The join of a folder, and the triples of its sources."""
    work = next(plan([folder]))
    converted, refused = [], []
    for path in work.sources:
        try:
            converted.append(convert(path))
        except SourceError as error:
            refused.append((path, str(error)))
    tables = {content_hash(table): table for item in converted for table in item.tables}
    with Scratch() as scratch:
        for item in converted:
            scratch.load("".join(item.graph.lines).encode())
        graph = fuse(
            scratch.select,
            [item.graph.name for item in converted],
            RunName(folder.name),
            lambda content: to_arrow(tables[content]) if content in tables else None,
            refused,
            work.unrecognised,
        )
    return graph, frozenset(line.rsplit(" ", 2)[0] for item in converted for line in item.graph.lines)


def rows(graph: Graph, query: str) -> list[dict[str, Value]]:
    with Scratch() as scratch:
        scratch.load("".join(graph.lines).encode())
        return list(scratch.select(prefixes_turtle() + query).dicts())


def coverage(graph: Graph) -> dict[tuple[Value, Value], tuple[Value, Value, Value]]:
    return {
        (row["source"], row["host"]): (row["expected"], row["observed"], row["state"])
        for row in rows(graph, COVERAGE)
    }


def links(graph: Graph) -> Counter[tuple[Value, Value, Value]]:
    return Counter((row["predicate"], row["method"], row["certainty"]) for row in rows(graph, LINKS))


def lacking(graph: Graph) -> set[tuple[Value, Value]]:
    return {name for name, row in coverage(graph).items() if row[2] in ("Missing", "Partial")}


RUNS = ("ImageProcessing-R1", "ImageProcessing-R4", "PMDA-R1", "PMDA-R2")


@pytest.mark.parametrize("run", RUNS)
def test_the_graph_is_valid_and_repeats_nothing_of_its_sources(shared_data: Path, run: str) -> None:
    graph, stated = fused(shared_data / "recup-dask" / run)
    fatal = [result.message for result in check((graph,)).results if result.severity == "Violation"]
    assert fatal == []
    assert len(list(pyoxigraph.parse("".join(graph.lines), format=pyoxigraph.RdfFormat.N_QUADS))) > 5000
    assert {line.rsplit(" ", 2)[0] for line in graph.lines} & stated == set()
    assert str(shared_data) not in "".join(graph.lines)


def test_the_node_without_task_events_is_found(shared_data: Path) -> None:
    graph, _ = fused(shared_data / "recup-dask" / "ImageProcessing-R4")
    missing, there = (f"{name}.hsn.cm.polaris.alcf.anl.gov" for name in ("x3106c0s37b0n0", "x3107c0s7b0n0"))
    found = coverage(graph)
    assert found[WORKERS, missing] == (4, 0, "Missing")
    assert found[WORKERS, there] == (4, 4, "Complete")
    assert found["darshan", missing] == found["darshan", there] == (4, 4, "Complete")
    assert lacking(graph) == {
        (WORKERS, missing),
        ("dask transfers", missing),
        ("dask scheduler transitions", None),
    }


def test_times_tell_the_four_workers_that_have_events(shared_data: Path) -> None:
    graph, _ = fused(shared_data / "recup-dask" / "ImageProcessing-R4")
    found = links(graph)
    assert found["observedAs", "times", "ByInterval"] == 4
    assert found["ranIn", "worker", "ByInterval"] == 3295
    assert not any(predicate == "observedAs" and method != "times" for predicate, method, _ in found)


def test_kinds_of_files_that_were_not_published_have_no_host(shared_data: Path) -> None:
    graph, _ = fused(shared_data / "recup-dask" / "ImageProcessing-R1")
    assert lacking(graph) == {(WORKERS, None), ("dask scheduler transitions", None)}
    assert not any(predicate == "observedAs" for predicate, _, _ in links(graph))


@pytest.mark.parametrize("run", ["PMDA-R1", "PMDA-R2"])
def test_idle_workers_are_no_gap(shared_data: Path, run: str) -> None:
    graph, _ = fused(shared_data / "recup-dask" / run)
    assert lacking(graph) == set()
    assert {row[:2] for (source, _), row in coverage(graph).items() if source == WORKERS} == {(6, 6)}
    found = links(graph)
    assert found["observedAs", "thread", "Exact"] == 6
    assert found["ranIn", "worker", "Exact"] == 9


@pytest.mark.parametrize("run", ["PMDA-R1", "PMDA-R2"])
def test_what_tasks_did_to_files(shared_data: Path, run: str) -> None:
    graph, _ = fused(shared_data / "recup-dask" / run)
    found = rows(
        graph,
        "SELECT ?task ?c ?n { GRAPH ?g { ?a recup:accessBy ?task ; recup:certainty ?c ; recup:readCount ?n } }",
    )
    assert len({row["task"] for row in found}) == 6
    assert {str(row["c"]).rsplit("#")[-1] for row in found} == {"Exact"}
    # Of each worker that ran a task, some 520 operations of its one pool thread lie within the task.
    assert 3000 < sum(int(str(row["n"])) for row in found) < 3200


def test_a_job_without_zone(shared_data: Path) -> None:
    graph, _ = fused(shared_data / "darshan" / "edison-job-4478544")
    found = links(graph)
    assert found["partOfJob", "job id and time, with an offset from UTC that is derived", "ByInterval"] == 2
    assert found["partOfJob", "job id, and the time of the step", "ByInterval"] == 2
    assert {row["zone"] for row in rows(graph, LINKS) if row["zone"]} == {"-07:00"}
    assert found["alternateOf", "path and mount", "Exact"] == 1
    assert "recup/ontology#ObservedExecution>" in "".join(graph.lines)
    assert lacking(graph) == set()


def test_files_of_one_machine_that_no_source_names(shared_data: Path) -> None:
    graph, _ = fused(shared_data / "darshan" / "darshan-graph")
    assert links(graph)["alternateOf", "path", "OnlyCandidate"] == 4
    assert lacking(graph) == set()
