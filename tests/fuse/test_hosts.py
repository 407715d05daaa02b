"""Names of hosts, and what a process was."""

from __future__ import annotations

import pytest

from recup_kg.fuse.facts import Group
from recup_kg.fuse.hosts import Spelling, host_of_address, is_ip, same
from recup_kg.fuse.roles import Role, role, worker_groups


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("tcp://10.201.1.175:33783", "10.201.1.175"),
        ("tls://node1.example.org:8786", "node1.example.org"),
        ("tcp://[fe80::1]:8786", "fe80::1"),
        ("ucx://Node-3:1", "node-3"),
        ("inproc://10.0.0.1/1/2", None),
        ("", None),
        (None, None),
    ],
)
def test_the_host_of_an_address(address: str | None, host: str | None) -> None:
    assert host_of_address(address) == host


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("x3106c0s37b0n0", "x3106c0s37b0n0.hsn.cm.polaris.alcf.anl.gov", True),
        ("NODE1", "node1.", True),
        ("node1.a.org", "node1.b.org", False),
        ("node1", "node10", False),
        ("10.0.0.1", "10", False),
        ("10.0.0.1", "10.0.0.1", True),
    ],
)
def test_same_host(one: str, other: str, expected: bool) -> None:
    assert same(one, other) is same(other, one) is expected


def test_the_fullest_spelling_is_taken_unless_there_are_two() -> None:
    spelling = Spelling(["a.x.org", "a", "b.x.org", "b.y.org"])
    assert spelling.of("A") == "a.x.org"
    assert spelling.of("b") == "b"
    assert spelling.of("c") == "c"
    assert spelling.of("10.0.0.1") == "10.0.0.1"
    assert is_ip("::1") and not is_ip("a")


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("mpiexec -n 4 --hosts n1 dask worker --scheduler-file=s", Role.LAUNCHER),
        ("/usr/bin/srun -n 4 dask-worker", Role.LAUNCHER),
        ("/x/python3.10 /v/bin/dask worker --scheduler-file=s", Role.WORKER),
        ("python -m distributed.cli.dask_worker --no-nanny", Role.WORKER),
        ("/v/bin/dask-cuda worker", Role.WORKER),
        ("python /v/bin/dask scheduler", Role.SCHEDULER),
        ("python -c from multiprocessing.resource_tracker import main;main(10) ", Role.HELPER),
        (
            "python -c from multiprocessing.spawn import spawn_main; spawn_main(t=1) --multiprocessing-fork",
            Role.SPAWNED,
        ),
        ("uname -p ", Role.OTHER),
        (None, Role.OTHER),
    ],
)
def test_what_a_process_was(command: str | None, expected: Role) -> None:
    assert role(command) is expected


def test_workers_without_a_nanny_are_the_processes_themselves() -> None:
    alone = Group("a", command="python dask worker --no-nanny")
    spawned = Group("b", command="python -c spawn_main() --multiprocessing-fork")
    assert worker_groups([alone]) == (alone,)
    assert worker_groups([alone, spawned]) == (spawned,)
    assert worker_groups([Group("c", command="./app")]) == ()
