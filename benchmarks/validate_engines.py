"""Seconds per million triples of both SHACL engines, on generated executions.

`python -m benchmarks.validate_engines [TASKS]`: the fast engine on TASKS tasks (default 40,000) in layers and in one chain,
and both engines on 1,000 tasks, with their ratio.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from time import perf_counter

from benchmarks.generated import execution
from recup_kg.validate import Engine, ReferenceEngine, RustEngine, validate

SMALL = 1_000


def seconds_per_million(engine: Engine, tasks: int, width: int) -> tuple[float, int]:
    """Seconds for a million triples, and the number of triples that were checked."""
    lines = list(execution(tasks, width=width))
    text = "".join(lines)
    start = perf_counter()
    report = validate(text, engine=engine)
    taken = perf_counter() - start
    if not report.conforms:
        raise SystemExit(f"the generated data are wrong: {report.results[0].message}")
    return taken * 1e6 / len(lines), len(lines)


def main(arguments: Sequence[str]) -> None:
    """Print one line for each measurement, and the ratio."""
    tasks = int(arguments[0]) if arguments else 40_000
    for name, width in (("layers of 100", 100), ("one chain", 1)):
        rate, triples = seconds_per_million(RustEngine(), tasks, width)
        print(f"rust     {triples:>9,} triples, {name:<14} {rate:8.2f} s per million")
    fast, triples = seconds_per_million(RustEngine(), SMALL, 20)
    slow, _ = seconds_per_million(ReferenceEngine(), SMALL, 20)
    print(f"rust     {triples:>9,} triples                 {fast:8.2f} s per million")
    print(f"pyshacl  {triples:>9,} triples                 {slow:8.2f} s per million")
    print(f"ratio pyshacl / rust: {slow / fast:.0f}")


if __name__ == "__main__":
    main(sys.argv[1:])
