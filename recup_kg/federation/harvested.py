"""SELECT queries over what was harvested of peers, for those that have no SPARQL endpoint."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import IO, cast

import pyoxigraph

from recup_kg.federation.asking import NoAnswer, limited, within
from recup_kg.federation.peers import Peer, PeerRegistry
from recup_kg.store.embedded import one_line, without_grammar
from recup_kg.store.table import Table


@dataclass(frozen=True, slots=True)
class _Loaded:
    state: tuple[int, int]
    store: pyoxigraph.Store


class Harvests:
    """The harvested quads of the peers of a registry, loaded when they are asked for and again when they change."""

    def __init__(self, registry: PeerRegistry) -> None:
        self._registry = registry
        self._loaded: dict[str, _Loaded] = {}
        self._lock = Lock()

    def ask(self, peer: Peer, query: str, seconds: float, size: int) -> Table:
        """The answer to a SELECT query; its default graph is the union of all graphs. Raises `NoAnswer`."""
        return within(seconds, lambda: self._asked(peer, query, size))

    def has(self, peer: Peer) -> bool:
        """Whether something was harvested of a peer."""
        return self._registry.harvest_file(peer.name).exists()

    def _asked(self, peer: Peer, query: str, size: int) -> Table:
        store = self._store(peer)
        try:
            found = store.query(query, use_default_graph_as_union=True)
            if not isinstance(found, pyoxigraph.QuerySolutions):
                raise NoAnswer("can only be asked SELECT queries")
            return limited((variable.value for variable in found.variables), map(tuple, found), query, size)
        except (SyntaxError, ValueError, OSError, RuntimeError) as error:
            raise NoAnswer(f"can't be asked this: {without_grammar(one_line(error))}") from error

    def _store(self, peer: Peer) -> pyoxigraph.Store:
        path = self._registry.harvest_file(peer.name)
        with self._lock:
            try:
                state = path.stat().st_mtime_ns, path.stat().st_size
                known = self._loaded.get(peer.name)
                if known is None or known.state != state:
                    known = _Loaded(state, _load(path))
                    self._loaded[peer.name] = known
            except FileNotFoundError as error:
                problem = f"has no SPARQL endpoint, and was not harvested yet: recup harvest {peer.name}"
                raise NoAnswer(problem, stays=True) from error
            except (OSError, EOFError, SyntaxError, ValueError) as error:
                problem = f"what was harvested of it can't be read ({one_line(error)}): harvest it again"
                raise NoAnswer(problem, stays=True) from error
            return known.store


def _load(path: Path) -> pyoxigraph.Store:
    store = pyoxigraph.Store()
    with gzip.open(path) as stream:
        store.bulk_load(cast(IO[bytes], stream), pyoxigraph.RdfFormat.N_QUADS)
    return store
