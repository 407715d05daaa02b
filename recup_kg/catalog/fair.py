"""What a catalogue lacks, by FAIR principle (https://www.go-fair.org/fair-principles/)."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from recup_kg.catalog.datasets import Dataset
from recup_kg.catalog.publication import Publication

Principle = Literal[
    "F1", "F2", "F3", "F4", "A1", "A1.1", "A1.2", "A2", "I1", "I2", "I3", "R1", "R1.1", "R1.2", "R1.3"
]


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that is not there: `count` of `total` datasets lack it; both are None where it is the catalogue that does."""

    principle: Principle
    what: str
    advice: str
    count: int | None = None
    total: int | None = None
    examples: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Check:
    principle: Principle
    what: str
    advice: str
    lacks: Callable[[Publication, Dataset], bool]


_OF_CATALOGUE: tuple[tuple[Principle, str, str, Callable[[Publication], bool]], ...] = (
    (
        "F1",
        "a persistent identifier of the catalogue",
        'catalog.toml: identifier = "https://doi.org/..."',
        lambda p: not p.identifier,
    ),
    ("F2", "a title", 'catalog.toml: title = "..."', lambda p: not p.title),
    ("F2", "a description", 'catalog.toml: description = "..."', lambda p: not p.description),
    ("F2", "a theme", 'catalog.toml: themes = ["TECH"]', lambda p: not p.themes),
    ("F2", "keywords", 'catalog.toml: keywords = ["..."]', lambda p: not p.keywords),
    ("F4", "an address that others reach", "recup serve --base https://...", lambda p: _is_private(p.base)),
    (
        "A1.1",
        "an encrypted connection",
        "recup serve --base https://..., TLS in a proxy",
        lambda p: not p.base.startswith("https:"),
    ),
    ("A1.2", "who may have the data", 'catalog.toml: access = "public"', lambda p: not p.access_right),
    (
        "A2",
        "whom to ask when the data are gone",
        'catalog.toml: contact = { name = "...", email = "..." }',
        lambda p: not p.contact,
    ),
    ("I1", "a language", 'catalog.toml: language = "en"', lambda p: not p.language),
    ("R1.1", "a licence", 'catalog.toml: licence = "CC-BY-4.0"', lambda p: not p.licence),
    (
        "R1.2",
        "a publisher",
        'catalog.toml: publisher = { name = "...", ror = "..." }',
        lambda p: not p.publisher,
    ),
    (
        "R1.2",
        "the publisher's ROR iD",
        'catalog.toml: publisher = { name = "...", ror = "..." }',
        lambda p: bool(p.publisher and not p.publisher.iri),
    ),
    (
        "R1.2",
        "a creator with an ORCID iD",
        'catalog.toml: creators = [{ name = "...", orcid = "..." }]',
        lambda p: not any(c.iri for c in p.creators),
    ),
)
_OF_DATASETS = (
    _Check(
        "F1",
        "a persistent identifier (DOI, ARK, ...)",
        "deposit a crate: recup export RUN --format ro-crate --zip",
        lambda p, d: not d.identifier,
    ),
    _Check(
        "F3",
        "a checksum of a distribution",
        "serve a store in a folder: it has the bundles",
        lambda p, d: not any(f.sha256 for f in d.distributions),
    ),
    _Check("R1.1", "a licence", 'catalog.toml: licence = "..."', lambda p, d: not (d.licence or p.licence)),
    _Check(
        "R1.2", "a creator", "creators = [...] in catalog.toml", lambda p, d: not (d.creators or p.creators)
    ),
    _Check(
        "R1.2",
        "a creator with an ORCID iD",
        "an ORCID iD in the source, or creators = [...]",
        lambda p, d: not any(c.iri for c in d.creators or p.creators),
    ),
    _Check(
        "R1.2",
        "a time",
        "ingest a source that tells when it ran",
        lambda p, d: d.entry.kind in ("execution", "fusion") and not d.started,
    ),
    _Check(
        "R1.2",
        "a source",
        "recup ingest FILE",
        lambda p, d: d.entry.kind in ("execution", "fusion") and not d.sources,
    ),
)
_EXAMPLES = 3


def missing(publication: Publication, datasets: Sequence[Dataset]) -> tuple[Missing, ...]:
    """What the catalogue and its datasets lack, in the order of the principles."""
    found = [*_of_catalogue(publication), *_of_datasets(publication, datasets)]
    return tuple(sorted(found, key=lambda item: ("FAIR".index(item.principle[0]), item.principle)))


def checked(datasets: Sequence[Dataset]) -> int:
    """The number of questions that `missing` asked."""
    return len(_OF_CATALOGUE) + (len(_OF_DATASETS) if datasets else 0)


def _of_catalogue(publication: Publication) -> Iterator[Missing]:
    for principle, what, advice, lacks in _OF_CATALOGUE:
        if lacks(publication):
            yield Missing(principle, what, advice)


def _of_datasets(publication: Publication, datasets: Sequence[Dataset]) -> Iterator[Missing]:
    for check in _OF_DATASETS:
        without = [item.entry.name for item in datasets if check.lacks(publication, item)]
        if without:
            yield Missing(
                check.principle,
                check.what,
                check.advice,
                len(without),
                len(datasets),
                tuple(without[:_EXAMPLES]),
            )


def _is_private(base: str) -> bool:
    host = urlsplit(base).hostname or ""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".local", ".localhost", ".internal"))
