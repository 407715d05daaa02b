"""Writes databases of HPCToolkit (v4) from plain descriptions, with sizes and versions that a later writer might use."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Ctx:
    """A context. `function`, `file` and `module` are places in their lists."""

    identifier: int
    kind: int = 0
    relation: int = 1
    propagation: int = 0
    function: int | None = None
    source: tuple[int, int] | None = None
    point: tuple[int, int] | None = None
    children: tuple[Ctx, ...] = ()


@dataclass(frozen=True)
class Prof:
    """A profile: identifiers (kind, flags, logical, physical), and values by context and metric."""

    values: dict[int, dict[int, float]]
    identifiers: tuple[tuple[int, int, int, int], ...] | None = None
    summary: bool = False


@dataclass
class Database:
    """What a database says; `growth` bytes are put behind each expandable structure, as a later version would."""

    title: str = "made"
    description: str = "for a test"
    kinds: tuple[str, ...] = ("SUMMARY", "NODE", "RANK", "THREAD")
    scopes: tuple[tuple[str, int, int], ...] = (("point", 1, 255), ("function", 3, 0), ("execution", 2, 255))
    metrics: tuple[tuple[str, tuple[tuple[int, int], ...], tuple[tuple[int, str, int, int], ...]], ...] = ()
    modules: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    functions: tuple[tuple[str | None, int | None, int, int | None, int], ...] = ()
    entries: tuple[tuple[int, int, str, tuple[Ctx, ...]], ...] = ()
    profiles: tuple[Prof, ...] = ()
    traces: tuple[tuple[int, tuple[tuple[int, int], ...]], ...] | None = None
    growth: int = 0
    minor: int = 0
    patches: dict[str, list[tuple[int, bytes]]] = field(default_factory=dict)

    def write(self, folder: Path) -> Path:
        """The files, in the folder; gives `meta.db`."""
        parts = {"meta.db": _meta(self), "profile.db": _profile(self), "cct.db": _cct(self)}
        if self.traces is not None:
            parts["trace.db"] = _trace(self)
        for name, data in parts.items():
            for offset, patch in self.patches.get(name, ()):
                data[offset : offset + len(patch)] = patch
            (folder / name).write_bytes(data)
        return folder / "meta.db"


class _File:
    def __init__(self, kind: bytes, minor: int, sections: int) -> None:
        self.data = bytearray(b"HPCTOOLKIT" + kind + bytes((4, minor)) + bytes(16 * sections))
        self.texts: dict[str, int] = {}

    def align(self, width: int = 8) -> int:
        self.data += bytes(-len(self.data) % width)
        return len(self.data)

    def add(self, data: bytes, width: int = 8) -> int:
        at = self.align(width)
        self.data += data
        return at

    def text(self, text: str) -> int:
        if text not in self.texts:
            self.texts[text] = self.add(text.encode() + b"\0", 1)
        return self.texts[text]

    def section(self, number: int, at: int, size: int) -> None:
        struct.pack_into("<QQ", self.data, 16 + 16 * number, size, at)

    def begin(self, size: int) -> int:
        """Room for the header of a section, which comes first; strings are those of the section itself."""
        self.texts = {}
        return self.add(bytes(size))

    def end(self, number: int, at: int, header: bytes) -> None:
        """The section is what was added since its beginning."""
        self.data[at : at + len(header)] = header
        self.section(number, at, len(self.data) - at)

    def array(self, entries: Sequence[bytes], growth: int) -> int:
        return self.add(b"".join(entry + bytes(growth) for entry in entries))


def _meta(base: Database) -> bytearray:
    file, grow = _File(b"meta", base.minor, 8), base.growth
    at = file.begin(16)
    file.end(0, at, struct.pack("<QQ", file.text(base.title), file.text(base.description)))
    at = file.begin(9)
    names = file.add(b"".join(struct.pack("<Q", file.text(kind)) for kind in base.kinds))
    file.end(1, at, struct.pack("<QB", names, len(base.kinds)))
    _metrics(file, base)
    at = file.begin(0)
    for text in (
        *base.modules,
        *base.files,
        *(each[0] for each in base.functions),
        *(each[2] for each in base.entries),
    ):
        if text is not None:
            file.text(text)
    file.end(4, at, b"")
    modules = _table(file, 5, [struct.pack("<I4xQ", 0, file.text(path)) for path in base.modules], 16, grow)
    files = _table(file, 6, [struct.pack("<I4xQ", 0, file.text(path)) for path in base.files], 16, grow)
    functions = _table(
        file,
        7,
        [
            struct.pack(
                "<QQQQII",
                0 if name is None else file.text(name),
                0 if module is None else modules[module],
                offset,
                0 if source is None else files[source],
                line,
                0,
            )
            for name, module, offset, source, line in base.functions
        ],
        40,
        grow,
    )
    _tree(file, base, functions, files, modules)
    file.align()
    file.data += b"_meta.db"
    return file.data


def _metrics(file: _File, base: Database) -> None:
    grow = base.growth
    at = file.begin(0x1B)
    first = file.array(
        [struct.pack("<QBB6x", file.text(name), kind, index) for name, kind, index in base.scopes], grow
    )
    scopes = [first + place * (16 + grow) for place in range(len(base.scopes))]
    described = []
    for name, instances, summaries in base.metrics:
        one = file.array([struct.pack("<QH6x", scopes[scope], number) for number, scope in instances], grow)
        two = file.array(
            [
                struct.pack("<QQBxH4x", scopes[scope], file.text(formula), combine, number)
                for number, formula, combine, scope in summaries
            ],
            grow,
        )
        described.append(struct.pack("<QQQHH4x", file.text(name), one, two, len(instances), len(summaries)))
    metrics = file.array(described, grow)
    header = struct.pack(
        "<QIBBBxQHB", metrics, len(described), 32 + grow, 16 + grow, 24 + grow, first, len(scopes), 16 + grow
    )
    file.end(2, at, header)


def _table(file: _File, section: int, entries: Sequence[bytes], size: int, grow: int) -> list[int]:
    at = file.add(bytes(14))
    first = file.array(entries, grow)
    file.end(section, at, struct.pack("<QIH", first, len(entries), size + grow))
    return [first + place * (size + grow) for place in range(len(entries))]


def _tree(file: _File, base: Database, functions: list[int], files: list[int], modules: list[int]) -> None:
    def children(contexts: tuple[Ctx, ...]) -> tuple[int, int]:
        if not contexts:
            return 0, 0
        data = b""
        for context in contexts:
            size, at = children(context.children)
            flags, words = 0, b""
            if context.function is not None:
                flags, words = flags | 1, words + struct.pack("<Q", functions[context.function])
            if context.source is not None:
                flags, words = (
                    flags | 2,
                    words + struct.pack("<QI4x", files[context.source[0]], context.source[1]),
                )
            if context.point is not None:
                flags, words = (
                    flags | 4,
                    words + struct.pack("<QQ", modules[context.point[0]], context.point[1]),
                )
            words += bytes(8 * (base.growth // 8))
            data += struct.pack(
                "<QQIBBBBH6x",
                size,
                at,
                context.identifier,
                flags,
                context.relation,
                context.kind,
                len(words) // 8,
                context.propagation,
            )
            data += words
        return len(data), file.add(data)

    entries = []
    start = file.add(bytes(11))
    for identifier, kind, name, contexts in base.entries:
        size, at = children(contexts)
        entries.append(struct.pack("<QQIH2xQ", size, at, identifier, kind, file.text(name)))
    first = file.array(entries, base.growth)
    file.end(3, start, struct.pack("<QHB", first, len(entries), 32 + base.growth))


def _profile(base: Database) -> bytearray:
    file, infos = _File(b"prof", base.minor, 2), []
    at, pointers = file.begin(0), []
    for profile in base.profiles:
        parts = [struct.pack("<BxHIQ", *part) for part in profile.identifiers or ()]
        tuple_ = struct.pack("<H6x", len(parts)) + b"".join(parts)
        pointers.append(0 if profile.identifiers is None else file.add(tuple_))
    file.end(1, at, b"")
    for profile, pointer in zip(base.profiles, pointers, strict=True):
        pairs, index = bytearray(), bytearray()
        for context, values in sorted(profile.values.items()):
            index += struct.pack("<IQ", context, len(pairs) // 10)
            for metric, value in sorted(values.items()):
                pairs += struct.pack("<Hd", metric, value)
        block = struct.pack(
            "<QQI4xQ", len(pairs) // 10, file.add(pairs), len(index) // 12, file.add(index, 4)
        )
        infos.append(block + struct.pack("<QI4x", pointer, int(profile.summary)))
    at = file.add(bytes(13))
    first = file.array(infos, base.growth)
    file.end(0, at, struct.pack("<QIB", first, len(infos), 48 + base.growth))
    file.align()
    file.data += b"_prof.db"
    return file.data


def _cct(base: Database) -> bytearray:
    file, blocks = _File(b"ctxt", base.minor, 1), []
    values: dict[int, dict[int, list[tuple[int, float]]]] = {}
    for place, profile in enumerate(base.profiles):
        for context, found in () if profile.summary else profile.values.items():
            for metric, value in found.items():
                values.setdefault(context, {}).setdefault(metric, []).append((place, value))
    for context in range(max(values, default=0) + 1):
        pairs, index = b"", b""
        for metric, found in sorted(values.get(context, {}).items()):
            index += struct.pack("<HQ", metric, len(pairs) // 12)
            pairs += b"".join(struct.pack("<Id", *pair) for pair in found)
        blocks.append(
            struct.pack("<QQH6xQ", len(pairs) // 12, file.add(pairs), len(index) // 10, file.add(index, 2))
        )
    at = file.add(bytes(13))
    first = file.array(blocks, base.growth)
    file.end(0, at, struct.pack("<QIB", first, len(blocks), 32 + base.growth))
    file.align()
    file.data += b"__ctx.db"
    return file.data


def _trace(base: Database) -> bytearray:
    file, lines = _File(b"trce", base.minor, 1), []
    times = [time for _, samples in base.traces or () for time, _ in samples] or [0]
    for profile, samples in base.traces or ():
        data = b"".join(struct.pack("<QI", *sample) for sample in samples)
        at = file.add(data)
        lines.append(struct.pack("<I4xQQ", profile, at, at + len(data)))
    first = file.array(lines, base.growth)
    header = struct.pack("<QIB3xQQ", first, len(lines), 24 + base.growth, min(times), max(times))
    file.section(0, file.add(header), len(header))
    file.align()
    file.data += b"trace.db"
    return file.data
