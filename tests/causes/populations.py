"""Populations made from a real trace: executions of one blast run with other times, and one thing planted in the slow ones."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from recup_kg.api import KnowledgeGraph
from tests.conftest import ROOT

TRACE = ROOT / "data" / "wfformat" / "blast" / "blast-chameleon-small-002.json"
PIP = "Package           Version  \n----------------- ---------\nbleach            3.1.0    \nnumpy             {numpy}\n"
Trace = dict[str, Any]
Change = Callable[[Trace], None]


@dataclass(frozen=True, slots=True)
class Planted:
    """What is done to the slow runs, and to the others; versions of numpy in a joined environment file, None without one."""

    slow: Change | None = None
    fast: Change | None = None
    numpy: tuple[str, str] | None = None
    files: Callable[[Path, str, bool], list[Path]] | None = None
    uncaptured: frozenset[str] = field(default_factory=frozenset)


def populate(
    graph: KnowledgeGraph, folder: Path, planted: Planted, slow: int = 6, fast: int = 8, seed: int = 1
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Ingest runs: names of the slow and of the fast ones. Slow ones take about twice as long; days and order are mixed."""
    draw = random.Random(seed)
    names = [f"slow-{number}" for number in range(slow)] + [f"fast-{number}" for number in range(fast)]
    days = list(range(1, len(names) + 1))
    draw.shuffle(days)
    for name, day in zip(names, days, strict=True):
        is_slow = name.startswith("slow")
        trace = run(draw, day, 2.0 if is_slow else 1.0)
        change = planted.slow if is_slow else planted.fast
        if change is not None:
            change(trace)
        path = folder / f"{name}.json"
        path.write_text(json.dumps(trace))
        paths = [path]
        if planted.numpy is not None and name not in planted.uncaptured:
            listing = folder / f"{name}-pip-list.out"
            listing.write_text(PIP.format(numpy=planted.numpy[0 if is_slow else 1]))
            paths.append(listing)
        if planted.files is not None:
            paths += planted.files(folder, name, is_slow)
        if len(paths) == 1:
            graph.ingest(path, validate=False)
        else:
            report = graph.ingest_all(paths, run=name, validate=False)
            assert not report.refused, report.refused
    return tuple(names[:slow]), tuple(names[slow:])


def run(draw: random.Random, day: int, factor: float) -> Trace:
    """The real run with its times scaled and jittered by 3 %, on a day of its own."""
    trace: Trace = copy.deepcopy(json.loads(TRACE.read_text()))
    execution = trace["workflow"]["execution"]
    execution["executedAt"] = f"2021-01-{day:02d}T10:{draw.randrange(60):02d}:00+00:00"
    execution["makespanInSeconds"] = round(execution["makespanInSeconds"] * factor * draw.gauss(1, 0.03), 2)
    for task in execution["tasks"]:
        task["runtimeInSeconds"] = round(task["runtimeInSeconds"] * factor * draw.gauss(1, 0.03), 6)
    return trace


def on_node(name: str, other: str = "worker-2.novalocal") -> Change:
    """The tasks of one machine run on another."""

    def change(trace: Trace) -> None:
        execution = trace["workflow"]["execution"]
        for machine in execution["machines"]:
            machine["nodeName"] = machine["nodeName"].replace(other, name)
        for task in execution["tasks"]:
            task["machines"] = [machine.replace(other, name) for machine in task["machines"]]

    return change


def with_argument(step: str, old: str, new: str) -> Change:
    """The tasks of a step have another argument."""

    def change(trace: Trace) -> None:
        for task in trace["workflow"]["execution"]["tasks"]:
            if task["id"].startswith(step):
                words = task["command"]["arguments"]
                task["command"]["arguments"] = [new if word == old else word for word in words]

    return change


def with_size(file: str, size: int) -> Change:
    """A file has another size."""

    def change(trace: Trace) -> None:
        for item in trace["workflow"]["specification"]["files"]:
            if item["id"] == file:
                item["sizeInBytes"] = size

    return change


def all_of(*changes: Change) -> Change:
    """Several changes at once."""

    def change(trace: Trace) -> None:
        for one in changes:
            one(trace)

    return change


def first_fact(document: Mapping[str, Any]) -> dict[str, Any]:
    """The first fact of the first cause."""
    found: dict[str, Any] = document["causes"][0]["facts"][0]
    return found
