"""Samples of Darshan logs, and what tests ask of them."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from recup_kg.evidence import CounterRecord, CounterTotal, Evidence
from recup_kg.evidence.processes import AccessedFile, Mount, ProcessGroup
from recup_kg.records import Number, SideTable

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "data" / "darshan"
CHAIN, HDF5, DXT, LUSTRE = (DATA / name for name in ("chain", "hdf5", "dxt", "lustre"))
WRITER = CHAIN / "pq_app_write_id71296_7-31-5657-2037904274838284930_55623.darshan"
WRITER_TEXT = WRITER.with_suffix(".parser.txt.gz")
JOINER = CHAIN / "pq_app_readAB_writeC_id71326_7-31-5658-2037904274838284930_55623.darshan"
JOINER_TEXT = CHAIN / "pq_app_readAB_writeC_id71326_7-31-5658-2037904274838284930_5.parser.txt.gz"
IOR = HDF5 / "ior_hdf5_example.darshan"
TRACED = DXT / "sample-dxt-simple.darshan"
STRIPED = LUSTRE / "sample-2.darshan"
BINARIES = (WRITER, JOINER, IOR, TRACED, STRIPED)
PAIRS = (
    (WRITER, WRITER_TEXT),
    (JOINER, JOINER_TEXT),
    (IOR, HDF5 / "ior_hdf5_example.parser.txt.gz"),
    (TRACED, DXT / "sample-dxt-simple.parser.txt.gz"),
    (STRIPED, LUSTRE / "sample-2.parser.txt.gz"),
)
TOTALS = (
    (IOR, HDF5 / "ior_hdf5_example.total.txt.gz"),
    (STRIPED, LUSTRE / "sample-2.total.txt.gz"),
)

INSTALLED = all(importlib.util.find_spec(name) is not None for name in ("darshan", "cffi"))
needs_library = pytest.mark.skipif(not INSTALLED, reason="needs the extra darshan")


def group(evidence: Evidence) -> ProcessGroup:
    (found,) = (record for record in evidence.records if isinstance(record, ProcessGroup))
    return found


def counted(evidence: Evidence, module: str | None = None) -> list[CounterRecord]:
    return [
        record
        for record in evidence.records
        if isinstance(record, CounterRecord) and module in (None, record.module)
    ]


def totals(evidence: Evidence) -> dict[str, Number]:
    return {
        name: value
        for record in evidence.records
        if isinstance(record, CounterTotal)
        for name, value in record.counters
    }


def files(evidence: Evidence) -> list[AccessedFile]:
    return [record for record in evidence.records if isinstance(record, AccessedFile)]


def mounts(evidence: Evidence) -> list[Mount]:
    return [record for record in evidence.records if isinstance(record, Mount)]


def table(evidence: Evidence, identifier: str) -> SideTable:
    (found,) = (table for table in evidence.tables if table.identifier == identifier)
    return found


def rounded(value: Number) -> Number:
    """The value as darshan-parser prints it."""
    return float(f"{value:f}") if isinstance(value, float) else value
