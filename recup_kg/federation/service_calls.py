"""The SERVICE clauses of a query (https://www.w3.org/TR/sparql11-federated-query/), and where they are sent.

Read from the tokens of the grammar: what stands in comments, strings and names is none. The store's parser may see other
tokens than these; `tamed` makes sure that it sees no SERVICE but these, and each gets its address written out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from recup_kg.errors import QueryError
from recup_kg.sparql_text import Token, absolute, blocks, joined, prefixes, stated_base, tamed, tokens

_AGGREGATES = ("COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT")
_NEGATIONS = ("MINUS", "EXISTS", "BOUND", "COALESCE", "LIMIT")


@dataclass(frozen=True, slots=True)
class ServiceCall:
    """A SERVICE clause: whom it calls, and whether it takes silence for an answer."""

    iri: str
    silent: bool


class Address(Protocol):
    """Where the calls of a service go instead. Raises `QueryError` for a service that may not be called."""

    def __call__(self, call: ServiceCall, /) -> str: ...


@dataclass(frozen=True, slots=True)
class _Place:
    """A call, and the places of its tokens: SERVICE to its address."""

    call: ServiceCall
    start: int
    end: int


def service_iris(query: str, base: str = "") -> tuple[str, ...]:
    """The services that a query calls, each once, in the order of the text. Raises `QueryError` as `redirected` does."""
    found = tamed(tokens(query), "service")
    return tuple(dict.fromkeys(place.call.iri for place in _places(found, base)))


def redirected(query: str, address: Address, base: str = "") -> str:
    """The query with another address in each SERVICE clause. `base` resolves relative IRIs.

    Raises `QueryError` for a service that a variable names, for one inside of another, for an undeclared prefix, and for a word
    that can be read as SERVICE.
    """
    found = tamed(tokens(query), "service")
    parts, done = [], 0
    for place in _places(found, base):
        parts.append(joined(found[done : place.start]))
        parts.append(f" SERVICE {'SILENT ' if place.call.silent else ''}<{address(place.call)}>")
        done = place.end
    return "".join(parts) + joined(found[done:])


def is_monotone(query: str) -> bool:
    """Whether every row that the query gives with fewer data is one that it gives with more.

    False is said of a query that counts, negates or takes the first rows; it may be monotone all the same.
    """
    return not any(token.keyword in (*_AGGREGATES, *_NEGATIONS) for token in tokens(query))


def _places(found: Sequence[Token], base: str) -> list[_Place]:
    names, base = prefixes(found), stated_base(found, base)
    result: list[_Place] = []
    inside = -1
    for start, token in enumerate(found):
        if token.keyword != "SERVICE":
            continue
        place = _place(found, start, names, base)
        if start <= inside:
            raise QueryError(
                f"SERVICE <{place.call.iri}> is inside of another SERVICE: a peer asks nobody for this one"
            )
        inside = _end_of_block(found, place.end)
        result.append(place)
    return result


def _place(found: Sequence[Token], start: int, names: dict[str, str], base: str) -> _Place:
    target = _next(found, start + 1)
    silent = target < len(found) and found[target].keyword == "SILENT"
    if silent:
        target = _next(found, target + 1)
    if target >= len(found):
        raise QueryError("SERVICE names nobody: the query ends behind it")
    token = found[target]
    if token.kind == "variable":
        raise QueryError(
            f"SERVICE {token.text} would ask whomever the data name: write the address of a peer in its place"
        )
    if token.kind not in ("iri", "name"):
        raise QueryError(f"SERVICE needs the address of a peer, not {token.text[:60]!r}")
    return _Place(ServiceCall(absolute(token, names, base), silent), start, target + 1)


def _end_of_block(found: Sequence[Token], start: int) -> int:
    opening = _next(found, start)
    if opening >= len(found) or found[opening].text != "{":
        raise QueryError("SERVICE needs a pattern in braces behind its address")
    return list(blocks(found, opening))[-1]


def _next(found: Sequence[Token], start: int) -> int:
    """The place of the next token that says something, or of the end."""
    while start < len(found) and found[start].kind in ("space", "comment"):
        start += 1
    return start
