"""What reference runs lead to expect, and scores of runs against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recup_kg.deviation.combine import combine
from recup_kg.deviation.describe import Describer, Found, remarks, unknown_tasks
from recup_kg.deviation.evidence import Evidence, weigh
from recup_kg.deviation.layout import Floats, Layout, Table, layout
from recup_kg.deviation.model import Model, Samples, fit_model, samples
from recup_kg.deviation.options import ScoreOptions
from recup_kg.deviation.pooling import Variances, means, variances
from recup_kg.deviation.rounds import stacked
from recup_kg.deviation.screening import apart, mean_evidence
from recup_kg.deviation.summaries import Statistic, statistics, summarise
from recup_kg.measurements import MeasuredRun, Measurement
from recup_kg.scores import Scores

_DEFAULT = ScoreOptions()
_MOST = 0.25
"""The share of the references that is screened at most."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """The references that were kept, and what scores need of them."""

    references: tuple[MeasuredRun, ...]
    screened: tuple[tuple[str, str], ...]
    layout: Layout
    tables: tuple[Table, ...]
    model: Model
    variances: Variances
    describer: Describer
    options: ScoreOptions

    def score(self, run: MeasuredRun) -> Scores:
        """How far the run, its tasks and its nodes lie from the references."""
        table = self.layout.table(run)
        evidence = weigh(table, self.model, self.options)
        combined = combine(table, evidence, self.variances, self.layout.local, self.options)
        found = Found(run, table, evidence, combined)
        tasks = self.describer.tasks(found)
        return Scores(
            self.describer.run(found),
            tasks,
            self.describer.nodes(found),
            tuple(reference.name for reference in self.references),
            self.screened,
            remarks(table, self.tables, unknown_tasks(found)),
        )

    @property
    def statistics(self) -> tuple[Statistic, ...]:
        """A summary of each measurement of each task."""
        return statistics(self.layout, self.model, self.describer.summary)


def fit(
    references: Sequence[MeasuredRun],
    measurements: Mapping[str, Measurement],
    options: ScoreOptions = _DEFAULT,
) -> Baseline:
    """A baseline from one reference run or more; those that lie apart from the others are left out.

    Raises ValueError where there is no reference.
    """
    if not references:
        raise ValueError("no reference runs: give one at least")
    kept = sorted(references, key=lambda run: (run.name, run.execution, run.graph))
    screened: list[tuple[str, str]] = []
    found = layout(kept, measurements, options.elsewhere)
    tables = tuple(map(found.table, kept))
    everything = samples(tables, found)
    left_out = _left_out(tables, everything, options)
    means, stack = mean_evidence(left_out), None
    while True:
        outlier = apart(means, options)
        if outlier is None or len(screened) + 1 > _MOST * len(references):
            break
        place, why = outlier
        stack = stack or stacked(tables, found)
        screened.append((kept.pop(place).name, why))
        if stack is None or stack.needed(place):
            stack, found = None, layout(kept, measurements, options.elsewhere)
            tables = tuple(map(found.table, kept))
        else:
            stack, tables = stack.without(place), (*tables[:place], *tables[place + 1 :])
        everything = samples(tables, found)
        left_out = _left_out(tables, everything, options) if stack is None else []
        means = mean_evidence(left_out) if stack is None else stack.means(options)
    left_out = left_out or _left_out(tables, everything, options)
    return _baseline(tuple(kept), tuple(screened), found, tables, everything, left_out, options)


def _baseline(
    references: tuple[MeasuredRun, ...],
    screened: tuple[tuple[str, str], ...],
    found: Layout,
    tables: tuple[Table, ...],
    everything: Samples,
    left_out: Sequence[Evidence],
    options: ScoreOptions,
) -> Baseline:
    pairs = tuple(zip(tables, left_out, strict=True)) if left_out else ()
    spread = variances(
        [means(table, one.distances, options) for table, one in pairs], len(found.columns), options
    )
    scores = [combine(table, one, spread, found.local, options) for table, one in pairs]
    model = fit_model(everything, options)
    describer = Describer(
        found,
        model,
        summarise(tables, found),
        options,
        len(references),
        _joined(
            [
                one.strengths[(~np.isnan(alone.distances)).any(axis=1)]
                for (_, alone), one in zip(pairs, scores, strict=True)
            ]
        ),
        _joined([one.pooled.whole for one in scores]),
        np.array([one.run for one in scores]),
        float(np.median(_joined([one.own for one in left_out]))) if left_out else 0.0,
    )
    return Baseline(references, screened, found, tables, model, spread, describer, options)


def _joined(parts: Sequence[Floats]) -> Floats:
    return np.concatenate([np.zeros(0), *parts])


def _left_out(tables: Sequence[Table], everything: Samples, options: ScoreOptions) -> list[Evidence]:
    """The evidence of each reference against the others, in the order of the references; empty where there is one only."""
    number = len(tables)
    if number < 2:
        return []
    found: dict[int, Evidence] = {}
    for fold in np.array_split(np.arange(number), min(number, options.folds)):
        model = fit_model(everything.without(fold), options)
        found.update({int(run): weigh(tables[run], model, options) for run in fold})
    return [found[run] for run in range(number)]
