"""What a store says of the bundles in it: the graph `https://w3id.org/recup/index`, and what each bundle says of itself."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Literal

import pyoxigraph

from recup_kg.store.table import Table
from recup_kg.vocab import INDEX_GRAPH, OWL, PROV, RDF, RDFS, RECUP, SPDX, WFPROV

Kind = Literal[
    "execution",
    "fusion",
    "workflow",
    "comparison",
    "evidence",
    "vocabulary",
    "baseline",
    "metrics",
    "results",
    "tag",
    "other",
]

EXECUTIONS: tuple[Kind, ...] = ("execution", "fusion")
_FUSION = RECUP + "Fusion"
_KINDS: dict[str, Kind] = {
    _FUSION: "fusion",
    RECUP + "Execution": "execution",
    RECUP + "Workflow": "workflow",
    RECUP + "Comparison": "comparison",
    RECUP + "GroupComparison": "comparison",
    RECUP + "Evidence": "evidence",
    OWL + "Ontology": "vocabulary",
    RECUP + "Baseline": "baseline",
    RECUP + "MetricComputation": "metrics",
    RECUP + "ResultComparison": "results",
    RECUP + "Tagging": "tag",
}
_NAME_STARTS: dict[Kind, str] = {
    "workflow": "workflow",
    "comparison": "compare",
    "evidence": "evidence",
    "vocabulary": "vocabulary",
    "baseline": "baseline",
    "metrics": "metrics",
    "results": "results",
    "tag": "tag",
    "other": "bundle",
}
_PACKED = frozenset((".gz", ".bz2", ".xz", ".zst"))
_SHORT = 8

_FACTS = f"""
  GRAPH ?graph {{
    ?graph <{RECUP}describes> ?described .
    OPTIONAL {{ VALUES ?type {{ {" ".join(f"<{kind}>" for kind in _KINDS)} }} ?described <{RDF}type> ?type }}
    OPTIONAL {{ VALUES ?special {{ <{_FUSION}> }} ?graph <{RDF}type> ?special }}
    OPTIONAL {{ ?described <{RDFS}label> ?label }}
    OPTIONAL {{ ?graph <{RDFS}label> ?title }}
    OPTIONAL {{ ?described <{WFPROV}describedByWorkflow> ?workflow }}
    OPTIONAL {{
      ?graph <{PROV}wasDerivedFrom> ?source .
      ?source <{RECUP}fileName> ?file ; <{SPDX}checksum>/<{SPDX}checksumValue> ?checksum
    }}
  }}"""
_COLUMNS = "?graph ?described ?type ?special ?label ?title ?workflow ?file ?checksum"
ENTRIES = f"""SELECT {_COLUMNS} ?name ?sha256 ?position {{
  GRAPH <{INDEX_GRAPH}> {{
    ?graph <{RECUP}bundleFile> ?sha256 ; <{RECUP}indexedAs> ?name ; <{RECUP}indexPosition> ?position
  }}{_FACTS}
}} ORDER BY ?position ?file"""
"""SPARQL for `entries`."""
MEMBERS = f"""SELECT ?graph ?member {{
  GRAPH ?graph {{ ?graph <{RDF}type> <{_FUSION}> ; <{RECUP}fuses> ?member }}
}} ORDER BY ?graph ?member"""
"""SPARQL for the graphs that each fusion joins."""
FILES = f"SELECT ?graph ?sha256 {{ GRAPH <{INDEX_GRAPH}> {{ ?graph <{RECUP}bundleFile> ?sha256 }} }}"
"""SPARQL for the graphs in the index and the hashes of their bundles."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a bundle says of itself; `file_name` and `source_sha256` are of its first source, `title` is its own label."""

    graph: str
    kind: Kind
    described: str
    label: str | None
    workflow: str | None
    file_name: str | None
    source_sha256: str | None
    title: str | None = None
    members: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A bundle in a store. `name` is unique among executions; `position` rises in the order of indexing.

    Of a fusion, `members` are the graphs that it joins, and `task_graph` the one among them that describes the execution's
    tasks; of anything else that is its own graph.
    """

    graph: str
    name: str
    sha256: str
    position: int
    kind: Kind
    described: str
    label: str | None = None
    workflow: str | None = None
    file_name: str | None = None
    source_sha256: str | None = None
    title: str | None = None
    members: tuple[str, ...] = ()
    task_graph: str = ""

    @property
    def graphs(self) -> tuple[str, ...]:
        """The graph, and those that it joins."""
        return (self.graph, *self.members)


def contains_query(graph: str) -> str:
    """SPARQL ASK: is the graph in the index?"""
    return f"ASK {{ GRAPH <{INDEX_GRAPH}> {{ {iri(graph)} <{RECUP}bundleFile> ?sha256 }} }}"


def file_query(graph: str) -> str:
    """SPARQL for the hash of the bundle of a graph, `?sha256`."""
    return f"SELECT ?sha256 {{ GRAPH <{INDEX_GRAPH}> {{ {iri(graph)} <{RECUP}bundleFile> ?sha256 }} }}"


def facts_query(graphs: Iterable[str]) -> str:
    """SPARQL for `facts`."""
    return f"SELECT {_COLUMNS} {{ VALUES ?graph {{ {' '.join(map(iri, graphs))} }}{_FACTS} }} ORDER BY ?graph ?file"


def members_query(graphs: Iterable[str]) -> str:
    """SPARQL for what new fusions join; `facts` wants it."""
    values = " ".join(map(iri, graphs))
    return f"SELECT ?graph ?member {{ VALUES ?graph {{ {values} }} GRAPH ?graph {{ ?graph <{RECUP}fuses> ?member }} }}"


def facts(table: Table, members: Table) -> dict[str, Facts]:
    """What bundles say of themselves, by graph."""
    found: dict[str, Facts] = {}
    joined = _joined(members)
    for row in table.dicts():
        said = _facts(row)
        found.setdefault(said.graph, replace(said, members=tuple(joined.get(said.graph, ()))))
    return found


def entries(table: Table, members: Table) -> tuple[Entry, ...]:
    """The registry, from the solutions of `ENTRIES` and `MEMBERS`, in the order of indexing."""
    found: dict[str, Entry] = {}
    for row in table.dicts():
        said = _facts(row)
        entry = _entry(said, str(row["name"]), str(row["sha256"]), int(row["position"] or 0))
        found.setdefault(entry.graph, entry)
    joined = _joined(members)
    return tuple(
        _with_members(entry, joined[graph], found) if graph in joined else entry
        for graph, entry in found.items()
    )


def runs(known: Sequence[Entry]) -> tuple[Entry, ...]:
    """The entries that stand for a run each: fusions, and executions that no fusion joins with other sources."""
    joined = {graph for entry in known for graph in entry.members}
    return tuple(entry for entry in known if entry.kind in EXECUTIONS and entry.graph not in joined)


def enter(said: Iterable[tuple[Facts, str]], known: Sequence[Entry]) -> Iterator[Entry]:
    """Entries for new bundles, each given with its hash, with names that no execution has yet."""
    names = {entry.graph: entry.name for entry in known}
    taken = set(names.values())
    position = max((entry.position for entry in known), default=0)
    for place, (fact, sha256) in enumerate(said, position + 1):
        # A run directory and a trace in it may be called the same: what is joined is no run of its own any more.
        free = {names[member] for member in fact.members if member in names}
        names[fact.graph] = _unique(wanted_name(fact), taken - free if free else taken)
        taken.add(names[fact.graph])
        yield _entry(fact, names[fact.graph], sha256, place)


def insertion(new: Iterable[Entry]) -> str:
    """SPARQL Update that puts entries into the index."""
    lines = "".join(
        f"{iri(entry.graph)} <{RECUP}indexedAs> {pyoxigraph.Literal(entry.name)} ; "
        f'<{RECUP}bundleFile> "{entry.sha256}" ; <{RECUP}indexPosition> {entry.position} .\n'
        for entry in new
    )
    return f"INSERT DATA {{ GRAPH <{INDEX_GRAPH}> {{\n{lines}}} }}"


def deletion(graphs: Collection[str]) -> str:
    """SPARQL Update that takes graphs out of the index, and then drops them."""
    drops = "".join(f";\nDROP SILENT GRAPH {iri(graph)}" for graph in graphs)
    values = " ".join(map(iri, graphs))
    pattern = f"GRAPH <{INDEX_GRAPH}> {{ ?graph ?property ?value }}"
    return f"DELETE {{ {pattern} }} WHERE {{ VALUES ?graph {{ {values} }} {pattern} }}{drops}"


def also_removed(graph: str, known: Sequence[Entry]) -> tuple[str, ...]:
    """The graphs to remove with one: what it joins and no other run does, and workflows that no execution has then."""
    found = next((entry for entry in known if entry.graph == graph), None)
    if found is None:
        return (graph,)
    others = {member for entry in known if entry.graph != graph for member in entry.members}
    gone = [graph, *(member for member in found.members if member not in others)]
    kept = {entry.workflow for entry in known if entry.graph not in gone}
    workflows = {entry.workflow for entry in known if entry.graph in gone} - kept - {None}
    return (*gone, *(entry.graph for entry in known if entry.described in workflows))


def wanted_name(said: Facts | Entry) -> str:
    """The name of a bundle where it is not taken: its own label, or for an execution the stem of the source file."""
    identity = said.described.rsplit("/", 1)[-1][:_SHORT]
    if said.kind == "fusion" and said.title:
        return _one_word(said.title)
    if said.kind not in EXECUTIONS:
        return f"{_NAME_STARTS[said.kind]}-{identity}"
    return name_of_file(said.file_name or "") or f"run-{identity}"


def name_of_file(file_name: str) -> str:
    """The name that a run gets from a file: its stem, in one word."""
    path = PurePath(file_name)
    if path.suffix in _PACKED:
        path = path.with_suffix("")
    return _one_word(path.stem)


def iri(value: str) -> str:
    """An IRI as SPARQL has it. Raises ValueError for text that is no IRI."""
    return str(pyoxigraph.NamedNode(value))


def _facts(row: dict[str, str | int | float | bool | None]) -> Facts:
    def text(name: str) -> str | None:
        return None if row[name] is None else str(row[name])

    return Facts(
        graph=str(row["graph"]),
        kind=_KINDS.get(text("special") or text("type") or "", "other"),
        described=str(row["described"]),
        label=text("label"),
        workflow=text("workflow"),
        file_name=text("file"),
        source_sha256=text("checksum"),
        title=text("title"),
    )


def _entry(said: Facts, name: str, sha256: str, position: int) -> Entry:
    return Entry(
        said.graph,
        name,
        sha256,
        position,
        said.kind,
        said.described,
        said.label,
        said.workflow,
        said.file_name,
        said.source_sha256,
        said.title,
        (),
        said.graph,
    )


def _joined(members: Table) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in members.dicts():
        found.setdefault(str(row["graph"]), []).append(str(row["member"]))
    return found


def _one_word(name: str) -> str:
    return re.sub(r"\s+", "-", name.strip())


def _with_members(entry: Entry, members: Sequence[str], known: Mapping[str, Entry]) -> Entry:
    tasks = [graph for graph in members if graph in known and known[graph].kind == "execution"]
    first = known[tasks[0]] if tasks else entry
    return replace(
        entry, members=tuple(members), task_graph=first.graph, workflow=first.workflow, label=first.label
    )


def _unique(name: str, taken: Collection[str]) -> str:
    number, candidate = 1, name
    while candidate in taken:
        number += 1
        candidate = f"{name}-{number}"
    return candidate
