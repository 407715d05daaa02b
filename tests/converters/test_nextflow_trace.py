"""Nextflow's trace report: units, times, names, and rows that are odd or broken."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recup_kg.converters import nextflow
from recup_kg.converters.nextflow.fields import COUNTERS, TEXTS, amount, is_rounded, moment
from recup_kg.errors import MalformedSource
from recup_kg.evidence.core import CounterRecord
from recup_kg.evidence.environment import ContainerImage
from recup_kg.evidence.statements import LiteralValue, Statement
from recup_kg.records import Number, Trace
from recup_kg.validate import validate
from recup_kg.vocab import counter_iri
from tests.conftest import ROOT
from tests.converters.crates import gaps, ntriples
from tests.converters.golden import assert_golden

SAMPLE = ROOT / "data" / "nextflow" / "tutorial" / "trace-20230517.txt"
HUMAN = (
    "task_id\thash\tnative_id\tname\tstatus\texit\tsubmit\tstart\tcomplete\tduration\trealtime\t%cpu\tpeak_rss\tpeak_vmem\trchar\twchar"
    "\tcontainer\tattempt\thostname\tscript\tenv\n"
    "1\tab/123456\t4242\tNF:A:ALIGN (s1 (x))\tFAILED\t137\t2024-03-01 10:00:00.123\t2024-03-01 10:00:01.000\t2024-03-01 11:02:04"
    "\t1h 2m 4s\t1h 2m 3s\t98.5%\t1.5 GB\t2 TB\t512 MB\t1.1 KB\tdocker.io/x:1\t1\tnode01\texport HF_TOKEN=hunter2; run\tA=1\n"
    "2\tab/654321\t4243\tNF:A:ALIGN (s1 (x))\tCACHED\t0\t-\t-\t-\t-\t178ms\t-\t0\t-\t-\t-\t-\t2\t-\t-\t-\n"
    "3\tcd/000000\t-\tNF:QC\tABORTED\t2147483647\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\t-\n"
)


def _trace(tmp_path: Path, text: str) -> Trace:
    path = tmp_path / "trace.txt"
    path.write_text(text, encoding="utf-8")
    assert nextflow.sniff(path)
    return nextflow.read(path)


def _counters(trace: Trace, task: str) -> dict[str, Number]:
    (record,) = [item for item in trace.records if isinstance(item, CounterRecord) and item.task == task]
    return dict(record.counters)


def test_golden(request: pytest.FixtureRequest) -> None:
    assert_golden(
        "nextflow/tutorial", nextflow.read(SAMPLE), update=request.config.getoption("--update-golden")
    )


def test_every_value_of_the_sample_comes_back() -> None:
    header, *lines = SAMPLE.read_text().splitlines()
    trace = nextflow.read(SAMPLE)
    assert len(trace.tasks) == len(lines) == 3
    for line in lines:
        stated = dict(zip(header.split("\t"), line.split("\t"), strict=True))
        counters = _counters(trace, stated["task_id"])
        assert set(counters) == COUNTERS & set(stated)
        assert all(Decimal(str(counters[name])) == Decimal(stated[name]) for name in counters)
        (task,) = [task for task in trace.tasks if task.identifier == stated["task_id"]]
        assert (task.name, task.status, task.exit_code) == (
            stated["name"],
            stated["status"],
            int(stated["exit"]),
        )
        assert task.run_time == int(stated["realtime"]) / 1000
        assert (task.read_bytes, task.written_bytes) == (int(stated["rchar"]), int(stated["wchar"]))


def test_the_sample_is_valid() -> None:
    report = validate(ntriples(nextflow.read(SAMPLE)))
    assert [result for result in report.results if result.severity != "Info"] == []


def test_values_for_people(tmp_path: Path) -> None:
    trace = _trace(tmp_path, HUMAN)
    first, second, third = trace.tasks
    assert (first.step, first.name, trace.execution.workflow_name) == (
        "NF:A:ALIGN",
        "NF:A:ALIGN (s1 (x))",
        "NF",
    )
    assert first.started is not None
    assert (first.started.iso, first.run_time) == ("2024-03-01T10:00:01.000", 3723)
    assert _counters(trace, "1") == {
        "duration": 3724000,
        "realtime": 3723000,
        "%cpu": 98.5,
        "peak_rss": 1610612736,
        "peak_vmem": 2199023255552,
        "rchar": 536870912,
        "wchar": 1126.4,
        "attempt": 1,
    }
    assert first.written_bytes == 1126
    assert (first.exit_code, second.exit_code, third.exit_code) == (137, 0, None)
    assert (second.status, second.resident_memory, second.average_cpu_utilization) == ("CACHED", 0, None)
    assert third.run_time is None
    assert (first.nodes, second.nodes, [node.name for node in trace.nodes]) == (("node01",), None, ["node01"])
    assert [item.name for item in trace.records if isinstance(item, ContainerImage)] == ["docker.io/x:1"]
    assert [task.parents for task in trace.tasks] == [(), (), ()]
    assert [task.inputs for task in trace.tasks] == [None, None, None]
    assert "hunter2" not in ntriples(trace)
    rounded = [comment for comment in gaps(trace, "NotCaptured") if "rounded" in comment]
    assert rounded == [
        "written with units for people, so rounded: duration, realtime, peak_rss, peak_vmem, rchar, wchar; "
        "set trace.raw = true for exact values"
    ]
    assert not [result for result in validate(ntriples(trace)).results if result.severity == "Violation"]


def test_a_zoneless_time_stays_so_and_milliseconds_are_utc() -> None:
    assert moment("2023-05-17 16:33:34.290").iso == "2023-05-17T16:33:34.290"
    assert moment("1684334014290").iso == "2023-05-17T14:33:34.29Z"
    assert moment("1684334014000").iso == "2023-05-17T14:33:34Z"
    assert moment("2023-13-17 16:33:34").iso is None
    assert moment("soon").iso is None


@pytest.mark.parametrize(
    ("field", "written", "value"),
    [
        ("realtime", "178ms", 178),
        ("realtime", "0ms", 0),
        ("realtime", "1.5s", 1500),
        ("realtime", "1m 2s", 62000),
        ("realtime", "1min", 60000),
        ("realtime", "2d 3h 4m", 183840000),
        ("realtime", "12", 12),
        ("time", "1 hour 30 minutes", 5400000),
        ("peak_rss", "1 KB", 1024),
        ("peak_rss", "1.5 GB", 1610612736),
        ("peak_rss", "123 B", 123),
        ("peak_rss", "18446744073709551615", 18446744073709551615),
        ("%cpu", "133.3%", 133.3),
        ("%cpu", "80", 80),
        ("cpus", "4", 4),
        ("realtime", "later", None),
        ("realtime", "1x", None),
        ("peak_rss", "much", None),
        ("cpus", "-4", None),
    ],
)
def test_units(field: str, written: str, value: Number | None) -> None:
    assert amount(field, written) == value


@given(
    days=st.integers(0, 99), hours=st.integers(0, 23), minutes=st.integers(0, 59), seconds=st.integers(0, 59)
)
def test_durations_as_nextflow_writes_them(days: int, hours: int, minutes: int, seconds: int) -> None:
    parts = [
        f"{number}{unit}"
        for number, unit in ((days, "d"), (hours, "h"), (minutes, "m"), (seconds, "s"))
        if number
    ]
    written = " ".join(parts) or "0ms"
    assert amount("duration", written) == 1000 * (seconds + 60 * (minutes + 60 * (hours + 24 * days)))
    assert is_rounded("duration", written)


@given(st.integers(0, 1023), st.sampled_from("KMGTPE"))
def test_sizes_as_nextflow_writes_them(number: int, unit: str) -> None:
    assert amount("memory", f"{number} {unit}B") == number * 1024 ** (" KMGTPE".index(unit))


plain = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=10).filter(
    lambda text: text not in ("-", "null", "NA") and '"' not in text and "=" not in text and ":" not in text
)


@given(
    st.dictionaries(
        st.integers(0, 2**63),
        st.fixed_dictionaries(
            {"rchar": st.integers(0, 2**63), "tag": plain, "realtime": st.integers(0, 10**12)}
        ),
    )
)
def test_rows_come_back(
    tmp_path_factory: pytest.TempPathFactory, rows: dict[int, dict[str, int | str]]
) -> None:
    path = tmp_path_factory.mktemp("trace") / "trace.txt"
    lines = [
        "task_id\trchar\ttag\trealtime",
        *(f"{key}\t{row['rchar']}\t{row['tag']}\t{row['realtime']}" for key, row in rows.items()),
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    trace = nextflow.read(path)
    assert {int(task.identifier): task.read_bytes for task in trace.tasks} == {
        key: row["rchar"] for key, row in rows.items()
    }
    for key, row in rows.items():
        assert _counters(trace, str(key)) == {"rchar": row["rchar"], "realtime": row["realtime"]}
    tags = [
        item.object
        for item in trace.records
        if isinstance(item, Statement) and item.predicate == counter_iri("nextflow", "tag")
    ]
    assert tags == [LiteralValue(str(row["tag"])) for row in rows.values()]


def test_repeated_and_contradicting_rows(tmp_path: Path) -> None:
    trace = _trace(tmp_path, "task_id\thash\tstatus\n1\ta\tOK\n1\ta\tOK\n1\tb\tOK\n-\t-\t-\n")
    assert [task.identifier for task in trace.tasks] == ["1", "1 (line 4)", "line 5"]
    assert gaps(trace, "DuplicateEntry") == ["this row stands before"]
    assert len(gaps(trace, "ConflictingValue")) == 1


def test_an_unknown_field_is_kept_and_told(tmp_path: Path) -> None:
    trace = _trace(tmp_path, "task_id\thash\tspot\n1\ta\tyes\n")
    assert gaps(trace, "UnmappedField") == ["'spot' is no field that RECUP-KG knows; kept as text"]
    assert (counter_iri("nextflow", "spot"), LiteralValue("yes")) in {
        (item.predicate, item.object) for item in trace.records if isinstance(item, Statement)
    }


def test_a_value_that_can_not_be_read_is_a_gap(tmp_path: Path) -> None:
    trace = _trace(tmp_path, "task_id\thash\texit\tstart\trealtime\n1\ta\tx\tnow\tlong\n")
    assert [(gap.where, gap.value) for gap in trace.gaps if gap.kind == "UnreadableValue"] == [
        ("line 2, start", '"now"'),
        ("line 2, exit", '"x"'),
        ("line 2, realtime", '"long"'),
    ]


def test_process_and_tag_make_the_name(tmp_path: Path) -> None:
    (task,) = _trace(tmp_path, "task_id,process,tag\n1,ALIGN,s1\n").tasks
    assert (task.step, task.name) == ("ALIGN", "ALIGN (s1)")


def test_a_header_alone_is_a_trace_without_tasks(tmp_path: Path) -> None:
    assert _trace(tmp_path, "task_id\thash\tnative_id\n").tasks == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "task_id\thash\tnative_id\n1\ta\n",
            "line 2: 2 values for 3 fields; the file was cut off, or a value holds the separator: see trace.sep",
        ),
        (
            "task_id\thash\thash\n",
            "line 1: the field 'hash' stands twice; see trace.fields of your configuration",
        ),
        (
            "hello\n",
            "line 1: the first line does not name fields of a Nextflow trace; give the file that -with-trace writes",
        ),
    ],
)
def test_broken_reports(tmp_path: Path, text: str, problem: str) -> None:
    path = tmp_path / "trace.txt"
    path.write_text(text)
    with pytest.raises(MalformedSource) as caught:
        nextflow.read(path)
    assert str(caught.value) == f"{path}: {problem}"


@pytest.mark.parametrize(
    "content", [b"", b"name,version\n", b"\xff\xfe", b"JobID|State|ExitCode\n", b"time\tmemory\tdisk\n"]
)
def test_other_tables_are_not_recognised(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert not nextflow.sniff(path)


def test_the_vocabulary_describes_every_field() -> None:
    text = (ROOT / "ontology" / "nextflow.ttl").read_text()
    for field in COUNTERS | TEXTS - {"container"}:
        iri = counter_iri("nextflow", field)
        assert f"<{iri}>" in text or f"nextflow:{field} a" in text, field
