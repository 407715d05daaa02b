"""Generated WfFormat 1.5 traces of any size, to measure growth where no real trace is large enough.

Shape: layers of `WIDTH` tasks; each task reads the files of three tasks of the layer above and writes one file; eight machines.
Numbers come from a seed. `slower` makes every n-th task three times slower, `moved` puts every n-th on another machine, `changed`
gives every n-th another output size: so the second of a pair has deviations, in known number.

    python -m benchmarks.traces 1000 --seed 1 --out a.json
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path
from typing import Any

WIDTH = 200
MACHINES = 8


def trace(
    tasks: int, *, seed: int = 1, slower: int = 0, moved: int = 0, changed: int = 0, name: str = "generated"
) -> dict[str, Any]:
    """A trace of `tasks` tasks. `slower`, `moved` and `changed` pick every n-th task, 0 none."""
    structure, numbers = random.Random(tasks), random.Random(seed)
    specified, executed, files = [], [], [{"id": "input.dat", "sizeInBytes": 10_000_000}]
    children: list[list[str]] = [[] for _ in range(tasks)]
    for index in range(tasks):
        parents = _parents(structure, index)
        for parent in parents:
            children[parent].append(_task(index))
        specified.append(_specified(index, parents, children[index]))
        executed.append(_executed(index, numbers, slower, moved))
        size = 1000 + index % 977 + (7 if changed and index % changed == 0 else 0)
        files.append({"id": f"data.{index}", "sizeInBytes": size})
    return {
        "name": name,
        "schemaVersion": "1.5",
        "createdAt": "2024-01-02T00:00:00Z",
        "runtimeSystem": {"name": "Generator", "version": "1"},
        "workflow": {
            "specification": {"tasks": specified, "files": files},
            "execution": {
                "makespanInSeconds": float(tasks),
                "executedAt": "2024-01-01T00:00:00Z",
                "tasks": executed,
                "machines": [
                    {"nodeName": f"node-{index}", "cpu": {"coreCount": 64}} for index in range(MACHINES)
                ],
            },
        },
    }


def write(path: Path, document: dict[str, Any]) -> Path:
    """The trace as a file."""
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def _task(index: int) -> str:
    return f"step{index // WIDTH}_ID{index:07d}"


def _parents(source: random.Random, index: int) -> list[int]:
    if index < WIDTH:
        return []
    first = (index // WIDTH - 1) * WIDTH
    return sorted(source.sample(range(first, first + WIDTH), k=3))


def _specified(index: int, parents: list[int], children: list[str]) -> dict[str, Any]:
    return {
        "name": _task(index),
        "id": _task(index),
        "parents": [_task(parent) for parent in parents],
        "children": children,
        "inputFiles": [f"data.{parent}" for parent in parents] or ["input.dat"],
        "outputFiles": [f"data.{index}"],
    }


def _executed(index: int, source: random.Random, slower: int, moved: int) -> dict[str, Any]:
    run_time = 5.0 + source.random()
    machine = index % MACHINES
    if slower and index % slower == 0:
        run_time *= 3
    if moved and index % moved == 0:
        machine = (machine + 1) % MACHINES
    return {
        "id": _task(index),
        "runtimeInSeconds": round(run_time, 3),
        "command": {
            "program": f"step{index // WIDTH}",
            "arguments": ["--index", str(index), "--out", f"data.{index}"],
        },
        "coreCount": 1,
        "avgCPU": 95.0,
        "readBytes": 3000,
        "writtenBytes": 1000,
        "memoryInBytes": 1_000_000,
        "machines": [f"node-{machine}"],
    }


def main() -> None:
    """Write one trace."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tasks", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--slower", type=int, default=0)
    parser.add_argument("--moved", type=int, default=0)
    parser.add_argument("--changed", type=int, default=0)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    changes = {"slower": given.slower, "moved": given.moved, "changed": given.changed}
    write(given.out, trace(given.tasks, seed=given.seed, **changes))


if __name__ == "__main__":
    main()
