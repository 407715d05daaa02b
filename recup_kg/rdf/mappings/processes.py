"""Processes, files and mounts."""

from recup_kg.evidence.processes import AccessedFile, Mount, Process, ProcessGroup
from recup_kg.rdf.mapping import ClassMapping, double, integer, json_value, link, text, time
from recup_kg.vocab import DCTERMS, PROV, RDFS, RECUP

MAPPINGS = (
    ClassMapping(
        ProcessGroup,
        "process-group",
        (RECUP + "ProcessGroup", PROV + "Activity"),
        {
            "label": text(RDFS + "label"),
            "executable": text(RECUP + "program"),
            "command_line": text(RECUP + "commandLine"),
            "user_id": integer(RECUP + "userId"),
            "job": text(RECUP + "jobId"),
            "process_id": integer(RECUP + "processId"),
            "process_count": integer(RECUP + "processCount"),
            "started": time(PROV + "startedAtTime"),
            "ended": time(PROV + "endedAtTime"),
            "run_time": double(RECUP + "runTime"),
            "hosts": text(RECUP + "nodeName"),
            "tool": text(RECUP + "tool"),
            "tool_version": text(RECUP + "toolVersion"),
            "log_version": text(RECUP + "logVersion"),
        },
    ),
    ClassMapping(
        Process,
        "process",
        (RECUP + "Process", PROV + "Activity"),
        {
            "label": text(RDFS + "label"),
            "process_group": link(RECUP + "inProcessGroup", "process-group"),
            "host": text(RECUP + "nodeName"),
            "address": text(RECUP + "address"),
            "process_id": integer(RECUP + "processId"),
            "rank": integer(RECUP + "processRank"),
            "thread": integer(RECUP + "threadId"),
            "stream": integer(RECUP + "streamId"),
            "started": time(PROV + "startedAtTime"),
            "ended": time(PROV + "endedAtTime"),
            "identifier_tuple": json_value(RECUP + "identifierTuple"),
        },
    ),
    ClassMapping(
        AccessedFile,
        "file",
        (RECUP + "AccessedFile", PROV + "Entity"),
        {
            "identifier": text(DCTERMS + "identifier"),
            "path": text(RECUP + "path"),
            "mount_point": text(RECUP + "mountPoint"),
            "file_system": text(RECUP + "fileSystem"),
        },
        internal=frozenset(),
    ),
    ClassMapping(
        Mount,
        "mount",
        (RECUP + "Mount", PROV + "Entity"),
        {
            "mount_point": text(RECUP + "mountPoint"),
            "file_system": text(RECUP + "fileSystem"),
        },
    ),
)
