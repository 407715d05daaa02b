"""The configuration of an execution, from the facts of all its sources.

What is in it never depends on when and where a run took place: no host names, job ids, times or momentary readings.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from recup_kg.fusions import Fingerprint
from recup_kg.vocab import digest

FACTS: dict[str, str] = {
    "system": "the workflow system and its version",
    "workflow": "the name of the workflow, without tokens of one run",
    "program": "the programs of tasks and of observed processes, without their folders",
    "package": "each package with its version",
    "module": "each environment module with its version",
    "image": "the digest of each container image",
    "parameter": "each parameter with its value",
    "seed": "each seed of a random number generator, or that none was set",
    "device": "the models of accelerators",
    "driver": "the versions of their drivers and run times",
    "cpu": "the models of processors",
    "os": "operating systems, kernels and architectures",
    "nodes": "the number of compute nodes",
    "scheduler": "the batch system",
}
"""The names of the facts that can be in a fingerprint, and what they are."""

DEFAULT: frozenset[str] = frozenset(FACTS)
"""The facts that are in a fingerprint unless others are chosen: all."""


def fingerprint(facts: Iterable[tuple[str, str]], chosen: Collection[str] = DEFAULT) -> Fingerprint | None:
    """The fingerprint over the chosen facts, pairs of name and value; None where there are none.

    Raises ValueError for a name that is not in `FACTS`.
    """
    unknown = sorted(set(chosen) - set(FACTS))
    if unknown:
        raise ValueError(f"no such fact: {', '.join(unknown)}; there are: {', '.join(FACTS)}")
    stated = sorted({f"{name}={value}" for name, value in facts if name in chosen})
    return Fingerprint(digest(stated), tuple(stated)) if stated else None
