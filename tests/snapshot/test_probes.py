"""What each probe says of a machine whose files are known."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from recup_kg.snapshot import Captured, Host, NotCaptured
from recup_kg.snapshot.probes import PROBES
from recup_kg.snapshot.probes.hardware import ranges
from tests.snapshot.machine import FILES, machine

LOOK = {probe.name: probe.look for probe in PROBES}
ALWAYS = {"uname", "limits", "libc", "affinity", "python", "python packages"}
"""What every Linux machine that runs Python tells."""


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return machine(tmp_path)


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        (
            "kernel settings",
            {
                "system.aslr": 2,
                "system.swappiness": 60,
                "system.swap": "enabled",
                "system.transparent_hugepages": "madvise",
            },
        ),
        (
            "kernel command line",
            {"system.kernel_command_line": "BOOT_IMAGE=/vmlinuz root=/dev/sda1 isolcpus=2-3"},
        ),
        ("load", {"reading.load_1m": 0.5, "reading.load_5m": 1.25, "reading.load_15m": 2.0}),
        (
            "mounts",
            {
                "mounts": [
                    {"device": "nid@o2ib:/lus", "mount_point": "/lus/my data", "file_system": "lustre"},
                    {"device": "tmpfs", "mount_point": "/tmp", "file_system": "tmpfs"},
                ]
            },
        ),
        ("locale", {"system.locale": "en_US.UTF-8", "system.time_zone": "America/Chicago"}),
        (
            "cpu scaling",
            {
                "cpu.governor": "performance powersave",
                "cpu.smt": "on",
                "cpu.turbo": "off",
                "reading.throttled_devices": 1,
            },
        ),
        ("cpu vulnerabilities", {"cpu.vulnerability.meltdown": "Mitigation: PTI"}),
        ("numa", {"numa.nodes": 1, "numa.node0.cpus": "0-1"}),
        (
            "infiniband",
            {
                "infiniband.mlx5_0.firmware": "20.31.1014",
                "infiniband.mlx5_0.port1.state": "4: ACTIVE",
                "infiniband.mlx5_0.port1.rate": "200 Gb/sec (4X HDR)",
            },
        ),
        ("power", {"power.mains": True}),
        ("container", {"container.engine": "apptainer", "container.image": "/images/torch.sif"}),
        ("virtualization", {"machine.vendor": "Dell Inc.", "machine.virtual": True}),
        (
            "job",
            {
                "job.scheduler": "slurm",
                "job.job_id": "77",
                "job.name": "train",
                "job.node_count": 2,
                "job.nodes": "nid[001-002]",
            },
        ),
    ],
)
def test_facts(host: Host, name: str, facts: dict[str, object]) -> None:
    assert LOOK[name](host) == Captured({}, facts)


@pytest.mark.parametrize(
    ("name", "file", "text"),
    [
        ("os-release", "os-release", FILES["/etc/os-release"]),
        ("uname", "uname.txt", "Linux nid001 4.18.0 #1 SMP x86_64 GNU/Linux\n"),
        ("cpuinfo", "cpuinfo", FILES["/proc/cpuinfo"]),
        ("memory", "meminfo", FILES["/proc/meminfo"]),
        ("lscpu", "lscpu.json", '{"lscpu": [{"field": "Architecture:", "data": "x86_64"}]}\n'),
        ("modules", "module-list.txt", "Currently Loaded Modulefiles:\n 1) gcc/12.2\n 2) openmpi/4.1.5\n"),
        ("scontrol", "scontrol-job.txt", "JobId= JobName=x\n"),
        ("nvidia-smi", "nvidia-smi.xml", "<nvidia_smi_log></nvidia_smi_log>\n"),
        ("rocm-smi", "rocm-smi.json", '{"card0": {}}\n'),
    ],
)
def test_files(host: Host, name: str, file: str, text: str) -> None:
    assert LOOK[name](host).files == {file: text}


def test_sizes_are_in_bytes(host: Host) -> None:
    assert LOOK["memory"](host).facts == {
        "memory.total": 16384 * 1024,
        "reading.memory_available": 8192 * 1024,
        "memory.swap_total": 0,
        "memory.huge_pages": 3,
    }


def test_compilers_and_mpi_say_their_version(host: Host) -> None:
    bin_ = host.root / "usr" / "bin"
    assert LOOK["compilers"](host).facts == {
        "toolchain.c.path": str(bin_ / "cc"),
        "toolchain.c.says": "cc (GCC) 12.2.0",
        "toolchain.c.version": "12.2.0",
    }
    assert LOOK["mpi"](host).facts["mpi.version"] == "4.1.5"


def test_the_state_of_the_working_folder(host: Host) -> None:
    (host.folder / "requirements.txt").write_text("numpy\n")
    (host.folder / "CMakeCache.txt").write_text("CMAKE_BUILD_TYPE:STRING=Release\nOTHER:STRING=x\n")
    assert LOOK["git"](host).facts == {
        "git.changed_files": 1,
        "git.dirty": True,
        "git.commit": "0123456789012345678901234567890123456789",
        "git.branch": "main",
        "git.remote": "https://ada:[redacted]@example.org/x.git",
    }
    assert LOOK["lock files"](host).facts == {
        "lock_files.requirements.txt": hashlib.sha256(b"numpy\n").hexdigest()
    }
    assert LOOK["build"](host).facts == {"build.CMAKE_BUILD_TYPE": "Release"}


def test_conda_records_become_an_explicit_list(host: Host, tmp_path: Path) -> None:
    records = tmp_path / "env" / "conda-meta"
    records.mkdir(parents=True)
    for name, more in (
        ("numpy-1.26.4-py311", {}),
        ("pip-made", None),
        ("tzdata-2024a-0", {"subdir": "noarch"}),
    ):
        url = f"https://conda.anaconda.org/conda-forge/linux-64/{name}.conda"
        said = {"url": url, "md5": "0" * 32, "subdir": "linux-64", "paths_data": {"url": "inner"}} | (
            more or {}
        )
        (records / f"{name}.json").write_text(
            json.dumps(said if more is not None else {"name": name}, indent=2, sort_keys=True)
        )
    captured = LOOK["conda"](Host(environment={"CONDA_PREFIX": str(tmp_path / "env")}))
    assert captured.files["conda-explicit.txt"].splitlines()[2:] == [
        "# platform: linux-64",
        "@EXPLICIT",
        f"https://conda.anaconda.org/conda-forge/linux-64/numpy-1.26.4-py311.conda#{'0' * 32}",
        f"https://conda.anaconda.org/conda-forge/linux-64/tzdata-2024a-0.conda#{'0' * 32}",
    ]
    assert captured.remark == "1 of 3 records name no URL"


def test_an_active_spack_environment_is_copied(tmp_path: Path) -> None:
    host = machine(
        tmp_path, {"SPACK_ENV": "/spack/env"}, files={"/spack/env/spack.lock": "{}\n"}, programs={}
    )
    assert LOOK["spack"](host).files == {"spack.lock": "{}\n"}


def test_packages_of_an_active_environment(tmp_path: Path) -> None:
    place = tmp_path / "lib" / "python3.12" / "site-packages"
    info = place / "numpy-1.26.4.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: numpy\nVersion: 1.26.4\n\nVersion: 9\n")
    (info / "INSTALLER").write_text("conda\n")
    (place / "broken-1.dist-info").mkdir()
    (place / "old.egg-info").write_text("Name: old\nVersion: 1\n")
    captured = LOOK["active environment"](Host(environment={"VIRTUAL_ENV": str(tmp_path)}))
    assert json.loads(captured.files["pip-list-active.json"]) == [
        {"name": "numpy", "version": "1.26.4", "location": str(place), "installer": "conda"},
        {"name": "old", "version": "1", "location": str(place)},
    ]


def test_packages_are_those_that_importlib_finds() -> None:
    from importlib.metadata import distributions

    listed = {
        entry["name"]: entry["version"]
        for entry in json.loads(LOOK["python packages"](Host()).files["pip-list.json"])
    }
    found = {item.metadata["Name"]: item.version for item in reversed(list(distributions()))}
    assert len(found) > 20
    assert listed == found


@pytest.mark.parametrize(
    ("files", "environment", "engine"),
    [
        ({"/.dockerenv": ""}, {}, "docker"),
        ({"/run/.containerenv": 'engine="podman"\nimage="docker.io/library/debian:12"\n'}, {}, "podman"),
        ({"/proc/1/cgroup": "11:cpu:/kubepods/pod1\n"}, {}, "kubepods"),
        ({}, {"container": "oci"}, "oci"),
        ({}, {"SHIFTER_IMAGEREQUEST": "debian:12"}, "shifter"),
    ],
)
def test_containers_are_known_by_what_they_leave(
    tmp_path: Path, files: dict[str, str], environment: dict[str, str], engine: str
) -> None:
    assert LOOK["container"](machine(tmp_path, environment, files=files)).facts["container.engine"] == engine


def test_the_nodes_of_a_pbs_job_are_in_its_file(tmp_path: Path) -> None:
    environment = {"PBS_JOBID": "12.sched", "PBS_NODEFILE": "/var/nodes", "PBS_QUEUE": "prod"}
    host = machine(tmp_path, environment, files={"/var/nodes": "x1\nx1\nx2\n"})
    assert LOOK["job"](host).facts == {
        "job.scheduler": "pbs",
        "job.job_id": "12.sched",
        "job.queue": "prod",
        "job.nodes": "x1 x2",
        "job.node_count": 2,
    }


@pytest.mark.parametrize(
    ("environment", "text"),
    [
        ({"B": "1", "A": "x=y"}, "A=x=y\nB=1\n"),
        ({"A": "two\nlines", "B": "1"}, "A=two\nlines\0B=1\0"),
        ({"DB_PASSWORD": "hunter2"}, "DB_PASSWORD=[redacted]\n"),
    ],
)
def test_variables(environment: dict[str, str], text: str) -> None:
    assert LOOK["variables"](Host(environment=environment)).files == {"env.txt": text}


@pytest.mark.parametrize("name", sorted(set(LOOK) - ALWAYS))
def test_a_machine_that_shows_nothing_is_said_to(tmp_path: Path, name: str) -> None:
    bare = machine(tmp_path, {}, files={}, programs={})
    with pytest.raises(NotCaptured, match=r"\w+ "):
        LOOK[name](bare)


def test_what_every_machine_tells(tmp_path: Path) -> None:
    bare = machine(tmp_path, {}, files={}, programs={})
    assert len(LOOK) == len(PROBES) >= 30
    assert {name for name in LOOK if name in ALWAYS and LOOK[name](bare)} == ALWAYS
    assert LOOK["uname"](bare).remark == "uname is not installed"


@pytest.mark.parametrize(
    ("numbers", "text"), [({0}, "0"), ({0, 1, 2, 3, 8}, "0-3,8"), ({5, 1, 3}, "1,3,5"), (set(), "")]
)
def test_ranges(numbers: set[int], text: str) -> None:
    assert ranges(numbers) == text
