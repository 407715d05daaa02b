"""All probes, in the order in which they are reported."""

from __future__ import annotations

from recup_kg.snapshot.probe import Probe
from recup_kg.snapshot.probes import containers, hardware, jobs, python, software, source, system

PROBES: tuple[Probe, ...] = (
    *system.PROBES,
    *hardware.PROBES,
    *containers.PROBES,
    *jobs.PROBES,
    *python.PROBES,
    *software.PROBES,
    *source.PROBES,
)
