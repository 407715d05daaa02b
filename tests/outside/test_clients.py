"""Clients of others against our service: SPARQLWrapper, rdflib's SPARQLStore, and Comunica over three endpoints at once."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
import rdflib
from rdflib.plugins.stores.sparqlstore import SPARQLStore

import recup_kg as recup
from tests.outside import program
from tests.store.conftest import free_port, no_proxy, oxigraph, wait_for

__all__ = ["no_proxy"]

RECUP = "https://w3id.org/recup/ontology#"
RUNS = f"SELECT ?run ?name WHERE {{ ?run a <{RECUP}Execution> ; <{RECUP}workflowName> ?name }} ORDER BY ?run"
NAMES = (
    "blast/blast-chameleon-small-002.json",
    "blast/blast-chameleon-small-003.json",
    "bwa/bwa-chameleon-small-001.json",
)


@contextmanager
def service(store: Path) -> Iterator[str]:
    """`recup serve` over a store; its SPARQL endpoint."""
    process = subprocess.Popen(
        [sys.executable, "-m", "recup_kg", "serve", "--store", str(store), "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield json.loads("".join(process.stdout.readline() for _ in range(5)))["sparql"]
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()


@contextmanager
def oxigraph_with(turtle: bytes) -> Iterator[str]:
    """`oxigraph serve` with triples in its default graph; its query endpoint."""
    port = free_port()
    process = subprocess.Popen(
        [oxigraph(), "serve", "--bind", f"127.0.0.1:{port}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port, process)
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/store?default", turtle, {"Content-Type": "text/turtle"}, method="PUT"
        )
        urllib.request.urlopen(request).close()
        yield f"http://127.0.0.1:{port}/query"
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def stores(root: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A store for each of three runs."""
    found = []
    for number, name in enumerate(NAMES):
        found.append(tmp_path_factory.mktemp("clients") / f"store{number}")
        with recup.open(str(found[-1])) as graph:
            graph.ingest(root / "data" / "wfformat" / name, validate=False)
    return found


@pytest.fixture(scope="module")
def endpoint(stores: list[Path]) -> Iterator[str]:
    with service(stores[0]) as url:
        yield url


def expected(*stores: Path) -> list[tuple[str, str | None]]:
    found = []
    for store in stores:
        with recup.open(str(store)) as graph:
            found += [(run.run, run.label) for run in graph.runs()]
    return sorted(found)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_sparqlwrapper(endpoint: str, stores: list[Path], method: str) -> None:
    from SPARQLWrapper import JSON, TURTLE, SPARQLWrapper

    wrapper = SPARQLWrapper(endpoint)
    wrapper.setMethod(method)
    wrapper.setReturnFormat(JSON)
    wrapper.setQuery(RUNS)
    rows = wrapper.query().convert()["results"]["bindings"]
    assert [row["run"]["value"] for row in rows] == [run for run, _ in expected(stores[0])]
    wrapper.setReturnFormat(TURTLE)
    wrapper.setQuery(f"CONSTRUCT WHERE {{ ?run a <{RECUP}Execution> }}")
    graph = rdflib.Graph().parse(data=wrapper.query().convert(), format="turtle")
    assert len(graph) == 1


def test_rdflib_s_store(endpoint: str, stores: list[Path]) -> None:
    graph = rdflib.Graph(SPARQLStore(endpoint, returnFormat="json"))
    rows = [(str(row.run), str(row.name)) for row in graph.query(RUNS)]
    assert [run for run, _ in rows] == [run for run, _ in expected(stores[0])]
    run = rdflib.URIRef(rows[0][0])
    assert (run, rdflib.RDF.type, rdflib.URIRef(RECUP + "Execution")) in graph


def test_comunica_over_three_endpoints(stores: list[Path]) -> None:
    comunica = program("comunica-sparql")
    with ExitStack() as stack:
        urls = [stack.enter_context(service(stores[0]))]
        for store in stores[1:]:
            with recup.open(str(store)) as graph:
                turtle = "".join(graph.export(run.name, "ntriples").decode() for run in graph.runs())
            urls.append(stack.enter_context(oxigraph_with(turtle.encode())))
        done = subprocess.run(
            [
                comunica,
                *(f"sparql@{url}" for url in urls),
                "-q",
                RUNS,
                "-t",
                "application/sparql-results+json",
            ],
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)["results"]["bindings"]
    assert sorted(row["run"]["value"] for row in rows) == [run for run, _ in expected(*stores)]
    assert len({row["name"]["value"] for row in rows}) == 2


def test_comunica_joins_what_lies_apart(stores: list[Path]) -> None:
    """A run that we hold, and a note on it that somebody else keeps."""
    comunica = program("comunica-sparql")
    ((run, label),) = expected(stores[0])
    note = f'<{run}> <http://schema.org/comment> "the disk was full" .'.encode()
    query = f"SELECT ?name ?note {{ ?run <{RECUP}workflowName> ?name ; <http://schema.org/comment> ?note }}"
    with service(stores[0]) as ours, oxigraph_with(note) as theirs, oxigraph_with(b"") as nothing:
        done = subprocess.run(
            [comunica, *(f"sparql@{url}" for url in (ours, theirs, nothing)), "-q", query, "-t", "text/csv"],
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["name,note", *f"{label},the disk was full".split()]
