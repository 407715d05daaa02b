"""The folder of a snapshot: never one with something in it, never with a credential."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from recup_kg.errors import UsageError
from recup_kg.snapshot import Captured, Host, Probe, default_name, prepare, take, write
from tests.snapshot.machine import FILES, PROGRAMS, machine

TIME = "2026-11-23T03:45:00-06:00"
SENTINEL = "Xq7Sentinel9Zk2VpLw4"


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("nid001", "snapshot-nid001-20261123T034500"),
        ("login-1.cluster.example.org", "snapshot-login-1.cluster.example.org-20261123T034500"),
        ("../../etc", "snapshot-_.._etc-20261123T034500"),
        ("Adas Mac\n€", "snapshot-Adas_Mac_-20261123T034500"),
        ("", "snapshot-host-20261123T034500"),
        ("x" * 300, f"snapshot-{'x' * 100}-20261123T034500"),
    ],
)
def test_the_default_name_is_one_folder_whatever_the_host_is_called(host: str, name: str) -> None:
    assert default_name(host, TIME) == name


def test_a_new_and_an_empty_folder_are_taken(tmp_path: Path) -> None:
    assert prepare(tmp_path / "a" / "b").is_dir()
    assert prepare(tmp_path / "a" / "b") == tmp_path / "a" / "b"


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("precious")
    with pytest.raises(
        UsageError, match="is not empty and nothing is overwritten; name a new folder with -o"
    ):
        prepare(tmp_path)
    with pytest.raises(UsageError, match="mine is not a folder; name a new one with -o"):
        prepare(tmp_path / "mine")
    taken = take(Host(environment={}), probes=(Probe("p", lambda host: Captured({"mine": "new"})),))
    with pytest.raises(UsageError, match="mine: File exists"):
        write(taken, tmp_path)
    assert (tmp_path / "mine").read_text() == "precious"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_can_not_be_written_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(UsageError, match="name a folder that can be written with -o"):
        prepare(tmp_path / "a")


def test_the_folder_of_a_device_can_not_be_made() -> None:
    with pytest.raises(UsageError, match="/dev/null"):
        prepare(Path("/dev/null/a"))


def test_the_summary_is_written_last(tmp_path: Path) -> None:
    taken = take(machine(tmp_path / "machine"))
    written = write(taken, prepare(tmp_path / "out"))
    assert written[-1].name == "recup-snapshot.json"
    assert {path.name for path in written} == {path.name for path in (tmp_path / "out").iterdir()}
    assert json.loads(written[-1].read_text()) == taken.summary()


def test_no_planted_credential_reaches_the_folder(tmp_path: Path) -> None:
    token = f"ghp_{SENTINEL}{SENTINEL}"[:40]
    environment = {
        "DB_PASSWORD": SENTINEL,
        "HF_TOKEN": SENTINEL,
        "AWS_SECRET_ACCESS_KEY": SENTINEL,
        "PLAIN": token,
        "DATABASE_URL": f"postgres://ada:{SENTINEL}@db/x",
        "SLURM_JOB_ID": "7",
        "SLURM_JOB_NAME": f"run --api-key={SENTINEL}",
        "LOADEDMODULES": "gcc/12",
        "APPTAINER_CONTAINER": f"docker://ada:{SENTINEL}@registry/x",
    }
    files = FILES | {
        "/proc/cmdline": f"root=/dev/sda1 password={SENTINEL}\n",
        "/proc/self/mounts": f"https://ada:{SENTINEL}@dav/ /dav fuse rw 0 0\n",
    }
    programs = PROGRAMS | {
        "scontrol": f"echo 'JobId=7 Command=x.sh --password {SENTINEL}'",
        "cc": f"echo cc 12.2.0 https://ada:{SENTINEL}@x/",
        "rocm-smi": f"""echo '{{"card0": {{"url": "https://ada:{SENTINEL}@x/"}}}}'""",
        "git": f'case "$1" in status) echo "# branch.head main" ;; *) echo https://ada:{SENTINEL}@example.org/x ;; esac',
        "uname": f"exit 1 # {SENTINEL}",
    }
    host = machine(tmp_path / "machine", environment, files=files, programs=programs)
    folder = prepare(tmp_path / "out")
    written = write(take(host), folder)
    assert len(written) >= 9
    found = {path.name for path in written if SENTINEL in path.read_text()}
    assert found == set()
    assert "[redacted]" in (folder / "env.txt").read_text()
    json.loads((folder / "rocm-smi.json").read_text())
