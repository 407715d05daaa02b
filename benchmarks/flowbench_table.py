"""The scoreboard as a table of 80 columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

_LEVELS = (
    ("task", "tasks"),
    ("task_compute", "tasks that compute"),
    ("task_machine_labels", "tasks, labels of machines"),
    ("node", "machines"),
    ("run", "runs"),
)
_NUMBERS = ("auc", "ap", "hit1", "hit5")
_BASELINES = (("z_runtime", "z of run time"), ("isolation_forest", "isolation forest"))


def table(found: Mapping[str, object]) -> str:
    """The numbers for people."""
    return "\n".join(_lines(found))


def _lines(found: Mapping[str, object]) -> Iterator[str]:
    runs = ", ".join(f"{count} {name}" for name, count in _part(found, "runs").items())
    yield f"{found['workflow']}: {found['references']} references, medians of {found['seeds']} draws"
    yield f"runs: {runs}"
    for key, title in _LEVELS:
        yield ""
        yield f"{title:<34}{'AUC':>8}{'AP':>8}{'hit@1':>8}{'hit@5':>8}"
        own = _part(found, key)
        yield f"{'RECUP-KG':<34}" + _row(own)
        for label, numbers in _part(own, "by_class").items():
            yield f"  {label:<32}" + _row(numbers)
        for scorer, name in _BASELINES:
            yield f"{name:<34}" + _row(_part(_part(_part(found, "baselines"), scorer), key))
    alarm = _part(found, "alarm")
    if alarm:
        yield ""
        yield f"{'alarms':<34}{'share':>8}"
        yield f"{'normal runs':<34}{_number(alarm.get('false_alarms')):>8}"
        yield f"{'labelled runs':<34}{_number(alarm.get('detected')):>8}"
        for label, numbers in _part(alarm, "by_class").items():
            yield f"  {label:<32}{_number(_part(numbers).get('detected')):>8}"
    yield ""
    yield f"{found['seconds']} s"


def _row(numbers: object) -> str:
    return "".join(f"{_number(_part(numbers).get(name)):>8}" for name in _NUMBERS)


def _part(found: object, key: str | None = None) -> Mapping[str, object]:
    if key is not None:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _number(value: object) -> str:
    return f"{value:.3f}".removeprefix("0") if isinstance(value, float) else "-"
