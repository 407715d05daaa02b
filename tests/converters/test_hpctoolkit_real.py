"""All real files of HPCToolkit: what the graph says of each, and that each is read."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path
from typing import Any

import pytest

from recup_kg.converters import converters, hpctoolkit, recognise
from recup_kg.converters.hpctoolkit import members, read, sniff
from recup_kg.evidence import CounterRecord, CounterTotal, Evidence
from recup_kg.evidence.processes import Process, ProcessGroup
from recup_kg.evidence.profiles import CallContext, ProcedureCost
from recup_kg.rdf.evidence import evidence_graph, terms_graphs
from recup_kg.tables import content_hash, write_table
from recup_kg.validate import validate
from tests.converters.golden import assert_golden

V4 = {
    # contexts, summary values, values of profiles, profiles, metrics with values
    "cpi_v4_database": (205, 475, 873, 16, 1),
    "d.x": (19, 64, 64, 1, 1),
    "inline.meta.db": (78, 465, 1488, 8, 2),
    "loop-fork-cycles": (39, 94, 100, 2, 1),
    "loops-cputime-t.d": (118, 767, 1306, 4, 1),
    "loops-perf.d": (120, 962, 1527, 4, 2),
    "small.d": (13, 47, 47, 1, 1),
    "vectorAdd": (656, 1479, 1479, 2, 14),
}


@pytest.fixture
def data(root: Path) -> Path:
    return root / "data" / "hpctoolkit"


def of(evidence: Evidence, kind: type) -> list[Any]:
    return [record for record in evidence.records if isinstance(record, kind)]


def table(evidence: Evidence, identifier: str) -> list[tuple[Any, ...]]:
    for found in evidence.tables:
        if found.identifier == identifier:
            columns: list[Any] = [
                column.to_pylist() if hasattr(column, "to_pylist") else list(column)
                for column in found.columns.values()
            ]
            return list(zip(*columns, strict=True))
    return []


def ntriples(evidence: Evidence) -> str:
    graph = evidence_graph(evidence)
    return "".join(line.replace(f" <{graph.name}> .", " .") for line in graph.lines)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("small", "small/meta.db"),
        ("cpi", "cpi/experiment.xml"),
        ("cpi-csv", "cpi/hpctoolkit-cpi-graphframe.csv"),
    ],
)
def test_golden(name: str, file: str, data: Path, request: pytest.FixtureRequest) -> None:
    update = request.config.getoption("--update-golden")
    assert_golden(f"hpctoolkit/{name}", read(data / file), update=update)


def test_every_v4_database_of_the_samples(shared_data: Path) -> None:
    found = {}
    for path in sorted(shared_data.glob("hpctoolkit/v4/*/meta.db")):
        evidence = read(path)
        measured = {row[2] for row in table(evidence, "profile-values")}
        assert {f"{row[2]}:{row[3]}" for row in table(evidence, "profile-values")} <= {
            term.name for term in evidence.terms
        }
        found[path.parent.name] = (
            len(table(evidence, "context-tree")),
            len(table(evidence, "summary-values")),
            len(table(evidence, "profile-values")),
            len(of(evidence, Process)),
            len(measured),
        )
        assert {gap.kind for gap in evidence.gaps} <= {"NotCaptured", "UnmappedField"}
    assert found == V4


@pytest.mark.parametrize(
    ("file", "label", "version", "contexts", "values", "gaps"),
    [
        ("old/cpi-database/experiment.xml", "cpi", "2.0", 59, 53, 1),
        ("xml/bug-empty/experiment.xml", "a.out", "2.2", 7, 0, 1),
        ("xml/bug-nometric/experiment.xml", "a.out", "2.2", 7, 0, 1),
        ("xml/inline.xml.db/experiment.xml", "inline", "2.2", 85, 164, 2),
        ("xml/flash4-experiment1.xml.gz", "flash4", "2.1", 4016, 77447, 0),
    ],
)
def test_every_experiment_of_the_samples(
    file: str, label: str, version: str, contexts: int, values: int, gaps: int, shared_data: Path
) -> None:
    path = shared_data / "hpctoolkit" / file
    evidence = read(path)
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    assert values == text.count(b'<M n="')
    assert (evidence.label, evidence.source.format_version) == (label, version)
    assert len(table(evidence, "context-tree")) == contexts
    assert len(table(evidence, "summary-values")) == values
    assert len(evidence.gaps) == gaps


def test_nothing_measured_gives_no_values(shared_data: Path) -> None:
    """Contexts without a value have none: no zero is made up."""
    for name, terms in (("bug-empty", 1), ("bug-nometric", 0)):
        evidence = read(shared_data / "hpctoolkit" / "xml" / name / "experiment.xml")
        assert (
            not of(evidence, ProcedureCost)
            and not of(evidence, CallContext)
            and not of(evidence, CounterTotal)
        )
        assert len(evidence.terms) == terms


def test_each_file_is_of_at_most_one_converter(shared_data: Path) -> None:
    claimed = 0
    for path in sorted(shared_data.glob("hpctoolkit/**/*")):
        if path.is_file():
            names = [name for name, converter in converters().items() if converter.sniff(path)]
            assert len(names) <= 1, path
            claimed += bool(names)
    assert claimed == 8 * 3 + 2 + 5 + 1


def test_other_files_are_not_claimed(shared_data: Path) -> None:
    others = [path for path in shared_data.rglob("*") if path.is_file() and "hpctoolkit" not in path.parts]
    assert len(others) > 100
    assert [path for path in others if sniff(path)] == []


def test_members_are_the_same_for_each(data: Path) -> None:
    folder = data / "small"
    expected = tuple(
        folder / name for name in ("meta.db", "profile.db", "cct.db", "trace.db", "metrics/default.yaml")
    )
    for name in ("meta.db", "profile.db", "cct.db", "trace.db"):
        assert sniff(folder / name)
        assert members(folder / name) == expected
    assert len(members(data / "cpi" / "experiment.xml")) == 5
    assert members(data / "cpi" / "hpctoolkit-cpi-graphframe.csv") == (
        data / "cpi" / "hpctoolkit-cpi-graphframe.csv",
    )
    assert recognise(folder / "metrics" / "default.yaml") is not hpctoolkit


def test_any_member_gives_the_same_evidence(data: Path) -> None:
    one, other = (read(data / "small" / name) for name in ("meta.db", "cct.db"))
    assert one.source == other.source
    assert one.source.file_name == "meta.db"
    assert evidence_graph(one).lines == evidence_graph(other).lines


def test_what_the_graph_says_of_a_small_database(data: Path) -> None:
    evidence = read(data / "small" / "meta.db")
    (group,) = of(evidence, ProcessGroup)
    assert (group.label, group.executable, group.log_version) == ("testmeas-small", None, "4.0")
    (total,) = of(evidence, CounterTotal)
    assert total.counters == (("CPUTIME (sec):execution:sum", 1.210259),)
    (of_thread,) = of(evidence, CounterRecord)
    assert (of_thread.process, of_thread.counters) == ("1", (("CPUTIME (sec):execution", 1.210259),))
    costs = {record.procedure: dict(record.counters) for record in of(evidence, ProcedureCost)}
    assert costs == {
        "main": {"CPUTIME (sec):execution:sum": 1.210259},
        "caller": {"CPUTIME (sec):execution:sum": 0.605316},
        "spinsleep": {"CPUTIME (sec):execution:sum": 1.210259, "CPUTIME (sec):function:sum": 1.210259},
    }
    (loop,) = (record for record in of(evidence, CallContext) if record.identifier == "16")
    assert (loop.kind, loop.label, loop.relation, loop.parent, loop.offset) == (
        "loop",
        "loop small.c:3",
        "lexical",
        "19",
        4457,
    )
    units = {term.name: term.unit for term in evidence.terms}
    assert len(units) == 8 and set(units.values()) == {"SEC"}


def test_processes_of_ranks_and_gpu_streams(shared_data: Path) -> None:
    ranks = of(read(shared_data / "hpctoolkit" / "v4" / "cpi_v4_database" / "meta.db"), Process)
    assert sorted((process.rank, process.thread) for process in ranks) == [
        (rank, thread) for rank in range(4) for thread in (0, 1, 2, 3)
    ]
    streams = of(read(shared_data / "hpctoolkit" / "v4" / "vectorAdd" / "meta.db"), Process)
    assert {(process.thread, process.stream) for process in streams} == {(0, None), (None, 7)}
    assert [process.label for process in streams] == [
        "NODE 0 [0x2a803c80] / THREAD 0",
        "NODE 0 [0x2a803c80] / GPUCONTEXT 1 / GPUSTREAM 7",
    ]


def test_procedures_of_an_experiment_cost_what_the_file_says(shared_data: Path) -> None:
    evidence = read(shared_data / "hpctoolkit" / "old" / "cpi-database" / "experiment.xml")
    costs = {record.identifier: dict(record.counters) for record in of(evidence, ProcedureCost)}
    # main has one context; the unknown procedure stands in itself: its outermost context costs all, each its own.
    assert costs["7-2-3"] == {"CPUTIME (usec):Sum (I)": 3998240.0}
    own = 179877 + 1221250 + 1387900 + 196947 + 137912 + 838379
    assert costs["540-538-539"] == {"CPUTIME (usec):Sum (I)": 3998240.0, "CPUTIME (usec):Sum (E)": float(own)}


def test_values_of_ranks_beside_an_experiment(data: Path) -> None:
    evidence = read(data / "cpi" / "experiment.xml")
    assert [(process.rank, process.thread, process.process_id) for process in of(evidence, Process)] == [
        (0, 0, 160443),
        (1, 0, 160444),
        (2, 0, 160445),
        (3, 0, 160446),
    ]
    assert [dict(record.counters)["CPUTIME (usec) (I)"] for record in of(evidence, CounterRecord)] == [
        999238.0,
        999390.0,
        1000306.0,
        999308.0,
    ]
    assert len(table(evidence, "profile-values")) == 4 * 60 * 2


def test_a_compressed_experiment_is_the_same_evidence(data: Path, tmp_path: Path) -> None:
    plain, packed = tmp_path / "one.xml", tmp_path / "two.xml.gz"
    shutil.copy(data / "cpi" / "experiment.xml", plain)
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert sniff(packed)
    one, other = read(plain), read(packed)
    assert one.identity == other.identity
    assert one.records == other.records


def test_side_tables_can_be_written(data: Path, tmp_path: Path) -> None:
    import pyarrow.parquet

    for file in ("small/meta.db", "cpi/experiment.xml", "cpi/hpctoolkit-cpi-graphframe.csv"):
        for found in read(data / file).tables:
            back = pyarrow.parquet.read_table(write_table(tmp_path, found))
            assert back.column_names == list(found.columns)
            assert len(content_hash(found)) == 64


@pytest.mark.parametrize("file", ["small/meta.db", "cpi/experiment.xml", "cpi/hpctoolkit-cpi-graphframe.csv"])
def test_the_graph_is_valid(file: str, data: Path) -> None:
    evidence = read(data / file)
    terms = "".join(
        line.replace(f" <{graph.name}> .", " .") for graph in terms_graphs(evidence) for line in graph.lines
    )
    report = validate(ntriples(evidence) + terms)
    assert [result for result in report.results if result.severity == "Violation"] == []
