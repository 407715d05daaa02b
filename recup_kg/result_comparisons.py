"""What a comparison of output data says: frozen values that the graph, the report and the JSON are made from.

Differences are other less reference. `None` means that the number does not exist or was not computed, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from recup_kg.comparisons import Verdict

Number: TypeAlias = int | float


class Level(StrEnum):
    """How far two variables, files or folders agree, from best to worst."""

    IDENTICAL = "identical"
    WITHIN_BOUND = "within bound"
    EQUIVALENT = "equivalent"
    CANT_TELL = "can't tell"
    DIFFERENT = "different"
    MISSING = "missing"


ORDER = tuple(Level)


def worst(levels: tuple[Level, ...]) -> Level:
    """The worst of the levels; of none, that nobody can tell."""
    return max(levels, key=ORDER.index, default=Level.CANT_TELL)


def verdict_of(level: Level) -> Verdict:
    """A level as one of the three verdicts."""
    if level in (Level.DIFFERENT, Level.MISSING):
        return Verdict.DIFFERENT
    return Verdict.CANT_TELL if level is Level.CANT_TELL else Verdict.SAME


class Policy(StrEnum):
    """Whether two values that are both NaN, or the same infinity, are equal."""

    EQUAL = "equal"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Bound:
    """When two elements agree: |other - reference| <= atol + rtol |reference|, or at most `ulp` representable numbers apart.

    `theta` is the margin of equivalence (TOST, level `alpha`) for the mean of the differences, in the unit of the variable.
    """

    rtol: float = 0.0
    atol: float = 0.0
    ulp: int | None = None
    nan: Policy = Policy.EQUAL
    inf: Policy = Policy.EQUAL
    theta: float | None = None
    alpha: float = 0.05

    @property
    def is_exact(self) -> bool:
        """Whether only equal values agree."""
        return not self.rtol and not self.atol and not self.ulp

    def parameters(self) -> tuple[str, ...]:
        """Each as name=value."""
        names = ("rtol", "atol", "ulp", "nan", "inf", "theta", "alpha")
        return tuple(f"{name}={value}" for name in names if (value := getattr(self, name)) is not None)


@dataclass(frozen=True, slots=True)
class Place:
    """An element: where it is (an index, a line, a path in the document, a row) and both values, as text."""

    where: str
    reference: str
    other: str


@dataclass(frozen=True, slots=True)
class Metrics:
    """What was measured over the elements of a variable.

    `maximum_absolute` is L-infinity of the difference; `maximum_relative` is relative to the reference; `nrmse` is the root mean
    square of the differences over the range of the reference, `psnr` is 20 log10(range / rmse) in dB; both are over the
    elements that
    are finite in both. `maximum_ulp` counts representable numbers in between. NaN and infinities are counted apart.
    """

    count: int
    identical: int
    out_of_bound: int
    maximum_absolute: Number | None = None
    maximum_relative: float | None = None
    nrmse: float | None = None
    psnr: float | None = None
    maximum_ulp: int | None = None
    nan_reference: int = 0
    nan_other: int = 0
    nan_both: int = 0
    infinite_reference: int = 0
    infinite_other: int = 0
    first: Place | None = None
    worst: Place | None = None

    @property
    def fraction_out(self) -> float | None:
        """The fraction of the elements that is out of the bound."""
        return self.out_of_bound / self.count if self.count else None


@dataclass(frozen=True, slots=True)
class Equivalence:
    """The outcome of two one-sided tests: the confidence interval (1 - 2 alpha) of a mean difference against +-theta."""

    theta: float
    alpha: float
    count: int
    low: float
    high: float

    @property
    def holds(self) -> bool:
        """Whether the interval lies inside the margin."""
        return -self.theta <= self.low and self.high <= self.theta


@dataclass(frozen=True, slots=True)
class VariableComparison:
    """A variable of a file: an array, a column, values of a document, pixels, lines.

    `missing_in` is reference or other. Types and shapes are as the formats state them.
    """

    name: str
    level: Level
    reason: str = ""
    reference_type: str | None = None
    other_type: str | None = None
    reference_shape: tuple[int, ...] | None = None
    other_shape: tuple[int, ...] | None = None
    metrics: Metrics | None = None
    equivalence: Equivalence | None = None
    missing_in: str | None = None
    iteration: int | None = None


@dataclass(frozen=True, slots=True)
class ComparedFile:
    """One of the two files: its size in bytes, its SHA-256 where it was taken, and the data object of a run that it is."""

    path: str
    size: int
    sha256: str | None = None
    data: str | None = None
    graph: str | None = None


@dataclass(frozen=True, slots=True)
class FileComparison:
    """Two files of one name. `sequence` and `iteration` are there where the name is one of a numbered sequence."""

    name: str
    level: Level
    format: str
    reference: ComparedFile | None
    other: ComparedFile | None
    variables: tuple[VariableComparison, ...] = ()
    reason: str = ""
    sequence: str | None = None
    iteration: int | None = None


@dataclass(frozen=True, slots=True)
class ResultComparison:
    """The whole comparison of two files or folders; `runs` are the graphs of the executions that they are of."""

    reference: str
    other: str
    files: tuple[FileComparison, ...]
    bound: Bound
    software_version: str
    ignored: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    remarks: tuple[str, ...] = field(default=())

    @property
    def level(self) -> Level:
        """The worst level of all files."""
        return worst(tuple(file.level for file in self.files))

    @property
    def verdict(self) -> Verdict:
        """Same, different or can't tell."""
        return verdict_of(self.level)

    @property
    def counts(self) -> Mapping[Level, int]:
        """How many variables, or files without any, are at each level."""
        found = dict.fromkeys(Level, 0)
        for file in self.files:
            for level in [variable.level for variable in file.variables] or [file.level]:
                found[level] += 1
        return found
