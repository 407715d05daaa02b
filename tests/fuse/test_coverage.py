"""What is missing is found, and nothing is found that is there or was idle."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recup_kg.fuse import Facts, join
from recup_kg.fuse.coverage import SOURCES
from recup_kg.fuse.facts import Group, Job, Member, Node
from recup_kg.fusions import SourceCoverage, State
from tests.fuse.samples import RUN, TABLES, cluster

WORKERS = "dask worker transitions"
SCHEDULER = "dask scheduler transitions"
SECOND = ((2, 0), (2, 1))


def rows(facts: Facts, source: str) -> dict[str | None, SourceCoverage]:
    return {row.host: row for row in join(facts).coverage if row.source == source}


def states(facts: Facts, source: str) -> dict[str | None, tuple[int | None, int, str]]:
    return {host: (row.expected, row.observed, row.state.value) for host, row in rows(facts, source).items()}


def wrong(facts: Facts) -> list[tuple[str | None, str]]:
    """The sources of which not all arrived, apart from the scheduler's transitions where the sample has none."""
    found = [row for row in join(facts).coverage if facts.scheduled or row.source != SCHEDULER]
    return [(row.host, row.source) for row in found if row.state in (State.PARTIAL, State.MISSING)]


@pytest.mark.parametrize("hosts", [1, 2, 3])
@pytest.mark.parametrize("threads", [True, False])
def test_nothing_is_missing_where_all_arrived(hosts: int, threads: bool) -> None:
    assert wrong(cluster(hosts, 2, threads=threads)) == []


@pytest.mark.parametrize("idle", [((1, 1),), ((2, 0), (2, 1)), ((1, 0), (2, 1))])
@pytest.mark.parametrize("threads", [True, False])
def test_idle_workers_are_no_gap(idle: tuple[tuple[int, int], ...], threads: bool) -> None:
    assert wrong(cluster(2, 2, threads=threads, idle=idle)) == []


def test_a_node_whose_events_are_missing_is_found_and_named() -> None:
    facts = cluster(2, 2, threads=False, silent=SECOND)
    assert states(facts, WORKERS) == {"node1": (2, 2, "complete"), "node2": (2, 0, "missing")}
    row = rows(facts, WORKERS)["node2"]
    assert row.why == (
        "0 of 2 workers at node2 (10.0.0.2, the only address and the only host that are left) reported 0 transitions; "
        "2 more took part in transfers"
    )


def test_without_transfers_it_is_found_by_what_the_processes_did() -> None:
    facts = replace(cluster(2, 2, threads=False, silent=SECOND), transfers=())
    assert states(facts, WORKERS)["node2"] == (2, 0, "missing")
    assert "a tool observed 2 processes of workers there" in rows(facts, WORKERS)["node2"].why


def test_without_logs_it_is_found_by_transfers_and_named_by_address() -> None:
    facts = replace(cluster(2, 2, threads=False, silent=SECOND), groups=(), segments={})
    assert states(facts, WORKERS) == {"10.0.0.1": (2, 2, "complete"), "10.0.0.2": (2, 0, "missing")}


def test_by_the_scheduler_alone() -> None:
    facts = replace(cluster(2, 2, silent=SECOND), groups=(), segments={}, transfers=())
    row = rows(facts, WORKERS)["10.0.0.2"]
    assert (row.expected, row.observed, row.state) == (2, 0, State.MISSING)
    assert row.why.endswith("2 more ran tasks, as the scheduler says")


def test_two_of_three_nodes() -> None:
    facts = cluster(3, 2, threads=True, silent=((3, 0), (3, 1)))
    assert states(facts, WORKERS) == {
        "node1": (2, 2, "complete"),
        "node2": (2, 2, "complete"),
        "node3": (2, 0, "missing"),
    }


def test_one_silent_worker_of_a_node_is_partial() -> None:
    facts = cluster(2, 2, silent=((2, 1),))
    assert states(facts, WORKERS)["node2"] == (2, 1, "partial")
    assert wrong(facts) == [("node2", "dask transfers"), ("node2", WORKERS)]


def test_full_names_of_the_list_of_nodes_are_shown() -> None:
    listed = (Node(f"{RUN}/node/1", "node1.x.org"), Node(f"{RUN}/node/2", "node2.x.org"))
    facts = replace(cluster(2, 2, threads=False, silent=SECOND), nodes=listed)
    assert states(facts, WORKERS)["node2.x.org"] == (2, 0, "missing")


@pytest.mark.parametrize("absent", TABLES)
def test_a_kind_of_file_that_is_absent_as_a_whole_has_no_host(absent: str) -> None:
    facts = cluster(files=tuple(name for name in TABLES if name != absent))
    source = next(source for source, stem in SOURCES.items() if f"{stem}.csv" == absent)
    found = rows(facts, source)
    assert list(found) == [None]
    assert found[None].state is State.MISSING
    assert found[None].observed == 0


def test_transfers_are_recorded_at_both_ends() -> None:
    facts = cluster(2, 2)
    assert states(facts, "dask transfers") == {"node1": (2, 2, "complete"), "node2": (2, 2, "complete")}
    silent = cluster(2, 2, silent=SECOND)
    assert states(silent, "dask transfers")["node2"] == (2, 0, "missing")
    incoming = tuple(one for one in facts.transfers if one.recorder == one.receiver)
    assert states(replace(facts, transfers=incoming), "dask transfers") == {
        "node1": (1, 1, "complete"),
        "node2": (2, 2, "complete"),
    }
    nobody = tuple(one._replace(recorder=None) for one in facts.transfers)
    assert states(replace(facts, transfers=nobody), "dask transfers") == {None: (None, 6, "unknown")}


def test_logs_of_processes_per_host() -> None:
    facts = cluster(2, 2)
    assert states(facts, "darshan") == {"node1": (2, 2, "complete"), "node2": (2, 2, "complete")}
    fewer = replace(facts, groups=facts.groups[:3] + facts.groups[4:])
    assert states(fewer, "darshan")["node2"] == (2, 1, "partial")
    none = replace(facts, groups=tuple(group for group in facts.groups if "worker-2" not in group.iri))
    assert states(none, "darshan") == {"node1": (2, 2, "complete"), "10.0.0.2": (2, 0, "missing")}


def test_traces_that_could_not_be_read() -> None:
    facts = cluster(1, 2)
    broken = facts.groups[0].iri
    rest = {iri: items for iri, items in facts.segments.items() if iri != broken}
    changed = replace(facts, segments=rest, unreadable=frozenset((broken,)))
    assert states(changed, "darshan dxt") == {"node1": (2, 1, "partial")}
    assert "that of 1 could not be read" in rows(changed, "darshan dxt")["node1"].why
    assert states(replace(facts, segments={}), "darshan dxt") == {}


def test_a_process_that_moved_data_and_has_no_trace() -> None:
    facts = cluster(1, 2, idle=((1, 1),))
    assert states(facts, "darshan dxt") == {"node1": (1, 1, "complete")}
    moving = frozenset(group.iri for group in facts.groups[:2])
    assert states(replace(facts, moving=moving), "darshan dxt") == {"node1": (2, 1, "partial")}


def test_logs_of_other_programs_are_counted_without_a_claim() -> None:
    logs = (Group("a", tool="darshan", command="./app"), Group("b", tool="darshan", command="./app"))
    facts = Facts(RUN, groups=logs, jobs=(Job("j", "7"), Job("j/1", "7", parent="j")))
    assert states(facts, "darshan") == {None: (None, 2, "unknown")}
    assert states(facts, "job record") == {None: (None, 1, "unknown")}
    assert states(facts, WORKERS) == {}
    assert wrong(facts) == []


def test_a_task_graph_of_another_format() -> None:
    facts = Facts(RUN, members=(Member("g", RUN, "wfformat", ("a.json",)),), tasks=cluster().tasks)
    assert states(facts, "wfformat") == {None: (None, 40, "unknown")}
