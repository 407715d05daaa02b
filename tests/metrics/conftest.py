"""Stores with runs to compute metrics of."""

from __future__ import annotations

from pathlib import Path

import pytest

import recup_kg as recup
from recup_kg.api import KnowledgeGraph
from tests.dask_samples import CLIENT, TABLES, W2, Table, save
from tests.metrics.samples import TEN_RUNS

APART = "tcp://10.0.0.3:4002"
"""Where the second worker is: on a host of its own."""


def renamed(table: Table, number: int) -> Table:
    """The table of another run: with another client, and with the second worker on a host of its own."""
    columns, rows = table
    new = (("Client-0a1b2c3d", f"Client-{number:08d}"), (W2, APART))

    def cell(value: object) -> object:
        text = str(value)
        for old, replacement in new:
            text = text.replace(old, replacement)
        return value if text == str(value) else text

    return columns, tuple(tuple(map(cell, row)) for row in rows)


def silent(tables: dict[str, Table]) -> dict[str, Table]:
    """The capture of a run of which the plug-in of the second worker reported nothing."""
    kept = {}
    for name, (columns, rows) in tables.items():
        place = list(columns).index("called_from") if "called_from" in columns else None
        lost = name.startswith("worker_") and place is not None
        kept[name] = (
            columns,
            tuple(row for row in rows if not (lost and place is not None and row[place] == APART)),
        )
    return kept


def write_runs(folder: Path, *, scheduler: bool = True) -> list[Path]:
    """Ten captures of one workflow; of the two fast ones one worker's events are lost. The names of the folders tell nothing."""
    assert CLIENT.startswith("Client-0a1b2c3d")
    found = []
    for number, seconds in enumerate(TEN_RUNS, 1):
        run = folder / f"ImageProcessing-R{number}"
        run.mkdir()
        tables = {name: renamed(table, number) for name, table in TABLES.items()}
        if not scheduler:
            del tables["scheduler_transition"]
        save(run, silent(tables) if seconds < 160 else tables)
        (run / "producer.o").write_text(f"Received Mode = distributed\n\n\nTotal time taken  = {seconds}s\n")
        found.append(run)
    return found


@pytest.fixture(scope="session")
def ten(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeGraph:
    """Ten runs of a Dask workflow, as captures of the RECUP group are."""
    graph = recup.open(":memory:")
    folders = write_runs(tmp_path_factory.mktemp("ten"))
    assert not graph.ingest_all(folders, validate=False).refused
    return graph


@pytest.fixture(scope="session")
def small(shared_data: Path) -> KnowledgeGraph:
    """Five real runs of blast and five of bwa."""
    graph = recup.open(":memory:")
    for path in sorted((shared_data / "wfformat" / "v1.5").glob("b*-chameleon-small-*.json")):
        graph.ingest(path, validate=False)
    return graph
