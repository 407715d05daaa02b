"""The context tree of `meta.db`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from recup_kg.converters.hpctoolkit.v4.reader import Reader

HAS_FUNCTION, HAS_SOURCE, HAS_POINT = 1, 2, 4
ENTRY = -1
"""The lexical type that entry points have here: the format gives them none."""
_FIXED = 0x20
_WORDS = {HAS_FUNCTION: 1, HAS_SOURCE: 2, HAS_POINT: 2}


@dataclass(frozen=True, slots=True)
class Node:
    """A context or entry point as the file has it; `function`, `file` and `module` are places in their lists."""

    identifier: int
    parent: int | None
    lexical_type: int
    relation: int = 0
    propagation: int = 0
    flags: int = 0
    function: int | None = None
    file: int | None = None
    line: int | None = None
    module: int | None = None
    offset: int | None = None
    entry_point: int | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """At which bytes functions, source files and load modules begin, with their places in the lists."""

    functions: Mapping[int, int]
    files: Mapping[int, int]
    modules: Mapping[int, int]


def read_tree(
    reader: Reader, functions: Mapping[int, int], files: Mapping[int, int], modules: Mapping[int, int]
) -> tuple[Node, ...]:
    """All contexts, each after its parent and before the next of its siblings. Raises `MalformedSource`.

    A tree that leads back into itself has an identifier twice, and ends there.
    """
    places = Places(functions, files, modules)
    found: list[Node] = []
    seen: set[int] = set()
    pending = [_entries(reader)]
    while pending:
        step = next(pending[-1], None)
        if step is None:
            pending.pop()
            continue
        at, node, offset, size = step
        if node.identifier in seen:
            raise reader.bad(at, f"context {node.identifier} is in the tree twice")
        seen.add(node.identifier)
        found.append(node)
        if size:
            reader.inside(offset, size, f"the children of context {node.identifier}", at)
            pending.append(_children(reader, places, node.identifier, offset, offset + size))
    return tuple(found)


_Step = tuple[int, Node, int, int]
"""Where the node is, the node, and the bytes of its children."""


def _entries(reader: Reader) -> Iterator[_Step]:
    place, _, (first, count, stride) = reader.section(3, "QHB", "the section of the context tree")
    for at in reader.table(first, count, stride, 32, "the list of entry points", place):
        size, children, identifier, kind, name = reader.fields("QQIH2xQ", at, "an entry point")
        text = reader.text(name, "the name of an entry point", at + 0x18)
        yield at, Node(identifier, None, ENTRY, entry_point=kind, name=text), children, size


def _children(reader: Reader, places: Places, parent: int, at: int, end: int) -> Iterator[_Step]:
    while at < end:
        if at + _FIXED > end:
            raise reader.bad(at, f"the children of context {parent} end within one")
        size, children, identifier, flags, relation, kind, words, propagation = reader.fields(
            "QQIBBBBH", at, "a context"
        )
        if at + _FIXED + 8 * words > end:
            raise reader.bad(at, f"context {identifier} is longer than the list that it is in")
        function, file, line, module, offset = _flexible(reader, places, at, flags, words)
        node = Node(
            identifier, parent, kind, relation, propagation, flags, function, file, line, module, offset
        )
        yield at, node, children, size
        at += _FIXED + 8 * words


def _flexible(
    reader: Reader, places: Places, at: int, flags: int, words: int
) -> tuple[int | None, int | None, int | None, int | None, int | None]:
    needed = sum(count for flag, count in _WORDS.items() if flags & flag)
    if needed > words:
        raise reader.bad(at + 0x17, f"a context with {words} words where its flags need {needed}")
    if not needed:
        return None, None, None, None, None
    region = reader.fields(f"{needed}Q", at + _FIXED, "the data of a context")
    word = iter(region)
    function = file = line = module = offset = None
    if flags & HAS_FUNCTION:
        function = _known(reader, at, next(word), places.functions, "function")
    if flags & HAS_SOURCE:
        file = _known(reader, at, next(word), places.files, "source file")
        line = next(word) & 0xFFFFFFFF
    if flags & HAS_POINT:
        module = _known(reader, at, next(word), places.modules, "load module")
        offset = next(word)
    return function, file, line, module, offset


def _known(reader: Reader, at: int, pointer: int, places: Mapping[int, int], what: str) -> int:
    try:
        return places[pointer]
    except KeyError:
        raise reader.bad(at, f"no {what} begins at byte {pointer}") from None
