"""Two runs, or files, into one comparison."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from recup_kg.api.access import Access
from recup_kg.api.comparison import ComparedRuns
from recup_kg.api.convert import convert_trace
from recup_kg.api.results import content_verdicts
from recup_kg.api.scratch import Scratch
from recup_kg.compare import compare
from recup_kg.compare.facts import Facts, read_facts
from recup_kg.compare.settings import Settings, read_settings
from recup_kg.compare.sources import read_source_gaps
from recup_kg.comparisons import Comparison, Options, SourceGap, Verdict
from recup_kg.errors import StoreError
from recup_kg.rdf.comparison import comparison_graph
from recup_kg.store import Entry
from recup_kg.store.registry import Kind

_LOG = logging.getLogger(__name__)
Progress: TypeAlias = Callable[[str, float], None]
_KINDS: tuple[Kind, ...] = ("comparison",)


@dataclass(frozen=True, slots=True)
class _Side:
    """One of the two: its graph and name, and the entry in the store if it is there."""

    graph: str
    name: str
    entry: Entry | None = None

    @property
    def fusion(self) -> str | None:
        """The graph that tells what of the run's sources arrived."""
        return self.entry.graph if self.entry is not None and self.entry.kind == "fusion" else None


def compare_runs(
    access: Access,
    references: tuple[str, str],
    options: Options,
    source_format: str | None,
    progress: Progress,
) -> ComparedRuns:
    """Compare in memory; keep the result in the store where both runs are in it."""
    with Scratch() as scratch:
        sides = []
        for number, reference in enumerate(references):
            progress(f"reading {reference}", number / 4)
            sides.append(_load(access, scratch, reference, source_format))
        (one, two), names = sides, _names(sides, references)
        progress("comparing", 0.5)
        result = compare(
            scratch,
            (one.graph, names[0]),
            (two.graph, names[1]),
            options,
            sources=_sources(access, sides, names),
            fusions=(one.fusion, two.fusion),
            settings=_settings(access, scratch, one, two),
            contents=_contents(access, one, two),
        )
    kept = None
    if one.entry and two.entry:
        progress("keeping the comparison", 0.9)
        kept = _keep(access, result)
    again = [
        reference if side.entry is None else side.entry.graph
        for side, reference in zip(sides, references, strict=True)
    ]
    return ComparedRuns(result, kept, lambda: _facts(access, again, names, source_format))


def _facts(
    access: Access, references: Sequence[str], names: Sequence[str], source_format: str | None
) -> tuple[Facts, Facts]:
    """What both runs state, read again: kept, it would be as large as the runs."""
    with Scratch() as scratch:
        one, two = (
            read_facts(scratch, _load(access, scratch, reference, source_format).graph, name)
            for reference, name in zip(references, names, strict=True)
        )
        return one, two


def _load(access: Access, scratch: Scratch, reference: str, source_format: str | None) -> _Side:
    entry = access.find(reference)
    if entry is None:
        converted = convert_trace(Path(reference), source_format)
        scratch.load("".join(converted.graph.lines).encode())
        return _Side(converted.graph.name, Path(reference).stem)
    scratch.load_graph(entry.task_graph, access.reading().ntriples(entry.task_graph))
    return _Side(entry.task_graph, entry.name, entry)


def _sources(access: Access, sides: list[_Side], names: list[str]) -> list[SourceGap]:
    """The sources of both runs that are missing or partial, as their fusion graphs say."""
    return [
        gap
        for number, side in enumerate(sides)
        if side.fusion is not None and side.fusion not in {before.fusion for before in sides[:number]}
        for gap in read_source_gaps(access.reading(), side.fusion, names[number], in_reference=number == 0)
    ]


def _contents(access: Access, one: _Side, two: _Side) -> Sequence[tuple[str, str, Verdict]]:
    """What comparisons of files in the store (`recup results --runs`) say of the data of both runs."""
    if one.entry is None or two.entry is None:
        return ()
    return content_verdicts(access.reading(), one.graph, two.graph)


def _settings(access: Access, scratch: Scratch, one: _Side, two: _Side) -> Settings:
    """What differs between packages, parameters and seeds. Of a run and a file, all that the run has is read beside the file."""
    graphs = tuple(side.entry.graphs if side.entry else (side.graph,) for side in (one, two))
    if one.entry and two.entry:
        return read_settings(access.reading(), (graphs[0], graphs[1]))
    for entry in (side.entry for side in (one, two) if side.entry):
        for graph in entry.graphs:
            if graph != entry.task_graph:
                scratch.load_graph(graph, access.reading().ntriples(graph))
    return read_settings(scratch, (graphs[0], graphs[1]))


def _names(sides: list[_Side], references: tuple[str, str]) -> list[str]:
    names = [side.name for side in sides]
    return names if names[0] != names[1] else list(references)


def _keep(access: Access, result: Comparison) -> str | None:
    graph = comparison_graph(result)
    try:
        if access.reading().contains(graph.name):
            return access.reading().resolve(graph.name, _KINDS).name
        store = access.writing()
        return store.add([store.archive(graph.name, graph.lines)])[0].name
    except StoreError as error:
        _LOG.warning("the comparison is not kept: %s", error)
        return None
