"""What a site publishes: the values between the store and the vocabularies of catalogues."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Agent:
    """A person or an organization; `iri` is an ORCID or a ROR as IRI, where one is known."""

    name: str
    iri: str | None = None
    email: str | None = None
    is_person: bool = False


@dataclass(frozen=True, slots=True)
class Publication:
    """What only a person can say of a catalogue; all of it is read from `catalog.toml`. Absent is None or empty, never invented.

    `base` is the address at which the site answers, without a slash at its end. `spatial`, `licence` and `themes` are IRIs.
    `languages` are BCP 47 tags.
    """

    base: str
    title: str | None = None
    description: str | None = None
    publisher: Agent | None = None
    creators: tuple[Agent, ...] = ()
    contact: Agent | None = None
    licence: str | None = None
    rights: str | None = None
    access_rights: str | None = None
    languages: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    spatial: str | None = None
    issued: str | None = None
    version: str | None = None
    identifiers: tuple[str, ...] = ()
    funders: tuple[Agent, ...] = ()


@dataclass(frozen=True, slots=True)
class Distribution:
    """One form in which a dataset can be had; `path` is below the address of the dataset.

    `format` is the name of an export format, or "bundle". Size in bytes and SHA-256 are None where the bytes are made on demand.
    """

    format: str
    title: str
    path: str
    media_type: str
    compressed: bool = False
    conforms_to: str | None = None
    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Dataset:
    """An execution, a workflow or a comparison as an entry of a catalogue.

    `slug` is unique in the catalogue and stands in its address, `/dataset/SLUG`; `thing` is the IRI of what it describes, `graph`
    the one of its bundle. Times are xsd:dateTime as the source wrote them. `creators` and `licence` of the source go before
    those of the publication.
    """

    slug: str
    thing: str
    graph: str
    kind: str
    title: str
    description: str
    types: tuple[str, ...] = ()
    version: str | None = None
    issued: str | None = None
    modified: str | None = None
    started: str | None = None
    ended: str | None = None
    licence: str | None = None
    creators: tuple[Agent, ...] = ()
    keywords: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    derived_from: tuple[str, ...] = ()
    is_about: tuple[str, ...] = ()
    machines: tuple[str, ...] = ()
    distributions: tuple[Distribution, ...] = ()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All that a site publishes."""

    publication: Publication
    datasets: tuple[Dataset, ...]
    triples: int
    """Number of triples in all published graphs."""
