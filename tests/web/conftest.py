"""A store with two shipped runs and their comparison, and a client of a service over it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import recup_kg as recup
from recup_kg.web.app import application
from recup_kg.web.settings import Limits, ServiceSettings

BASE = "http://testserver"
HTML = {"Accept": "text/html"}
A = "blast-chameleon-small-002"
B = "blast-chameleon-small-003"


@pytest.fixture(scope="session")
def store(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("web") / "store"
    with recup.open(str(folder)) as graph:
        for name in (A, B):
            graph.ingest(root / "data" / "wfformat" / "blast" / f"{name}.json", validate=False)
        graph.compare(A, B)
    return folder


@pytest.fixture(scope="module")
def client(store: Path) -> Iterator[TestClient]:
    settings = ServiceSettings(str(store), BASE, limits=Limits(seconds=20, concurrent=2))
    with TestClient(application(settings), follow_redirects=False) as found:
        yield found
