"""Text that `hpcproftt` prints of the profiles which `hpcrun` wrote: one thread each, before hpcprof put them together.

The layout is that of the functions `*_fprint` of HPCToolkit (https://gitlab.com/hpctoolkit/hpctoolkit, `hpcrun-fmt.c`).
Contexts are instructions, each with what was measured at it; values of threads are summed here, for the file has no sums.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from math import isfinite
from pathlib import Path

from recup_kg.converters.hpctoolkit.metrics import summed, summed_metric, unique, unit_of
from recup_kg.converters.hpctoolkit.model import (
    NODE,
    RANK,
    THREAD,
    Context,
    Identification,
    Measurement,
    Metric,
    Profile,
    Values,
    no_values,
    whole_gap,
)
from recup_kg.converters.hpctoolkit.times import nanoseconds
from recup_kg.converters.sources import head, read_bytes
from recup_kg.errors import MalformedSource

_MAGIC = "HPCRUN-profile____"
_START = re.compile(rb"(?m)^HPCRUN-profile____\r?\n\[hdr:\r?$")
_PAIR = re.compile(r"\[nv-pair: '(.*?)', '(.*)'\]")
_VERSION = re.compile(r"\(version: (.*)\)")
_METRIC = re.compile(r"\[(?:\(id: (\d+)\) )?\(nm: (.*?)\) \(desc: (.*?)\) \(\(ty: .*? \(val-fmt: (\d+)\)")
_MODULE = re.compile(r"\[\(id: (\d+)\) \(nm: (.*)\) \(flg: 0x[0-9a-f]+\)\]")
_NODE = re.compile(
    r"\[node: \(id: (-?\d+)\) \(id-parent: (-?\d+)\) .*?\(lm-id: (\d+)\) \((?:lm-)?ip: 0x([0-9a-fA-F]+)\)"
)
_DENSE = re.compile(r"\(metrics:(.*)\)")
_VALUE = re.compile(r"\(value: (\S+), metric id: (\d+)\)")
_INDEX = re.compile(r"\(cct node id: (\d+|END), index: (\d+)\)")
_GREP = re.compile(r"\(cct node id: (\d+)\) (.*)")
_GREP_VALUE = re.compile(r"\(metric (\d+): ?(\S+?)\)")
_IDENTIFIER = re.compile(r"\((\w+): (\d+)(?:, (\d+))?\)")
_ADVICE = "run hpcproftt again"
_COUNTS = {"metric-tbl": "metrics", "loadmap": "modules", "cct": "nodes"}
_EXPECTED = re.compile(r"\[(metric-tbl|loadmap|cct): \(num-(?:entries|nodes): (\d+)\)")
_LARGEST = 2**31


@dataclass(slots=True)
class _Thread:
    """What one profile of the dump says; values by node."""

    line: int
    version: str = ""
    pairs: dict[str, str] = field(default_factory=dict)
    metrics: dict[int, tuple[str, str]] = field(default_factory=dict)
    modules: dict[int, str] = field(default_factory=dict)
    nodes: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    values: dict[int, dict[int, float]] = field(default_factory=dict)
    sparse: list[tuple[int, float]] = field(default_factory=list)
    index: list[tuple[int | None, int]] = field(default_factory=list)
    tuple_: tuple[Identification, ...] = ()
    expected: dict[str, tuple[int, int]] = field(default_factory=dict)
    complete: bool = False


def is_dump(path: Path) -> bool:
    """Whether the file is a dump of `hpcproftt`, by its beginning."""
    return _START.search(head(path, 8192)) is not None


def read_dump(path: Path) -> tuple[str, Measurement]:
    """The version of the profiles, and what they say. Raises `MalformedSource`."""
    threads = _Reader(path).run()
    for thread in threads:
        _check(path, thread)
    metrics, numbers = _metrics(threads)
    contexts: list[Context] = []
    values = no_values()
    profiles = []
    base = 0
    for place, thread in enumerate(threads, start=1):
        contexts += _contexts(path, thread, base)
        _add_values(values, thread, place, base, numbers)
        profiles.append(_profile(place, thread))
        base += max((abs(node) for node in thread.nodes), default=0)
    first = threads[0].pairs
    together = unique(replace(summed_metric(metric), primary=True) for metric in metrics)
    return threads[0].version, Measurement(
        title=first.get("program-name", ""),
        description=None,
        metrics=metrics,
        summary_metrics=together,
        procedures={},
        contexts=tuple(contexts),
        profiles=tuple(profiles),
        summary=summed(values),
        values=values,
        root=0,
        executable=_same(threads, "program-path") or _same(threads, "program-name"),
        job=_same(threads, "job-id"),
        gaps=tuple(
            whole_gap(
                "UnmappedField",
                f"{path.name}, line {thread.line}",
                "the environment's PATH is not taken over",
            )
            for thread in threads[:1]
            if "env-path" in thread.pairs
        ),
    )


class _Reader:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.number = 0
        self.threads: list[_Thread] = []
        self.node = 0

    def run(self) -> list[_Thread]:
        text = read_bytes(self.path).decode(errors="backslashreplace")
        for number, line in enumerate(text.split("\n"), start=1):
            self.number = number
            if line.rstrip("\r") == _MAGIC:
                self.threads.append(_Thread(number))
            elif self.threads:
                self._line(self.threads[-1], line.strip())
        if not self.threads:
            raise MalformedSource(self.path, "no profile of hpcrun in it", advice=_ADVICE)
        return self.threads

    def bad(self, problem: str) -> MalformedSource:
        return MalformedSource(self.path, problem, where=f"line {self.number}", advice=_ADVICE)

    def _line(self, thread: _Thread, line: str) -> None:
        if match := _NODE.match(line):
            self._node(thread, *match.groups())
        elif match := _DENSE.fullmatch(line):
            self._dense(thread, match[1].split())
        elif match := _VALUE.fullmatch(line):
            thread.sparse.append((int(match[2]), self._value(match[1])))
        elif match := _INDEX.fullmatch(line):
            thread.index.append((None if match[1] == "END" else int(match[1]), int(match[2])))
        elif match := _GREP.fullmatch(line):
            found = thread.values.setdefault(int(match[1]), {})
            found.update({int(metric): self._value(value) for metric, value in _GREP_VALUE.findall(match[2])})
        elif match := _PAIR.fullmatch(line):
            thread.pairs.setdefault(match[1], match[2])
        elif match := _METRIC.match(line):
            key = len(thread.metrics) if match[1] is None else int(match[1])
            thread.metrics[key] = (match[2], match[3])
        elif match := _MODULE.fullmatch(line):
            thread.modules[int(match[1])] = match[2]
        elif match := _EXPECTED.match(line):
            thread.expected[match[1]] = (int(match[2]), self.number)
        else:
            self._other(thread, line)

    def _other(self, thread: _Thread, line: str) -> None:
        if (match := _VERSION.fullmatch(line)) and not thread.version:
            thread.version = match[1]
        elif line.startswith("id tuple:"):
            thread.tuple_ = tuple(_identification(*found) for found in _IDENTIFIER.findall(line))
        elif line.startswith("[You look fine today!"):
            thread.complete = True

    def _node(self, thread: _Thread, node: str, parent: str, module: str, address: str) -> None:
        self.node = int(node)
        if not 0 < abs(self.node) < _LARGEST:
            raise self.bad(f"{node} is no number of a node")
        if any(known in thread.nodes for known in (self.node, -self.node)):
            raise self.bad(f"node {node} is there twice")
        thread.nodes[self.node] = (int(parent), int(module), int(address[-16:], 16))

    def _dense(self, thread: _Thread, words: list[str]) -> None:
        if self.node == 0 or len(words) != len(thread.metrics):
            raise self.bad(f"{len(words)} values where {len(thread.metrics)} metrics are described")
        values = {metric: self._value(word) for metric, word in enumerate(words)}
        thread.values[abs(self.node)] = values

    def _value(self, word: str) -> float:
        try:
            value = float(word) if "_" not in word else None
        except ValueError:
            value = None
        if value is None or not isfinite(value):
            raise self.bad(f"{word[:40]!r} is no number")
        return value


def _identification(kind: str, first: str, second: str) -> Identification:
    """Kinds with a physical identifier print it first."""
    return Identification(kind, int(second), int(first)) if second else Identification(kind, int(first))


def _check(path: Path, thread: _Thread) -> None:
    counted = {"metric-tbl": len(thread.metrics), "loadmap": len(thread.modules), "cct": len(thread.nodes)}
    for section, (count, line) in thread.expected.items():
        if counted[section] != count:
            raise MalformedSource(
                path,
                f"{counted[section]} {_COUNTS[section]} where it says that there are {count}",
                where=f"line {line}",
                advice=_ADVICE,
            )
    _resolve(path, thread)
    nodes = {abs(node) for node in thread.nodes}
    for node, values in thread.values.items():
        strange = sorted(set(values) - set(thread.metrics))
        if strange or node not in nodes:
            what = f"metric {strange[0]}" if strange else f"node {node}"
            raise MalformedSource(
                path,
                f"a value of {what}, which is not described",
                where=f"line {thread.line}",
                advice=_ADVICE,
            )


def _resolve(path: Path, thread: _Thread) -> None:
    """Sparse values belong to the nodes between whose places in the index they stand."""
    ends = [*(start for _, start in thread.index[1:]), len(thread.sparse)]
    for (node, start), end in zip(thread.index, ends, strict=False):
        if start > end or end > len(thread.sparse):
            raise MalformedSource(
                path, "the index of nodes is not in order", where=f"line {thread.line}", advice=_ADVICE
            )
        if node is not None and thread.sparse:
            thread.values.setdefault(node, {}).update(thread.sparse[start:end])


def _metrics(threads: list[_Thread]) -> tuple[tuple[Metric, ...], dict[tuple[str, str], int]]:
    numbers: dict[tuple[str, str], int] = {}
    for thread in threads:
        for named in thread.metrics.values():
            numbers.setdefault(named, len(numbers))
    return unique(_metric(number, *named) for named, number in numbers.items()), numbers


def _metric(number: int, name: str, about: str) -> Metric:
    text = f"{name}{'' if about in ('', name) else f' ({about})'}, as measured at the instruction, of one thread."
    return Metric(number, name, name, text, "point", unit=unit_of(name))


def _contexts(path: Path, thread: _Thread, base: int) -> Iterator[Context]:
    below: dict[int, list[int]] = {}
    known = {abs(node) for node in thread.nodes}
    for node, (parent, _, _) in thread.nodes.items():
        if parent and abs(parent) not in known:
            raise MalformedSource(
                path,
                f"node {node} is below {parent}, which is not there",
                where=f"line {thread.line}",
                advice=_ADVICE,
            )
        below.setdefault(abs(parent), []).append(node)
    pending = list(reversed(below.get(0, ())))
    count = 0
    while pending:
        node = pending.pop()
        parent, module, address = thread.nodes[node]
        count += 1
        yield _context(thread, abs(node) + base, abs(parent) + base if parent else None, module, address)
        pending += reversed(below.get(abs(node), ()))
    if count != len(thread.nodes):
        raise MalformedSource(
            path,
            f"{len(thread.nodes) - count} nodes are below themselves",
            where=f"line {thread.line}",
            advice=_ADVICE,
        )


def _context(thread: _Thread, number: int, parent: int | None, module: int, address: int) -> Context:
    name = thread.modules.get(module)
    label = f"{posixpath.basename(name or '') or 'unknown'}@0x{address:x}"
    relation = None if parent is None else "call"
    return Context(number, parent, "instruction", label, relation, load_module=name, offset=address)


def _add_values(
    values: Values, thread: _Thread, place: int, base: int, numbers: dict[tuple[str, str], int]
) -> None:
    for node, found in sorted(thread.values.items()):
        for metric, value in sorted(found.items()):
            values.contexts.append(node + base)
            values.profiles.append(place)
            values.metrics.append(numbers[thread.metrics[metric]])
            values.values.append(value)


def _profile(place: int, thread: _Thread) -> Profile:
    said = thread.pairs
    parts = thread.tuple_ or tuple(
        Identification(kind, None if physical else number, number if physical else None)
        for kind, key, physical in (
            (NODE, "host-id", True),
            (RANK, "mpi-rank", False),
            (THREAD, "thread-id", False),
        )
        if (number := _integer(said.get(key))) is not None
    )
    return Profile(
        place,
        parts,
        process_id=_integer(said.get("process-id")),
        started=nanoseconds(_integer(said.get("trace-min-time"))),
        ended=nanoseconds(_integer(said.get("trace-max-time"))),
    )


def _integer(text: str | None) -> int | None:
    """The number, decimal or hexadecimal; None where there is none (hpcrun writes an empty text)."""
    match = re.fullmatch(r"(0x[0-9a-fA-F]{1,16})|(\d{1,20})", (text or "").strip(), re.ASCII)
    return None if match is None else int(match[0], 16 if match[1] else 10)


def _same(threads: list[_Thread], key: str) -> str | None:
    """What all profiles say, None where they differ or say nothing."""
    found = {thread.pairs.get(key) or None for thread in threads}
    return found.pop() if len(found) == 1 else None
