"""`meta.db`: what the metrics, load modules, files, functions and contexts are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from recup_kg.converters.hpctoolkit.v4.reader import Reader
from recup_kg.converters.hpctoolkit.v4.tree import Node, read_tree

COMBINE = {0: "sum", 1: "min", 2: "max"}
POINT, EXECUTION, TRANSITIVE = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Scope:
    """How values are propagated up the tree: `type` 0 custom, 1 point, 2 execution, 3 transitive along bit `index`."""

    name: str
    type: int
    index: int


@dataclass(frozen=True, slots=True)
class Instance:
    """A metric of the values of single profiles."""

    identifier: int
    scope: Scope


@dataclass(frozen=True, slots=True)
class Summary:
    """A metric of the values over profiles: `combine` of `formula` of each."""

    identifier: int
    scope: Scope
    formula: str
    combine: int


@dataclass(frozen=True, slots=True)
class MetricGroup:
    """A measured metric with all that is made of it."""

    name: str
    instances: tuple[Instance, ...]
    summaries: tuple[Summary, ...]


@dataclass(frozen=True, slots=True)
class Module:
    """A load module."""

    path: str
    flags: int


@dataclass(frozen=True, slots=True)
class File:
    """A source file."""

    path: str
    flags: int


@dataclass(frozen=True, slots=True)
class Function:
    """A function; `module` and `file` are places in their lists."""

    name: str | None
    module: int | None
    offset: int
    file: int | None
    line: int
    flags: int


@dataclass(frozen=True, slots=True)
class Meta:
    """All of `meta.db`. `nodes` are in the order of the tree, each after its parent."""

    minor: int
    title: str
    description: str
    kinds: tuple[str, ...]
    scopes: tuple[Scope, ...]
    metrics: tuple[MetricGroup, ...]
    modules: tuple[Module, ...]
    files: tuple[File, ...]
    functions: tuple[Function, ...]
    nodes: tuple[Node, ...]
    unreadable: tuple[int, ...]


def read_meta(path: Path) -> Meta:
    """The file. Raises `MalformedSource`."""
    reader = Reader(path, b"meta")
    place, _, (title, description) = reader.section(0, "QQ", "the section of general properties")
    scopes, metrics = _metrics(reader)
    modules, module_at = _paths(reader, 5, "load modules")
    files, file_at = _paths(reader, 6, "source files")
    functions, function_at = _functions(reader, module_at, file_at)
    return Meta(
        minor=reader.minor,
        title=reader.text(title, "the title", place),
        description=reader.text(description, "the description", place + 8),
        kinds=_kinds(reader),
        scopes=tuple(scopes.values()),
        metrics=metrics,
        modules=tuple(Module(*entry) for entry in modules),
        files=tuple(File(*entry) for entry in files),
        functions=functions,
        nodes=read_tree(reader, function_at, file_at, module_at),
        unreadable=tuple(sorted(reader.unreadable)),
    )


def _kinds(reader: Reader) -> tuple[str, ...]:
    place, _, (names, count) = reader.section(1, "QB", "the section of identifier names")
    entries = reader.table(names, count, 8, 8, "the list of identifier names", place)
    pointers = [(entry, reader.fields("Q", entry, "a name")[0]) for entry in entries]
    return tuple(reader.text(pointer, "an identifier name", entry) for entry, pointer in pointers)


def _metrics(reader: Reader) -> tuple[dict[int, Scope], tuple[MetricGroup, ...]]:
    place, _, header = reader.section(2, "QIBBBxQHB", "the section of metrics")
    first, count, size, size_instance, size_summary, first_scope, scope_count, size_scope = header
    scopes = {}
    for entry in reader.table(first_scope, scope_count, size_scope, 10, "the list of scopes", place + 0x10):
        name, kind, index = reader.fields("QBB", entry, "a scope")
        scopes[entry] = Scope(reader.text(name, "the name of a scope", entry), kind, index)
    groups = []
    for entry in reader.table(first, count, size, 0x1C, "the list of metrics", place):
        name, instances, summaries, instance_count, summary_count = reader.fields("QQQHH", entry, "a metric")
        groups.append(
            MetricGroup(
                reader.text(name, "the name of a metric", entry),
                tuple(
                    _instance(reader, each, scopes)
                    for each in reader.table(
                        instances, instance_count, size_instance, 10, "the scopes of a metric", entry + 8
                    )
                ),
                tuple(
                    _summary(reader, each, scopes)
                    for each in reader.table(
                        summaries, summary_count, size_summary, 20, "the statistics of a metric", entry + 16
                    )
                ),
            )
        )
    return scopes, tuple(groups)


def _instance(reader: Reader, entry: int, scopes: Mapping[int, Scope]) -> Instance:
    scope, identifier = reader.fields("QH", entry, "the scope of a metric")
    return Instance(identifier, _scope(reader, entry, scope, scopes))


def _summary(reader: Reader, entry: int, scopes: Mapping[int, Scope]) -> Summary:
    scope, formula, combine, identifier = reader.fields("QQBxH", entry, "a statistic of a metric")
    text = reader.text(formula, "the formula of a statistic", entry + 8)
    return Summary(identifier, _scope(reader, entry, scope, scopes), text, combine)


def _scope(reader: Reader, entry: int, pointer: int, scopes: Mapping[int, Scope]) -> Scope:
    try:
        return scopes[pointer]
    except KeyError:
        raise reader.bad(entry, f"no scope begins at byte {pointer}") from None


def _paths(reader: Reader, section: int, what: str) -> tuple[list[tuple[str, int]], dict[int, int]]:
    place, _, (first, count, size) = reader.section(section, "QIH", f"the section of {what}")
    entries = reader.table(first, count, size, 16, f"the list of {what}", place)
    found = []
    for entry in entries:
        flags, path = reader.fields("I4xQ", entry, f"an entry of the {what}")
        found.append((reader.text(path, "a path", entry + 8), flags))
    return found, {entry: index for index, entry in enumerate(entries)}


def _functions(
    reader: Reader, modules: Mapping[int, int], files: Mapping[int, int]
) -> tuple[tuple[Function, ...], dict[int, int]]:
    place, _, (first, count, size) = reader.section(7, "QIH", "the section of functions")
    entries = reader.table(first, count, size, 40, "the list of functions", place)
    found = []
    for entry in entries:
        name, module, offset, file, line, flags = reader.fields("QQQQII", entry, "a function")
        for pointer, known, what in ((module, modules, "load module"), (file, files, "source file")):
            if pointer and pointer not in known:
                raise reader.bad(entry, f"no {what} begins at byte {pointer}")
        found.append(
            Function(
                reader.text(name, "the name of a function", entry) if name else None,
                modules[module] if module else None,
                offset,
                files[file] if file else None,
                line,
                flags,
            )
        )
    return tuple(found), {entry: index for index, entry in enumerate(entries)}
