"""The service under load: 64 clients, some of them slow, malformed, huge or gone before the answer.

python -m benchmarks.serve [--seconds 60] [--clients 64] [--store FOLDER] [--json]

Starts `recup serve` on a free port of this machine over the shipped runs (or --store), and ends it after --seconds. Most requests
are good ones, each with a known answer: a wrong or missing one is counted as lost. Memory is the sum over the service and its
processes, sampled four times a second. The peer is `oxigraph serve` over the same triples with the good requests only.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

import recup_kg
from recup_kg.store import open_store

RUNS = Path(__file__).resolve().parent.parent / "data" / "wfformat"
JSON = {"accept": "application/sparql-results+json"}
GOOD = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?t a <https://w3id.org/recup/ontology#TaskExecution> } }"
JOIN = (
    "PREFIX recup: <https://w3id.org/recup/ontology#> PREFIX prov: <http://www.w3.org/ns/prov#> SELECT ?p (COUNT(*) AS ?n) "
    "{ GRAPH ?g { ?t recup:program ?p ; prov:used ?d } } GROUP BY ?p ORDER BY ?p"
)
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
MIX = {"good": 70, "join": 15, "thing": 6, "malformed": 4, "slow": 1, "huge": 1, "aborted": 3}
"""How many of a hundred requests are of each kind."""
EXPECTED = {
    "malformed": {400},
    "slow": {503},
    "huge": {413},
    "good": {200},
    "join": {200},
    "thing": {200, 303},
}


@dataclass(slots=True)
class Tally:
    """Latencies in seconds of each kind, how many had a wrong answer, how many were told to come again."""

    latencies: dict[str, list[float]] = field(default_factory=dict)
    lost: Counter[str] = field(default_factory=Counter)
    busy: Counter[str] = field(default_factory=Counter)
    memory: int = 0


def percentile(values: list[float], share: float) -> float:
    """The value below which a share of the sorted values lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


async def client(http: httpx.AsyncClient, send: Callable[[str], Awaitable[tuple[int, bytes]]], kinds: list[str], end: float,
                 known: dict[str, bytes], tally: Tally, seed: int) -> None:  # fmt: skip
    """One client after the other kind of request, until the end."""
    draw = random.Random(seed)
    while time.monotonic() < end:
        kind = draw.choice(kinds)
        begun = time.monotonic()
        try:
            status, body = await send(kind)
        except httpx.HTTPError:
            tally.lost[kind] += 1
            continue
        tally.latencies.setdefault(kind, []).append(time.monotonic() - begun)
        if status == 503 and kind != "slow":
            tally.busy[kind] += 1
        elif kind != "aborted" and (status not in EXPECTED[kind] or known.get(kind, body) != body):
            tally.lost[kind] += 1


def sender(
    http: httpx.AsyncClient, endpoint: str, thing: str
) -> Callable[[str], Awaitable[tuple[int, bytes]]]:
    """How each kind of request is sent."""

    async def send(kind: str) -> tuple[int, bytes]:
        queries = {"good": GOOD, "join": JOIN, "slow": SLOW, "malformed": "SELECT { nonsense"}
        if kind in queries:
            answer = await http.post(endpoint, data={"query": queries[kind]}, headers=JSON)
        elif kind == "huge":
            body = b"SELECT * {} #" + b"x" * (2 << 20)
            answer = await http.post(
                endpoint, content=body, headers={"content-type": "application/sparql-query"}
            )
        elif kind == "thing":
            answer = await http.get(thing, headers={"accept": "text/turtle"})
        else:
            with contextlib.suppress(httpx.TimeoutException):
                await http.post(endpoint, data={"query": SLOW}, headers=JSON, timeout=0.05)
            return 0, b""
        return answer.status_code, answer.content if kind in ("good", "join") else b""

    return send


def resident(pid: int) -> int:
    """Bytes in memory of a process and its children (proportional set size where the system tells)."""
    found = 0
    for process in (pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())):
        try:
            lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        found += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return found


async def load(endpoint: str, thing: str, pid: int, asked: argparse.Namespace, kinds: list[str]) -> Tally:
    """All clients at once, and the memory meanwhile."""
    tally = Tally()
    limits = httpx.Limits(max_connections=asked.clients, max_keepalive_connections=asked.clients)
    async with httpx.AsyncClient(trust_env=False, timeout=60, limits=limits) as http:
        send = sender(http, endpoint, thing)
        known = {kind: (await send(kind))[1] for kind in ("good", "join")}
        end = time.monotonic() + asked.seconds
        work = [client(http, send, kinds, end, known, tally, seed) for seed in range(asked.clients)]
        running = asyncio.gather(*work)
        while not running.done():
            tally.memory = max(tally.memory, resident(pid))
            await asyncio.wait([running], timeout=0.25)
        await running
    return tally


def of_ours(store: str, thing: str, asked: argparse.Namespace) -> Tally:
    """The whole mix on our service."""
    command = [
        sys.executable,
        "-m",
        "recup_kg",
        "serve",
        "--store",
        store,
        "--port",
        "0",
        "--json",
        "--time-limit",
        "5",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        url = json.loads("".join(process.stdout.readline() for _ in range(5)))["url"]
        kinds = [kind for kind, number in MIX.items() for _ in range(number)]
        return asyncio.run(load(f"{url}/sparql", url + thing, process.pid, asked, kinds))
    finally:
        process.terminate()
        process.wait()


def of_peer(store: str, folder: Path, asked: argparse.Namespace) -> Tally:
    """The good requests on `oxigraph serve`."""
    with open_store(store, writable=False) as opened:
        quads = b"".join(
            line.rstrip()[:-1] + b"<" + graph.encode() + b"> .\n"
            for graph in opened.graphs()
            for line in opened.ntriples(graph).splitlines()
        )
    (folder / "all.nq").write_bytes(quads)
    program = str(Path(sys.executable).parent / "oxigraph")
    place = ["--location", str(folder / "oxigraph")]
    subprocess.run(
        [program, "load", *place, "--file", str(folder / "all.nq")], check=True, capture_output=True
    )
    process = subprocess.Popen(
        [program, "serve-read-only", *place, "--bind", "127.0.0.1:7879"], stderr=subprocess.DEVNULL
    )
    try:
        time.sleep(1)
        kinds = ["good"] * MIX["good"] + ["join"] * MIX["join"]
        return asyncio.run(load("http://127.0.0.1:7879/query", "", process.pid, asked, kinds))
    finally:
        process.terminate()
        process.wait()


def summary(name: str, tally: Tally, seconds: float) -> dict[str, object]:
    """What a row of the table says."""
    good = tally.latencies.get("good", []) + tally.latencies.get("join", [])
    return {
        "service": name,
        "requests": sum(map(len, tally.latencies.values())),
        "good_per_second": len(good) / seconds,
        "p50_ms": 1000 * percentile(good, 0.5),
        "p99_ms": 1000 * percentile(good, 0.99),
        "come_again": sum(tally.busy.values()),
        "lost": dict(tally.lost),
        "memory_mib": tally.memory / 2**20,
    }


def main(arguments: list[str] | None = None) -> None:
    """Run both and print a table, or JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--store")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="serve-") as name:
        folder = Path(name)
        store = asked.store or str(folder / "store")
        with recup_kg.open(store) as graph:
            if not asked.store:
                graph.ingest_all(sorted(RUNS.rglob("*.json")), validate=False)
            thing = "/doc/turtle/" + graph.runs()[0].run.split("/recup/")[1]
        rows = [
            summary("recup serve, the whole mix", of_ours(store, thing, asked), asked.seconds),
            summary("oxigraph serve, good ones only", of_peer(store, folder, asked), asked.seconds),
        ]
    if asked.json:
        print(json.dumps(rows, indent=2))
        return
    print(
        "| service | requests | good ones per s | p50 ms | p99 ms | told to come again | lost | memory MiB |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for row in rows:
        lost = sum(row["lost"].values())  # type: ignore[attr-defined]
        print(f"| {row['service']} | {row['requests']:,} | {row['good_per_second']:.0f} | {row['p50_ms']:.0f} | "
              f"{row['p99_ms']:.0f} | {row['come_again']} | {lost} | {row['memory_mib']:.0f} |")  # fmt: skip


if __name__ == "__main__":
    main()
