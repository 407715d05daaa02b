"""From the graphs of one execution's sources to the graph that joins them: the facts by SPARQL, the join, the graph."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from recup_kg.api import fusion_facts as read
from recup_kg.api.fusion_configuration import configuration as configuration_of
from recup_kg.api.fusion_rows import Rows
from recup_kg.api.fusion_scheduling import scheduling
from recup_kg.api.fusion_segments import segments_of
from recup_kg.fuse import Facts, join
from recup_kg.fuse.fingerprint import DEFAULT
from recup_kg.fusions import UnusedFile
from recup_kg.rdf.fusion import fusion_graph
from recup_kg.rdf.graph import Graph
from recup_kg.store.table import Table
from recup_kg.vocab import digest, run_iri

if TYPE_CHECKING:
    import pyarrow


@dataclass(frozen=True, slots=True)
class RunName:
    """What the run is called, and its IRI where it has one already."""

    label: str
    iri: str | None = None


def fuse(
    select: Callable[[str], Table],
    members: Sequence[str],
    run: RunName,
    tables: Callable[[str], pyarrow.Table | None],
    refused: Sequence[tuple[Path, str]] = (),
    unrecognised: Sequence[Path] = (),
    configuration: Collection[str] = DEFAULT,
) -> Graph:
    """The graph that joins the sources of one run.

    `select` asks a store that holds the graphs `members`; `tables` gives a side table by the hash of its content, None where it
    is not there. `refused` are files that could not be used, each with the error's line, `unrecognised` those of no known format.
    `configuration` names the facts of the fingerprint (`recup_kg.fuse.fingerprint.FACTS`).
    """
    rows = Rows(select, frozenset(members))
    name, described = run_of(rows, run)
    facts = facts_of(rows, name, tables)
    unused = [UnusedFile(path.name, _own_words(path, problem)) for path, problem in refused]
    unused += [UnusedFile(path.name, "of no format that is read") for path in unrecognised]
    fused = join(facts, configuration)
    return fusion_graph(name, run.label, sorted(set(members)), fused, unused, described=described)


def run_of(rows: Rows, run: RunName) -> tuple[str, bool]:
    """The IRI of the run, and whether a member describes it.

    It is the execution that a member describes; the given one where several do, or none; else made from the job that the sources
    tell of, or from their hashes.
    """
    executions = sorted({str(row["run"]) for row in rows(read.EXECUTIONS)})
    if len(executions) == 1 or (executions and run.iri not in executions):
        return executions[0], True
    if run.iri is not None:
        return run.iri, run.iri in executions
    jobs = sorted({read.job_identity(row) for row in rows(read.JOBS) if row["parent"] is None})
    if len(jobs) == 1:
        return run_iri(digest(["job", *jobs[0]])), False
    hashes = sorted({str(row["hash"]) for row in rows(read.SOURCES)})
    return run_iri(digest(["sources", *hashes])), False


def facts_of(rows: Rows, run: str, tables: Callable[[str], pyarrow.Table | None]) -> Facts:
    """All that the members tell and that the join looks at."""
    groups = read.groups(rows)
    segments, hosts, unreadable = segments_of(rows, groups, tables)
    tasks, dask = read.tasks(rows), scheduling(rows, run)
    return Facts(
        run=run,
        members=read.members(rows),
        tasks=tasks,
        stretches=dask.stretches,
        workers=dask.workers,
        listed_workers=dask.listed,
        groups=read.with_hosts(groups, hosts),
        segments=segments,
        unreadable=unreadable,
        moving=read.moving(rows),
        files=read.files(rows),
        mounts=read.mounts(rows),
        data=read.data(rows),
        jobs=read.jobs(rows),
        nodes=read.nodes(rows, run),
        machines=read.machines(rows),
        environments=read.environments(rows),
        transfers=read.transfers(rows),
        events=dask.events or {},
        scheduled=dask.scheduled,
        assigned=dask.assigned,
        ended=dask.ended,
        submitted=dask.submitted,
        span=dask.span or read.span(tasks),
        configuration=configuration_of(rows, run),
    )


def _own_words(path: Path, problem: str) -> str:
    """The problem without the folder of this machine."""
    return problem.replace(str(path), path.name)
