"""A process is no task for the time alone in which it ran."""

from __future__ import annotations

import pytest

from recup_kg.fuse.facts import Facts, Group, Task
from recup_kg.fuse.tasks import join_tasks
from recup_kg.fuse.workers import WorkerJoin
from recup_kg.fusions import Certainty

TASK = Task("urn:task", start=10.0, end=20.0)
GROUP = Group("urn:group", start=12.0, end=18.0)


def joined(task: Task, group: Group) -> list[tuple[str, Certainty]]:
    links, _ = join_tasks(Facts(run="urn:run", tasks=(task,), groups=(group,)), WorkerJoin())
    return [(link.method, link.certainty) for link in links]


def test_time_alone_links_nothing_and_says_so() -> None:
    links, unjoined = join_tasks(Facts(run="urn:run", tasks=(TASK,), groups=(GROUP,)), WorkerJoin())
    assert links == []
    assert [(item.subject, item.reason) for item in unjoined] == [
        ("urn:group", "nothing but its time fits a task")
    ]


@pytest.mark.parametrize(
    ("program", "hosts", "found"),
    [
        ("/bin/wrf", ("n1",), [("host, program and time", Certainty.INTERVAL)]),
        (None, ("n1",), [("host and time", Certainty.INTERVAL)]),
        ("/bin/wrf", (), [("program and time", Certainty.CANDIDATE)]),
        ("/bin/other", (), []),
        (None, ("n2",), []),
    ],
)
def test_what_is_shared_names_the_method(
    program: str | None, hosts: tuple[str, ...], found: list[tuple[str, Certainty]]
) -> None:
    task = Task("urn:task", start=10.0, end=20.0, program=program, hosts=hosts)
    group = Group("urn:group", start=12.0, end=18.0, command="/usr/bin/wrf -x", hosts=("n1",))
    assert joined(task, group) == found
