"""What metrics are called in the graph, and their units where their names state one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from recup_kg.converters.hpctoolkit.model import Metric

_UNIT = re.compile(r"\((sec|msec|usec|nsec|ns|us|ms|s|B|bytes|KB|MB|J|W|%)\)")
_QUDT = {
    "sec": "SEC",
    "s": "SEC",
    "msec": "MilliSEC",
    "ms": "MilliSEC",
    "usec": "MicroSEC",
    "us": "MicroSEC",
    "nsec": "NanoSEC",
    "ns": "NanoSEC",
    "B": "BYTE",
    "bytes": "BYTE",
    "J": "J",
    "W": "W",
    "%": "PERCENT",
}


def unit_of(name: str) -> str | None:
    """The QUDT unit that the name of a metric ends with in parentheses: `CPUTIME (sec)`. KB and MB say not which they mean."""
    found = _UNIT.findall(name)
    return _QUDT.get(found[-1]) if found else None


def unique(metrics: Iterable[Metric]) -> tuple[Metric, ...]:
    """The metrics, with a number behind a counter name that one before has."""
    taken: dict[str, int] = {}
    found = []
    for metric in metrics:
        count = taken[metric.counter] = taken.get(metric.counter, 0) + 1
        found.append(metric if count == 1 else replace(metric, counter=f"{metric.counter} #{count}"))
    return tuple(found)
