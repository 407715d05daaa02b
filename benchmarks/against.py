"""A run against many reference runs, by stage, and plain NumPy on the same tables beside it.

python -m benchmarks.against --data FlowBench [--workflow eht_imaging] [--references 200] [--store FOLDER] [--times 3] [--json]

The tables, evenly drawn from all of the workflow, are ingested into a store first (or into --store, once), which does not
count; the last one is held against the others. The peer (benchmarks/against_peer.py) reads the same CSV files with pyarrow and
scores each value by its distance from the median in MADs: no screening, no machines, no significance, no causes, nothing kept.
Seconds are of the processor, the least of --times comparisons, each in a fresh process.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.flowbench_data import gather

_IMPORTS = "start of Python and imports"
_GROUP = "resolving the group"


def stages(store: str, run: str, references: Sequence[str]) -> dict[str, float]:
    """Seconds of processor time of each stage of one comparison, in this process, from its start."""
    marks: list[tuple[str, float]] = []

    def progress(stage: str, share: float) -> None:
        name = "reading the runs" if stage.startswith("reading") else stage
        marks.append((name, time.process_time()))

    import recup_kg

    with recup_kg.open(store) as graph:
        marks.append((_GROUP, time.process_time()))
        graph.against(run, ",".join(references), progress=progress)
        end = time.process_time()
    starts = [start for _, start in marks] + [end]
    lengths = {name: starts[number + 1] - start for number, (name, start) in enumerate(marks)}
    return {_IMPORTS: starts[0], **lengths}


def measured(asked: argparse.Namespace) -> dict[str, object]:
    """The stages, their sum, the peer and the ratio of both."""
    with tempfile.TemporaryDirectory(prefix="against-") as name:
        folder = Path(name)
        tables = list(gather(asked.data, asked.workflow, folder / "tables").files.values())
        number = min(asked.references + 1, len(tables))
        chosen = [tables[place * len(tables) // number] for place in range(number)]
        store = asked.store or str(folder / "store")
        names = _ingested(store, chosen)
        runs = [names[path.name] for path in chosen]
        found = [
            json.loads(_fresh("benchmarks.against", "--stages", store, runs[-1], *runs[:-1]))
            for _ in range(asked.times)
        ]
        peers = [float(_fresh("benchmarks.against_peer", *map(str, chosen))) for _ in range(asked.times)]
    best: dict[str, float] = min(found, key=lambda one: sum(one.values()))
    total, plain = sum(best.values()), min(peers)
    return {
        "workflow": asked.workflow,
        "references": len(chosen) - 1,
        "stages": best,
        "seconds": total,
        "peer_seconds": plain,
        "ratio": total / plain,
    }


def _ingested(store: str, tables: Sequence[Path]) -> dict[str, str]:
    """The names of the runs of tables, by the names of their files; those that are missing are ingested."""
    import recup_kg

    with recup_kg.open(store) as graph:
        known = {run.source for run in graph.runs()} if Path(store).exists() else set()
        missing = [path for path in tables if path.name not in known]
        if missing:
            graph.ingest_all(missing, validate=False)
        return {run.source: run.name for run in graph.runs()}


def _fresh(module: str, *arguments: str) -> str:
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _table(result: dict[str, object]) -> str:
    """The result as a Markdown table."""
    best, total = result["stages"], result["seconds"]
    assert isinstance(best, dict)
    assert isinstance(total, float)
    rows = [f"| {name} | {seconds:.2f} | {seconds / total:.0%} |" for name, seconds in best.items()]
    head = f"| {result['workflow']}, {result['references']} references | seconds | share |"
    return "\n".join(
        (
            head,
            "|---|---|---|",
            *rows,
            f"| **together** | {total:.2f} | |",
            f"| pyarrow and NumPy, medians and MADs only | {result['peer_seconds']:.2f} | {result['ratio']:.1f} times |",
        )
    )


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path)
    parser.add_argument("--workflow", default="eht_imaging")
    parser.add_argument("--references", type=int, default=200)
    parser.add_argument("--store", help="a store that is kept, and not ingested into again")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--stages", nargs="+", help=argparse.SUPPRESS)
    asked = parser.parse_args(arguments)
    if asked.stages:
        print(json.dumps(stages(asked.stages[0], asked.stages[1], asked.stages[2:])))
        return
    if asked.data is None:
        parser.error("--data is needed: a folder with FlowBench's tables")
    result = measured(asked)
    print(json.dumps(result) if asked.json else _table(result))


if __name__ == "__main__":
    main(sys.argv[1:])
