"""The columns of FlowBench's tables, and the terms that they are stated as.

Pegasus' panorama branch computes them from the events of DAGMan and HTCondor, and from what kickstart measured of the job's
processes (https://pegasus.isi.edu/documentation/; seconds, bytes, bytes per second). Times are Unix time, so UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

from recup_kg.records import Number, Timestamp

NEEDED = frozenset(("ready", "submit", "execute_start", "execute_end", "runtime", "wms_delay", "queue_delay"))
"""The columns by which such a table is recognised."""

SECONDS = {
    "wms_delay": "releaseDelay",
    "queue_delay": "queueDelay",
    "pre_script_delay": "preScriptTime",
    "post_script_delay": "postScriptTime",
    "stage_in_delay": "stageInTime",
    "stage_out_delay": "stageOutTime",
    "kickstart_executables_cpu_time": "cpuTime",
    "kickstart_online_utime": "userCpuTime",
    "kickstart_online_stime": "systemCpuTime",
    "kickstart_online_iowait": "ioWaitTime",
}
RATES = {
    "stage_in_effective_bytes_per_sec": "stageInRate",
    "stage_out_effective_bytes_per_sec": "stageOutRate",
    "kickstart_online_bytes_read_per_second": "readRate",
    "kickstart_online_bytes_written_per_second": "writeRate",
}
COUNTS = {
    "stage_in_bytes": "stageInBytes",
    "stage_out_bytes": "stageOutBytes",
    "kickstart_online_read_system_calls": "readSystemCallCount",
    "kickstart_online_write_system_calls": "writeSystemCallCount",
}
MEASURED = {**SECONDS, **RATES, **COUNTS}
"""The columns that become `measurements` of a task."""
RUN_TIME, READ_BYTES, WRITTEN_BYTES = (
    "runtime",
    "kickstart_online_bytes_read",
    "kickstart_online_bytes_written",
)
STARTED, ENDED, SUBMITTED = "execute_start", "execute_end", "submit"
TIMES = {
    "ready": "readyAtTime",
    "pre_script_start": "preScriptStartedAtTime",
    "pre_script_end": "preScriptEndedAtTime",
    "stage_in_start": "stageInStartedAtTime",
    "stage_in_end": "stageInEndedAtTime",
    "stage_out_start": "stageOutStartedAtTime",
    "stage_out_end": "stageOutEndedAtTime",
    "post_script_start": "postScriptStartedAtTime",
    "post_script_end": "postScriptEndedAtTime",
}
"""The times of a task beside its start, end and submission."""
LABEL, TYPE, CLUSTERED, HOST = "anomaly_type", "type", "is_clustered", "kickstart_hostname"
TRANSFORMATION, PROGRAM, ARGUMENTS = (
    "kickstart_transformations",
    "kickstart_executables",
    "kickstart_executables_argv",
)
EXIT_CODE = "kickstart_executables_exitcode"
TEXTS = {
    LABEL: "anomalyLabel",
    "kickstart_user": "userName",
    "kickstart_site": "executionSite",
    "kickstart_status": "launcherStatus",
}
STAGES = {
    "stage_in_effective_bytes_per_sec": (
        "stage_in_start",
        "stage_in_end",
        "stage_in_delay",
        "stage_in_bytes",
    ),
    "stage_out_effective_bytes_per_sec": (
        *("stage_out_start", "stage_out_end"),
        *("stage_out_delay", "stage_out_bytes"),
    ),
}
"""The columns without which a rate of 0 is no measurement, but what the tool writes where nothing was transferred."""
KNOWN = frozenset(
    (
        *MEASURED,
        *TIMES,
        *TEXTS,
        *(RUN_TIME, READ_BYTES, WRITTEN_BYTES, STARTED, ENDED, SUBMITTED),
        *(TYPE, CLUSTERED, HOST, TRANSFORMATION, PROGRAM, ARGUMENTS, EXIT_CODE),
    )
)
NOTHING = frozenset(("", "nan", "NaN"))
"""What stands where nothing was captured. `None` is a text: the label of a job without fault."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_END_OF_TIME = Decimal(253_402_300_800)
"""The year 10000."""


def amount(column: str, written: str) -> Number | None:
    """A number of at least 0, a whole one as an int where the column counts things; None where the text is none."""
    value = _decimal(written)
    if value is None or value < 0:
        return None
    whole = column in COUNTS or column in (READ_BYTES, WRITTEN_BYTES)
    return int(value) if whole and value == value.to_integral_value() else float(value)


def moment(written: str) -> Timestamp:
    """The time of so many seconds since 1970-01-01T00:00:00Z; `iso` is None where the text is no such number."""
    value = _decimal(written)
    if value is None or not 0 <= value < _END_OF_TIME:
        return Timestamp(written, None)
    seconds, rest = divmod(value, 1)
    fraction = f"{rest:f}".rstrip("0").removeprefix("0").rstrip(".")
    return Timestamp(written, f"{_EPOCH + timedelta(seconds=int(seconds)):%Y-%m-%dT%H:%M:%S}{fraction}Z")


def flag(written: str) -> bool | None:
    """0 or 1, however it is spelled; None for anything else."""
    return {"0": False, "0.0": False, "false": False, "1": True, "1.0": True, "true": True}.get(
        written.lower()
    )


def _decimal(written: str) -> Decimal | None:
    try:
        value = Decimal(written)
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value.adjusted()) < 40 else None
