"""Runs to score: made of given numbers, and read from FlowBench's tables."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from recup_kg.measurements import MeasuredRun, MeasuredTask, Measurement
from recup_kg.vocab import RECUP

RUN_TIME, CPU_TIME, BYTES, QUEUE = (
    RECUP + name for name in ("runTime", "cpuTime", "readBytes", "queueDelay")
)
MEASUREMENTS = {
    RUN_TIME: Measurement(RUN_TIME, "run time", "s"),
    CPU_TIME: Measurement(CPU_TIME, "CPU time", "s"),
    BYTES: Measurement(BYTES, "bytes read", "bytes"),
    QUEUE: Measurement(QUEUE, "queue delay", "s"),
}
COLUMNS = {
    "wms_delay": Measurement(RECUP + "releaseDelay", "release delay", "s", 1.0),
    "queue_delay": Measurement(QUEUE, "queue delay", "s", 1.0),
    "runtime": Measurement(RUN_TIME, "run time", "s", 1.0),
    "stage_in_delay": Measurement(RECUP + "stageInTime", "stage-in time", "s", 1.0),
    "stage_out_delay": Measurement(RECUP + "stageOutTime", "stage-out time", "s", 1.0),
    "kickstart_executables_cpu_time": Measurement(CPU_TIME, "CPU time", "s", 0.1),
    "kickstart_online_iowait": Measurement(RECUP + "ioWaitTime", "I/O wait time", "s", 0.1),
    "kickstart_online_stime": Measurement(RECUP + "systemTime", "system time", "s", 0.1),
    "kickstart_online_utime": Measurement(RECUP + "userTime", "user time", "s", 0.1),
    "kickstart_online_bytes_read": Measurement(BYTES, "bytes read", "bytes", 1.0),
}
FLOWBENCH = {measurement.iri: measurement for measurement in COLUMNS.values()}


def task(name: str, values: Mapping[str, float], **said: object) -> MeasuredTask:
    """A task whose key is its name, without the number after a colon: a:1 and a:2 share a key."""
    given: dict[str, object] = {"key": name.split(":")[0], "step": "step", "nodes": ()} | said
    return MeasuredTask(f"urn:{name}", name, values=dict(values), **given)  # type: ignore[arg-type]


def run(name: str, tasks: Iterable[MeasuredTask]) -> MeasuredRun:
    return MeasuredRun(f"urn:{name}", f"urn:{name}:graph", name, tuple(tasks))


def runs_of(values: Sequence[Mapping[str, float]]) -> list[MeasuredRun]:
    """A run for each mapping from the names of its tasks to their run times."""
    return [
        run(f"run{number}", (task(name, {RUN_TIME: value}) for name, value in given.items()))
        for number, given in enumerate(values)
    ]


def noisy(count: int, tasks: int = 8, seed: int = 1, spread: float = 0.05) -> list[MeasuredRun]:
    """Runs of the same tasks, four to a container and eight to a machine, whose values vary by `spread` in the logarithm."""
    random = np.random.default_rng(seed)
    base = np.random.default_rng(7).lognormal(3, 0.5, (tasks, 3))
    found = []
    for number in range(count):
        values = base * random.lognormal(0, spread, (tasks, 3))
        found.append(
            run(
                f"run{number:03}",
                (
                    task(
                        f"t{row}",
                        dict(zip((RUN_TIME, CPU_TIME, BYTES), map(float, values[row]), strict=True)),
                        step=f"step{row % 2}",
                        nodes=(f"m{row // 8}", f"m{row // 8}-c{row // 4}"),
                    )
                    for row in range(tasks)
                ),
            )
        )
    return found


def changed(
    source: MeasuredRun, factors: Mapping[str, Mapping[str, float]], name: str = "new"
) -> MeasuredRun:
    """The run with values of some tasks (by identifier) multiplied by a factor for each measurement."""
    return run(
        name,
        (
            task(
                one.identifier,
                {
                    iri: value * factors.get(one.identifier, {}).get(iri, 1)
                    for iri, value in one.values.items()
                },
                key=one.key,
                step=one.step,
                nodes=one.nodes,
            )
            for one in source.tasks
        ),
    )


@cache
def flowbench(archive: Path) -> tuple[tuple[MeasuredRun, Mapping[str, str]], ...]:
    """The runs of a zip of FlowBench, each with the classes of its labelled tasks."""
    found = []
    with zipfile.ZipFile(archive) as tables:
        for name in sorted(tables.namelist()):
            rows = list(csv.DictReader(io.StringIO(tables.read(name).decode())))
            labels = {row[""]: row["anomaly_type"] for row in rows if row["anomaly_type"] not in ("", "None")}
            found.append((run(Path(name).stem, map(_task, rows)), labels))
    return tuple(found)


def _task(row: Mapping[str, str]) -> MeasuredTask:
    values = {measurement.iri: float(row[column]) for column, measurement in COLUMNS.items() if row[column]}
    host = row["kickstart_hostname"]
    nodes = (re.sub("-container.*", "", host), host) if "-container" in host else (host,)
    return task(row[""], values, step=row["kickstart_transformations"], nodes=nodes, kind=row["type"])
