"""What tasks did to files: the operations within one task only."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from recup_kg.fuse import Facts, join
from recup_kg.fuse.facts import Group, Stretch, Task
from recup_kg.fuse.tasks import NO_TASK_THREAD, NO_WORKER, OUTSIDE, SEVERAL
from recup_kg.fusions import Certainty
from tests.fuse.samples import POOL, RUN, cluster, group, segment, worker


def test_each_task_gets_its_own_operations() -> None:
    found = join(cluster(2, 2))
    assert len(found.accesses) == 40
    first = found.accesses[0]
    assert (first.task, first.reads, first.writes) == (f"{RUN}/task/0-0", 2, 0)
    assert (first.read_bytes, first.written_bytes, first.certainty) == (128, 0, Certainty.EXACT)
    assert abs(first.seconds - 0.2) < 1e-6
    assert first.file.endswith("/in-0-0")
    left = Counter(item.reason for item in found.unjoined if item.segments)
    assert left == {NO_TASK_THREAD: 4}


def test_without_threads_times_alone_make_it_less_sure() -> None:
    found = join(cluster(2, 2, threads=False))
    assert {access.certainty for access in found.accesses} == {Certainty.INTERVAL}
    assert len(found.accesses) == 40


def with_segments(
    *rows: tuple[float, int], stretches: tuple[Stretch, ...] | None = None, threads: bool = True
) -> Facts:
    facts = cluster(1, 1, threads=threads)
    more = tuple(segment(start, 0.1, thread=thread, name="x", operation="write") for start, thread in rows)
    mine = {group(1, 0).iri: facts.segments[group(1, 0).iri] + more}
    return replace(facts, segments=mine, stretches=facts.stretches + (stretches or ()))


def reasons(facts: Facts) -> dict[str, int | None]:
    return {item.reason: item.segments for item in join(facts).unjoined if item.segments}


def test_what_is_of_no_single_task_is_counted_with_the_reason() -> None:
    assert reasons(with_segments((105.0, POOL))) == {NO_TASK_THREAD: 1, OUTSIDE: 1}
    assert reasons(with_segments((110.3, POOL + 9))) == {NO_TASK_THREAD: 2}
    twice = (Stretch(f"{RUN}/task/0-1", worker(1, 0).iri, 110.0, 111.0),)
    assert reasons(with_segments(stretches=twice)) == {NO_TASK_THREAD: 1, SEVERAL: 2}


def test_an_operation_that_reaches_beyond_its_task_is_of_none() -> None:
    assert reasons(with_segments((110.95, POOL))) == {NO_TASK_THREAD: 1, OUTSIDE: 1}


def test_writes_are_no_reads() -> None:
    access = next(one for one in join(with_segments((110.3, POOL))).accesses if one.writes)
    assert (access.reads, access.writes, access.read_bytes, access.written_bytes) == (0, 1, 0, 64)


def test_a_process_of_an_unknown_worker_has_no_tasks() -> None:
    facts = cluster(1, 2, idle=())
    bare = replace(
        facts, assigned=(), stretches=(), tasks=tuple(replace(t, thread=None) for t in facts.tasks)
    )
    found = join(bare)
    assert found.accesses == ()
    assert {item.reason for item in found.unjoined if item.segments} == {NO_WORKER}


@given(st.lists(st.tuples(st.floats(100, 200), st.integers(0, 2)), max_size=30))
def test_every_operation_is_counted_once(rows: list[tuple[float, int]]) -> None:
    facts = with_segments(*((start, POOL + thread) for start, thread in rows))
    found = join(facts)
    joined = sum(access.reads + access.writes for access in found.accesses)
    left = sum(item.segments or 0 for item in found.unjoined)
    assert joined + left == sum(len(items) for items in facts.segments.values())


def test_tasks_of_a_worker_ran_in_its_process() -> None:
    found = [link for link in join(cluster(2, 2)).links if link.predicate == "ranIn"]
    assert len(found) == 40
    assert {link.certainty for link in found} == {Certainty.EXACT}


def test_by_host_program_and_time() -> None:
    log = Group("g", tool="darshan", command="/bin/blast -x", start=10.0, end=20.0, hosts=("n1",))
    tasks = (
        Task("a", hosts=("n1.x.org",), start=9.5, end=20.5, program="blast"),
        Task("b", hosts=("n2",), start=9.5, end=20.5, program="blast"),
        Task("c", hosts=("n1",), start=9.5, end=20.5, program="cat"),
        Task("d", hosts=("n1",), start=15.0, end=20.5, program="blast"),
        Task("e", program="blast"),
    )
    links = join(Facts(RUN, tasks=tasks, groups=(log,))).links
    assert [(link.subject, link.object, link.certainty) for link in links] == [("a", "g", Certainty.INTERVAL)]
    unplaced = tuple(replace(task, hosts=()) for task in tasks)
    found = join(Facts(RUN, tasks=unplaced, groups=(log,)))
    assert [item.candidates for item in found.unjoined] == [2]
    alone = join(Facts(RUN, tasks=unplaced[:1], groups=(log,))).links
    assert [link.certainty for link in alone] == [Certainty.CANDIDATE]
