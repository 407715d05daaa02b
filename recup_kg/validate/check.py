"""Checking graphs: as text, in a store, in a file."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyoxigraph as ox

from recup_kg.errors import MalformedSource
from recup_kg.store.protocol import Store
from recup_kg.validate.engine import Engine, RustEngine
from recup_kg.validate.places import placed
from recup_kg.validate.reference import ReferenceEngine
from recup_kg.validate.report import Report, merged, report_of
from recup_kg.validate.shapes import shapes_text
from recup_kg.vocab import RECUP, WFPROV

_FORMATS: Mapping[str, ox.RdfFormat] = {
    ".nq": ox.RdfFormat.N_QUADS,
    ".nt": ox.RdfFormat.N_TRIPLES,
    ".ttl": ox.RdfFormat.TURTLE,
    ".trig": ox.RdfFormat.TRIG,
}
_SHARED = f" <{WFPROV}describedByWorkflow> <"
_DESCRIBES = f" <{RECUP}describes> <"


def engine_named(name: str = "rust") -> Engine:
    """The fast engine, or pySHACL for `pyshacl` and where the fast one is not installed."""
    if name == "rust":
        try:
            import shacl  # noqa: F401
        except ImportError:
            return ReferenceEngine()
        return RustEngine()
    return ReferenceEngine()


def validate(ntriples: str, context: str = "", engine: Engine | None = None) -> Report:
    """The report of one graph in N-Triples. `context` are the triples of a shared graph that it refers to."""
    results = (engine or engine_named()).run(shapes_text(), ntriples + context)
    return report_of(placed(results, ntriples))


def validate_graph(store: Store, graph: str, engine: Engine | None = None) -> Report:
    """The report of a graph of the store, together with the workflow that it executed. Raises `UnknownRun`."""
    text = store.ntriples(graph).decode()
    context = "".join(store.ntriples(name).decode() for name in _graphs_of_workflow(store, text))
    return validate(text, context, engine)


def validate_quads(nquads: str, engine: Engine | None = None) -> Report:
    """The report of graphs in N-Quads, each for itself; an execution together with its workflow, if that is there."""
    return _validate_each(_split(nquads.encode(), ox.RdfFormat.N_QUADS), engine)


def is_rdf(path: Path) -> bool:
    """Whether the name of a file says that it holds RDF: `.nq`, `.nt`, `.ttl`, `.trig`, also with `.gz`."""
    return _suffix(path) in _FORMATS


def validate_file(path: Path, engine: Engine | None = None) -> Report:
    """The report of a file of RDF. Raises `MalformedSource` where it can't be read or is not what its name says."""
    try:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        graphs = _split(data, _FORMATS[_suffix(path)])
    except KeyError:
        known = ", ".join(_FORMATS)
        raise MalformedSource(path, "not a file of RDF", advice=f"name it with one of {known}") from None
    except (OSError, EOFError) as error:
        raise MalformedSource(path, f"can't be read: {error}") from error
    except SyntaxError as error:
        raise MalformedSource(path, f"not RDF: {error.msg}", advice="correct the file") from error
    return _validate_each(graphs, engine)


def _suffix(path: Path) -> str:
    return (Path(path.stem) if path.suffix == ".gz" else path).suffix


def _split(data: bytes, form: ox.RdfFormat) -> dict[str, str]:
    """The N-Triples of each named graph, and of the default graph under an empty name."""
    graphs: dict[str, list[ox.Triple]] = {}
    for quad in ox.parse(data, form):
        name = quad.graph_name.value if isinstance(quad.graph_name, ox.NamedNode) else ""
        graphs.setdefault(name, []).append(quad.triple)
    return {
        name: (ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b"").decode()
        for name, triples in graphs.items()
    }


def _validate_each(graphs: Mapping[str, str], engine: Engine | None) -> Report:
    described = {_object(text, _DESCRIBES): name for name, text in graphs.items()}
    reports = []
    for name, text in graphs.items():
        shared = described.get(_object(text, _SHARED))
        context = graphs[shared] if shared is not None and shared != name else ""
        reports.append(validate(text, context, engine))
    return merged(tuple(reports))


def _object(ntriples: str, mark: str) -> str | None:
    """The IRI after the first such predicate, or None."""
    at = ntriples.find(mark)
    return None if at < 0 else ntriples[at + len(mark) : ntriples.index(">", at + len(mark))]


def _graphs_of_workflow(store: Store, ntriples: str) -> Iterator[str]:
    workflow = _object(ntriples, _SHARED)
    if workflow is None:
        return
    table = store.select(
        f"SELECT DISTINCT ?graph WHERE {{ GRAPH ?graph {{ ?graph <{RECUP}describes> <{workflow}> }} }}"
    )
    yield from (str(getattr(row[0], "value", row[0])) for row in table.rows)
