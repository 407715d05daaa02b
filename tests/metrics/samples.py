"""A sample for each metric: values, what the metric must be of them, and where that is known from."""

from __future__ import annotations

from dataclasses import dataclass

TEN_RUNS = (200.7, 201.9, 203.2, 198.0, 206.1, 199.4, 202.5, 204.8, 153.9, 152.1)
"""Eight runs and two fast ones, as a real population had them: makespans in seconds."""
SLOW, FAST = TEN_RUNS[:8], TEN_RUNS[8:]


@dataclass(frozen=True, slots=True)
class Case:
    """Values, those of the reference for a metric of two groups, and the value by hand or of a published example."""

    values: tuple[float, ...]
    expected: float
    why: str
    reference: tuple[float, ...] = ()


SAMPLES: dict[str, Case] = {
    "cv": Case((2, 4, 4, 4, 5, 5, 7, 9), 0.42761799, "s = sqrt(32 / 7), mean 5"),
    "qcd": Case((2, 4, 6, 8, 10, 12, 14), 0.375, "quartiles 5 and 11 by type 7: 6 / 16"),
    "robust-cv": Case((1, 1, 2, 2, 4, 6, 9), 0.7413, "MAD 1 (the textbook's example), median 2: 1.4826 / 2"),
    "max-min": Case((2.0, 5.0, 3.0), 2.5, "5 / 2"),
    "median": Case((3, 1, 2, 5, 4, 9), 3.5, "between 3 and 4"),
    "median-bca": Case((3, 1, 2, 5, 4, 9), 3.5, "between 3 and 4"),
    "modality": Case(TEN_RUNS, 2, "8 + 2"),
    "needed-runs": Case(
        (90, 95, 98, 102, 105, 110), 18, "half-width 10 / 100 of 6 values: 6 (0.10 / 0.05)^2 = 24, 18 more"
    ),
    "needed-for-effect": Case(
        (96, 98, 100, 102, 104), 11, "P(Y > X) = 17 / 20: (1.960 + 0.842)^2 / (6 x 0.35^2) = 10.7"
    ),
    "ratio-of-medians": Case((10, 12, 14), 2.0, "12 / 6", (5, 6, 7)),
    "mann-whitney": Case((19, 22, 16, 29, 24), 17, "scipy's example: U = 17, p = 1/9", (20, 11, 17, 12)),
    "kruskal-wallis": Case((1, 3, 5, 7, 9), 0.27272727, "scipy's example: H = 3/11", (2, 4, 6, 8, 10)),
    "kolmogorov-smirnov": Case(
        (1, 2, 3, 4), 0.75, "below 4.5 all of one and a quarter of the other", (4, 5, 6, 7)
    ),
    "wasserstein": Case((0, 1, 3), 5.0, "scipy's example: each value is moved by 5", (5, 6, 8)),
    "wasserstein-relative": Case((1, 2, 4), 0.71428571, "each value is moved by 5, median 7", (6, 7, 9)),
    "energy": Case((0, 0), 2.0, "sqrt(2 x 2 - 0 - 0)", (2, 2)),
    "cliffs-delta": Case((1, 2, 3, 4), -0.625, "2 above, 12 below, 2 equal of 16", (2, 4, 5, 6)),
    "tost": Case((100, 101, 99, 100, 100, 101), 1.0, "the same values", (100, 101, 99, 100, 100, 101)),
}
