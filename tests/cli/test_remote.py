"""Every command against a SPARQL 1.1 server."""

from __future__ import annotations

import urllib.request
from pathlib import Path

import pytest

from tests.store.conftest import no_proxy, server

__all__ = ["no_proxy", "server"]

A = "blast-chameleon-small-002"
B = "blast-chameleon-small-003"


@pytest.fixture
def url(server: str) -> str:
    clear = urllib.request.Request(
        f"{server}/update", b"CLEAR ALL", {"Content-Type": "application/sparql-update"}
    )
    urllib.request.urlopen(clear).close()
    return server


def test_every_command_on_a_server(recup, url: str, samples: Path, tmp_path: Path) -> None:
    files = [samples / "blast" / f"{name}.json" for name in (A, B)]
    outcome = recup("ingest", *files, "--store", url, "--json")
    assert (outcome.code, [item["name"] for item in outcome.json["runs"]]) == (0, [A, B])
    assert [item["new"] for item in recup("ingest", *files, "--store", url, "--json").json["runs"]] == [
        False,
        False,
    ]
    assert [run["name"] for run in recup("runs", "--store", url, "--json").json] == [A, B]
    assert recup("show", A, "--store", url, "--json").json["tasks"] == 43
    assert recup("validate", A, "--store", url, "--json").json["conforms"]
    assert recup("compare", A, B, "--store", url, "--json").json == recup("compare", *files, "--json").json
    assert recup("query", "deviations", "-p", "comparison=@latest", "--store", url).code == 0
    assert recup("export", A, "--store", url, "--format", "ntriples").code == 0
    assert recup("rm", A, "--store", url).code == 0
    assert [run["name"] for run in recup("runs", "--store", url, "--json").json] == [B]
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_not_there_is_one_line(recup) -> None:
    outcome = recup("runs", "--store", "http://127.0.0.1:9/")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("recup: ")
    assert "http://127.0.0.1:9/" in outcome.err
    assert outcome.err.count("\n") == 1


def test_a_store_that_is_no_store_is_one_line(recup) -> None:
    outcome = recup("runs", "--store", "ftp://example.org/x")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.count("\n") == 1
