"""`recup serve` as a user runs it: a process, a port, limits that hold, a clean end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from recup_kg.errors import UsageError
from recup_kg.web.serving import address, is_loopback, listening

FOREVER = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o . ?a ?b ?c . ?x ?y ?z . ?k ?l ?m }"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
JSON = {"accept": "application/sparql-results+json"}


def start(store: object, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "recup_kg", "serve", "--store", str(store), "--port", "0", "--json", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell in the background may have told its children to ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def children(process: subprocess.Popen[str]) -> set[str]:
    found = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return {child for child in found if Path(f"/proc/{child}").exists()}


@pytest.fixture(scope="module")
def served(store: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = start(store, "--time-limit", "2", "--row-limit", "100", "--concurrent", "2")
    try:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline() + "".join(process.stdout.readline() for _ in range(4)))
        assert said["store"] == str(store)
        assert said["sparql"] == f"{said['url']}/sparql"
        yield process, said["url"]
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def http(served: tuple[subprocess.Popen[str], str]) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=served[1], trust_env=False, timeout=30) as client:
        yield client


def ask(http: httpx.Client, query: str) -> httpx.Response:
    return http.post("/sparql", data={"query": query}, headers=JSON)


def count(answer: httpx.Response) -> int:
    return int(answer.json()["results"]["bindings"][0]["n"]["value"])


def test_it_answers(http: httpx.Client) -> None:
    assert count(ask(http, COUNT)) > 4000


def test_a_query_that_takes_too_long_is_stopped_and_its_process_ends(
    http: httpx.Client, served: tuple[subprocess.Popen[str], str]
) -> None:
    ask(http, COUNT)
    before = children(served[0])
    answer = ask(http, FOREVER)
    assert (answer.status_code, answer.text) == (
        503,
        "it was stopped after 2 s, which is all that one may have here\n",
    )
    assert count(ask(http, COUNT)) > 4000
    end = time.monotonic() + 5
    while len(gone := before - children(served[0])) != 1 and time.monotonic() < end:
        time.sleep(0.05)
    assert len(gone) == 1


def test_an_answer_of_too_many_rows_is_no_answer(http: httpx.Client) -> None:
    answer = ask(http, "SELECT * { ?s ?p ?o }")
    assert (answer.status_code, answer.text) == (
        422,
        "the answer has more than the 100 rows that one may have here: add a LIMIT\n",
    )
    assert len(ask(http, "SELECT * { ?s ?p ?o } LIMIT 100").json()["results"]["bindings"]) == 100


def test_many_clients_at_once(http: httpx.Client) -> None:
    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(lambda _: ask(http, "ASK { ?s ?p ?o }").status_code, range(60)))
    assert answers == [200] * 60


def test_a_client_that_leaves_stops_its_query(served: tuple[subprocess.Popen[str], str]) -> None:
    host, port = served[1].removeprefix("http://").split(":")
    body = f"query={FOREVER}".replace(" ", "+").encode()
    head = (
        "POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    for _ in range(4):
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(head.encode() + body)
            time.sleep(0.1)
    with httpx.Client(base_url=served[1], trust_env=False, timeout=30) as client:
        assert count(ask(client, COUNT)) > 4000


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"query=SELECT+nonsense", {"content-type": "application/x-www-form-urlencoded"}, 400),
        (b"SELECT * {}", {"content-type": "text/plain"}, 415),
        (b"x" * (2**20 + 1), {"content-type": "application/sparql-query"}, 413),
        (b"query=ASK{}", {"content-type": "application/x-www-form-urlencoded", "accept": "image/png"}, 406),
        (b"update=CLEAR+ALL", {"content-type": "application/x-www-form-urlencoded"}, 403),
        (b"CLEAR ALL", {"content-type": "application/sparql-update"}, 403),
        (b"SELECT * { SERVICE <http://127.0.0.1:1/> {} }", {"content-type": "application/sparql-query"}, 403),
        (
            b"SELECT * { s\\u0065rvice <http://127.0.0.1:1/> {} }",
            {"content-type": "application/sparql-query"},
            400,
        ),
    ],
)
def test_what_is_refused(http: httpx.Client, content: bytes, headers: dict[str, str], status: int) -> None:
    answer = http.post("/sparql", content=content, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.text.count("\n") == 1
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_long_address(http: httpx.Client) -> None:
    answer = http.get("/sparql", params={"query": "ASK {} #" + "x" * 40_000})
    assert answer.status_code in (400, 414, 431)


def test_what_is_ingested_meanwhile_is_seen(root: Path, tmp_path: Path) -> None:
    import recup_kg as recup

    files = sorted((root / "data" / "wfformat" / "blast").glob("*.json"))
    store = tmp_path / "store"
    with recup.open(str(store)) as graph:
        graph.ingest(files[0], validate=False)
    process = start(store)
    try:
        assert process.stdout is not None
        url = json.loads("".join(process.stdout.readline() for _ in range(5)))["url"]
        query = "SELECT (COUNT(?r) AS ?n) { ?r a <https://w3id.org/recup/ontology#Execution> }"
        with httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
            assert count(ask(client, query)) == 1
            with recup.open(str(store)) as graph:
                graph.ingest(files[1], validate=False)
            assert count(ask(client, query)) == 2
    finally:
        process.terminate()
        _, err = process.communicate()
    assert "Traceback" not in err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_when_it_is_told_and_leaves_no_process(store: Path, number: signal.Signals) -> None:
    process = start(store)
    assert process.stdout is not None
    assert "url" in json.loads("".join(process.stdout.readline() for _ in range(5)))
    workers = children(process)
    assert workers
    os.kill(process.pid, number)
    _, err = process.communicate(timeout=20)
    assert "Traceback" not in err
    assert process.returncode in (0, 130, -number)
    assert [worker for worker in workers if Path(f"/proc/{worker}").exists()] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--store", ":memory:"), "a store in memory is empty for every other process"),
        (
            ("--store", "http://127.0.0.1:1/sparql", "--writable"),
            "takes changes itself: serve it without --writable",
        ),
        (("--writable",), "--writable needs a token of 16 characters or more in RECUP_TOKEN"),
        (("--store", "/nowhere/store"), "no store at /nowhere/store: recup ingest FILE makes it"),
    ],
)
def test_what_can_not_be_served_is_one_line(arguments: tuple[str, ...], message: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "recup_kg", "serve", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "RECUP_TOKEN": "short"},
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_port_that_is_taken() -> None:
    with listening("127.0.0.1", 0) as bound:
        assert address(bound) == f"http://127.0.0.1:{bound.getsockname()[1]}"
        with pytest.raises(
            UsageError, match=r"can't listen on 127\.0\.0\.1 port \d+: .*; name another with --host"
        ):
            listening("127.0.0.1", bound.getsockname()[1])


def test_loopback() -> None:
    found = {
        host: is_loopback(host)
        for host in ("127.0.0.1", "::1", "localhost", "127.9.9.9", "0.0.0.0", "example.org")
    }
    assert [host for host, loopback in found.items() if loopback] == [
        "127.0.0.1",
        "::1",
        "localhost",
        "127.9.9.9",
    ]
