"""From the bytes of a file to a typed instance, or one clear error."""

from __future__ import annotations

import mmap
import re
import types
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NoReturn, Union, get_args, get_origin, get_type_hints

import msgspec

from recup_kg.converters.wfformat.layouts import LONGEST_TEXT, Instance10, Instance15
from recup_kg.errors import MalformedSource
from recup_kg.records import Gap, Subject

OLD_LAYOUTS = ("1.0", "1.1", "1.2", "1.3", "1.4")
NEW_LAYOUTS = ("1.5", "1.6")

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


_ENTRY = re.compile(
    r"\$\.workflow\.(?:(?P<section>specification|execution)\.)?(?P<list>tasks|jobs|files|machines)\[(?P<index>\d+)\]"
)
_NAMES = {"task": ("id", "name"), "data": ("id",), "node": ("nodeName",)}


class _Version(msgspec.Struct):
    schemaVersion: str


def content(path: Path) -> bytes:
    """The bytes of the file. Raises `MalformedSource` where it is empty, unreadable or holds a monstrous string."""
    try:
        with path.open("rb") as stream:
            size = path.stat().st_size
            if size == 0:
                raise MalformedSource(path, "the file is empty", advice="export the trace again")
            if size > LONGEST_TEXT:
                _refuse_long_text(path, stream.fileno())
            return stream.read()
    except OSError as error:
        raise MalformedSource(path, f"can't be read: {error.strerror}") from error


def decode(path: Path, data: bytes) -> tuple[Instance10 | Instance15, tuple[Gap, ...]]:
    """The instance that the bytes hold, by the layout that they name, and a gap for each member that it does not hold.

    Those are the members that the layout does not define, and optional ones that say nothing: null, an empty object or text.
    """
    text = data.removeprefix(_BYTE_ORDER_MARK)
    with _faults(path, data):
        version = msgspec.json.decode(text, type=_Version).schemaVersion
        layout = _layout(path, version)
        raw = msgspec.json.decode(text)
        gaps = tuple(_gap(raw, *taken) for taken in _take_unmapped(raw, layout, "$"))
        return msgspec.convert(raw, layout), gaps


def _layout(path: Path, version: str) -> type[Instance10 | Instance15]:
    if version in NEW_LAYOUTS:
        return Instance15
    if version in OLD_LAYOUTS:
        return Instance10
    raise MalformedSource(
        path,
        f"unknown schemaVersion {version!r}",
        where="$.schemaVersion",
        advice="RECUP-KG reads WfFormat 1.0 to 1.6",
    )


def _gap(raw: dict[str, Any], where: str, value: object) -> Gap:
    text = msgspec.json.encode(value).decode()
    about = _about(raw, where)
    if _says_nothing(value):
        return Gap("NotCaptured", about, where, f"the source says {text} here", text)
    return Gap("UnmappedField", about, where, "not a member of this layout", text)


def _says_nothing(value: object) -> bool:
    return value is None or value == {} or value == ""


def _about(raw: dict[str, Any], where: str) -> Subject:
    """The task, file or machine in whose description a place lies, else the execution."""
    match = _ENTRY.match(where)
    if match is None:
        return Subject("execution")
    section = raw["workflow"] if match["section"] is None else raw["workflow"][match["section"]]
    entry = section[match["list"]][int(match["index"])]
    kind = {"files": "data", "machines": "node"}.get(match["list"], "task")
    keys = _NAMES[kind] if match["section"] else reversed(_NAMES[kind])
    name = next((entry[key] for key in keys if isinstance(entry.get(key), str)), None)
    return Subject("execution") if name is None else Subject(kind, name)


@contextmanager
def _faults(path: Path, data: bytes) -> Iterator[None]:
    """Turn what decoding finds wrong into one clear line."""
    try:
        yield
    except msgspec.ValidationError as error:
        problem, where = _split(str(error))
        raise MalformedSource(path, problem, where=where, advice="see docs/formats/wfformat.md") from error
    except UnicodeDecodeError as error:
        _refuse(path, f"not UTF-8: byte 0x{error.object[error.start]:02x}", data, error)
    except (msgspec.DecodeError, RecursionError) as error:
        _refuse(path, f"not JSON: {error}", data, error)


def _refuse(path: Path, problem: str, data: bytes, error: Exception) -> NoReturn:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in data[:4]:
        problem = "not UTF-8: it looks like UTF-16 or UTF-32"
    raise MalformedSource(path, problem, advice="export the trace again, as UTF-8 JSON") from error


def _split(message: str) -> tuple[str, str]:
    problem, _, where = message.partition(" - at ")
    return problem.replace("`", ""), where.strip("`") or "$"


def _refuse_long_text(path: Path, descriptor: int) -> None:
    """Refuse a file in which two quotation marks are further apart than any text of a trace is long.

    Such a gap covers a whole window of half that length, so one look into each window finds it.
    """
    window = LONGEST_TEXT // 2
    with mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ) as view:
        for position in range(0, len(view), window):
            if view.find(b'"', position, position + window) >= 0:
                continue
            start, end = view.rfind(b'"', 0, position), view.find(b'"', position)
            if (end if end >= 0 else len(view)) - start > LONGEST_TEXT:
                raise MalformedSource(
                    path,
                    f"a string of more than {LONGEST_TEXT:,} bytes",
                    where=f"byte {max(start, 0)}",
                    advice="no trace holds such a text",
                )


def _take_unmapped(value: object, kind: Any, where: str) -> Iterator[tuple[str, object]]:
    """Take out the members below the value that are unknown or say nothing, and give their JSON paths and values."""
    if isinstance(value, dict):
        known, required = _members(kind)
        for name in list(value):
            place = f"{where}.{name}"
            if name not in known or (name not in required and _says_nothing(value[name])):
                yield place, value.pop(name)
            elif known[name] is not None:
                yield from _take_unmapped(value[name], known[name], place)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _take_unmapped(item, kind, f"{where}[{index}]")


@cache
def _members(kind: Any) -> tuple[dict[str, Any], frozenset[str]]:
    """The members of a structure, each with the structure that it holds, or None; and those that must be there."""
    required = frozenset(field.name for field in msgspec.structs.fields(kind) if field.required)
    return {name: _structure(hint) for name, hint in get_type_hints(kind).items()}, required


def _structure(hint: Any) -> Any:
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return hint
    if get_origin(hint) in (Union, types.UnionType, tuple):
        found = (_structure(argument) for argument in get_args(hint) if argument is not Ellipsis)
        return next((kind for kind in found if kind is not None), None)
    return None
