"""WfCommons WfFormat, layouts 1.0 to 1.6: https://github.com/wfcommons/WfFormat."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from recup_kg.collector import paused_collector
from recup_kg.converters.wfformat.build import build, source_record
from recup_kg.converters.wfformat.decode import content, decode
from recup_kg.converters.wfformat.layouts import Instance15
from recup_kg.converters.wfformat.neutral import from_new_layout, from_old_layout
from recup_kg.converters.wfformat.places import locate
from recup_kg.converters.wfformat.write import write
from recup_kg.records import Trace

__all__ = ["NAME", "VERSION", "locate", "read", "sniff", "write"]

NAME = "wfformat"
VERSION = "1"

_HEAD = 65536
_MARKS = re.compile(rb'"(schemaVersion|workflow|runtimeSystem|wms|makespanInSeconds)"\s*:')


def sniff(path: Path) -> bool:
    """Whether the file looks like a trace: a JSON object that has a member of ours near its start or end."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD)
        stream.seek(max(path.stat().st_size - _HEAD, 0))
        tail = stream.read(_HEAD)
    text = head.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    found = {match.group(1) for match in _MARKS.finditer(text + tail.replace(b"\x00", b""))}
    return text.startswith(b"{") and (b"schemaVersion" in found or len(found) > 1)


@paused_collector()
def read(path: Path) -> Trace:
    """The records of a trace. Raises `MalformedSource`, which names the file, the JSON path and what is wrong."""
    data = content(path)
    instance, gaps = decode(path, data)
    neutral = (
        from_new_layout(path, instance)
        if isinstance(instance, Instance15)
        else from_old_layout(path, instance)
    )
    source = source_record(neutral, path.name, hashlib.sha256(data).hexdigest(), len(data), VERSION)
    return build(path, neutral, source, gaps)
