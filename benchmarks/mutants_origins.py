"""Real runs that mutants are made from, and real lists of packages and settings that tell of the same run."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias

Trace: TypeAlias = dict[str, Any]

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ROOT / "data" / "wfformat"
SHARED = ROOT.parent / "shared" / "data"
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Origin:
    """A real run in WfFormat 1.5, with readers of what edits look at."""

    name: str
    trace: Trace

    @property
    def specified(self) -> list[Trace]:
        """The tasks as they were specified: ids, files, parents."""
        found: list[Trace] = self.trace["workflow"]["specification"]["tasks"]
        return found

    @property
    def executed(self) -> list[Trace]:
        """The tasks as they were executed: commands, times, machines."""
        found: list[Trace] = self.trace["workflow"]["execution"]["tasks"]
        return found

    @property
    def files(self) -> list[Trace]:
        """The files with their sizes."""
        found: list[Trace] = self.trace["workflow"]["specification"].get("files", [])
        return found

    @property
    def system(self) -> str:
        """The name of the workflow system."""
        return str(self.trace.get("runtimeSystem", {}).get("name", "unknown"))

    @cached_property
    def readers(self) -> dict[str, list[str]]:
        """For each file the tasks that read it."""
        return self._of("inputFiles")

    @cached_property
    def writers(self) -> dict[str, list[str]]:
        """For each file the tasks that wrote it."""
        return self._of("outputFiles")

    @cached_property
    def doubtful(self) -> frozenset[str]:
        """Files whose recorded size says nothing: empty inputs, and what arguments use as a folder."""
        words = {word for task in self.executed for word in task.get("command", {}).get("arguments") or ()}
        folders = {
            file["id"] for file in self.files if any(word.startswith(file["id"] + "/") for word in words)
        }
        empty = {file["id"] for file in self.files if not file["sizeInBytes"]}
        return frozenset(folders | (empty - self.writers.keys()))

    def rerun(self) -> Origin:
        """A copy as of another run, a day later."""
        trace = copy.deepcopy(self.trace)
        for holder, member in ((trace, "createdAt"), (trace["workflow"]["execution"], "executedAt")):
            if member in holder:
                holder[member] = _later(holder[member])
        for task in trace["workflow"]["execution"]["tasks"]:
            if "executedAt" in task:
                task["executedAt"] = _later(task["executedAt"])
        return Origin(self.name, trace)

    def _of(self, member: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for task in self.specified:
            for item in dict.fromkeys(task.get(member) or ()):
                found.setdefault(item, []).append(task["id"])
        return found


def _later(written: str) -> str:
    """A day later; a date that is none (some traces have the year 12) stays as it is."""
    try:
        return (datetime.fromisoformat(written) + _DAY).isoformat()
    except ValueError:
        return written


def origins(data: Path | None = None) -> tuple[Origin, ...]:
    """All runs below a folder, or those that are shipped and those that lie beside the checkout; each name once."""
    folders = [data] if data is not None else [SHIPPED, SHARED / "wfformat" / "v1.5"]
    paths = {path.stem: path for folder in folders for path in sorted(folder.rglob("*.json"))}
    found = [Origin(name, json.loads(paths[name].read_bytes())) for name in sorted(paths)]
    return tuple(origin for origin in found if _is_usable(origin.trace))


def _is_usable(trace: Trace) -> bool:
    workflow = trace.get("workflow", {})
    return bool(workflow.get("specification", {}).get("tasks") and workflow.get("execution", {}).get("tasks"))


@dataclass(frozen=True, slots=True)
class Listing:
    """A file that tells of packages or settings: its name, its text, and the pattern of an entry with groups name and value."""

    file: str
    text: str
    entry: re.Pattern[str]


_PATTERNS = (
    ("data/pip-freeze/pangeo/packages.txt", r"^(?P<name>[\w.-]+)==(?P<value>[\w.]+)$"),
    ("data/pip-list/centos/pip-list.out", r"^(?P<name>[\w.-]+) +\(?(?P<value>\d[\w.]*)\)? *$"),
    (
        "data/conda-explicit/pangeo/conda-linux-64.lock",
        r"^https://\S*/(?P<name>[\w.-]+)-(?P<value>[\w.!+]+)-[\w.]+\.conda",
    ),
)
_SETTINGS = "System_Info:\nOS : Ubuntu 18.04\nnumpy : 1.14.5\nHyperparameters:\nlearning_rate : 0.0001\nRandom seed: 2\n"
_SEED = r"^(?P<name>Random seed): (?P<value>\d+)$"


def package_listings() -> Iterator[Listing]:
    """Real lists of packages, of several managers."""
    for path, pattern in _PATTERNS:
        file = ROOT / path
        yield Listing(file.name, file.read_text(encoding="utf-8"), re.compile(pattern, re.MULTILINE))


def seed_listing() -> Listing:
    """The block that the RECUP project prints at the start of a training; a real one where it lies beside the checkout."""
    real = SHARED / "env" / "seed-print_info.yaml"
    text = real.read_text(encoding="utf-8") if real.is_file() else _SETTINGS
    return Listing("settings.yaml", text, re.compile(_SEED, re.MULTILINE))
