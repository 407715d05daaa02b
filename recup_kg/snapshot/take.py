"""Run all probes at once, each with a time limit."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from recup_kg.redaction import redact_text, redact_value
from recup_kg.snapshot.host import Host
from recup_kg.snapshot.probe import Captured, Fact, NotCaptured, Outcome, Probe
from recup_kg.snapshot.probes import PROBES

LIMIT = 2.0
"""Seconds that a probe may take."""
_GRACE = 0.25
"""Seconds after the limit in which a probe that ran a program says itself what took too long."""
_FORMAT = "recup-snapshot"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was captured: of which machine (its own name for itself), when (ISO 8601 with its zone), by which probes."""

    host: str
    captured: str
    outcomes: tuple[Outcome, ...]

    @property
    def files(self) -> dict[str, str]:
        """The texts of all files by name, without the summary."""
        found = (outcome.captured for outcome in self.outcomes if outcome.captured)
        return {name: text for captured in found for name, text in captured.files.items()}

    def summary(self) -> dict[str, object]:
        """What `recup-snapshot.json` holds; docs/snapshot.md describes it."""
        facts = {
            name: value
            for outcome in self.outcomes
            if outcome.captured
            for name, value in outcome.captured.facts.items()
        }
        return {
            "format": _FORMAT,
            "version": _VERSION,
            "host": self.host,
            "captured": self.captured,
            "probes": [outcome.to_dict() for outcome in self.outcomes],
            "facts": dict(sorted(facts.items())),
        }


def take(host: Host | None = None, *, limit: float = LIMIT, probes: Sequence[Probe] = PROBES) -> Snapshot:
    """Look at the machine with all probes at once; one that takes more than `limit` seconds is not captured."""
    seen = replace(host or Host(), deadline=time.monotonic() + limit)
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    runs = [_Run(probe, seen) for probe in probes]
    for run in runs:
        run.start()
    end = seen.deadline + _GRACE
    for run in runs:
        run.join(max(0.0, end - time.monotonic()))
    return Snapshot(seen.name, now, tuple(run.outcome(limit) for run in runs))


class _Run(threading.Thread):
    """One probe in a thread. A daemon: one that hangs in a read, which nothing can end, does not keep the process."""

    def __init__(self, probe: Probe, host: Host) -> None:
        super().__init__(name=f"probe {probe.name}", daemon=True)
        self._probe = probe
        self._host = host
        self._began = time.monotonic()
        self._done: Outcome | None = None

    def run(self) -> None:
        captured, why = None, None
        try:
            captured = _clean(self._probe.look(self._host))
            why = captured.remark
        except NotCaptured as error:
            why = redact_text(str(error))
        except (OSError, ValueError, KeyError, IndexError) as error:
            # An odd machine may not cost the other probes: what went wrong is what is said.
            why = redact_text(f"{type(error).__name__}: {error}")
        self._done = Outcome(self._probe.name, captured, why, time.monotonic() - self._began)

    def outcome(self, limit: float) -> Outcome:
        """What became of it until now."""
        seconds = time.monotonic() - self._began
        return self._done or Outcome(self._probe.name, None, f"took longer than {limit:g} s", seconds)


def _clean(captured: Captured) -> Captured:
    """Without credentials, in files and in facts."""
    return Captured(
        {name: _clean_file(name, text) for name, text in captured.files.items()},
        {name: _clean_fact(name, value) for name, value in captured.facts.items()},
        captured.remark,
    )


def _clean_file(name: str, text: str) -> str:
    """A JSON file is cleaned text by text: a marker across its quotes would break it."""
    clean = redact_text(text)
    if clean == text or not name.endswith(".json"):
        return clean
    return json.dumps(_clean_json(json.loads(text)), indent=1) + "\n"


def _clean_json(value: Any) -> Any:
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, list):
        return [_clean_json(item) for item in value]
    return {key: _clean_json(item) for key, item in value.items()} if isinstance(value, dict) else value


def _clean_fact(name: str, value: Fact) -> Fact:
    if isinstance(value, str):
        return redact_value(name.rpartition(".")[2], value)[0]
    if isinstance(value, list):
        return [{key: redact_value(key, text)[0] for key, text in item.items()} for item in value]
    return value
