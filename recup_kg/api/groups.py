"""Groups of runs: what a user means by `workflow=NAME`, a list of names, a query, or `@all`."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from glob import escape
from pathlib import Path

from recup_kg.api import ask
from recup_kg.api.access import Access
from recup_kg.api.measured_rows import CONFIGURATIONS, NODES, posix, rows
from recup_kg.api.tags import tags_of
from recup_kg.errors import UsageError
from recup_kg.queries import parse, with_prefixes
from recup_kg.store import Entry, Store, registry
from recup_kg.store.resolve import resolve

EVERYTHING = "@all"
_QUERIES = (".rq", ".sparql")
_COLUMNS = ("run", "graph", "execution")
_SHORTEST_FINGERPRINT = 4
_NAMED = 8
_STATUS = """SELECT ?graph ?status WHERE { VALUES ?graph { %s } GRAPH ?graph {
  ?graph recup:describes ?run . ?run recup:status ?status } }"""
_SAYS = """SELECT ?graph ?label ?workflow ?system ?started ?written WHERE { VALUES ?graph { %s } GRAPH ?graph {
  ?graph recup:describes ?run . ?run rdfs:label ?label .
  OPTIONAL { ?run recup:workflowName ?workflow } OPTIONAL { ?run prov:wasAssociatedWith/schema:name ?system }
  OPTIONAL { ?run prov:startedAtTime ?started } OPTIONAL { ?run recup:startedAsWritten ?written } } }"""
_CONFIGURED = frozenset(("fingerprint", "system"))


@dataclass(frozen=True, slots=True)
class _Said:
    """What a run says of itself; None is not captured."""

    label: str | None
    workflow: str | None
    system: str | None
    started: float | None


@dataclass(frozen=True, slots=True)
class _Known:
    """What conditions look at of one run; None and empty are not captured."""

    entry: Entry
    workflow: tuple[str, ...]
    fingerprint: str | None
    tags: tuple[str, ...]
    machines: tuple[str, ...]
    system: tuple[str, ...]
    status: str | None
    started: float | None


def resolve_group(
    access: Access, expression: str, *, run: Entry | None = None, last: int | None = None
) -> tuple[Entry, ...]:
    """The runs of a group, in the order of ingestion, without `run` and without other layouts of its execution.

    The expression is `@all`, names of runs, conditions (`workflow=`, `fingerprint=`, `tag=`, `machine=`, `system=`, `status=`,
    `since=`, `until=`) that all hold, SPARQL that returns `?run`, `?graph` or `?execution`, or a file of it. `last` keeps the
    newest by start time that started before `run`; where times were not captured, the order of ingestion counts. Raises
    `UsageError` for an expression that makes no sense or means no run.
    """
    store = access.reading()
    everyone = registry.runs(store.registry())
    found = _chosen(store, expression.strip(), everyone)
    found = _once([entry for entry in found if run is None or not _same_execution(entry, run)])
    if last is not None:
        found = _newest(store, found, run, last)
    if not found:
        other = f" besides {run.name}" if run is not None else ""
        raise UsageError(f"the group {expression!r} has no runs{other}: recup runs lists what there is")
    return tuple(found)


def _chosen(store: Store, expression: str, everyone: Sequence[Entry]) -> list[Entry]:
    if not expression:
        raise UsageError(f"an empty group: name runs, give conditions ({_KEYS}) or {EVERYTHING}")
    if expression == EVERYTHING:
        return list(everyone)
    if expression.endswith(_QUERIES) or "{" in expression:
        return _of_query(store, expression, everyone)
    words = _words(expression)
    conditions = [word for word in words if "=" in word]
    if not conditions:
        known = store.registry()
        chosen = {resolve(word, known, registry.EXECUTIONS).graph for word in words}
        return [entry for entry in everyone if entry.graph in chosen]
    if len(conditions) < len(words):
        name = next(word for word in words if "=" not in word)
        raise UsageError(
            f"{expression!r}: {name} is no condition; a group is names of runs, or conditions such as {_KEYS}"
        )
    everything = _known(store, everyone, {word.partition("=")[0] for word in words})
    tests = [_condition(_whole_name(word, everything)) for word in conditions]
    return [known.entry for known in everything if all(test(known) for test in tests)]


def _whole_name(word: str, everything: Sequence[_Known]) -> str:
    """A condition on a workflow with its whole name where a part of it was given that is part of no other.

    Raises `UsageError` where no workflow has it, or several have.
    """
    key, _, value = word.partition("=")
    names = sorted({name for known in everything for name in known.workflow})
    if key != "workflow" or not value or any(fnmatchcase(name, value) for name in names):
        return word
    workflows = sorted({known.workflow[0] for known in everything if known.workflow})
    found = [name for name in workflows if value.casefold() in name.casefold()]
    if len(found) == 1:
        return f"{key}={escape(found[0])}"
    if found:
        raise UsageError(f"workflow={value} is part of several names: {', '.join(found)}")
    there = ", ".join(workflows[:_NAMED]) + (", ..." if len(workflows) > _NAMED else "")
    raise UsageError(f"no workflow is called {value}; there are: {there or 'none'}")


def _words(expression: str) -> list[str]:
    """The words between spaces and commas; quotes keep them together."""
    lexer = shlex.shlex(expression, posix=True, punctuation_chars=False)
    lexer.whitespace += ","
    lexer.whitespace_split = True
    lexer.commenters = lexer.escape = ""
    try:
        return list(lexer)
    except ValueError:
        raise UsageError(f"the group {expression!r} has a quote without its end") from None


def _condition(word: str) -> Callable[[_Known], bool]:
    key, _, value = word.partition("=")
    if key not in _CONDITIONS:
        near = get_close_matches(key, _CONDITIONS, n=1)
        hint = f"did you mean {near[0]}=?" if near else f"there are {_KEYS}"
        raise UsageError(f"a group has no condition {key}=; {hint}")
    if not value:
        raise UsageError(f"the condition {key}= needs a value")
    return _CONDITIONS[key](value)


def _like(values: Callable[[_Known], Sequence[str]]) -> Callable[[str], Callable[[_Known], bool]]:
    """A condition on texts: `*` and `?` stand for any characters."""

    def condition(pattern: str) -> Callable[[_Known], bool]:
        return lambda known: any(fnmatchcase(value, pattern) for value in values(known))

    return condition


def _fingerprint(value: str) -> Callable[[_Known], bool]:
    if len(value) < _SHORTEST_FINGERPRINT:
        raise UsageError(f"fingerprint={value} is too short: give {_SHORTEST_FINGERPRINT} digits or more")
    return lambda known: (known.fingerprint or "").startswith(value)


def _since(value: str) -> Callable[[_Known], bool]:
    time = _time("since", value)
    return lambda known: known.started is not None and known.started >= time


def _until(value: str) -> Callable[[_Known], bool]:
    time = _time("until", value)
    return lambda known: known.started is not None and known.started <= time


def _time(key: str, value: str) -> float:
    time = posix(value)
    if time is None:
        raise UsageError(f"{key}={value} is no time: write it as 2026-11-23 or 2026-11-23T14:00:00Z")
    return time


_CONDITIONS: Mapping[str, Callable[[str], Callable[[_Known], bool]]] = {
    "workflow": _like(lambda known: known.workflow),
    "fingerprint": _fingerprint,
    "tag": _like(lambda known: known.tags),
    "machine": _like(lambda known: known.machines),
    "system": _like(lambda known: known.system),
    "status": _like(lambda known: () if known.status is None else (known.status,)),
    "since": _since,
    "until": _until,
}
_KEYS = ", ".join(f"{key}=" for key in _CONDITIONS)


def _known(store: Store, entries: Sequence[Entry], asked: Set[str]) -> list[_Known]:
    """What conditions look at, of each run: only what is asked for is read."""
    graphs = [entry.task_graph for entry in entries]
    said = _said(store, entries)
    machines: dict[str, set[str]] = {}
    for graph, _, name in rows(store, NODES, graphs) if "machine" in asked else ():
        # A machine is known by its full and by its short name.
        machines.setdefault(str(graph), set()).update((str(name), str(name).split(".", 1)[0]))
    stated = rows(store, _STATUS, graphs) if "status" in asked else ()
    statuses = {str(graph): status for graph, status in stated}
    prints: dict[str, str | None] = {}
    facts: dict[str, list[str]] = {entry.graph: [] for entry in entries}
    for graph, fingerprint, fact in rows(store, CONFIGURATIONS, list(facts)) if asked & _CONFIGURED else ():
        prints[str(graph)] = fingerprint
        facts[str(graph)].append(str(fact))
    tags = tags_of(store) if "tag" in asked else {}
    return [
        _Known(
            entry,
            tuple(name for name in (run.workflow, run.label) if name is not None),
            prints.get(entry.graph),
            tags.get(entry.described, ()),
            tuple(machines.get(entry.task_graph, ())),
            _systems(run.system, facts[entry.graph]),
            statuses.get(entry.task_graph),
            run.started,
        )
        for entry, run in zip(entries, said, strict=True)
    ]


def _said(store: Store, entries: Sequence[Entry]) -> list[_Said]:
    """What each run says of itself."""
    found = {str(row[0]): row[1:] for row in rows(store, _SAYS, [entry.task_graph for entry in entries])}
    nothing: tuple[None, ...] = (None,) * 5
    return [
        _Said(label, workflow, system, posix(started or written or ""))
        for label, workflow, system, started, written in (
            found.get(entry.task_graph, nothing) for entry in entries
        )
    ]


def _systems(stated: str | None, facts: Sequence[str]) -> tuple[str, ...]:
    """The workflow system with and without its version."""
    prefix = "system="
    with_version = (fact.removeprefix(prefix) for fact in facts if fact.startswith(prefix))
    return tuple(dict.fromkeys(((stated,) if stated else ()) + tuple(with_version)))


def _of_query(store: Store, expression: str, everyone: Sequence[Entry]) -> list[Entry]:
    """The runs that SPARQL, or a file of it, returns."""
    path = Path(expression)
    try:
        text = path.read_text(encoding="utf-8") if expression.endswith(_QUERIES) else expression
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{expression}: {getattr(error, 'strerror', None) or 'not UTF-8'}") from error
    table = store.select(ask.bound(store, parse(with_prefixes(text), path.stem), {}))
    columns = [name for name in table.columns if name in _COLUMNS]
    if not columns:
        named = ", ".join(f"?{name}" for name in table.columns)
        raise UsageError(f"the query of a group returns ?run, ?graph or ?execution; this one returns {named}")
    meant = {str(value) for name in columns for value in table.column(name) if value is not None}
    return [entry for entry in everyone if meant & {*entry.graphs, entry.described, entry.name}]


def _same_execution(one: Entry, two: Entry) -> bool:
    """Whether two entries tell of one execution, be it in other layouts."""
    return one.described == two.described or one.task_graph == two.task_graph


def _once(entries: Sequence[Entry]) -> list[Entry]:
    """The first entry of each execution."""
    found: dict[str, Entry] = {}
    for entry in entries:
        found.setdefault(entry.described, entry)
    return list(found.values())


def _newest(store: Store, entries: Sequence[Entry], run: Entry | None, last: int) -> list[Entry]:
    """The newest before the run, as many as are wanted, in the order of ingestion."""
    if last < 1:
        raise UsageError(f"the last {last} runs are none: give 1 or more")
    everyone = [*entries, *([run] if run is not None else [])]
    times = {entry.graph: said.started for entry, said in zip(everyone, _said(store, everyone), strict=True)}
    own = None if run is None else times[run.graph]
    before = [
        entry
        for entry in entries
        if own is None or (times[entry.graph] or own) < own or times[entry.graph] is None
    ]
    if any(times[entry.graph] is None for entry in before):
        ordered = sorted(before, key=lambda entry: entry.position)
    else:
        ordered = sorted(before, key=lambda entry: (times[entry.graph] or 0.0, entry.position))
    kept = {entry.graph for entry in ordered[-last:]}
    return [entry for entry in before if entry.graph in kept]
