"""RDF that a source holds and that our own terms don't cover: kept as it is, but for credentials."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from recup_kg.redaction import is_secret_name, redact_text, redact_value
from recup_kg.vocab import part_iri

ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:\S*")
_ALLOWED = frozenset(":/?#[]@!$&'()*+,;=-._~%")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class LiteralValue:
    """An RDF literal. `datatype` is an IRI, `language` a BCP 47 tag; at most one of them."""

    lexical: str
    datatype: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """A triple of the source. Subject, predicate and object are IRIs; blank nodes got IRIs from content."""

    subject: str
    predicate: str
    object: str | LiteralValue


@dataclass(frozen=True, slots=True)
class Naming:
    """The IRIs of the things of a source.

    `base` is the IRI of what the source tells of, `whole` the source's identifier of that. A thing that has a record gets the
    IRI of that (`kinds`: its segment by identifier), any other its own where it is one, else one below `base`.
    """

    base: str
    kinds: Mapping[str, str]
    whole: str | None = None

    def iri(self, name: str) -> str:
        """The IRI of a thing."""
        if name == self.whole:
            return self.base
        if name in self.kinds:
            return part_iri(self.base, self.kinds[name], name)
        if is_absolute(name):
            return safe_iri(name)
        return part_iri(self.base, "entity", name.removeprefix("_:"))


def is_absolute(name: str) -> bool:
    """Whether an identifier is an IRI and not relative to its source."""
    return ABSOLUTE.fullmatch(name) is not None


def safe_iri(iri: str) -> str:
    """The IRI with what no IRI may hold percent-encoded, and without credentials."""
    clean = _ESCAPE.sub("%25", redact_text(iri))
    return "".join(character if _allowed(character) else quote(character, safe="") for character in clean)


def clean_literal(name: str | None, said: LiteralValue) -> LiteralValue:
    """The literal without credentials, and without a language that is none; `name` is what the source calls the value."""
    secret = name is not None and is_secret_name(name)
    shown = redact_value(name or "", said.lexical)[0] if secret else redact_text(said.lexical)
    if shown != said.lexical:
        return LiteralValue(shown)
    datatype = None if said.datatype is None else safe_iri(said.datatype)
    language = said.language if said.language and _LANGUAGE.fullmatch(said.language) else None
    return LiteralValue(said.lexical, datatype, language)


def local_name(iri: str) -> str:
    """What stands last in an IRI."""
    return iri.rstrip("/").replace("#", "/").rsplit("/", 1)[-1]


def _allowed(character: str) -> bool:
    if character.isascii():
        return character.isalnum() or character in _ALLOWED
    return ord(character) > 159 and not character.isspace()
