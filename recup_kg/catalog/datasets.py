"""The datasets of a store: what sources and bundles say of each execution, workflow and comparison that is in it."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from recup_kg import exports
from recup_kg.bundles import bundle_path
from recup_kg.catalog.publication import Agent
from recup_kg.store import Entry, Store, registry
from recup_kg.store.table import Value
from recup_kg.vocab import DCTERMS, PROV, RDFS, RECUP, SCHEMA, WFPROV, prefixes_turtle

BUNDLE = "bundle"
"""The format of a distribution that is a bundle as it lies in the store."""
PACKED = "application/gzip"
QUADS = "application/n-quads"
_KINDS = ("workflow", "comparison", "metrics", "results", "baseline")
_ARCHIVED = frozenset(("ro-crate",))
_ORCID = "https://orcid.org/"

# No OPTIONAL: the engine would evaluate it for the whole store. What may be absent is asked for by itself.
_NAMES = {
    RDFS + "label": "label",
    RECUP + "workflowName": "workflow",
    WFPROV + "describedByWorkflow": "workflowIri",
    PROV + "startedAtTime": "started",
    PROV + "endedAtTime": "ended",
    RECUP + "makespan": "makespan",
    SCHEMA + "license": "licence",
    DCTERMS + "license": "licence",
}
_FACTS = f"""
SELECT ?graph ?property ?value WHERE {{
  VALUES ?graph {{ %s }}
  GRAPH ?graph {{ ?graph recup:describes ?thing . ?thing ?property ?value }}
  FILTER(?property IN ({", ".join(f"<{name}>" for name in _NAMES)}))
}} ORDER BY ?graph ?property ?value"""
_RARE = {
    "system": "?thing prov:wasAssociatedWith ?agent . ?agent schema:name ?value",
    "identifier": "?thing schema:identifier ?node . ?node schema:url ?value",
    "created": "?graph prov:wasDerivedFrom ?source . ?source dcterms:created ?value",
}
_RARE_FACT = """
SELECT ?graph ?value WHERE {
  VALUES ?graph { %s }
  GRAPH ?graph { ?graph recup:describes ?thing . PATTERN }
} ORDER BY ?graph ?value"""
_SOURCES = """
SELECT ?graph ?source ?file ?format ?version ?sha256 WHERE {
  VALUES ?graph { %s }
  GRAPH ?graph {
    ?graph prov:wasDerivedFrom ?source .
    ?source recup:fileName ?file ; recup:format ?format ; recup:formatVersion ?version ; spdx:checksum ?checksum .
    ?checksum spdx:checksumValue ?sha256 .
  }
} ORDER BY ?graph ?file ?sha256"""
_AUTHORS = """
SELECT ?graph ?author ?name WHERE {
  VALUES ?graph { %s }
  GRAPH ?graph {
    ?graph prov:wasDerivedFrom ?source . ?source prov:wasAttributedTo ?author . ?author schema:name ?name
  }
} ORDER BY ?graph ?name ?author"""
_TASKS = """
SELECT ?graph (COUNT(?task) AS ?tasks) WHERE {
  VALUES ?graph { %s }
  GRAPH ?graph { VALUES ?type { recup:TaskExecution p-plan:Step } ?task a ?type }
} GROUP BY ?graph"""
_COMPARED = """
SELECT ?graph ?used WHERE {
  VALUES ?graph { %s }
  GRAPH ?graph { ?graph recup:describes ?thing . ?thing prov:used ?used }
} ORDER BY ?graph ?used"""


@dataclass(frozen=True, slots=True)
class Source:
    """A file that a dataset was made from."""

    iri: str
    file: str
    format: str
    format_version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Distribution:
    """One form in which a dataset can be had. Size in bytes and SHA-256 are None where the bytes are made on demand.

    `name` is the last part of its address, `media_type` the one of what is in an archive or a packed file.
    """

    name: str
    format: str
    title: str
    media_type: str
    packing: str | None = None
    conforms_to: str | None = None
    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Dataset:
    """An execution, a workflow or an analysis as an entry of a catalogue.

    `slug` is the last part of its address, the same on every site; `thing` is the IRI of what it describes. Times are as the
    graph has them (xsd:dateTime); `entered` is when its bundle came into the store.
    """

    slug: str
    thing: str
    entry: Entry
    title: str
    description: str
    version: str
    started: str | None = None
    ended: str | None = None
    created: str | None = None
    entered: str | None = None
    licence: str | None = None
    identifier: str | None = None
    creators: tuple[Agent, ...] = ()
    keywords: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    related: tuple[str, ...] = ()
    distributions: tuple[Distribution, ...] = ()


def listed(store: Store) -> tuple[Entry, ...]:
    """What a store publishes, the newest first."""
    known = store.registry()
    runs = {entry.graph for entry in registry.runs(known)}
    return tuple(entry for entry in reversed(known) if entry.graph in runs or entry.kind in _KINDS)


def slug_of(entry: Entry) -> str:
    """The last part of the address of a dataset: two bundles may describe one execution, so it is made from the graph."""
    what = "run" if entry.kind in registry.EXECUTIONS else entry.kind
    return f"{what}-{entry.graph.rsplit('/', 1)[-1]}"


def find(store: Store, slug: str) -> Entry | None:
    """The entry of a dataset, or None."""
    return next((entry for entry in listed(store) if slug_of(entry) == slug), None)


def datasets(store: Store, entries: Sequence[Entry]) -> tuple[Dataset, ...]:
    """The datasets of entries, in their order."""
    if not entries:
        return ()
    said = _read(store, entries)
    return tuple(_dataset(said, entry) for entry in entries)


Row = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class _Said:
    """What the store says of the entries at hand, by graph; `known` are all entries, `folder` is where the bundles are."""

    facts: Mapping[str, Row]
    tasks: Mapping[str, Row]
    sources: Mapping[str, Sequence[Row]]
    authors: Mapping[str, Sequence[Row]]
    used: Mapping[str, Sequence[Row]]
    known: Mapping[str, Entry]
    folder: Path | None


def _read(store: Store, entries: Sequence[Entry]) -> _Said:
    graphs = {graph: None for entry in entries for graph in entry.graphs}
    facts: dict[str, dict[str, Value]] = {}
    for row in _rows(store, _FACTS, graphs):
        facts.setdefault(str(row["graph"]), {}).setdefault(_NAMES[str(row["property"])], row["value"])
    for name, pattern in _RARE.items():
        for graph, row in _first(_rows(store, _RARE_FACT.replace("PATTERN", pattern), graphs)).items():
            facts.setdefault(graph, {})[name] = row["value"]
    folder = Path(store.location) / "bundles"
    return _Said(
        facts=facts,
        tasks=_first(_rows(store, _TASKS, graphs)),
        sources=_grouped(_rows(store, _SOURCES, graphs)),
        authors=_grouped(_rows(store, _AUTHORS, graphs)),
        used=_grouped(_rows(store, _COMPARED, [entry.graph for entry in entries])),
        known={entry.graph: entry for entry in store.registry()},
        folder=folder if "://" not in store.location and folder.is_dir() else None,
    )


def _dataset(all_said: _Said, entry: Entry) -> Dataset:
    said = {**all_said.facts.get(entry.graph, {}), **all_said.facts.get(entry.task_graph, {})}
    rows = [row for graph in entry.graphs for row in all_said.sources.get(graph, ())]
    authors = [row for graph in entry.graphs for row in all_said.authors.get(graph, ())]
    files = tuple(dict.fromkeys(_source(row) for row in rows))
    count = all_said.tasks.get(entry.task_graph)
    bundles = _files(all_said, entry)
    return Dataset(
        slug=slug_of(entry),
        thing=entry.described,
        entry=entry,
        title=_title(entry, said),
        description=_description(entry, said, None if count is None else int(count["tasks"] or 0), files),
        version=_version(all_said, entry),
        started=_text(said.get("started")),
        ended=_text(said.get("ended")),
        created=_text(said.get("created")),
        entered=_entered([path for _, path in bundles]),
        licence=_text(said.get("licence")),
        identifier=_text(said.get("identifier")),
        creators=tuple(dict.fromkeys(_author(row) for row in authors)),
        keywords=_keywords(entry, said),
        sources=files,
        related=_related(all_said, entry, said),
        distributions=(*(_bundle(item, path) for item, path in bundles), *_exports(entry)),
    )


def _related(all_said: _Said, entry: Entry, said: Row) -> tuple[str, ...]:
    """The runs that were compared, the workflow of a run."""
    used = (all_said.known.get(str(row["used"])) for row in all_said.used.get(entry.graph, ()))
    found = [item.described for item in used if item is not None]
    workflow = _text(said.get("workflowIri"))
    return tuple(dict.fromkeys((*found, workflow) if workflow else found))


def _source(row: Mapping[str, Value]) -> Source:
    return Source(
        str(row["source"]), str(row["file"]), str(row["format"]), str(row["version"]), str(row["sha256"])
    )


def _author(row: Mapping[str, Value]) -> Agent:
    """Who made the source, without an address of mail: that is nobody's to publish but their own."""
    author = str(row["author"])
    return Agent(str(row["name"]), author if author.startswith(_ORCID) else None, None, True)


def _title(entry: Entry, said: Mapping[str, Value]) -> str:
    label = _text(said.get("label")) or entry.label
    if entry.kind in registry.EXECUTIONS:
        return f"Execution {entry.name}" + (f" of {label}" if label and label != entry.name else "")
    if entry.kind == "workflow":
        return f"Workflow {label or entry.name}"
    return label or f"{entry.kind.capitalize()} {entry.name}"


def _description(
    entry: Entry, said: Mapping[str, Value], count: int | None, sources: Sequence[Source]
) -> str:
    """Sentences of what the graph says, and nothing else."""
    what = "execution" if entry.kind in registry.EXECUTIONS else entry.kind
    text = f"Provenance of {'an' if what[0] in 'aeiou' else 'a'} {what}"
    if said.get("workflow"):
        text += f" of the workflow {said['workflow']}"
    if said.get("system"):
        text += f" by {said['system']}"
    facts = []
    if count:
        facts.append(f"{count:,} {'steps' if entry.kind == 'workflow' else 'tasks'}")
    if said.get("makespan") is not None:
        facts.append(f"{float(said['makespan'] or 0):,.6g} s")
    if said.get("started"):
        facts.append(f"started {said['started']}")
    sentences = [text + (f": {', '.join(facts)}" if facts else "")]
    if sources:
        read = ", ".join(f"{source.file} ({source.format} {source.format_version})" for source in sources[:5])
        sentences.append(f"Told by {read}" + (f" and {len(sources) - 5} more" if len(sources) > 5 else ""))
    return ". ".join(sentences) + "."


def _keywords(entry: Entry, said: Mapping[str, Value]) -> tuple[str, ...]:
    what = "execution" if entry.kind in registry.EXECUTIONS else entry.kind
    found = (
        "provenance",
        f"workflow {what}" if what == "execution" else what,
        said.get("workflow"),
        said.get("system"),
    )
    return tuple(dict.fromkeys(str(word) for word in found if word))


def _version(said: _Said, entry: Entry) -> str:
    """Content has no number: the first digits of the hash of its bundles."""
    if not entry.members:
        return entry.sha256[:12]
    hashes = (said.known[graph].sha256 for graph in entry.graphs if graph in said.known)
    return hashlib.sha256("\n".join(hashes).encode()).hexdigest()[:12]


def _files(said: _Said, entry: Entry) -> list[tuple[Entry, Path]]:
    if said.folder is None:
        return []
    items = [said.known[graph] for graph in entry.graphs if graph in said.known]
    found = [(item, bundle_path(said.folder, item.sha256)) for item in items]
    return [(item, path) for item, path in found if path.is_file()]


def _entered(paths: Iterable[Path]) -> str | None:
    times = [path.stat().st_mtime for path in paths]
    return datetime.fromtimestamp(int(max(times)), UTC).isoformat().replace("+00:00", "Z") if times else None


def _bundle(item: Entry, path: Path) -> Distribution:
    status = path.stat()
    return Distribution(
        name=path.name,
        format=BUNDLE,
        title=f"Bundle of {item.file_name or item.name}: N-Quads, packed",
        media_type=QUADS,
        packing=PACKED,
        conforms_to="http://www.w3.org/TR/n-quads/",
        size=status.st_size,
        sha256=_checksum(path, status.st_mtime_ns, status.st_size),
    )


@lru_cache(maxsize=16384)
def _checksum(path: Path, changed: int, size: int) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _exports(entry: Entry) -> list[Distribution]:
    fitting = [item for item in exports.formats().values() if entry.kind in item.KINDS and _can(item)]
    if entry.kind == "fusion" and entry.task_graph == entry.graph:
        # No source is a trace: only what can hold any graph can hold that.
        fitting = [item for item in fitting if "other" in item.KINDS]
    return [_export(entry, item) for item in fitting]


def _can(item: object) -> bool:
    """Whether what the format needs is installed; the extras of exports are called as the package that they bring."""
    extra = getattr(item, "EXTRA", None)
    return extra is None or importlib.util.find_spec(extra) is not None


def _export(entry: Entry, item: Any) -> Distribution:
    archived = item.NAME in _ARCHIVED
    summary = (item.__doc__ or item.NAME).splitlines()[0].split(": http")[0].rstrip(".")
    return Distribution(
        name=f"{entry.name}{'.crate.zip' if archived else item.SUFFIX}",
        format=item.NAME,
        title=summary,
        media_type=item.MEDIA_TYPE,
        packing="application/zip" if archived else None,
        conforms_to=getattr(item, "CONFORMS_TO", None),
    )


def _rows(store: Store, query: str, graphs: Iterable[str]) -> list[dict[str, Value]]:
    values = " ".join(map(registry.iri, graphs))
    return list(store.select(prefixes_turtle() + query % values).dicts())


def _first(rows: Iterable[dict[str, Value]]) -> dict[str, dict[str, Value]]:
    found: dict[str, dict[str, Value]] = {}
    for row in rows:
        found.setdefault(str(row["graph"]), row)
    return found


def _grouped(rows: Iterable[dict[str, Value]]) -> dict[str, list[dict[str, Value]]]:
    found: dict[str, list[dict[str, Value]]] = {}
    for row in rows:
        found.setdefault(str(row["graph"]), []).append(row)
    return found


def _text(value: Value) -> str | None:
    return None if value is None else str(value)
