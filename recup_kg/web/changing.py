"""What a worker does with a job that changes the store: it holds the lock of the index, and leaves a new snapshot."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import urljoin

import msgspec
import pyoxigraph
from pyoxigraph import DefaultGraph, NamedNode, RdfFormat

from recup_kg.errors import QueryError, RecupError, SourceError, StoreBusy, UsageError
from recup_kg.store import WAIT, embedded, index, written
from recup_kg.vocab import BASE
from recup_kg.web.answering import Output
from recup_kg.web.messages import DeleteGraph, Ingest, Reply, Update, WriteGraph
from recup_kg.web.updates import Forbidden, checked, targets, with_dataset

T = TypeVar("T")
RDF_IN = {
    "text/turtle": RdfFormat.TURTLE,
    "application/n-triples": RdfFormat.N_TRIPLES,
    "application/rdf+xml": RdfFormat.RDF_XML,
    "application/ld+json": RdfFormat.JSON_LD,
    "application/x-turtle": RdfFormat.TURTLE,
    "text/plain": RdfFormat.N_TRIPLES,
}
"""Media types of RDF that can be written, and what each is."""
_BUNDLE = "it is the graph of a bundle, whose content never changes: remove its run by recup rm, or write to a graph of yours"


def change(location: str, job: Update | WriteGraph | DeleteGraph | Ingest, output: Output) -> Reply:
    """The reply to a job. Whatever the status from 400 on, the store is as it was."""
    try:
        if isinstance(job, Ingest):
            return _ingest(location, job, output)
        if isinstance(job, Update):
            return _update(Path(location), job)
        return _graph(Path(location), job)
    except Forbidden as error:
        return Reply(status=403, reason=str(error))
    except StoreBusy:
        return Reply(status=503, reason="the store is being written; try again")
    except (QueryError, UsageError, SyntaxError, ValueError) as error:
        return Reply(status=400, reason=embedded.without_grammar(embedded.one_line(error)))
    except (RecupError, OSError, RuntimeError) as error:
        return Reply(status=503, reason=f"the store can't be written: {embedded.one_line(error)}")


def _update(folder: Path, job: Update) -> Reply:
    found = checked(job.text)
    named = targets(found, job.base)
    text = with_dataset(found, job.using, job.using_named)

    def action(store: pyoxigraph.Store) -> None:
        bundles = written.bundle_graphs(store)
        _demand_free(named.graphs, bundles)
        if named.any and bundles:
            raise Forbidden(
                "it can change any graph, and here are graphs of bundles, which never change: name the graphs"
            )
        store.update(text, base_iri=job.base)

    _changed(folder, action)
    return Reply(status=204)


def _graph(folder: Path, job: WriteGraph | DeleteGraph) -> Reply:
    name = DefaultGraph() if job.graph is None else NamedNode(job.graph)
    if isinstance(job, WriteGraph):
        _demand_readable(job)

    def action(store: pyoxigraph.Store) -> int:
        if job.graph is not None:
            _demand_free([job.graph], written.bundle_graphs(store))
        there = isinstance(name, DefaultGraph) or store.contains_named_graph(name)
        if isinstance(job, DeleteGraph):
            return _deleted(store, name) if there else 404
        if job.replace:
            store.clear_graph(name)
        if isinstance(name, NamedNode):
            store.add_graph(name)
        for path, media_type in job.files:
            store.load(path=path, format=RDF_IN[media_type], base_iri=_document(job), to_graph=name)
        return 204 if there else 201

    status = _changed(folder, action)
    return Reply(status=status, reason=f"no graph {job.graph}" if status == 404 else "")


def _deleted(store: pyoxigraph.Store, name: NamedNode | DefaultGraph) -> int:
    if isinstance(name, DefaultGraph):
        store.clear_graph(name)
    else:
        store.remove_graph(name)
    return 204


def _demand_readable(job: WriteGraph) -> None:
    """Nothing is replaced by a file that can't be read to its end."""
    for path, media_type in job.files:
        for _ in pyoxigraph.parse(path=path, format=RDF_IN[media_type], base_iri=_document(job)):
            pass


def _document(job: WriteGraph) -> str:
    return urljoin(job.base, job.graph or "")


def _demand_free(graphs: set[str] | list[str], bundles: frozenset[str]) -> None:
    for graph in sorted(graphs):
        if graph in bundles:
            raise Forbidden(f"{graph}: {_BUNDLE}")
        if written.is_reserved(graph):
            raise Forbidden(f"{graph}: graphs below {BASE} are named by this software alone")


def _changed(folder: Path, action: Callable[[pyoxigraph.Store], T]) -> T:
    place = index.Place(folder)
    return index.with_writer(place, WAIT, lambda store: written.change(store, folder, action))


def _ingest(location: str, job: Ingest, output: Output) -> Reply:
    from recup_kg import api

    try:
        with api.open(location) as kg:
            taken = kg.ingest(job.path, source_format=job.source_format, run=job.run)
    except SourceError as error:
        # The path is of this machine: the client knows its file by its name.
        text = str(error).replace(f"{Path(job.path).parent}/", "")
        return Reply(status=422, reason=text, tired=True)
    document = dataclasses.asdict(taken)
    output.write(msgspec.json.encode(_without_folder(document, Path(job.path).parent)))
    return Reply(status=200, media_type="application/json", tired=True)


def _without_folder(value: object, folder: Path) -> object:
    if isinstance(value, dict):
        return {key: _without_folder(item, folder) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_folder(item, folder) for item in value]
    return value.replace(f"{folder}/", "") if isinstance(value, str) else value
