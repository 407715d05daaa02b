"""Which sources of a run were expected, and what arrived."""

from __future__ import annotations

from recup_kg.api.runs import runs
from recup_kg.api.values import RunCoverage, SourceState
from recup_kg.queries import bind, load
from recup_kg.store import Entry, Store


def coverage(store: Store, entry: Entry) -> RunCoverage:
    """The states of the sources of a run. Where one source alone tells of it, nothing says what else there must be."""
    rows = list(store.select(bind(load("source-coverage"), {"run": entry.graphs})).dicts())
    if not rows:
        found = runs(store, [entry])[0]
        alone = "no other source tells of this run"
        return RunCoverage(
            entry.name,
            tuple(SourceState(None, source.format, None, 1, "unknown", alone) for source in found.sources),
        )
    return RunCoverage(
        entry.name,
        tuple(
            SourceState(
                host=None if row["host"] is None else str(row["host"]),
                source=str(row["source"]),
                expected=None if row["expected"] is None else int(row["expected"]),
                observed=int(row["observed"] or 0),
                state=str(row["state"]),
                why=str(row["why"] or ""),
            )
            for row in rows
        ),
    )
