"""Facts made by hand for the parts of comparison that need no store."""

from __future__ import annotations

from collections.abc import Mapping

from recup_kg.align.data import DataUse
from recup_kg.compare.facts import Data, Facts, Task
from recup_kg.comparisons import ComparedRun


def task(name: str, run_time: float | None = 1.0, started: str | None = None, level: int = 0) -> Task:
    """A task that is called as its identifier."""
    return Task(name, f"urn:{name}", name, name, level, name, (), run_time, started, name, name, name)


def facts(
    tasks: Mapping[str, Task],
    parents: Mapping[str, tuple[str, ...]],
    *,
    inputs: Mapping[str, tuple[str, ...]] | None = None,
    outputs: Mapping[str, tuple[str, ...]] | None = None,
    makespan: float | None = None,
    started: str | None = None,
) -> Facts:
    """A run; sizes of its data are 1."""
    read, written = inputs or {}, outputs or {}
    generators: dict[str, tuple[str, ...]] = {}
    for name, items in written.items():
        for item in items:
            generators[item] = (*generators.get(item, ()), name)
    names = sorted({item for items in (*read.values(), *written.values()) for item in items})
    return Facts(
        run=ComparedRun("urn:run", "urn:graph", "run", "run.json"),
        makespan=makespan,
        started=started,
        tasks=tasks,
        parents={name: parents.get(name, ()) for name in tasks},
        data={name: Data(name, f"urn:data:{name}", name, 1) for name in names},
        use=DataUse(read, written, frozenset(name for name in names if name not in generators)),
        generators=generators,
        nodes={},
        coverage={},
        artefacts=frozenset(),
    )
