"""PROV-O: no words but PROV's, every edge of the run, the same for another parser, the same bytes each time."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph
import pytest
import rdflib

import recup_kg as recup
from recup_kg.errors import UsageError
from recup_kg.vocab import PROV, RDF, RDFS

SOURCES = {
    "prov/revsort/primary.cwlprov.provn": {"used": 5, "wasGeneratedBy": 3},
    "wfformat/bwa/bwa-chameleon-small-001.json": {"used": 1005, "wasGeneratedBy": 307},
}
Triples = set[tuple[str, str, str]]


@pytest.fixture(scope="module", params=SOURCES)
def case(request: pytest.FixtureRequest, root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple:
    graph = recup.open(str(tmp_path_factory.mktemp("prov") / "store"))
    run = graph.ingest(root / "data" / request.param).name
    return request.param, graph, run


def parsed(data: bytes) -> Triples:
    found = pyoxigraph.parse(data, format=pyoxigraph.RdfFormat.TURTLE)
    return {(str(item.subject), item.predicate.value, str(item.object)) for item in found}


def test_there_are_only_words_of_prov_and_labels(case: tuple) -> None:
    _, graph, run = case
    written = parsed(graph.export(run, "prov-o"))
    assert written
    for _, predicate, target in written:
        if predicate == RDF + "type":
            assert target.startswith(f"<{PROV}")
        else:
            assert predicate.startswith(PROV) or predicate == RDFS + "label"


def test_every_statement_in_prov_is_in_it_as_it_was(case: tuple) -> None:
    """Times with their zone, roles, qualified forms: no literal is rewritten."""
    _, graph, run = case
    told = {item for item in parsed(graph.export(run, "ntriples")) if item[1].startswith(PROV)}
    assert told <= parsed(graph.export(run, "prov-o"))


def test_edges_that_only_wfprov_states_are_in_it(case: tuple) -> None:
    name, graph, run = case
    written = parsed(graph.export(run, "prov-o"))
    found = {word: sum(item[1] == PROV + word for item in written) for word in SOURCES[name]}
    assert found == SOURCES[name]


def test_rdflib_reads_the_same(case: tuple) -> None:
    _, graph, run = case
    data = graph.export(run, "prov-o")
    ours, theirs = rdflib.Graph(), rdflib.Graph()
    theirs.parse(data=data, format="turtle")
    plain = pyoxigraph.serialize(
        (quad.triple for quad in pyoxigraph.parse(data, format=pyoxigraph.RdfFormat.TURTLE)),
        format=pyoxigraph.RdfFormat.N_TRIPLES,
    )
    ours.parse(data=plain, format="nt")
    assert len(ours) == len(theirs) and set(ours) == set(theirs)


def test_the_same_run_gives_the_same_bytes(case: tuple) -> None:
    _, graph, run = case
    assert graph.export(run, "prov-o") == graph.export(run, "prov-o")


def test_a_comparison_is_no_document_of_prov_o(root: Path, tmp_path: Path) -> None:
    graph = recup.open(str(tmp_path / "store"))
    first = graph.ingest(root / "data/wfformat/bwa/bwa-chameleon-small-001.json").name
    second = graph.ingest(root / "data/prov/revsort/primary.cwlprov.provn").name
    kept = graph.compare(first, second)
    with pytest.raises(UsageError, match="which prov-o can't hold"):
        graph.export(str(kept.stored_as), "prov-o")
