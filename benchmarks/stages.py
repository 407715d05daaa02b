"""Where the time of an ingest goes: seconds and peak memory after each stage, in one process.

python -m benchmarks.stages [--tasks 20000] [--json]
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import traces
from recup_kg.converters import wfformat
from recup_kg.rdf.write import graphs
from recup_kg.store import open_store


def measured(tasks: int) -> list[dict[str, float | str]]:
    """Seconds of each stage, and the peak memory of the process in megabytes when it ends."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = traces.write(folder / "trace.json", traces.trace(tasks))
        watch = _Watch()
        trace = wfformat.read(source)
        watch.stage("read and build records")
        made = list(graphs(trace))
        watch.stage("write as N-Quads lines")
        del trace
        with open_store(str(folder / "store"), writable=True) as store:
            bundles = []
            while made:
                graph = made.pop()
                bundles.append(store.archive(graph.name, graph.lines))
                graph.lines.clear()
            watch.stage("bundle: sort, hash, gzip, fsync")
            store.add(bundles)
            watch.stage("index: load, register, publish")
    return watch.stages


class _Watch:
    def __init__(self) -> None:
        self.stages: list[dict[str, float | str]] = []
        self._start = time.perf_counter()

    def stage(self, name: str) -> None:
        now = time.perf_counter()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        self.stages.append({"stage": name, "seconds": now - self._start, "peak_megabytes": peak})
        self._start = time.perf_counter()


def main(arguments: list[str] | None = None) -> list[dict[str, float | str]]:
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
        return result
    for row in result:
        print(f"{row['stage']:<33}{row['seconds']:>7.2f} s   peak {row['peak_megabytes']:>6,.0f} MB")
    return result


if __name__ == "__main__":
    main(sys.argv[1:])
