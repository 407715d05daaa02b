"""What the terms of a crate mean: JSON-LD contexts, without fetching any.

The terms of RO-Crate 1.0 to 1.3 (CC0-1.0, https://www.researchobject.org/ro-crate/) and of the Workflow Run RO-Crate extension
(https://w3id.org/ro/terms/workflow-run) are in `contexts.json`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from recup_kg.evidence.statements import is_absolute
from recup_kg.vocab import SCHEMA

WFRUN = "https://w3id.org/ro/terms/workflow-run#"
_CRATE = re.compile(
    r"https?://(?:w3id\.org|www\.researchobject\.org)/(?:ro/crate|ro-crate)/(1\.\d)[^/]*/context(?:\.jsonld)?"
)
_WFRUN = re.compile(r"https?://w3id\.org/ro/terms/workflow-run(?:/context)?/?")


class Context:
    """The terms that a document may use. `unknown` are the addresses of contexts that we don't have."""

    def __init__(self, stated: Any) -> None:
        self.terms: dict[str, str] = {}
        self.coerced: dict[str, str] = {}
        self.vocabulary: str | None = None
        self.unknown: list[str] = []
        self.version: str | None = None
        for part in stated if isinstance(stated, list) else [stated]:
            self._add(part)

    def iri(self, term: str) -> str | None:
        """The IRI of a property or type, None where no context defines it."""
        if term in self.terms:
            return _plain_schema(self.terms[term])
        prefix, colon, rest = term.partition(":")
        if colon and prefix in self.terms and not rest.startswith("//"):
            return _plain_schema(self.terms[prefix] + rest)
        if is_absolute(term):
            return _plain_schema(term)
        if self.vocabulary is not None and term:
            return _plain_schema(self.vocabulary + term)
        return None

    def identifier(self, name: str) -> str:
        """The identifier of a thing: a prefix that the context defines is written out, `./` before a path is dropped."""
        prefix, colon, rest = name.partition(":")
        if colon and prefix in self.terms and not rest.startswith("//"):
            return self.terms[prefix] + rest
        return name[2:] if name.startswith("./") and len(name) > 2 else name

    def _add(self, part: Any) -> None:
        if isinstance(part, str):
            self._named(part)
        elif isinstance(part, dict):
            for term, meaning in part.items():
                self._define(term, meaning)

    def _named(self, address: str) -> None:
        crate = _CRATE.fullmatch(address)
        if crate and crate[1] in ("1.0", "1.1", "1.2", "1.3"):
            self.version = self.version or crate[1]
            self.terms.update(_crate_terms(crate[1]))
        elif _WFRUN.fullmatch(address):
            self.terms.update(workflow_run_terms())
        else:
            self.unknown.append(address)

    def _define(self, term: str, meaning: Any) -> None:
        iri = meaning.get("@id") if isinstance(meaning, dict) else meaning
        if term == "@vocab":
            self.vocabulary = iri
        elif not term.startswith("@") and isinstance(iri, str):
            prefix, colon, rest = iri.partition(":")
            known = colon and prefix in self.terms and not rest.startswith("//")
            self.terms[term] = self.terms[prefix] + rest if known else iri
            if isinstance(meaning, dict) and isinstance(meaning.get("@type"), str):
                self.coerced[term] = meaning["@type"]


@cache
def workflow_run_terms() -> Mapping[str, str]:
    """The terms of the Workflow Run RO-Crate extension."""
    return {term: WFRUN + term for term in _shipped()["workflow-run"]}


@cache
def _crate_terms(version: str) -> Mapping[str, str]:
    return dict(_terms_of(version))


def _terms_of(version: str) -> Iterator[tuple[str, str]]:
    shipped = _shipped()
    for versions, names in shipped["schema"].items():
        if version in versions.split():
            yield from ((name, SCHEMA + name) for name in names.split())
    for name, iris in shipped["other"].items():
        if version in iris:
            yield name, iris[version]


@cache
def _shipped() -> Any:
    return json.loads(Path(__file__).with_name("contexts.json").read_text(encoding="utf-8"))


def _plain_schema(iri: str) -> str:
    """schema.org says that both spellings of its names are the same."""
    return SCHEMA + iri.removeprefix("https://schema.org/") if iri.startswith("https://schema.org/") else iri
