"""The peers of a store: whom it harvests, and whom its queries may ask."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from recup_kg.errors import StoreError, UsageError
from recup_kg.store.lock import locked

Kind = Literal["sparql", "fdp", "dcat", "ckan", "ro-crate", "void", "oai-pmh"]

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_WAIT = 10.0


@dataclass(frozen=True, slots=True)
class Peer:
    """A catalogue or endpoint of others. None is what it does not say of itself.

    `endpoint` is its SPARQL endpoint, where it has one; `added` an xsd:dateTime.
    """

    name: str
    address: str
    kind: Kind
    title: str | None = None
    licence: str | None = None
    publisher: str | None = None
    endpoint: str | None = None
    added: str = ""


class PeerRegistry:
    """The peers of the store in a folder, in `peers/peers.json` there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "peers"
        self._file = self._folder / "peers.json"

    def peers(self) -> tuple[Peer, ...]:
        """All peers, in the order in which they were added. Raises `StoreError` for a damaged file."""
        try:
            said = json.loads(self._file.read_text(encoding="utf-8"))
            return tuple(map(_peer, said["peers"]))
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreError(f"{self._file} can't be read ({error}): repair or remove it") from error

    def add(self, peer: Peer) -> None:
        """Add a peer. Raises `UsageError` where the name is taken, or is none."""
        if not _NAME.fullmatch(peer.name):
            raise UsageError(f"{peer.name!r} is no name of a peer: use letters, digits, '.', '_' and '-'")
        with self._writing():
            known = self.peers()
            if any(peer.name == item.name for item in known):
                raise UsageError(f"there is a peer {peer.name} already: name this one with --name")
            self._write((*known, peer))

    def remove(self, name: str) -> Peer:
        """Remove a peer and what was harvested of it. Raises `UsageError` where there is none of that name."""
        with self._writing():
            peer = self.named(name)
            self._write(tuple(item for item in self.peers() if item.name != name))
            self.harvest_file(name).unlink(missing_ok=True)
        return peer

    def named(self, name: str) -> Peer:
        """The peer of a name. Raises `UsageError` where there is none."""
        known = self.peers()
        for peer in known:
            if peer.name == name:
                return peer
        names = ", ".join(peer.name for peer in known) or "none yet: recup peers add URL"
        raise UsageError(f"there is no peer {name!r}; there are: {names}")

    def harvest_file(self, name: str) -> Path:
        """Where the quads are that were harvested of a peer, each in a graph of the peer; the file may not be there yet."""
        return self._folder / f"{name}.nq.gz"

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"can't write to {self._folder}: {error.strerror}") from error
        with locked(self._folder / "peers.lock", _WAIT):
            yield

    def _write(self, peers: tuple[Peer, ...]) -> None:
        text = json.dumps({"peers": [asdict(peer) for peer in peers]}, indent=2, ensure_ascii=False)
        try:
            unfinished = self._file.with_name(".peers.json")
            try:
                with unfinished.open("w", encoding="utf-8") as stream:
                    stream.write(text + "\n")
                    stream.flush()
                    os.fsync(stream.fileno())
                unfinished.replace(self._file)
            finally:
                unfinished.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"can't write {self._file}: {error.strerror}") from error


def folder_of(location: str) -> Path:
    """The folder of a store. Raises `UsageError` for a store in memory or behind a URL: it has no place for peers."""
    if location == ":memory:" or "://" in location or not location.strip():
        raise UsageError(
            f"peers are kept in the folder of a store, and {location!r} is none: use --store DIR"
        )
    return Path(location)


def _peer(said: Any) -> Peer:
    peer = Peer(**said)
    if peer.kind not in get_args(Kind) or not _NAME.fullmatch(peer.name):
        raise ValueError(f"no peer: {said}")
    return peer
