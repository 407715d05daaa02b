"""A small capture of Dask, made up: two submissions, tuple keys, a retry, a failed task, repeated transfers."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path

W1, W2, W3 = "tcp://10.0.0.1:4001", "tcp://10.0.0.1:4002", "tcp://10.0.0.2:4003"
SCHEDULER = "tcp://10.0.0.9:8786"
CLIENT = "Client-0a1b2c3d-fe7f-11ee-829c-6805cae1dd68"
HASH = "c50155175b03e4c1ec9664317841e345"
LOAD0, LOAD1 = f"('load-{HASH}', 0)", f"('load-{HASH}', 1)"
SUM, BROKEN, NEVER = "sum-3239c7c4-b03f-44d6-9284-4ae264a4a455", "broken-1", 'never "ran",\n- quoted'
SCATTERED = "int-17"

Row = tuple[object, ...]
Table = tuple[Sequence[str], Sequence[Row]]
T = 1713553300

GRAPH: Table = (
    ("client", "keys", "dependencies", "time"),
    (
        (
            CLIENT,
            f"{{'{SUM}'}}",
            f"{{'{SUM}': {{{LOAD0}, {LOAD1}, '{SCATTERED}'}}, {LOAD0}: set(), {LOAD1}: set()}}",
            f"{T}.5",
        ),
        (
            CLIENT,
            "{'broken-1'}",
            "{'broken-1': {'" + SUM + "'}, 'never \"ran\",\\n- quoted': {'broken-1'}}",
            f"{T + 10}.25",
        ),
    ),
)
SCHEDULER_COLUMNS = (
    *("key", "thread", "worker", "prefix", "group", "start", "finish", "stimulus_id", "called_from"),
    *("begins", "ends", "duration", "size", "time"),
)


def scheduled(key: str, before: str, after: str, time: str, **more: object) -> Row:
    """A row of the scheduler's transitions."""
    said = {
        "key": key,
        "start": before,
        "finish": after,
        "time": time,
        "called_from": SCHEDULER,
        "stimulus_id": f"s-{time}",
    }
    return tuple((said | more).get(column, "") for column in SCHEDULER_COLUMNS)


def finished(
    key: str, worker: str, thread: int, begins: str, ends: str, duration: str, size: object, time: str
) -> Row:
    """A task that the scheduler says is in memory."""
    return scheduled(
        key,
        "processing",
        "memory",
        time,
        thread=thread,
        worker=worker,
        begins=begins,
        ends=ends,
        duration=duration,
        size=size,
        prefix=key.split("-")[0].strip("('"),
        group=key.split("'")[1] if key.startswith("(") else key.split("-")[0],
    )


SCHEDULED: Table = (
    SCHEDULER_COLUMNS,
    (
        scheduled(LOAD0, "released", "waiting", f"{T}.6"),
        scheduled(LOAD0, "waiting", "processing", f"{T}.61"),
        scheduled(LOAD1, "waiting", "processing", f"{T}.62"),
        finished(LOAD0, W1, 9007199254740993, f"{T + 1}.9", f"{T + 2}.9", "1.0", 800, f"{T + 2}.5"),
        finished(LOAD1, W2, 140000000000002, f"{T + 1}.9", f"{T + 3}.9", "2.0", "800.0", f"{T + 3}.5"),
        # The begin and end are those of the transfer of the input.
        finished(SUM, W1, 9007199254740993, f"{T + 4}.1", f"{T + 4}.3", "0.2", 28, f"{T + 5}.1"),
        scheduled(BROKEN, "processing", "erred", f"{T + 12}", worker=W2),
        scheduled(BROKEN, "erred", "released", f"{T + 13}"),
        scheduled(NEVER, "released", "waiting", f"{T + 10}.3"),
        scheduled(NEVER, "waiting", "erred", f"{T + 12}.1"),
        scheduled(SUM, "memory", "forgotten", f"{T + 20}.75"),
    ),
)


def moved(key: str, before: str, after: str, worker: str, time: str) -> Row:
    """A row of a worker's transitions."""
    return key, before, after, worker, time


WORKED: Table = (
    ("key", "start", "finish", "called_from", "time"),
    (
        # The first run on the third worker was lost; the second, on the first worker, counts.
        moved(LOAD0, "ready", "executing", W3, f"{T}.7"),
        moved(LOAD0, "executing", "released", W3, f"{T}.8"),
        moved(LOAD0, "executing", "memory", W1, f"{T + 2}.0010"),
        moved(LOAD0, "ready", "executing", W1, f"{T + 1}.0"),
        moved(LOAD1, "ready", "executing", W2, f"{T + 1}.0"),
        moved(LOAD1, "executing", "memory", W2, f"{T + 3}.0"),
        moved(LOAD1, "released", "fetch", W1, f"{T + 4}.0"),
        moved(LOAD1, "fetch", "flight", W1, f"{T + 4}.05"),
        moved(LOAD1, "flight", "memory", W1, f"{T + 4}.35"),
        moved(SUM, "ready", "executing", W1, f"{T + 5}.000001"),
        moved(SUM, "executing", "memory", W1, f"{T + 5}.0000035"),
        moved(BROKEN, "ready", "executing", W2, f"{T + 11}"),
        moved(BROKEN, "executing", "error", W2, f"{T + 11}.5"),
    ),
)
TRANSFER_COLUMNS = (
    *("start", "stop", "middle", "duration", "keys", "total", "bandwidth", "who", "type", "called_from"),
    *("time", "compressed"),
)


def transfer(
    start: str,
    stop: str,
    keys: str,
    total: int,
    who: str,
    kind: str,
    by: str,
    time: str,
    compressed: str = "",
) -> Row:
    """A row of the transfers."""
    duration = f"{float(stop) - float(start):.3f}"
    return start, stop, "", duration, keys, total, "", who, kind, by, time, compressed


_KEYS = f"{{{LOAD1}: 800}}"
TRANSFERRED: Table = (
    TRANSFER_COLUMNS,
    (
        transfer(f"{T + 4}.1", f"{T + 4}.3", _KEYS, 800, W2, "incoming_transfer", W1, f"{T + 5}.0"),
        transfer(f"{T + 4}.1", f"{T + 4}.3", _KEYS, 800, W2, "incoming_transfer", W1, f"{T + 5}.1"),
        transfer(f"{T + 4}.1", f"{T + 4}.3", _KEYS, 800, W2, "incoming_transfer", W1, f"{T + 5}.2"),
        transfer(f"{T + 4}.15", f"{T + 4}.2", _KEYS, 800, W1, "outgoing_transfer", W2, f"{T + 5}.3", "91.0"),
        transfer(
            f"{T + 6}.0", f"{T + 6}.1", f"{{'{SUM}': 28}}", 28, "", "outgoing_transfer", W1, f"{T + 6}.2"
        ),
    ),
)
WORKERS: Table = (
    ("worker", "action", "stimulus_id", "time"),
    (
        (W1, "add", "", f"{T}.1"),
        (W2, "add", "", f"{T}.2"),
        (W3, "add", "", f"{T}.3"),
        (W3, "remove", "s", f"{T + 1}"),
    ),
)
CLIENTS: Table = (("client", "action", "time"), ((CLIENT, "add", f"{T}.0"),))
TABLES: dict[str, Table] = {
    "graph": GRAPH,
    "scheduler_transition": SCHEDULED,
    "worker_transition": WORKED,
    "worker_transfer": TRANSFERRED,
    "worker": WORKERS,
    "client": CLIENTS,
}


def text(table: Table, index: bool = True) -> str:
    """The table as pandas writes it, with its index as a column without a name."""
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    columns, rows = table
    writer.writerow((*([""] if index else []), *columns))
    writer.writerows((*([number] if index else []), *row) for number, row in enumerate(rows))
    return stream.getvalue()


def save(folder: Path, tables: Mapping[str, Table] = TABLES, index: bool = True) -> Path:
    """The tables as files of a folder; the path of the first."""
    for name, table in tables.items():
        (folder / f"{name}.csv").write_text(text(table, index))
    return folder / f"{next(iter(tables))}.csv"


WORKER_LOG = """\
2024-04-18 15:54:35,922 - distributed.preloading - ERROR - Failed to start preload: Plugin.py
Traceback (most recent call last):
  File "/site-packages/distributed/preloading.py", line 234, in start
    await preload.start()
  File "/tmp/space/worker-31mp2yp_/Plugin.py", line 163, in dask_setup
    plugin = Plugin(worker)
RuntimeError: no fabric
2024-04-18 15:54:35,924 - distributed.worker - INFO -       Start worker at:   tcp://10.0.0.2:4003
2024-04-18 15:54:35,924 - distributed.worker - INFO -               Threads:                          8
2024-04-18 15:54:35,925 - distributed.worker - INFO -                Memory:                 503.22 GiB
2024-04-18 15:54:35,925 - distributed.worker - INFO -       Local Directory: /tmp/space/worker-31mp2yp_
2024-04-18 15:54:37,348 - distributed.worker - INFO -       Start worker at:    tcp://10.0.0.1:4001
2024-04-18 15:54:37,348 - distributed.worker - INFO -       Start worker at:    tcp://10.0.0.1:4002
2024-04-18 15:54:37,348 - distributed.worker - INFO -               Threads:                          8
2024-04-18 15:54:37,348 - distributed.worker - INFO -       Local Directory: /tmp/space/worker-a
2024-04-18 15:54:37,348 - distributed.worker - INFO -               Threads:                          8
2024-04-18 15:54:37,349 - distributed.worker - INFO -       Local Directory: /tmp/space/worker-b
"""
