"""Whether runs that deviate also ran at another time: never a cause, but a reason to doubt each that is found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from recup_kg.api.fusion_rows import moment
from recup_kg.causes.outcomes import Outcome
from recup_kg.measurements import MeasuredRun

_FEWEST = 2
"""Of one run against others, one of both is always the earlier."""


def date_remarks(outcome: Outcome, runs: Mapping[str, MeasuredRun]) -> Iterator[str]:
    """A sentence where the dates tell what deviates from the others as well as any fact could."""
    dates = {name: _date(run.started) for name, run in runs.items()}
    deviating = [date for name in outcome.deviating if (date := dates.get(name))]
    others = [date for name in outcome.others if (date := dates.get(name))]
    if min(len(deviating), len(others)) < _FEWEST or len(deviating) + len(others) < len(outcome.subjects):
        return
    one, two = outcome.labels
    if min(deviating) > max(others):
        told = f"{one} started after {two} (from {min(deviating)} on, the others until {max(others)})"
    elif max(deviating) < min(others):
        told = f"{one} started before {two} (until {max(deviating)}, the others from {min(others)} on)"
    elif set(deviating) & set(others) or 2 * len({*deviating, *others}) > len(outcome.subjects):
        # Days of one run each tell runs from each other, and nothing else.
        return
    else:
        told = f"no day has both {one} and {two}"
    yield f"confounded with the date: {told}; what changed with time and was not captured can be the cause"


def _date(started: str | None) -> str | None:
    found = moment(started)
    return None if found is None else found.date().isoformat()
