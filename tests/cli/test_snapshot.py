"""`recup snapshot`: on this machine, in odd surroundings, from capture to a checked graph."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import click
import pytest

from recup_kg.converters import converters, recognise
from recup_kg.evidence import Evidence
from recup_kg.rdf.evidence import evidence_graph
from recup_kg.validate import engine_named, shapes_text
from tests.cli.conftest import Run
from tests.rdf.samples import ntriples

READ_BY = {
    "os-release": "machine",
    "uname.txt": "machine",
    "lscpu.json": "machine",
    "lscpu.txt": "machine",
    "cpuinfo": "machine",
    "meminfo": "machine",
    "env.txt": "environment-variables",
    "recup-snapshot.json": "recup-snapshot",
}
CPU = 0.5
"""Seconds of user and system time, those of children included, that a snapshot may cost."""


def bare(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """recup in a process whose environment is just this."""
    return subprocess.run(
        [sys.executable, "-m", "recup_kg", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        encoding="latin-1",
        check=False,
    )


def test_a_folder_of_its_own_beside_the_user(recup: Run, tmp_path: Path) -> None:
    outcome = recup("snapshot")
    assert outcome.code == 0
    (folder,) = tmp_path.iterdir()
    assert folder.name.startswith("snapshot-")
    assert {"recup-snapshot.json", "env.txt", "pip-list.json"} <= {path.name for path in folder.iterdir()}
    assert outcome.out.splitlines()[0].split() == ["probe", "state", "why"]
    assert outcome.err.splitlines()[-1] == f"next: recup ingest {folder.name}"


def test_json_gives_the_state_of_each_probe(recup: Run, tmp_path: Path) -> None:
    outcome = recup("snapshot", "-o", "here", "--json", "--limit", "5")
    assert outcome.code == 0
    said = outcome.json
    assert said["folder"] == "here"
    assert set(said["files"]) == {path.name for path in (tmp_path / "here").iterdir()}
    assert len(said["probes"]) >= 30
    for probe in said["probes"]:
        assert set(probe) == {"name", "status", "why", "seconds", "files"}
        assert probe["status"] == "captured" or probe["why"]
        assert 0 <= probe["seconds"] < 10
    assert json.loads((tmp_path / "here" / "recup-snapshot.json").read_text())["probes"] == said["probes"]


def test_a_folder_with_something_in_it_is_refused_before_anything_is_captured(
    recup: Run, tmp_path: Path
) -> None:
    (tmp_path / "mine").write_text("precious")
    outcome = recup("snapshot", "-o", tmp_path)
    assert outcome.code == 2
    assert (
        outcome.err
        == f"recup: {tmp_path} is not empty and nothing is overwritten; name a new folder with -o\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("limit", ["0", "-1", "soon"])
def test_a_limit_must_be_some_time(recup: Run, limit: str) -> None:
    assert recup("snapshot", "--limit", limit).code == 2


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"PATH": "/nonexistent", "HOME": "/proc/1"},
        {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"LC_ALL": "de_DE.ISO-8859-1", "PYTHONIOENCODING": "latin-1", "WHO": "Zoë €"},
        {"DB_PASSWORD": "Xq7Sentinel", "LINES": "two\nlines"},
    ],
    ids=["empty", "no-path-no-home", "ascii", "latin-1", "secret"],
)
def test_it_works_in_odd_surroundings(tmp_path: Path, environment: dict[str, str]) -> None:
    for arguments in ((), ("--json",)):
        done = bare(tmp_path, "snapshot", "-o", f"out{len(arguments)}", *arguments, **environment)
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    files = list((tmp_path / "out0").iterdir())
    assert len(files) >= 5
    assert not [path.name for path in files if b"Xq7Sentinel" in path.read_bytes()]
    assert json.loads((tmp_path / "out0" / "recup-snapshot.json").read_text(encoding="ascii"))


def test_bytes_that_are_no_text_are_captured(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "recup_kg", "snapshot", "-q", "-o", "out"],
        cwd=tmp_path,
        env={b"ODD": b"caf\xe9", b"PATH": os.environb[b"PATH"]},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "ODD=caf\\xe9\n" in (tmp_path / "out" / "env.txt").read_text(encoding="utf-8")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_can_take_one_with_nothing_but_click_installed(root: Path) -> None:
    python = shutil.which("python3", path="/usr/bin")
    if python is None or not _is_recent(python):
        pytest.skip("needs a Python of 3.11 or later that every user may run")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for package in (root / "recup_kg", Path(click.__file__).parent):
            shutil.copytree(package, folder / package.name)
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o777 if path.is_dir() else 0o644)
        done = subprocess.run(
            [python, "-m", "recup_kg", "snapshot", "-q", "-o", "out"],
            cwd=folder,
            user=65534,
            group=65534,
            env={"HOME": "/nonexistent"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert (folder / "out" / "recup-snapshot.json").stat().st_uid == 65534


def _is_recent(python: str) -> bool:
    code = "import sys; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([python, "-c", code], check=False).returncode == 0


def test_it_needs_no_store_and_none_of_the_heavy_packages(tmp_path: Path) -> None:
    code = (
        "import sys; from recup_kg.cli import main; code = main(['snapshot', '-q', '-o', 'out']);"
        "heavy = {'pyoxigraph', 'rdflib', 'pyarrow', 'numpy', 'msgspec', 'pyshacl', 'networkx'} & set(sys.modules);"
        "print(code, sorted(heavy))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "0 []"


def test_it_costs_little(tmp_path: Path) -> None:
    costs = []
    for number in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = bare(tmp_path, "snapshot", "-q", "-o", str(number), PATH=os.environ["PATH"])
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert done.returncode == 0
        costs.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(costs) < CPU, costs


def test_each_file_is_read_by_one_converter_into_a_graph_without_violations(
    recup: Run, tmp_path: Path
) -> None:
    assert recup("snapshot", "-o", "out").code == 0
    files = sorted((tmp_path / "out").iterdir())
    known = {path.name: READ_BY[path.name] for path in files if path.name in READ_BY}
    assert len(known) >= 6
    assert {name: converter for name, converter in known.items() if converter not in converters()} == {}
    claimed = {path.name: [name for name, item in converters().items() if item.sniff(path)] for path in files}
    assert {name: claimed[name] for name in known} == {name: [converter] for name, converter in known.items()}
    assert [name for name, by in claimed.items() if len(by) > 1] == []
    for path in files:
        converter = recognise(path)
        if converter is None:
            continue
        reading = converter.read(path)
        assert isinstance(reading, Evidence)
        results = engine_named().run(shapes_text(), ntriples(evidence_graph(reading)))
        assert [item for item in results if item.severity == "Violation"] == [], path.name
