"""What people write into a store folder by SPARQL Update and the Graph Store Protocol, beside its bundles.

It stands in the index as any graph does, and in the file `written.nq.gz`, which is made anew with each change: an index that
is built anew has it from there. It can't be a bundle: bundles never change, have no blank nodes and no default graph, and say of
themselves what they describe. No bundle and no graph below our own address can be written to. An empty graph is not kept.
"""

from __future__ import annotations

import gzip
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TypeVar, cast

import pyoxigraph
from pyoxigraph import DefaultGraph, NamedNode, RdfFormat

from recup_kg.bundles import sync_folder
from recup_kg.errors import StoreError
from recup_kg.store import embedded, registry
from recup_kg.store.table import Table
from recup_kg.vocab import BASE, INDEX_GRAPH

FILE = "written.nq.gz"
T = TypeVar("T")


def bundle_graphs(store: pyoxigraph.Store) -> frozenset[str]:
    """The graphs of bundles."""
    found = embedded.evaluate(store, registry.FILES)
    assert isinstance(found, Table)
    return frozenset(map(str, found.column("graph")))


def is_reserved(graph: str) -> bool:
    """Is it a name that only we give?"""
    return graph.startswith(BASE)


def change(store: pyoxigraph.Store, folder: Path, action: Callable[[pyoxigraph.Store], T]) -> T:
    """What the action returns, which changes graphs that are no bundles; on return the change is on the disk.

    The lock of the index is held. Raises `StoreError` where the file can't be written, and what the action raises.
    """
    result = action(store)
    bundles = bundle_graphs(store)
    named = [graph for graph in store.named_graphs() if isinstance(graph, NamedNode)]
    others = [graph for graph in named if graph.value not in bundles and graph.value != INDEX_GRAPH]
    for graph in others:
        if is_reserved(graph.value):
            store.remove_graph(graph)
    _keep(store, folder, [graph for graph in others if not is_reserved(graph.value)])
    return result


def restore(store: pyoxigraph.Store, folder: Path) -> None:
    """Put what was written into an index that is built anew. Raises `StoreError` where the file is damaged."""
    path = folder / FILE
    if not path.exists():
        return
    try:
        with gzip.open(path, "rb") as stream:
            store.load(cast(IO[bytes], stream), RdfFormat.N_QUADS)
    except (OSError, EOFError, SyntaxError, ValueError) as error:
        raise StoreError(
            f"{path} is damaged: {embedded.one_line(error)}; put back a copy of it, or remove it"
        ) from error


def _keep(store: pyoxigraph.Store, folder: Path, graphs: list[NamedNode]) -> None:
    path = folder / FILE
    temporary = folder / f".{FILE}.{secrets.token_hex(4)}"
    try:
        with temporary.open("xb") as stream:
            with gzip.GzipFile("", "wb", 1, stream, mtime=0) as packed:
                pyoxigraph.serialize(_quads(store, graphs), cast(IO[bytes], packed), RdfFormat.N_QUADS)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
        sync_folder(folder)
    except OSError as error:
        raise StoreError(f"can't write {path}: {error.strerror or embedded.one_line(error)}") from error
    finally:
        temporary.unlink(missing_ok=True)


def _quads(store: pyoxigraph.Store, graphs: list[NamedNode]) -> Iterator[pyoxigraph.Quad]:
    yield from store.quads_for_pattern(None, None, None, DefaultGraph())
    for graph in graphs:
        yield from store.quads_for_pattern(None, None, None, graph)
