"""Bring what peers say of their holdings into files of their own: `<store>/peers/<name>.nq.gz`.

Nothing of it is ever in the bundles or in the index: who searches or queries peers says so.
"""

from __future__ import annotations

from dataclasses import dataclass

from recup_kg.errors import RecupError
from recup_kg.federation import harvest_file
from recup_kg.federation.fetching import Fetcher, Limits, now
from recup_kg.federation.harvest_readers import reader
from recup_kg.federation.harvest_session import Session
from recup_kg.federation.peers import Peer, PeerRegistry
from recup_kg.store.lock import locked

__all__ = ["Harvested", "Limits", "Refused", "harvest", "harvest_all"]

_WAIT = 1.0


@dataclass(frozen=True, slots=True)
class Harvested:
    """What a harvest brought: documents by what became of them, statements, and licences as the source states them."""

    peer: str
    documents: int
    new: int
    changed: int
    unchanged: int
    gone: int
    statements: int
    licences: tuple[str, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A peer that could not be harvested; what was there of it before is there still."""

    peer: str
    error: str


def harvest(registry: PeerRegistry, name: str, limits: Limits) -> Harvested:
    """Harvest one peer. Raises `SourceError`, `StoreError`, `StoreBusy`; the old state is kept then."""
    peer = registry.named(name)
    path = registry.harvest_file(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    with locked(path.with_name(f".{name}.lock"), _WAIT):
        before = harvest_file.read(path, peer.address)
        session = _session(peer, before, limits)
        session.now.started = now()
        reader(peer.kind).harvest(session)
        session.now.ended = now()
        # It may have been removed meanwhile.
        registry.named(name)
        harvest_file.write(path, session.now)
    return _result(name, session)


def harvest_all(
    registry: PeerRegistry, names: tuple[str, ...], limits: Limits
) -> tuple[tuple[Harvested, ...], tuple[Refused, ...]]:
    """Harvest the peers of these names, or all; one that fails holds up no other. Raises `UsageError` for an unknown name."""
    chosen = tuple(registry.named(name).name for name in names) or tuple(p.name for p in registry.peers())
    done: list[Harvested] = []
    refused: list[Refused] = []
    for name in dict.fromkeys(chosen):
        try:
            done.append(harvest(registry, name, limits))
        except RecupError as error:
            refused.append(Refused(name, str(error)))
    return tuple(done), tuple(refused)


def last_harvest(registry: PeerRegistry, peer: Peer) -> tuple[str | None, tuple[str, ...]]:
    """When a peer was last harvested (None: never), and what licences it stated then."""
    found = harvest_file.summary(registry.harvest_file(peer.name), peer.address)
    return (found.ended, found.licences) if found else (None, ())


def _session(peer: Peer, before: harvest_file.Harvest | None, limits: Limits) -> Session:
    fetcher = Fetcher(limits, local=peer.address.startswith("file:"))
    return Session(peer.address, fetcher, before, limits)


def _result(name: str, session: Session) -> Harvested:
    current = session.now.documents
    former = set(session.before.documents) if session.before else set()
    return Harvested(
        peer=name,
        documents=len(current),
        new=len(set(current) - former),
        changed=len((set(current) & former) - session.unchanged),
        unchanged=len(session.unchanged & set(current)),
        gone=len(former - set(current)),
        statements=sum(len(item.triples) for item in current.values()),
        licences=session.now.licences,
        remarks=session.now.remarks,
    )
