"""Facts of configurations that reference runs, and the run that is held against them, do not share."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

from recup_kg.errors import UsageError
from recup_kg.fuse.fingerprint import FACTS
from recup_kg.measurements import MeasuredRun

ANYTHING = "all"
_SHOWN = 2
_MOST_FACTS = 3
_HASH = re.compile(r"[0-9a-f]{32,64}")
_DIGITS = 8
_LONGEST = 40


def demand_one_configuration(references: Sequence[MeasuredRun], allowed: Collection[str]) -> tuple[str, ...]:
    """The facts in which references differ, each in one line.

    Raises `UsageError` where one of them is not allowed by name. A fact that a reference does not state was not captured of it:
    that makes no difference.
    """
    differing = _differing(references)
    keys = {*FACTS, *(key for run in references for key in _by_key(run))}
    unknown = sorted(set(allowed) - {ANYTHING, *keys})
    if unknown:
        raise UsageError(
            f"a configuration has no fact {unknown[0]!r}; there are {', '.join(sorted(keys))}, and {ANYTHING}"
        )
    refused = [key for key in differing if key not in allowed and ANYTHING not in allowed]
    if refused:
        accept = " ".join(f"--allow-mixed {_quoted(key)}" for key in refused)
        if len(refused) > _MOST_FACTS:
            accept = f"--allow-mixed {ANYTHING}"
        lines = "; ".join(_spread(key, differing[key]) for key in refused[:_MOST_FACTS])
        if len(refused) > _MOST_FACTS:
            lines += f"; and {', '.join(refused[_MOST_FACTS:])}"
        raise UsageError(
            f"the {len(references)} reference runs have several configurations: {lines}. "
            f"Choose runs of one (recup runs --by-configuration), or accept it with {accept}"
        )
    return tuple(f"{_spread(key, values)} references" for key, values in differing.items())


def deviating_facts(run: MeasuredRun, references: Sequence[MeasuredRun]) -> tuple[str, ...]:
    """The facts that the run has otherwise than every reference that states them, each in one line."""
    own = _by_key(run)
    found = []
    for key in sorted(own):
        others = [_by_key(reference)[key] for reference in references if key in _by_key(reference)]
        if others and all(values != own[key] for values in others):
            shared = others[0].intersection(*others[1:])
            everything = others[0].union(*others[1:])
            only = sorted(own[key] - everything)
            lacking = sorted(shared - own[key])
            found.append(
                f"{key}: {_listed(only, 'the run has')}{_between(only, lacking)}{_listed(lacking, 'the references have')}"
            )
    return tuple(found)


def not_captured(run: MeasuredRun, references: Sequence[MeasuredRun]) -> tuple[str, ...]:
    """What some of the runs state of their configuration and others do not, in one line at most."""
    stated = [set(_by_key(one)) for one in (run, *references)]
    everywhere = stated[0].intersection(*stated[1:])
    partly = sorted(stated[0].union(*stated[1:]) - everywhere)
    if not partly:
        return ()
    return (f"not captured of all runs, so nobody can tell whether they differ in it: {', '.join(partly)}",)


def _by_key(run: MeasuredRun) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for fact in run.facts:
        key, _, value = fact.partition("=")
        found[key].add(value)
    return {key: frozenset(values) for key, values in found.items()}


def _differing(references: Sequence[MeasuredRun]) -> dict[str, Counter[frozenset[str]]]:
    """How many references have which values, of each fact in which they differ."""
    found: dict[str, Counter[frozenset[str]]] = defaultdict(Counter)
    for reference in references:
        for key, values in _by_key(reference).items():
            found[key][values] += 1
    return {key: found[key] for key in sorted(found) if len(found[key]) > 1}


def _spread(key: str, values: Counter[frozenset[str]]) -> str:
    """`package: numpy==1.2 in 3, numpy==1.3 in 2`: of sets of values, what not all have."""
    shared = next(iter(values)).intersection(*values)
    parts = [
        f"{_some(sorted(one - shared)) or 'none of these'} in {count}" for one, count in values.most_common()
    ]
    more = f", other values in {sum(values.values()) - _first_counts(values)}" if len(parts) > _SHOWN else ""
    return f"{key}: {', '.join(parts[:_SHOWN])}{more}"


def _first_counts(values: Counter[frozenset[str]]) -> int:
    return sum(count for _, count in values.most_common(_SHOWN))


def _some(values: Sequence[str]) -> str:
    shown = [_short(value) for value in values[:_SHOWN]]
    more = f" and {len(values) - _SHOWN} more" if len(values) > _SHOWN else ""
    return ", ".join(shown) + more


def _short(value: str) -> str:
    if _HASH.fullmatch(value):
        return value[:_DIGITS]
    return value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…"


def _listed(values: Sequence[str], who: str) -> str:
    return f"{who} {_some(values)}" if values else ""


def _between(one: Sequence[str], two: Sequence[str]) -> str:
    return "; " if one and two else "" if one or two else "another combination of values that references have"


def _quoted(key: str) -> str:
    return f"'{key}'" if " " in key else key
