"""Ensemble consistency, after PyCECT (Baker et al. 2015, doi 10.5194/gmd-8-2829-2015; https://github.com/NCAR/PyCECT).

The means of all variables of each member are standardised by those of the ensemble and turned into its principal components.
A component
of a new run fails where its score is more than `deviations` standard deviations of the members' scores from their mean. New
runs are
inconsistent where at least `components` components fail in at least `runs` of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from recup_kg.errors import SourceError, UsageError
from recup_kg.result_comparisons import Equivalence, Level
from recup_kg.results.compare import files_below
from recup_kg.results.files import ignored
from recup_kg.results.formats import format_of
from recup_kg.results.tost import welch

FEWEST = 5
"""Members below which nothing can be said."""


@dataclass(frozen=True, slots=True)
class Rule:
    """When a component fails, and how many failures make runs inconsistent; the defaults are those of PyCECT."""

    deviations: float = 2.0
    components: int = 3
    runs: int = 2


@dataclass(frozen=True, slots=True)
class TestedRun:
    """A new run: the failing components, counted from 1, and the variables that are furthest from the ensemble, in its
    deviations."""

    name: str
    failing: tuple[int, ...]
    furthest: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class EnsembleTest:
    """The outcome. `constant` are variables that no member varies in and a new run has another value of."""

    members: int
    variables: int
    components: int
    rule: Rule
    runs: tuple[TestedRun, ...]
    constant: tuple[str, ...] = ()
    equivalences: Mapping[str, Equivalence] = field(default_factory=dict)

    @property
    def level(self) -> Level:
        """Equivalent or different; can't tell with fewer new runs than the rule needs."""
        if self.constant:
            return Level.DIFFERENT
        failed = sum(len(run.failing) >= self.rule.components for run in self.runs)
        if failed >= min(self.rule.runs, len(self.runs)) and len(self.runs) >= self.rule.runs:
            return Level.DIFFERENT
        return Level.EQUIVALENT if len(self.runs) >= self.rule.runs + 1 else Level.CANT_TELL


def means(path: Path, ignore: Sequence[str] = ()) -> dict[str, float]:
    """The mean over the finite elements of each numeric variable of a file or folder. Raises `SourceError`."""
    if not path.exists():
        raise SourceError(path, "there is no such file or folder")
    files = files_below(path, ignore) if path.is_dir() else {"": path}
    found: dict[str, float] = {}
    for name, file in files.items():
        kind = format_of(file)
        if kind is None:
            continue
        with kind.read(file) as parts:
            for part in parts:
                sums = {
                    index: [0.0, 0]
                    for index, variable in enumerate(part.variables)
                    if variable.unreadable is None and not ignored(name, variable.name, ignore)
                }
                for block in part.blocks(part.order) if sums else ():
                    for index, total in sums.items():
                        values = _numbers(block[index])
                        total[0] += float(values.sum())
                        total[1] += values.size
                for index, (total_sum, count) in sums.items():
                    if count:
                        key = ":".join(text for text in (name, part.variables[index].name) if text) or "value"
                        found[key] = total_sum / count
    if not found:
        raise SourceError(path, "has no variable with numbers")
    return found


def _numbers(
    block: np.ndarray[tuple[int, ...], np.dtype[np.generic]],
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The finite numbers of a piece; none where it holds anything else."""
    if block.dtype.kind not in "iufbO":
        return np.empty(0)
    try:
        values = block.astype(np.float64)
    except (ValueError, TypeError):
        return np.empty(0)
    return values[np.isfinite(values)]


def consistency(
    ensemble: Sequence[Mapping[str, float]],
    new: Mapping[str, Mapping[str, float]],
    rule: Rule = Rule(),
    theta: float | None = None,
    alpha: float = 0.05,
) -> EnsembleTest:
    """Test new runs (means by variable, by name of the run) against the members of an ensemble.

    Variables that not all of them have are left out. With `theta`, each variable's group means are tested for equivalence as
    well.
    Raises `UsageError` for too few members or no variable.
    """
    if len(ensemble) < FEWEST:
        raise UsageError(f"an ensemble needs at least {FEWEST} members, there are {len(ensemble)}")
    common = set.intersection(*(set(run) for run in (*ensemble, *new.values())))
    names = sorted(common)
    if not names:
        raise UsageError("no variable is in all members and all new runs")
    members = np.array([[run[name] for name in names] for run in ensemble])
    runs = np.array([[run[name] for name in names] for run in new.values()])
    center, spread = members.mean(axis=0), members.std(axis=0, ddof=1)
    # What varies by rounding only does not vary.
    varies = spread > np.abs(center) * 1e-14
    constant = tuple(
        name
        for index, name in enumerate(names)
        if not varies[index] and not np.allclose(runs[:, index], center[index], rtol=1e-12, atol=0)
    )
    kept = [name for index, name in enumerate(names) if varies[index]]
    tested, components = _tested(
        (members[:, varies] - center[varies]) / spread[varies],
        (runs[:, varies] - center[varies]) / spread[varies],
        list(new),
        kept,
        rule,
    )
    equivalences = {}
    if theta is not None and len(new) > 1:
        equivalences = {
            name: welch(members[:, index].tolist(), runs[:, index].tolist(), theta, alpha)
            for index, name in enumerate(names)
        }
    return EnsembleTest(len(ensemble), len(kept), components, rule, tested, constant, equivalences)


def _tested(
    members: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    runs: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    names: Sequence[str],
    variables: Sequence[str],
    rule: Rule,
) -> tuple[tuple[TestedRun, ...], int]:
    if not variables:
        return tuple(TestedRun(name, (), ()) for name in names), 0
    _, sizes, axes = np.linalg.svd(members, full_matrices=False)
    # Directions that the members do not span have no spread to judge by.
    axes = axes[sizes > sizes[0] * 1e-10][: len(members) - 1]
    spread = (members @ axes.T).std(axis=0, ddof=1)
    scores = np.abs(runs @ axes.T) / spread
    found = []
    for index, name in enumerate(names):
        failing = tuple(int(number) + 1 for number in np.flatnonzero(scores[index] > rule.deviations))
        far = np.argsort(-np.abs(runs[index]))[:3]
        found.append(
            TestedRun(name, failing, tuple((variables[place], float(runs[index, place])) for place in far))
        )
    return tuple(found), len(axes)
