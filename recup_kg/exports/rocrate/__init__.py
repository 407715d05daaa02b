"""RO-Crate 1.1 with Process Run Crate 0.5, without the data: https://w3id.org/ro/wfrun/process/0.5."""

from __future__ import annotations

import gzip
import io
import json
import os
import zipfile
from datetime import UTC, datetime

from recup_kg.errors import UsageError
from recup_kg.exports import ExportOptions, _rdf
from recup_kg.exports.rocrate.entities import PROCESS, document
from recup_kg.rdf.read import read_trace
from recup_kg.store import Entry, Store
from recup_kg.store.registry import Kind

NAME = "ro-crate"
MEDIA_TYPE = "application/ld+json"
SUFFIX = ".crate.json"
CONFORMS_TO = PROCESS
KINDS: frozenset[Kind] = frozenset(("execution", "fusion"))
_FIRST_TIME_OF_ZIP = (1980, 1, 1, 0, 0, 0)


def write(store: Store, entry: Entry, options: ExportOptions) -> bytes:
    """The metadata document, or a zip of it and of the run's quads. Raises `UsageError` where there is no task graph."""
    if not any(known.graph == entry.task_graph and known.kind == "execution" for known in store.registry()):
        raise UsageError(f"{entry.name} has no task graph: no source of it is a trace")
    trace = read_trace(store.ntriples(entry.task_graph).decode())
    text = json.dumps(document(trace, _published()), indent=2, ensure_ascii=False) + "\n"
    return _zipped(store, entry, text.encode()) if options.zipped else text.encode()


def _published() -> str:
    """Now, or SOURCE_DATE_EPOCH: https://reproducible-builds.org/specs/source-date-epoch/."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        time = datetime.now(UTC) if fixed is None else datetime.fromtimestamp(int(fixed), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(f"SOURCE_DATE_EPOCH is {fixed!r}; give whole seconds since 1970") from error
    return time.replace(microsecond=0).isoformat()


def _zipped(store: Store, entry: Entry, metadata: bytes) -> bytes:
    quads = gzip.compress("".join(_rdf.quad_lines(store, entry)).encode(), mtime=0)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (("ro-crate-metadata.json", metadata), ("run.nq.gz", quads)):
            archive.writestr(zipfile.ZipInfo(name, _FIRST_TIME_OF_ZIP), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()
