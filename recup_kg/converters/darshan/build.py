"""From what a log says to records."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from operator import itemgetter
from pathlib import Path

from recup_kg.converters.darshan import tables
from recup_kg.converters.darshan.log import DXT, Heatmap, Job, Log, Operations, Record, Trace, module_gap
from recup_kg.converters.darshan.totals import PREFIXES, total
from recup_kg.evidence import CounterRecord, CounterTerm, CounterTotal, Evidence
from recup_kg.evidence.processes import AccessedFile, Mount, ProcessGroup
from recup_kg.records import Gap, Number, Source, Subject, Timestamp
from recup_kg.redaction import redact_arguments, redact_text, redact_value
from recup_kg.resources import path as resources
from recup_kg.vocab import digest

TOOL = "darshan"
LAYER = "SystemLayer"
_DATASETS = {"H5D": "H5D_FILE_REC_ID", "PNETCDF_VAR": "PNETCDF_VAR_FILE_REC_ID"}
_VALUE = itemgetter(1)
_NO_FILE = frozenset({"HEATMAP", "APMPI", "APXC", "BG/Q"})
_NO_PATH = re.compile(r"<\w+>$|heatmap:|darshan-|APMPI|APXC")
_PROCESS = re.compile(r"_id(-?\d+)-(\d+)_\d+-\d+-\d+-\d+")
_TERM = re.compile(r"^darshan:([\w.-]+)", re.MULTILINE)


def evidence_of(log: Log, source: Source, path: Path) -> Evidence:
    """The records of a log."""
    identity = identity_of(log)
    group = _process_group(log, path)
    records: list[object] = [group]
    records += _mounts(log)
    records += _files(log)
    counted, gaps = _sound([*_counted(log), *_summaries(log)])
    records += counted
    records += _totals(log)
    side = tables.side_tables(log, group.identifier)
    return Evidence(
        source=source,
        identity=identity,
        label=f"Darshan log of {group.label}",
        layer=LAYER,
        records=tuple(records),
        gaps=(*log.gaps, *_partial(log), *gaps, *_disagreements(log)),
        tables=side,
        vocabularies=(TOOL,),
        terms=_unknown(records),
    )


def identity_of(log: Log) -> str:
    """The hash of the facts that every form of a log states: the job, and how many bytes each part of the log takes."""
    job = log.job
    facts = [job.log_version, _command(job), job.user_id, job.job_id, job.start, job.end, job.process_count]
    sizes = [job.job_size, job.name_size, *(region.size for region in log.regions if region.size)]
    return digest([TOOL, *(str(fact) for fact in facts), *(str(size) for size in sizes)])


def description_of(job: Job) -> str | None:
    """What the log says of its own recording; the hints `h` are defaults of Darshan's library, no facts of the run."""
    if not job.metadata:
        return None
    return "metadata: " + ", ".join(f"{name}={redact_value(name, value)[0]}" for name, value in job.metadata)


def _process_group(log: Log, path: Path) -> ProcessGroup:
    job = log.job
    command = _command(job)
    program = command.split(" ", 1)[0] or None
    name = (program or "a program").rsplit("/", 1)[-1]
    hosts = {trace.host for trace in log.traces} | {record.host for record in log.records if record.host}
    return ProcessGroup(
        identifier=str(job.job_id),
        label=f"{name}, job {job.job_id}",
        executable=program,
        command_line=command or None,
        user_id=job.user_id,
        job=str(job.job_id),
        process_id=_process_id(job, path),
        process_count=job.process_count,
        started=_time(job.start, job.start_ns),
        ended=_time(job.end, job.end_ns),
        run_time=job.run_time if job.start and job.end else None,
        hosts=tuple(sorted(host for host in hosts if host)),
        tool=TOOL,
        tool_version=dict(job.metadata).get("lib_ver"),
        log_version=job.log_version,
    )


def _command(job: Job) -> str:
    return " ".join(redact_arguments(redact_text(job.executable).split(" "))).strip()


def _process_id(job: Job, path: Path) -> int | None:
    """The process that wrote the log, which the runtime puts into the file's name; None where it is several."""
    found = _PROCESS.search(path.name)
    if found is None or job.process_count != 1 or int(found[1]) != job.job_id:
        return None
    return int(found[2])


def _time(seconds: int, nanoseconds: int) -> Timestamp | None:
    if seconds <= 0 or not 0 <= nanoseconds < 10**9:
        return None
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    except OverflowError:
        return None
    text = moment.strftime("%Y-%m-%dT%H:%M:%S") if moment.year >= 1000 else None
    fraction = f".{nanoseconds:09d}".rstrip("0").rstrip(".")
    return None if text is None else Timestamp(f"{text}{fraction}Z", f"{text}{fraction}Z")


def _mounts(log: Log) -> Iterator[Mount]:
    for point, kind in sorted(set(log.mounts)):
        yield Mount(f"{kind}:{point}", point, kind)


def _files(log: Log) -> Iterator[AccessedFile]:
    """The files; what is no file (heat maps, data sets, the records of AutoPerf) is not among them.

    Darshan names the standard streams of every process: without a record nothing was done with them. Another file without a
    record was touched when memory had run out.
    """
    used = {record.identifier for record in log.records if _names_a_file(record.module)}
    used |= {trace.identifier for trace in log.traces}
    other = {record.identifier for record in log.records} | {heatmap.identifier for heatmap in log.heatmaps}
    for identifier in sorted(used | (set(log.names) - other)):
        name = log.names.get(identifier)
        if identifier not in used and (name is None or _NO_PATH.match(name)):
            continue
        point, kind = log.placed[identifier] if identifier in log.placed else _place(log, name)
        yield AccessedFile(str(identifier), None if name is None else redact_text(name), point, kind)


def _names_a_file(module: str) -> bool:
    return module not in _NO_FILE and module not in _DATASETS


def _place(log: Log, name: str | None) -> tuple[str | None, str | None]:
    """The mount point by the tool's own rule: the longest that the name starts with."""
    found = (place for place in log.mounts if name is not None and name.startswith(place[0]))
    return next(found, (None, None))


def _counted(log: Log) -> Iterator[CounterRecord]:
    partial = {region.module for region in log.regions if region.partial}
    paths = {name: identifier for identifier, name in log.names.items()}
    seen: Counter[str] = Counter()
    for record in log.records:
        identifier = _identifier(record)
        seen[identifier] += 1
        yield CounterRecord(
            identifier=identifier if seen[identifier] == 1 else f"{identifier}/again{seen[identifier]}",
            tool=TOOL,
            module=record.module,
            counters=(
                *record.counters,
                *(("LUSTRE_OST_ID", target) for target in dict.fromkeys(record.osts)),
            ),
            process_group=str(log.job.job_id),
            file=_file(record, log, paths),
            rank=record.rank,
            host=record.host,
            partial=True if record.module in partial else None,
            label=_label(record, log),
        )


def _identifier(record: Record) -> str:
    parts = [record.module, str(record.rank), str(record.identifier)]
    return "/".join([*parts, *([str(record.component)] if record.component else [])])


def _file(record: Record, log: Log, paths: dict[str, int]) -> str | None:
    """The file that a record is about: of a data set, the one that it lies in."""
    if record.module not in _DATASETS:
        return str(record.identifier) if _names_a_file(record.module) else None
    owner = dict(record.counters).get(_DATASETS[record.module], 0)
    if owner:
        return str(owner)
    # Older logs say it in the name only, `<file>:<data set>`.
    name = log.names.get(record.identifier, "")
    places = [index for index, letter in enumerate(name) if letter == ":"]
    found = [paths[name[:index]] for index in places if name[:index] in paths]
    return str(found[0]) if len(found) == 1 else None


def _label(record: Record, log: Log) -> str | None:
    if record.component is not None:
        pool = f", pool {record.pool}" if record.pool else ""
        return f"component {record.component}{pool}"
    if record.module in _DATASETS:
        name = log.names.get(record.identifier)
        return None if name is None else redact_text(name)
    return None


def _summaries(log: Log) -> Iterator[CounterRecord]:
    partial = {region.module for region in log.regions if region.partial}
    group = str(log.job.job_id)
    seen: Counter[str] = Counter()
    for trace in log.traces:
        identifier = f"{trace.module}/{trace.rank}/{trace.identifier}/{trace.host}"
        seen[identifier] += 1
        yield CounterRecord(
            identifier if seen[identifier] == 1 else f"{identifier}/again{seen[identifier]}",
            TOOL,
            trace.module,
            _traced(trace),
            process_group=group,
            file=str(trace.identifier),
            rank=trace.rank,
            host=trace.host or None,
            partial=True if trace.module in partial else None,
        )
    for heatmap in log.heatmaps:
        name = log.names.get(heatmap.identifier)
        yield CounterRecord(
            f"HEATMAP/{heatmap.rank}/{heatmap.identifier}",
            TOOL,
            "HEATMAP",
            _mapped(heatmap),
            process_group=group,
            rank=heatmap.rank,
            partial=True if "HEATMAP" in partial else None,
            label=name,
        )


def _traced(trace: Trace) -> tuple[tuple[str, Number], ...]:
    facts: list[tuple[str, Number]] = []
    for kind, moved, operations in (("READ", "READ", trace.read), ("WRITE", "WRITTEN", trace.written)):
        facts += [
            (f"DXT_{kind}_COUNT", len(operations.length)),
            (f"DXT_BYTES_{moved}", sum(operations.length)),
        ]
        if operations.length:
            facts += [
                (f"DXT_F_{kind}_START_TIMESTAMP", min(operations.start)),
                (f"DXT_F_{kind}_END_TIMESTAMP", max(operations.end)),
                (f"DXT_F_{kind}_TIME", _duration(operations)),
            ]
    return tuple(facts)


def _duration(operations: Operations) -> float:
    # fsum: the sum of floats in Python 3.12 is not that of 3.11.
    return math.fsum(end - start for start, end in zip(operations.start, operations.end, strict=True))


def _mapped(heatmap: Heatmap) -> tuple[tuple[str, Number], ...]:
    return (
        ("HEATMAP_F_BIN_WIDTH_SECONDS", heatmap.width),
        ("HEATMAP_BINS", len(heatmap.read)),
        ("HEATMAP_BYTES_READ", sum(heatmap.read)),
        ("HEATMAP_BYTES_WRITTEN", sum(heatmap.written)),
    )


def _sound(records: Sequence[CounterRecord]) -> tuple[list[CounterRecord], list[Gap]]:
    """The records without counters that are no numbers, and a gap for each of those."""
    gaps: list[Gap] = []
    sound: list[CounterRecord] = []
    for record in records:
        # One addition tells whether any is infinite or no number: most records are sound.
        if math.isfinite(sum(map(_VALUE, record.counters))):
            sound.append(record)
            continue
        bad = [
            name for name, value in record.counters if isinstance(value, float) and not math.isfinite(value)
        ]
        if bad:
            about = Subject("counters", record.identifier)
            gaps += [Gap("UnreadableValue", about, name, "The log holds no finite number.") for name in bad]
            kept = tuple(pair for pair in record.counters if pair[0] not in bad)
            sound.append(replace(record, counters=kept))
        else:
            sound.append(record)
    return sound, gaps


def _totals(log: Log) -> Iterator[CounterTotal]:
    regions = {region.module: region for region in log.regions}
    for module in PREFIXES:
        records = [record for record in log.records if record.module == module]
        found = log.totals.get(module) or (total(module, records) if records else ())
        if found:
            kept = tuple(pair for pair in found if not isinstance(pair[1], float) or math.isfinite(pair[1]))
            region = regions.get(module)
            yield CounterTotal(
                module, TOOL, module, kept, str(log.job.job_id), None if region is None else region.partial
            )


def _partial(log: Log) -> Iterator[Gap]:
    for region in log.regions:
        if region.partial:
            yield module_gap(
                region.module,
                "NotCaptured",
                "Darshan ran out of memory for this module: it has not recorded everything.",
            )


def _disagreements(log: Log) -> Iterator[Gap]:
    """Traces that hold more bytes than the counters of the same file and rank."""
    counted = {
        (record.identifier, record.rank): dict(record.counters)
        for record in log.records
        if record.module == "POSIX"
    }
    for trace in log.traces:
        known = counted.get((trace.identifier, trace.rank))
        if trace.module != DXT[0] or known is None:
            continue
        for name, operations in (("POSIX_BYTES_READ", trace.read), ("POSIX_BYTES_WRITTEN", trace.written)):
            moved = sum(operations.length)
            if moved > known.get(name, moved):
                about = Subject("counters", f"{trace.module}/{trace.rank}/{trace.identifier}/{trace.host}")
                yield Gap(
                    "ConflictingValue", about, name, f"The trace holds {moved} bytes, more than the counter."
                )


def _unknown(records: Sequence[object]) -> tuple[CounterTerm, ...]:
    """Counters that the ontology does not describe: a newer Darshan has them."""
    known = described()
    found: dict[str, CounterTerm] = {}
    for record in records:
        if isinstance(record, CounterRecord | CounterTotal):
            for name, _ in record.counters:
                if name not in known and name not in found:
                    found[name] = CounterTerm(
                        TOOL,
                        name,
                        name,
                        f"A counter of Darshan's module {record.module}.",
                        None,
                        record.module,
                    )
    return tuple(found[name] for name in sorted(found))


@cache
def described() -> frozenset[str]:
    """The names of the counters that `ontology/darshan.ttl` describes."""
    text = (resources("ontology") / "darshan.ttl").read_text(encoding="utf-8")
    return frozenset(_TERM.findall(text))
