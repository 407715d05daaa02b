"""What a store says of the bundles in it: the graph `https://w3id.org/recup/index`, and what each bundle says of itself."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

import pyoxigraph

from recup_kg.store.table import Table
from recup_kg.vocab import INDEX_GRAPH, PROV, RDF, RDFS, RECUP, SPDX, WFPROV

Kind = Literal["execution", "workflow", "comparison", "other"]

EXECUTIONS: tuple[Kind, ...] = ("execution",)
_KINDS: dict[str, Kind] = {
    RECUP + "Execution": "execution",
    RECUP + "Workflow": "workflow",
    RECUP + "Comparison": "comparison",
}
_NAME_STARTS: dict[Kind, str] = {"workflow": "workflow", "comparison": "compare", "other": "bundle"}
_PACKED = frozenset((".gz", ".bz2", ".xz", ".zst"))
_SHORT = 8

_FACTS = f"""
  GRAPH ?graph {{
    ?graph <{RECUP}describes> ?described .
    OPTIONAL {{ VALUES ?type {{ {" ".join(f"<{kind}>" for kind in _KINDS)} }} ?described <{RDF}type> ?type }}
    OPTIONAL {{ ?described <{RDFS}label> ?label }}
    OPTIONAL {{ ?described <{WFPROV}describedByWorkflow> ?workflow }}
    OPTIONAL {{
      ?graph <{PROV}wasDerivedFrom> ?source .
      ?source <{RECUP}fileName> ?file ; <{SPDX}checksum>/<{SPDX}checksumValue> ?checksum
    }}
  }}"""
_COLUMNS = "?graph ?described ?type ?label ?workflow ?file ?checksum"
ENTRIES = f"""SELECT {_COLUMNS} ?name ?sha256 ?position {{
  GRAPH <{INDEX_GRAPH}> {{
    ?graph <{RECUP}bundleFile> ?sha256 ; <{RECUP}indexedAs> ?name ; <{RECUP}indexPosition> ?position
  }}{_FACTS}
}} ORDER BY ?position ?file"""
"""SPARQL for `entries`."""
FILES = f"SELECT ?graph ?sha256 {{ GRAPH <{INDEX_GRAPH}> {{ ?graph <{RECUP}bundleFile> ?sha256 }} }}"
"""SPARQL for the graphs in the index and the hashes of their bundles."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a bundle says of itself; `file_name` and `source_sha256` are of its first source."""

    graph: str
    kind: Kind
    described: str
    label: str | None
    workflow: str | None
    file_name: str | None
    source_sha256: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A bundle in a store. `name` is unique among executions; `position` rises in the order of indexing."""

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


def contains_query(graph: str) -> str:
    """SPARQL ASK: is the graph in the index?"""
    return f"ASK {{ GRAPH <{INDEX_GRAPH}> {{ {iri(graph)} <{RECUP}bundleFile> ?sha256 }} }}"


def file_query(graph: str) -> str:
    """SPARQL for the hash of the bundle of a graph, `?sha256`."""
    return f"SELECT ?sha256 {{ GRAPH <{INDEX_GRAPH}> {{ {iri(graph)} <{RECUP}bundleFile> ?sha256 }} }}"


def facts_query(graphs: Iterable[str]) -> str:
    """SPARQL for `facts`."""
    return f"SELECT {_COLUMNS} {{ VALUES ?graph {{ {' '.join(map(iri, graphs))} }}{_FACTS} }} ORDER BY ?graph ?file"


def facts(table: Table) -> dict[str, Facts]:
    """What bundles say of themselves, by graph."""
    found: dict[str, Facts] = {}
    for row in table.dicts():
        found.setdefault(str(row["graph"]), _facts(row))
    return found


def entries(table: Table) -> tuple[Entry, ...]:
    """The registry, from the solutions of `ENTRIES`, in the order of indexing."""
    found: dict[str, Entry] = {}
    for row in table.dicts():
        said = _facts(row)
        entry = _entry(said, str(row["name"]), str(row["sha256"]), int(row["position"] or 0))
        found.setdefault(entry.graph, entry)
    return tuple(found.values())


def enter(said: Iterable[tuple[Facts, str]], known: Sequence[Entry]) -> Iterator[Entry]:
    """Entries for new bundles, each given with its hash, with names that no execution has yet."""
    taken = {entry.name for entry in known}
    position = max((entry.position for entry in known), default=0)
    for place, (fact, sha256) in enumerate(said, position + 1):
        name = _unique(wanted_name(fact), taken)
        taken.add(name)
        yield _entry(fact, name, sha256, place)


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
    """The graphs to remove with one: itself, and the workflow of an execution that no other execution has."""
    workflow = next((entry.workflow for entry in known if entry.graph == graph), None)
    users = [entry.graph for entry in known if entry.workflow is not None and entry.workflow == workflow]
    if users != [graph]:
        return (graph,)
    return (graph, *(entry.graph for entry in known if entry.described == workflow))


def wanted_name(said: Facts | Entry) -> str:
    """The name of a bundle where it is not taken: the stem of the source file for an execution."""
    identity = said.described.rsplit("/", 1)[-1][:_SHORT]
    if said.kind != "execution":
        return f"{_NAME_STARTS[said.kind]}-{identity}"
    path = PurePath(said.file_name or "")
    if path.suffix in _PACKED:
        path = path.with_suffix("")
    return re.sub(r"\s+", "-", path.stem.strip()) or f"run-{identity}"


def iri(value: str) -> str:
    """An IRI as SPARQL has it. Raises ValueError for text that is no IRI."""
    return str(pyoxigraph.NamedNode(value))


def _facts(row: dict[str, str | int | float | bool | None]) -> Facts:
    def text(name: str) -> str | None:
        return None if row[name] is None else str(row[name])

    return Facts(
        graph=str(row["graph"]),
        kind=_KINDS.get(text("type") or "", "other"),
        described=str(row["described"]),
        label=text("label"),
        workflow=text("workflow"),
        file_name=text("file"),
        source_sha256=text("checksum"),
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
    )


def _unique(name: str, taken: Collection[str]) -> str:
    number, candidate = 1, name
    while candidate in taken:
        number += 1
        candidate = f"{name}-{number}"
    return candidate
