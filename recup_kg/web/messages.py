"""What the service says to its worker processes, and they to it: a line of JSON each; short bodies follow their line."""

from __future__ import annotations

from typing import TypeAlias

import msgspec


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker is told at its start: the store, and the most bytes of memory that it may take (none: no limit)."""

    location: str
    memory: int | None


class Task(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """Common to all: the seconds that it may take, the file that a long answer goes to, and the most bytes of an answer."""

    seconds: float = 30.0
    spool: str = ""
    answer: int = 2**30


class AskQuery(Task, frozen=True, kw_only=True, tag=True):
    """A query. The dataset is that of the protocol, where it says one (`default_graphs` and `named_graphs` are not None), else
    that of the query, else all graphs. `tabular` and `graph` are the formats that the client takes, None: none. With
    `peer_seconds` (of one peer) its SERVICE clauses may ask peers of the store."""

    text: str
    base: str
    default_graphs: tuple[str, ...] | None
    named_graphs: tuple[str, ...] | None
    union: bool
    tabular: str | None
    graph: str | None
    rows: int
    peer_seconds: float | None = None
    peer_size: int = 0


class ReadGraph(Task, frozen=True, kw_only=True, tag=True):
    """A graph as RDF; None is the default graph."""

    graph: str | None
    media_type: str


class Update(Task, frozen=True, kw_only=True, tag=True):
    """A SPARQL Update; the graphs of the protocol take the place of USING."""

    text: str
    base: str
    using: tuple[str, ...] = ()
    using_named: tuple[str, ...] = ()


class WriteGraph(Task, frozen=True, kw_only=True, tag=True):
    """Put the RDF files, with the media type of each, in a graph, in place of what is there or beside it. No file: empty."""

    graph: str | None
    replace: bool
    files: tuple[tuple[str, str], ...]
    base: str


class DeleteGraph(Task, frozen=True, kw_only=True, tag=True):
    """Remove a graph."""

    graph: str | None


class Ingest(Task, frozen=True, kw_only=True, tag=True):
    """Take a file or a folder into the store."""

    path: str
    source_format: str | None
    run: str | None


Job: TypeAlias = AskQuery | ReadGraph | Update | WriteGraph | DeleteGraph | Ingest


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it: an HTTP status, and the size of the body, which follows (or lies in the spool file); or a reason.

    `partial` names the peers that gave no answer to a SERVICE SILENT, each with the reason. A worker that is `tired` ends itself
    after this reply.
    """

    status: int
    media_type: str = "text/plain"
    size: int = 0
    spooled: bool = False
    reason: str = ""
    tired: bool = False
    partial: tuple[tuple[str, str], ...] = ()
