"""What all metrics ask of their values first: how many there are, whether they vary, whether they are positive."""

from __future__ import annotations

from collections.abc import Sequence

from recup_kg.quality import Metric, MetricValue

DETERMINISTIC = "deterministic: all values are equal"


def untold(metric: Metric, values: Sequence[float], *, positive: bool = False) -> MetricValue | None:
    """Why the metric of one group can't be told; None where it can."""
    n = len(values)
    if n < metric.minimum:
        return MetricValue(metric.name, None, n, note=too_few(n, metric.minimum))
    if positive and min(values) <= 0:
        return MetricValue(metric.name, None, n, note="a ratio needs values above 0")
    return None


def untold_of_two(
    metric: Metric, values: Sequence[float], reference: Sequence[float], *, positive: bool = False
) -> MetricValue | None:
    """Why the metric of two groups can't be told; None where it can."""
    n, m = len(values), len(reference)
    if not n or not m:
        return MetricValue(metric.name, None, n, m, note="one of the groups has no value")
    if min(n, m) < metric.minimum:
        return MetricValue(metric.name, None, n, m, note=_few_in_a_group(n, m, metric.minimum))
    if positive and min(*values, *reference) <= 0:
        return MetricValue(metric.name, None, n, m, note="a ratio needs values above 0")
    return None


def too_few(n: int, minimum: int) -> str:
    """What is said of too few values."""
    return f"can't tell of {n} value{'' if n == 1 else 's'}: needs {minimum - n} more"


def advice(metric: Metric, n: int) -> str | None:
    """What is said where there are fewer values than are advised."""
    return f"n < {metric.advised}: not yet settled" if n < metric.advised else None


def noted(*notes: str | None) -> str | None:
    """Notes as one; None where there is none."""
    return "; ".join(note for note in notes if note) or None


def _few_in_a_group(n: int, m: int, minimum: int) -> str:
    if n == m == 1:
        return "one run against one: a difference, no test"
    return f"can't tell of {n} against {m}: needs {minimum} in each group"
