"""The batch job that this runs in: what its variables say, and what the scheduler says of it."""

from __future__ import annotations

from recup_kg.snapshot.host import Host
from recup_kg.snapshot.probe import Captured, Fact, NotCaptured, Probe

_VARIABLES: dict[str, dict[str, str]] = {
    "slurm": {
        "job_id": "SLURM_JOB_ID",
        "name": "SLURM_JOB_NAME",
        "partition": "SLURM_JOB_PARTITION",
        "account": "SLURM_JOB_ACCOUNT",
        "user": "SLURM_JOB_USER",
        "nodes": "SLURM_JOB_NODELIST",
        "node_count": "SLURM_JOB_NUM_NODES",
        "task_count": "SLURM_NTASKS",
        "tasks_per_node": "SLURM_NTASKS_PER_NODE",
        "cpus_per_task": "SLURM_CPUS_PER_TASK",
        "gpus": "SLURM_GPUS",
        "working_directory": "SLURM_SUBMIT_DIR",
    },
    "pbs": {
        "job_id": "PBS_JOBID",
        "name": "PBS_JOBNAME",
        "queue": "PBS_QUEUE",
        "account": "PBS_ACCOUNT",
        "user": "PBS_O_LOGNAME",
        "node_count": "PBS_NUM_NODES",
        "task_count": "PBS_NP",
        "working_directory": "PBS_O_WORKDIR",
    },
    "lsf": {
        "job_id": "LSB_JOBID",
        "name": "LSB_JOBNAME",
        "queue": "LSB_QUEUE",
        "nodes": "LSB_HOSTS",
        "working_directory": "LS_SUBCWD",
    },
    "flux": {"job_id": "FLUX_JOB_ID", "task_count": "FLUX_JOB_SIZE", "node_count": "FLUX_JOB_NNODES"},
    "cobalt": {"job_id": "COBALT_JOBID", "nodes": "COBALT_PARTNAME", "node_count": "COBALT_JOBSIZE"},
}
_COUNTS = ("node_count", "task_count", "cpus_per_task")


def job(host: Host) -> Captured:
    """The facts of the job that its variables tell."""
    for scheduler, names in _VARIABLES.items():
        if host.environment.get(names["job_id"]):
            return Captured({}, {"job.scheduler": scheduler, **_facts(host, scheduler, names)})
    raise NotCaptured("not in a batch job")


def _facts(host: Host, scheduler: str, names: dict[str, str]) -> dict[str, Fact]:
    found: dict[str, Fact] = {}
    for fact, name in names.items():
        value = host.environment.get(name)
        if value:
            found[f"job.{fact}"] = (
                int(value) if fact in _COUNTS and value.isascii() and value.isdecimal() else value
            )
    if scheduler == "pbs" and host.environment.get("PBS_NODEFILE"):
        nodes = dict.fromkeys((host.line(host.environment["PBS_NODEFILE"]) or "").split())
        if nodes:
            found |= {"job.nodes": " ".join(nodes), "job.node_count": len(nodes)}
    return found


def scontrol(host: Host) -> Captured:
    """`scontrol show job`."""
    identifier = host.environment.get("SLURM_JOB_ID")
    if not identifier:
        raise NotCaptured("not in a SLURM job")
    return Captured({"scontrol-job.txt": host.run("scontrol", "show", "job", identifier)})


PROBES = (Probe("job", job), Probe("scontrol", scontrol))
