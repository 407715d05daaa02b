"""The page of a thing, as HTML; everything that sources said is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

import jinja2
import pyoxigraph

from recup_kg import __version__
from recup_kg.api.values import Run
from recup_kg.store import Term
from recup_kg.vocab import prefixes_turtle
from recup_kg.web.things.addresses import FORMATS, document_address, thing_address
from recup_kg.web.things.description import Description, Statement
from recup_kg.web.things.terms import name_of, prefixed, units

_FOLDER = Path(__file__).resolve().parent / "templates"
_PLAIN = frozenset(
    ("http://www.w3.org/2001/XMLSchema#string", "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString")
)
_SCHEMES = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class Shown:
    """A term as a page shows it; `address` is where it leads, `kind` the datatype or language of a literal."""

    text: str
    title: str = ""
    address: str | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A property, the unit of its values, and these."""

    name: str
    iri: str
    unit: str
    values: tuple[Shown, ...]


def page(found: Description, root: str = "") -> str:
    """The page of a thing. `root` is the path under which the site is seen, empty or without a slash at its end."""
    forms = {form: document_address(found.iri, form) for form in FORMATS if form != "html"}
    query = f"SELECT * WHERE {{ GRAPH ?graph {{ <{found.iri}> ?property ?value }} }}"
    return (
        _environment()
        .get_template("thing.html.j2")
        .render(
            thing=found,
            address=thing_address(found.iri),
            types=[Shown(name_of(iri), iri, thing_address(iri)) for iri in found.types],
            rows=_rows(found.said, found, lambda s: s.object),
            incoming=_rows(found.incoming, found, lambda s: s.subject),
            graphs=[Shown(prefixed(graph), graph, thing_address(graph)) for graph in found.graphs],
            formats=forms,
            earlier=document_address(found.iri, "html", found.page - 1) if found.page else None,
            later=document_address(found.iri, "html", found.page + 1) if found.more else None,
            query=query,
            root=root,
            version=__version__,
        )
    )


def form_page(root: str = "") -> str:
    """The page where a person types a query; works without a script."""
    template = _environment().get_template("form.html.j2")
    return template.render(root=root, prefixes=prefixes_turtle(), version=__version__)


def runs_page(runs: Sequence[Run], count: int, page: int, length: int, root: str = "") -> str:
    """A page of the list of runs; pages count from 0 and have `length` runs of the `count`."""
    template = _environment().get_template("runs.html.j2")
    return template.render(
        runs=runs,
        addresses={run.run: thing_address(run.run) for run in runs},
        count=count,
        page=page,
        more=(page + 1) * length < count,
        root=root,
        version=__version__,
    )


def style() -> str:
    """The style sheet of all pages."""
    return (_FOLDER / "pages.css").read_text(encoding="utf-8")


def _rows(statements: tuple[Statement, ...], found: Description, other: Any) -> list[Row]:
    def predicate(statement: Statement) -> str:
        return str(getattr(statement.predicate, "value", statement.predicate))

    rows = []
    for iri, group in groupby(sorted(statements, key=predicate), predicate):
        terms = dict.fromkeys(other(statement) for statement in group)
        rows.append(
            Row(name_of(iri), iri, units().get(iri, ""), tuple(_shown(term, found.labels) for term in terms))
        )
    return sorted(rows, key=lambda row: row.name.casefold())


def _shown(term: Term, labels: dict[str, str]) -> Shown:
    if isinstance(term, pyoxigraph.Literal):
        kind = term.language or ("" if term.datatype.value in _PLAIN else prefixed(term.datatype.value))
        return Shown(term.value, kind=kind)
    if isinstance(term, pyoxigraph.NamedNode):
        # No link to what a browser would run: a source may state any IRI.
        address = thing_address(term.value) if term.value.startswith(_SCHEMES) else None
        return Shown(labels.get(term.value) or prefixed(term.value), term.value, address)
    return Shown(str(term))


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
