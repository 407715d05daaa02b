"""/health."""

from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient

import recup_kg as recup
from recup_kg import __version__
from recup_kg.web.app import application
from recup_kg.web.settings import ServiceSettings
from tests.web.conftest import BASE


def test_a_service_in_health(client: TestClient) -> None:
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "version": __version__, "runs": 2}
    assert answer.headers["cache-control"] == "no-store"


def test_a_store_that_went_away(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    with recup.open(str(folder)) as graph:
        graph._access.writing()
    with TestClient(application(ServiceSettings(str(folder), BASE))) as client:
        assert client.get("/health").json()["runs"] == 0
        folder.rename(tmp_path / "elsewhere")
        answer = client.get("/health")
    assert answer.status_code == 503
    assert answer.json() == {"status": "the store can't be read", "version": __version__}
    assert str(tmp_path) not in answer.text
