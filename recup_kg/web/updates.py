"""What a SPARQL Update may change, and the dataset that the protocol gives it (https://www.w3.org/TR/sparql11-update/).

The store's parser says no more of an update than whether it is one, so its targets are read from its tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from recup_kg.errors import QueryError
from recup_kg.sparql_text import (
    Token,
    absolute,
    blocks,
    joined,
    prefixes,
    stated_base,
    tamed,
    telling,
    tokens,
)

_BEFORE_NAME = frozenset(("PREFIX", "WITH", "USING", "NAMED", "GRAPH", "ADD", "MOVE", "COPY", "SILENT", "TO"))
_WORDS = _BEFORE_NAME | {
    "BASE",
    "WHERE",
    "INSERT",
    "DELETE",
    "DATA",
    "CLEAR",
    "DROP",
    "CREATE",
    "DEFAULT",
    "ALL",
}


class Forbidden(Exception):
    """An update that nobody may make here; the message says why."""


@dataclass(slots=True)
class Targets:
    """The graphs that an update names as what it changes; `any` where it can be any graph (a variable, ALL, NAMED)."""

    graphs: set[str] = field(default_factory=set)
    any: bool = False


def checked(text: str) -> list[Token]:
    """The tokens of an update without comments. Raises `Forbidden` where it loads or calls, `QueryError` where it is none."""
    found = tokens(text)
    for word in ("load", "service", "graph"):
        found = tamed(found, word)
    for token in found:
        if token.keyword in ("LOAD", "SERVICE"):
            raise Forbidden(f"{token.keyword} fetches nothing from here: send the triples")
    _check_outside(found)
    return found


def targets(found: Sequence[Token], base: str) -> Targets:
    """The graphs that the operations of an update change. `base` resolves relative IRIs."""
    result, said = Targets(), telling(found)
    names, base = prefixes(said), stated_base(said, base)
    place = 0
    while place < len(said):
        word = said[place].keyword
        if word in ("INSERT", "DELETE"):
            place = _template(said, place, names, base, result)
        elif word in ("WITH", "CREATE", "CLEAR", "DROP", "ADD", "MOVE", "COPY"):
            place = _management(said, place + 1, names, base, result)
        elif said[place].text == "{":
            place = list(blocks(said, place))[-1] + 1
        else:
            place += 1
    return result


def with_dataset(found: Sequence[Token], using: Sequence[str], using_named: Sequence[str]) -> str:
    """The update with the dataset of the protocol (https://www.w3.org/TR/sparql11-protocol/, 2.2.3).

    Raises `QueryError` where it says one itself, which the protocol forbids.
    """
    if not (using or using_named):
        return joined(found)
    if any(token.keyword in ("USING", "WITH") for token in found):
        raise QueryError(
            "the update has USING or WITH and the request has using-graph-uri: it can be one of them"
        )
    clause = "".join(f" USING <{graph}>" for graph in using)
    clause += "".join(f" USING NAMED <{graph}>" for graph in using_named) + " "
    parts: list[str] = []
    depth, deleting, place = 0, False, 0
    while place < len(found):
        token = found[place]
        depth += {"{": 1, "}": -1}.get(token.text, 0)
        if depth == 0 and token.keyword == "WHERE":
            if deleting:
                # The short form has no place for USING; it says the same as the long one.
                start = next(i for i in range(place, len(found)) if found[i].text == "{")
                pattern = joined(found[i] for i in blocks(found, start))
                parts.append(pattern)
            parts.append(clause)
        if token.kind != "space":
            deleting = depth == 0 and token.keyword == "DELETE"
        parts.append(token.text)
        place += 1
    return "".join(parts)


def _check_outside(found: Sequence[Token]) -> None:
    """Outside of braces only words of the grammar may stand: another one may be read as two."""
    depth, before = 0, ""
    for token in telling(found):
        depth += {"{": 1, "}": -1}.get(token.text, 0)
        odd = token.kind == "word" and token.keyword not in _WORDS
        odd = odd or (token.kind == "name" and before not in _BEFORE_NAME)
        if depth == 0 and odd:
            raise QueryError(f"{token.text[:60]!r} is no word of SPARQL Update")
        before = token.keyword


def _template(said: Sequence[Token], place: int, names: dict[str, str], base: str, result: Targets) -> int:
    """What `INSERT {`, `INSERT DATA {`, `DELETE {`, `DELETE DATA {` and `DELETE WHERE {` change; the place behind it."""
    start = place + 1
    while start < len(said) and said[start].keyword in ("DATA", "WHERE"):
        start += 1
    if start >= len(said) or said[start].text != "{":
        return start
    end = start
    for end in blocks(said, start):
        if said[end].keyword == "GRAPH" and end + 1 < len(said):
            _target(said[end + 1], names, base, result)
    return end + 1


def _management(said: Sequence[Token], place: int, names: dict[str, str], base: str, result: Targets) -> int:
    while place < len(said):
        token = said[place]
        if token.keyword in ("ALL", "NAMED"):
            result.any = True
        elif token.kind in ("iri", "name"):
            # The source of a copy is taken for a target too: one that must not be changed may be copied by INSERT.
            _target(token, names, base, result)
        elif token.keyword not in ("SILENT", "GRAPH", "DEFAULT", "TO"):
            break
        place += 1
    return place


def _target(token: Token, names: dict[str, str], base: str, result: Targets) -> None:
    if token.kind in ("iri", "name"):
        result.graphs.add(absolute(token, names, base))
    else:
        result.any = True
