"""Engines: SHACL shapes and data in, results out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from recup_kg.errors import ShapesError
from recup_kg.validate.report import Result
from recup_kg.vocab import SHACL


class Engine(Protocol):
    """Checks data against shapes, by SHACL Core and SHACL-SPARQL."""

    @property
    def name(self) -> str:
        """What users call it."""

    def run(self, shapes: str, ntriples: str) -> Iterator[Result]:
        """The results, without source and place. Shapes are Turtle. Raises `ShapesError` where those are wrong."""


class RustEngine:
    """PyPI `shacl`: a million triples in about five seconds."""

    name = "rust"

    def run(self, shapes: str, ntriples: str) -> Iterator[Result]:
        """The results, without source and place."""
        import shacl

        try:
            compiled = shacl.Shapes.from_turtle(shapes)
            report = compiled.validate_text(ntriples, format="ntriples", allow_warnings=True)
        except ValueError as error:
            raise ShapesError(f"the shapes or the data can't be used: {error}") from error
        return map(_result, report.results)


def _result(found: Any) -> Result:
    return Result(
        severity=_plain(found.severity_iri).removeprefix(SHACL),
        shape=_plain(found.root_shape or found.source_shape or ""),
        focus=_plain(found.focus_node),
        path=plain_path(found.path),
        value=found.value_plain,
        message=found.message or "",
        term=found.value,
        component=_plain(found.component_iri),
    )


def plain_path(path: str | None) -> str | None:
    """A path that is one property as its IRI; any other as SPARQL writes it."""
    if path is None or path.count("<") != 1 or not path.startswith("<"):
        return path
    return _plain(path)


def _plain(term: str) -> str:
    return term[1:-1] if term.startswith("<") else term
