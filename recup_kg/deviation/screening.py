"""References that lie apart from the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recup_kg.deviation.evidence import Evidence
from recup_kg.deviation.options import ScoreOptions

_FEWEST = 4
"""Of fewer references nobody can tell which one lies apart."""
_TASKS = 4
"""A run of fewer tasks can't be told apart as a whole."""
_CUT = 6.0
"""The largest evidence of a value that counts here."""
_USUAL = 0.2
"""The smallest mean evidence that counts as usual: half of that of uniform p (log10 e = 0.43), since rounding leaves zeros."""


def apart(left_out: Sequence[Evidence], options: ScoreOptions) -> tuple[int, str] | None:
    """The reference that lies furthest apart from the others, and why; None where none does.

    The measure is the mean evidence of all its values, each reference being left out: it grows where most of a run
    differs, not where a single task does. Runs of few tasks tell nothing.
    """
    if not options.screen or len(left_out) < _FEWEST:
        return None
    mean = np.array([_mean(found) for found in left_out])
    furthest = int(mean.argmax())
    usual = float(np.median(mean))
    if mean[furthest] <= options.apart * max(usual, _USUAL):
        return None
    return furthest, (
        f"lies apart from the other references: mean evidence {mean[furthest]:.2f} over all its values, "
        f"{usual:.2f} in the median of the references"
    )


def _mean(found: Evidence) -> float:
    """The mean evidence of the values, each cut off: what differs in a few tasks only is no reason."""
    captured = ~np.isnan(found.distances)
    if captured.any(axis=1).sum() < _TASKS:
        return 0.0
    return float(np.minimum(found.parts[captured], _CUT).mean())
