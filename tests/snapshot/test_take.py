"""All probes at once: limits of time and size, odd machines, what is said of a probe that fails."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from recup_kg.snapshot import Captured, Host, NotCaptured, Probe, take
from recup_kg.snapshot.host import as_text
from tests.snapshot.machine import machine


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def run(host: Host, name: str, limit: float = 5.0) -> str | None:
    """Why what a program prints was not captured."""
    probe = Probe("p", lambda seen: Captured({"a": seen.run(name)}))
    (outcome,) = take(host, limit=limit, probes=(probe,)).outcomes
    return outcome.why


def test_a_program_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    script = f"sleep 60 & echo $! > {pids}; (sleep 60; true) & echo $! >> {pids}; echo $$ >> {pids}; wait"
    host = machine(tmp_path, {"PATH": os.environ["PATH"]}, programs={"hangs": script})
    started = time.monotonic()
    assert run(host, "hangs", 0.5) == "hangs took longer than its time limit"
    assert time.monotonic() - started < 3
    numbers = [int(word) for word in pids.read_text().split()]
    assert len(numbers) == 3
    for _ in range(50):
        if not any(map(alive, numbers)):
            break
        time.sleep(0.05)
    assert [pid for pid in numbers if alive(pid)] == []


def test_a_child_that_keeps_the_pipe_open_is_not_waited_for(tmp_path: Path) -> None:
    host = machine(tmp_path, {"PATH": os.environ["PATH"]}, programs={"leaves": "echo done; sleep 60 &"})
    started = time.monotonic()
    assert run(host, "leaves", 0.5) == "leaves took longer than its time limit"
    assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("exit 3", "tool ended with exit code 3"),
        (
            "echo fine; echo >&2; echo fatal: not here >&2; echo more >&2; exit 128",
            "tool ended with exit code 128: fatal: not here",
        ),
        ("kill -9 $$", "tool ended with exit code -9"),
        (
            "while :; do echo 0123456789012345678901234567890123456789012345678901234567890123456789; done | cat",
            "printed more",
        ),
    ],
)
def test_programs_that_fail(tmp_path: Path, script: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recup_kg.snapshot.host.LARGEST", 100_000)
    assert why in str(run(machine(tmp_path, {"PATH": os.environ["PATH"]}, programs={"tool": script}), "tool"))


def test_a_program_of_another_machine_is_not_started(tmp_path: Path) -> None:
    host = machine(tmp_path, programs={})
    path = tmp_path / "usr" / "bin" / "tool"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\x7fELF\x00\x00")
    path.chmod(0o755)
    assert str(run(host, "tool")).startswith("tool can't be started: ")
    assert run(host, "none") == "none is not installed"


def test_programs_speak_english_without_colour(tmp_path: Path) -> None:
    host = machine(
        tmp_path,
        {"LC_ALL": "de_DE.ISO-8859-1", "X": "caf\\xe9"},
        programs={"tool": 'echo "$LC_ALL $NO_COLOR $X"'},
    )
    assert host.run("tool") == "C 1 caf\\xe9\n"


def test_what_is_printed_need_not_be_utf8(tmp_path: Path) -> None:
    assert machine(tmp_path, programs={"tool": r"printf 'caf\351'"}).run("tool") == "caf\\xe9"
    assert as_text("é".encode()) == "é"


def test_a_file_is_read_whole_and_to_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    host = machine(tmp_path, files={"/big": "x" * 200_000, "/secret": ""}, programs={})
    assert len(host.read("/big")) == 200_000
    monkeypatch.setattr("recup_kg.snapshot.host.LARGEST", 100_000)
    with pytest.raises(NotCaptured, match="/big: larger than 100000 bytes"):
        host.read("/big")
    with pytest.raises(NotCaptured, match="/none: No such file or directory"):
        host.read("/none")
    assert host.line("/none") is host.line("/secret") is None


def test_one_probe_that_fails_does_not_cost_the_others() -> None:
    def fails(host: Host) -> Captured:
        raise ValueError("odd")

    def leaves(host: Host) -> Captured:
        raise NotCaptured("not here")

    probes = (
        Probe("a", fails),
        Probe("b", lambda host: Captured({"f": "x"}, {"n": 1}, "half")),
        Probe("c", leaves),
    )
    taken = take(Host(environment={}, name="h"), probes=probes)
    assert [(one.name, one.to_dict()["status"], one.why) for one in taken.outcomes] == [
        ("a", "not captured", "ValueError: odd"),
        ("b", "captured", "half"),
        ("c", "not captured", "not here"),
    ]
    assert taken.files == {"f": "x"}
    assert taken.summary()["facts"] == {"n": 1}


def test_a_probe_that_hangs_in_a_read_is_left_behind() -> None:
    let_go = threading.Event()
    probes = (
        Probe("hangs", lambda host: Captured({"f": str(let_go.wait(30))})),
        Probe("works", lambda host: Captured({"g": "x"})),
    )
    started = time.monotonic()
    taken = take(Host(environment={}), limit=0.2, probes=probes)
    let_go.set()
    assert time.monotonic() - started < 5
    assert [one.why for one in taken.outcomes] == ["took longer than 0.2 s", None]
    assert taken.files == {"g": "x"}


def test_probes_run_at_once() -> None:
    meet = threading.Barrier(8)
    probes = [Probe(str(n), lambda host: Captured({}, {"n": meet.wait(5)})) for n in range(8)]
    assert all(outcome.captured for outcome in take(Host(environment={}), probes=probes).outcomes)
    assert not meet.broken


def test_the_summary_says_where_and_when(tmp_path: Path) -> None:
    taken = take(machine(tmp_path))
    said = taken.summary()
    assert list(said) == ["format", "version", "host", "captured", "probes", "facts"]
    assert (said["format"], said["version"], said["host"]) == ("recup-snapshot", 1, "nid001")
    assert str(said["captured"])[-6] in "+-" or str(said["captured"]).endswith("+00:00")
    assert {"lscpu.json", "env.txt", "os-release", "scontrol-job.txt", "nvidia-smi.xml"} <= set(taken.files)
