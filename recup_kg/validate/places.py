"""Which source file a result is about, and where in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import unquote

from recup_kg.converters import locator_of
from recup_kg.validate.report import Result
from recup_kg.vocab import BASE, PROV, RDF, RECUP

_PART = re.compile(re.escape(BASE) + r"run/[^/]+(?:/(?P<kind>[^/]+)(?:/(?P<identifier>.+))?)?")
_SOURCE = re.compile(re.escape(BASE) + r"source/[0-9a-f]+(?:#.*)?")
_KINDS = frozenset(("task", "data", "node", "system", "author"))
_TYPE = f" <{RDF}type> <{RECUP}SourceFile> ."


@dataclass(frozen=True, slots=True)
class Facts:
    """What a graph in N-Triples says, found by text search: fast for the few subjects of a report."""

    ntriples: str

    def literal(self, subject: str, predicate: str) -> str | None:
        """The text of the one literal of a subject, or None."""
        start = f"<{subject}> <{predicate}> "
        at = 0 if self.ntriples.startswith(start) else self.ntriples.find("\n" + start) + 1
        if at == 0 and not self.ntriples.startswith(start):
            return None
        line = self.ntriples[at + len(start) : self.ntriples.find("\n", at)]
        return _unescaped(line[1 : line.rindex('"')]) if line.startswith('"') else None

    def source(self) -> str | None:
        """The IRI of the source file, or None."""
        at = self.ntriples.find(_TYPE)
        return None if at < 0 else self.ntriples[self.ntriples.rfind("\n", 0, at) + 2 : at - 1]


def placed(results: Iterable[Result], ntriples: str) -> Iterator[Result]:
    """The results, each with the name of the source file and the place in it that it concerns."""
    facts = Facts(ntriples)
    source = facts.source()
    name = facts.literal(source, RECUP + "fileName") if source else None
    form = facts.literal(source, RECUP + "format") if source else None
    version = facts.literal(source, RECUP + "formatVersion") if source else None
    for result in results:
        where = _where(facts, result, form or "", version or "") if name else None
        yield replace(result, source=name if where else None, where=where)


def _where(facts: Facts, result: Result, form: str, version: str) -> str | None:
    subject = _subject(result)
    stated = facts.literal(subject, RECUP + "where")
    if stated is not None:
        return stated
    locator = locator_of(form)
    part = _PART.fullmatch(subject)
    if locator is None or not (part or _SOURCE.fullmatch(subject)):
        return None
    if part is None:
        return locator.locate(version, "source", "", result.path)
    kind = part["kind"] or "execution"
    if kind not in _KINDS:
        return locator.locate(version, "execution", "", None)
    return locator.locate(version, kind, unquote(part["identifier"] or ""), result.path)


def _subject(result: Result) -> str:
    """The task, where a rule of the whole execution found one; else the focus node."""
    value = result.value or ""
    listing = result.path in (RECUP + "hasNode", PROV + "wasAssociatedWith")
    return value if value.startswith(result.focus + "/") and not listing else result.focus


_CODE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_CHARACTERS = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def _unescaped(text: str) -> str:
    return _CODE.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else _CHARACTERS.get(match[3], match[3])
