"""Quads into a store on disk: one bulk loader against several at once, on the same text.

python -m benchmarks.load [--tasks 20000] [--json]
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import pyoxigraph

from benchmarks import traces
from recup_kg.converters import wfformat
from recup_kg.rdf.write import graphs
from recup_kg.store.parallel import load_in_parallel, workers


def measured(tasks: int) -> dict[str, float]:
    """Quads per second with one loader and with as many as the store uses, and the ratio."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        trace = wfformat.read(traces.write(folder / "trace.json", traces.trace(tasks)))
        text = "".join("".join(graph.lines) for graph in graphs(trace)).encode()
        one = _seconds(folder / "one", text, 1)
        several = _seconds(folder / "several", text, workers())
    quads = text.count(b"\n")
    return {
        "quads": quads,
        "loaders": workers(),
        "one_quads_per_second": quads / one,
        "several_quads_per_second": quads / several,
        "ratio": one / several,
    }


def _seconds(folder: Path, text: bytes, count: int) -> float:
    store = pyoxigraph.Store(str(folder))
    load = partial(store.bulk_load, format=pyoxigraph.RdfFormat.N_QUADS, lenient=True)
    start = time.perf_counter()
    load_in_parallel(io.BytesIO(text), load, count)
    return time.perf_counter() - start


def main(arguments: list[str] | None = None) -> dict[str, float]:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tasks", type=int, default=20_000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    result = measured(given.tasks)
    if given.json:
        print(json.dumps(result))
    else:
        print(f"{result['quads']:,.0f} quads: one loader {result['one_quads_per_second']:,.0f}/s, ", end="")
        print(
            f"{result['loaders']:.0f} loaders {result['several_quads_per_second']:,.0f}/s, {result['ratio']:.2f} times"
        )
    return result


if __name__ == "__main__":
    main(sys.argv[1:])
