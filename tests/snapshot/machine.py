"""A folder that stands for a machine, and programs that stand for its tools."""

from __future__ import annotations

from pathlib import Path

from recup_kg.snapshot import Host

FILES = {
    "/etc/os-release": 'NAME="Rocky Linux"\nVERSION_ID="8.9"\nID=rocky\nPRETTY_NAME="Rocky Linux 8.9"\n',
    "/etc/timezone": "America/Chicago\n",
    "/proc/cmdline": "BOOT_IMAGE=/vmlinuz root=/dev/sda1 isolcpus=2-3\n",
    "/proc/cpuinfo": "processor\t: 0\nflags\t\t: fpu hypervisor\n\nprocessor\t: 1\nflags\t\t: fpu hypervisor\n",
    "/proc/meminfo": "MemTotal:       16384 kB\nMemAvailable:    8192 kB\nSwapTotal:           0 kB\nHugePages_Total:       3\n",
    "/proc/loadavg": "0.50 1.25 2.00 1/200 4711\n",
    "/proc/swaps": "Filename\tType\n/dev/sda2\tpartition\n",
    "/proc/self/mounts": "proc /proc proc rw 0 0\nnid@o2ib:/lus /lus/my\\040data lustre rw 0 0\ntmpfs /tmp tmpfs rw 0 0\n",
    "/proc/sys/kernel/randomize_va_space": "2\n",
    "/proc/sys/vm/swappiness": "60\n",
    "/proc/1/cgroup": "0::/system.slice/docker-abc.scope\n",
    "/sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never\n",
    "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "performance\n",
    "/sys/devices/system/cpu/cpu1/cpufreq/scaling_governor": "powersave\n",
    "/sys/devices/system/cpu/smt/control": "on\n",
    "/sys/devices/system/cpu/intel_pstate/no_turbo": "1\n",
    "/sys/devices/system/cpu/vulnerabilities/meltdown": "Mitigation: PTI\n",
    "/sys/devices/system/node/node0/cpulist": "0-1\n",
    "/sys/class/thermal/cooling_device0/cur_state": "0\n",
    "/sys/class/thermal/cooling_device1/cur_state": "2\n",
    "/sys/class/infiniband/mlx5_0/fw_ver": "20.31.1014\n",
    "/sys/class/infiniband/mlx5_0/ports/1/rate": "200 Gb/sec (4X HDR)\n",
    "/sys/class/infiniband/mlx5_0/ports/1/state": "4: ACTIVE\n",
    "/sys/class/power_supply/AC/type": "Mains\n",
    "/sys/class/power_supply/AC/online": "1\n",
    "/sys/class/dmi/id/sys_vendor": "Dell Inc.\n",
    "/sys/fs/cgroup/cpu.max": "200000 100000\n",
}
COMMIT = "0123456789012345678901234567890123456789"
PROGRAMS = {
    "uname": "echo Linux nid001 4.18.0 '#1 SMP' x86_64 GNU/Linux",
    "lscpu": 'echo \'{"lscpu": [{"field": "Architecture:", "data": "x86_64"}]}\'',
    "cc": "echo cc '(GCC)' 12.2.0; echo second",
    "mpirun": "echo mpirun '(Open MPI)' 4.1.5",
    "scontrol": 'echo "JobId=$4 JobName=x"',
    "nvidia-smi": "echo '<nvidia_smi_log></nvidia_smi_log>'",
    "rocm-smi": "echo '{\"card0\": {}}'",
    "git": f'case "$1" in status) printf "# branch.oid %s\\n# branch.head main\\n1 .M N... 1 1 1 a b file\\n" {COMMIT} ;;'
    " *) echo https://ada:ghp_abcdefghijklmnopqrstuvwxyz0123456789@example.org/x.git ;; esac",
}
ENVIRONMENT = {
    "SLURM_JOB_ID": "77",
    "SLURM_JOB_NAME": "train",
    "SLURM_JOB_NUM_NODES": "2",
    "SLURM_JOB_NODELIST": "nid[001-002]",
    "LOADEDMODULES": "gcc/12.2:openmpi/4.1.5",
    "LANG": "en_US.UTF-8",
    "APPTAINER_CONTAINER": "/images/torch.sif",
}


def make(folder: Path, files: dict[str, str] | None = None, programs: dict[str, str] | None = None) -> Path:
    """The root of a machine with these files and programs, those above where none are given."""
    for name, text in (FILES if files is None else files).items():
        path = folder / name.lstrip("/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for name, script in (PROGRAMS if programs is None else programs).items():
        path = folder / "usr" / "bin" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
    return folder


def machine(folder: Path, environment: dict[str, str] | None = None, **more: dict[str, str]) -> Host:
    """The machine as probes see it; its working folder is `work` below the root."""
    (folder / "work").mkdir(parents=True, exist_ok=True)
    return Host(
        environment=ENVIRONMENT if environment is None else environment,
        root=make(folder, **more),
        folder=folder / "work",
        name="nid001",
    )
