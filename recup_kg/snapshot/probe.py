"""What a probe is, and what it gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from recup_kg.snapshot.host import Host

Fact: TypeAlias = str | int | float | bool | list[dict[str, str]]
"""A value of one fact, or a list of things with texts."""


class NotCaptured(Exception):
    """The probe found nothing that it could capture; the text says why."""


@dataclass(frozen=True, slots=True)
class Captured:
    """What a probe found: the text of files by name, and facts by dotted name (`cpu.governor`).

    `remark` says what of it is not whole.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Fact] = field(default_factory=dict)
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing to look at. `look` raises `NotCaptured` where it is not there."""

    name: str
    look: Callable[[Host], Captured]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a probe: `captured` is None where it was not captured, then `why` says why. `seconds` is wall time."""

    name: str
    captured: Captured | None
    why: str | None
    seconds: float

    def to_dict(self) -> dict[str, object]:
        """The outcome as in `recup-snapshot.json`."""
        files = sorted(self.captured.files) if self.captured else []
        return {
            "name": self.name,
            "status": "captured" if self.captured else "not captured",
            "why": self.why,
            "seconds": round(self.seconds, 3),
            "files": files,
        }
