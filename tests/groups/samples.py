"""Populations of small runs that differ as repeats do, and one that deviates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from tests.wfformat_samples import executed, save, small

START = datetime(2024, 1, 2, 1, tzinfo=UTC)


def repeat(number: int, slow: dict[str, float] | None = None) -> dict[str, Any]:
    """The small run once more: run times within 2 %, started `number` hours later; `slow` multiplies those of tasks by id."""
    document = small()
    noise = Random(number)
    execution = document["workflow"]["execution"]
    execution["executedAt"] = (START + timedelta(hours=number)).isoformat().replace("+00:00", "Z")
    execution["makespanInSeconds"] = round(100 * noise.uniform(0.98, 1.02), 3)
    for index, task in enumerate(execution["tasks"]):
        factor = (slow or {}).get(task["id"], 1.0)
        task["runtimeInSeconds"] = round((10 + 10 * index) * noise.uniform(0.98, 1.02) * factor, 3)
        task["avgCPU"] = round(90 * noise.uniform(0.98, 1.02) / factor, 3)
    return document


def population(folder: Path, number: int) -> list[Path]:
    """So many repeats, `run-00` and on."""
    return [save(folder, repeat(one), f"run-{one:02}.json") for one in range(number)]


def deviating(folder: Path, number: int = 70) -> Path:
    """A later run whose task work_ID02 took five times as long."""
    document = repeat(number, {"work_ID02": 5.0})
    executed(document, 1)["machines"] = ["n1"]
    document["workflow"]["execution"]["makespanInSeconds"] += 80
    return save(folder, document, "slow.json")
