"""Reproducibility metrics, one file each: from numbers to numbers. Adding a metric is adding a file.

A file has `METRIC`, what the metric is, and `compute`, which gives its value for one group of values, or for two.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import cast

from recup_kg.errors import UsageError
from recup_kg.quality import Metric, MetricOptions, MetricValue

Compute = Callable[..., MetricValue]


@lru_cache(maxsize=1)
def catalogue() -> MappingProxyType[str, Metric]:
    """All metrics by name, in the order of names."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        metric = getattr(importlib.import_module(f"{__name__}.{module.name}"), "METRIC", None)
        if isinstance(metric, Metric):
            found[metric.name] = metric
    return MappingProxyType(dict(sorted(found.items())))


def chosen(names: Sequence[str], groups: int) -> tuple[Metric, ...]:
    """The metrics of those names, all for `groups` groups if none is named. Raises `UsageError` for an unknown name."""
    known = catalogue()
    wrong = next((name for name in names if name not in known), None)
    if wrong is not None:
        raise UsageError(f"no metric is called {wrong!r}; there are: {', '.join(known)}")
    return tuple(m for m in known.values() if m.groups == groups and (not names or m.name in names))


def measure(metric: Metric, values: Sequence[float], options: MetricOptions) -> MetricValue:
    """The value of a metric of one group."""
    return _compute(metric)(values, options)


def measure_two(
    metric: Metric, values: Sequence[float], reference: Sequence[float], options: MetricOptions
) -> MetricValue:
    """The value of a metric of two groups, the second being the reference."""
    return _compute(metric)(values, reference, options)


def _compute(metric: Metric) -> Compute:
    module = importlib.import_module(f"{__name__}.{metric.name.replace('-', '_')}")
    return cast(Compute, module.compute)
