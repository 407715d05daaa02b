"""Full text over our own store and what was harvested of peers."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from recup_kg.errors import StoreError, UsageError
from recup_kg.federation import search_harvested, search_index
from recup_kg.federation.peers import PeerRegistry
from recup_kg.federation.search_index import Hit, Part
from recup_kg.federation.search_own import Own
from recup_kg.store import open_store

__all__ = ["INDEX", "Hit", "find"]

INDEX = "search.sqlite"
"""The file of the index in the folder of the store."""


def find(
    folder: Path, words: str, *, peer: str | None = None, limit: int = 20
) -> tuple[tuple[Hit, ...], int]:
    """The best hits for words in a store and its harvests, or in the harvest of one peer; and how many there are.

    Raises `UsageError` for an unknown peer and for no words, `StoreError` where there is no store.
    """
    query = search_index.expression(words)
    registry = PeerRegistry(folder)
    if peer is not None:
        registry.named(peer)
        if not registry.harvest_file(peer).exists():
            raise UsageError(f"nothing was harvested of {peer} yet: recup harvest {peer}")
    parts = _harvests(registry)
    if (folder / "bundles").is_dir():
        with open_store(str(folder), writable=False) as store:
            own = Own(store)
            parts |= {
                graph: Part(None, state, partial(own.items, graph)) for graph, state in own.parts().items()
            }
            return search_index.search(folder / INDEX, parts, query, peer=peer, limit=limit)
    if not registry.peers():
        raise StoreError(f"there is no store at {folder}: recup ingest FILE or recup peers add URL makes one")
    return search_index.search(folder / INDEX, parts, query, peer=peer, limit=limit)


def _harvests(registry: PeerRegistry) -> dict[str, Part]:
    parts = {}
    for peer in registry.peers():
        path = registry.harvest_file(peer.name)
        state = search_harvested.state(path)
        if state:
            things = partial(search_harvested.items, path, peer.address)
            parts[f"peer {peer.name}"] = Part(peer.name, f"{peer.address} {state}", things)
    return parts
