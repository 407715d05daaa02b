"""PROV-N, PROV-JSON, PROV-JSONLD: each is read back equal, with every thing, edge and value of the run."""

from __future__ import annotations

import importlib.util
from collections import Counter
from pathlib import Path

import pytest
from prov.model import Literal, ProvActivity, ProvDocument, ProvEntity, ProvGeneration, ProvUsage

import recup_kg as recup
from recup_kg.api.knowledge_graph import KnowledgeGraph
from recup_kg.errors import MalformedSource, MissingExtra, UsageError
from recup_kg.vocab import PROV, WFPROV

FORMATS = {"prov-n": "provn", "prov-json": "json", "prov-jsonld": "jsonld"}
SOURCES = (
    "prov/revsort/primary.cwlprov.provn",
    "wfformat/bwa/bwa-chameleon-small-001.json",
    "nextflow",
    "flowbench/eht_imaging/eht-imaging-run0001.csv",
)
Case = tuple[KnowledgeGraph, str, dict[str, ProvDocument]]


@pytest.fixture(scope="module", params=SOURCES)
def case(request: pytest.FixtureRequest, root: Path, tmp_path_factory: pytest.TempPathFactory) -> Case:
    graph = recup.open(str(tmp_path_factory.mktemp("prov") / "store"))
    path = root / "data" / request.param
    if path.is_dir():
        path = next(item for item in sorted(path.rglob("*")) if item.suffix in (".json", ".txt", ".tsv"))
    run = graph.ingest(path, validate=False).name
    read = {
        name: ProvDocument.deserialize(content=graph.export(run, name).decode(), format=form)
        for name, form in FORMATS.items()
    }
    return graph, run, read


def things(graph: KnowledgeGraph, run: str, kind: str) -> set[str]:
    text = f"SELECT DISTINCT ?x {{ GRAPH ?g {{ ?x a <{PROV}{kind}> }} VALUES ?g {{ {graphs(graph, run)} }} }}"
    return {str(row[0]) for row in graph.query(text).rows}


def graphs(graph: KnowledgeGraph, run: str) -> str:
    return " ".join(f"<{source.graph}>" for source in graph.run(run).sources)


def test_all_three_say_the_same(case: Case) -> None:
    _, _, read = case
    first, *others = read.values()
    assert len(first.get_records()) > 3
    assert all(first == other for other in others)


def test_every_thing_is_in_it(case: Case) -> None:
    graph, run, read = case
    for kind, record in (("Entity", ProvEntity), ("Activity", ProvActivity)):
        wanted = things(graph, run, kind)
        assert wanted
        for document in read.values():
            assert {item.identifier.uri for item in document.get_records(record)} == wanted


def test_every_edge_is_in_it_once(case: Case) -> None:
    graph, run, read = case
    document = read["prov-json"]
    for record, properties in (
        (ProvUsage, (PROV + "used", WFPROV + "usedInput")),
        (ProvGeneration, (PROV + "wasGeneratedBy", WFPROV + "wasOutputFrom")),
    ):
        path = "|".join(f"<{name}>" for name in properties)
        text = f"SELECT DISTINCT ?a ?b {{ VALUES ?g {{ {graphs(graph, run)} }} GRAPH ?g {{ ?a {path} ?b }} }}"
        wanted = {(str(a), str(b)) for a, b in graph.query(text).rows}
        found = Counter((item.args[0].uri, item.args[1].uri) for item in document.get_records(record))
        assert set(wanted) <= set(found)


def test_values_keep_their_type_and_their_digits(root: Path, tmp_path: Path) -> None:
    with recup.open(str(tmp_path / "store")) as graph:
        run = graph.ingest(root / "data" / SOURCES[1], validate=False).name
        rows = graph.query(
            "SELECT ?x ?size { GRAPH ?g { ?x <http://www.w3.org/ns/dcat#byteSize> ?size ; "
            f"a <{PROV}Entity> }} VALUES ?g {{ {graphs(graph, run)} }} }}"
        ).rows
        wanted = {str(x): str(size) for x, size in rows}
        assert len(wanted) > 100
        for name, form in FORMATS.items():
            document = ProvDocument.deserialize(content=graph.export(run, name).decode(), format=form)
            found = {}
            for item in document.get_records(ProvEntity):
                for key, value in item.attributes:
                    if str(key) == "dcat:byteSize":
                        found[item.identifier.uri] = str(value.value if isinstance(value, Literal) else value)
            assert found == wanted


def test_times_keep_their_zone(root: Path, tmp_path: Path) -> None:
    with recup.open(str(tmp_path / "store")) as graph:
        run = graph.ingest(root / "data" / SOURCES[1], validate=False)
        document = ProvDocument.deserialize(
            content=graph.export(run.name, "prov-json").decode(), format="json"
        )
        (execution,) = [
            item
            for item in document.get_records(ProvActivity)
            if item.identifier.uri == graph.run(run.name).run
        ]
        start = execution.get_startTime()
        assert start is not None
        assert start.utcoffset() is not None
        assert start.isoformat().replace("+00:00", "Z") == graph.run(run.name).started


def test_the_same_run_gives_the_same_bytes(case: Case) -> None:
    graph, run, _ = case
    for name in FORMATS:
        assert graph.export(run, name) == graph.export(run, name)


def test_without_the_library_the_extra_is_named(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    graph, run, _ = case
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "prov" else found(name))
    with pytest.raises(MissingExtra, match=r"recup-kg\[prov\]"):
        graph.export(run, "prov-n")


@pytest.mark.parametrize("form", FORMATS)
def test_an_own_graph_is_no_source(case: Case, form: str, tmp_path: Path) -> None:
    graph, run, _ = case
    file = tmp_path / "own.provn"
    file.write_bytes(graph.export(run, form))
    with (
        recup.open(str(tmp_path / "store")) as other,
        pytest.raises(
            MalformedSource, match="a graph of RECUP-KG's own, exported; ingest its sources, or its crate"
        ),
    ):
        other.ingest(file, source_format="prov")


def test_a_comparison_is_refused(root: Path, tmp_path: Path) -> None:
    with recup.open(str(tmp_path / "store")) as graph:
        for number in (2, 3):
            graph.ingest(
                root / "data" / "wfformat" / "blast" / f"blast-chameleon-small-00{number}.json",
                validate=False,
            )
        graph.compare("blast-chameleon-small-002", "blast-chameleon-small-003")
        (name,) = [entry.name for entry in graph._access.reading().registry() if entry.kind == "comparison"]
        for form in FORMATS:
            with pytest.raises(UsageError, match=f"which {form} can't hold"):
                graph.export(name, form)
