"""Scores of a run as values: arrays to `recup_kg.scores`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recup_kg.deviation.calibration import adjusted, conformal, needed, verdict
from recup_kg.deviation.evidence import Evidence
from recup_kg.deviation.layout import UNKNOWN, Booleans, Floats, Integers, Layout, Table
from recup_kg.deviation.model import Model
from recup_kg.deviation.options import ScoreOptions
from recup_kg.measurements import MeasuredRun
from recup_kg.scores import NodeScore, Part, RunScore, TaskScore


@dataclass(frozen=True, slots=True)
class Found:
    """The scores of tasks (in the order of the run), nodes (that of `table.members`) and run, with what they were made from."""

    run: MeasuredRun
    table: Table
    evidence: Evidence
    tasks: Floats
    nodes: Floats
    whole: float


@dataclass(frozen=True, slots=True)
class Quartiles:
    """Of the references, by key and measurement, in the units of the measurements."""

    low: Floats
    median: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Describer:
    """What the references give to describe scores by: `scores` are those of their own tasks, nodes and runs, one left out."""

    layout: Layout
    model: Model
    quartiles: Quartiles
    options: ScoreOptions
    references: int
    of_tasks: Floats
    of_nodes: Floats
    of_runs: Floats

    def run(self, found: Found) -> RunScore:
        """The score of the run as a whole."""
        alpha, number = self.options.alpha, self.references
        if not len(self.of_runs):
            state = verdict(None, found.whole, alpha, 1)
            return RunScore(found.whole, number, None, 1.0, needed(number, 1, 1.0, alpha), state)
        p = float(conformal(np.array([found.whole]), self.of_runs)[0])
        missing = needed(number, 1, 1.0, alpha)
        return RunScore(
            found.whole, number, p, 1 / (1 + number), missing, verdict(p, found.whole, alpha, missing)
        )

    def tasks(self, found: Found) -> tuple[TaskScore, ...]:
        """The scores of tasks, the most deviating first."""
        known = _known(found, self.model)
        p, corrected, floor = self._probabilities(found.tasks, known, self.of_tasks)
        missing = needed(
            self.references, int(known.sum()), len(self.of_tasks) / self.references, self.options.alpha
        )
        own = found.evidence.own
        rows = [
            self._task(found, row, float(own[row]), p[row], corrected[row], floor, missing)
            for row in range(len(known))
        ]
        return tuple(sorted(rows, key=lambda task: (-task.score, task.n == 0, task.identifier)))

    def nodes(self, found: Found) -> tuple[NodeScore, ...]:
        """The scores of nodes, the most deviating first."""
        known: Booleans = np.any(~np.isnan(found.evidence.sums), axis=1)
        p, corrected, floor = self._probabilities(found.nodes, known, self.of_nodes)
        missing = needed(
            self.references, int(known.sum()), len(self.of_nodes) / self.references, self.options.alpha
        )
        rows = []
        for number, (name, members) in enumerate(found.table.members):
            score = float(found.nodes[number])
            n = int(_counts(found, self.model)[members].max(initial=0))
            tasks = self._contributions(found, members)
            state = verdict(corrected[number], score, self.options.alpha, missing)
            rows.append(NodeScore(name, score, n, p[number], corrected[number], floor, missing, state, tasks))
        return tuple(sorted(rows, key=lambda node: (-node.score, node.name)))

    def _probabilities(
        self, scores: Floats, known: Booleans, references: Floats
    ) -> tuple[list[float | None], list[float | None], float]:
        """p, adjusted p and the smallest p that there can be; None of what no reference knows."""
        p: list[float | None] = [None] * len(scores)
        corrected = list(p)
        if not len(references):
            return p, corrected, 1.0
        rows = np.flatnonzero(known)
        raw = conformal(scores[rows], references)
        for row, value, better in zip(rows, raw, adjusted(raw), strict=True):
            p[row], corrected[row] = float(value), float(better)
        return p, corrected, 1 / (1 + len(references))

    def _contributions(self, found: Found, members: Integers) -> tuple[tuple[str, float], ...]:
        own = found.evidence.own
        given = [(found.run.tasks[row].identifier, float(own[row])) for row in members]
        return tuple(sorted(given, key=lambda item: (-item[1], item[0])))

    def _task(
        self,
        found: Found,
        row: int,
        own: float,
        p: float | None,
        corrected: float | None,
        floor: float,
        missing: int | None,
    ) -> TaskScore:
        task, score = found.run.tasks[row], float(found.tasks[row])
        n = int(_counts(found, self.model)[row])
        parts = self._parts(found, row)
        state = verdict(corrected, score, self.options.alpha, missing)
        shared = tuple(
            ("node", name, float(found.nodes[number]))
            for number, (name, members) in enumerate(found.table.members)
            if name in task.nodes
        )
        return TaskScore(
            task.iri,
            task.identifier,
            task.key,
            task.step,
            task.nodes,
            score,
            own,
            shared,
            n,
            p,
            corrected,
            floor,
            missing,
            state,
            parts,
        )

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
            median = float(self.quartiles.median[key, column])
            parts.append(
                Part(
                    measurement.iri,
                    measurement.label,
                    measurement.unit,
                    value,
                    count,
                    median,
                    float(self.quartiles.low[key, column]),
                    float(self.quartiles.high[key, column]),
                    value / median if median else None,
                    float(found.evidence.distances[row, column]),
                    float(found.evidence.probabilities[row, column]),
                    float(found.evidence.parts[row, column]),
                )
            )
        return tuple(sorted(parts, key=lambda part: (-part.evidence, part.label)))


def _counts(found: Found, model: Model) -> Floats:
    """How many references have the key of each task: 0 where none has."""
    if not len(model.count):
        return np.zeros(len(found.table.keys))
    count: Floats = model.count.max(axis=1, initial=0)[np.maximum(found.table.keys, 0)]
    return np.where(found.table.keys == UNKNOWN, 0, count)


def _known(found: Found, model: Model) -> Booleans:
    """Which tasks share a measurement with a reference."""
    known: Booleans = np.any(~np.isnan(found.evidence.distances), axis=1)
    return known


def remarks(table: Table, references: Sequence[Table], unseen: int) -> tuple[str, ...]:
    """What scores leave out, in sentences."""
    refused: dict[str, int] = {}
    for one in (table, *references):
        for label, count in one.refused:
            refused[label] = refused.get(label, 0) + count
    found = [
        f"{count:,} values of {label} are negative or infinite: not used"
        for label, count in sorted(refused.items())
    ]
    if unseen:
        found.append(
            f"{unseen:,} tasks are in no reference run, or share no measurement with one: can't tell"
        )
    return tuple(found)
