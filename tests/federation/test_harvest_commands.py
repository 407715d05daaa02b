"""recup peers, recup harvest, recup search: what they print, and how they end."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import recup_kg
from recup_kg.cli import main
from tests.federation.harvest_server import Reply, Site, site
from tests.federation.harvest_sites import catalogue, turtle

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.delenv("RECUP_STORE", raising=False)

    def go(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(list(arguments))
        return code, *capsys.readouterr()

    return go


@pytest.fixture
def server() -> Iterator[Site]:
    with site() as found:
        yield found


def test_from_an_address_to_a_hit(run: Run, server: Site) -> None:
    catalogue(server, pages=2)
    code, out, err = run("peers", "add", server.url, "--name", "town")
    assert (code, out) == (0, "")
    assert err == (
        f"town is a peer of the kind DCAT catalogue 'A paged site' at {server.url}/catalog.ttl; "
        "licence http://l.example/by\n\nnext: recup harvest town\n"
    )
    code, out, _ = run("peers", "list")
    assert out.splitlines()[2].split()[:2] == ["town", "dcat"]
    assert "not yet" in out
    code, out, err = run("harvest")
    assert (code, err) == (0, "")
    assert out.splitlines()[2].split() == ["town", "2", "2", "0", "0", "0", *out.split()[-2:]]
    code, out, _ = run("search", "donnees", "1-1")
    assert code == 0
    assert out.splitlines()[2].split() == [
        "town",
        "dataset",
        "Données",
        "1-1",
        "none",
        "stated",
        f"{server.url}/dataset/1-1",
    ]
    code, _, err = run("peers", "remove", "town")
    assert (code, err) == (0, f"removed town ({server.url}/catalog.ttl)\n")
    assert run("peers", "list")[2] == "no peers yet: recup peers add URL\n"
    assert run("harvest")[2] == "no peers yet: recup peers add URL\n"


def test_as_json(run: Run, server: Site) -> None:
    catalogue(server, pages=1)
    peer = json.loads(run("peers", "add", server.url, "--json")[1])
    assert (peer["kind"], peer["address"]) == ("dcat", f"{server.url}/catalog.ttl")
    harvested = json.loads(run("harvest", "--json")[1])
    assert harvested["refused"] == []
    assert [(item["documents"], item["licences"]) for item in harvested["harvested"]] == [
        (1, ["http://l.example/by"])
    ]
    (listed,) = json.loads(run("peers", "list", "--json")[1])
    assert listed["harvested"] > listed["added"]
    assert listed["licences"] == ["http://l.example/by"]
    found = json.loads(run("search", "paged", "--json")[1])
    assert found["total"] == 1
    assert found["hits"][0] | {"score": 0} == {
        "peer": peer["name"],
        "source": peer["name"],
        "kind": "catalogue",
        "title": "A paged site",
        "iri": f"{server.url}/",
        "page": f"{server.url}/",
        "licence": "http://l.example/by",
        "run": None,
        "score": 0,
    }
    assert json.loads(run("peers", "remove", peer["name"], "--json")[1]) == peer


def test_one_peer_that_fails_costs_a_line_and_the_exit_code(run: Run, server: Site) -> None:
    catalogue(server, pages=1)
    server.pages["/d"] = turtle("<a:b> a dcat:Catalog .")
    run("peers", "add", server.url, "--name", "good")
    run("peers", "add", f"{server.url}/d", "--name", "bad")
    server.pages["/d"] = Reply("<oops", "text/turtle")
    code, out, err = run("harvest")
    assert code == 2
    assert out.splitlines()[2].startswith("good")
    assert err.startswith(f"recup: bad: {server.url}/d: malformed Turtle: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("peers", "add", "nothing"),
            "there is no file or folder nothing; an address begins with http:// or https://",
        ),
        (
            ("peers", "add", "http://127.0.0.1:9/"),
            "http://127.0.0.1:9/: can't be reached: Connection refused",
        ),
        (("peers", "remove", "x"), "there is no peer 'x'; there are: none yet: recup peers add URL"),
        (("harvest", "x"), "there is no peer 'x'; there are: none yet: recup peers add URL"),
        (
            ("search", "x"),
            "there is no store at recup-store: recup ingest FILE or recup peers add URL makes one",
        ),
        (("search", "-"), "no word to search for in '-': letters or digits are needed"),
    ],
)
def test_what_is_wrong_is_one_line(run: Run, arguments: tuple[str, ...], message: str) -> None:
    assert run(*arguments) == (2, "", f"recup: {message}\n")


@pytest.mark.parametrize("command", [("peers", "list"), ("harvest",), ("search", "x")])
def test_a_store_that_is_no_folder_has_no_peers(run: Run, command: tuple[str, ...]) -> None:
    code, _, err = run(*command, "--store", ":memory:")
    assert code == 2
    assert "':memory:'" in err
    assert err.count("\n") == 1


def test_a_name_that_is_taken(run: Run, server: Site) -> None:
    catalogue(server, pages=1)
    run("peers", "add", server.url, "--name", "x")
    code, _, err = run("peers", "add", server.url, "--name", "x")
    assert (code, err) == (2, "recup: there is a peer x already: name this one with --name\n")
    assert run("peers", "add", server.url, "--name", "../x")[0] == 2
    assert run("peers", "add", server.url)[0] == 0
    assert run("peers", "add", server.url)[0] == 0
    names = [peer["name"] for peer in json.loads(run("peers", "list", "--json")[1])]
    assert names == ["x", "127.0.0.1", "127.0.0.1-2"]


def test_a_store_of_peers_takes_runs_later(run: Run, server: Site, root: Path) -> None:
    catalogue(server, pages=1)
    run("peers", "add", server.url, "--name", "town")
    run("harvest")
    run("search", "paged")
    sample = next((root / "data" / "wfformat").rglob("blast-chameleon-small-002*.json"))
    assert run("ingest", str(sample))[0] == 0
    code, out, _ = run("search", "blast-chameleon", "--limit", "1")
    assert code == 0
    assert out.splitlines()[2].startswith("own store")
    # What was harvested is in no query of ours.
    code, out, _ = run(
        "query", "SELECT ?g { GRAPH ?g { ?s a <http://www.w3.org/ns/dcat#Catalog> } }", "--json"
    )
    assert json.loads(out)["results"]["bindings"] == []


def test_nothing_found_says_how_to_find_more(run: Run, server: Site) -> None:
    catalogue(server, pages=1)
    run("peers", "add", server.url)
    run("harvest")
    assert run("search", "nowhere") == (0, "", "nothing found; 'word*' finds what begins with it\n")
    _, out, err = run("search", "donn*", "--limit", "1")
    assert len(out.splitlines()) == 3
    assert err == "\n1 of 2 hits: --limit shows more\n"


def test_our_own_service_is_a_peer_in_four_ways(run: Run, tmp_path: Path, root: Path) -> None:
    with recup_kg.open(str(tmp_path / "theirs")) as kg:
        kg.ingest(next((root / "data" / "wfformat").rglob("blast-chameleon-small-002*.json")))
    command = [sys.executable, "-m", "recup_kg", "serve", "--store", str(tmp_path / "theirs"), "--port", "0"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        url = _address(process)
        kinds = []
        for path in ("/", "/catalog", "/sparql", "/.well-known/void"):
            peer = json.loads(run("peers", "add", url + path, "--json")[1])
            kinds.append(peer["kind"])
            assert peer["endpoint"] == f"{url}/sparql"
        assert kinds == ["fdp", "dcat", "sparql", "void"]
        code, _, err = run("harvest")
        assert code == 0, err
        found = json.loads(run("search", "blast*", "--json", "--limit", "100")[1])
        assert {hit["kind"] for hit in found["hits"]} >= {"dataset", "run"}
        again = json.loads(run("harvest", "--json")[1])
        assert again["refused"] == []
        assert [item["new"] + item["gone"] for item in again["harvested"]] == [0, 0, 0, 0]
    finally:
        process.terminate()
        process.communicate()


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stderr
    assert process.stdout
    end = time.monotonic() + 30
    while time.monotonic() < end:
        line = process.stderr.readline() or process.stdout.readline()
        if "http://" in line:
            return "http://" + line.split("http://")[1].split("/")[0]
    raise AssertionError("the service does not start")
