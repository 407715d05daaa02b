"""What only a person can say of a catalogue: the file `catalog.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from recup_kg.catalog.codes import access_right, language, licence, theme
from recup_kg.errors import SourceError
from recup_kg.identifiers import recognise

FILE = "catalog.toml"
"""Its name in the folder of a store."""
ADVICE = "see docs/catalogue.md"

_AGENT_KEYS = frozenset(("name", "orcid", "ror", "email", "url"))
_KEYS = frozenset(
    (
        "title",
        "description",
        "publisher",
        "creators",
        "contact",
        "licence",
        "rights",
        "access",
        "language",
        "themes",
        "keywords",
        "spatial",
        "identifier",
        "issued",
        "funding",
    )
)


@dataclass(frozen=True, slots=True)
class Agent:
    """A person or an organization; `iri` is an ORCID or a ROR as IRI, or a page, where one is given."""

    name: str
    iri: str | None = None
    email: str | None = None
    is_person: bool = False


@dataclass(frozen=True, slots=True)
class Theme:
    """What a catalogue is about: a concept of a vocabulary, with its label in English where it is known."""

    iri: str
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Publication:
    """What `catalog.toml` says. What it does not say is None or empty, and never made up.

    `base` is the address at which the site answers, without a slash at its end. `licence`, `access_right`, `language`
    and `spatial` are IRIs.
    """

    base: str
    title: str | None = None
    description: str | None = None
    publisher: Agent | None = None
    creators: tuple[Agent, ...] = ()
    contact: Agent | None = None
    licence: str | None = None
    rights: str | None = None
    access_right: str | None = None
    language: str | None = None
    themes: tuple[Theme, ...] = ()
    keywords: tuple[str, ...] = ()
    spatial: str | None = None
    identifier: str | None = None
    issued: str | None = None
    funding: tuple[str, ...] = ()


def load_publication(file: Path | None, base: str) -> Publication:
    """What a file says; nothing where it is None. Raises `SourceError` for one that can't be used."""
    if file is None:
        return Publication(base)
    try:
        said = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SourceError(file, f"can't be read: {error.strerror}", advice=ADVICE) from error
    except UnicodeDecodeError as error:
        raise SourceError(file, "is not UTF-8", where=f"byte {error.start}", advice=ADVICE) from error
    except tomllib.TOMLDecodeError as error:
        raise SourceError(file, f"is no TOML: {error}", advice=ADVICE) from error
    return _Reader(file, said).publication(base)


def publication_file(location: str, given: Path | None) -> Path | None:
    """The file that is given, or else the one in the folder of the store; None where there is none."""
    if given is not None:
        return given
    found = Path(location) / FILE
    return found if "://" not in location and found.is_file() else None


@dataclass(frozen=True, slots=True)
class _Reader:
    file: Path
    said: Mapping[str, Any]

    def publication(self, base: str) -> Publication:
        self._demand_known("", self.said, _KEYS)
        return Publication(
            base=base,
            title=self._text("title"),
            description=self._text("description"),
            publisher=self._agent("publisher"),
            creators=tuple(
                self._agent_of(f"creators[{place}]", item)
                for place, item in enumerate(self._list("creators", dict))
            ),
            contact=self._contact(),
            licence=self._coded("licence", licence),
            rights=self._text("rights"),
            access_right=self._coded("access", access_right),
            language=self._coded("language", language),
            themes=tuple(
                self._theme(f"themes[{place}]", item) for place, item in enumerate(self._list("themes", str))
            ),
            keywords=tuple(self._list("keywords", str)),
            spatial=self._optional_iri("spatial"),
            identifier=self._identifier(),
            issued=self._date("issued"),
            funding=tuple(self._list("funding", str)),
        )

    def _fail(self, where: str, problem: str) -> SourceError:
        return SourceError(self.file, problem, where=where, advice=ADVICE)

    def _demand_known(self, where: str, table: Mapping[str, Any], keys: frozenset[str]) -> None:
        unknown = sorted(set(table) - keys)
        if unknown:
            place = f"{where}.{unknown[0]}" if where else unknown[0]
            raise self._fail(place, f"no such key; there are: {', '.join(sorted(keys))}")

    def _text(self, key: str) -> str | None:
        value = self.said.get(key)
        if value is not None and not (isinstance(value, str) and value.strip()):
            raise self._fail(key, "is no text")
        return value

    def _list(self, key: str, kind: type) -> list[Any]:
        value = self.said.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, kind) for item in value):
            raise self._fail(key, f"is no list of {'texts' if kind is str else 'tables'}")
        return value

    def _iri(self, where: str, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.netloc or set(value) & set(' <>"{}|\\^`'):
            raise self._fail(where, f"{value!r} is no http or https IRI")
        return value

    def _optional_iri(self, key: str) -> str | None:
        value = self._text(key)
        return None if value is None else self._iri(key, value)

    def _coded(self, key: str, code: Any) -> str | None:
        value = self._text(key)
        if value is None:
            return None
        found: str | None = code(value)
        if found is None:
            raise self._fail(key, f"{value!r} is no code that is known, and no IRI")
        return found

    def _theme(self, where: str, code: str) -> Theme:
        found = theme(code)
        if found is None:
            raise self._fail(where, f"{code!r} is no code of the EU's themes, and no IRI")
        return Theme(*found)

    def _date(self, key: str) -> str | None:
        value = self.said.get(key)
        if value is None:
            return None
        if not hasattr(value, "isoformat"):
            raise self._fail(key, "is no date: write 2026-11-23, without quotation marks")
        return str(value.isoformat())

    def _identifier(self) -> str | None:
        value = self._text("identifier")
        if value is None:
            return None
        found = recognise(value)
        return found.resolvable if found is not None and found.resolvable else self._iri("identifier", value)

    def _contact(self) -> Agent | None:
        found = self._agent("contact")
        if found is not None and not (found.email or found.iri):
            raise self._fail("contact", "has no email and no url")
        return found

    def _agent(self, key: str) -> Agent | None:
        value = self.said.get(key)
        return None if value is None else self._agent_of(key, value)

    def _agent_of(self, where: str, value: object) -> Agent:
        if not isinstance(value, dict):
            raise self._fail(where, 'is no table: write { name = "..." }')
        self._demand_known(where, value, _AGENT_KEYS)
        if not all(isinstance(item, str) and item.strip() for item in value.values()):
            raise self._fail(where, "has a value that is no text")
        if "name" not in value:
            raise self._fail(where, "has no name")
        if "email" in value and "@" not in value["email"]:
            raise self._fail(f"{where}.email", f"{value['email']!r} is no address")
        return Agent(value["name"], self._agent_iri(where, value), value.get("email"), "orcid" in value)

    def _agent_iri(self, where: str, value: Mapping[str, str]) -> str | None:
        for scheme in ("orcid", "ror"):
            if scheme in value:
                # A bare number is no identifier elsewhere; here its key says which it is.
                found = recognise(value[scheme]) or recognise(f"{scheme}:{value[scheme]}")
                if found is None or found.scheme != scheme or not found.resolvable:
                    raise self._fail(f"{where}.{scheme}", f"{value[scheme]!r} is no {scheme.upper()} iD")
                return found.resolvable
        return self._iri(f"{where}.url", value["url"]) if "url" in value else None
