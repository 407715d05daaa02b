"""RO-Crate 1.0 to 1.3 with the Workflow Run profiles: https://www.researchobject.org/workflow-run-crate/.

A crate whose main workflow one action ran is the trace of that execution; the actions of its steps are the tasks. Any other crate
with actions is one execution whose tasks are all of them. A crate without actions is evidence: its statements.
"""

from __future__ import annotations

import json
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Any

from recup_kg.collector import paused_collector
from recup_kg.converters.rocrate.build import build
from recup_kg.converters.rocrate.crate import DESCRIPTORS, Crate
from recup_kg.converters.rocrate.expand import WrittenNumber, expand
from recup_kg.converters.sources import head, read_bytes, source_of
from recup_kg.errors import MalformedSource
from recup_kg.evidence import Evidence
from recup_kg.records import Trace

__all__ = ["NAME", "VERSION", "read", "sniff"]

NAME = "ro-crate"
VERSION = "1"

_NAMES = (b"https://w3id.org/ro/crate/", b"ro-crate-metadata.json", b"researchobject.org/ro-crate/")
_LARGEST = 1 << 30
_ADVICE = "export the crate again"


def sniff(path: Path) -> bool:
    """Whether the file is the metadata of a crate, or a zip that holds one."""
    start = head(path)
    if start.startswith(b"PK\x03\x04"):
        return _entry(path) is not None
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not text.startswith((b"{", b"[")):
        return False
    ends = start + _tail(path)
    if b'"@graph"' not in ends:
        return False
    return any(name in ends for name in _NAMES)


@paused_collector()
def read(path: Path) -> Trace | Evidence:
    """The records of a crate. Raises `MalformedSource`, which names the file, the place and what is wrong."""
    data = _content(path)
    document = _document(path, data)
    crate = Crate(path, expand(path, document))
    version = crate.expanded.version or "not stated"
    source = source_of(
        path, converter=NAME, version=VERSION, format_version=version, layer="WorkflowSystemLayer"
    )
    return build(crate, source)


def _tail(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            stream.seek(max(path.stat().st_size - 65536, 0))
            return stream.read(65536)
    except OSError:
        return b""


def _entry(path: Path) -> str | None:
    """The name of the metadata file inside a zip: the one that is least deep."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if PurePosixPath(name).name in DESCRIPTORS]
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return None
    return min(names, key=lambda name: (name.count("/"), name), default=None)


def _content(path: Path) -> bytes:
    data = read_bytes(path)
    if not data.startswith(b"PK\x03\x04"):
        return data
    entry = _entry(path)
    if entry is None:
        raise MalformedSource(
            path, "no ro-crate-metadata.json in this zip", advice="give the zip of an RO-Crate"
        )
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo(entry).file_size > _LARGEST:
                raise MalformedSource(path, "more than 1 GiB of metadata", where=entry, advice=_ADVICE)
            return archive.read(entry)
    except (
        zipfile.BadZipFile,
        zlib.error,
        RuntimeError,
        NotImplementedError,
        EOFError,
        OSError,
        ValueError,
    ) as error:
        raise MalformedSource(path, f"can't be unpacked: {error}", where=entry, advice=_ADVICE) from error


def _document(path: Path, data: bytes) -> Any:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedSource(path, "not UTF-8", where=f"byte {error.start}", advice=_ADVICE) from error
    try:
        document = json.loads(text, parse_float=WrittenNumber, parse_constant=_no_number)
        if "\\ud" in text.lower():
            json.dumps(document, ensure_ascii=False).encode()
        return document
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise MalformedSource(path, f"not JSON: {error.msg}", where=where, advice=_ADVICE) from error
    except UnicodeEncodeError as error:
        raise MalformedSource(path, "a text holds half a character", advice=_ADVICE) from error
    except RecursionError as error:
        raise MalformedSource(path, "not JSON: nested too deep", advice=_ADVICE) from error
    except ValueError as error:
        raise MalformedSource(path, f"not JSON: {error}", advice=_ADVICE) from error


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number of JSON")
