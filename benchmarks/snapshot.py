"""`recup snapshot` against `pip list`, as whole processes with all that they start.

python -m benchmarks.snapshot [--times 5] [--peer "ceteris capture"] [--json]
"""

from __future__ import annotations

import argparse
import itertools
import json
import shlex
import sys
import tempfile
from pathlib import Path

from benchmarks import measure

GOAL = 0.5
"""Processor seconds that a snapshot may cost on what a laptop has."""


def main(arguments: list[str] | None = None) -> dict[str, float]:
    """Measure and print; processor time is user and system time, that of children included."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--peer", help="a command to measure beside it")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    commands = {
        "pip_list": measure.python("pip", "list", "--format", "json", "--disable-pip-version-check"),
        "bare": [sys.executable, "-c", "pass"],
    }
    if given.peer:
        commands["peer"] = shlex.split(given.peer)
    costs = {"snapshot": _snapshots(given.times)} | {
        name: measure.repeat(command, given.times) for name, command in commands.items()
    }
    result = {
        f"{name}_{kind}_seconds": getattr(cost, kind)
        for name, cost in costs.items()
        for kind in ("cpu", "wall")
    }
    if given.json:
        print(json.dumps(result))
    else:
        for name, cost in costs.items():
            print(
                f"{name.replace('_', ' '):10} {cost.cpu:6.3f} s of processor, {cost.wall:6.3f} s of wall time"
            )
        print(f"goal: {GOAL} s of processor: {'met' if costs['snapshot'].cpu <= GOAL else 'missed'}")
    return result


def _snapshots(times: int) -> measure.Cost:
    """Each into a folder of its own, since none is ever overwritten."""
    with tempfile.TemporaryDirectory() as name:
        numbers = itertools.count()
        costs = [
            measure.run(
                measure.python("recup_kg", "snapshot", "-q", "-o", str(Path(name) / str(next(numbers))))
            )
            for _ in range(times)
        ]
    return sorted(costs, key=lambda cost: cost.cpu)[times // 2]


if __name__ == "__main__":
    main(sys.argv[1:])
