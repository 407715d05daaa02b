"""SPARQL text as the tokens of its grammar (https://www.w3.org/TR/sparql11-query/#sparqlGrammar, 19.8).

What a query may do is decided before it reaches the store, whose parser may see other tokens than these: it needs no space
after a keyword (`SERVICEx:y` calls a service), and tells `<` of an IRI from `<` of a comparison by what stands around it. So
`tamed` makes sure of it: in its result a dangerous word stands only where it was seen as a keyword. Comments are gone, and in
strings and IRIs a letter of the word is escaped, which says the same there and is an error anywhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import urljoin

from recup_kg.errors import QueryError

_TOKEN = re.compile(
    r"""
      (?P<comment>\#[^\n\r]*+)
    | (?P<iri><(?:[^<>"{}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*+>)
    | (?P<string>\"{3}(?:[^"\\]|\\.|"(?!""))*+\"{3}|'{3}(?:[^'\\]|\\.|'(?!''))*+'{3}
        |"(?:[^"\\\n\r]|\\.)*+"|'(?:[^'\\\n\r]|\\.)*+')
    | (?P<variable>[?$]\w++)
    | (?P<tag>@[A-Za-z][A-Za-z0-9-]*+)
    | (?P<word>[\w](?:[\w.-])*+(?!:))
    | (?P<name>(?:[\w](?:[\w.-])*+)?:(?:[\w.:-]|%[0-9A-Fa-f]{2}|\\.)*+)
    | (?P<space>\s++)
    | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPABLE = frozenset(("string", "iri"))
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is comment, iri, string, variable, tag, word, name (with a prefix), space or mark (any other character)."""

    kind: str
    text: str

    @property
    def keyword(self) -> str:
        """The word in capitals; empty where it is none."""
        return self.text.upper() if self.kind == "word" else ""


def tokens(text: str) -> list[Token]:
    """The tokens of a text; joined, they are the text."""
    return [Token(found.lastgroup or "mark", found.group()) for found in _TOKEN.finditer(text)]


def joined(found: Iterable[Token]) -> str:
    """The text of tokens."""
    return "".join(token.text for token in found)


def telling(found: Iterable[Token]) -> list[Token]:
    """The tokens without space and comments."""
    return [token for token in found if token.kind not in ("space", "comment")]


def tamed(found: Sequence[Token], word: str) -> list[Token]:
    """The tokens of a text that says the same and has the word (small letters) only as a keyword.

    Raises `QueryError` where the word is part of another one that the store's parser may take for it.
    """
    result = []
    for token in found:
        if token.kind == "comment":
            result.append(Token("space", " "))
        elif word not in token.text.lower() or token.keyword == word.upper():
            result.append(token)
        elif token.kind in _ESCAPABLE:
            result.append(Token(token.kind, _escaped(token.text, word)))
        else:
            result.append(_harmless(token, word))
    return result


def has_dataset(found: Iterable[Token]) -> bool:
    """Does the query say its dataset itself (FROM)?"""
    return any(token.keyword == "FROM" for token in found)


def prefixes(found: Sequence[Token]) -> dict[str, str]:
    """The prefixes that the text declares, as they are written (with their colon)."""
    said = telling(found)
    return {
        name.text: iri.text[1:-1]
        for word, name, iri in zip(said, said[1:], said[2:], strict=False)
        if word.keyword == "PREFIX" and name.kind == "name" and iri.kind == "iri"
    }


def stated_base(found: Sequence[Token], base: str) -> str:
    """What relative IRIs of the text are resolved against: its BASE, or the base of whoever received it."""
    for word, iri in pairwise(telling(found)):
        if word.keyword == "BASE" and iri.kind == "iri":
            base = urljoin(base, _unescaped(iri.text[1:-1]))
    return base


def absolute(token: Token, names: Mapping[str, str], base: str) -> str:
    """The IRI that a token of kind iri or name means, given the prefixes. Raises `QueryError` for an unknown prefix."""
    if token.kind == "iri":
        return urljoin(base, _unescaped(token.text[1:-1]))
    prefix, _, local = token.text.partition(":")
    namespace = names.get(f"{prefix}:")
    if namespace is None:
        raise QueryError(f"the prefix {prefix}: is not declared")
    return urljoin(base, _unescaped(namespace)) + re.sub(r"\\(.)", r"\1", local)


def blocks(found: Sequence[Token], start: int) -> Iterator[int]:
    """The places of the tokens of a block in braces that begins at `start`, with its braces."""
    depth = 0
    for place in range(start, len(found)):
        depth += {"{": 1, "}": -1}.get(found[place].text, 0)
        yield place
        if depth == 0:
            return


def _harmless(token: Token, word: str) -> Token:
    """A variable, a tag, or a name behind a prefix can have the word in it; anything else that has it is doubtful."""
    local = token.text.partition(":")[2] if token.kind == "name" else ""
    in_prefix = token.kind == "name" and word in token.text.partition(":")[0].lower()
    if token.kind in ("variable", "tag") or (local and not in_prefix):
        return token
    raise QueryError(
        f"{token.text[:60]!r} can be read as the keyword {word.upper()}: call it otherwise, or write a space"
    )


def _escaped(text: str, word: str) -> str:
    return re.sub(word, lambda found: f"\\u{ord(found.group()[0]):04X}{found.group()[1:]}", text, flags=re.I)


def _unescaped(iri: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found.group(1) or found.group(2), 16)), iri)
