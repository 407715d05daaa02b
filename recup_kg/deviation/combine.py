"""The scores of the tasks, nodes and the whole of a run, from their evidence."""

from __future__ import annotations

from dataclasses import dataclass

from recup_kg.deviation.evidence import Evidence
from recup_kg.deviation.layout import Booleans, Floats, Table
from recup_kg.deviation.options import ScoreOptions
from recup_kg.deviation.pooling import Pooled, Variances, pool


@dataclass(frozen=True, slots=True)
class Combined:
    """Scores of tasks (in the order of the run), of nodes (in that of its groups), and of the run: its largest of a task."""

    pooled: Pooled
    tasks: Floats
    nodes: Floats
    whole: float


def combine(
    table: Table, found: Evidence, spread: Variances, local: Booleans, options: ScoreOptions
) -> Combined:
    """score = own - inherited + shared x node."""
    pooled = pool(table, found, spread, local, options)
    tasks = found.own - pooled.inherited + options.shared * pooled.added
    return Combined(pooled, tasks, pooled.groups, float(tasks.max(initial=0.0)))
