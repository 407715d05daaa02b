"""Conversion of a trace to N-Quads in memory, with and without the garbage collector: processor seconds and triples per second.

python -m benchmarks.convert [--tasks 20000] [--json]
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import traces
from recup_kg.converters import wfformat
from recup_kg.rdf.write import graphs


def measured(tasks: int) -> dict[str, float]:
    """Processor seconds with and without the collector, their ratio, and triples per second without it."""
    with tempfile.TemporaryDirectory() as folder:
        path = traces.write(Path(folder) / "trace.json", traces.trace(tasks))
        without, triples = _convert(path, collector=False)
        with_collector, _ = _convert(path, collector=True)
    return {
        "tasks": tasks,
        "triples": triples,
        "seconds": without,
        "seconds_with_collector": with_collector,
        "collector_ratio": with_collector / without,
        "triples_per_second": triples / without,
    }


def _convert(path: Path, *, collector: bool) -> tuple[float, int]:
    # Undecorated: `__wrapped__` is the function without the pause.
    read, write = (function.__wrapped__ if collector else function for function in (wfformat.read, graphs))
    gc.collect()
    start = time.process_time()
    found = write(read(path))
    return time.process_time() - start, sum(len(graph.lines) for graph in found)


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
        print(
            f"{result['triples']:,.0f} triples in {result['seconds']:.2f} s: {result['triples_per_second']:,.0f} triples/s"
        )
        print(f"  with the garbage collector {result['collector_ratio']:.2f} times as long")
    return result


if __name__ == "__main__":
    main(sys.argv[1:])
