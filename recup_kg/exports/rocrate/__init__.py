"""RO-Crate 1.1 with the profiles of Workflow Run RO-Crate 0.5, without the data.

https://www.researchobject.org/workflow-run-crate/profiles/. The metadata alone are a Process Run Crate: the profiles above it
demand a file of the workflow, which is in the archive.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import zipfile
from datetime import UTC, datetime

from recup_kg.errors import UsageError
from recup_kg.exports import ExportOptions, _rdf
from recup_kg.exports.rocrate.entities import NO_LICENCE, document
from recup_kg.exports.rocrate.terms import PROFILES, Profile, profile_iri
from recup_kg.exports.rocrate.workflow import FILE
from recup_kg.rdf.names import names_of
from recup_kg.rdf.read import read_trace
from recup_kg.records import Trace
from recup_kg.store import Entry, Store
from recup_kg.store.registry import Kind
from recup_kg.vocab import SCHEMA, part_iri

NAME = "ro-crate"
MEDIA_TYPE = "application/ld+json"
SUFFIX = ".crate.json"
CONFORMS_TO = profile_iri("process")
KINDS: frozenset[Kind] = frozenset(("execution", "fusion"))
_FIRST_TIME_OF_ZIP = (1980, 1, 1, 0, 0, 0)


def write(store: Store, entry: Entry, options: ExportOptions) -> bytes:
    """The metadata document, or a zip of it, of the template of the workflow and of the run's quads.

    Raises `UsageError` where there is no task graph, or not what the profile demands.
    """
    if not any(known.graph == entry.task_graph and known.kind == "execution" for known in store.registry()):
        raise UsageError(f"{entry.name} has no task graph: no source of it is a trace")
    trace = read_trace(store.ntriples(entry.task_graph).decode())
    template = _template(store, trace)
    profile = _profile(entry, trace, template, options)
    made = document(trace, _published(), profile, _licences(store, entry, trace))
    metadata = (json.dumps(made, indent=2, ensure_ascii=False) + "\n").encode()
    if not options.zipped:
        return metadata
    files = {"ro-crate-metadata.json": metadata}
    if profile != "process" and template is not None:
        files[FILE] = template
    return _zipped(files | {"run.nq.gz": _quads(store, entry)})


def _profile(entry: Entry, trace: Trace, template: bytes | None, options: ExportOptions) -> Profile:
    """The profile that is asked for, else the best that what we have fulfils."""
    best: Profile = "process"
    if options.zipped and template is not None:
        best = "provenance" if any(task.executed for task in trace.tasks) else "workflow"
    if options.profile is None:
        return best
    wanted = next((name for name in PROFILES if name == options.profile), None)
    if wanted is None:
        raise UsageError(f"no profile {options.profile!r}; there are: {', '.join(PROFILES)}")
    if wanted != "process" and not options.zipped:
        raise UsageError(f"a {wanted} run crate holds the file of the workflow; add --zip")
    if PROFILES.index(wanted) > PROFILES.index(best):
        raise UsageError(f"{entry.name} has not what a {wanted} run crate demands; the best is {best}")
    return wanted


def _template(store: Store, trace: Trace) -> bytes | None:
    """What the store holds of the workflow, in one order."""
    graph = next(
        (item.graph for item in store.registry() if item.described == names_of(trace).workflow), None
    )
    return None if graph is None else b"".join(sorted(store.ntriples(graph).splitlines(keepends=True)))


def _licences(store: Store, entry: Entry, trace: Trace) -> list[str]:
    """The licences that a crate states of itself, as it spells them; of other sources no reader takes any."""
    crate = part_iri(names_of(trace).run, "entity", "./")
    asked = (
        f"SELECT ?licence WHERE {{ GRAPH <{entry.task_graph}> {{ <{crate}> <{SCHEMA}license> ?licence }} }}"
    )
    return sorted({str(value) for (value,) in store.select(asked).values()} - {NO_LICENCE})


def _published() -> str:
    """Now, or SOURCE_DATE_EPOCH: https://reproducible-builds.org/specs/source-date-epoch/."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    try:
        time = datetime.now(UTC) if fixed is None else datetime.fromtimestamp(int(fixed), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise UsageError(f"SOURCE_DATE_EPOCH is {fixed!r}; give whole seconds since 1970") from error
    return time.replace(microsecond=0).isoformat()


def _quads(store: Store, entry: Entry) -> bytes:
    return gzip.compress("".join(_rdf.quad_lines(store, entry)).encode(), mtime=0)


def _zipped(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, _FIRST_TIME_OF_ZIP), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()
