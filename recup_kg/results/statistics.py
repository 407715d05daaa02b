"""What pieces of two variables differ by, gathered so that pieces can be measured anywhere and added up in any order."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log10, sqrt

from recup_kg.result_comparisons import Number


@dataclass(slots=True)
class Spot:
    """An element by its flat position, with both values as text."""

    position: int
    reference: str
    other: str


@dataclass(slots=True)
class Peaks:
    """What pieces measured so far are known to reach, in any thread: later ones need not look for less.

    Each value is that of some piece, so that one overwritten by a smaller one costs time only.
    """

    absolute: float = 0.0
    relative: float = 0.0
    ulp: int = 0
    first_unequal: float = inf

    def note(self, found: Statistics) -> None:
        """Learn from a piece."""
        self.absolute = max(self.absolute, found.maximum_absolute or 0)
        self.relative = max(self.relative, found.maximum_relative or 0)
        self.ulp = max(self.ulp, found.maximum_ulp or 0)
        if found.first_unequal is not None:
            self.first_unequal = min(self.first_unequal, found.first_unequal.position)


@dataclass(slots=True)
class Statistics:
    """Sums, extremes and places over elements; see `Metrics` for what they mean.

    `low` and `high` bound the finite elements of the reference; `mean` and `squares` (about the mean) are of the differences
    and only gathered where a test of equivalence asks for them; `mean` is NaN where the elements have none.
    """

    count: int = 0
    identical: int = 0
    out_of_bound: int = 0
    compared: int = 0
    maximum_absolute: Number | None = None
    maximum_relative: float | None = None
    maximum_ulp: int | None = None
    sum_of_squares: float = 0.0
    low: float | None = None
    high: float | None = None
    nan_reference: int = 0
    nan_other: int = 0
    nan_both: int = 0
    infinite_reference: int = 0
    infinite_other: int = 0
    first_out: Spot | None = None
    first_unequal: Spot | None = None
    worst: Spot | None = None
    worst_size: Number = -1
    mean: float = 0.0
    squares: float = 0.0

    def add(self, other: Statistics) -> None:
        """Take in what was measured elsewhere."""
        self._add_moments(other)
        for name in _SUMS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("maximum_absolute", "maximum_relative", "maximum_ulp", "high"):
            setattr(self, name, _largest(getattr(self, name), getattr(other, name)))
        if other.low is not None:
            self.low = other.low if self.low is None else min(self.low, other.low)
        self.first_out = _earlier(self.first_out, other.first_out)
        self.first_unequal = _earlier(self.first_unequal, other.first_unequal)
        self._add_worst(other)

    @property
    def rmse(self) -> float | None:
        """The root mean square of the differences of finite elements."""
        return sqrt(self.sum_of_squares / self.compared) if self.compared else None

    @property
    def span(self) -> float | None:
        """The range of the finite elements of the reference; None where it is 0 or there are none."""
        if self.low is None or self.high is None:
            return None
        return self.high - self.low or None

    @property
    def nrmse(self) -> float | None:
        """Root mean square of the differences over the range of the reference."""
        return None if self.rmse is None or self.span is None else self.rmse / self.span

    @property
    def psnr(self) -> float | None:
        """Peak signal to noise ratio in dB, the peak being the range of the reference; None where nothing differs."""
        if not self.rmse or self.span is None or self.rmse == float("inf"):
            return None
        return 20 * log10(self.span / self.rmse)

    def _add_moments(self, other: Statistics) -> None:
        # Chan, Golub, LeVeque 1983: two means and sums of squares into one.
        total = self.compared + other.compared
        if other.compared:
            delta = other.mean - self.mean
            self.squares += other.squares + delta * delta * self.compared * other.compared / total
            self.mean += delta * other.compared / total

    def _add_worst(self, other: Statistics) -> None:
        if other.worst is None:
            return
        later = self.worst is not None and other.worst.position > self.worst.position
        if other.worst_size > self.worst_size or (other.worst_size == self.worst_size and not later):
            self.worst, self.worst_size = other.worst, other.worst_size


_SUMS = (
    "count",
    "identical",
    "out_of_bound",
    "compared",
    "sum_of_squares",
    "nan_reference",
    "nan_other",
    "nan_both",
    "infinite_reference",
    "infinite_other",
)


def _largest(one: Number | None, two: Number | None) -> Number | None:
    if one is None or two is None:
        return two if one is None else one
    return max(one, two)


def _earlier(one: Spot | None, two: Spot | None) -> Spot | None:
    if one is None or two is None:
        return two if one is None else one
    return min(one, two, key=lambda spot: spot.position)
