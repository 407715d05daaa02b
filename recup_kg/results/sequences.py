"""Numbered sequences: which iteration or checkpoint a file, or a variable in it, belongs to.

The rule: names that differ only in their last run of digits form a sequence, and that number is the iteration. One name alone is
no sequence: its number may mean anything.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

_LAST_NUMBER = re.compile(r"^(.*?)([0-9]+)([^0-9]*)$", re.DOTALL)


def sequences(names: Iterable[str], *, suffixes: bool = True) -> Mapping[str, tuple[str, int]]:
    """The sequence (`state_*.npy`) and the iteration of each name that is in one.

    With `suffixes`, digits behind the last dot belong to the format (`.h5`) where there is another number.
    """
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for name in names:
        stem, dot, suffix = name.rpartition(".") if suffixes else (name, "", "")
        match = _LAST_NUMBER.match(stem if dot else name)
        if match is None and dot:
            match, dot, suffix = _LAST_NUMBER.match(name), "", ""
        if match is not None:
            before, number, after = match.groups()
            found[f"{before}*{after}{dot}{suffix}"][name] = int(number)
    return {
        name: (pattern, number)
        for pattern, members in found.items()
        if len(set(members.values())) > 1
        for name, number in members.items()
    }


def iterations(names: Iterable[str]) -> Mapping[str, int]:
    """The iteration of each variable whose path has a numbered group (`step_0003/u`), by the first group that makes a
    sequence."""
    known = list(names)
    groups: dict[str, set[int]] = defaultdict(set)
    placed: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for name in known:
        parts = re.split(r"([/@])", name)
        for index in range(0, len(parts), 2):
            match = _LAST_NUMBER.match(parts[index])
            if match is not None:
                pattern = "".join((*parts[:index], match[1], "*", match[3]))
                groups[pattern].add(int(match[2]))
                placed[name].append((pattern, int(match[2])))
    found = {}
    for name in known:
        number = next((number for pattern, number in placed[name] if len(groups[pattern]) > 1), None)
        if number is not None:
            found[name] = number
    return found
