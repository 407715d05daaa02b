"""The scores of the tasks, nodes and the whole of a run, from their evidence."""

from __future__ import annotations

from dataclasses import dataclass

from recup_kg.deviation.evidence import Evidence
from recup_kg.deviation.layout import Booleans, Floats, Table
from recup_kg.deviation.options import ScoreOptions
from recup_kg.deviation.pooling import Pooled, Variances, pool


@dataclass(frozen=True, slots=True)
class Combined:
    """Scores of tasks (in the order of the run) and of nodes (in that of its groups).

    `strengths` and `pooled.whole` are the same before anything counts as inherited: they say whether something deviates,
    the scores where that comes from.
    """

    pooled: Pooled
    tasks: Floats
    strengths: Floats

    @property
    def run(self) -> float:
        """The score of the run: the largest of a task."""
        return float(self.strengths.max(initial=0.0))


def combine(
    table: Table, found: Evidence, spread: Variances, local: Booleans, options: ScoreOptions
) -> Combined:
    """score = own - inherited + shared x node."""
    pooled = pool(table, found, spread, local, options)
    tasks = found.own - pooled.inherited + options.shared * pooled.added
    return Combined(pooled, tasks, found.own + options.shared * pooled.offered)
