"""Corrections of probabilities for the number of tests."""

from __future__ import annotations

from collections.abc import Sequence


def holm(probabilities: Sequence[float]) -> tuple[float, ...]:
    """Adjusted p that keep the chance of a single false alarm, in the order given (Holm 1979, jstor.org/stable/4615733)."""
    count, adjusted, largest = len(probabilities), [0.0] * len(probabilities), 0.0
    for place, index in enumerate(_ascending(probabilities)):
        largest = max(largest, (count - place) * probabilities[index])
        adjusted[index] = min(1.0, largest)
    return tuple(adjusted)


def benjamini_hochberg(probabilities: Sequence[float]) -> tuple[float, ...]:
    """Adjusted p that keep the share of false alarms (doi 10.1111/j.2517-6161.1995.tb02031.x), in the order given."""
    count, adjusted, smallest = len(probabilities), [0.0] * len(probabilities), 1.0
    for place, index in reversed(list(enumerate(_ascending(probabilities), 1))):
        smallest = min(smallest, probabilities[index] * count / place)
        adjusted[index] = smallest
    return tuple(adjusted)


def _ascending(probabilities: Sequence[float]) -> list[int]:
    return sorted(range(len(probabilities)), key=probabilities.__getitem__)
