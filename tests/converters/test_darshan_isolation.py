"""Each binary log in a process of its own: crashes, hangs and greed cost one line or a gap."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from recup_kg.converters import darshan
from recup_kg.converters.darshan import Limits, isolate
from recup_kg.errors import MalformedSource, MissingExtra
from tests.converters.darshan_samples import BINARIES, JOINER, WRITER, counted, needs_library, totals

CHILD = Path(isolate.__file__).with_name("child.py")
START = """
import json, os, signal, sys, time
order = json.loads(sys.argv[1])
with open(order["log"] + ".pid", "a") as stream:
    stream.write(f"{os.getpid()} ")
def say(payload=b"", **message):
    sys.stdout.buffer.write(json.dumps({**message, "bytes": len(payload)}).encode() + b"\\n" + payload)
    sys.stdout.buffer.flush()
def job():
    say(event="begin", what="job")
    say(event="job", executable="./a", user_id=1, job_id=2, process_count=1, start=5, end=6, start_ns=0, end_ns=0, metadata="")
def crash():
    os.kill(os.getpid(), signal.SIGSEGV)
"""


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "a.darshan"
    path.write_bytes(WRITER.read_bytes())
    monkeypatch.setattr(isolate, "library_folder", lambda: "")
    return path


@pytest.fixture
def acts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    def act(code: str) -> None:
        script = tmp_path / "child.py"
        script.write_text(START + code)
        monkeypatch.setattr(isolate, "_CHILD", script)

    return act


def gone(log: Path) -> bool:
    """Whether all processes that were started have ended."""
    pids = [int(word) for word in Path(f"{log}.pid").read_text().split()]
    assert pids
    for pid in pids:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            continue
        return False
    return True


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        (
            "say(event='begin', what='open'); crash()",
            "the log can't be opened: it crashed the Darshan library",
        ),
        (
            "say(event='begin', what='job'); crash()",
            "job data: the log can't be opened: it crashed the Darshan library",
        ),
        (
            "say(event='begin', what='open'); time.sleep(60)",
            "the log can't be opened: it did not end in time",
        ),
        (
            "say(event='begin', what='open'); print('nonsense')",
            "the log can't be opened: it wrote what is no message",
        ),
        (
            "say(event='begin', what='open'); sys.exit(1)",
            "the log can't be opened: the Darshan library refused it",
        ),
    ],
)
def test_a_log_that_breaks_the_library_costs_one_line(
    log: Path, acts: object, code: str, problem: str
) -> None:
    acts(code)  # type: ignore[operator]
    started = time.monotonic()
    with pytest.raises(MalformedSource) as caught:
        darshan.read(log, Limits(seconds=2))
    advice = "the log is damaged: copy it again from where it was written"
    assert str(caught.value) == f"{log}: {problem}; {advice}"
    assert time.monotonic() - started < 10
    assert gone(log)


def test_a_library_that_does_not_start_is_no_fault_of_the_log(log: Path, acts: object) -> None:
    acts("sys.exit(1)")  # type: ignore[operator]
    with pytest.raises(
        MalformedSource, match=r"Darshan's library did not start: .*; reinstall recup-kg\[darshan\]"
    ):
        darshan.read(log)


MODULES = """
job()
for part in order["parts"][1:]:
    say(event="begin", what=part)
    say(event=part, rows=[])
for name, number in order["modules"]:
    say(event="begin", what=name)
    if name == "POSIX":
        crash() if {crash} else time.sleep(60)
    counters = json.dumps([0])
    import struct
    row = struct.pack("=Qqqd", 7, 0, 11, 0.5)
    say(row, event="records", what=name, counters=["STDIO_READS"], floats=["STDIO_F_READ_TIME"], owner=False)
    say(event="end", what=name, records=1)
say(event="done")
"""


@pytest.mark.parametrize(
    ("crash", "why"), [(True, "it crashed the Darshan library"), (False, "it did not end in time")]
)
def test_a_module_that_breaks_the_library_costs_a_gap(log: Path, acts: object, crash: bool, why: str) -> None:
    acts(MODULES.format(crash=crash))  # type: ignore[operator]
    evidence = darshan.read(log, Limits(seconds=2))
    assert [(gap.kind, gap.where, gap.comment) for gap in evidence.gaps] == [
        ("UnreadableValue", "module POSIX", f"It is left out: reading it failed, {why}.")
    ]
    assert totals(evidence) == {"STDIO_READS": 11, "STDIO_F_READ_TIME": 0.5}
    assert gone(log)


def test_half_a_module_is_not_kept(log: Path, acts: object) -> None:
    code = MODULES.format(crash=True).replace('say(event="end"', "crash()\n    say(event='end'", 1)
    acts(code)  # type: ignore[operator]
    evidence = darshan.read(log, Limits(seconds=5))
    assert counted(evidence) == []
    assert [gap.where for gap in evidence.gaps] == ["module POSIX", "module STDIO"]


ENDLESS = """
job()
say(event="begin", what="POSIX")
while True:
    say(b" " * 10**6, event="end", what="none")
"""


def test_endless_records_are_stopped(log: Path, acts: object) -> None:
    acts(ENDLESS)  # type: ignore[operator]
    evidence = darshan.read(log, Limits(seconds=20, output=10**7))
    why = "It is left out: reading it failed, it wrote more than a log can hold."
    assert (evidence.gaps[0].where, evidence.gaps[0].comment) == ("module POSIX", why)
    assert gone(log)


def limited(code: str, memory: int = 1 << 34) -> subprocess.CompletedProcess[str]:
    start = f"import runpy\nlimit = runpy.run_path({str(CHILD)!r})['_limit']\nlimit(1, {memory})\n"
    return subprocess.run(
        [sys.executable, "-c", start + code], capture_output=True, text=True, timeout=30, check=False
    )


def test_a_child_ends_by_itself_even_if_nobody_waits() -> None:
    assert limited("import threading; threading.Event().wait(60)").returncode in (-14, -9)
    assert limited("import time; time.sleep(60)").returncode == -14


def test_a_child_does_not_get_terabytes() -> None:
    assert "MemoryError" in limited("bytearray(1 << 42)").stderr


def test_the_extra_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolate.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"darshan is not installed: pip install 'recup-kg\[darshan\]'"):
        darshan.read(WRITER)


@needs_library
def test_threads_read_at_the_same_time() -> None:
    paths = [*BINARIES, *BINARIES]
    with ThreadPoolExecutor(5) as pool:
        found = list(pool.map(darshan.read, paths))
    assert found == [darshan.read(path) for path in paths]


@needs_library
def test_the_child_loads_the_library_and_no_more() -> None:
    code = f"""import runpy, sys
load = runpy.run_path({str(CHILD)!r})["_load"]
ffi, library = load({isolate.library_folder()!r}, None)
print(ffi.string(library.darshan_log_get_lib_version()).decode(), "pandas" in sys.modules)"""
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    version, pandas = made.stdout.split()
    assert version.startswith("3.")
    assert pandas == "False"


@needs_library
def test_declarations_are_compiled_once() -> None:
    """And the child does without them: slower, with the same result."""
    assert "ffi" in (isolate._compiled(isolate.library_folder()) or "")
    assert isolate._compiled("/nowhere") is None


@needs_library
def test_relative_paths_and_odd_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("a log é \udcff.darshan")
    path.write_bytes(JOINER.read_bytes())
    assert darshan.read(path).identity == darshan.read(JOINER).identity
