"""How far runs, tasks and machines lie from reference runs: numbers from numbers, no store, no RDF."""

from __future__ import annotations

from recup_kg.deviation.baseline import Baseline, fit
from recup_kg.deviation.options import ScoreOptions
from recup_kg.deviation.summaries import Statistic

__all__ = ["Baseline", "ScoreOptions", "Statistic", "fit"]
