"""What the readers of this package share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from recup_kg.records import Gap, Subject, Timestamp

MACHINE = "machine"


class Misfit(Exception):
    """The text is not what it must be: where, and what is wrong."""

    def __init__(self, problem: str, where: str | None = None) -> None:
        super().__init__(problem)
        self.where = where


@dataclass(slots=True)
class Facts:
    """The fields of the machine, and what else a source tells."""

    machine: dict[str, Any] = field(default_factory=dict)
    others: tuple[object, ...] = ()
    gaps: list[Gap] = field(default_factory=list)
    created: Timestamp | None = None

    def take(self, target: str, value: Any) -> None:
        """Keep a value that says something."""
        if value not in (None, "", ()):
            self.machine[target] = value

    def whole(self, target: str, value: str | None, where: str) -> None:
        """Keep a whole number; a gap for what is none. `-` is what lscpu prints for an unknown one."""
        if value is None or value in ("", "-"):
            return
        if value.isascii() and value.isdigit():
            self.machine[target] = int(value)
        else:
            self.unreadable(where, f"{value!r} is no whole number")

    def unreadable(self, where: str, problem: str) -> None:
        """A gap for a value that can't be read."""
        name = self.machine.get("name") or MACHINE
        self.gaps.append(Gap("UnreadableValue", Subject(MACHINE, name), where, f"{problem}."))

    def single(self, target: str, values: Iterable[str], where: str) -> None:
        """Keep the one value that all agree on; a gap where they don't (a machine with cores of several kinds)."""
        found = list(dict.fromkeys(value for value in values if value))
        if len(found) == 1:
            self.machine[target] = found[0]
        elif found:
            name = self.machine.get("name") or MACHINE
            listed = ", ".join(found[:4])
            self.gaps.append(
                Gap("ConflictingValue", Subject(MACHINE, name), where, f"Its CPUs differ: {listed}.")
            )
