"""Number of modes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise
from math import inf
from typing import TYPE_CHECKING

from recup_kg.metrics.dip import dip
from recup_kg.metrics.samples import DETERMINISTIC, noted, untold
from recup_kg.quality import Metric, MetricOptions, MetricValue

if TYPE_CHECKING:
    import numpy as np

DRAWS = 2000
MOST_SIMULATED = 200
"""Values up to which the null distributions are drawn at that very size; the dip of more is scaled with the root of n."""
SMALLEST_CLUSTER = 2
MOST_GAPS = 3
"""Gaps that are looked for at once: two between three groups must not hide each other."""
_MOST_DECIMALS = 6

METRIC = Metric(
    name="modality",
    label="number of modes",
    definition="How many separate groups the values fall into. One mode is rejected by Hartigan's dip, or by one to three gaps "
    "between groups of at least two values that are too large against all other gaps for any of five unimodal shapes; p is the "
    "smaller of both, doubled. What is split is tested again.",
    source="https://doi.org/10.1214/aos/1176346577",
    unit="count",
    minimum=5,
    advised=10,
)


@dataclass(frozen=True, slots=True)
class Modes:
    """The groups, each sorted, and the p that there is one only."""

    groups: tuple[tuple[float, ...], ...]
    p: float


def compute(values: Sequence[float], options: MetricOptions) -> MetricValue:
    """The number of modes, p of the first split, and what the groups are."""
    failed = untold(METRIC, values)
    if failed:
        return failed
    n = len(values)
    if min(values) == max(values):
        return MetricValue(METRIC.name, 1, n, p=1.0, note=DETERMINISTIC)
    found = modes(values, options.alpha, options.seed)
    return MetricValue(METRIC.name, len(found.groups), n, p=found.p, note=noted(_told(found), _few(n)))


def modes(values: Sequence[float], alpha: float, seed: int) -> Modes:
    """The groups that the values fall into."""
    ordered = tuple(sorted(values))
    p, places = _split(spread(ordered), seed)
    if p > alpha or not places:
        return Modes((ordered,), p)
    ends = (0, *places, len(ordered))
    parts = (ordered[start:end] for start, end in pairwise(ends))
    return Modes(tuple(group for part in parts for group in _again(part, alpha, seed)), p)


def largest_gaps(ordered: Sequence[float]) -> tuple[float, tuple[int, ...]]:
    """How far the largest gaps, up to three, stand out: the smallest of them over the next one, and where they are.

    Of one, two or three gaps those count that stand out most; groups between them have at least two values: a lone outlier is no
    mode, and in a heavy tail the outermost gap is the largest. (0, ()) where there are none.
    """
    gaps = [high - low for low, high in pairwise(ordered)]
    by_size = sorted(range(len(gaps)), key=lambda place: -gaps[place])
    best: tuple[float, tuple[int, ...]] = (0.0, ())
    for count in range(1, min(MOST_GAPS, len(gaps) - 1) + 1):
        places = tuple(sorted(place + 1 for place in by_size[:count]))
        sizes = [end - start for start, end in pairwise((0, *places, len(ordered)))]
        if min(sizes) >= SMALLEST_CLUSTER and gaps[by_size[count - 1]]:
            following = gaps[by_size[count]]
            best = max(best, (gaps[by_size[count - 1]] / following if following else inf, places))
    return best


def spread(ordered: Sequence[float]) -> tuple[float, ...]:
    """The values, equal ones evenly over the step in which they were stated: what a clock rounds makes no modes.

    The step is the largest power of ten, 1 at most, that all are multiples of; values with more than six decimals stay.
    """
    decimals = next((d for d in range(_MOST_DECIMALS + 1) if all(round(v, d) == v for v in ordered)), None)
    if decimals is None:
        return tuple(ordered)
    step = 10.0**-decimals
    found: list[float] = []
    for value, equal in groupby(ordered):
        count = sum(1 for _ in equal)
        found += [value + step * ((place + 0.5) / count - 0.5) for place in range(count)]
    return tuple(found)


def _again(part: tuple[float, ...], alpha: float, seed: int) -> tuple[tuple[float, ...], ...]:
    if len(part) < METRIC.minimum or part[0] == part[-1]:
        return (part,)
    return modes(part, alpha, seed).groups


def _split(ordered: tuple[float, ...], seed: int) -> tuple[float, tuple[int, ...]]:
    """The p of one mode, and where the values part if there are more."""
    gap, places = largest_gaps(ordered)
    by_gap = _gap_probability(gap, len(ordered), seed)
    by_dip = _dip_probability(dip(ordered), len(ordered), seed)
    p = min(1.0, 2 * min(by_gap, by_dip))
    return p, places if by_gap <= by_dip else _valley(ordered)


def _gap_probability(gap: float, n: int, seed: int) -> float:
    if gap <= 1:
        return 1.0
    return max(_share_at_least(null, gap) for null in _gap_nulls(min(n, MOST_SIMULATED), seed))


def _dip_probability(statistic: float, n: int, seed: int) -> float:
    drawn = min(n, MOST_SIMULATED)
    return _share_at_least(_dip_null(drawn, seed), statistic * (n / drawn) ** 0.5)


def _share_at_least(null: tuple[float, ...], value: float) -> float:
    """(1 + draws at least as large) / (1 + draws): never 0 (doi 10.2202/1544-6115.1585)."""
    # Equal to the last digits is equal.
    return (1 + sum(drawn >= value * (1 - 1e-12) for drawn in null)) / (1 + len(null))


@lru_cache(maxsize=64)
def _dip_null(n: int, seed: int) -> tuple[float, ...]:
    """Dips of uniform values, the least favourable unimodal shape that Hartigan & Hartigan propose."""
    import numpy as np

    generator = np.random.default_rng((seed, n))
    return tuple(dip(sorted(row.tolist())) for row in generator.random((DRAWS, n)))


@lru_cache(maxsize=64)
def _gap_nulls(n: int, seed: int) -> tuple[tuple[float, ...], ...]:
    """Gap ratios of unimodal shapes: uniform, normal, peaked, skewed, heavy-tailed."""
    import numpy as np

    generator = np.random.default_rng((seed, n))
    size = (DRAWS, n)
    shapes = (
        generator.random(size),
        generator.standard_normal(size),
        generator.laplace(size=size),
        generator.standard_exponential(size),
        generator.standard_t(3, size),
    )
    return tuple(_gap_ratios(shape) for shape in shapes)


def _gap_ratios(rows: np.ndarray) -> tuple[float, ...]:
    return tuple(largest_gaps(row)[0] for row in (sorted(values) for values in rows.tolist()))


def _valley(ordered: Sequence[float]) -> tuple[int, ...]:
    """Where the density is least between its two highest modes, for the largest bandwidth at which there are two.

    Silverman 1981, doi 10.1111/j.2517-6161.1981.tb01155.x.
    """
    import numpy as np

    values = np.asarray(ordered)
    span = values[-1] - values[0]
    grid = np.linspace(values[0], values[-1], 256)
    low, high = span / 1e4, span
    for _ in range(40):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if len(_peaks(values, grid, middle)) > 1 else (low, middle)
    density = _density(values, grid, low)
    peaks = sorted(sorted(_peaks(values, grid, low), key=lambda peak: -density[peak])[:2])
    if len(peaks) < 2:
        return ()
    cut = grid[peaks[0] + int(np.argmin(density[peaks[0] : peaks[1] + 1]))]
    return (int(np.searchsorted(values, cut)),)


def _density(values: np.ndarray, grid: np.ndarray, bandwidth: float) -> np.ndarray:
    import numpy as np

    density: np.ndarray = np.exp(-(((grid[:, None] - values) / bandwidth) ** 2) / 2).sum(axis=1)
    return density


def _peaks(values: np.ndarray, grid: np.ndarray, bandwidth: float) -> list[int]:
    import numpy as np

    density = np.concatenate(([-1.0], _density(values, grid, bandwidth), [-1.0]))
    rises = (density[1:-1] > density[:-2]) & (density[1:-1] >= density[2:])
    return [int(place) for place in np.flatnonzero(rises)]


def _told(found: Modes) -> str:
    if len(found.groups) == 1:
        return "one mode is not rejected"
    parts = (f"{len(group)} of {group[0]:.6g} to {group[-1]:.6g}" for group in found.groups)
    name = {2: "bimodal", 3: "trimodal"}.get(len(found.groups), "multimodal")
    return f"{name}: {', '.join(parts)}"


def _few(n: int) -> str | None:
    return f"n < {METRIC.advised}: not yet settled" if n < METRIC.advised else None
