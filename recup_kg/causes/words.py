"""Facts and causes in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from recup_kg.comparisons import Value
from recup_kg.explanations import Fact

_VERSIONED = ("package", "module", "system", "program version")
_SHOWN = 4
_LONGEST = 60


def fact_text(fact: Fact) -> str:
    """A fact in words, such as `package numpy 1.26.4` or `counter POSIX_READS >= 4,096`."""
    if fact.kind == fact.name:
        said = f"{fact.kind} {value_text(fact.value)}"
    elif fact.kind == "argument":
        said = f"argument of {_cut(fact.name)} = {value_text(fact.value)}"
    elif fact.kind in _VERSIONED:
        said = f"{fact.kind} {fact.name} {value_text(fact.value)}"
    else:
        relation = fact.relation if fact.relation in (">=", "<") else "="
        said = f"{fact.kind} {_cut(fact.name)} {relation} {value_text(fact.value)}"
    said += f" {fact.unit}" if fact.unit else ""
    return f"without {said}" if fact.relation == "without" else said


def value_text(value: Value) -> str:
    """A value, large numbers with separators, long text cut."""
    if isinstance(value, bool) or value is None:
        return str(value).lower()
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.6g}"
    return _cut(value)


def several(texts: Sequence[str], shown: int = _SHOWN) -> str:
    """Some of the texts, and how many more there are."""
    more = len(texts) - shown
    return ", ".join(texts[:shown]) + (f" and {more} more" if more > 0 else "")


def count(number: int, noun: str) -> str:
    """A number of things."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def sentence(parts: Iterable[str]) -> str:
    """Parts that say something, one after the other."""
    return "; ".join(part for part in parts if part)


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
