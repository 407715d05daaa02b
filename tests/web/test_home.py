"""The list of runs that the site begins with."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import recup_kg as recup
from recup_kg.web.app import application
from recup_kg.web.routes.home import PAGE
from recup_kg.web.settings import ServiceSettings
from tests.web.conftest import BASE, HTML, A, B


def test_the_newest_run_comes_first_and_leads_to_its_page(client: TestClient) -> None:
    text = client.get("/", headers=HTML).text
    assert "<h1>2 runs</h1>" in text
    assert text.index(B) < text.index(A)
    (address,) = re.findall(rf'href="(/run/[^"]*)">{A}<', text)
    assert client.get(address).status_code == 303
    assert ">1,001.4<" in text
    assert "<script" not in text


def test_runs_come_in_pages(root: Path, tmp_path: Path) -> None:
    store = str(tmp_path / "store")
    source = (root / "data" / "flowbench" / "eht_imaging" / "eht-imaging-run0001.csv").read_text()
    folder = tmp_path / "sources"
    folder.mkdir()
    for number in range(PAGE + 3):
        # One more value makes another run of it.
        (folder / f"eht-imaging-run{number:04}.csv").write_text(source.replace("0.", f"0.{number:03}", 1))
    with recup.open(store) as graph:
        graph.ingest_all(sorted(folder.iterdir()), validate=False)
        names = [run.name for run in graph.runs()]
    assert len(names) == PAGE + 3
    with TestClient(application(ServiceSettings(store, BASE))) as client:
        first, second = client.get("/", headers=HTML).text, client.get("/?page=1", headers=HTML).text
        assert client.get("/?page=2", headers=HTML).status_code == 404
        assert client.get("/?page=x", headers=HTML).status_code == 400
    shown = [re.findall(r">([^<]*)</a></td>", text) for text in (first, second)]
    assert shown[0] + shown[1] == names[::-1]
    assert 'rel="next"' in first
    assert 'rel="prev"' in second


@pytest.mark.parametrize("address", ["/nothing", "/catalogue.php", "/.env"])
def test_what_is_not_there(client: TestClient, address: str) -> None:
    assert client.get(address).status_code == 404
