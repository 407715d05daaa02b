"""WfFormat file to queryable graph on disk, against the plain rdflib way on the same triples.

Ours: `recup ingest --no-validate`, a whole process. rdflib: json.load, Graph.add of each of the same triples, serialize and parse
as Turtle (rdflib's default) and as N-Triples (its fastest): without any mapping from JSON to triples, so both are lower bounds.
Also: the share of Oxigraph's own bulk load, with one loader, in our time.

    python -m benchmarks.ingest [--tasks 10000] [--times 3] [--json]
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import measure, traces

_PEER = "benchmarks.ingest_peer"


def measured(tasks: int, times: int) -> dict[str, float]:
    """Triples per second of both, peak memory in bytes, the ratios, and the share of the load."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = traces.write(folder / "trace.json", traces.trace(tasks))
        store = folder / "store"
        ours = measure.repeat(
            measure.python("recup_kg", "--store", str(store), "ingest", "--no-validate", str(source)),
            times,
            before=lambda: shutil.rmtree(store, ignore_errors=True),
        )
        bundles = sorted((store / "bundles").glob("*.nq.gz"))
        triples = _count(bundles)
        peer, fast = (
            measure.repeat(measure.python(_PEER, form, str(source), *map(str, bundles)), 1)
            for form in ("turtle", "nt")
        )
        return {
            "tasks": tasks,
            "triples": triples,
            "ours_triples_per_second": triples / ours.wall,
            "rdflib_triples_per_second": triples / peer.wall,
            "speed_ratio": peer.wall / ours.wall,
            "rdflib_ntriples_triples_per_second": triples / fast.wall,
            "speed_ratio_ntriples": fast.wall / ours.wall,
            "ours_peak_memory": ours.memory,
            "rdflib_peak_memory": peer.memory,
            "memory_ratio": ours.memory / peer.memory,
            "ours_seconds": ours.wall,
            "oxigraph_load_share": _load_seconds(bundles, folder / "bare") / ours.wall,
        }


def _count(bundles: list[Path]) -> int:
    import gzip

    return sum(gzip.decompress(path.read_bytes()).count(b"\n") for path in bundles)


def _load_seconds(bundles: list[Path], folder: Path) -> float:
    """Seconds that Oxigraph's bulk loader alone takes for the same quads, from memory."""
    import gzip

    import pyoxigraph

    text = b"".join(gzip.decompress(path.read_bytes()) for path in bundles)
    store = pyoxigraph.Store(str(folder))
    start = time.perf_counter()
    store.bulk_load(text, format=pyoxigraph.RdfFormat.N_QUADS)
    return time.perf_counter() - start


def main(arguments: list[str] | None = None) -> dict[str, float]:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tasks", type=int, default=10_000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    result = measured(given.tasks, given.times)
    if given.json:
        print(json.dumps(result))
    else:
        print(f"{result['triples']:,.0f} triples of {result['tasks']:,.0f} tasks")
        print(
            f"  recup ingest  {result['ours_triples_per_second']:>10,.0f} triples/s  {result['ours_peak_memory'] / 1e6:>8,.0f} MB"
        )
        print(
            f"  plain rdflib  {result['rdflib_triples_per_second']:>10,.0f} triples/s"
            f"  {result['rdflib_peak_memory'] / 1e6:>8,.0f} MB"
        )
        print(f"  rdflib, N-Triples {result['rdflib_ntriples_triples_per_second']:>6,.0f} triples/s")
        print(
            f"  {result['speed_ratio']:.1f} times the speed ({result['speed_ratio_ntriples']:.1f} of N-Triples), "
            f"{result['memory_ratio']:.2f} times the memory"
        )
        print(f"  Oxigraph's own load: {result['oxigraph_load_share']:.0%} of our time")
    return result


if __name__ == "__main__":
    main(sys.argv[1:])
