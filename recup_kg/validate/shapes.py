"""The shapes: what they are called, what they are about, and which of them data never meet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyoxigraph as ox

from recup_kg import resources
from recup_kg.errors import ShapesError
from recup_kg.vocab import RDF, SHACL

SHAPES = "https://w3id.org/recup/shapes#"
_TARGETS = ("targetClass", "targetSubjectsOf", "targetObjectsOf", "targetNode")


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape. `topic` is the name of its file, `targets` the pairs (kind of target, IRI), those of its owner included."""

    iri: str
    topic: str
    name: str
    description: str
    message: str
    severity: str
    targets: tuple[tuple[str, str], ...]


def files(folder: Path | None = None) -> tuple[Path, ...]:
    """The files of the shapes. Raises `ShapesError` where there are none."""
    place = folder or resources.path("shapes")
    found = tuple(sorted(place.glob("*.ttl")))
    if not found:
        raise ShapesError(f"{place}: no shapes; reinstall recup-kg")
    return found


@cache
def shapes_text(folder: Path | None = None) -> str:
    """All shapes as one Turtle document."""
    return "\n".join(file.read_text(encoding="utf-8") for file in files(folder))


@cache
def catalogue(folder: Path | None = None) -> tuple[Shape, ...]:
    """Every shape that has an IRI, by topic and name. Raises `ShapesError` for a file that is not Turtle."""
    return tuple(shape for file in files(folder) for shape in _read(file))


def unmatched(ntriples: str, folder: Path | None = None) -> tuple[Shape, ...]:
    """The shapes that match no focus node in the data: a shape that meets nothing passes everything."""
    return tuple(
        shape for shape in catalogue(folder) if not any(_meets(ntriples, *pair) for pair in shape.targets)
    )


def _read(file: Path) -> Iterator[Shape]:
    store = ox.Store()
    try:
        store.load(file.read_bytes(), ox.RdfFormat.TURTLE)
    except SyntaxError as error:
        raise ShapesError(f"{file}: not Turtle: {error}") from error
    kinds = (_sh("NodeShape"), _sh("PropertyShape"))
    found = {
        quad.subject
        for kind in kinds
        for quad in store.quads_for_pattern(None, ox.NamedNode(RDF + "type"), kind)
        if isinstance(quad.subject, ox.NamedNode)
    }
    for node in sorted(found, key=str):
        yield _shape(store, node, file.stem)


def _shape(store: ox.Store, node: ox.NamedNode, topic: str) -> Shape:
    owners = [quad.subject for quad in store.quads_for_pattern(None, _sh("property"), node)]
    targets = tuple(
        (kind, str(getattr(quad.object, "value", quad.object)))
        for owner in (node, *owners)
        for kind in _TARGETS
        for quad in store.quads_for_pattern(owner, _sh(kind), None)
    )
    return Shape(
        node.value,
        topic,
        name=_value(store, node, "name"),
        description=_value(store, node, "description"),
        message=_value(store, node, "message"),
        severity=_value(store, node, "severity").removeprefix(SHACL) or "Violation",
        targets=targets,
    )


def _value(store: ox.Store, node: ox.NamedNode, name: str) -> str:
    quad = next(iter(store.quads_for_pattern(node, _sh(name), None)), None)
    return "" if quad is None else str(getattr(quad.object, "value", ""))


def _sh(name: str) -> ox.NamedNode:
    return ox.NamedNode(SHACL + name)


def _meets(ntriples: str, kind: str, iri: str) -> bool:
    if kind == "targetClass":
        return f" <{RDF}type> <{iri}> ." in ntriples
    if kind == "targetNode":
        return f"<{iri}> " in ntriples
    return f" <{iri}> " in ntriples
