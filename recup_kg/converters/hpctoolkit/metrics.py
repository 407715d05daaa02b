"""What metrics are called in the graph, and their units where their names state one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from math import copysign, fsum
from sys import float_info

from recup_kg.converters.hpctoolkit.model import SUMMARY, Metric, Values, no_values

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


def summed_metric(metric: Metric) -> Metric:
    """The metric of sums over profiles that are made here, because the source has none."""
    return replace(
        metric,
        counter=f"{metric.counter}:sum",
        statistic="sum",
        definition=f"{metric.definition.rstrip('.')}: sum over all of the source, which states no sum itself.",
    )


def total(numbers: Iterable[float]) -> float:
    """The exactly rounded sum; the largest double where that is beyond all doubles."""
    listed = list(numbers)
    try:
        return fsum(listed)
    except OverflowError:
        return copysign(float_info.max, sum(number / 2 for number in listed))


def summed(values: Values) -> Values:
    """The exactly rounded sums over profiles, of each context and metric."""
    parts: dict[tuple[int, int], list[float]] = {}
    for context, metric, value in zip(values.contexts, values.metrics, values.values, strict=True):
        parts.setdefault((context, metric), []).append(value)
    found = no_values()
    for (context, metric), numbers in sorted(parts.items()):
        found.contexts.append(context)
        found.profiles.append(SUMMARY)
        found.metrics.append(metric)
        found.values.append(total(numbers))
    return found
