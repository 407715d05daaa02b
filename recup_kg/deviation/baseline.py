"""What reference runs lead to expect, and scores of runs against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recup_kg.deviation.describe import Describer, Found, Quartiles, remarks
from recup_kg.deviation.evidence import Evidence, pooled, scales, weigh
from recup_kg.deviation.layout import UNKNOWN, Floats, Layout, Table, layout
from recup_kg.deviation.model import Model, Samples, fit_model, samples
from recup_kg.deviation.options import ScoreOptions
from recup_kg.deviation.statistics import Statistic, statistics, values
from recup_kg.measurements import MeasuredRun, Measurement
from recup_kg.scores import Scores

_DEFAULT = ScoreOptions()


@dataclass(frozen=True, slots=True)
class Baseline:
    """The references, as far as scores need them."""

    references: tuple[MeasuredRun, ...]
    screened: tuple[tuple[str, str], ...]
    layout: Layout
    tables: tuple[Table, ...]
    model: Model
    scale: Floats
    describer: Describer
    options: ScoreOptions

    def score(self, run: MeasuredRun) -> Scores:
        """How far the run, its tasks and its nodes lie from the references."""
        table = self.layout.table(run)
        evidence = weigh(table, self.model, self.options)
        found = Found(run, table, evidence, *combine(table, evidence, self.scale, self.options))
        describer = self.describer
        tasks = describer.tasks(found)
        unseen = sum(not task.n or all(part.p is None for part in task.parts) for task in tasks)
        return Scores(
            describer.run(found),
            tasks,
            describer.nodes(found),
            tuple(reference.name for reference in self.references),
            self.screened,
            remarks(table, self.tables, unseen),
        )

    @property
    def statistics(self) -> tuple[Statistic, ...]:
        """A summary of each measurement of each task."""
        return statistics(self.references, self.layout, self.model)


def fit(
    references: Sequence[MeasuredRun],
    measurements: Mapping[str, Measurement],
    options: ScoreOptions = _DEFAULT,
) -> Baseline:
    """A baseline from one reference run or more; those that lie apart from the others are left out."""
    if not references:
        raise ValueError("no reference runs: give one at least")
    return _fit(tuple(references), measurements, options, ())


def _fit(
    references: tuple[MeasuredRun, ...],
    measurements: Mapping[str, Measurement],
    options: ScoreOptions,
    screened: tuple[tuple[str, str], ...],
) -> Baseline:
    found = layout(references, measurements)
    tables = [found.table(run) for run in references]
    everything = samples(tables, found)
    left_out = _left_out(tables, everything, options)
    scale = scales([evidence.sums for evidence in left_out], len(found.columns))
    model = fit_model(everything, options)
    scores = [combine(table, one, scale, options) for table, one in zip(tables, left_out, strict=False)]
    describer = Describer(
        found,
        model,
        _quartiles(references, found),
        options,
        len(references),
        np.concatenate(
            [
                np.zeros(0),
                *(tasks[table.keys != UNKNOWN] for table, (tasks, _, _) in zip(tables, scores, strict=False)),
            ]
        ),
        np.concatenate([np.zeros(0), *(nodes for _, nodes, _ in scores)]),
        np.array([whole for _, _, whole in scores]),
    )
    return Baseline(references, screened, found, tuple(tables), model, scale, describer, options)


def _quartiles(references: Sequence[MeasuredRun], found: Layout) -> Quartiles:
    shape = (len(found.keys), len(found.columns))
    low, median, high = (np.full(shape, np.nan) for _ in range(3))
    columns = {measurement.iri: number for number, measurement in enumerate(found.columns)}
    for (key, iri), given in values(references).items():
        if iri in columns:
            place = found.keys[key], columns[iri]
            low[place], median[place], high[place] = np.quantile(given, (0.25, 0.5, 0.75))
    return Quartiles(low, median, high)


def _left_out(tables: Sequence[Table], everything: Samples, options: ScoreOptions) -> list[Evidence]:
    """The evidence of each reference against the others, in the order of the references."""
    number = len(tables)
    if number < 2:
        return []
    found: dict[int, Evidence] = {}
    for fold in np.array_split(np.arange(number), min(number, options.folds)):
        model = fit_model(everything.without(fold), options)
        found.update({int(run): weigh(tables[run], model, options) for run in fold})
    return [found[run] for run in range(number)]


def combine(
    table: Table, found: Evidence, scale: Floats, options: ScoreOptions
) -> tuple[Floats, Floats, float]:
    """The scores of tasks, nodes and run: own + shared x the largest of its nodes; the largest of a task is that of the run."""
    nodes = pooled(found, scale, options)
    largest = np.zeros(len(table.keys))
    for (_, rows), score in zip(table.members, nodes, strict=True):
        largest[rows] = np.maximum(largest[rows], score)
    tasks = found.own + options.shared * largest
    return tasks, nodes, float(tasks.max(initial=0.0))
