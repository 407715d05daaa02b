"""FlowBench's tables of one workflow, wherever they lie in a folder, and the labels in them."""

from __future__ import annotations

import csv
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from recup_kg.converters.flowbench.build import machine_of
from recup_kg.converters.flowbench.edges import parsed

NORMAL = ("", "None", "none", "nan", "normal")


class NoData(Exception):
    """What was to be judged is not there."""


@dataclass(frozen=True, slots=True)
class Labels:
    """What a table says of faults: the class of each labelled job, the machine of each job, and the jobs that compute."""

    classes: Mapping[str, str]
    machines: Mapping[str, str]
    compute: frozenset[str] = frozenset()

    @property
    def faulty_machines(self) -> frozenset[str]:
        """The machines that hosted a labelled job."""
        return frozenset(self.machines[job] for job in self.classes if job in self.machines)


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a workflow's runs, by the names of the runs."""

    files: Mapping[str, Path]
    adjacency: Path | None


def gather(data: Path, workflow: str, into: Path) -> Tables:
    """Lay the tables of a workflow into a folder, and the dependencies of its jobs beside it. Raises `NoData`."""
    folder = into / workflow
    folder.mkdir(parents=True)
    origin = _origin(data, workflow)
    if origin.is_dir():
        tables = sorted(path for path in origin.rglob("*.csv") if path.is_file())
        for path in tables:
            (folder / _free(folder, path.relative_to(origin).as_posix())).symlink_to(path.resolve())
    else:
        _extract(origin, folder)
    adjacency = next(_adjacencies(data, workflow, origin), None)
    if adjacency is not None:
        shutil.copyfile(adjacency, into / f"{workflow}.adjacency.json")
    files = {path.stem: path for path in sorted(folder.glob("*.csv"))}
    if not files:
        raise NoData(f"{origin} has no .csv: give the folder or zip that FlowBench has for the workflow")
    return Tables(files, adjacency)


def labels(path: Path) -> Labels:
    """The labels and machines of a table; jobs of one name are one."""
    classes: dict[str, str] = {}
    machines: dict[str, str] = {}
    compute: set[str] = set()
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        index = (reader.fieldnames or [""])[0]
        for row in reader:
            job = (row[index] or "").strip()
            label, host = (
                (row.get("anomaly_type") or "").strip(),
                (row.get("kickstart_hostname") or "").strip(),
            )
            if label not in NORMAL:
                classes[job] = label
            if (row.get("type") or "compute").strip() == "compute":
                compute.add(job)
            if host:
                machines[job] = machine_of(host) or host
    return Labels(classes, machines, frozenset(compute))


def _spellings(workflow: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((workflow, workflow.replace("-", "_"), workflow.replace("_", "-"))))


def _origin(data: Path, workflow: str) -> Path:
    """The zip or the folder of a workflow. Raises `NoData`."""
    folders = [data, *sorted(path for path in data.glob("*") if path.is_dir())] if data.is_dir() else []
    for folder in folders:
        for name in _spellings(workflow):
            if (folder / f"{name}.zip").is_file():
                return folder / f"{name}.zip"
            if (folder / name).is_dir() and any((folder / name).rglob("*.csv")):
                return folder / name
    if data.is_dir() and data.name in _spellings(workflow) and any(data.rglob("*.csv")):
        return data
    raise NoData(f"{data} has neither {workflow}.zip nor a folder {workflow} with .csv files: see --data")


def _adjacencies(data: Path, workflow: str, origin: Path) -> Iterator[Path]:
    """The files that may tell the dependencies, the nearest first."""
    for folder in dict.fromkeys((origin.parent, origin, data, data.parent, data.parent.parent)):
        for name in _spellings(workflow):
            for place in (f"{name}.adjacency.json", f"adjacency_list_dags/{name}.json", f"{name}.json"):
                path = folder / place
                if path.is_file() and parsed(path.read_bytes()) is not None:
                    yield path


def _extract(archive: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(archive) as found:
            for name in sorted(found.namelist()):
                if name.endswith(".csv") and not name.startswith("__MACOSX/"):
                    (folder / _free(folder, name)).write_bytes(found.read(name))
    except (zipfile.BadZipFile, OSError) as error:
        raise NoData(f"{archive} can't be read: {error}") from error


def _free(folder: Path, name: str) -> str:
    """The file name of a table, with the folders before it where another table has the same."""
    path = PurePosixPath(name)
    return "-".join(path.parts) if (folder / path.name).exists() else path.name
