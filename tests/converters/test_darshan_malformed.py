"""Damaged logs and texts: one clear line, or a gap; never a crash, never a hang."""

from __future__ import annotations

import bz2
import gzip
import random
import struct
import time
import zlib
from pathlib import Path

import pytest

from recup_kg.converters import darshan
from recup_kg.converters.darshan import Limits
from recup_kg.converters.darshan.header import DamagedRegion, inflate, is_header, read_header
from recup_kg.errors import MalformedSource
from recup_kg.rdf.evidence import evidence_graph
from tests.converters.darshan_samples import (
    BINARIES,
    DXT,
    IOR,
    WRITER,
    WRITER_TEXT,
    counted,
    needs_library,
    table,
    totals,
)

COPY = "copy the log again from where it was written"
PRINT = "print the log again with darshan-parser"


def refusal(path: Path) -> str:
    with pytest.raises(MalformedSource) as caught:
        darshan.read(path)
    text = str(caught.value)
    assert "\n" not in text
    return text.removeprefix(f"{path}: ")


BROKEN = {
    "zeros": (
        bytes(2000),
        "byte 0: the header is empty: Darshan did not finish this log;"
        " there is nothing to do; the run ended before Darshan could write it",
    ),
    "other": (b"MZ" + bytes(2000), f"byte 0: no header of a Darshan log; {COPY}"),
    "header": (WRITER.read_bytes()[:200], f"byte 200: cut off inside the header; {COPY}"),
    "job": (WRITER.read_bytes()[:500], f"byte 500: the facts of the job are cut off; {COPY}"),
    "old": (
        b"2.05\0\0\0\0" + WRITER.read_bytes()[8:],
        "byte 0: a log of version 2.05; this reads version 3; convert it with the darshan-convert of Darshan 3",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_headers(case: str, tmp_path: Path) -> None:
    data, problem = BROKEN[case]
    path = tmp_path / "a.darshan"
    path.write_bytes(data)
    assert refusal(path) == problem


@needs_library
def test_a_job_that_can_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "a.darshan"
    data = bytearray(WRITER.read_bytes())
    data[360:480] = bytes(120)
    path.write_bytes(data)
    assert refusal(path).endswith("the log is damaged: copy it again from where it was written")


@needs_library
def test_a_cut_log_keeps_what_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.darshan"
    path.write_bytes(IOR.read_bytes()[:-400])
    evidence = darshan.read(path)
    assert [(gap.kind, gap.where, gap.comment) for gap in evidence.gaps] == [
        ("UnreadableValue", "module DXT_MPIIO", "It lies outside the file: the log was cut off.")
    ]
    assert set(table(evidence, "dxt").columns["module"]) == {"DXT_POSIX"}
    assert totals(evidence) == totals(darshan.read(IOR))


@needs_library
def test_a_damaged_module_leaves_the_others(tmp_path: Path) -> None:
    (posix,) = (region for region in read_header(IOR).regions if region.module == "POSIX")
    data = bytearray(IOR.read_bytes())
    start = posix.offset or 0
    data[start + 2 : start + 60] = b"\xff" * 58
    path = tmp_path / "a.darshan"
    path.write_bytes(data)
    evidence = darshan.read(path)
    assert [gap.where for gap in evidence.gaps] == ["module POSIX"]
    assert counted(evidence, "POSIX") == []
    assert len(counted(evidence, "H5D")) == 3
    assert "MPIIO_BYTES_READ" in totals(evidence)


@needs_library
def test_damaged_traces_leave_the_counters(tmp_path: Path) -> None:
    (traced,) = (region for region in read_header(IOR).regions if region.module == "DXT_POSIX")
    data = bytearray(IOR.read_bytes())
    start = traced.offset or 0
    data[start + 100] ^= 0xFF
    path = tmp_path / "a.darshan"
    path.write_bytes(data)
    evidence = darshan.read(path)
    assert [(gap.where, gap.comment) for gap in evidence.gaps] == [
        ("module DXT_POSIX", "The traces are left out: it can't be decompressed.")
    ]


@needs_library
def test_a_log_cut_anywhere_or_with_flipped_bits_ends_in_time(tmp_path: Path) -> None:
    generator = random.Random(7)
    ends = {"read": 0, "gaps": 0, "refused": 0}
    path = tmp_path / "a.darshan"
    for number in range(60):
        data = bytearray(generator.choice(BINARIES).read_bytes())
        if number % 3 == 0:
            data = data[: generator.randrange(1, len(data))]
        for _ in range(generator.choice((1, 3, 30)) if number % 3 else 0):
            data[generator.randrange(len(data))] ^= 1 << generator.randrange(8)
        path.write_bytes(data)
        started = time.monotonic()
        try:
            evidence = darshan.read(path, Limits(seconds=5))
            evidence_graph(evidence)
            ends["gaps" if evidence.gaps else "read"] += 1
        except MalformedSource as problem:
            assert "\n" not in str(problem)
            ends["refused"] += 1
        assert time.monotonic() - started < 60
    assert min(ends.values()) >= 1, ends


def test_regions_of_every_compression(tmp_path: Path) -> None:
    header = read_header(WRITER)
    region = header.regions[0]
    plain = inflate(WRITER, header, region)
    assert len(plain) == 704
    path = tmp_path / "a"
    # Each process may have written a stream of its own.
    for kind, data in (
        (0, zlib.compress(plain) + zlib.compress(b"x")),
        (1, bz2.compress(plain) + bz2.compress(b"x")),
    ):
        path.write_bytes(data)
        other = type(header)(header.version, "<", kind, 0, 0, None, ())
        assert inflate(path, other, type(region)("POSIX", len(data), 4, None, 0)) == plain + b"x"
        with pytest.raises(DamagedRegion, match=r"have no end|can't be decompressed"):
            inflate(path, other, type(region)("POSIX", len(data) - 5, 4, None, 0))
        with pytest.raises(DamagedRegion, match="cut off"):
            inflate(path, other, type(region)("POSIX", len(data) + 1, 4, None, 0))


def test_headers_of_either_byte_order_and_size() -> None:
    for order in "<>":
        assert is_header(struct.pack(f"{order}8sq", b"3.41", 6567223))
    assert not is_header(struct.pack("<8sq", b"3.41", 6567224))
    assert not is_header(b"")
    assert [region.module for region in read_header(IOR).regions] == [
        *("POSIX", "MPI-IO", "H5F", "H5D", "LUSTRE", "STDIO", "DXT_POSIX", "DXT_MPIIO"),
    ]


def test_a_new_header_in_the_other_byte_order(tmp_path: Path) -> None:
    maps = [0] * 130
    maps[0:2] = [1400, 10]
    maps[2 + 2 * 6 : 4 + 2 * 6] = [1410, 5]
    path = tmp_path / "a.darshan"
    versions = [3] * 64
    path.write_bytes(
        struct.pack(">8sqB7xQ130Q64I", b"3.41", 6567223, 0, 1 << 6, *maps, *versions) + bytes(100)
    )
    header = read_header(path)
    (region,) = header.regions
    assert (region.module, region.size, region.version, region.partial) == ("PNETCDF_VAR", 5, 3, True)
    assert (header.order, header.job_offset, header.job_size) == (">", 1328, 72)


LINES = gzip.decompress(WRITER_TEXT.read_bytes()).decode().split("\n")


def without(start: str) -> str:
    return "\n".join(line for line in LINES if not line.startswith(start))


def changed(start: str, line: str) -> str:
    return "\n".join(line if known.startswith(start) else known for known in LINES)


ROW = next(index for index, line in enumerate(LINES) if line.startswith("POSIX\t"))
TEXTS = {
    "no job": (without("# jobid"), f"the text does not say 'jobid'; {PRINT}"),
    "no times": (without("# end_time:"), f"the text does not say 'end_time'; {PRINT}"),
    "no number": (changed("# uid:", "# uid: me"), f"'uid' is 'me', not a number; {PRINT}"),
    "old": (
        changed("# darshan log version", "# darshan log version: 2.05"),
        "a log of version 2.05; this reads version 3; convert the log with the darshan-convert of Darshan 3 and print it again",
    ),
    "cut": (
        "\n".join(LINES[: ROW + 3]) + "\nPOSIX\t0\t1234",
        f"line {ROW + 4}: a row of counters needs 8 fields; {PRINT}",
    ),
    "rank": (
        "\n".join([*LINES[:ROW], "POSIX\tx\t1\tPOSIX_OPENS\t1\t/a\t/\text4"]),
        f"line {ROW + 1}: 'x' is no whole number; {PRINT}",
    ),
    "foreign": (
        "\n".join([*LINES[:ROW], "hello world"]),
        f"line {ROW + 1}: not a line of darshan-parser: 'hello world'; {PRINT}",
    ),
}


@pytest.mark.parametrize("case", TEXTS)
def test_broken_texts(case: str, tmp_path: Path) -> None:
    text, problem = TEXTS[case]
    path = tmp_path / "a.txt"
    path.write_text(text)
    assert refusal(path) == problem


def test_compressed_text_that_is_cut(tmp_path: Path) -> None:
    path = tmp_path / "a.txt.gz"
    path.write_bytes(WRITER_TEXT.read_bytes()[:-50])
    assert darshan.sniff(path)
    assert refusal(path) == f"the compressed text is damaged or cut off; {PRINT}"


TRACES = gzip.decompress((DXT / "sample-dxt-simple.dxt-parser.txt.gz").read_bytes()).decode()


def test_traces_that_were_cut(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(TRACES[: TRACES.rindex(" X_MPIIO")])
    again = "print the log again with darshan-dxt-parser"
    line = TRACES[: TRACES.rindex("# DXT, file_id")].count("\n") + 1
    assert refusal(path) == f"line {line}: a trace announces 1 writes and 0 reads and has 0 and 0; {again}"


def test_garbage_that_the_tool_printed_is_no_trace(tmp_path: Path) -> None:
    """What the tools of Darshan 3.4 print of logs whose segments they don't know."""
    path = tmp_path / "a.txt"
    row = next(line for line in TRACES.split("\n") if line.startswith(" X_POSIX"))
    wrong = " X_POSIX       0  write        0 6873726019613258864 3977018435652379753      0.0000      0.0000   N/A"
    path.write_text(TRACES.replace(row, wrong, 1))
    evidence = darshan.read(path)
    assert ("UnreadableValue", "module DXT_POSIX") in [(gap.kind, gap.where) for gap in evidence.gaps]
    assert set(table(evidence, "dxt").columns["module"]) == {"DXT_MPIIO"}


def test_text_of_a_partial_module(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    warning = "# *WARNING*: The STDIO module contains incomplete data!"
    path.write_text("\n".join([*LINES, warning]))
    evidence = darshan.read(path)
    assert [(gap.kind, gap.where) for gap in evidence.gaps] == [("NotCaptured", "module STDIO")]
    assert {record.partial for record in counted(evidence, "STDIO")} == {True}
    assert {record.partial for record in counted(evidence, "POSIX")} == {None}


@pytest.mark.parametrize(
    "data",
    [b"", b"\x1f\x8b", b"\x1f\x8bnonsense", b"# darshan", b"\0" * 20, b"{}", b"3.41\0\0\0\0" + bytes(8)],
)
def test_sniff_claims_no_other_file(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(data)
    assert not darshan.sniff(path)
    assert not darshan.sniff(tmp_path / "absent")
