"""Darshan: logs of what a job read and wrote, binary or as the text that darshan-parser and darshan-dxt-parser print.

Binary logs need PyPI `darshan` (extra `darshan`), whose C library reads each log in a process of its own; text needs nothing.
Both forms of one log describe the same evidence. See https://www.mcs.anl.gov/research/projects/darshan/docs/darshan-util.html.
"""

from __future__ import annotations

from pathlib import Path

from recup_kg.collector import paused_collector
from recup_kg.converters.darshan.binary import read_binary
from recup_kg.converters.darshan.build import LAYER, description_of, evidence_of
from recup_kg.converters.darshan.header import is_header
from recup_kg.converters.darshan.isolate import Limits
from recup_kg.converters.darshan.text import is_text, read_text
from recup_kg.converters.sources import head, source_of
from recup_kg.evidence import Evidence

NAME = "darshan"
VERSION = "1"

_ENDINGS = (".darshan", ".darshan_partial")


def sniff(path: Path) -> bool:
    """Whether the file is a binary log, by its magic number or, where that was never written, its name; or such text."""
    start = head(path, 4096)
    unfinished = path.name.endswith(_ENDINGS) and bool(start) and not any(start[:16])
    return is_header(start[:16]) or unfinished or is_text(start)


@paused_collector()
def read(path: Path, limits: Limits | None = None) -> Evidence:
    """What a log says; `limits` are those of the process that reads a binary one.

    Raises `MalformedSource` for a log that can't be read as a whole, and `MissingExtra` for a binary one where PyDarshan is not
    installed. What can't be read inside a log is a gap.
    """
    binary = not is_text(head(path, 4096))
    log = read_binary(path, limits or Limits()) if binary else read_text(path)
    source = source_of(
        path,
        converter=NAME,
        version=VERSION,
        format_version=log.job.log_version,
        layer=LAYER,
        description=description_of(log.job),
    )
    return evidence_of(log, source, path)
