"""Darshan logs: bytes and triples per second, peak memory, and what reading each in a process of its own costs over PyDarshan.

python -m benchmarks.darshan [--log FILE ...] [--times 5] [--json]

PyDarshan reads the same file in the same run, once loaded; loading it (0.5 s) is not counted. Without --log the samples of the
checkout are read, and those beside it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from recup_kg.converters import darshan
from recup_kg.converters.darshan.binary import read_binary
from recup_kg.converters.darshan.isolate import Limits
from recup_kg.rdf.evidence import evidence_graph

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"
_OWN = "import sys, pathlib; from recup_kg.converters import darshan; from recup_kg.rdf.evidence import evidence_graph; "
_OWN += "evidence_graph(darshan.read(pathlib.Path(sys.argv[1])))"
_SMALL = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True); "
_SMALL += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
_PEER = "import sys, darshan; darshan.DarshanReport(sys.argv[1], read_all=True)"


def logs() -> list[Path]:
    """Real logs of several sizes."""
    found = sorted((ROOT / "data" / "darshan").rglob("*.darshan"))
    large = ("sample-badost.darshan", "dxt.darshan", "wrf-repeat/*45527*.darshan")
    return found + [path for name in large for path in sorted((SHARED / "darshan").glob(name))]


def measured(log: Path, times: int) -> dict[str, float | str]:
    """Seconds of each stage (the median), what isolation adds, rates, and peak memory of whole processes."""
    import darshan as peer

    evidence = darshan.read(log)
    seconds = {
        "peer": _seconds(lambda: peer.DarshanReport(str(log), read_all=True), times),
        "isolated": _seconds(lambda: read_binary(log, Limits()), times),
        "read": _seconds(lambda: darshan.read(log), times),
        "graph": _seconds(lambda: evidence_graph(evidence), times),
    }
    triples = len(evidence_graph(evidence).lines)
    whole = seconds["read"] + seconds["graph"]
    return {
        "log": log.name,
        "bytes": log.stat().st_size,
        "triples": triples,
        **{f"{name}_seconds": value for name, value in seconds.items()},
        "isolation_seconds": seconds["isolated"] - seconds["peer"],
        "bytes_per_second": log.stat().st_size / whole,
        "triples_per_second": triples / whole,
        "peak_memory": _memory(_OWN, log),
        "peer_peak_memory": _memory(_PEER, log),
    }


def _memory(code: str, log: Path) -> int:
    """Peak resident memory in bytes of a process and of those that it started.

    It is started by a small one: a process inherits the peak of the one that it was forked from.
    """
    command = [sys.executable, "-c", _SMALL, sys.executable, "-c", code, str(log)]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout) * 1024


def _seconds(work: Callable[[], object], times: int) -> float:
    spent: list[float] = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        spent.append(time.perf_counter() - start)
    return median(spent)


def main(arguments: list[str] | None = None) -> list[dict[str, float | str]]:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--log", type=Path, action="append")
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    results = [measured(log, given.times) for log in given.log or logs()]
    if given.json:
        print(json.dumps(results))
        return results
    print(
        "     bytes  triples   peer ms  isolated ms  over ms  read ms  graph ms  triples/s  peak MB  peer MB  log"
    )
    for row in results:
        print(
            f"{row['bytes']:>10,} {row['triples']:>8,}"
            + "".join(
                f"{float(row[f'{name}_seconds']) * 1000:>{width}.0f}"
                for name, width in (
                    ("peer", 10),
                    ("isolated", 13),
                    ("isolation", 9),
                    ("read", 9),
                    ("graph", 10),
                )
            )
            + f"{float(row['triples_per_second']):>11,.0f}"
            + f"{float(row['peak_memory']) / 1e6:>9.0f}{float(row['peer_peak_memory']) / 1e6:>9.0f}  {str(row['log'])[:40]}"
        )
    return results


if __name__ == "__main__":
    main(sys.argv[1:])
