"""The samples of the shapes: data that they accept and data that they reject."""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph as ox

from recup_kg.validate import Result, catalogue
from recup_kg.validate.shapes import SHAPES, files

FOLDER = Path(__file__).resolve().parent.parent / "shapes"
TOPICS = tuple(sorted({shape.topic for shape in catalogue()}))
REJECTED = tuple(sorted(FOLDER.glob("*/fail/*.ttl")))
ACCEPTED = tuple(sorted(FOLDER.glob("*/pass/*.ttl")))

_THING = re.compile(r"<https://w3id\.org/recup/(?!ontology#)")
_BLANK = re.compile(r"^_:.*")


def ntriples(sample: Path) -> str:
    """The triples of a sample."""
    triples = (quad.triple for quad in ox.parse(sample.read_bytes(), ox.RdfFormat.TURTLE))
    return ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES).decode()


def shapes_of(topic: str) -> str:
    """The shapes of a topic as one document, with the prefixes that they need."""
    chosen = (file for file in files() if file.stem in ("prefixes", topic))
    return "\n".join(file.read_text() for file in chosen)


def apart(samples: list[Path]) -> str:
    """Several samples in one graph, each with IRIs of its own."""
    return "".join(
        _THING.sub(f"<https://w3id.org/recup/{number}/", ntriples(sample))
        for number, sample in enumerate(samples)
    )


def shape_iri(sample: Path) -> str:
    """The shape that a sample is named after."""
    return SHAPES + sample.stem


def comparable(results: list[Result]) -> list[tuple[object, ...]]:
    """The results in an order of their own, with literals by value and blank nodes without labels."""
    return sorted(
        (
            result.severity,
            result.shape,
            _BLANK.sub("_:", result.focus) if not result.focus.startswith("http") else result.focus,
            result.path or "",
            _value(result),
            result.message,
            result.component,
        )
        for result in results
    )


def _value(result: Result) -> str:
    from rdflib import BNode, Literal
    from rdflib.util import from_n3

    term = from_n3(result.term) if result.term else None
    if isinstance(term, BNode) or (
        isinstance(term, str) and not isinstance(term, Literal) and ":" not in term
    ):
        return "_:"
    return repr(term)
