"""What a task scheduler tells as time goes by. These hang below an execution, beside its tasks and data."""

from recup_kg.evidence.scheduling import (
    GraphSubmission,
    NodeRole,
    Registration,
    StateTransition,
    Transfer,
    UncapturedTask,
    WorkerSettings,
)
from recup_kg.rdf.mapping import ClassMapping, double, integer, link, text, time
from recup_kg.vocab import PROV, RECUP

MAPPINGS = (
    ClassMapping(
        StateTransition,
        "transition",
        (RECUP + "StateTransition", PROV + "InstantaneousEvent"),
        {
            "task": link(RECUP + "transitionOf", "task"),
            "from_state": text(RECUP + "fromState"),
            "to_state": text(RECUP + "toState"),
            "time": time(PROV + "atTime"),
            "process": link(RECUP + "reportedBy", "process"),
            "stimulus": text(RECUP + "stimulus"),
            "position": integer(RECUP + "recordPosition"),
            "worker": link(RECUP + "reportedWorker", "process"),
            "thread": integer(RECUP + "reportedThreadId"),
            "size": integer(RECUP + "reportedOutputSize"),
            "began": time(RECUP + "reportedStart"),
            "ended": time(RECUP + "reportedEnd"),
            "duration": double(RECUP + "reportedDuration"),
        },
    ),
    ClassMapping(
        Transfer,
        "transfer",
        (RECUP + "Transfer", PROV + "Activity"),
        {
            "items": link(RECUP + "transferred", "data"),
            "from_process": link(RECUP + "fromProcess", "process"),
            "to_process": link(RECUP + "toProcess", "process"),
            "size": integer(RECUP + "transferredBytes"),
            "started": time(PROV + "startedAtTime"),
            "ended": time(PROV + "endedAtTime"),
            "duration": double(RECUP + "runTime"),
            "times_recorded": integer(RECUP + "timesRecorded"),
            "direction": text(RECUP + "transferDirection"),
            "recorded_by": link(RECUP + "recordedBy", "process"),
            "other_end": link(RECUP + "otherEnd", "transfer"),
            "compressed_size": integer(RECUP + "compressedBytes"),
        },
    ),
    ClassMapping(
        GraphSubmission,
        "submission",
        (RECUP + "GraphSubmission", PROV + "Activity"),
        {
            "client": text(RECUP + "client"),
            "time": time(PROV + "startedAtTime"),
            "tasks": link(RECUP + "submitted", "task"),
            "wanted": link(RECUP + "wanted", "task"),
        },
    ),
    ClassMapping(
        Registration,
        "registration",
        (RECUP + "Registration", PROV + "InstantaneousEvent"),
        {
            "action": text(RECUP + "action"),
            "time": time(PROV + "atTime"),
            "process": link(RECUP + "registered", "process"),
            "client": text(RECUP + "client"),
            "stimulus": text(RECUP + "stimulus"),
        },
    ),
    # The next three say more of what other records describe.
    ClassMapping(
        WorkerSettings,
        "process",
        (),
        {
            "thread_count": integer(RECUP + "threadCount"),
            "memory_limit": text(RECUP + "memoryLimitAsWritten"),
            "local_directory": text(RECUP + "localDirectory"),
        },
    ),
    ClassMapping(NodeRole, "node", (), {"roles": text(RECUP + "nodeRole")}),
    ClassMapping(UncapturedTask, "task", (RECUP + "UncapturedTask",), {}),
)
