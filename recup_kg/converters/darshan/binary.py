"""Binary logs: the header and the traces by ourselves, all records through Darshan's library in a process of its own."""

from __future__ import annotations

import math
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from recup_kg.converters.darshan import dxt
from recup_kg.converters.darshan.header import DamagedRegion, Header, inflate, inside, read_header
from recup_kg.converters.darshan.isolate import Failed, Limits, run
from recup_kg.converters.darshan.log import (
    DXT,
    MODULES,
    Heatmap,
    Job,
    Log,
    Record,
    module_gap,
    unsigned,
)
from recup_kg.errors import MalformedSource
from recup_kg.records import Gap, Number, Subject

_ADVICE = "the log is damaged: copy it again from where it was written"
_UNSIGNED = frozenset({"POSIX_RENAMED_FROM"})
_OWNERS = {"H5D": "H5D_FILE_REC_ID", "PNETCDF_VAR": "PNETCDF_VAR_FILE_REC_ID"}
_NOT_SAID = frozenset({"LUSTRE_COMP_STRIPE_PATTERN", "LUSTRE_COMP_FLAGS"})
_HEADERS = {
    "variance_total_mpitime": "MPI_TOTAL_COMM_TIME_VARIANCE",
    "variance_total_mpisynctime": "MPI_TOTAL_COMM_SYNC_TIME_VARIANCE",
}
_ROUTERS = {
    "ngroups": "APXC_GROUPS",
    "nchassis": "APXC_CHASSIS",
    "nblades": "APXC_BLADES",
    "memory_mode": "APXC_MEMORY_MODE",
    "cluster_mode": "APXC_CLUSTER_MODE",
    "appid": "APXC_APPLICATION_ID",
}
"""What the tool calls the numbers of an AutoPerf header."""


def read_binary(path: Path, limits: Limits) -> Log:
    """What a binary log says. Raises `MalformedSource`, and `MissingExtra` where PyDarshan is not installed."""
    header = read_header(path)
    reading = _Reading(path, header, limits)
    reading.run()
    job = reading.job
    if job is None:
        raise MalformedSource(path, "the facts of the job can't be read", where="job data", advice=_ADVICE)
    log = Log(
        job,
        header.regions,
        "log",
        tuple(reading.mounts),
        reading.names,
        records=reading.records,
        heatmaps=reading.heatmaps,
        gaps=reading.gaps,
    )
    _traces(path, header, log)
    return log


def _traces(path: Path, header: Header, log: Log) -> None:
    """Add the traces of DXT, or a gap for each region that is not sound."""
    for region in header.regions:
        if region.module not in DXT or not inside(region, header, path.stat().st_size):
            continue
        try:
            data = inflate(path, header, region)
            log.traces += dxt.traces(region.module, region.version, data, header.order, log.job.run_time)
        except (DamagedRegion, dxt.NoLayout) as problem:
            log.gaps.append(
                module_gap(region.module, "UnreadableValue", f"The traces are left out: {problem}.")
            )


@dataclass(slots=True)
class _Reading:
    """One log being read by one child after the other."""

    path: Path
    header: Header
    limits: Limits
    job: Job | None = None
    mounts: list[tuple[str, str]] = field(default_factory=list)
    names: dict[int, str] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    heatmaps: list[Heatmap] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    done: set[str] = field(default_factory=set)
    synchronised: bool = False

    def run(self) -> None:
        """Start children until all that can be read is read, or twice the time of one is over."""
        parts, modules = self._plan()
        end = time.monotonic() + 2 * self.limits.seconds
        while parts or modules:
            left = min(self.limits.seconds, math.ceil(end - time.monotonic()))
            if left <= 0 and self.job is not None:
                self._give_up((*parts, *(name for name, _ in modules)), "the time for this log is over")
                return
            try:
                run(self.path, parts, modules, replace(self.limits, seconds=max(left, 1)), self._handle)
                return
            except Failed as failure:
                waiting = (*parts, *(name for name, _ in modules))
                self._failed(failure, waiting)
            parts = [part for part in parts if part not in self.done]
            modules = [module for module in modules if module[0] not in self.done]

    def _plan(self) -> tuple[list[str], list[tuple[str, int]]]:
        size = self.path.stat().st_size
        parts, modules = ["job", "mounts"], []
        if self.header.names is not None and inside(self.header.names, self.header, size):
            parts.append("names")
        elif self.header.names is not None:
            self._gap("the names of the records", "They lie outside the file: it was cut off.")
        for region in self.header.regions:
            if region.module not in MODULES:
                self._gap(f"module {region.module}", "This module is not known here.")
            elif region.size and not inside(region, self.header, size):
                self._gap(f"module {region.module}", "It lies outside the file: the log was cut off.")
            elif region.size and region.module not in DXT:
                modules.append((region.module, MODULES.index(region.module)))
        return parts, modules

    def _failed(self, failure: Failed, waiting: Sequence[str]) -> None:
        """Note what a child failed at, so that the next one goes on behind it."""
        what = failure.what
        if self.job is None and (what is None or what in ("open", "job")):
            self._refuse(failure)
        if what is not None and what in waiting and what not in self.done:
            self._give_up((what,), failure.why)
        elif self.done.isdisjoint(waiting):
            self._give_up(waiting, failure.why)

    def _refuse(self, failure: Failed) -> None:
        if failure.what is None:
            problem, advice = "Darshan's library did not start", "reinstall recup-kg[darshan]"
        else:
            problem, advice = "the log can't be opened", _ADVICE
        where = "job data" if failure.what == "job" else None
        raise MalformedSource(self.path, f"{problem}: {failure.why}", where=where, advice=advice)

    def _give_up(self, names: Sequence[str], why: str) -> None:
        for name in names:
            self.done.add(name)
            self._forget(name)
            where = {"mounts": "the mount table", "names": "the names of the records"}.get(
                name, f"module {name}"
            )
            self._gap(where, f"It is left out: reading it failed, {why}.")

    def _forget(self, module: str) -> None:
        """Half of a module is not kept: its totals would be wrong."""
        self.records = [record for record in self.records if record.module != module]
        if module == "HEATMAP":
            self.heatmaps = []

    def _gap(self, where: str, comment: str) -> None:
        self.gaps.append(Gap("UnreadableValue", Subject("evidence"), where, comment))

    def _handle(self, message: dict[str, Any], payload: bytes) -> None:
        handlers: dict[str, Callable[[dict[str, Any], bytes], None]] = {
            "job": self._job,
            "mounts": self._mounts,
            "names": self._names,
            "records": self._rows,
            "lustre": self._lustre,
            "heatmap": self._heatmap,
            "header": self._head,
            "perf": self._perf,
            "unreadable": self._unreadable,
        }
        if message["event"] == "end":
            self.done.add(message["what"])
            return
        handlers[message["event"]](message, payload)

    def _job(self, message: dict[str, Any], payload: bytes) -> None:
        start, end = message["start"], message["end"]
        start_ns, end_ns = message["start_ns"], message["end_ns"]
        new = tuple(int(part) for part in self.header.version.split(".")) >= (3, 41)
        pairs = (line.partition("=") for line in message["metadata"].split("\n") if "=" in line)
        self.job = Job(
            self.header.version,
            message["executable"],
            message["user_id"],
            message["job_id"],
            message["process_count"],
            start,
            end,
            ((end - start) * 10**9 + end_ns - start_ns) / 1e9 if new else float(end - start + 1),
            start_ns,
            end_ns,
            tuple((name, value) for name, _, value in pairs),
            self.header.job_size,
            self.header.names.size if self.header.names else 0,
        )
        self.done.add("job")

    def _mounts(self, message: dict[str, Any], payload: bytes) -> None:
        self.mounts = [(point, kind) for point, kind in message["rows"]]
        self.done.add("mounts")

    def _names(self, message: dict[str, Any], payload: bytes) -> None:
        self.names.update((identifier, name) for identifier, name in message["rows"])
        self.done.add("names")

    def _rows(self, message: dict[str, Any], payload: bytes) -> None:
        module, counters, floats = message["what"], message["counters"], message["floats"]
        owner = _OWNERS.get(module) if message["owner"] else None
        row = struct.Struct(f"=Qq{'Q' if owner else ''}{len(counters)}q{len(floats)}d")
        first = 3 if owner else 2
        names = (*counters, *floats)
        places = [place for place, name in enumerate(names) if name in _UNSIGNED]
        for values in row.iter_unpack(payload):
            said: list[tuple[str, Number]] = list(zip(names, values[first:], strict=True))
            for place in places:
                said[place] = (said[place][0], unsigned(int(said[place][1])))
            if owner:
                said.append((owner, values[2]))
            self.records.append(Record(module, values[0], values[1], tuple(said)))

    def _lustre(self, message: dict[str, Any], payload: bytes) -> None:
        for row in message["rows"]:
            self._layout(message["names"], row)

    def _layout(self, names: list[str], row: dict[str, Any]) -> None:
        identifier, rank = row["id"], row["rank"]
        if row["said"]:
            said = tuple((name, value) for name, value in row["said"])
            self.records.append(Record("LUSTRE", identifier, rank, said))
        for number, part in enumerate(row["components"], start=1):
            counters = zip(names, part["counters"], strict=True)
            self.records.append(
                Record(
                    "LUSTRE",
                    identifier,
                    rank,
                    tuple((name, value) for name, value in counters if name not in _NOT_SAID or value != -1),
                    component=number if row["said"] else None,
                    osts=tuple(part["osts"]),
                    pool=part["pool"] or None,
                )
            )

    def _heatmap(self, message: dict[str, Any], payload: bytes) -> None:
        bins = message["bins"]
        values = struct.unpack(f"={2 * bins}q", payload)
        self.heatmaps.append(
            Heatmap(message["id"], message["rank"], message["width"], values[:bins], values[bins:])
        )

    def _head(self, message: dict[str, Any], payload: bytes) -> None:
        module, said = message["what"], message["said"]
        self.synchronised = bool(said.pop("sync_flag", False))
        if module == "APMPI":
            said = {_HEADERS[name.removeprefix("apmpi_f_")]: value for name, value in said.items()}
            if not self.synchronised:
                said.pop("MPI_TOTAL_COMM_SYNC_TIME_VARIANCE", None)
        else:
            said = {_ROUTERS[name]: value for name, value in said.items() if name in _ROUTERS}
        self.records.append(Record(module, message["id"], message["rank"], tuple(said.items())))

    def _perf(self, message: dict[str, Any], payload: bytes) -> None:
        counters: list[tuple[str, Number]] = []
        for kind, names in message["names"].items():
            counters += zip(names, message["values"][kind], strict=True)
        if message["what"] == "APMPI" and not self.synchronised:
            counters = [(name, value) for name, value in counters if "_SYNC_TIME" not in name]
        self.records.append(
            Record(message["what"], message["id"], message["rank"], tuple(counters), message["host"] or None)
        )

    def _unreadable(self, message: dict[str, Any], payload: bytes) -> None:
        module = message["what"]
        self.done.add(module)
        self._forget(module)
        self._gap(f"module {module}", f"It is left out: {message['why']}.")
