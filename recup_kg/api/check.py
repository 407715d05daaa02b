"""SHACL over what is about to be stored, over files, and over what is stored."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from recup_kg.api.convert import convert
from recup_kg.errors import SourceError
from recup_kg.rdf.graph import Graph
from recup_kg.store import Entry, Store
from recup_kg.validate import Report, is_rdf, merged, validate, validate_file, validate_graph

_LOG = logging.getLogger(__name__)
FATAL = ("Violation",)
"""Severities that keep a file out of the store."""


def check_runs(store: Store, entries: Sequence[Entry], progress: Callable[[str, float], None]) -> Report:
    """The report of bundles of the store, each for itself; an execution together with its workflow."""
    graphs = dict.fromkeys(graph for entry in entries for graph in entry.graphs)
    reports = []
    for number, graph in enumerate(graphs):
        progress(f"checking {number + 1} of {len(graphs)} graphs", number / len(graphs))
        reports.append(validate_graph(store, graph))
    return merged(tuple(reports))


def check_file(path: Path, source_format: str | None) -> Report:
    """The report of a file: of RDF, or of the graphs that a source file becomes. Raises `SourceError`."""
    if source_format is None and is_rdf(path):
        return validate_file(path)
    converted = convert(path, source_format)
    return check((converted.graph, *converted.checked))


def check(graphs: Sequence[Graph]) -> Report:
    """The report of graphs that belong together, the first being the one in question."""
    return validate(_ntriples(graphs[0]), "".join(map(_ntriples, graphs[1:])))


def refuse_violations(path: Path, graphs: Sequence[Graph]) -> None:
    """Raise `SourceError` where the graphs of a source violate a shape; the line names the first violation."""
    report = check(graphs)
    fatal = [result for result in report.results if result.severity in FATAL]
    if fatal:
        first = fatal[0]
        problem = f"{first.message} ({len(fatal)} result{'s' if len(fatal) > 1 else ''} of the validation)"
        advice = f"'recup validate {path}' lists all, --no-validate takes the file as it is"
        raise SourceError(path, problem, where=first.where, advice=advice)
    if report.results:
        _LOG.info("%s: %d remarks of the validation: recup validate %s", path, len(report.results), path)


def _ntriples(graph: Graph) -> str:
    end = f" <{graph.name}> .\n"
    return "".join(f"{line.removesuffix(end)} .\n" for line in graph.lines)
