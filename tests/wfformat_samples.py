"""Small traces made for tests, and the normal form in which two traces are compared."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

SMALL: dict[str, Any] = {
    "name": "small",
    "schemaVersion": "1.5",
    "createdAt": "2024-01-02T03:04:05Z",
    "runtimeSystem": {"name": "Makeflow", "version": "7"},
    "workflow": {
        "specification": {
            "tasks": [
                {
                    "name": "split_ID01",
                    "id": "split_ID01",
                    "parents": [],
                    "children": ["work_ID02", "work_ID03"],
                    "inputFiles": ["in.txt"],
                    "outputFiles": ["a.txt", "b.txt"],
                },
                {
                    "name": "work_ID02",
                    "id": "work_ID02",
                    "parents": ["split_ID01"],
                    "children": ["merge_ID04"],
                    "inputFiles": ["a.txt"],
                    "outputFiles": ["a.out"],
                },
                {
                    "name": "work_ID03",
                    "id": "work_ID03",
                    "parents": ["split_ID01"],
                    "children": ["merge_ID04"],
                    "inputFiles": ["b.txt"],
                    "outputFiles": ["b.out"],
                },
                {
                    "name": "merge_ID04",
                    "id": "merge_ID04",
                    "parents": ["work_ID02", "work_ID03"],
                    "children": [],
                    "inputFiles": ["a.out", "b.out"],
                    "outputFiles": ["all.out"],
                },
            ],
            "files": [
                {"id": "in.txt", "sizeInBytes": 1000},
                {"id": "a.txt", "sizeInBytes": 500},
                {"id": "b.txt", "sizeInBytes": 500},
                {"id": "a.out", "sizeInBytes": 50},
                {"id": "b.out", "sizeInBytes": 60},
                {"id": "all.out", "sizeInBytes": 110},
            ],
        },
        "execution": {
            "makespanInSeconds": 100.5,
            "executedAt": "2024-01-02T01:00:00Z",
            "tasks": [
                {
                    "id": "split_ID01",
                    "runtimeInSeconds": 10.25,
                    "command": {"program": "split", "arguments": ["in.txt", "2"]},
                    "avgCPU": 99.5,
                    "machines": ["n1"],
                },
                {
                    "id": "work_ID02",
                    "runtimeInSeconds": 20.0,
                    "command": {"program": "work", "arguments": ["a.txt"]},
                    "avgCPU": 99.5,
                    "machines": ["n1"],
                },
                {
                    "id": "work_ID03",
                    "runtimeInSeconds": 30.0,
                    "command": {"program": "work", "arguments": ["b.txt"]},
                    "avgCPU": 99.5,
                    "machines": ["n2"],
                },
                {
                    "id": "merge_ID04",
                    "runtimeInSeconds": 5.0,
                    "command": {"program": "merge", "arguments": ["a.out", "b.out"]},
                    "avgCPU": 99.5,
                    "machines": ["n1"],
                },
            ],
            "machines": [
                {"nodeName": "n1", "cpu": {"coreCount": 8}},
                {"nodeName": "n2", "cpu": {"coreCount": 8}},
            ],
        },
    },
}


def small(**members: Any) -> dict[str, Any]:
    """A copy of the small trace, with other members at the top."""
    return {**copy.deepcopy(SMALL), **members}


def specified(trace: dict[str, Any], index: int) -> dict[str, Any]:
    """The specification of a task of a trace."""
    return trace["workflow"]["specification"]["tasks"][index]


def executed(trace: dict[str, Any], index: int) -> dict[str, Any]:
    """The execution of a task of a trace."""
    return trace["workflow"]["execution"]["tasks"][index]


def save(folder: Path, trace: dict[str, Any], name: str = "trace.json") -> Path:
    """The trace as a file."""
    path = folder / name
    path.write_text(json.dumps(trace), encoding="utf-8")
    return path


def renamed(trace: dict[str, Any]) -> dict[str, Any]:
    """The trace with every task id and name replaced and the order of tasks reversed."""
    tasks = trace["workflow"]["specification"]["tasks"]
    new = {task["id"]: f"t{index:05d}" for index, task in enumerate(reversed(tasks))}
    result = copy.deepcopy(trace)
    for task in result["workflow"]["specification"]["tasks"]:
        if task["name"] == task["id"]:
            task["name"] = new[task["id"]]
        task["id"] = new[task["id"]]
        task["parents"] = [new[name] for name in task["parents"]]
        task["children"] = [new[name] for name in task["children"]]
    for task in result["workflow"]["execution"]["tasks"]:
        task["id"] = new[task["id"]]
    result["workflow"]["specification"]["tasks"].reverse()
    result["workflow"]["execution"]["tasks"].reverse()
    return result


def normal(value: Any, member: str = "") -> Any:
    """A trace without the order of its lists (but of arguments) and the spelling of its numbers."""
    if isinstance(value, dict):
        return {name: normal(item, name) for name, item in value.items()}
    if isinstance(value, list):
        items = [normal(item) for item in value]
        return (
            items
            if member == "arguments"
            else sorted(items, key=lambda item: json.dumps(item, sort_keys=True))
        )
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return value
