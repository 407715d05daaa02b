"""Dumps of hpcproftt, exports of Hatchet, and what experiment.xml may hold beside what the real ones do."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recup_kg.converters.hpctoolkit import read, sniff
from recup_kg.converters.hpctoolkit.dump import read_dump
from recup_kg.converters.hpctoolkit.metrics import total, unit_of
from recup_kg.converters.hpctoolkit.times import nanoseconds
from recup_kg.errors import MalformedSource
from recup_kg.evidence import CounterTotal, Evidence
from recup_kg.evidence.processes import Process, ProcessGroup
from recup_kg.evidence.profiles import CallContext, ProcedureCost

HEADER = """=============================================================================
m/cpi-000001-000-a8c00270-160444-0.hpcrun
=============================================================================
HPCRUN-profile____
[hdr:
  (version: 02.00)
  (endian: b)
  [nv-pair: 'program-name', 'cpi']
  [nv-pair: 'program-path', '/home/a/cpi']
  [nv-pair: 'env-path', '/bin:/usr/bin']
  [nv-pair: 'job-id', '77']
  [nv-pair: 'mpi-rank', '%(rank)d']
  [nv-pair: 'thread-id', '0']
  [nv-pair: 'host-id', '0xa8c00270']
  [nv-pair: 'process-id', '160444']
  [nv-pair: 'trace-min-time', '1714021984008891000']
  [nv-pair: 'trace-max-time', '']
]
EPOCH___
[epoch-hdr:
  (flags: 0x0)
  (measurement-granularity: 1)
]
"""
FLAGS = "(partner: 0) (show: 1) (showPercent: 1)) (period: 1) (formula: ) (format: )"
TABLES = f"""[metric-tbl: (num-entries: 2)
  [(nm: CPUTIME (usec)) (desc: CPU time) ((ty: 1) (val-ty: 1) (val-fmt: 2) {FLAGS}
    (frequency: 0) (multiplexed: 0) (period-mean: 0.000000) (num-samples: 3)]
  [(nm: cycles) (desc: ) ((ty: 1) (val-ty: 1) (val-fmt: 1) {FLAGS}]
]
[loadmap: (num-entries: 2)
  [(id: 1) (nm: /home/a/cpi) (flg: 0x0)]
  [(id: 2) (nm: /lib/libc (1).so) (flg: 0x3)]
]
"""
DENSE = """[cct: (num-nodes: 3)
  [node: (id: 1) (id-parent: 0) (lm-id: 1) (lm-ip: 0x10)\x20
  (metrics: 0  0)
  ]
  [node: (id: 3) (id-parent: 1) (lm-id: 2) (lm-ip: 0xff)\x20
  (metrics: 0  18446744073709551615)
  ]
  [node: (id: -5) (id-parent: 3) (lm-id: 2) (lm-ip: 0x100)\x20
  (metrics: 1.5  7)
  ]
]

[You look fine today! (num-epochs: 1)]
"""
SPARSE = """[cct: (num-nodes: 3)
  [node: (id: 1) (id-parent: 0) (lm-id: 1) (lm-ip: 0x10) ]
  [node: (id: 3) (id-parent: 1) (lm-id: 2) (lm-ip: 0xff) ]
  [node: (id: 5) (id-parent: 3) (lm-id: 2) (lm-ip: 0x100) ]
]
[sparse metrics:
  [basic information:
     id tuple:[(NODE: 296485632, 0) (RANK: 4) (THREAD: 2) ]
    (number of non-zero metrics: 3)
    (number of non-zero cct nodes: 2)
  ]
  [metrics:
  (NOTES: printed in file order, help checking if hpcrun file is correct)
    (value: 2.5, metric id: 0)
    (value: 9, metric id: 1)
    (value: 1e-05, metric id: 0)
  ]
  [cct node indices:
    (cct node id: 3, index: 0)
    (cct node id: 5, index: 2)
    (cct node id: END, index: 3)
  ]
]
"""
GREP = """[cct: (num-nodes: 1)
  [node: (id: 1) (id-parent: 0) (lm-id: 1) (lm-ip: 0x10) ]
]
[sparse metrics:
  [metrics easy grep version:
    (cct node id: 1) (metric 0:2.5) (metric 1:9)\x20
  ]
]
"""


def of(evidence: Evidence, kind: type) -> list[Any]:
    return [record for record in evidence.records if isinstance(record, kind)]


def values(evidence: Evidence, identifier: str = "profile-values") -> list[tuple[Any, ...]]:
    (table,) = (table for table in evidence.tables if table.identifier == identifier)
    columns: list[Any] = [
        column.to_pylist() if hasattr(column, "to_pylist") else list(column)
        for column in table.columns.values()
    ]
    return list(zip(*columns, strict=True))


def dump(tmp_path: Path, *parts: str) -> Path:
    path = tmp_path / "dump.txt"
    path.write_text("".join(parts))
    return path


def test_a_dump_of_dense_values(tmp_path: Path) -> None:
    path = dump(tmp_path, HEADER % {"rank": 1}, TABLES, DENSE)
    assert sniff(path)
    evidence = read(path)
    (group,) = of(evidence, ProcessGroup)
    assert (group.label, group.executable, group.job, group.log_version) == (
        "cpi",
        "/home/a/cpi",
        "77",
        "02.00",
    )
    (process,) = of(evidence, Process)
    assert (process.label, process.rank, process.thread, process.process_id) == (
        "NODE [0xa8c00270] / RANK 1 / THREAD 0",
        1,
        0,
        160444,
    )
    assert process.started is not None and process.started.iso == "2024-04-25T05:13:04.008891Z"
    assert process.ended is None
    assert values(evidence) == [
        (1, 1, "CPUTIME (usec)", "point", 0.0),
        (1, 1, "cycles", "point", 0.0),
        (3, 1, "CPUTIME (usec)", "point", 0.0),
        (3, 1, "cycles", "point", 18446744073709551615.0),
        (5, 1, "CPUTIME (usec)", "point", 1.5),
        (5, 1, "cycles", "point", 7.0),
    ]
    assert [(row[0], row[1], row[4], row[6], row[9]) for row in values(evidence, "context-tree")] == [
        (1, None, "cpi@0x10", "/home/a/cpi", 16),
        (3, 1, "libc (1).so@0xff", "/lib/libc (1).so", 255),
        (5, 3, "libc (1).so@0x100", "/lib/libc (1).so", 256),
    ]
    units = {term.name: term.unit for term in evidence.terms}
    assert units["CPUTIME (usec)"] == "MicroSEC" and units["cycles"] is None
    assert "/usr/bin" not in str(evidence)
    assert [record.identifier for record in of(evidence, CallContext)] == ["1", "3", "5"]


def test_a_dump_of_sparse_values(tmp_path: Path) -> None:
    evidence = read(
        dump(
            tmp_path,
            HEADER % {"rank": 1},
            SPARSE.split("[sparse")[0],
            TABLES,
            "[sparse",
            SPARSE.split("[sparse")[1],
        )
    )
    assert values(evidence) == [
        (3, 1, "CPUTIME (usec)", "point", 2.5),
        (3, 1, "cycles", "point", 9.0),
        (5, 1, "CPUTIME (usec)", "point", 1e-05),
    ]
    (process,) = of(evidence, Process)
    assert process.label == "NODE 0 [0x11ac0300] / RANK 4 / THREAD 2"


def test_a_dump_that_is_easy_to_grep(tmp_path: Path) -> None:
    evidence = read(dump(tmp_path, HEADER % {"rank": 1}, TABLES, GREP))
    assert [row[4] for row in values(evidence)] == [2.5, 9.0]


def test_a_dump_of_several_profiles(tmp_path: Path) -> None:
    evidence = read(dump(tmp_path, *(HEADER % {"rank": rank} + TABLES + DENSE for rank in range(3))))
    assert [process.rank for process in of(evidence, Process)] == [0, 1, 2]
    assert [row[0] for row in values(evidence, "context-tree")] == [1, 3, 5, 6, 8, 10, 11, 13, 15]
    assert [row[5] for row in values(evidence, "summary-values") if row[0] in (5, 10, 15)] == [1.5, 7.0] * 3


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("(num-nodes: 3)", "(num-nodes: 4)"), "line 33: 3 nodes where it says that there are 4"),
        (("(num-entries: 2)", "(num-entries: 3)"), "2 metrics where it says that there are 3"),
        (("(metrics: 1.5  7)", "(metrics: 1.5)"), "line 41: 1 values where 2 metrics are described"),
        (("(metrics: 1.5  7)", "(metrics: nan  7)"), "line 41: 'nan' is no number"),
        (("(metrics: 1.5  7)", "(metrics: x  7)"), "line 41: 'x' is no number"),
        (("(id: 3)", "(id: 1)"), "node 1 is there twice"),
        (("(id: 3)", "(id: 99999999999)"), "99999999999 is no number of a node"),
        (("(id-parent: 1)", "(id-parent: 9)"), "node 3 is below 9, which is not there"),
        (("(id-parent: 1)", "(id-parent: 5)"), "2 nodes are below themselves"),
    ],
)
def test_malformed_dumps(change: tuple[str, str], problem: str, tmp_path: Path) -> None:
    text = (HEADER % {"rank": 1} + TABLES + DENSE).replace(*change, 1)
    with pytest.raises(MalformedSource) as error:
        read(dump(tmp_path, text))
    assert problem in str(error.value)
    assert str(error.value).endswith("; run hpcproftt again")


def test_a_dump_cut_off_anywhere_is_refused_or_whole(tmp_path: Path) -> None:
    lines = (HEADER % {"rank": 1} + TABLES + DENSE).splitlines(keepends=True)
    read_ones = 0
    for count in range(5, len(lines)):
        path = dump(tmp_path, *lines[:count])
        try:
            read_dump(path)
        except MalformedSource as error:
            assert "where it says that there are" in str(error) or "line" in str(error)
        else:
            read_ones += 1
    # Before the tables there is nothing that says what is missing; from the last node on nothing is.
    assert read_ones >= 5


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2**64 - 1), st.integers(0, 2**63)), min_size=1, max_size=8), st.data()
)
def test_any_tree_comes_back(nodes: list[tuple[int, int]], data: st.DataObject) -> None:
    from tempfile import TemporaryDirectory

    parents = [data.draw(st.integers(0, place)) for place in range(len(nodes))]
    text = f"[metric-tbl: (num-entries: 1)\n  [(nm: n) (desc: d) ((ty: 1) (val-fmt: 1))]\n]\n[cct: (num-nodes: {len(nodes)})\n"
    for place, ((address, value), parent) in enumerate(zip(nodes, parents, strict=True), start=1):
        text += f"  [node: (id: {place}) (id-parent: {parent}) (lm-id: 0) (lm-ip: 0x{address:x}) \n  (metrics: {value})\n  ]\n"
    with TemporaryDirectory() as name:
        path = dump(Path(name), HEADER % {"rank": 0}, text + "]\n")
        evidence = read(path)
    found = {row[0]: (row[1] or 0, row[9]) for row in values(evidence, "context-tree")}
    expected = {place: (parent, nodes[place - 1][0]) for place, parent in enumerate(parents, start=1)}
    assert found == expected
    assert {row[0]: row[4] for row in values(evidence)} == {
        place: float(value) for place, (_, value) in enumerate(nodes, start=1)
    }


FRAME = """node,rank,time (inc),time,nid,name,type,file,line,module
"{'name': 'main', 'type': 'function'}",0,9.5,1.0,2,main,PF,a.c,3,m
"{'name': 'main', 'type': 'function'}",1,8.5,,2,main,PF,a.c,3,m
"{'file': 'a.c', 'line': '4', 'type': 'statement'}",0,2,2,3,a.c:4,S,a.c,4,
"""


def csv_file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "frame.csv"
    path.write_text(text)
    return path


def test_an_export_says_no_more_than_it_does(tmp_path: Path) -> None:
    evidence = read(csv_file(tmp_path, FRAME))
    assert values(evidence) == [
        (2, 1, "time (inc)", "inclusive", 9.5),
        (2, 1, "time", None, 1.0),
        (3, 1, "time (inc)", "inclusive", 2.0),
        (3, 1, "time", None, 2.0),
        (2, 2, "time (inc)", "inclusive", 8.5),
    ]
    assert of(evidence, ProcedureCost) == [] and of(evidence, CounterTotal) == []
    hot = {record.identifier: dict(record.counters) for record in of(evidence, CallContext)}
    assert hot == {
        "2": {"time (inc):sum": 18.0, "time:sum": 1.0},
        "3": {"time (inc):sum": 2.0, "time:sum": 2.0},
    }
    assert {term.unit for term in evidence.terms} == {None}


def test_an_export_without_numbers_of_nodes(tmp_path: Path) -> None:
    text = (
        "node,thread,name,time\n"
        + "\"{'name': 'f'}\",0,f,1\n\"{'name': 'f'}\",1,f,2\n\"{'name': 'f'}\",0,f,4\n"
    )
    evidence = read(csv_file(tmp_path, text))
    assert [(row[0], row[1], row[4]) for row in values(evidence)] == [(1, 1, 1.0), (2, 1, 4.0), (1, 2, 2.0)]


def test_the_name_of_the_file_is_no_fact(tmp_path: Path) -> None:
    one, other = csv_file(tmp_path, FRAME), tmp_path / "other.csv"
    other.write_text(FRAME)
    assert read(one).identity == read(other).identity
    assert read(one).label == "frame.csv"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (FRAME + "short,1\n", "frame.csv: line 5: 2 cells where the header has 10"),
        (FRAME.replace(",3,a.c:4", ",x,a.c:4"), "line 4: nid 'x' is no number of a node"),
        (FRAME + FRAME.splitlines()[1] + "\n", "line 5: node 2 is there twice for one rank and thread"),
        (FRAME.replace("nid", "name"), "line 1: two columns have one name"),
        (FRAME + '"open', "not CSV: unexpected end of data"),
    ],
)
def test_malformed_exports(text: str, problem: str, tmp_path: Path) -> None:
    with pytest.raises(MalformedSource) as error:
        read(csv_file(tmp_path, text))
    assert problem in str(error.value)


def test_what_is_no_metric_and_no_number_is_a_gap(tmp_path: Path) -> None:
    text = (
        FRAME.replace("module\n", "module,note,x\n")
        .replace(",m\n", ",m,good,inf\n")
        .replace(",4,\n", ",4,,bad,1\n", 1)
    )
    text = text.replace(",4,,bad,1", ",4,,bad,1")
    evidence = read(csv_file(tmp_path, text))
    assert [(gap.kind, gap.where) for gap in evidence.gaps] == [
        ("NotCaptured", "frame.csv"),
        ("UnmappedField", "frame.csv"),
        ("UnreadableValue", "frame.csv, line 2"),
    ]


@pytest.mark.parametrize(
    "start",
    [
        "node,name\n",
        "node,rank,time\n1,2,3\n",
        "name,node\n",
        'node,"',
        "node" + ",a" * 5000,
        "",
        "=====\nHPCRUN-profile____04.00b",
        "<?xml version='1.0'?><Experiment/>",
        "<!-- HPCToolkitExperiment -->",
    ],
)
def test_what_is_not_claimed(start: str, tmp_path: Path) -> None:
    path = tmp_path / "other"
    path.write_text(start)
    assert not sniff(path)
    path.write_bytes(gzip.compress(start.encode()))
    assert not sniff(path)


def test_a_missing_file_is_not_claimed(tmp_path: Path) -> None:
    assert not sniff(tmp_path / "meta.db")
    with pytest.raises(MalformedSource, match=r"meta\.db is not beside it|can't be read"):
        read(tmp_path / "meta.db")


FLAT = """<?xml version="1.0"?>
<HPCToolkitExperiment version="3.0">
<Header n="old"><Info/></Header>
<SecFlatProfile i="0" n="old"><SecHeader><MetricTable>
<Metric i="0" n="T (sec)" t="nil"/></MetricTable></SecHeader>
<SecFlatProfileData><M n="0" v="3"/>
<LM n="/bin/old"><F n="a.c"><P n="main" l="3-9"><M n="0" v="3"/><L l="4-5"><S l="4"><M n="0" v="0"/></S></L>
<A f="b.h" n="inlined" l="7"><S l="7" v="{[0x1-0x2)}"/></A></P></F></LM>
<LM n="/lib/x"/><New/>
</SecFlatProfileData></SecFlatProfile>
</HPCToolkitExperiment>
"""


def test_a_flat_profile_without_numbers(tmp_path: Path) -> None:
    path = tmp_path / "experiment.xml"
    path.write_text(FLAT)
    evidence = read(path)
    rows = [(row[2], row[4], row[5], row[7], row[8]) for row in values(evidence, "context-tree")]
    assert rows == [
        ("load module", "/bin/old", None, None, None),
        ("file", "a.c", None, "a.c", None),
        ("procedure", "main", "main", None, 3),
        ("loop", "loop 4-5", None, None, 4),
        ("line", "line 4", None, None, 4),
        ("procedure", "inlined", "inlined", "b.h", 7),
        ("line", "line 7", None, None, 7),
        ("load module", "/lib/x", None, None, None),
    ]
    (sums,) = of(evidence, CounterTotal)
    assert sums.counters == (("T (sec)", 3.0),)
    assert [row[5] for row in values(evidence, "summary-values")] == [3.0, 3.0, 0.0]
    assert [gap.comment for gap in evidence.gaps] == ["1 <New>, which the document type does not have"]


def test_a_zero_that_is_stated_is_a_value(tmp_path: Path) -> None:
    path = tmp_path / "experiment.xml"
    path.write_text(FLAT)
    assert 0.0 in [row[5] for row in values(read(path), "summary-values")]


def test_times_of_traces_need_their_unit(tmp_path: Path) -> None:
    path = tmp_path / "experiment.xml"
    for unit, started in (('u="1000000"', "2022-08-05T15:29:24.90421Z"), ("", None)):
        trace = f'<TraceDBTable><TraceDB i="0" {unit} db-min-time="1659713364904210" db-max-time="0"/></TraceDBTable>'
        path.write_text(FLAT.replace("</SecHeader>", trace + "</SecHeader>"))
        (group,) = of(read(path), ProcessGroup)
        assert (group.started and group.started.iso) == started
        assert group.ended is None


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("CPUTIME (sec)", "SEC"),
        ("CPUTIME (usec):Sum (I)", "MicroSEC"),
        ("GXCOPY:H2D (B)", "BYTE"),
        ("cycles", None),
        ("perf::cycles (I)", None),
        ("MEM (KB)", None),
        ("seconds", None),
    ],
)
def test_units_are_those_of_the_name(name: str, unit: str | None) -> None:
    assert unit_of(name) == unit


def test_times_beyond_the_calendar_have_no_date() -> None:
    assert nanoseconds(0) is None
    found = nanoseconds(2**64 * 10**9)
    assert found is not None and found.iso is None and found.written == str(2**64 * 10**9)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=5))
def test_sums_are_always_numbers(numbers: list[float]) -> None:
    assert abs(total(numbers)) <= 1.7976931348623157e308
