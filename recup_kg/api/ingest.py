"""Sources on their way into a store: detect, read, write as graphs, check, join, archive, index."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from recup_kg.api.access import Access
from recup_kg.api.convert import Converted, convert
from recup_kg.api.join import Check, Joined, join
from recup_kg.api.plan import Work, is_generic, plan
from recup_kg.api.repeats import without_repeats
from recup_kg.api.values import Ingested, IngestReport, Part, Refused
from recup_kg.bundles import SUFFIX, Bundle
from recup_kg.errors import BundleError, MalformedSource, MissingExtra, SourceError, UsageError
from recup_kg.fuse.fingerprint import DEFAULT, FACTS
from recup_kg.store import Entry

_LOG = logging.getLogger(__name__)
_INDEXING = 0.7
"""Share of the work that is done when indexing begins."""
_BATCH = 500_000
"""Triples that are indexed together, at least."""

Progress: TypeAlias = Callable[[str, float], None]
"""Is told what begins, and the share of the work that is done."""
Stage: TypeAlias = Callable[[str, Path], None]
"""Is told what begins, and with which file."""


@dataclass(frozen=True, slots=True)
class Source:
    """A source whose bundles are archived, first that of what it tells; none where the store has them already."""

    path: Path
    graph: str
    format: str
    gaps: int
    triples: int
    bundles: tuple[Bundle, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A run that waits to be indexed: its sources, and what joins them where there is more to it than a task graph."""

    work: Work
    sources: tuple[Source, ...]
    refused: tuple[Refused, ...] = ()
    joined: Joined | None = None
    joining: Bundle | None = None

    @property
    def graph(self) -> str:
        """The graph that stands for the run."""
        return self.joined.graph.name if self.joined else self.sources[0].graph

    @property
    def bundles(self) -> tuple[Bundle, ...]:
        """What is to be indexed."""
        own = (self.joining,) if self.joining else ()
        return (*(bundle for source in self.sources for bundle in source.bundles), *own)


@dataclass(slots=True)
class Batch:
    """What waits to be indexed, and what is done; `number` is the place of a run among those that were asked for."""

    waiting: list[Waiting] = field(default_factory=list)
    taken: list[Ingested] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    archived: dict[str, Bundle] = field(default_factory=dict)

    def keep(self, bundle: Bundle) -> Bundle:
        """Remember a bundle, so that what sources share is archived once."""
        self.archived[bundle.graph] = bundle
        return bundle

    @property
    def triples(self) -> int:
        """Triples that wait."""
        return sum(bundle.triples for run in self.waiting for bundle in run.bundles)

    def holds(self, graph: str) -> tuple[Bundle, ...] | None:
        """The bundles of a source that waits already."""
        sources = (source for run in self.waiting for source in run.sources)
        return next((source.bundles for source in sources if source.graph == graph), None)


@dataclass(frozen=True, slots=True)
class Ingestion:
    """How sources are taken into a store."""

    access: Access
    source_format: str | None
    check: Check | None
    progress: Progress
    configuration: frozenset[str] = DEFAULT

    def __post_init__(self) -> None:
        unknown = sorted(self.configuration - DEFAULT)
        if unknown:
            raise UsageError(
                f"no such fact of a configuration: {', '.join(unknown)}; there are: {', '.join(FACTS)}"
            )

    def one(self, path: Path, run: str | None = None) -> Ingested:
        """Put a file or a folder into the store. Whatever is raised, the store is as it was before."""
        batch = Batch()
        (work,) = plan([path], run)
        self._take(work, batch, _stages(self.progress, 0, 1))
        self._flush(batch)
        if not batch.taken:
            raise BundleError(batch.refused[0].error)
        return batch.taken[0]

    def all(self, paths: Sequence[Path], run: str | None = None) -> IngestReport:
        """Put files and folders into the store, those that can be used. They are indexed together: many times faster."""
        batch = Batch()
        works = self._planned(paths, run, batch)
        for number, work in enumerate(works):
            try:
                self._take(work, batch, _stages(self.progress, number, len(works)))
            except (SourceError, BundleError, MissingExtra) as error:
                batch.refused.append(_refused(work.origin, error))
            if batch.triples >= _BATCH:
                self._flush(batch)
        self._flush(batch)
        return IngestReport(tuple(batch.taken), tuple(batch.refused))

    def _planned(self, paths: Sequence[Path], run: str | None, batch: Batch) -> list[Work]:
        works: list[Work] = []
        for group in [list(paths)] if run is not None else [[path] for path in paths]:
            try:
                works.extend(plan(group, run))
            except SourceError as error:
                batch.refused.append(_refused(group[0], error))
        return works

    def _take(self, work: Work, batch: Batch, stage: Stage) -> None:
        """Read, check and join the sources of a run, then archive them: nothing is written before all is known to be good."""
        if not work.sources:
            advice = "recup formats lists what is"
            raise MalformedSource(work.origin, "a folder without a file that is read", advice=advice)
        converted, refused = self._converted(work, stage)
        groups = list(self._groups(work, converted, refused, stage))
        stage("archiving", work.origin)
        for own, group, joined in groups:
            self._archive(own, group, joined, refused if own is work else (), batch)
        if all(own is not work for own, _, _ in groups):
            batch.refused += refused

    def _converted(self, work: Work, stage: Stage) -> tuple[list[Converted], tuple[Refused, ...]]:
        """The sources as graphs. In a folder, one that can't be used costs a line; alone, it is raised."""
        found: dict[str, Converted] = {}
        refused: list[Refused] = []
        for path in work.sources:
            stage("reading", path)
            try:
                converted = convert(path, self.source_format)
                if not self._has(converted.graph.name):
                    stage("checking", path)
                    if self.check is not None:
                        self.check(path, (converted.graph, *converted.checked))
            except (SourceError, BundleError, MissingExtra) as error:
                if not work.is_folder:
                    raise
                refused.append(_refused(path, error))
                continue
            found.setdefault(converted.graph.name, converted)
        if not found:
            raise MalformedSource(
                work.origin, f"no file of it can be used: {refused[0].error}", advice="see the lines on each"
            )
        kept, repeated = without_repeats(list(found.values()))
        return kept, (*refused, *(Refused(str(path), line) for path, line in repeated))

    def _groups(
        self, work: Work, converted: Sequence[Converted], refused: tuple[Refused, ...], stage: Stage
    ) -> Iterator[tuple[Work, list[Converted], Joined | None]]:
        """The runs that the sources tell of: what belongs together, and what joins it.

        Where a folder holds several executions, each is a work of its own.
        """
        traces = [item for item in converted if item.is_trace]
        rest = list(converted)
        if work.name is None and len(traces) == len(rest) and not is_generic(work.origin):
            yield work, rest, None
            return
        if len({item.described for item in traces}) > 1 and not work.extends:
            advice = "ingest the files of one run with --run NAME"
            _LOG.warning(
                "%s holds several executions, each becomes a run of its own; %s", work.origin, advice
            )
            yield from map(self._alone, traces)
            rest = [item for item in converted if not item.is_trace]
        if rest:
            stage("joining", work.origin)
            joined = join(self.access, work, rest, refused, self.check, self.configuration)
            yield work, rest, joined

    def _alone(self, item: Converted) -> tuple[Work, list[Converted], Joined | None]:
        """The run of one source; it is joined where that gives it a name, because that of its file says nothing."""
        work = Work(item.path, (item.path,))
        if not is_generic(item.path):
            return work, [item], None
        return work, [item], join(self.access, work, [item], (), self.check, self.configuration)

    def _archive(
        self,
        work: Work,
        group: Sequence[Converted],
        joined: Joined | None,
        refused: tuple[Refused, ...],
        batch: Batch,
    ) -> None:
        sources = tuple(self._archived(item, batch) for item in group)
        joining = None
        if joined is not None and not self._has(joined.graph.name):
            joining = self.access.writing().archive(joined.graph.name, joined.graph.lines)
        batch.waiting.append(Waiting(work, sources, refused if joined else (), joined, joining))

    def _archived(self, item: Converted, batch: Batch) -> Source:
        name, reading = item.graph.name, item.reading
        bundles: tuple[Bundle, ...] = ()
        if self._has(name):
            triples = self.access.reading().count(name)
        else:
            store = self.access.writing()
            twin = batch.holds(name)
            bundles = twin or tuple(
                batch.archived.get(graph.name) or batch.keep(store.archive(graph.name, graph.lines))
                for graph in item.graphs
            )
            triples = bundles[0].triples
            for table in item.tables:
                store.keep_table(table)
        return Source(item.path, name, reading.source.format, len(reading.gaps), triples, bundles)

    def _has(self, graph: str) -> bool:
        return self.access.exists and self.access.reading().contains(graph)

    def _flush(self, batch: Batch) -> None:
        """Index what waits, together; where a bundle can't be indexed, one by one, to know which."""
        if not batch.waiting:
            return
        self.progress("indexing", _INDEXING)
        try:
            batch.taken += self._index(batch.waiting)
        except BundleError:
            for run in batch.waiting:
                try:
                    batch.taken += self._index([run])
                except BundleError as error:
                    batch.refused.append(_refused(run.work.origin, error))
        batch.waiting.clear()

    def _index(self, runs: Sequence[Waiting]) -> list[Ingested]:
        given = {bundle.graph: bundle for run in runs for bundle in run.bundles}
        new = set(given)
        for run in runs:
            if run.joined is not None:
                self._make_room(run.joined)
        if given:
            self.access.writing().add(given.values())
        known = {entry.graph: entry for entry in self.access.reading().registry()}
        for run in runs:
            if run.joined is not None:
                self._forget(run.joined, known)
        results = []
        for run in runs:
            results.append(self._ingested(run, known, new))
            new -= {run.graph, *(source.graph for source in run.sources)}
        return results

    def _make_room(self, joined: Joined) -> None:
        """The run's name is free when the graph that held it is gone; the archive has the new one already."""
        old = joined.replaces
        if old is not None and old != joined.graph.name and self._has(old):
            self.access.writing().remove(old, alone=True)

    def _forget(self, joined: Joined, known: dict[str, Entry]) -> None:
        """Sources that were of this run before, and are of no run now."""
        used = {graph for entry in known.values() for graph in entry.members}
        for graph in joined.obsolete:
            if graph in known and graph not in used:
                self.access.writing().remove(graph)

    def _ingested(self, run: Waiting, known: dict[str, Entry], new: Collection[str]) -> Ingested:
        entry = known[run.graph]
        own = run.joining.triples if run.joining else 0
        _LOG.info("%s is in the store as %s", run.work.origin, entry.name)
        parts = tuple(_part(source, source.graph in new) for source in run.sources)
        return Ingested(
            run=entry.described,
            name=entry.name,
            source=str(run.work.origin if run.joined else run.sources[0].path),
            format=", ".join(dict.fromkeys(part.format for part in parts)),
            bundle=entry.sha256 + SUFFIX,
            triples=own + sum(part.triples for part in parts),
            gaps=sum(part.gaps for part in parts),
            new=run.graph in new,
            sources=parts,
            refused=run.refused,
            unrecognised=tuple(map(str, run.work.unrecognised)) if run.joined else (),
        )


def _part(source: Source, new: bool) -> Part:
    return Part(str(source.path), source.format, source.triples, source.gaps, new)


def _refused(path: Path, error: SourceError | BundleError | MissingExtra) -> Refused:
    line = str(error) if isinstance(error, SourceError) else f"{path}: {error}"
    return Refused(str(path), line)


def _stages(progress: Progress, number: int, count: int) -> Stage:
    stages = ("reading", "checking", "joining", "archiving")

    def tell(stage: str, path: Path) -> None:
        share = (number + stages.index(stage) / len(stages)) / count
        progress(f"{stage} {path.name}", share * _INDEXING)

    return tell
