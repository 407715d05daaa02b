"""Causes in the graph of a comparison, executions at one time on one machine, and dates."""

from __future__ import annotations

import csv
import io
import json
import random
import shutil
import zipfile
from pathlib import Path

import pytest

import recup_kg as recup
from recup_kg.api.co_running import co_running
from recup_kg.api.explain_time import date_remarks
from recup_kg.causes.outcomes import Outcome
from recup_kg.explanations import Cause
from recup_kg.measurements import MeasuredRun
from recup_kg.store.memory import MemoryStore
from tests.causes.populations import Planted, all_of, on_node, populate, run, with_argument
from tests.causes.test_planted import larger_pieces

_CAUSES = """SELECT ?rank ?comment ?kind ?value ?place ?said WHERE { GRAPH ?graph {
  ?cause a recup:Cause ; recup:causeRank ?rank ; rdfs:comment ?comment ; recup:causeFact ?fact .
  ?fact recup:factKind ?kind ; recup:factValue ?value .
  ?link recup:linkOfCause ?cause ; recup:linkPlace ?place ; rdfs:comment ?said } } ORDER BY ?place"""


def test_causes_and_chains_are_kept_and_fit_the_shapes(tmp_path: Path) -> None:
    graph = recup.open(":memory:")
    slow = all_of(with_argument("split_fasta", "5", "50"), larger_pieces)
    populate(graph, tmp_path, Planted(slow=slow), slow=1, fast=3)
    kept = graph.against("slow-0", "fast-0 fast-1 fast-2").stored_as
    rows = graph.query(_CAUSES).rows
    assert [row[4] for row in rows] == [1, 2, 3, 4]
    assert {row[2:4] for row in rows} == {("argument", "50")}
    assert rows[-1][5] == "split_fasta_ID000001 ran with 50 instead of 5"
    assert kept is not None
    assert not graph.validate(kept).results


def write(folder: Path, name: str, started: str, makespan: float, node: str) -> Path:
    """The real run with that start, makespan and machine."""
    trace = run(random.Random(1), 1, 1.0)
    execution = trace["workflow"]["execution"]
    execution |= {"executedAt": started, "makespanInSeconds": makespan}
    on_node(node)(trace)
    on_node(node, "worker-1.novalocal")(trace)
    trace["name"] = f"makeflow-{name}"
    path = folder / f"{name}.json"
    path.write_text(json.dumps(trace))
    return path


def test_executions_at_one_time_on_one_machine(tmp_path: Path) -> None:
    graph = recup.open(":memory:")
    for name, started, makespan, node in (
        ("a", "2021-01-01T10:00:00+00:00", 600.0, "n1"),
        # Five minutes later by a clock five hours behind.
        ("b", "2021-01-01T05:05:00-05:00", 60.0, "n1"),
        ("c", "2021-01-01T10:05:00+00:00", 60.0, "n2"),
        ("d", "2021-01-01T10:10:00+00:00", 60.0, "n1"),
        ("e", "2021-01-01T10:05:00", 60.0, "n1"),
    ):
        graph.ingest(write(tmp_path, name, started, makespan, node), validate=False)
    store = graph._access.reading()
    assert isinstance(store, MemoryStore)
    found = co_running(store, [store.resolve(name) for name in "abcde"])[0]
    # d starts when a ends; the time of e has no zone, so that nobody can tell.
    assert dict(found.values) == {
        "a": frozenset(("makeflow-b",)),
        "b": frozenset(("makeflow-a",)),
        "c": frozenset(),
        "d": frozenset(),
    }


def test_a_real_run_shared_its_machines(root: Path) -> None:
    graph = recup.open(":memory:")
    for path in sorted((root / "data" / "wfformat" / "blast").glob("*.json")):
        graph.ingest(path, validate=False)
    store = graph._access.reading()
    names = ["blast-chameleon-small-002", "blast-chameleon-small-003"]
    found = co_running(store, [store.resolve(name) for name in names])[0]
    assert all(found.values[name] == {"makeflow-blast-small"} for name in names)


@pytest.mark.parametrize(
    ("slow", "fast", "expected"),
    [
        (
            ["03", "04"],
            ["01", "02"],
            "slow started after fast (from 2021-01-03 on, the others until 2021-01-02)",
        ),
        (
            ["01", "02"],
            ["03", "04"],
            "slow started before fast (until 2021-01-02, the others from 2021-01-03 on)",
        ),
        (["01", "01", "05"], ["03", "03", "03"], "no day has both slow and fast"),
        (["01", "03"], ["02", "04"], None),
        (["01", "02"], ["01", "02"], None),
        (["05"], ["01", "02"], None),
    ],
)
def test_dates_that_separate_are_a_remark(slow: list[str], fast: list[str], expected: str | None) -> None:
    days = {f"s{at}": day for at, day in enumerate(slow)} | {f"f{at}": day for at, day in enumerate(fast)}
    runs = {
        name: MeasuredRun("urn:e", "urn:g", name, (), started=f"2021-01-{day}T10:00:00Z")
        for name, day in days.items()
    }
    one, two = (tuple(name for name in days if name.startswith(side)) for side in "sf")
    said = list(date_remarks(Outcome("makespan", "run", one, two, labels=("slow", "fast")), runs))
    if expected is None:
        assert said == []
    else:
        assert said == [
            f"confounded with the date: {expected}; what changed with time and was not captured can be the cause"
        ]


REFERENCES, FAULTY = 25, 4


def test_a_throttled_disk_is_the_machines(shared_data: Path, tmp_path: Path) -> None:
    """FlowBench: of runs with a throttled disk on a machine, that machine is the first cause."""
    source = shared_data / "flowbench"
    shutil.copy(source / "eht_imaging.adjacency.json", tmp_path)
    normal, throttled = [], {}
    with zipfile.ZipFile(source / "eht_imaging.zip") as archive:
        for name in sorted(archive.namelist()):
            rows = (
                list(csv.DictReader(io.StringIO(archive.read(name).decode())))
                if name.endswith(".csv")
                else []
            )
            labels = {row["anomaly_type"] for row in rows} - {"None", ""}
            if rows and not labels:
                normal.append(name)
            elif any(label.startswith("hdd") for label in labels):
                hosts = {row["kickstart_hostname"] for row in rows if row["anomaly_type"].startswith("hdd")}
                throttled[name] = {host.split("-container")[0] for host in hosts}
        draw = random.Random(3)
        chosen = [*draw.sample(normal, REFERENCES), *draw.sample(sorted(throttled), FAULTY)]
        for name in chosen:
            (tmp_path / Path(name).name).write_bytes(archive.read(name))
    graph = recup.open(":memory:")
    for name in chosen:
        graph.ingest(tmp_path / Path(name).name, validate=False)
    references = [Path(name).stem for name in chosen[:REFERENCES]]
    for name in chosen[REFERENCES:]:
        first: Cause = graph.explain(Path(name).stem, against=references).causes[0]
        assert first.about == "node"
        assert first.facts[0].value in throttled[name]
        assert first.verdict.value == "different"
