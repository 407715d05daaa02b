"""The knowledge graph that a caller opens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from recup_kg import exports
from recup_kg.api import graphs, runs
from recup_kg.api.about import about
from recup_kg.api.access import RUNS, RUNS_AND_COMPARISONS, Access
from recup_kg.api.analyses import DEFAULTS, Analyses, nothing
from recup_kg.api.answers import Answer
from recup_kg.api.ask import ask, bound
from recup_kg.api.check import check_file, check_runs, refuse_violations
from recup_kg.api.compare import compare_runs
from recup_kg.api.comparison import ComparedRuns
from recup_kg.api.coverage import coverage
from recup_kg.api.diagnosis import FairReport, Finding, fair_report, store_findings
from recup_kg.api.federated import PEER_SECONDS, PEER_SIZE, FederatedResult, ask_federated
from recup_kg.api.ingest import Ingestion, Progress
from recup_kg.api.tags import forget, tag_graphs
from recup_kg.api.values import Ingested, IngestReport, KnownFact, Run, RunCoverage, RunSummary
from recup_kg.comparisons import Options
from recup_kg.converters import titles
from recup_kg.errors import BundleError
from recup_kg.exports import ExportOptions
from recup_kg.fuse.fingerprint import DEFAULT as CONFIGURATION
from recup_kg.queries import Query, catalogue, load
from recup_kg.rdf.read import read_trace
from recup_kg.store import registry
from recup_kg.store.resolve import LATEST
from recup_kg.store.table import Value
from recup_kg.validate import Report

if TYPE_CHECKING:
    import networkx
    import rdflib


class KnowledgeGraph(Analyses):
    """Runs in a store: a folder, `:memory:`, or the URL of a SPARQL 1.1 endpoint.

    A run is named by its name, its IRI, a unique prefix of its id, the path of its source file, or `@latest`. All methods raise
    `RecupError`s: `UnknownRun`, `SourceError` for a file that can't be used, `StoreError`, `QueryError`.
    """

    def __init__(self, location: str) -> None:
        self._access = Access(location)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of files and connections. The graph can be used again afterwards; one in memory is empty then."""
        self._access.close()

    @property
    def location(self) -> str:
        """Where the store is."""
        return self._access.location

    def ingest(
        self,
        path: str | Path,
        *,
        source_format: str | None = None,
        validate: bool = True,
        run: str | None = None,
        configuration: Iterable[str] | None = None,
        progress: Progress | None = None,
    ) -> Ingested:
        """Take what a file, or a folder of files of one run, tells of into the store; what is there already changes nothing.

        With `run`, it joins the run of that name, or makes it. `configuration` names the facts that make up the fingerprint
        of a joined run (`recup_kg.fuse.fingerprint.FACTS`; all if not given). Raises `SourceError` for a file that can't be used
        or whose graph violates a shape; the store is then as before. A file of a folder that can't be used is in `refused`.
        """
        check = refuse_violations if validate else None
        chosen = CONFIGURATION if configuration is None else frozenset(configuration)
        ingestion = Ingestion(self._access, source_format, check, progress or nothing, chosen)
        return ingestion.one(Path(path), run)

    def ingest_all(
        self,
        paths: Iterable[str | Path],
        *,
        source_format: str | None = None,
        validate: bool = True,
        run: str | None = None,
        configuration: Iterable[str] | None = None,
        progress: Progress | None = None,
    ) -> IngestReport:
        """Like `ingest` for many files and folders: what can't be used is in `refused` of the result, the rest is taken.

        With `run`, all of them tell of one run.
        """
        check = refuse_violations if validate else None
        chosen = CONFIGURATION if configuration is None else frozenset(configuration)
        ingestion = Ingestion(self._access, source_format, check, progress or nothing, chosen)
        return ingestion.all(list(map(Path, paths)), run)

    def runs(self) -> tuple[Run, ...]:
        """All runs, in the order of ingestion."""
        store = self._access.reading()
        return runs.runs(store, registry.runs(store.registry()))

    def run(self, run: str) -> Run:
        """One run."""
        store = self._access.reading()
        return runs.runs(store, [store.resolve(run)])[0]

    def show(self, run: str) -> RunSummary:
        """One run with its coverage and its gaps."""
        store = self._access.reading()
        return runs.summary(store, store.resolve(run))

    def coverage(self, run: str) -> RunCoverage:
        """Which sources of a run were expected of which host, and what arrived."""
        store = self._access.reading()
        return coverage(store, store.resolve(run))

    def about(self, run: str, thing: str) -> tuple[KnownFact, ...]:
        """All that is known of a task, a file or any other thing of a run, by identifier, path, label or IRI."""
        store = self._access.reading()
        return about(store, store.resolve(run), thing)

    def compare(
        self,
        reference: str | Path,
        other: str | Path,
        *,
        ratio: float = DEFAULTS.ratio,
        seconds: float = DEFAULTS.seconds,
        source_format: str | None = None,
        progress: Progress | None = None,
    ) -> ComparedRuns:
        """Where `other` deviated from `reference`; each is a run, or a file, which need not be ingested.

        A run time differs if it does by `ratio` times and by `seconds`. A comparison of two runs of the store is kept in it.
        """
        options = Options(ratio=ratio, seconds=seconds)
        tell = progress or nothing
        return compare_runs(self._access, (str(reference), str(other)), options, source_format, tell)

    def query(self, query: str | Path, /, **parameters: Value) -> Answer:
        """The answer to a query by name (`queries()` lists them), to one in a file, or to SPARQL text.

        A parameter of type `run` takes anything that names a run.
        """
        loaded = load(str(query))
        return ask(self._access.reading(), loaded, parameters)

    def sparql(self, query: str | Path, /, **parameters: Value) -> str:
        """The SPARQL text that `query` would run."""
        loaded = load(str(query))
        return bound(self._access.reading(), loaded, parameters)

    def federated(
        self,
        query: str | Path,
        parameters: Mapping[str, Value] | None = None,
        *,
        on: Sequence[str] = (),
        seconds: float = PEER_SECONDS,
        size: int = PEER_SIZE,
    ) -> FederatedResult:
        """The answer to a query over this store and peers: those that its SERVICE clauses name, by `<peer:NAME>` or address, or
        the same question to each of `on` (`["all"]`: all), whose name is then in the first column.

        A peer may take so many seconds and send so many bytes. One that fails is named in the result, which is partial then.
        Raises `QueryError` for a SERVICE that is no peer.
        """
        return ask_federated(self._access, str(query), parameters or {}, on, seconds, size)

    def validate(
        self,
        run: str | Path | None = None,
        *,
        source_format: str | None = None,
        progress: Progress | None = None,
    ) -> Report:
        """Check a run or comparison, a file (a source or RDF), or all bundles of the store against the shapes."""
        tell = progress or nothing
        if run is None:
            store = self._access.reading()
            return check_runs(store, store.registry(), tell)
        kinds = RUNS if run == LATEST else RUNS_AND_COMPARISONS
        entry = self._access.find(str(run), kinds)
        if entry is None:
            return check_file(Path(run), source_format)
        return check_runs(self._access.reading(), [entry], tell)

    def graph(self, run: str) -> rdflib.Graph:
        """The RDF of a run."""
        entry = self._access.reading().resolve(run)
        return graphs.to_rdflib("".join(map(self._graph_text, entry.graphs)))

    def dag(self, run: str) -> networkx.DiGraph[str]:
        """The tasks of a run by their identifiers in the source, an edge from each to those that depend on it."""
        entry = self._access.reading().resolve(run)
        return graphs.to_dag(read_trace(self._graph_text(entry.task_graph)))

    def export(
        self, run: str, to: str = "wfformat", *, zipped: bool = False, profile: str | None = None
    ) -> bytes:
        """A run or a comparison as a file, in one of `recup_kg.exports.formats()`.

        `zipped` is for crates: as an archive. `profile` is process, workflow or provenance, else the best that the data fulfil.
        """
        kinds = RUNS if run == LATEST else RUNS_AND_COMPARISONS
        store = self._access.reading()
        return exports.write(store, store.resolve(run, kinds), to, ExportOptions(zipped, profile))

    def remove(self, *names: str) -> tuple[Run, ...]:
        """Remove runs, with their tags, or comparisons, and their bundles. Nothing is removed if one of the names is unknown.

        Comparisons and metrics that speak of a run stay: they say what was found at their time.
        """
        store = self._access.reading()
        entries = {
            entry.graph: entry
            for entry in (
                store.resolve(name, RUNS if name == LATEST else RUNS_AND_COMPARISONS) for name in names
            )
        }
        found = runs.runs(store, entries.values())
        writable = self._access.writing()
        for graph in entries:
            writable.remove(graph)
        left = {entry.described for entry in writable.registry()}
        forget(self._access, tag_graphs(writable, {entry.described for entry in entries.values()} - left))
        return found

    def reindex(self) -> int:
        """Build the index anew from the bundles; the number of bundles in it. Raises `StoreError` if one is damaged."""
        result = self._access.writing().reindex()
        if result.refused:
            raise BundleError(f"indexed {result.indexed} bundles, not all: {'; '.join(result.refused)}")
        return result.indexed

    def fair(self, base: str = "http://127.0.0.1:8000", *, catalog: str | Path | None = None) -> FairReport:
        """What the catalogue of the store lacks, by FAIR principle, published at `base` with what a `catalog.toml` says.

        Without `catalog` it is the file of that name in the store's folder. Raises `SourceError` for one that can't be used.
        """
        return fair_report(self._access.reading(), base, None if catalog is None else Path(catalog))

    def diagnosis(self) -> tuple[Finding, ...]:
        """Whether the store is in order. Reads all its bundles."""
        return tuple(store_findings(self._access.reading()))

    def _graph_text(self, graph: str) -> str:
        return self._access.reading().ntriples(graph).decode()


def open(location: str = "recup-store") -> KnowledgeGraph:
    """A knowledge graph; see `recup_kg.open`."""
    return KnowledgeGraph(location)


def formats() -> dict[str, str]:
    """What each format is that can be ingested, by its name."""
    return titles()


def queries() -> tuple[Query, ...]:
    """The queries that have a name."""
    return tuple(catalogue())
