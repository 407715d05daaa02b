"""Text of darshan-parser and darshan-dxt-parser: made and read again, odd names, old spellings."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recup_kg.converters import darshan
from recup_kg.converters.darshan.log import Record
from recup_kg.converters.darshan.text import read_text
from recup_kg.records import Number
from tests.converters.darshan_samples import counted, files, group, mounts, table, totals

HEAD = """# darshan log version: 3.41
# compression method: ZLIB
# exe: /bin/app --token ghp_0123456789abcdefghijABCDEFGHIJ012345 run
# uid: 1000
# jobid: 7
# start_time: 1600000000
# start_time_asci: Sun Sep 13 12:26:40 2020
# end_time: 1600000009
# end_time_asci: Sun Sep 13 12:26:49 2020
# nprocs: 1
# run time: 9.2500
# metadata: lib_ver = 3.4.4
# metadata: h = romio_no_indep_rw=true;cb_nodes=4

# log file regions
# -------------------------------------------------------
# header: 1328 bytes (uncompressed)
# job data: 100 bytes (compressed)
# record table: 50 bytes (compressed)
# {module} module: 219 bytes (compressed), ver=4
# <UNKNOWN> module (id 40): 7 bytes (compressed), ver=1

# mount entry:\t/home\text4
# mount entry:\t/\txfs
"""

names = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\t\n\r\0"), min_size=1, max_size=20
).filter(lambda name: name not in ("UNKNOWN", "(null)"))
records = st.lists(
    st.tuples(
        st.integers(-1, 5),
        st.integers(0, 2**64 - 1),
        st.dictionaries(
            st.sampled_from(["POSIX_OPENS", "POSIX_READS", "POSIX_BYTES_READ"]),
            st.integers(-(2**63), 2**63 - 1),
            min_size=1,
        ),
        st.floats(0, 1e6, allow_nan=False).map(lambda value: float(f"{value:f}")),
        names,
    ),
    max_size=5,
    unique_by=lambda record: record[1],
)


def text(rows: list[str], module: str = "POSIX", head: str = HEAD) -> str:
    return head.format(module=module) + f"\n# {module} module data\n\n" + "".join(f"{row}\n" for row in rows)


def written(path: Path, content: str) -> Path:
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    return path


def row(
    name: str, value: object, module: str = "POSIX", rank: int = 0, file: str = "/home/a", number: int = 5
) -> str:
    return f"{module}\t{rank}\t{number}\t{name}\t{value}\t{file}\t/home\text4"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=records)
def test_what_was_printed_is_read(
    tmp_path: Path, records: list[tuple[int, int, dict[str, int], float, str]]
) -> None:
    rows: list[str] = []
    expected: list[Record] = []
    for rank, number, counters, time, file in records:
        said: dict[str, Number] = {**counters, "POSIX_F_READ_TIME": time}
        rows += [
            row(
                name, f"{value:f}" if isinstance(value, float) else value, rank=rank, file=file, number=number
            )
            for name, value in said.items()
        ]
        expected.append(Record("POSIX", number, rank, tuple(said.items())))
    log = read_text(written(tmp_path / "a.txt", text(rows)))
    assert log.records == expected
    assert log.names == {number: file for _, number, _, _, file in records}


def test_facts_of_the_header(tmp_path: Path) -> None:
    path = written(tmp_path / "a_id7-4711_9-13-44800-123_1.darshan.txt", text([row("POSIX_READS", 1)]))
    evidence = darshan.read(path)
    found = group(evidence)
    assert found.command_line is not None
    assert "ghp_" not in found.command_line
    assert (found.job, found.process_id, found.run_time) == ("7", 4711, 9.25)
    assert found.started is not None
    assert found.started.iso == "2020-09-13T12:26:40Z"
    assert [(record.mount_point, record.file_system) for record in mounts(evidence)] == [
        ("/", "xfs"),
        ("/home", "ext4"),
    ]
    assert [(gap.kind, gap.where) for gap in evidence.gaps] == [("NotCaptured", "module module 40")]
    assert evidence.source.description == "metadata: lib_ver=3.4.4, h=romio_no_indep_rw=true;cb_nodes=4"


def test_the_name_of_another_job_says_no_process(tmp_path: Path) -> None:
    path = written(tmp_path / "a_id8-4711_9-13-44800-123_1.txt", text([row("POSIX_READS", 1)]))
    assert group(darshan.read(path)).process_id is None


@pytest.mark.parametrize("name", ["/home/a\tb", "/home/a\nb", "/home/é", "/home/a b", "/home/a\udcff"])
def test_odd_file_names(tmp_path: Path, name: str) -> None:
    path = written(
        tmp_path / "a.txt", text([row("POSIX_READS", 1, file=name), row("POSIX_WRITES", 2, file=name)])
    )
    (found,) = files(darshan.read(path))
    assert found.path == name.replace("\udcff", "\\xff")
    assert totals(darshan.read(path)) == {"POSIX_READS": 1, "POSIX_WRITES": 2}


def test_unknown_places_are_not_stated(tmp_path: Path) -> None:
    rows = ["POSIX\t-1\t5\tPOSIX_READS\t1\t(null)\tUNKNOWN\tUNKNOWN"]
    (found,) = files(darshan.read(written(tmp_path / "a.txt", text(rows))))
    assert (found.path, found.mount_point, found.file_system) == (None, None, None)


def test_windows_line_ends_and_gzip(tmp_path: Path) -> None:
    content = text([row("POSIX_READS", 3)])
    plain = darshan.read(written(tmp_path / "a.txt", content))
    windows = darshan.read(written(tmp_path / "b.txt", content.replace("\n", "\r\n")))
    path = tmp_path / "c.txt.gz"
    path.write_bytes(gzip.compress(content.encode()))
    assert darshan.sniff(path)
    packed = darshan.read(path)
    assert plain.records == windows.records == packed.records
    assert plain.identity == windows.identity == packed.identity


def test_unsigned_numbers_stay_exact(tmp_path: Path) -> None:
    value = 2**64 - 3
    path = written(tmp_path / "a.txt", text([row("POSIX_RENAMED_FROM", value, number=2**64 - 1)]))
    (record,) = counted(darshan.read(path))
    assert dict(record.counters) == {"POSIX_RENAMED_FROM": value}
    assert record.file == str(2**64 - 1)
    # darshan-parser prints this total as a signed number.
    assert totals(darshan.read(path)) == {"POSIX_RENAMED_FROM": -3}


def test_numbers_that_are_none_are_gaps(tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt", text([row("POSIX_READS", 1), row("POSIX_F_READ_TIME", "-nan")]))
    evidence = darshan.read(path)
    assert ("UnreadableValue", "POSIX_F_READ_TIME") in [(gap.kind, gap.where) for gap in evidence.gaps]
    assert [dict(record.counters) for record in counted(evidence)] == [{"POSIX_READS": 1}]


def test_layouts_with_names_for_numbers(tmp_path: Path) -> None:
    said = [
        *(("LUSTRE_NUM_COMPONENTS", 2), ("LUSTRE_NUM_STRIPES", 3)),
        *(
            ("LUSTRE_COMP1_STRIPE_COUNT", 2),
            ("LUSTRE_COMP1_STRIPE_PATTERN", "raid0"),
            ("LUSTRE_COMP1_FLAGS", "init,prefwr"),
        ),
        *(("LUSTRE_COMP1_POOL_NAME", "N/A"), ("LUSTRE_COMP1_OST_ID_0", 9), ("LUSTRE_COMP1_OST_ID_1", 4)),
        *(
            ("LUSTRE_COMP2_STRIPE_PATTERN", "N/A"),
            ("LUSTRE_COMP2_FLAGS", 0),
            ("LUSTRE_COMP2_POOL_NAME", "fast"),
        ),
        ("LUSTRE_COMP2_OST_ID_0", 9),
    ]
    rows = [row(name, value, module="LUSTRE", rank=-1) for name, value in said]
    evidence = darshan.read(written(tmp_path / "a.txt", text(rows, "LUSTRE")))
    whole, first, second = counted(evidence, "LUSTRE")
    assert dict(whole.counters) == {"LUSTRE_NUM_COMPONENTS": 2, "LUSTRE_NUM_STRIPES": 3}
    assert dict(first.counters[:3]) == {
        "LUSTRE_COMP_STRIPE_COUNT": 2,
        "LUSTRE_COMP_STRIPE_PATTERN": 0,
        "LUSTRE_COMP_FLAGS": 20,
    }
    assert second.label == "component 2, pool fast"
    assert "LUSTRE_COMP_STRIPE_PATTERN" not in dict(second.counters)
    assert list(table(evidence, "lustre").columns["target"]) == [9, 4, 9]


def test_layouts_of_old_tools(tmp_path: Path) -> None:
    said = [
        ("LUSTRE_OSTS", 248),
        ("LUSTRE_STRIPE_OFFSET", -1),
        ("LUSTRE_OST_ID_0", 7),
        ("LUSTRE_OST_ID_1", 7),
    ]
    rows = [row(name, value, module="LUSTRE") for name, value in said]
    evidence = darshan.read(written(tmp_path / "a.txt", text(rows, "LUSTRE")))
    (record,) = counted(evidence, "LUSTRE")
    assert record.counters == (("LUSTRE_OSTS", 248), ("LUSTRE_STRIPE_OFFSET", -1), ("LUSTRE_OST_ID", 7))
    assert list(table(evidence, "lustre").columns["target"]) == [7, 7]
    assert evidence.terms == ()


def test_heat_maps(tmp_path: Path) -> None:
    said = [("HEATMAP_F_BIN_WIDTH_SECONDS", "0.500000")]
    said += [
        (f"HEATMAP_{kind}_BIN_{number}", str(number * 10))
        for kind in ("READ", "WRITE")
        for number in range(3)
    ]
    rows = [row(name, value, module="HEATMAP", file="heatmap:POSIX") for name, value in said]
    evidence = darshan.read(written(tmp_path / "a.txt", text(rows, "HEATMAP")))
    (record,) = counted(evidence, "HEATMAP")
    assert (record.label, record.file) == ("heatmap:POSIX", None)
    assert dict(record.counters) == {
        "HEATMAP_F_BIN_WIDTH_SECONDS": 0.5,
        "HEATMAP_BINS": 3,
        "HEATMAP_BYTES_READ": 30,
        "HEATMAP_BYTES_WRITTEN": 30,
    }
    assert list(table(evidence, "heatmap").columns["end"]) == [0.5, 1.0, 1.5]
    assert files(evidence) == []


def test_records_of_auto_perf(tmp_path: Path) -> None:
    rows = [
        "APMPI\t0\t5\tMPI_PROCESSOR_NAME\tnode3\t\t\t",
        "APMPI\t0\t5\tMPI_SEND_CALL_COUNT\t18446744073709551615\t\t\t",
        "APMPI\t0\t5\tMPI_SEND_TOTAL_TIME\t1.500000\t\t\t",
    ]
    (record,) = counted(darshan.read(written(tmp_path / "a.txt", text(rows, "APMPI"))))
    assert (record.host, record.file) == ("node3", None)
    assert dict(record.counters) == {"MPI_SEND_CALL_COUNT": 2**64 - 1, "MPI_SEND_TOTAL_TIME": 1.5}


def test_a_counter_of_a_newer_darshan_gets_a_term(tmp_path: Path) -> None:
    evidence = darshan.read(written(tmp_path / "a.txt", text([row("POSIX_TELEPORTS", 2)])))
    (term,) = evidence.terms
    assert (term.tool, term.name, term.module, term.unit) == ("darshan", "POSIX_TELEPORTS", "POSIX", None)


def test_words_that_no_counter_holds_are_gaps(tmp_path: Path) -> None:
    rows = [row("APXC_MEMORY_MODE", "cache", module="APXC")]
    (gap, *_) = darshan.read(written(tmp_path / "a.txt", text(rows, "APXC"))).gaps
    assert (gap.kind, gap.value) == ("UnmappedField", '"cache"')


def test_derived_lines_are_passed_over(tmp_path: Path) -> None:
    lines = [
        "total_POSIX_READS: 1",
        "total_bytes: 7",
        "# agg_perf_by_slowest: 1.5 # MiB/s",
        "agg_time_by_open: 3.0",
    ]
    evidence = darshan.read(written(tmp_path / "a.txt", text([row("POSIX_READS", 1), *lines])))
    assert totals(evidence) == {"POSIX_READS": 1}


TRACED = """
# DXT, file_id: 5, file_name: /home/a
# DXT, rank: 2, hostname: node1
# DXT, number of threads: 2
# DXT, write_count: 1, read_count: 2
# DXT, mnt_pt: /home, fs_type: ext4
# DXT, Lustre stripe components:
#\t[Component 1] stripe_ext: 0 - EOF, stripe_size: 1048576, stripe_count: 2, OSTs: 3 4
# Module    Rank  Wt/Rd  Segment          Offset          Length    Start(s)      End(s)   [OST]   Pthread-ID
 X_POSIX       2  write        0               0              40      0.1034      0.2034   [3] [4]   140012345678
 X_POSIX       2   read        0              40              10      0.3034      0.4034   [3]   140012345679
 X_POSIX       2   read        1              50              10      0.5034      0.6034
"""


def test_traces_with_threads_and_targets(tmp_path: Path) -> None:
    content = HEAD.format(module="DXT_POSIX") + TRACED
    evidence = darshan.read(written(tmp_path / "a.txt", content))
    traced = table(evidence, "dxt")
    assert list(traced.columns["thread"]) == [140012345678, 140012345679, None]
    assert list(traced.columns["operation"]) == ["write", "read", "read"]
    (record,) = counted(evidence)
    assert (record.host, record.rank, record.file) == ("node1", 2, "5")
    assert dict(record.counters)["DXT_BYTES_READ"] == 20
    assert group(evidence).hosts == ("node1",)
