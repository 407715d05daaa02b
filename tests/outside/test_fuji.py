"""F-UJI's opinion of a dataset. It needs Python 3.13 and a running server: docs/conformance.md says how to start one."""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
import rdflib
from rdflib.namespace import DCAT

import recup_kg as recup
from tests.catalog.conftest import SAID, A
from tests.outside.test_publish import running
from tests.store.conftest import free_port, no_proxy

__all__ = ["no_proxy"]

VARIABLE = "FUJI_URL"
METRICS = 17


@pytest.fixture
def site(root: Path, tmp_path: Path) -> Iterator[str]:
    store = tmp_path / "store"
    with recup.open(str(store)) as graph:
        graph.ingest(root / "data" / "wfformat" / "blast" / f"{A}.json", validate=False)
    (store / "catalog.toml").write_text(SAID)
    port = free_port()
    command = (sys.executable, "-m", "recup_kg", "--store", str(store), "serve", "--port", str(port))
    with running(*command, port=port):
        yield f"http://127.0.0.1:{port}"


def assessed(dataset: str) -> dict[str, object]:
    server = os.environ.get(VARIABLE)
    if not server:
        pytest.skip(f"needs a running F-UJI, its address in {VARIABLE}")
    question = {
        "object_identifier": dataset,
        "test_debug": False,
        "use_datacite": False,
        "use_github": False,
        "metric_version": "metrics_v0.8",
    }
    request = urllib.request.Request(
        f"{server}/fuji/api/v1/evaluate",
        data=json.dumps(question).encode(),
        headers={
            "Content-Type": "application/json",
            "Accept": "application/json",
            # The user that F-UJI's own configuration has.
            "Authorization": "Basic " + b64encode(b"marvel:wonderwoman").decode(),
        },
    )
    with urllib.request.urlopen(request, timeout=300) as answer:
        found: dict[str, object] = json.load(answer)
    return found


def test_only_a_registered_identifier_is_missing(site: str) -> None:
    catalogue = rdflib.Graph().parse(f"{site}/catalog", format="turtle")
    (dataset,) = [str(item) for item in catalogue.objects(None, DCAT.dataset) if "/run-" in str(item)]
    found = assessed(dataset)
    results = found["results"]
    assert isinstance(results, list)
    assert len(results) == METRICS
    lacking = [
        item["metric_identifier"] for item in results if item["score"]["earned"] < item["score"]["total"]
    ]
    assert lacking == ["FsF-F1-02MD"], found["summary"]
