"""The reference engine: pySHACL, exact and slow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from recup_kg.errors import ShapesError
from recup_kg.validate.report import Result
from recup_kg.vocab import SHACL

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node


class ReferenceEngine:
    """pySHACL: the oracle of the tests, and the fallback where no wheel of the fast engine exists."""

    name = "pyshacl"

    def run(self, shapes: str, ntriples: str) -> Iterator[Result]:
        """The results, without source and place."""
        import pyshacl
        from pyshacl.errors import ConstraintLoadError, ShapeLoadError, ValidationFailure
        from rdflib import Graph

        data = Graph().parse(data=ntriples, format="ntriples")
        try:
            rules = Graph().parse(data=shapes, format="turtle")
            _, report, _ = pyshacl.validate(data, shacl_graph=rules, inference="none", allow_warnings=True)
        except (ConstraintLoadError, ShapeLoadError, SyntaxError) as error:
            raise ShapesError(f"the shapes can't be used: {error}") from error
        if isinstance(report, ValidationFailure):
            raise ShapesError(f"the shapes can't be used: {report.message}")
        return _results(report)


def _results(report: Graph) -> Iterator[Result]:
    from rdflib import URIRef

    for node in report.objects(None, URIRef(SHACL + "result")):
        value = _get(report, node, "value")
        yield Result(
            severity=str(_get(report, node, "resultSeverity")).removeprefix(SHACL),
            shape=_plain(_get(report, node, "sourceShape")) or "",
            focus=_plain(_get(report, node, "focusNode")) or "",
            path=_path(report, _get(report, node, "resultPath"), top=True),
            value=_plain(value),
            message=str(_get(report, node, "resultMessage") or ""),
            term=None if value is None else value.n3(),
            component=str(_get(report, node, "sourceConstraintComponent")),
        )


def _plain(term: Node | None) -> str | None:
    """An IRI or the text of a literal as it is, a blank node with its mark."""
    from rdflib import BNode

    return None if term is None else term.n3() if isinstance(term, BNode) else str(term)


def _get(report: Graph, node: Node, name: str) -> Node | None:
    from rdflib import URIRef

    return report.value(node, URIRef(SHACL + name))


def _path(report: Graph, path: Node | None, *, top: bool = False) -> str | None:
    """The path as SPARQL writes it; one property, and nothing else, as its bare IRI."""
    from rdflib import RDF, URIRef

    if path is None:
        return None
    if isinstance(path, URIRef):
        return str(path) if top else f"<{path}>"
    inverse, choice = _get(report, path, "inversePath"), _get(report, path, "alternativePath")
    if inverse is not None:
        return f"^{_path(report, inverse)}"
    members = report.items(path if choice is None else choice)
    sign = "/" if choice is None and report.value(path, RDF.first) is not None else "|"
    return f"({sign.join(str(_path(report, member)) for member in members)})"
