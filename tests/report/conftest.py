"""Comparisons that many tests look at."""

from __future__ import annotations

import pytest

import recup_kg as recup
from recup_kg.api import ComparedWithGroup
from tests.report.samples import BLAST, FLOWBENCH, GENOME, Pair, pair


@pytest.fixture(scope="session")
def blast() -> Pair:
    """Two runs of 43 tasks: outputs and machines differ."""
    return pair(*BLAST)


@pytest.fixture(scope="session")
def genome() -> Pair:
    """Runs of 52 and 82 tasks, which differ in nearly everything."""
    return pair(*GENOME)


@pytest.fixture(scope="session")
def same() -> Pair:
    """A run beside itself."""
    return pair(GENOME[0], GENOME[0])


@pytest.fixture(scope="session")
def timed() -> Pair:
    """Two runs whose tasks have start times, one of them on a throttled machine."""
    return pair(FLOWBENCH / "eht-imaging-run0002.csv", FLOWBENCH / "eht-imaging-run0303.csv")


@pytest.fixture(scope="session")
def group() -> ComparedWithGroup:
    """A run on a throttled machine against six runs without a fault."""
    with recup.open(":memory:") as graph:
        graph.ingest_all(sorted(FLOWBENCH.glob("*.csv")), validate=False)
        found = graph.against("eht-imaging-run0303", "workflow=eht-imaging", last=6)
        assert found.facts is not None
        facts = found.facts()
        return ComparedWithGroup(found.comparison, found.stored_as, lambda: facts)
