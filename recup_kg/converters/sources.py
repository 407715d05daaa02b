"""The files of a source, hashed; shared by all converters."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from recup_kg.errors import MalformedSource
from recup_kg.records import Source, SourceMember, Timestamp

LAYERS = ("JobLayer", "WorkflowSystemLayer", "SystemLayer")


def source_of(
    path: Path,
    *,
    converter: str,
    version: str,
    format_version: str,
    layer: str,
    members: Sequence[Path] = (),
    folder: Path | None = None,
    created: Timestamp | None = None,
    description: str | None = None,
    named: bool = False,
) -> Source:
    """The source that a file is, or that several files are together.

    `format_version` is that of the format, `version` that of the converter. `members` are all files of a source of several,
    `path` being the one that it is known by; they lie below `folder` (the folder of `path` if not given). `named` says that the
    file's name states facts too. Raises `MalformedSource` where one can't be read.
    """
    if not members:
        only = _member(path, path.name)
        name, sha256, size = only.file_name, only.sha256, only.size
        listed: tuple[SourceMember, ...] = ()
    else:
        base = folder or path.parent
        listed = tuple(sorted(_listed(members, base), key=lambda member: member.file_name))
        lines = "".join(f"{member.sha256}  {member.file_name}\n" for member in listed)
        name, sha256 = path.name, hashlib.sha256(lines.encode(errors="surrogateescape")).hexdigest()
        size = sum(member.size for member in listed)
    return Source(
        file_name=name,
        sha256=sha256,
        size=size,
        format=converter,
        format_version=format_version,
        converter_version=version,
        created=created,
        description=description,
        members=listed,
        layer=layer,
        named=named,
    )


def read_text(path: Path, *, encoding: str = "utf-8-sig") -> str:
    """The text of a file. Raises `MalformedSource` that names the byte where it is not of that encoding."""
    data = read_bytes(path)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise MalformedSource(
            path, "not UTF-8", where=f"byte {error.start}", advice="save the file as UTF-8"
        ) from error


def read_bytes(path: Path) -> bytes:
    """The bytes of a file. Raises `MalformedSource` where it can't be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise MalformedSource(
            path, f"can't be read: {error.strerror}", advice="check its permissions"
        ) from error


def head(path: Path, size: int = 65536) -> bytes:
    """The first bytes of a file, for `sniff`; empty where it can't be read."""
    try:
        with path.open("rb") as stream:
            return stream.read(size)
    except OSError:
        return b""


def _listed(members: Iterable[Path], folder: Path) -> Iterable[SourceMember]:
    return (_member(member, member.relative_to(folder).as_posix()) for member in set(members))


def _member(path: Path, name: str) -> SourceMember:
    try:
        with path.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        return SourceMember(name, sha256, path.stat().st_size)
    except OSError as error:
        raise MalformedSource(
            path, f"can't be read: {error.strerror}", advice="check its permissions"
        ) from error
