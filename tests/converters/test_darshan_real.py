"""Real Darshan logs: golden graphs, the tool's own totals, both forms of one log."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path

import pytest

from recup_kg.converters import darshan, recognise
from recup_kg.errors import MalformedSource
from recup_kg.evidence import CounterRecord, CounterTotal, Evidence
from recup_kg.evidence.processes import ProcessGroup
from recup_kg.validate import validate
from tests.converters.darshan_samples import (
    BINARIES,
    DXT,
    IOR,
    JOINER,
    PAIRS,
    STRIPED,
    TOTALS,
    TRACED,
    WRITER,
    WRITER_TEXT,
    counted,
    files,
    group,
    mounts,
    needs_library,
    rounded,
    table,
    totals,
)
from tests.converters.golden import assert_golden, triples

TEXTS = (WRITER_TEXT, TOTALS[0][1], DXT / "sample-dxt-simple.dxt-parser.txt.gz")
GOLDEN = (WRITER, IOR, TRACED, STRIPED)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem[:20])
@needs_library
def test_golden_of_binary(path: Path, request: pytest.FixtureRequest) -> None:
    name = f"darshan-{path.stem[:20]}"
    assert_golden(name, darshan.read(path), update=request.config.getoption("--update-golden"))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name[:28])
def test_golden_of_text(path: Path, request: pytest.FixtureRequest) -> None:
    name = f"darshan-text-{path.name.removesuffix('.txt.gz')[:28]}"
    assert_golden(name, darshan.read(path), update=request.config.getoption("--update-golden"))


def test_every_sample_is_recognised() -> None:
    paths = [*BINARIES, *(text for _, text in (*PAIRS, *TOTALS))]
    assert len(paths) == 12
    assert [recognise(path) for path in paths] == [darshan] * 12


@needs_library
def test_job_facts() -> None:
    found = group(darshan.read(WRITER))
    assert (found.job, found.user_id, found.process_count, found.process_id) == ("71296", 1000, 1, None)
    assert (found.executable, found.command_line) == ("./app_write", "./app_write A")
    assert found.started is not None
    assert found.started.iso == "2020-07-30T23:34:17Z"
    assert (found.run_time, found.tool_version, found.log_version) == (1.0, "3.2.1", "3.21")


@needs_library
def test_files_and_mounts_are_as_the_log_has_them() -> None:
    evidence = darshan.read(WRITER)
    found = {record.identifier: record for record in files(evidence)}
    written = counted(evidence, "POSIX")[0]
    assert written.file is not None
    assert found[written.file].path is not None
    assert int(written.file) > 2**32
    assert found[written.file].file_system == "ext4"
    assert len(mounts(evidence)) == 25


@needs_library
def test_shared_records_stay_shared() -> None:
    assert {record.rank for record in counted(darshan.read(IOR), "POSIX")} == {-1}
    assert len({record.rank for record in counted(darshan.read(JOINER), "POSIX")}) > 1


@needs_library
def test_data_sets_are_of_their_file() -> None:
    evidence = darshan.read(IOR)
    paths = {record.identifier: record.path for record in files(evidence)}
    sets = counted(evidence, "H5D")
    assert len(sets) == 3
    assert {paths[record.file or ""] for record in sets} == {"/global/cscratch1/sd/ssnyder/test123.h5"}
    assert {record.label for record in sets} == {"/global/cscratch1/sd/ssnyder/test123.h5:/Dataset-0000.0000"}


@needs_library
def test_a_layout_has_its_targets_in_order() -> None:
    evidence = darshan.read(STRIPED)
    targets = table(evidence, "lustre")
    assert list(targets.columns["position"]) == list(range(24))
    (component,) = (record for record in counted(evidence, "LUSTRE") if record.label == "component 1")
    stated = dict(component.counters)
    assert (stated["LUSTRE_COMP_STRIPE_COUNT"], stated["LUSTRE_COMP_STRIPE_SIZE"]) == (24, 1048576)
    said = sorted(value for name, value in component.counters if name == "LUSTRE_OST_ID")
    assert said == sorted(targets.columns["target"])


@pytest.mark.parametrize(("binary", "text"), TOTALS)
def test_totals_are_those_that_darshan_parser_prints(binary: Path, text: Path) -> None:
    printed = totals(darshan.read(text))
    assert len(printed) == 183
    if not needs_library.args[0]:
        assert {name: rounded(value) for name, value in totals(darshan.read(binary)).items()} == printed


@needs_library
def test_totals_agree_with_the_oracle(shared_data: Path) -> None:
    with (shared_data / "oracles" / "darshan_totals.tsv").open() as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    assert len(rows) == 19
    for row in rows:
        evidence = darshan.read(shared_data / row["log"])
        found, facts = totals(evidence), group(evidence)
        for name, value in row.items():
            if name.startswith(("POSIX_", "STDIO_", "MPIIO_")):
                assert str(found.get(name, "")) == value, (row["log"], name)
        assert (facts.job, str(facts.user_id), str(facts.process_count)) == (
            row["jobid"],
            row["uid"],
            row["nprocs"],
        )
        assert f"{facts.run_time:.4f}" == row["run_time"]


@pytest.mark.parametrize(("binary", "text"), PAIRS, ids=lambda path: path.name[:20])
@needs_library
def test_both_forms_of_a_log_say_the_same(binary: Path, text: Path) -> None:
    same_as_text(darshan.read(binary), darshan.read(text))


@needs_library
def test_all_shared_pairs_say_the_same(shared_data: Path) -> None:
    binaries = {darshan.read(path).identity: path for path in (shared_data / "darshan").rglob("*.darshan")}
    texts = sorted((shared_data / "darshan-parser-text").glob("*.parser.txt.gz"))
    assert len(texts) == 10
    for path in texts:
        said = darshan.read(path)
        same_as_text(darshan.read(binaries[said.identity]), said)


def same_as_text(binary: Evidence, text: Evidence) -> None:
    """The records are equal but for what text does not say: traces, and digits of times."""
    assert binary.identity == text.identity
    assert binary.label == text.label
    said, read = _comparable(text), _comparable(binary)
    assert said.keys() == read.keys()
    for key, record in said.items():
        other = read[key]
        if isinstance(record, CounterTotal) and isinstance(other, CounterTotal):
            assert [name for name, _ in record.counters] == [name for name, _ in other.counters]
            for (_, value), (_, exact) in zip(record.counters, other.counters, strict=True):
                assert value == exact if isinstance(exact, int) else value == pytest.approx(exact, abs=1e-3)
            record, other = (dataclasses.replace(item, counters=()) for item in (record, other))
        assert record == other


def _comparable(evidence: Evidence) -> dict[tuple[str, str], object]:
    found: dict[tuple[str, str], object] = {}
    for record in evidence.records:
        if isinstance(record, CounterRecord):
            if record.module.startswith("DXT"):
                continue
            pairs = tuple((name, rounded(value)) for name, value in record.counters)
            record = dataclasses.replace(record, counters=pairs)
        if isinstance(record, ProcessGroup):
            record = dataclasses.replace(record, hosts=())
        found[(type(record).__name__, record.identifier)] = record  # type: ignore[attr-defined]
    return found


@needs_library
def test_traces_are_the_same_in_both_forms() -> None:
    binary, text = darshan.read(TRACED), darshan.read(DXT / "sample-dxt-simple.dxt-parser.txt.gz")
    assert binary.identity == text.identity
    exact, printed = table(binary, "dxt"), table(text, "dxt")
    assert len(exact.columns["length"]) == 3
    for name, column in printed.columns.items():
        values = [round(value, 4) if isinstance(value, float) else value for value in exact.columns[name]]
        assert values == list(column), name
    assert group(binary).hosts == group(text).hosts == ("sn176.localdomain",)


def test_a_text_says_which_modules_it_does_not_show() -> None:
    gaps = darshan.read(DXT / "sample-dxt-simple.dxt-parser.txt.gz").gaps
    assert [(gap.kind, gap.where) for gap in gaps] == [
        ("NotCaptured", "module POSIX"),
        ("NotCaptured", "module MPI-IO"),
    ]
    assert darshan.read(WRITER_TEXT).gaps == ()


@needs_library
def test_every_real_log_is_read_or_refused_with_one_line(shared_data: Path) -> None:
    paths = sorted(shared_data.glob("darshan/**/*.darshan*")) + sorted(
        shared_data.glob("recup-dask/*/*.darshan*")
    )
    assert len(paths) >= 150
    refused: list[str] = []
    for path in paths:
        assert darshan.sniff(path), path
        try:
            evidence = darshan.read(path)
        except MalformedSource as problem:
            refused.append(str(problem))
            continue
        assert [gap for gap in evidence.gaps if gap.kind != "NotCaptured"] == [], path
        assert {gap.where for gap in evidence.gaps} <= {
            "module LUSTRE",
            "module STDIO",
            "module HEATMAP",
        }, path
        assert evidence.terms == ()
    assert len(refused) == 1
    assert refused[0].endswith(
        ".darshan_partial: byte 0: the header is empty: Darshan did not finish this log;"
        " there is nothing to do; the run ended before Darshan could write it"
    )
    assert "\n" not in refused[0]


@needs_library
def test_traces_of_dask_workers_name_their_threads(shared_data: Path) -> None:
    (path,) = shared_data.glob("recup-dask/PMDA-R1/*_id32541-*.darshan")
    evidence = darshan.read(path)
    facts, traced = group(evidence), table(evidence, "dxt")
    assert (facts.process_id, facts.hosts) == (32541, ("x3109c0s37b0n0",))
    assert facts.started is not None
    assert facts.started.iso == "2024-04-19T19:01:29.890634944Z"
    assert len(set(traced.columns["thread"])) == 3
    assert None not in traced.columns["thread"]
    for kind, counter in (("read", "POSIX_BYTES_READ"), ("write", "POSIX_BYTES_WRITTEN")):
        rows = zip(traced.columns["operation"], traced.columns["length"], strict=True)
        moved = sum(length for operation, length in rows if operation == kind)
        assert moved == totals(evidence)[counter]
    ended = max(traced.columns["end"])
    assert facts.run_time is not None
    assert 0 <= min(traced.columns["start"]) <= ended <= facts.run_time


@needs_library
def test_graphs_of_dask_logs(shared_data: Path, request: pytest.FixtureRequest) -> None:
    (path,) = shared_data.glob("recup-dask/PMDA-R1/*_id32541-*.darshan")
    update = request.config.getoption("--update-golden")
    assert_golden("darshan-dask-worker", darshan.read(path), update=update, summary=True)


@needs_library
def test_partial_modules_are_flagged(shared_data: Path) -> None:
    (path,) = shared_data.glob("recup-dask/PMDA-R1/*mpiexec*.darshan")
    evidence = darshan.read(path)
    assert [(gap.kind, gap.where) for gap in evidence.gaps] == [
        ("NotCaptured", "module LUSTRE"),
        ("NotCaptured", "module STDIO"),
        ("NotCaptured", "module HEATMAP"),
    ]
    flags = {record.module: record.partial for record in counted(evidence)}
    # The log has no records at all of the modules that ran out of memory.
    assert flags == {"POSIX": None}
    flagged = {
        record.module: record.partial for record in evidence.records if isinstance(record, CounterTotal)
    }
    assert flagged == {"POSIX": False}


@needs_library
def test_heatmaps_hold_what_the_counters_say(shared_data: Path) -> None:
    (path,) = shared_data.glob("recup-dask/PMDA-R1/*_id32541-*.darshan")
    evidence = darshan.read(path)
    maps = {record.label: dict(record.counters) for record in counted(evidence, "HEATMAP")}
    assert maps["heatmap:POSIX"]["HEATMAP_BYTES_READ"] == totals(evidence)["POSIX_BYTES_READ"]
    assert len(table(evidence, "heatmap").columns["bin"]) == sum(
        int(counters["HEATMAP_BINS"]) for counters in maps.values()
    )


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem[:20])
@needs_library
def test_graphs_pass_the_shapes(path: Path) -> None:
    report = validate("\n".join(triples(darshan.read(path))) + "\n")
    assert [result for result in report.results if result.severity == "Violation"] == []
