"""Files by path and mount, jobs by id, user and time, machines by name, configurations by their facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recup_kg.fuse import Facts, join
from recup_kg.fuse.facts import DataObject, Environment, File, Group, Job, Machine, Node
from recup_kg.fuse.files import aliases, canonical, is_shared, normalised
from recup_kg.fuse.fingerprint import FACTS, fingerprint
from recup_kg.fuse.jobs import fitting_offsets, is_step, job_key, offset_text
from recup_kg.fusions import Certainty, Link

RUN = "run"
MOUNTS = (
    ("/lus/grand", "lustre"),
    ("/lus/eagle", "lustre"),
    ("/home", "lustre"),
    ("/", "overlay"),
    ("/a/tmp", "nfs"),
    ("/tmp", "tmpfs"),
)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/grand/x//y/./z/", "/lus/grand/x/y/z"),
        ("/lus/grand/x", "/lus/grand/x"),
        ("//eagle/x/../y", "/lus/eagle/y"),
        ("file:///home/x", "/home/x"),
        ("/tmp/x", "/tmp/x"),
        ("/grandson/x", "/grandson/x"),
        ("x/y", "x/y"),
        ("", ""),
    ],
)
def test_paths_are_normalised(path: str, expected: str) -> None:
    assert canonical(path, aliases(MOUNTS)) == expected


@given(st.text(alphabet="/.ab", max_size=20))
def test_normalising_twice_changes_nothing(path: str) -> None:
    assert normalised(normalised(path)) == normalised(path)


def test_shared_file_systems() -> None:
    assert [is_shared(kind) for kind in ("lustre", "nfs4", "ext4", "UNKNOWN", None)] == [
        True,
        True,
        False,
        None,
        None,
    ]


def certainties(facts: Facts) -> dict[tuple[str, str], Certainty]:
    return {(link.subject, link.object): link.certainty for link in join(facts).links}


def test_files_of_several_logs() -> None:
    groups = (Group("g1", hosts=("n1",)), Group("g2", hosts=("n2",)), Group("g3", hosts=("n1",)), Group("g4"))
    files = (
        File("a1", "g1", "/lus/grand/a", True),
        File("a2", "g2", "/lus/grand/a", True),
        File("a3", "g3", "/grand/a", True),
        File("b1", "g1", "/tmp/b", False),
        File("b2", "g2", "/tmp/b", False),
        File("b3", "g3", "/tmp/b", False),
        File("c1", "g4", "/x/c", None),
        File("c2", "g1", "/x/c", None),
        File("d1", "g1", "<STDIN>"),
        File("d2", "g3", "<STDIN>"),
        File("e1", "g1", "/proc/self/stat"),
        File("e2", "g3", "/proc/self/stat"),
    )
    assert certainties(Facts(RUN, groups=groups, files=files, mounts=MOUNTS)) == {
        ("a2", "a1"): Certainty.EXACT,
        ("a3", "a1"): Certainty.CANDIDATE,
        ("b3", "b1"): Certainty.EXACT,
        ("c2", "c1"): Certainty.CANDIDATE,
    }


def test_data_objects_by_path_and_by_a_name_only_if_it_is_unique() -> None:
    files = (File("f1", None, "/d/in.csv"), File("f2", None, "/d/out.csv"), File("f3", None, "/e/out.csv"))
    data = (
        DataObject("full", ("/d/./out.csv",)),
        DataObject("name", ("in.csv",)),
        DataObject("several", ("out.csv",)),
        DataObject("elsewhere", ("/z/in2.csv",)),
        DataObject("key", ("('x', 1)",)),
    )
    found = join(Facts(RUN, files=files, data=data))
    assert {(link.subject, link.object): link.certainty for link in found.links} == {
        ("full", "f2"): Certainty.EXACT,
        ("name", "f1"): Certainty.CANDIDATE,
    }
    assert [(item.subject, item.candidates) for item in found.unjoined] == [("several", 2)]
    twins = join(
        Facts(RUN, files=files[:1], data=(DataObject("x", ("in.csv",)), DataObject("y", ("in.csv",))))
    )
    assert twins.links == ()


@pytest.mark.parametrize(
    ("written", "number", "step"),
    [
        ("4478544", "4478544", False),
        ("4478544.extern", "4478544", True),
        ("4478544.0", "4478544", True),
        ("1871749.polaris-pbs-01.hsn", "1871749", False),
        ("77_3", "77_3", False),
        ("123[4].server", "123[4]", False),
        ("local", "local", False),
    ],
)
def test_ids_of_jobs(written: str, number: str, step: bool) -> None:
    assert job_key(written) == number
    assert is_step(Job("j", written)) is step


LOCAL = datetime(2017, 3, 20, 1, 59, 2)
GROUP = Group("g", job="7", user_id=5, start=0.0, end=60.0)


@given(st.integers(-48, 56), st.integers(1, 20))
def test_the_offset_that_fits_is_found(offset: int, minutes: int) -> None:
    """A process of almost the whole of a short job fits at one offset only."""
    job = Job("j", "7", start=LOCAL, end=LOCAL + timedelta(minutes=minutes))
    begin = LOCAL.replace(tzinfo=UTC).timestamp() - offset * 900
    assert fitting_offsets(job, [replace(GROUP, start=begin + 1, end=begin + 60 * minutes - 1)]) == (offset,)
    assert offset in fitting_offsets(job, [replace(GROUP, start=begin + 1, end=begin + 30)])
    assert int(offset_text(offset)[:3]) in range(-12, 15)


def job_link(job: Job, group: Group = GROUP) -> tuple[Link | None, str | None]:
    found = join(Facts(RUN, groups=(group,), jobs=(job,)))
    link = next((link for link in found.links if link.subject == "g"), None)
    return link, found.unjoined[0].reason if found.unjoined else None


def test_how_sure_a_job_is() -> None:
    zoned = Job("j", "7", start=datetime.fromtimestamp(-5, UTC), end=datetime.fromtimestamp(99, UTC))
    link, _ = job_link(zoned)
    assert link and (link.certainty, link.method, link.zone) == (Certainty.EXACT, "job id and time", None)
    link, reason = job_link(replace(zoned, end=datetime.fromtimestamp(9, UTC)))
    assert link is None and reason == "the job of that id has other times"
    link, _ = job_link(Job("j", "7", user_id=5))
    assert link and (link.certainty, link.method) == (Certainty.EXACT, "job id and user")
    link, reason = job_link(Job("j", "7", user_id=6))
    assert link is None and reason == "the job of that id is of another user"
    link, _ = job_link(Job("j", "7"))
    assert link and link.certainty is Certainty.CANDIDATE
    assert job_link(Job("j", "8"))[0] is None


def test_a_long_job_without_zone_fits_at_several_offsets() -> None:
    link, _ = job_link(Job("j", "7", start=datetime(1970, 1, 1), end=datetime(1970, 1, 1, 1)))
    assert link and link.certainty is Certainty.INTERVAL and link.zone is None
    assert link.comment == "the job's times have no zone; 4 offsets from UTC+00:00 to UTC+00:45 fit"


def test_an_execution_whose_nodes_are_those_of_the_job() -> None:
    nodes = (Node("n", "n1.x.org"), Node("m", "n2.x.org"))
    facts = Facts(RUN, nodes=nodes, jobs=(Job("j", "7", nodes=("n1", "n2")),))
    assert certainties(facts) == {(RUN, "j"): Certainty.EXACT}
    two = replace(facts, jobs=(*facts.jobs, Job("k", "8")))
    assert certainties(two) == {}


def test_machines_and_environments() -> None:
    facts = Facts(
        RUN,
        nodes=(Node("n", "n1.x.org"),),
        machines=(Machine("m", "n1"), Machine("o", "other")),
        environments=(Environment("e", "N1"), Environment("f"), Environment("g", "login")),
    )
    found = join(facts)
    assert {(link.subject, link.object): link.certainty for link in found.links} == {
        ("m", "n"): Certainty.EXACT,
        (RUN, "e"): Certainty.EXACT,
        (RUN, "f"): Certainty.CANDIDATE,
    }
    assert [item.subject for item in found.unjoined] == ["g"]


@given(st.permutations([("package", "numpy==1"), ("seed", "s=SeedUnset"), ("nodes", "2"), ("nodes", "2")]))
def test_a_fingerprint_depends_on_the_facts_alone(facts: list[tuple[str, str]]) -> None:
    found = fingerprint(facts)
    assert found and found.facts == ("nodes=2", "package=numpy==1", "seed=s=SeedUnset")
    assert found.fingerprint == fingerprint(sorted(facts)).fingerprint  # type: ignore[union-attr]
    chosen = fingerprint(facts, {"nodes"})
    assert chosen and chosen.facts == ("nodes=2",) and chosen.fingerprint != found.fingerprint


def test_facts_of_a_fingerprint_are_known_by_name() -> None:
    assert fingerprint([]) is None
    assert fingerprint([("hostname", "n1")]) is None
    with pytest.raises(ValueError, match="no such fact: host; there are: system, workflow, program"):
        fingerprint([], {"host"})
    assert not {"host", "job", "time"} & set(FACTS)
