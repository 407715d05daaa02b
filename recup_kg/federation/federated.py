"""A query over a store and its peers: by SERVICE clauses, or the same question to each."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import Literal

from recup_kg.errors import QueryError, UsageError
from recup_kg.federation.asking import NoAnswer, PeerLimits
from recup_kg.federation.gateway import Gateway, PeerFailure
from recup_kg.federation.harvested import Harvests
from recup_kg.federation.peers import PeerRegistry
from recup_kg.federation.service_calls import redirected, service_iris
from recup_kg.store import Answer, Store, Table
from recup_kg.store.table import Term

COLUMN = "peer"
ALL = "all"
HERE = "(this store)"
"""Its name in the column of peers; no peer can be called so."""
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class FederatedAnswer:
    """An answer, and the peers that gave none: with any, it is partial."""

    answer: Answer
    failures: tuple[PeerFailure, ...]


def ask(store: Store, query: str, folder: Path, limits: PeerLimits) -> FederatedAnswer:
    """The answer to a query whose SERVICE clauses name peers of the store in the folder.

    A peer that fails has no rows, or, where the query says SERVICE SILENT, leaves its variables unbound. Raises `QueryError`
    for a SERVICE that is no peer, or is named by a variable.
    """
    registry = PeerRegistry(folder)
    with Gateway(registry.peers(), Harvests(registry), limits, lenient=True) as gateway:
        answer = store.query(redirected(query, gateway.address))
        return FederatedAnswer(answer, gateway.failures())


def ask_each(
    store: Store, query: str, folder: Path, names: Sequence[str], limits: PeerLimits
) -> FederatedAnswer:
    """The rows that the store and each of the peers (`all`: all) have for a SELECT query, with a first column that says whose
    they are. Raises `UsageError` for an unknown peer, `QueryError` for a query that is no SELECT, calls services, or has such a
    column itself.
    """
    if service_iris(query):
        raise QueryError("the query has SERVICE itself: ask it without --on")
    registry = PeerRegistry(folder)
    peers = (
        registry.peers() if list(names) == [ALL] else [registry.named(name) for name in dict.fromkeys(names)]
    )
    if not peers:
        raise UsageError("this store has no peers yet: recup peers add URL")
    gateway = Gateway(peers, Harvests(registry), limits, lenient=True)
    tables = {HERE: store.select(query)}
    if COLUMN in tables[HERE].columns:
        raise QueryError(f"the query has a column {COLUMN} itself: call it otherwise")

    def asked(name: str) -> Table | None:
        try:
            return gateway.ask(name, query)
        except NoAnswer as error:
            gateway.note(PeerFailure(name, str(error)))
            return None

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        found = threads.map(asked, [peer.name for peer in peers])
        tables |= {peer.name: table for peer, table in zip(peers, found, strict=True) if table is not None}
    return FederatedAnswer(_united(tables), gateway.failures())


def _united(tables: dict[str, Table]) -> Table:
    columns = tables[HERE].columns
    rows: list[tuple[Term | None, ...]] = []
    for name, table in tables.items():
        places = [table.columns.index(column) if column in table.columns else None for column in columns]
        rows.extend(
            (Literal(name), *(None if place is None else row[place] for place in places))
            for row in table.rows
        )
    return Table((COLUMN, *columns), tuple(rows))
