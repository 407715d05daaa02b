"""The W3C test suite for SHACL (https://w3c.github.io/data-shapes/data-shapes-test-suite/), by both engines."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import RDF, BNode, Graph, Literal, Namespace, URIRef
from rdflib.term import Node
from rdflib.util import from_n3

from recup_kg.errors import ShapesError
from recup_kg.validate import Engine, ReferenceEngine, RustEngine
from tests.conftest import SHARED

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
SH = Namespace("http://www.w3.org/ns/shacl#")
SHT = Namespace("http://www.w3.org/ns/shacl-test#")

SUITE = SHARED / "suites/data-shapes/data-shapes-test-suite/tests"
NUMBER_OF_CASES = 121

EXCEPTIONS: dict[tuple[str, str], str] = {
    ("pyshacl", "core/property/uniqueLang-002"): 'takes sh:uniqueLang "1"^^xsd:boolean for true',
    ("pyshacl", "sparql/node/prefixes-001"): "does not find the prefix `ex` of the document",
    ("pyshacl", "sparql/pre-binding/shapesGraph-001"): "has no $shapesGraph",
    ("rust", "sparql/pre-binding/unsupported-sparql-004"): "does not refuse a subquery that leaves out $this",
}
"""(engine, case): why its results differ."""


def _cases() -> list[tuple[Path, URIRef]]:
    found = []
    for file in sorted(SUITE.rglob("*.ttl")):
        graph = Graph().parse(file, publicID=file.as_uri())
        found += [(file, case) for case in sorted(graph.subjects(RDF.type, SHT.Validate))]
    return found


CASES = _cases() if SUITE.is_dir() else []
needs_suite = pytest.mark.skipif(not CASES, reason="needs the folder ../shared/suites beside the checkout")


def _name(case: tuple[Path, URIRef]) -> str:
    return f"{case[0].parent.relative_to(SUITE)}/{str(case[1]).rsplit('/', 1)[-1]}"


def _ntriples(iri: Node) -> str:
    file = Path(str(iri).removeprefix("file://"))
    triples = (quad.triple for quad in ox.parse(file.read_bytes(), ox.RdfFormat.TURTLE, base_iri=str(iri)))
    return ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES).decode()


def _plain(term: Node | None) -> str:
    return "_:" if isinstance(term, BNode) else repr(term)


def _expected(graph: Graph, report: Node) -> Counter[tuple[str, ...]]:
    found: Counter[tuple[str, ...]] = Counter()
    for result in graph.objects(report, SH.result):
        path = graph.value(result, SH.resultPath)
        found[
            str(graph.value(result, SH.resultSeverity)).removeprefix(str(SH)),
            _plain(graph.value(result, SH.focusNode)),
            str(path) if isinstance(path, URIRef) else "",
            _plain(graph.value(result, SH.value)),
            str(graph.value(result, SH.sourceConstraintComponent)),
        ] += 1
    return found


def _found(engine: Engine, shapes: str, data: str) -> Counter[tuple[str, ...]]:
    found: Counter[tuple[str, ...]] = Counter()
    for result in engine.run(shapes, data):
        path = result.path or ""
        value = from_n3(result.term) if result.term else None
        found[
            result.severity,
            "_:" if result.focus.startswith("_:") else _focus(result.focus),
            "" if path.startswith(("^", "(")) or path.endswith(("*", "+", "?")) else path,
            "_:" if (result.term or "").startswith("_:") else _plain(value),
            result.component,
        ] += 1
    return found


def _focus(text: str) -> str:
    return _plain(from_n3(text) if text.startswith('"') else URIRef(text))


def _focus_text(counter: Counter[tuple[str, ...]]) -> Counter[tuple[str, ...]]:
    """Focus nodes by their text: a result says it without its datatype."""
    return Counter({(key[0], _text(key[1]), *key[2:]): count for key, count in counter.items()})


def _text(term: str) -> str:
    for kind in (Literal, URIRef):
        head = f"rdflib.term.{kind.__name__}('"
        if term.startswith(head):
            return term[len(head) :].split("'")[0]
    return term


@needs_suite
def test_all_cases_are_found():
    assert len(CASES) == NUMBER_OF_CASES
    assert {name for _, name in EXCEPTIONS} <= {_name(case) for case in CASES}


@needs_suite
@pytest.mark.parametrize("engine", [RustEngine(), ReferenceEngine()], ids=lambda engine: engine.name)
@pytest.mark.parametrize("case", CASES, ids=_name)
def test_case(case: tuple[Path, URIRef], engine: Engine):
    reason = EXCEPTIONS.get((engine.name, _name(case)))
    if reason is None:
        assert _passes(case, engine)
    else:
        assert _fails(case, engine), f"works now; drop the exception: {reason}"


def _fails(case: tuple[Path, URIRef], engine: Engine) -> bool:
    try:
        return not _passes(case, engine)
    except Exception:  # noqa: BLE001 - pySHACL and rdflib raise bare ones
        return True


def _passes(case: tuple[Path, URIRef], engine: Engine) -> bool:
    file, entry = case
    graph = Graph().parse(file, publicID=file.as_uri())
    action, result = graph.value(entry, MF.action), graph.value(entry, MF.result)
    data, shapes = (_ntriples(graph.value(action, SHT[name])) for name in ("dataGraph", "shapesGraph"))
    try:
        found = _found(engine, shapes, data)
    except ShapesError:
        return result == SHT.Failure
    return result != SHT.Failure and _focus_text(found) == _focus_text(_expected(graph, result))
