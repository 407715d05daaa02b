"""Real files of jobs, machines, variables and accelerators: golden graphs, and values checked by other means."""

from __future__ import annotations

import csv
import json
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from recup_kg.evidence import Evidence
from recup_kg.evidence.environment import Device, EnvironmentVariable, LoadedModule, Machine
from recup_kg.evidence.jobs import Job, JobScript
from recup_kg.rdf.evidence import evidence_graph
from recup_kg.validate import validate_quads
from tests.converters.golden import assert_golden

CONVERTERS = ("slurm", "job_script", "pbs", "machine", "variables", "nvidia_smi", "rocm_smi")
SHIPPED = {
    "slurm/hb-jobinfo/sacct.txt": "slurm",
    "slurm/hb-jobinfo/scontrol-nodes.txt": "slurm",
    "job-script/flowcept-frontier/flowcept-frontier.sbatch": "job_script",
    "machine/jc/centos-7.7__uname-a.out": "machine",
    "machine/jc/generic__lsb_release-a.out": "machine",
    "machine/jc/generic__os-release-centos": "machine",
    "machine/jc/linux-proc__cpuinfo": "machine",
    "machine/telegraf/info.json": "machine",
    "environment-variables/jc/centos-7.7__env.out": "variables",
    "nvidia-smi/telegraf/a100-sxm4-v12.xml": "nvidia_smi",
    "nvidia-smi/telegraf/rtx-3080-v12.xml": "nvidia_smi",
    "rocm-smi/telegraf/mi100_rocm602.json": "rocm_smi",
}
DASK = ("ImageProcessing-R1", "ImageProcessing-R4", "PMDA-R1", "PMDA-R2")


def converter(name: str) -> ModuleType:
    return import_module(f"recup_kg.converters.{name}")


def reading(root: Path, name: str) -> Evidence:
    found = converter(SHIPPED[name]).read(root / "data" / name)
    assert isinstance(found, Evidence)
    return found


@pytest.mark.parametrize("name", SHIPPED)
def test_golden(name: str, root: Path, request: pytest.FixtureRequest) -> None:
    golden = "system/" + name.replace("/", "-")
    assert_golden(golden, reading(root, name), update=request.config.getoption("--update-golden"))


@pytest.mark.parametrize("name", SHIPPED)
def test_only_its_converter_recognises_it(name: str, root: Path) -> None:
    path = root / "data" / name
    assert [each for each in CONVERTERS if converter(each).sniff(path)] == [SHIPPED[name]]


@pytest.mark.parametrize("name", SHIPPED)
def test_its_graph_fits_the_shapes(name: str, root: Path) -> None:
    report = validate_quads("".join(evidence_graph(reading(root, name)).lines))
    assert [result for result in report.results if result.severity == "Violation"] == []


def test_every_row_of_sacct_is_a_job_with_its_own_values(root: Path) -> None:
    path = root / "data/slurm/hb-jobinfo/sacct.txt"
    jobs = {job.identifier: job for job in converter("slurm").read(path).records if isinstance(job, Job)}
    with path.open(newline="") as stream:
        rows = list(csv.reader(stream, delimiter="☃"))
    assert len(rows) == len(jobs) == 242
    for row in rows:
        job = jobs[row[0]]
        assert (job.name, job.state) == (row[1], row[8].partition(" by ")[0])
        assert (job.submitted.written if job.submitted else None) == row[9]
        assert (job.started.iso if job.started else "None") in (row[10], "None")
        assert job.core_count == int(row[6])
    assert sum(job.parent is not None for job in jobs.values()) == sum("." in row[0] for row in rows) > 50
    assert jobs["7965768.batch"].resident_memory == 1294440 * 1024
    assert jobs["7965768.batch"].cpu_time == 15 * 3600 + 33 * 60 + 59
    assert jobs["7965768.batch"].system_cpu_time == 23 * 60 + 8.357
    assert jobs["4034541"].requested_memory == 199 * 1024**3
    assert jobs["4034541"].cancelled_by == 10304007
    assert jobs["4047445"].started is None


def test_each_column_without_a_place_is_one_gap(root: Path) -> None:
    gaps = reading(root, "slurm/hb-jobinfo/sacct.txt").gaps
    assert len(gaps) == len({gap.comment for gap in gaps}) == 13
    assert {gap.kind for gap in gaps} == {"UnmappedField"}


def test_nodes_of_scontrol(root: Path) -> None:
    path = root / "data/slurm/hb-jobinfo/scontrol-nodes.txt"
    machines = [item for item in converter("slurm").read(path).records if isinstance(item, Machine)]
    lines = [line for line in path.read_text().splitlines() if line.strip()]
    assert len(machines) == len(lines) == 183
    for line, machine in zip(lines, machines, strict=True):
        assert line.startswith(f"NodeName={machine.name} CfgTRES=cpu={machine.cpu_count},mem=")
        assert dict(machine.resources)["mem"] == f"{machine.memory_size // 1024**2}M"


def test_devices_agree_with_the_files(root: Path) -> None:
    a100 = reading(root, "nvidia-smi/telegraf/a100-sxm4-v12.xml")
    devices = [item for item in a100.records if isinstance(item, Device)]
    assert [device.memory_size for device in devices] == [81920 * 1024**2, *[19968 * 1024**2] * 4]
    assert [device.part_of for device in devices[1:]] == [devices[0].identifier] * 4
    assert [gap.comment for gap in a100.gaps] == ["It says that 4 are attached and describes 1."]
    assert a100.source.created is not None
    assert a100.source.created.iso == "2023-08-04T11:44:30"
    raw = json.loads((root / "data/rocm-smi/telegraf/mi100_rocm602.json").read_text())
    cards = [
        item
        for item in reading(root, "rocm-smi/telegraf/mi100_rocm602.json").records
        if isinstance(item, Device)
    ]
    assert [card.uuid for card in cards] == [raw[f"card{index}"]["Unique ID"] for index in range(4)]
    assert {card.memory_size for card in cards} == {34342961152}
    assert {card.driver_version for card in cards} == {raw["system"]["Driver version"]}


def test_variables_are_those_of_the_file(root: Path) -> None:
    path = root / "data/environment-variables/jc/centos-7.7__env.out"
    stated = dict(line.split("=", 1) for line in path.read_text().splitlines())
    found = {
        item.name: item.value
        for item in converter("variables").read(path).records
        if isinstance(item, EnvironmentVariable)
    }
    assert found == stated
    assert len(found) == 24


def test_jobs_by_id_have_local_times(shared_data: Path, request: pytest.FixtureRequest) -> None:
    path = shared_data / "darshan/edison-job-4478544/sample.slurm"
    assert [each for each in CONVERTERS if converter(each).sniff(path)] == ["slurm"]
    found = converter("slurm").read(path)
    stated = json.loads(path.read_text())
    jobs = {job.identifier: job for job in found.records}
    assert jobs.keys() == stated.keys()
    assert len(jobs) == 11
    for name, job in jobs.items():
        assert (job.started.iso, job.ended.iso) == (stated[name]["start"], stated[name]["end"])
        assert set(job.nodes) == set(stated[name]["nodelist"])
        assert (job.job_id, job.parent) == ("4478544", None if name == "4478544" else "4478544")
    update = request.config.getoption("--update-golden")
    assert_golden("system/edison-sample.slurm", found, update=update, summary=True)


@pytest.mark.parametrize("run", DASK)
def test_scripts_and_messages_of_the_dask_runs(run: str, shared_data: Path) -> None:
    folder = shared_data / "recup-dask" / run
    files = [
        path
        for path in sorted(folder.iterdir())
        if path.suffix in (".csv", ".sh", ".pbs", ".OU", ".json", ".txt", ".log", "")
    ]
    files += sorted(folder.glob("*.sh.e*"))
    claimed = {
        path.name: [each for each in CONVERTERS if converter(each).sniff(path)]
        for path in files
        if path.is_file()
    }
    scripts = [name for name, found in claimed.items() if found == ["job_script"]]
    messages = [name for name, found in claimed.items() if found == ["pbs"]]
    assert all(found in ([], ["job_script"], ["pbs"]) for found in claimed.values())
    assert len(messages) == 1
    number = messages[0].rpartition(".e")[2]
    job, *others = converter("pbs").read(folder / messages[0]).records
    assert (job.job_id, job.name, job.scheduler) == (number, "polaris.sh", "PBS")
    modules = [item.identifier for item in others if isinstance(item, LoadedModule)]
    assert modules == ["PrgEnv-gnu/8.3.3", "gcc/12.2.0", "cray-mpich/8.1.25"]
    for name in scripts:
        script = converter("job_script").read(folder / name).records[0]
        assert isinstance(script, JobScript)
        assert dict(script.directives)["queue"] == "run_next"
        assert script.modules is not None and script.modules[0] == "gcc/12.2.0"
    assert scripts or run == "PMDA-R2"


def test_no_other_real_file_is_claimed(shared_data: Path) -> None:
    """A folder of tables of other tools, one of them with a column jobid."""
    files = [path for path in (shared_data / "oracles").iterdir() if path.is_file()]
    files += [path for path in (shared_data / "env/pangeo-ml-notebook").rglob("*") if path.is_file()]
    files += list((shared_data / "env/sbom").iterdir())
    assert len(files) >= 9
    assert {path.name for path in files for each in CONVERTERS if converter(each).sniff(path)} == set()
