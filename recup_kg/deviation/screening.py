"""References that lie apart from the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recup_kg.deviation.evidence import Evidence
from recup_kg.deviation.layout import Floats
from recup_kg.deviation.options import ScoreOptions

_FEWEST = 4
"""Of fewer references nobody can tell which one lies apart."""
_TASKS = 4
"""A run of fewer tasks can't be told apart as a whole."""
_CUT = 6.0
"""The largest evidence of a value that counts here."""
_USUAL = 0.2
"""The smallest mean evidence that counts as usual: half of that of uniform p (log10 e = 0.43), since rounding leaves zeros."""


def apart(mean: Floats, options: ScoreOptions) -> tuple[int, str] | None:
    """The reference that lies furthest apart from the others, and why; None where none does.

    The measure is the mean evidence of all its values, each reference being left out: it grows where most of a run
    differs, not where a single task does. Runs of few tasks tell nothing.
    """
    if not options.screen or len(mean) < _FEWEST:
        return None
    furthest = int(mean.argmax())
    usual = float(np.median(mean))
    if mean[furthest] <= options.apart * max(usual, _USUAL):
        return None
    return furthest, (
        f"lies apart from the other references: mean evidence {mean[furthest]:.2f} over all its values, "
        f"{usual:.2f} in the median of the references"
    )


def mean_evidence(left_out: Sequence[Evidence]) -> Floats:
    """The mean evidence of each reference."""
    captured = [~np.isnan(found.distances) for found in left_out]
    return np.array(
        [
            mean_of(found.parts[known], int(known.any(axis=1).sum()))
            for found, known in zip(left_out, captured, strict=True)
        ]
    )


def mean_of(parts: Floats, tasks: int) -> float:
    """The mean evidence of the values of some tasks, each cut off: what differs in a few tasks only is no reason."""
    return float(np.minimum(parts, _CUT).mean()) if tasks >= _TASKS else 0.0
