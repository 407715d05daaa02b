"""W3C PROV: PROV-N, PROV-JSON, PROV-XML, PROV-JSONLD and PROV-O in any RDF syntax (https://www.w3.org/TR/prov-overview/).

A document that describes a run of a workflow (wfprov, or plans that activities followed) is a trace, any other is evidence.
"""

from __future__ import annotations

from pathlib import Path

from recup_kg.collector import paused_collector
from recup_kg.converters.prov.build import build
from recup_kg.converters.prov.document import Document
from recup_kg.converters.prov.load import serialisation, triples
from recup_kg.converters.sources import head, source_of
from recup_kg.evidence import Evidence
from recup_kg.records import Trace

__all__ = ["NAME", "VERSION", "read", "sniff"]

NAME = "prov"
VERSION = "1"


def sniff(path: Path) -> bool:
    """Whether the first bytes are of a serialisation of PROV and use its terms; no ontology, no shapes, no graph of ours."""
    return serialisation(head(path)) is not None


@paused_collector()
def read(path: Path) -> Trace | Evidence:
    """The records of a document. Raises `MalformedSource`, and `MissingExtra` where PROV-N, -JSON or -XML needs PyPI `prov`."""
    kind, quads = triples(path, head(path))
    source = source_of(
        path, converter=NAME, version=VERSION, format_version=kind, layer="WorkflowSystemLayer"
    )
    return build(Document(quads), source)
