"""Scores of a run as values: arrays to `recup_kg.scores`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recup_kg.comparisons import Verdict
from recup_kg.deviation.calibration import adjusted, conformal, needed, verdict
from recup_kg.deviation.combine import Combined
from recup_kg.deviation.evidence import Evidence
from recup_kg.deviation.layout import UNKNOWN, Booleans, Floats, Layout, Table
from recup_kg.deviation.model import Model
from recup_kg.deviation.options import ScoreOptions
from recup_kg.deviation.summaries import Summary
from recup_kg.measurements import MeasuredRun
from recup_kg.scores import NodeScore, Part, RunScore, TaskScore


@dataclass(frozen=True, slots=True)
class Found:
    """A run, its arrays and its scores, before they are put into words."""

    run: MeasuredRun
    table: Table
    evidence: Evidence
    combined: Combined


@dataclass(frozen=True, slots=True)
class Significance:
    """p of some scores, also adjusted for their number; the smallest p possible, and how many more references it takes."""

    p: tuple[float | None, ...]
    adjusted: tuple[float | None, ...]
    floor: float
    needed: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Describer:
    """What the references give to describe scores by: `of_` are those of their own tasks, nodes and runs, one left out.

    `usual` is the median of the own evidence of their tasks.
    """

    layout: Layout
    model: Model
    summary: Summary
    options: ScoreOptions
    references: int
    of_tasks: Floats
    of_nodes: Floats
    of_runs: Floats
    usual: float

    def run(self, found: Found) -> RunScore:
        """The score of the run as a whole."""
        score = found.combined.run
        known = np.array([_known(found).any()])
        told = self._significance(np.array([score]), known, self.of_runs)
        state = self._verdict(told, 0, score, bool(known[0]))
        return RunScore(score, self.references, told.p[0], told.floor, told.needed[0], state)

    def tasks(self, found: Found) -> tuple[TaskScore, ...]:
        """The scores of tasks, the most deviating first; among equals those that references know."""
        known = _known(found)
        told = self._significance(found.combined.strengths, known, self.of_tasks)
        counts = _counts(found.table, self.model)
        rows = [self._task(found, row, told, int(counts[row]), bool(known[row])) for row in range(len(known))]
        return tuple(sorted(rows, key=lambda task: (-task.score, not task.n, task.identifier)))

    def nodes(self, found: Found) -> tuple[NodeScore, ...]:
        """The scores of nodes, the most deviating first."""
        local = ~np.isnan(found.evidence.distances) & self.layout.local
        known = np.array([local[group.rows].any() for group in found.table.groups], dtype=np.bool_)
        told = self._significance(found.combined.pooled.whole, known, self.of_nodes)
        counts = _counts(found.table, self.model)
        strength = np.where(self.layout.local, found.evidence.parts, 0.0).sum(axis=1)
        rows = []
        for place, group in enumerate(found.table.groups):
            score = float(found.combined.pooled.groups[place])
            given = ((found.run.tasks[row].identifier, float(strength[row])) for row in group.rows)
            rows.append(
                NodeScore(
                    group.name,
                    score,
                    int(counts[group.rows].max(initial=0)),
                    told.p[place],
                    told.adjusted[place],
                    told.floor,
                    told.needed[place],
                    self._verdict(told, place, score, bool(known[place])),
                    tuple(sorted(given, key=lambda item: (-item[1], item[0]))),
                )
            )
        return tuple(sorted(rows, key=lambda node: (-node.score, node.name)))

    def _significance(self, strengths: Floats, known: Booleans, references: Floats) -> Significance:
        """How what something is known of lies among the references.

        No part of a run is more significant than the run as a whole can be: an adjusted p is at least 1 / (1 + n), since all
        tasks of one run can deviate together.
        """
        number = len(strengths)
        rows = np.flatnonzero(known)
        p: list[float | None] = [None] * number
        corrected = list(p)
        peers = len(references) / self.references if len(references) else len(rows)
        more = needed(self.references, len(rows), peers, self.options.alpha)
        missing = [more] * number
        if not len(references):
            return Significance(tuple(p), tuple(corrected), 1.0, tuple(missing))
        raw = conformal(strengths[rows], references)
        for row, value, better in zip(rows, raw, adjusted(raw), strict=True):
            bounded = max(float(better), 1 / (1 + self.references))
            p[row], corrected[row] = float(value), bounded
            missing[row] = None if bounded <= self.options.alpha else more
        return Significance(tuple(p), tuple(corrected), 1 / (1 + len(references)), tuple(missing))

    def _verdict(self, told: Significance, place: int, score: float, known: bool) -> Verdict:
        """Nobody can tell of what no reference knows."""
        if not known:
            return Verdict.CANT_TELL
        return verdict(told.adjusted[place], score, self.options.alpha, told.needed[place])

    def _blamed(self, told: Significance, row: int, score: float, own: float, known: bool) -> Verdict:
        """A task that is itself as usual is not blamed for others on its node."""
        state = self._verdict(told, row, score, known)
        return Verdict.SAME if state is Verdict.DIFFERENT and own <= self.usual else state

    def _task(self, found: Found, row: int, told: Significance, count: int, known: bool) -> TaskScore:
        task, score = found.run.tasks[row], float(found.combined.tasks[row])
        own = float(found.evidence.own[row])
        return TaskScore(
            task.iri,
            task.identifier,
            task.key,
            task.step,
            task.nodes,
            score,
            own,
            self._shared(found, row),
            count,
            told.p[row],
            told.adjusted[row],
            told.floor,
            told.needed[row],
            self._blamed(told, row, score, own, known),
            self._parts(found, row),
        )

    def _shared(self, found: Found, row: int) -> tuple[tuple[str, str, float], ...]:
        """What its node adds, and what a stronger node of the same machine explains (negative): they sum to score - own."""
        pooled, groups = found.combined.pooled, found.table.groups
        place = int(pooled.innermost[row])
        if place < 0:
            return ()
        shared: tuple[tuple[str, str, float], ...] = (
            ("node", groups[place].name, self.options.shared * float(pooled.added[row])),
        )
        leader = int(pooled.leaders[row])
        if leader >= 0 and pooled.inherited[row]:
            shared += (("inherited", groups[leader].name, -float(pooled.inherited[row])),)
        return shared

    def _parts(self, found: Found, row: int) -> tuple[Part, ...]:
        """Each measurement that was captured of the task, the strongest evidence first."""
        task, key = found.run.tasks[row], int(found.table.keys[row])
        parts = []
        for column in np.flatnonzero(~np.isnan(found.table.values[row])):
            measurement = self.layout.columns[column]
            value = task.values[measurement.iri]
            count = 0 if key == UNKNOWN else int(self.model.count[key, column])
            if not count:
                parts.append(Part(measurement.iri, measurement.label, measurement.unit, value, 0))
                continue
            median = float(self.summary.median[key, column])
            parts.append(
                Part(
                    measurement.iri,
                    measurement.label,
                    measurement.unit,
                    value,
                    count,
                    median,
                    float(self.summary.low[key, column]),
                    float(self.summary.high[key, column]),
                    value / median if median else None,
                    float(found.evidence.distances[row, column]),
                    float(found.evidence.probabilities[row, column]),
                    float(found.evidence.parts[row, column]),
                )
            )
        return tuple(sorted(parts, key=lambda part: (-part.evidence, part.label, part.measurement)))


def remarks(table: Table, references: Sequence[Table], unknown: int) -> tuple[str, ...]:
    """What scores leave out, in sentences."""
    refused: dict[str, int] = {}
    for one in (table, *references):
        for label, count in one.refused:
            refused[label] = refused.get(label, 0) + count
    found = [
        f"{_counted(refused[label], 'value')} of {label} negative or infinite: not used"
        for label in sorted(refused)
    ]
    if unknown:
        found.append(
            f"{_counted(unknown, 'task')} in no reference run, or without a measurement in common: can't tell"
        )
    return tuple(found)


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def _counts(table: Table, model: Model) -> Floats:
    """How many references have a measurement of the key of each task: 0 where none has."""
    if not model.count.size:
        return np.zeros(len(table.keys))
    count: Floats = model.count.max(axis=1)[np.maximum(table.keys, 0)]
    return np.where(table.keys == UNKNOWN, 0, count)


def _known(found: Found) -> Booleans:
    """Which tasks share a measurement with a reference."""
    return np.asarray((~np.isnan(found.evidence.distances)).any(axis=1), dtype=np.bool_)


def unknown_tasks(found: Found) -> int:
    """How many tasks share none."""
    return int((~_known(found)).sum())
