"""What a task scheduler tells as time goes by. These hang below an execution, beside its tasks and data."""

from recup_kg.evidence.scheduling import GraphSubmission, StateTransition, Transfer
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
)
