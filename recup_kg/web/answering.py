"""What a worker does with a job that only reads: find the answer, and write it in the format that was agreed."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, TypeVar, cast

import pyoxigraph

from recup_kg.errors import QueryError, StoreError
from recup_kg.store.embedded import one_line
from recup_kg.vocab import PREFIXES
from recup_kg.web.messages import AskQuery, ReadGraph, Reply
from recup_kg.web.negotiation import CSV, JSON, JSON_LD, NTRIPLES, RDF_XML, TSV, TURTLE, XML
from recup_kg.web.results import write_solutions
from recup_kg.web.sources import Solutions, Source

T = TypeVar("T")
INLINE = 256 * 1024
"""Bytes of an answer that go through the pipe; longer ones go to a file, so that the service needs no memory for them."""

_RDF = {
    TURTLE: pyoxigraph.RdfFormat.TURTLE,
    NTRIPLES: pyoxigraph.RdfFormat.N_TRIPLES,
    JSON_LD: pyoxigraph.RdfFormat.JSON_LD,
    RDF_XML: pyoxigraph.RdfFormat.RDF_XML,
}
_BOOLEAN = {
    JSON: pyoxigraph.QueryResultsFormat.JSON,
    XML: pyoxigraph.QueryResultsFormat.XML,
    CSV: pyoxigraph.QueryResultsFormat.CSV,
    TSV: pyoxigraph.QueryResultsFormat.TSV,
}
_PREFIXED = frozenset((TURTLE, RDF_XML))


class TooMuch(Exception):
    """The answer is larger than it may be."""


class Output(io.RawIOBase):
    """An answer on its way: in memory while it is short, then in a file."""

    def __init__(self, spool: Path, most: int) -> None:
        super().__init__()
        self._spool = spool
        self._most = most
        self._stream: IO[bytes] = io.BytesIO()
        self.size = 0
        self.spooled = False

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, data: bytes, /) -> int:  # type: ignore[override]
        """Take bytes. Raises `TooMuch`."""
        self.size += len(data)
        if self.size > self._most:
            raise TooMuch(f"the answer is longer than the {self._most:,} bytes that one may have here")
        if self.size > INLINE and not self.spooled:
            stream = self._spool.open("wb")
            stream.write(cast(io.BytesIO, self._stream).getvalue())
            self._stream, self.spooled = stream, True
        return self._stream.write(data)

    def body(self) -> bytes:
        """What follows the reply: the answer, or nothing where it is in the file."""
        if self.spooled:
            self._stream.close()
            return b""
        return cast(io.BytesIO, self._stream).getvalue()


def answer(source: Source, job: AskQuery | ReadGraph, output: Output) -> Reply:
    """The reply to a job; its body is in `output`."""
    try:
        return _query(source, job, output) if isinstance(job, AskQuery) else _graph(source, job, output)
    except QueryError as error:
        return Reply(status=400, reason=str(error))
    except TooMuch as error:
        return Reply(status=422, reason=str(error))
    except (StoreError, OSError, RuntimeError) as error:
        return Reply(status=503, reason=f"the store can't answer: {one_line(error)}")
    except (SyntaxError, ValueError) as error:
        return Reply(status=400, reason=one_line(error))


def _query(source: Source, job: AskQuery, output: Output) -> Reply:
    found = source.query(job)
    media_type = job.tabular if isinstance(found, bool | Solutions) else job.graph
    if media_type is None:
        kind = "a table or a truth value" if isinstance(found, bool | Solutions) else "RDF"
        return Reply(
            status=406, reason=f"the answer is {kind}, and the header Accept takes no format of that"
        )
    if isinstance(found, bool):
        output.write(_boolean(found, media_type))
    elif isinstance(found, Solutions):
        buffered = io.BufferedWriter(cast(io.RawIOBase, output))
        write_solutions(media_type, found.columns, _limited(found.rows, job.rows), buffered)
        buffered.flush()
    else:
        _triples(_limited(found, job.rows), media_type, output)
    return Reply(status=200, media_type=media_type)


def _graph(source: Source, job: ReadGraph, output: Output) -> Reply:
    found = source.graph(job.graph)
    if found is None:
        return Reply(status=404, reason=f"no graph {job.graph}")
    _triples(found, job.media_type, output)
    return Reply(status=200, media_type=job.media_type)


def _triples(triples: Iterable[pyoxigraph.Triple], media_type: str, output: Output) -> None:
    buffered = io.BufferedWriter(cast(io.RawIOBase, output))
    prefixes = PREFIXES if media_type in _PREFIXED else None
    pyoxigraph.serialize(triples, cast(IO[bytes], buffered), _RDF[media_type], prefixes=prefixes)
    buffered.flush()


def _boolean(value: bool, media_type: str) -> bytes:
    text = f'{{"head":{{}},"boolean":{str(value).lower()}}}'.encode()
    parsed = pyoxigraph.parse_query_results(text, format=pyoxigraph.QueryResultsFormat.JSON)
    return parsed.serialize(format=_BOOLEAN[media_type]) or b""


def _limited(items: Iterable[T], most: int) -> Iterator[T]:
    for number, item in enumerate(items):
        if number == most:
            raise TooMuch(f"the answer has more than the {most:,} rows that one may have here: add a LIMIT")
        yield item
