"""Which runs metrics are of: what the graphs say of each as a whole, and its class of configuration."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from recup_kg.api.access import Access
from recup_kg.api.groups import EVERYTHING, resolve_group
from recup_kg.api.measured_rows import CONFIGURATIONS, rows
from recup_kg.compare.sources import read_source_gaps
from recup_kg.comparisons import SourceGap
from recup_kg.errors import UsageError
from recup_kg.store import Entry, Store

_WHOLE = """SELECT ?graph ?workflow ?makespan ?reported WHERE { VALUES ?graph { %s } GRAPH ?graph {
  ?run a recup:Execution .
  OPTIONAL { ?run recup:workflowName ?workflow }
  OPTIONAL { ?run recup:makespan ?makespan }
  OPTIONAL { ?run recup:reportedMakespan ?reported } } }"""


@dataclass(frozen=True, slots=True)
class WholeRun:
    """What is known of a run as a whole; times in seconds. `gaps` None: nothing tells what should have been captured."""

    entry: Entry
    workflow: str | None
    fingerprint: str | None
    facts: frozenset[str]
    makespan: float | None
    reported: float | None
    gaps: tuple[SourceGap, ...] | None

    @property
    def name(self) -> str:
        """Its name in the store."""
        return self.entry.name


@dataclass(frozen=True, slots=True)
class Class:
    """Runs of one workflow and configuration. `apart` are facts that not all classes of the workflow have."""

    workflow: str | None
    fingerprint: str | None
    runs: tuple[WholeRun, ...]
    apart: tuple[str, ...] = ()


def wanted_entries(access: Access, workflow: str | None, group: str | None) -> tuple[Entry, ...]:
    """The runs of a workflow, named in full or in part, of runs whose names have that part, or of a group; else all runs."""
    if group is not None:
        chosen = resolve_group(access, group)
        if workflow is None:
            return chosen
        graphs = {entry.graph for entry in _of_workflow(access, workflow)}
        found = tuple(entry for entry in chosen if entry.graph in graphs)
        if not found:
            raise UsageError(f"the group {group!r} has no run of {workflow!r}")
        return found
    return resolve_group(access, EVERYTHING) if workflow is None else _of_workflow(access, workflow)


def whole_runs(store: Store, entries: Sequence[Entry]) -> tuple[WholeRun, ...]:
    """What is known of the runs, in their order."""
    said = {str(row[0]): row[1:] for row in rows(store, _WHOLE, [entry.task_graph for entry in entries])}
    prints: dict[str, str] = {}
    facts: dict[str, set[str]] = defaultdict(set)
    for graph, fingerprint, fact in rows(store, CONFIGURATIONS, [entry.graph for entry in entries]):
        prints[str(graph)] = str(fingerprint)
        facts[str(graph)] |= set() if fact is None else {fact}
    found = []
    for entry in entries:
        workflow, makespan, reported = said.get(entry.task_graph, (None, None, None))
        gaps = None
        if entry.kind == "fusion":
            gaps = read_source_gaps(store, entry.graph, entry.name, in_reference=False)
        found.append(
            WholeRun(
                entry,
                workflow,
                prints.get(entry.graph),
                frozenset(facts[entry.graph]),
                None if makespan is None else float(makespan),
                None if reported is None else float(reported),
                gaps,
            )
        )
    return tuple(found)


def classes(found: Sequence[WholeRun], *, mixed: bool) -> tuple[Class, ...]:
    """The runs by workflow and configuration, the largest class of each workflow first; by workflow alone where `mixed`."""
    by_class: dict[tuple[str | None, str | None], list[WholeRun]] = {}
    for run in found:
        by_class.setdefault((run.workflow, None if mixed else run.fingerprint), []).append(run)
    common: dict[str | None, frozenset[str]] = {}
    for run in found:
        common[run.workflow] = common.get(run.workflow, run.facts) & run.facts
    ordered = sorted(by_class.items(), key=lambda item: (item[0][0] or "", -len(item[1])))
    return tuple(
        Class(
            workflow,
            fingerprint,
            tuple(members),
            tuple(sorted(frozenset().union(*(run.facts for run in members)) - common[workflow])),
        )
        for (workflow, fingerprint), members in ordered
    )


def incomplete(members: Sequence[WholeRun]) -> dict[str, tuple[str, ...]]:
    """The runs (by name) of which less arrived than of the others, with what did not.

    A source that is absent as a whole in half of the runs or more is a property of the capture and sets no run apart; sources
    that tell nothing of what tasks did set none apart either.
    """
    usual = _usually_absent(members)
    found: dict[str, tuple[str, ...]] = {}
    for run in members:
        lacking = [gap for gap in run.gaps or () if gap.touches and (gap.host or gap.source not in usual)]
        if lacking:
            found[run.name] = tuple(_told(gap) for gap in lacking)
    return found


def usually_absent(members: Sequence[WholeRun]) -> tuple[str, ...]:
    """The sources that no host of half of the runs or more delivered, with how many runs lack them."""
    counts = _usually_absent(members)
    return tuple(f"{source} (in {count} of {len(members)} runs)" for source, count in sorted(counts.items()))


def _usually_absent(members: Sequence[WholeRun]) -> dict[str, int]:
    counts = Counter(
        gap.source
        for run in members
        for gap in run.gaps or ()
        if gap.host is None and gap.state == "missing" and gap.touches
    )
    return {source: count for source, count in counts.items() if 2 * count >= len(members)}


def _told(gap: SourceGap) -> str:
    return gap.message.removeprefix(f"{gap.run}: ")


def _of_workflow(access: Access, workflow: str) -> tuple[Entry, ...]:
    if "=" in workflow or "{" in workflow:
        return resolve_group(access, workflow)
    store = access.reading()
    everyone = resolve_group(access, EVERYTHING)
    said = rows(store, _WHOLE, [entry.task_graph for entry in everyone])
    names = {str(row[0]): row[1] or "" for row in said}
    of_workflow = [names.get(entry.task_graph, "") for entry in everyone]
    for test in (_equal, _like):
        for candidates in (of_workflow, [entry.name for entry in everyone]):
            found = [test(name, workflow) for name in candidates]
            if any(found):
                return tuple(entry for entry, one in zip(everyone, found, strict=True) if one)
    known = sorted({name for name in of_workflow if name})
    shown = ", ".join(known[:5]) + (", ..." if len(known) > 5 else "")
    raise UsageError(f"no workflow and no run is called {workflow!r}; the store has {shown or 'none'}")


def _equal(name: str, wanted: str) -> bool:
    return name.casefold() == wanted.casefold()


def _like(name: str, wanted: str) -> bool:
    """Whether the pattern, or the part, is in the name, be letters large or small."""
    return fnmatchcase(name.casefold(), f"*{wanted.casefold()}*")


def everything_known(access: Access, workflow: str | None, group: str | None) -> tuple[WholeRun, ...]:
    """What is known of the wanted runs. Raises `UsageError` where there are none."""
    return whole_runs(access.reading(), wanted_entries(access, workflow, group))
