"""Which worker was which process: by thread, by times, by exclusion, or not at all."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from recup_kg.fuse import Facts, join
from recup_kg.fuse.facts import Segment, Worker
from recup_kg.fuse.workers import MINIMUM_EVIDENCE, join_workers
from recup_kg.fusions import Certainty
from tests.fuse.samples import POOL, cluster, group, worker


def pairs(facts: Facts) -> dict[tuple[str, str], Certainty]:
    return {(link.subject, link.object): link.certainty for link in join_workers(facts).links}


def expected(hosts: int, workers: int, certainty: Certainty) -> dict[tuple[str, str], Certainty]:
    slots = [(host, number) for host in range(1, hosts + 1) for number in range(workers)]
    return {(worker(*slot).iri, group(*slot).iri): certainty for slot in slots}


def test_by_thread() -> None:
    facts = cluster()
    assert pairs(facts) == expected(2, 2, Certainty.EXACT)
    assert join_workers(facts).host_of == {"10.0.0.1": "node1", "10.0.0.2": "node2"}


def test_by_times_where_no_thread_is_known() -> None:
    facts = cluster(threads=False)
    assert pairs(facts) == expected(2, 2, Certainty.INTERVAL)


def test_a_thread_number_that_any_process_may_have_tells_nothing() -> None:
    facts = cluster(1, 2)
    low = {
        iri: tuple(item._replace(thread=(item.thread or 0) % POOL) for item in items)
        for iri, items in facts.segments.items()
    }
    named = tuple((name, (thread or 0) % POOL) for name, thread in facts.assigned)
    tasks = tuple(replace(task, thread=(task.thread or 0) % POOL) for task in facts.tasks)
    join_ = join_workers(replace(facts, segments=low, assigned=named, tasks=tasks, stretches=()))
    assert join_.links == []
    assert {item.candidates for item in join_.unjoined} == {2}


def test_a_thread_of_two_processes_tells_nothing() -> None:
    facts = cluster(1, 2)
    both = tuple(item for items in facts.segments.values() for item in items)
    found = join_workers(replace(facts, segments=dict.fromkeys(facts.segments, both), stretches=()))
    assert found.links == []


def test_idle_workers_stay_unjoined_with_the_number_of_candidates() -> None:
    facts = cluster(1, 4, idle=((1, 2), (1, 3)))
    found = join_workers(facts)
    assert len(found.links) == 2
    assert [(item.subject, item.candidates) for item in found.unjoined] == [
        (worker(1, 2).iri, 2),
        (worker(1, 3).iri, 2),
    ]


def test_the_one_that_is_left_is_only_a_candidate() -> None:
    found = pairs(cluster(1, 3, idle=((1, 2),)))
    assert found[worker(1, 2).iri, group(1, 2).iri] is Certainty.CANDIDATE
    assert sorted(one.value for one in found.values()) == ["Exact", "Exact", "OnlyCandidate"]


def test_by_process_id_and_host() -> None:
    facts = cluster(1, 1, threads=False)
    told = replace(
        facts, workers=(Worker(worker(1, 0).iri, host="NODE1.example.org", process_id=7),), stretches=()
    )
    same = (replace(told.groups[0], process_id=7), *told.groups[1:])
    assert pairs(replace(told, groups=same)) == expected(1, 1, Certainty.EXACT)
    other = (replace(told.groups[0], process_id=7, hosts=("node2",)), *told.groups[1:])
    assert pairs(replace(told, groups=other)) == {}


def test_too_few_operations_tell_nothing() -> None:
    facts = cluster(2, 1, threads=False)
    few = {iri: items[:MINIMUM_EVIDENCE] for iri, items in facts.segments.items()}
    assert pairs(replace(facts, segments=few)) == {}


def test_workers_that_do_the_same_at_the_same_time_stay_unjoined() -> None:
    facts = cluster(2, 1, threads=False)
    alike = next(iter(facts.segments.values()))
    found = join_workers(replace(facts, segments=dict.fromkeys(facts.segments, alike)))
    assert found.links == []
    assert len(found.unjoined) == 2


def test_without_traces_two_nodes_can_not_be_told_apart() -> None:
    facts = replace(cluster(2, 1, threads=False), segments={})
    found = join_workers(facts)
    assert found.links == [] and found.host_of == {}


def test_the_last_address_is_the_last_host() -> None:
    found = join_workers(cluster(2, 2, threads=False, silent=((2, 0), (2, 1))))
    assert found.host_of == {"10.0.0.1": "node1", "10.0.0.2": "node2"}
    assert found.host_certainty == {"10.0.0.1": Certainty.INTERVAL, "10.0.0.2": Certainty.CANDIDATE}


@given(st.integers(0, 2**32), st.booleans(), st.booleans())
def test_the_order_of_the_facts_does_not_matter(seed: int, threads: bool, silent: bool) -> None:
    facts = cluster(2, 2, threads=threads, silent=((2, 0), (2, 1)) if silent else ())
    assert join(shuffled(facts, random.Random(seed))) == join(facts)


def shuffled(facts: Facts, by: random.Random) -> Facts:
    def mixed(items: tuple[object, ...]) -> tuple[object, ...]:
        return tuple(by.sample(items, len(items)))

    keys = by.sample(list(facts.segments), len(facts.segments))
    changed = {
        name: mixed(getattr(facts, name))
        for name in ("tasks", "stretches", "workers", "groups", "transfers", "assigned")
    }
    return replace(facts, segments={key: mixed(facts.segments[key]) for key in keys}, **changed)  # type: ignore[arg-type]


@given(st.integers(1, 3), st.integers(1, 3), st.booleans())
def test_no_link_without_evidence(hosts: int, workers: int, threads: bool) -> None:
    """Every link but that of exclusion rests on operations or threads of both ends."""
    facts = cluster(hosts, workers, threads=threads)
    bare = replace(facts, segments={}, assigned=(), tasks=(), stretches=())
    for link in join_workers(bare).links:
        assert link.certainty is Certainty.CANDIDATE and hosts == workers == 1
    links = join_workers(facts).links
    for link in links:
        assert facts.segments[link.object] or link.certainty is Certainty.CANDIDATE
    assert len({link.object for link in links}) == len(links) == len({link.subject for link in links})


def test_a_segment_without_thread_is_no_evidence_of_times() -> None:
    facts = cluster(2, 1, threads=False)
    bare = {iri: tuple(Segment(*item[:6]) for item in items) for iri, items in facts.segments.items()}
    assert pairs(replace(facts, segments=bare)) == {}


def test_many_workers_whose_tasks_overlap_are_not_taken_for_each_other() -> None:
    """With 240 workers the tasks of several are always at work when one reads: times tell nothing."""
    found = join_workers(cluster(60, 4, threads=False))
    assert found.links == []
    assert {item.candidates for item in found.unjoined} == {240}
