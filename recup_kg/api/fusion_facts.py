"""The facts that a join looks at, read by SPARQL from the graphs of the sources."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from recup_kg.api.fusion_rows import Row, Rows, integer, moment, seconds, text
from recup_kg.fuse.facts import (
    DataObject,
    Environment,
    File,
    Group,
    Job,
    Machine,
    Member,
    Node,
    Task,
    TransferFact,
)
from recup_kg.fuse.files import is_shared
from recup_kg.fuse.jobs import job_key
from recup_kg.store.table import Value

Described = dict[str, dict[str, list[Value]]]

EXECUTIONS = """
SELECT ?graph ?run WHERE { GRAPH ?graph { ?graph recup:describes ?run . ?run a recup:Execution } }"""
SOURCES = """
SELECT ?graph ?described ?converter ?hash ?file ?member WHERE { GRAPH ?graph {
  ?graph recup:describes ?described ; prov:wasDerivedFrom ?source .
  ?source a recup:SourceFile ; recup:fileName ?file ; spdx:checksum/spdx:checksumValue ?hash .
  OPTIONAL { ?graph recup:converter ?converter }
  OPTIONAL { ?source prov:hadMember/recup:fileName ?member }
} }"""
JOBS = """
SELECT ?graph ?job ?id ?scheduler ?parent ?user ?name ?started ?written ?ended WHERE { GRAPH ?graph {
  ?job a recup:Job ; recup:jobId ?id .
  OPTIONAL { ?job recup:scheduler ?scheduler }
  OPTIONAL { ?job recup:stepOf ?parent }
  OPTIONAL { ?job recup:userId ?user }
  OPTIONAL { ?job recup:userName ?name }
  OPTIONAL { ?job prov:startedAtTime ?started }
  OPTIONAL { ?job prov:endedAtTime ?ended }
} }"""
_MOVING = """
SELECT DISTINCT ?graph ?group WHERE { GRAPH ?graph {
  ?record recup:observes ?group ; darshan:POSIX_READS|darshan:POSIX_WRITES ?count .
  ?group a recup:ProcessGroup .
  FILTER (?count > 0)
} }"""
_LISTED = "SELECT ?graph ?node WHERE { GRAPH ?graph { ?run recup:hasNode ?node } }"
_DESCRIBED = """
SELECT ?graph ?thing ?name ?value WHERE {
  VALUES (?name ?predicate) { %s }
  GRAPH ?graph { ?thing a %s ; ?predicate ?value }
}"""


def described(rows: Rows, kind: str, properties: Mapping[str, str]) -> Described:
    """Each thing of a class that has one of the properties, with their values by the given names."""
    pairs = " ".join(f'("{name}" {predicate})' for name, predicate in properties.items())
    found: Described = {}
    for row in rows(_DESCRIBED % (pairs, kind)):
        found.setdefault(str(row["thing"]), defaultdict(list))[str(row["name"])].append(row["value"])
    return found


def first(values: Mapping[str, Sequence[Value]], name: str) -> Value:
    """The first value of that name, or None."""
    given = values.get(name)
    return given[0] if given else None


def members(rows: Rows) -> tuple[Member, ...]:
    """The sources, each with the names of its files."""
    said: dict[str, Row] = {}
    files: dict[str, set[str]] = defaultdict(set)
    for row in rows(SOURCES):
        graph = str(row["graph"])
        said[graph] = row
        files[graph] |= {str(row[name]) for name in ("file", "member") if row[name] is not None}
    return tuple(
        Member(graph, str(row["described"]), str(row["converter"] or ""), tuple(sorted(files[graph])))
        for graph, row in sorted(said.items())
    )


def tasks(rows: Rows) -> tuple[Task, ...]:
    """The task executions."""
    found = described(
        rows,
        "recup:TaskExecution",
        {
            "identifier": "dcterms:identifier",
            "worker": "recup:performedBy",
            "thread": "recup:threadId",
            "start": "prov:startedAtTime",
            "end": "prov:endedAtTime",
            "program": "recup:program",
            "node": "prov:atLocation",
        },
    )
    names = _names(rows)
    return tuple(
        Task(
            iri,
            str(first(said, "identifier") or ""),
            text(first(said, "worker")),
            integer(first(said, "thread")),
            tuple(sorted({names[str(node)] for node in said.get("node", ()) if str(node) in names})),
            seconds(first(said, "start")),
            seconds(first(said, "end")),
            text(first(said, "program")),
        )
        for iri, said in sorted(found.items())
    )


def span(listed: Iterable[Task]) -> tuple[float, float] | None:
    """From the first start to the last end of a task."""
    times = [moment for task in listed for moment in (task.start, task.end) if moment is not None]
    return (min(times), max(times)) if times else None


def groups(rows: Rows) -> tuple[Group, ...]:
    """The process groups."""
    found = described(
        rows,
        "recup:ProcessGroup",
        {
            "label": "rdfs:label",
            "tool": "recup:tool",
            "program": "recup:program",
            "command": "recup:commandLine",
            "process": "recup:processId",
            "job": "recup:jobId",
            "user": "recup:userId",
            "start": "prov:startedAtTime",
            "end": "prov:endedAtTime",
            "host": "recup:nodeName",
        },
    )
    return tuple(
        Group(
            iri,
            str(first(said, "label") or ""),
            text(first(said, "tool")),
            text(first(said, "command")) or text(first(said, "program")),
            integer(first(said, "process")),
            text(first(said, "job")),
            integer(first(said, "user")),
            seconds(first(said, "start")),
            seconds(first(said, "end")),
            tuple(sorted(str(host) for host in said.get("host", ()))),
        )
        for iri, said in sorted(found.items())
    )


def moving(rows: Rows) -> frozenset[str]:
    """The process groups whose counters show that they read or wrote files."""
    return frozenset(str(row["group"]) for row in rows(_MOVING))


def with_hosts(listed: Iterable[Group], hosts: Mapping[str, frozenset[str]]) -> tuple[Group, ...]:
    """The groups with the hosts that their traces name."""
    return tuple(
        replace(group, hosts=tuple(sorted({*group.hosts, *hosts.get(group.iri, ())}))) for group in listed
    )


def files(rows: Rows) -> tuple[File, ...]:
    """The files that tools saw, each with the one process group of its source."""
    owners = described(rows, "recup:ProcessGroup", {"type": "rdf:type"})
    of_base: dict[str, list[str]] = defaultdict(list)
    for group in owners:
        of_base[group.rsplit("/process-group/", 1)[0]].append(group)
    found = described(rows, "recup:AccessedFile", {"path": "recup:path", "system": "recup:fileSystem"})
    listed: list[File] = []
    for iri, said in sorted(found.items()):
        path = text(first(said, "path"))
        if path is not None:
            own = of_base.get(iri.rsplit("/file/", 1)[0], [])
            listed.append(
                File(iri, own[0] if len(own) == 1 else None, path, is_shared(text(first(said, "system"))))
            )
    return tuple(listed)


def mounts(rows: Rows) -> tuple[tuple[str, str], ...]:
    """The mount points with their file systems, over all sources."""
    found = described(rows, "recup:Mount", {"point": "recup:mountPoint", "system": "recup:fileSystem"})
    pairs = {(text(first(said, "point")), text(first(said, "system"))) for said in found.values()}
    return tuple(sorted((point, system) for point, system in pairs if point and system))


def data(rows: Rows) -> tuple[DataObject, ...]:
    """The data objects with the names that their source gives them."""
    found = described(
        rows, "recup:DataObject", {"identifier": "dcterms:identifier", "name": "recup:logicalName"}
    )
    return tuple(
        DataObject(iri, tuple(sorted({str(name) for names in said.values() for name in names})))
        for iri, said in sorted(found.items())
    )


def jobs(rows: Rows) -> tuple[Job, ...]:
    """The jobs and their steps."""
    nodes = described(rows, "recup:Job", {"node": "recup:nodeName"})
    found: dict[str, Job] = {}
    for row in rows(JOBS):
        iri = str(row["job"])
        found[iri] = Job(
            iri,
            str(row["id"]),
            text(row["parent"]),
            text(row["scheduler"]),
            integer(row["user"]),
            moment(row["started"]),
            moment(row["ended"]),
            tuple(sorted(str(name) for name in nodes.get(iri, {}).get("node", ()))),
        )
    return tuple(found[iri] for iri in sorted(found))


def job_identity(row: Row) -> tuple[str, str, str]:
    """What tells a job from all others: its id, its user, its start as the source has them."""
    return job_key(str(row["id"])), str(row["user"] or row["name"] or ""), str(row["started"] or "")


def nodes(rows: Rows, run: str) -> tuple[Node, ...]:
    """The nodes of the task graph."""
    listed = {str(row["node"]) for row in rows(_LISTED)}
    found = described(rows, "recup:ComputeNode", {"name": "recup:nodeName"})
    return tuple(
        Node(iri, str(first(said, "name")), iri in listed)
        for iri, said in sorted(found.items())
        if iri.startswith(f"{run}/")
    )


def machines(rows: Rows) -> tuple[Machine, ...]:
    """The machines that environment sources describe and name."""
    found = described(rows, "recup:Machine", {"name": "recup:nodeName"})
    return tuple(
        Machine(iri, str(first(said, "name"))) for iri, said in sorted(found.items()) if said.get("name")
    )


def environments(rows: Rows) -> tuple[Environment, ...]:
    """The environment snapshots."""
    found = described(rows, "recup:EnvironmentSnapshot", {"label": "rdfs:label", "host": "recup:nodeName"})
    return tuple(Environment(iri, text(first(said, "host"))) for iri, said in sorted(found.items()))


def transfers(rows: Rows) -> tuple[TransferFact, ...]:
    """The transfers between processes."""
    found = described(
        rows,
        "recup:Transfer",
        {
            "from": "recup:fromProcess",
            "to": "recup:toProcess",
            "by": "recup:recordedBy",
            "of": "recup:transferred",
        },
    )
    return tuple(
        TransferFact(text(first(said, "from")), text(first(said, "to")), text(first(said, "by")))
        for _, said in sorted(found.items())
    )


def _names(rows: Rows) -> dict[str, str]:
    found = described(rows, "recup:ComputeNode", {"name": "recup:nodeName"})
    return {iri: str(first(said, "name")) for iri, said in found.items()}


def program_name(path: str) -> str:
    """A program without its folder."""
    return PurePosixPath(path).name or path
