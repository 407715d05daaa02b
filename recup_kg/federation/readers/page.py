"""What an address answered, read once in each of the ways in which a peer may be recognised."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from pyoxigraph import Triple

from recup_kg.errors import MalformedSource, UnknownFormat
from recup_kg.federation import harvest_rdf as rdf
from recup_kg.federation.fetching import Response

_JSON = ("application/json", "application/ld+json", "application/sparql-results+json", "text/json")
_XML = ("application/xml", "text/xml", "application/sparql-results+xml")


@dataclass(frozen=True, slots=True)
class Found:
    """A peer as its own words describe it; None is what it does not say."""

    address: str
    title: str | None = None
    licence: str | None = None
    publisher: str | None = None
    endpoint: str | None = None


class Page:
    """An answer. Its properties raise `MalformedSource` where it says what it is, and isn't."""

    def __init__(self, response: Response) -> None:
        self.response = response
        self.address = response.url

    @cached_property
    def is_zip(self) -> bool:
        """Is it an archive?"""
        return self.response.body.startswith(b"PK\x03\x04")

    @cached_property
    def triples(self) -> list[Triple] | None:
        """Its RDF, None where it has none."""
        item = self.response
        try:
            return rdf.triples(item.url, item.media_type, item.body, item.final)
        except UnknownFormat:
            return None

    @cached_property
    def json(self) -> Any:
        """Its JSON, None where it is none."""
        start = self.response.body[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
        says = self.response.media_type in _JSON
        if not says and not start.startswith(b"{"):
            return None
        try:
            return rdf.json_of(self.response.url, self.response.body)
        except MalformedSource:
            if says:
                raise
            return None

    @cached_property
    def xml(self) -> Element | None:
        """Its XML, None where it is none."""
        start = self.response.body[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
        vague = self.response.media_type in ("application/octet-stream", "text/plain")
        if self.response.media_type in _XML or (vague and start.startswith(b"<?xml")):
            return xml_of(self.response)
        return None


def xml_of(response: Response) -> Element:
    """The root of an XML document, without any document type: so there are no entities. Raises `MalformedSource`."""
    try:
        root: Element = fromstring(response.body, forbid_dtd=True)
    except DefusedXmlException as error:
        raise MalformedSource(
            response.url, "XML with a document type declaration, which is refused"
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        raise MalformedSource(response.url, f"malformed XML: {error}") from error
    return root
