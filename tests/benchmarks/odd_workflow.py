"""Tables as FlowBench has them of a workflow that is odd in every way that such tables can be."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

COLUMNS = (
    *("anomaly_type", "type", "is_clustered", "ready", "submit", "execute_start", "execute_end", "wms_delay"),
    *("queue_delay", "runtime", "stage_in_delay", "stage_in_bytes", "kickstart_hostname"),
    *("kickstart_transformations", "kickstart_executables", "kickstart_executables_argv"),
    *("kickstart_executables_cpu_time", "kickstart_executables_exitcode", "kickstart_online_stime"),
)
MACHINES = ("w-1", "w-2", "w-3")


@dataclass(frozen=True, slots=True)
class Shape:
    """Jobs in layers of `width`, each after two of the layer before; how many runs there are of each kind."""

    layers: int = 4
    width: int = 6
    normal: int = 8
    anomalous: int = 4

    def jobs(self) -> Iterator[tuple[str, list[str]]]:
        """The jobs with their parents; those of one layer have one transformation, and names that differ by a number."""
        for layer in range(self.layers):
            for place in range(self.width):
                before = [
                    _job(layer - 1, (place + step) % self.width, self.width) for step in range(2) if layer
                ]
                yield _job(layer, place, self.width), before


def _job(layer: int, place: int, width: int) -> str:
    return f"step{layer}_ID{layer * width + place + 1:07d}"


def write(folder: Path, workflow: str, shape: Shape, seed: int = 0) -> None:
    """A folder of tables and the dependencies beside it.

    Anomalous runs have jobs that take 3 times as long and much system time on one machine. Some jobs were tried twice, some
    never ran, one run has a clustered job of its own, one table is cut off, one lacks columns.
    """
    chance = random.Random(seed)
    tables = folder / workflow / "nested"
    tables.mkdir(parents=True)
    children: dict[str, list[str]] = {job: [] for job, _ in shape.jobs()}
    for job, parents in shape.jobs():
        for parent in dict.fromkeys(parents):
            children[parent].append(job)
    (folder / f"{workflow}.adjacency.json").write_text(json.dumps(children))
    for number in range(shape.normal + shape.anomalous):
        label = "None" if number < shape.normal else ("hdd_5", "cpu_2")[number % 2]
        rows = list(_rows(shape, label, chance, number))
        _save(tables / f"{workflow}-run{number:04d}.csv", rows, lacking=number == 1)
    (tables / f"{workflow}-run9999.csv").write_text("," + ",".join(COLUMNS) + "\nstep0_ID0000001,None,compu")


def _rows(shape: Shape, label: str, chance: random.Random, number: int) -> Iterator[dict[str, str]]:
    start = 1_700_000_000 + 10_000 * number
    for position, (job, _) in enumerate(shape.jobs()):
        row = _row(job, label, chance, start + position)
        if number == 2 and position == 3:
            yield {"": job, "anomaly_type": "None", "type": "compute"}
            continue
        if number == 3 and position == 4:
            yield {**row, "kickstart_executables_exitcode": "1"}
        yield row
    if number == 4:
        yield {
            **_row("merge_PID1_ID99", "None", chance, start),
            "is_clustered": "1",
            "kickstart_transformations": "step1,step2",
        }


def _row(job: str, label: str, chance: random.Random, start: int) -> dict[str, str]:
    machine = chance.choice(MACHINES)
    slow = label != "None" and machine == MACHINES[0]
    run_time = round(chance.gauss(20, 1) * (3 if slow else 1), 1)
    return {
        "": job,
        "anomaly_type": label if slow else "None",
        "type": "compute",
        "is_clustered": "0",
        "ready": f"{start}.0",
        "submit": f"{start + 5}.0",
        "execute_start": f"{start + 7}.0",
        "execute_end": f"{start + 7 + run_time}",
        "wms_delay": "5.0",
        "queue_delay": "2.0",
        "runtime": f"{run_time}",
        "stage_in_delay": "" if chance.random() < 0.2 else "3.0",
        "stage_in_bytes": "1000000.0",
        "kickstart_hostname": machine if machine == "w-3" else f"{machine}-container-0-3",
        "kickstart_transformations": job.split("_")[0],
        "kickstart_executables": f"/bin/{job.split('_')[0]}",
        "kickstart_executables_argv": f"--scratch /tmp/run{start} --job {job}",
        "kickstart_executables_cpu_time": f"{run_time / 2:.1f}",
        "kickstart_executables_exitcode": "0",
        "kickstart_online_stime": "nan"
        if chance.random() < 0.1
        else f"{chance.gauss(1, 0.05) * (4 if slow else 1):.1f}",
    }


def _save(path: Path, rows: list[dict[str, str]], *, lacking: bool) -> None:
    names = ["", *(name for name in COLUMNS if not (lacking and name.startswith("kickstart_online")))]
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, names, restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
