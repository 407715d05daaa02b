"""Which file of one execution is which of another, once the tasks are matched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from recup_kg.align.tokens import logical_name


@dataclass(frozen=True, slots=True)
class DataUse:
    """The data of one execution, by identifier: what each task read and wrote, and what no task wrote."""

    inputs: Mapping[str, Sequence[str]]
    outputs: Mapping[str, Sequence[str]]
    primary: frozenset[str]


def align_data(pairs: Mapping[str, str], reference: DataUse, other: DataUse) -> dict[str, str]:
    """Data of the reference to data of the other execution.

    Outputs of matched tasks are paired by identifier, then by logical name, then as the only one left on both sides. Primary
    inputs are paired by identifier wherever they are read, then like outputs among the inputs of matched tasks.
    """
    aligned: dict[str, str] = {}
    for task, partner in pairs.items():
        _pair(aligned, reference.outputs.get(task, ()), other.outputs.get(partner, ()))
    aligned.update({name: name for name in sorted(reference.primary & other.primary)})
    taken = set(aligned.values())
    for task, partner in pairs.items():
        left = [
            item
            for item in reference.inputs.get(task, ())
            if item in reference.primary and item not in aligned
        ]
        right = [
            item for item in other.inputs.get(partner, ()) if item in other.primary and item not in taken
        ]
        _pair(aligned, left, right)
        taken.update(aligned[item] for item in left if item in aligned)
    return aligned


def _pair(aligned: dict[str, str], reference: Sequence[str], other: Sequence[str]) -> None:
    right = set(other)
    same = [item for item in reference if item in right]
    aligned.update((item, item) for item in same)
    left = [item for item in reference if item not in right]
    right.difference_update(same)
    by_name = _unique_names(right)
    for name, item in _unique_names(left).items():
        if name in by_name:
            aligned[item] = by_name[name]
    left = [item for item in left if item not in aligned]
    rest = sorted(right - {aligned[item] for item in reference if item in aligned})
    if len(left) == 1 and len(rest) == 1:
        aligned[left[0]] = rest[0]


def _unique_names(items: Iterable[str]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for item in items:
        found.setdefault(logical_name(item), []).append(item)
    return {name: members[0] for name, members in found.items() if len(members) == 1}
