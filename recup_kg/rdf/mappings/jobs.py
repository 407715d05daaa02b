"""Jobs of a batch system."""

from recup_kg.evidence.jobs import Job, JobScript
from recup_kg.rdf.mapping import ClassMapping, double, integer, json_value, link, pairs, text, time
from recup_kg.vocab import PROV, RDFS, RECUP

MAPPINGS = (
    ClassMapping(
        Job,
        "job",
        (RECUP + "Job", PROV + "Activity"),
        {
            "job_id": text(RECUP + "jobId"),
            "scheduler": text(RECUP + "scheduler"),
            "name": text(RDFS + "label"),
            "parent": link(RECUP + "stepOf", "job"),
            "user": text(RECUP + "userName"),
            "user_id": integer(RECUP + "userId"),
            "account": text(RECUP + "account"),
            "partition": text(RECUP + "partition"),
            "state": text(RECUP + "status"),
            "exit_code": text(RECUP + "exitCode"),
            "submitted": time(RECUP + "submittedAtTime"),
            "started": time(PROV + "startedAtTime"),
            "ended": time(PROV + "endedAtTime"),
            "run_time": double(RECUP + "runTime"),
            "time_limit": double(RECUP + "timeLimit"),
            "node_count": integer(RECUP + "nodeCount"),
            "task_count": integer(RECUP + "taskCount"),
            "core_count": integer(RECUP + "coreCount"),
            "requested_memory": integer(RECUP + "requestedMemory"),
            "resident_memory": integer(RECUP + "residentMemory"),
            "nodes": text(RECUP + "nodeName"),
            "working_directory": text(RECUP + "workingDirectory"),
            "command": text(RECUP + "commandLine"),
            "cancelled_by": integer(RECUP + "cancelledBy"),
            "cpu_time": double(RECUP + "cpuTime"),
            "user_cpu_time": double(RECUP + "userCpuTime"),
            "system_cpu_time": double(RECUP + "systemCpuTime"),
            "virtual_memory": integer(RECUP + "virtualMemory"),
            "requested_resources": pairs(RECUP + "requestedResource"),
            "allocated_resources": pairs(RECUP + "allocatedResource"),
        },
    ),
    ClassMapping(
        JobScript,
        "job-script",
        (RECUP + "JobScript", PROV + "Plan", PROV + "Entity"),
        {
            "label": text(RDFS + "label"),
            "scheduler": text(RECUP + "scheduler"),
            "interpreter": text(RECUP + "interpreter"),
            "directives": pairs(RECUP + "directive"),
            "commands": json_value(RECUP + "commands"),
            "modules": json_value(RECUP + "requestedModules"),
        },
    ),
)
