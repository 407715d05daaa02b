"""The process that reads one log with Darshan's own C library and writes to its parent what it finds.

It runs as a script, not as a module of the package, so that it starts fast and takes nothing along: only cffi, PyDarshan's
declarations of the library and the library itself are loaded, not PyDarshan, which loads pandas.

    python child.py '{"log": ..., "package": ..., "path": [...], "modules": [[name, number], ...], ...}'

Each message is a line of JSON, followed by as many bytes of records as it says. The last is `done`; where it is missing, the
last `begin` says what the library was at when it crashed, hung or ran out of memory.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import types
from typing import Any, BinaryIO

CHUNK = 512
"""Records per message."""
_MOST_TARGETS = 2000
"""Targets over which Lustre can stripe a file."""
_NAME_ARRAYS = {"MPI-IO": "mpiio", "BG/Q": "bgq"}
_PREFIX_OF_STRUCT = {
    "POSIX": "darshan_posix_file",
    "MPI-IO": "darshan_mpiio_file",
    "STDIO": "darshan_stdio_file",
    "H5F": "darshan_hdf5_file",
    "H5D": "darshan_hdf5_dataset",
    "PNETCDF_FILE": "darshan_pnetcdf_file",
    "PNETCDF_VAR": "darshan_pnetcdf_var",
    "BG/Q": "darshan_bgq_record",
    "DFS": "darshan_dfs_file",
    "DAOS": "darshan_daos_object",
}
_AUTOPERF = {"APMPI": "apmpi", "APXC": "apxc"}


class Unreadable(Exception):
    """The installed library has no reader for this, or refuses it."""


class Reader:
    """A log that is open in the library."""

    def __init__(self, order: dict[str, Any], out: BinaryIO) -> None:
        self.out = out
        self.ffi, self.library = _load(order["package"], order["compiled"])
        self.say(event="begin", what="open")
        self.handle = self.library.darshan_log_open(os.fsencode(order["log"]))
        if self.handle == self.ffi.NULL:
            raise Unreadable("open")

    def say(self, payload: bytes = b"", **message: Any) -> None:
        """One message."""
        line = json.dumps({**message, "bytes": len(payload)}, separators=(",", ":"))
        self.out.write(line.encode() + b"\n" + payload)
        self.out.flush()

    def text(self, pointer: Any, limit: int = -1) -> str:
        """The text at the pointer; bytes that are not UTF-8 as `\\xNN`."""
        found: bytes = self.ffi.string(pointer, limit)
        return found.decode("utf-8", "backslashreplace")

    def job(self) -> None:
        """The facts of the job."""
        ffi, library = self.ffi, self.library
        self.say(event="begin", what="job")
        job = ffi.new("struct darshan_job *")
        program = ffi.new("char[]", 8192)
        if (
            library.darshan_log_get_job(self.handle, job) < 0
            or library.darshan_log_get_exe(self.handle, program) < 0
        ):
            raise Unreadable("job")
        fields = dict(ffi.typeof("struct darshan_job").fields)
        old = "start_time" in fields
        self.say(
            event="job",
            executable=self.text(program, 8192),
            user_id=job.uid,
            job_id=job.jobid,
            process_count=job.nprocs,
            start=job.start_time if old else job.start_time_sec,
            end=job.end_time if old else job.end_time_sec,
            start_ns=0 if old else job.start_time_nsec,
            end_ns=0 if old else job.end_time_nsec,
            metadata=self.text(job.metadata, 1024),
        )

    def mounts(self) -> None:
        """The mount table, as the library sorts it."""
        self.say(event="begin", what="mounts")
        table, count = self.ffi.new("struct darshan_mnt_info **"), self.ffi.new("int *")
        if self.library.darshan_log_get_mounts(self.handle, table, count) < 0:
            raise Unreadable("mounts")
        rows = [(self.text(table[0][i].mnt_path), self.text(table[0][i].mnt_type)) for i in range(count[0])]
        self.say(event="mounts", rows=rows)

    def names(self) -> None:
        """The names of the records."""
        self.say(event="begin", what="names")
        table, count = self.ffi.new("struct darshan_name_record **"), self.ffi.new("int *")
        self.library.darshan_log_get_name_records(self.handle, table, count)
        rows = [(table[0][i].id, self.text(table[0][i].name)) for i in range(count[0])]
        for start in range(0, len(rows), CHUNK):
            self.say(event="names", rows=rows[start : start + CHUNK])

    def module(self, name: str, number: int) -> None:
        """All records of a module."""
        self.say(event="begin", what=name)
        try:
            count = self._module(name, number)
        except Unreadable as problem:
            self.say(event="unreadable", what=name, why=str(problem))
            # The library goes on decompressing where it stumbled: the next module needs the log opened afresh, by another child.
            os._exit(0)
        self.say(event="end", what=name, records=count)

    def _module(self, name: str, number: int) -> int:
        if name == "LUSTRE":
            return self._lustre(number)
        if name == "HEATMAP":
            return self._heatmap(number)
        if name in _AUTOPERF:
            return self._autoperf(name, number)
        return self._generic(name, number)

    def _record(self, number: int) -> Any:
        """The next record, or None at the end."""
        buffer = self.ffi.new("void **")
        found = self.library.darshan_log_get_record(self.handle, number, buffer)
        if found < 0:
            raise Unreadable("a record of it is damaged")
        return buffer[0] if found > 0 else None

    def _names(self, array: str, count: int) -> list[str]:
        """The names of `count` counters."""
        try:
            found = getattr(self.library, array)
        except AttributeError:
            raise Unreadable("the installed Darshan library has no reader for it") from None
        names: list[str] = []
        for index in range(count):
            name = self.text(found[index])
            if name.endswith("NUM_INDICES"):
                raise Unreadable("the installed Darshan library and its declarations differ")
            names.append(name)
        return names

    def _struct(self, name: str) -> Any:
        try:
            return self.ffi.typeof(f"struct {name}")
        except (self.ffi.error, KeyError):
            raise Unreadable("the installed Darshan library has no reader for it") from None

    def _generic(self, name: str, number: int) -> int:
        kind = self._struct(_PREFIX_OF_STRUCT.get(name, f"darshan_{name.lower()}"))
        fields = dict(kind.fields)
        prefix = _NAME_ARRAYS.get(name, name.lower())
        counters = self._names(f"{prefix}_counter_names", fields["counters"].type.length)
        floats = self._names(f"{prefix}_f_counter_names", fields["fcounters"].type.length)
        owner = "file_rec_id" in fields
        size = fields["fcounters"].offset + 8 * len(floats)
        return self._send(name, number, size, counters=counters, floats=floats, owner=owner)

    def _send(self, name: str, number: int, size: int, **said: Any) -> int:
        """The bytes of the records up to `size` each, in chunks."""
        count, rows = 0, []
        while (record := self._record(number)) is not None:
            rows.append(bytes(self.ffi.buffer(record, size)))
            self.library.darshan_free(record)
            count += 1
            if len(rows) == CHUNK:
                self.say(b"".join(rows), event="records", what=name, **said)
                rows = []
        if rows:
            self.say(b"".join(rows), event="records", what=name, **said)
        return count

    def _lustre(self, number: int) -> int:
        fields = dict(self._struct("darshan_lustre_record").fields)
        new = "comps" in fields
        array = "lustre_comp_counter_names" if new else "lustre_counter_names"
        count = 0
        names: list[str] = []
        rows: list[dict[str, Any]] = []
        while (record := self._record(number)) is not None:
            row = self.ffi.cast("struct darshan_lustre_record *", record)
            if not names:
                holder = row.comps[0].counters if new else row.counters
                names = self._names(array, len(holder))
            parts = self._components(row) if new else [self._stripes(row, names)]
            said = (
                [["LUSTRE_NUM_COMPONENTS", row.num_comps], ["LUSTRE_NUM_STRIPES", row.num_stripes]]
                if new
                else []
            )
            base = row.base_rec
            rows.append({"id": base.id, "rank": base.rank, "said": said, "components": parts})
            if len(rows) == CHUNK:
                self.say(event="lustre", what="LUSTRE", names=names, rows=rows)
                rows = []
            count += 1
        if rows:
            self.say(event="lustre", what="LUSTRE", names=names, rows=rows)
        return count

    def _components(self, row: Any) -> list[dict[str, Any]]:
        parts, used = [], 0
        for index in range(row.num_comps):
            component = row.comps[index]
            stripes = max(component.counters[1], 0)
            if used + stripes > row.num_stripes:
                raise Unreadable("a layout has more stripes than it says")
            targets = self.ffi.unpack(row.ost_ids + used, stripes) if stripes else []
            used += stripes
            pool = self.text(component.pool_name, 16)
            parts.append({"counters": list(component.counters), "osts": targets, "pool": pool})
        return parts

    def _stripes(self, row: Any, names: list[str]) -> dict[str, Any]:
        counters = list(row.counters)
        width = dict(zip(names, counters, strict=True)).get("LUSTRE_STRIPE_WIDTH", 0)
        if not 0 <= width <= _MOST_TARGETS:
            raise Unreadable("a layout has more stripes than can be")
        # The targets follow the counters, though some versions declare a pointer there.
        start = (
            self.ffi.cast("char *", row)
            + dict(self._struct("darshan_lustre_record").fields)["ost_ids"].offset
        )
        targets = self.ffi.unpack(self.ffi.cast("int64_t *", start), width) if width else []
        return {"counters": counters, "osts": targets, "pool": ""}

    def _heatmap(self, number: int) -> int:
        self._struct("darshan_heatmap_record")
        count = 0
        while (record := self._record(number)) is not None:
            row = self.ffi.cast("struct darshan_heatmap_record *", record)
            bins = row.nbins
            payload = bytes(self.ffi.buffer(row.read_bins, 8 * bins)) + bytes(
                self.ffi.buffer(row.write_bins, 8 * bins)
            )
            base = row.base_rec
            self.say(
                payload, event="heatmap", id=base.id, rank=base.rank, width=row.bin_width_seconds, bins=bins
            )
            self.library.darshan_free(record)
            count += 1
        return count

    def _autoperf(self, name: str, number: int) -> int:
        prefix = _AUTOPERF[name]
        head = self._struct(f"darshan_{prefix}_header_record")
        record = self._record(number)
        if record is None:
            return 0
        row = self.ffi.cast(self.ffi.typeof(f"struct darshan_{prefix}_header_record *"), record)
        said = {field: getattr(row, field) for field, _ in head.fields if field not in ("base_rec", "magic")}
        self.say(event="header", what=name, id=row.base_rec.id, rank=row.base_rec.rank, said=said)
        return 1 + (self._apmpi(number) if name == "APMPI" else self._apxc(number))

    def _apmpi(self, number: int) -> int:
        fields = dict(self._struct("darshan_apmpi_perf_record").fields)
        arrays = {
            "counters": "apmpi_counter_names",
            "fcounters": "apmpi_f_mpiop_totaltime_counter_names",
            "fsynccounters": "apmpi_f_mpiop_synctime_counter_names",
            "fglobalcounters": "apmpi_f_mpi_global_counter_names",
        }
        names = {field: self._names(array, fields[field].type.length) for field, array in arrays.items()}
        count = 0
        while (record := self._record(number)) is not None:
            row = self.ffi.cast("struct darshan_apmpi_perf_record *", record)
            values = {field: list(getattr(row, field)) for field in arrays}
            host = self.text(row.node_name, 128)
            self._perf("APMPI", row, names, values, host)
            count += 1
        return count

    def _apxc(self, number: int) -> int:
        fields = dict(self._struct("darshan_apxc_perf_record").fields)
        names = {"counters": self._names("apxc_counter_names", fields["counters"].type.length)}
        places = ("group", "chassis", "blade", "node")
        names["place"] = [f"APXC_{place.upper()}" for place in places]
        count = 0
        while (record := self._record(number)) is not None:
            row = self.ffi.cast("struct darshan_apxc_perf_record *", record)
            values = {"place": [getattr(row, place) for place in places], "counters": list(row.counters)}
            self._perf("APXC", row, names, values, "")
            count += 1
        return count

    def _perf(self, what: str, row: Any, names: Any, values: Any, host: str) -> None:
        base = row.base_rec
        self.say(event="perf", what=what, id=base.id, rank=base.rank, host=host, names=names, values=values)


def _load(folder: str, compiled: str | None) -> tuple[Any, Any]:
    """cffi's view of the library that PyDarshan brings, by PyDarshan's own declarations, which may be `compiled` already."""
    _stand_in(folder)
    from darshan.discover_darshan import find_utils

    if compiled:
        names: dict[str, Any] = {}
        exec(compiled, names)  # noqa: S102  (what `declare` wrote, given by the parent)
        ffi = names["ffi"]
    else:
        ffi = _declared()
    library = find_utils(ffi, None)
    if library is None:
        raise Unreadable("library")
    return ffi, library


def _stand_in(folder: str) -> None:
    """Make PyDarshan's modules importable without the package, which would load pandas."""
    for name in ("darshan", "darshan.backend"):
        package = types.ModuleType(name)
        package.__path__ = [os.path.join(folder, *name.split(".")[1:])]  # noqa: PTH118  (pathlib takes 10 ms)
        sys.modules[name] = package
    # The declarations of AutoPerf's modules lie in modules that import these without using them for it.
    for name in ("numpy", "darshan.backend.cffi_backend"):
        sys.modules[name] = types.ModuleType(name)


def _declared() -> Any:
    import cffi  # type: ignore[import-untyped,unused-ignore]
    from darshan.backend.api_def_c import load_darshan_header

    ffi = cffi.FFI()
    ffi.cdef(load_darshan_header(_declarations()))
    return ffi


def declare(order: dict[str, Any]) -> None:
    """Write PyDarshan's declarations as cffi compiles them: parsing C costs more than all else that a child does to start."""
    _stand_in(order["package"])
    ffi = _declared()
    ffi.set_source("_declarations", None)
    ffi.emit_python_code(order["declare"])


def _declarations() -> str:
    text = ""
    for name in _AUTOPERF.values():
        try:
            module = __import__(f"darshan.backend.{name}", fromlist=["x"])
        except ImportError:
            continue
        text += getattr(module, f"get_{name}_defs")()
    return text


def _limit(seconds: int, memory: int) -> None:
    """End this process by itself when its time is over, even if the parent is gone; more memory is refused to it."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGALRM])
    signal.alarm(seconds)
    for kind, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_AS, memory),
    ):
        _, hard = resource.getrlimit(kind)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(kind, (most, hard))
        except (ValueError, OSError):
            continue


def main() -> None:
    """Read what the order asks for."""
    order = json.loads(sys.argv[1])
    sys.path[:] = order["path"]
    _limit(order["seconds"], order["memory"])
    if order.get("declare"):
        declare(order)
        return
    out = os.fdopen(os.dup(1), "wb")
    silence = os.open(os.devnull, os.O_WRONLY)
    # The library writes its complaints to standard output and standard error.
    for descriptor in (1, 2):
        os.dup2(silence, descriptor)
    reader = Reader(order, out)
    for part in order["parts"]:
        getattr(reader, part)()
    for name, number in order["modules"]:
        reader.module(name, number)
    reader.say(event="done")
    # The library's destructors and Python's own could still hang: nothing is left to be done.
    os._exit(0)


if __name__ == "__main__":
    main()
