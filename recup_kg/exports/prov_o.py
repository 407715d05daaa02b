"""PROV-O in Turtle, with no other vocabulary than PROV's and labels: https://www.w3.org/TR/prov-o/."""

from __future__ import annotations

from collections.abc import Iterator

import pyoxigraph

from recup_kg.exports import ExportOptions, _rdf
from recup_kg.store import Entry, Store
from recup_kg.store.registry import Kind
from recup_kg.vocab import PROV, RDF, RDFS, WFPROV, XSD

NAME = "prov-o"
MEDIA_TYPE = "text/turtle"
SUFFIX = ".prov.ttl"
CONFORMS_TO = "http://www.w3.org/TR/prov-o/"
KINDS: frozenset[Kind] = frozenset(("execution", "fusion"))
_TYPE, _LABEL = RDF + "type", RDFS + "label"
_PREFIXES = {"prov": PROV, "rdf": RDF, "rdfs": RDFS, "xsd": XSD}
_SUPER = {
    WFPROV + "usedInput": PROV + "used",
    WFPROV + "wasOutputFrom": PROV + "wasGeneratedBy",
    WFPROV + "wasEnactedBy": PROV + "wasAssociatedWith",
}
"""What wfprov defines as using, generating and associating in runs of workflows: http://purl.org/wf4ever/wfprov."""

_QUALIFIED = {
    PROV + "qualifiedUsage": ("entity", "used"),
    PROV + "qualifiedGeneration": ("activity", "wasGeneratedBy"),
    PROV + "qualifiedAssociation": ("agent", "wasAssociatedWith"),
    PROV + "qualifiedCommunication": ("activity", "wasInformedBy"),
}


def write(store: Store, entry: Entry, options: ExportOptions) -> bytes:
    """What the sources of an execution said in the words of PROV, and in those for its edges in wfprov."""
    listed = list(_rdf.triples(store, entry))
    kept = {triple for item in listed if (triple := _in_prov(item)) is not None}
    kept |= set(_direct(kept))
    named = {triple.subject for triple in kept}
    kept |= {item for item in listed if item.predicate.value == _LABEL and item.subject in named}
    form = pyoxigraph.RdfFormat.TURTLE
    return pyoxigraph.serialize(_ordered(kept), format=form, prefixes=_PREFIXES) or b""


def _in_prov(triple: pyoxigraph.Triple) -> pyoxigraph.Triple | None:
    """The triple in words of PROV, or None where it has none."""
    predicate = _SUPER.get(triple.predicate.value, triple.predicate.value)
    if predicate == _TYPE:
        target = triple.object
        return triple if isinstance(target, pyoxigraph.NamedNode) and target.value.startswith(PROV) else None
    if not predicate.startswith(PROV):
        return None
    return pyoxigraph.Triple(triple.subject, pyoxigraph.NamedNode(predicate), triple.object)


def _direct(triples: set[pyoxigraph.Triple]) -> Iterator[pyoxigraph.Triple]:
    """The direct forms of qualified relations: https://www.w3.org/TR/prov-o/#qualified-terms-figure."""
    ends = {(str(item.subject), item.predicate.value): item.object for item in triples}
    for item in triples:
        if (found := _QUALIFIED.get(item.predicate.value)) is not None:
            end, direct = found
            if (other := ends.get((str(item.object), PROV + end))) is not None:
                yield pyoxigraph.Triple(item.subject, pyoxigraph.NamedNode(PROV + direct), other)


def _ordered(triples: set[pyoxigraph.Triple]) -> Iterator[pyoxigraph.Triple]:
    """The same triples give the same bytes."""
    yield from sorted(triples, key=str)
