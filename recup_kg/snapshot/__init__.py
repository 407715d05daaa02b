"""A snapshot of this machine's environment, now, as plain files that converters read.

It stands on the standard library alone: it works on a compute node without a store and without any extra.
"""

from __future__ import annotations

from recup_kg.snapshot.folder import default_name, prepare, write
from recup_kg.snapshot.host import Host
from recup_kg.snapshot.probe import Captured, NotCaptured, Outcome, Probe
from recup_kg.snapshot.take import LIMIT, Snapshot, take

__all__ = [
    "LIMIT",
    "Captured",
    "Host",
    "NotCaptured",
    "Outcome",
    "Probe",
    "Snapshot",
    "default_name",
    "prepare",
    "take",
    "write",
]
