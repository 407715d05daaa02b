"""`darshan-totals` against what `darshan-parser --total` prints of each real log."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

import recup_kg as recup


def test_totals_of_each_log_are_those_of_darshan_parser(shared_data: Path) -> None:
    pytest.importorskip("darshan", reason="needs the extra darshan")
    checked = 0
    with (shared_data / "oracles" / "darshan_totals.tsv").open(newline="") as stream:
        logs = list(csv.DictReader(stream, delimiter="\t"))
    for log in logs:
        with recup.open(":memory:") as graph:
            name = graph.ingest(shared_data / log["log"], validate=False).name
            found = {row["counter"]: row["value"] for row in graph.query("darshan-totals", run=name)}
        wanted = {
            counter: int(value)
            for counter, value in log.items()
            if counter.startswith(("POSIX_", "STDIO_", "MPIIO_")) and value
        }
        assert {counter: found.get(counter) for counter in wanted} == wanted, log["log"]
        checked += len(wanted)
    assert (len(logs), checked) == (19, 155)
