"""SHACL over what is about to be stored, over files, and over what is stored."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from recup_kg.api.ingest import Converted, convert
from recup_kg.errors import SourceError
from recup_kg.rdf.graph import Graph
from recup_kg.store import Entry, Store
from recup_kg.validate import Report, is_rdf, merged, validate, validate_file, validate_graph

_LOG = logging.getLogger(__name__)
FATAL = ("Violation",)
"""Severities that keep a file out of the store."""


def check_runs(store: Store, entries: Sequence[Entry], progress: Callable[[str, float], None]) -> Report:
    """The report of bundles of the store, each for itself; an execution together with its workflow."""
    reports = []
    for number, entry in enumerate(entries):
        progress(f"checking {entry.name}", number / len(entries))
        reports.append(validate_graph(store, entry.graph))
    return merged(tuple(reports))


def check_file(path: Path, source_format: str | None) -> Report:
    """The report of a file: of RDF, or of the graphs that a source file becomes. Raises `SourceError`."""
    if source_format is None and is_rdf(path):
        return validate_file(path)
    return check(convert(path, source_format))


def check(converted: Converted) -> Report:
    """The report of a converted file."""
    return validate(_ntriples(converted.execution), _ntriples(converted.workflow))


def refuse_violations(converted: Converted) -> None:
    """Raise `SourceError` where the graphs violate a shape; the line names the first violation."""
    report = check(converted)
    fatal = [result for result in report.results if result.severity in FATAL]
    if fatal:
        path, first = converted.path, fatal[0]
        problem = f"{first.message} ({len(fatal)} result{'s' if len(fatal) > 1 else ''} of the validation)"
        advice = f"'recup validate {path}' lists all, --no-validate takes the file as it is"
        raise SourceError(path, problem, where=first.where, advice=advice)
    if report.results:
        _LOG.info(
            "%s: %d remarks of the validation: recup validate %s",
            converted.path,
            len(report.results),
            converted.path,
        )


def _ntriples(graph: Graph) -> str:
    end = f" <{graph.name}> .\n"
    return "".join(f"{line.removesuffix(end)} .\n" for line in graph.lines)
