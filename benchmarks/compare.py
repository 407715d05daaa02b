"""`recup compare A.json B.json` as a whole process, for growing traces: seconds, peak memory, and seconds per task.

python -m benchmarks.compare [--tasks 1000 10000 100000] [--times 3] [--json]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks import measure, traces


def measured(tasks: int, times: int) -> dict[str, float]:
    """Seconds and peak bytes of one comparison of two traces, of which the second is slower, moved and changed in places."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        one = traces.write(folder / "a.json", traces.trace(tasks))
        other = traces.trace(tasks, seed=2, slower=50, moved=10, changed=100)
        two = traces.write(folder / "b.json", other)
        command = measure.python(
            "recup_kg", "--store", str(folder / "none"), "compare", str(one), str(two), "--json"
        )
        cost = measure.repeat(command, times)
    return {
        "tasks": tasks,
        "seconds": cost.wall,
        "milliseconds_per_task": 1000 * cost.wall / tasks,
        "peak_memory": cost.memory,
    }


def main(arguments: list[str] | None = None) -> list[dict[str, float]]:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tasks", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    results = [measured(tasks, given.times if tasks < 50_000 else 1) for tasks in given.tasks]
    if given.json:
        print(json.dumps(results))
        return results
    for result in results:
        print(
            f"{result['tasks']:>9,.0f} tasks  {result['seconds']:>8.2f} s  {result['milliseconds_per_task']:>7.3f} ms/task"
            f"  {result['peak_memory'] / 1e6:>8,.0f} MB"
        )
    return results


if __name__ == "__main__":
    main(sys.argv[1:])
