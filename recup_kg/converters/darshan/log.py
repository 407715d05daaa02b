"""What a Darshan log says, whichever form it came in: binary, or the text of darshan-parser and darshan-dxt-parser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from recup_kg.records import Gap, Number, Subject

MODULES = (
    *("NULL", "POSIX", "MPI-IO", "H5F", "H5D", "PNETCDF_FILE", "PNETCDF_VAR", "BG/Q", "LUSTRE", "STDIO"),
    *("DXT_POSIX", "DXT_MPIIO", "MDHIM", "APXC", "APMPI", "HEATMAP", "DFS", "DAOS"),
)
"""Names of the modules by their number in a log of version 3.41."""
DXT = ("DXT_POSIX", "DXT_MPIIO")


@dataclass(frozen=True, slots=True)
class Region:
    """What the log keeps of one module: `size` in compressed bytes, `partial` if records are missing because memory ran out.

    `offset` is None in text, which does not say where it lay.
    """

    module: str
    size: int
    version: int
    partial: bool | None = None
    offset: int | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """The facts of the job. Times are seconds since 1970 in UTC, `start_ns` and `end_ns` what lies beyond the whole second.

    `run_time` in s as the Darshan library computes it: whole seconds (end - start + 1) before log version 3.41.
    """

    log_version: str
    executable: str
    user_id: int
    job_id: int
    process_count: int
    start: int
    end: int
    run_time: float
    start_ns: int = 0
    end_ns: int = 0
    metadata: tuple[tuple[str, str], ...] = ()
    job_size: int = 0
    name_size: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """Counters of one record; `component` is the number of a Lustre layout's component, from 1, `osts` its storage targets."""

    module: str
    identifier: int
    rank: int
    counters: tuple[tuple[str, Number], ...]
    host: str | None = None
    component: int | None = None
    osts: tuple[int, ...] = ()
    pool: str | None = None


@dataclass(frozen=True, slots=True)
class Operations:
    """Reads or writes of one traced file by one rank: a list per column, of one length. Times in s since the job's start.

    An offset or thread that the log does not say is None.
    """

    offset: Sequence[int | None]
    length: Sequence[int]
    start: Sequence[float]
    end: Sequence[float]
    thread: Sequence[int | None]
    tag: Sequence[str | None]


@dataclass(frozen=True, slots=True)
class Trace:
    """A file as DXT traced it in one rank."""

    module: str
    identifier: int
    rank: int
    host: str
    written: Operations
    read: Operations


@dataclass(frozen=True, slots=True)
class Heatmap:
    """Bytes that one rank moved in each bin of time; `width` of a bin in s."""

    identifier: int
    rank: int
    width: float
    read: Sequence[int]
    written: Sequence[int]


@dataclass(slots=True)
class Log:
    """All that one log says.

    `mounts` are (mount point, file system type), longest first as the tool sorts them. `placed` is, where the form says it,
    the mount point and type of a record's file. `totals` are those that the text itself prints. `form` is how it was given.
    """

    job: Job
    regions: tuple[Region, ...]
    form: str
    mounts: tuple[tuple[str, str], ...] = ()
    names: dict[int, str] = field(default_factory=dict)
    placed: dict[int, tuple[str | None, str | None]] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    traces: list[Trace] = field(default_factory=list)
    heatmaps: list[Heatmap] = field(default_factory=list)
    totals: dict[str, tuple[tuple[str, Number], ...]] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)


def module_gap(module: str, kind: str, comment: str) -> Gap:
    """A gap about a module as a whole."""
    return Gap(kind, Subject("evidence"), f"module {module}", comment)


def text_of(data: bytes) -> str:
    """The bytes as text; what is not UTF-8 is spelled as `\\xNN`."""
    return data.decode("utf-8", "backslashreplace")


def signed(value: int) -> int:
    """The value as a 64-bit signed integer holds it."""
    return (value + 2**63) % 2**64 - 2**63


def unsigned(value: int) -> int:
    """The value as a 64-bit unsigned integer holds it."""
    return value % 2**64
