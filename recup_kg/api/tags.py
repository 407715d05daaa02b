"""Tags: names that a user gives to runs, to ask for them as a group."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from recup_kg.api.access import Access
from recup_kg.errors import UsageError
from recup_kg.rdf.tag import tag_graph
from recup_kg.store import Entry, Store
from recup_kg.vocab import prefixes_turtle

_TAG = re.compile(r"[^\s,=\x00-\x1f\x7f]+")
_TAGS = """SELECT ?graph ?run ?tag WHERE {
  GRAPH ?graph { ?graph recup:describes ?tagging . ?tagging a recup:Tagging ; recup:taggedRun ?run ; recup:tag ?tag }
} ORDER BY ?tag"""


def tags_of(store: Store) -> dict[str, tuple[str, ...]]:
    """The tags of each execution (IRI) that has some, sorted."""
    found: dict[str, list[str]] = {}
    for _, run, tag in _rows(store):
        found.setdefault(run, []).append(tag)
    return {run: tuple(tags) for run, tags in found.items()}


def add_tags(access: Access, runs: Sequence[Entry], tags: Sequence[str]) -> None:
    """Give tags to runs. Raises `UsageError` for what can't be a tag."""
    for tag in tags:
        _demand_tag(tag)
    store = access.writing()
    graphs = [tag_graph(run.described, run.name, tag) for run in runs for tag in tags]
    store.add([store.archive(graph.name, graph.lines) for graph in graphs])


def remove_tags(access: Access, runs: Sequence[Entry], tags: Sequence[str]) -> None:
    """Take tags from runs. Raises `UsageError` where one of the runs has not one of them; nothing is removed then."""
    known = {(run, tag): graph for graph, run, tag in _rows(access.reading())}
    for run in runs:
        for tag in tags:
            if (run.described, tag) not in known:
                had = ", ".join(name for execution, name in known if execution == run.described) or "none"
                raise UsageError(f"{run.name} has no tag {tag!r}; it has {had}")
    forget(access, (known[run.described, tag] for run in runs for tag in tags))


def tag_graphs(store: Store, executions: Iterable[str]) -> list[str]:
    """The graphs of the tags of executions (IRIs)."""
    wanted = set(executions)
    return [graph for graph, run, _ in _rows(store) if run in wanted]


def forget(access: Access, graphs: Iterable[str]) -> None:
    """Remove graphs of tags."""
    store = access.writing()
    for graph in dict.fromkeys(graphs):
        store.remove(graph, alone=True)


def _demand_tag(tag: str) -> None:
    if not _TAG.fullmatch(tag):
        raise UsageError(f"{tag!r} can't be a tag: it is one word without commas and =")


def _rows(store: Store) -> list[tuple[str, str, str]]:
    table = store.select(prefixes_turtle() + _TAGS)
    return [(str(graph), str(run), str(tag)) for graph, run, tag in table.values()]
