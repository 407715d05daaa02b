"""Stores that hold real runs and their comparisons: in memory, and behind a real SPARQL server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import recup_kg as recup
from recup_kg.api import KnowledgeGraph
from recup_kg.rdf.read import read_trace
from tests import dask_samples
from tests.results import samples as result_samples
from tests.store.conftest import server

__all__ = ["server"]

PAIRS = (
    ("blast-chameleon-small-002", "blast-chameleon-small-003"),
    ("bwa-chameleon-small-001", "bwa-chameleon-small-005"),
    ("1000genome-chameleon-2ch-250k-001", "1000genome-chameleon-2ch-100k-001"),
)
"""Of the runs that are shipped."""
MORE_PAIRS = (
    ("srasearch-chameleon-20a-001", "srasearch-chameleon-20a-002"),
    ("montage-chameleon-2mass-005d-001", "seismology-chameleon-100p-001"),
    ("fetchngs-dirt02-001", "bacass-dirt02-001"),
    ("eager-nextflow-chameleon-001", "sarek-dirt02-001"),
)
"""Of the runs that lie beside the checkout."""


@dataclass(frozen=True, slots=True)
class Library:
    """A store, and the name of the comparison of each pair."""

    graph: KnowledgeGraph
    comparisons: dict[str, str]

    def parameters(self, given: dict[str, str]) -> dict[str, str]:
        """The parameters of a case, `A / B` being the comparison of two runs."""
        return {name: self.comparisons.get(value, value) for name, value in given.items()}


def fill(graph: KnowledgeGraph, folder: Path, pairs: tuple[tuple[str, str], ...]) -> Library:
    """A store with the runs of the pairs, found below a folder, and with their comparisons."""
    paths = {path.stem: path for path in folder.rglob("*.json")}
    for pair in pairs:
        for name in pair:
            graph.ingest(paths[name], validate=False)
    comparisons = {f"{a} / {b}": graph.compare(a, b).stored_as or "" for a, b in pairs}
    return Library(graph, comparisons)


@pytest.fixture(scope="session")
def shipped(root: Path) -> Library:
    """In memory: runs that are shipped with the project."""
    return fill(recup.open(":memory:"), root / "data" / "wfformat", PAIRS)


@pytest.fixture(scope="session")
def shared(shared_data: Path) -> Library:
    """In memory: runs that lie beside the checkout."""
    return fill(recup.open(":memory:"), shared_data / "wfformat", MORE_PAIRS)


CHAIN = "darshan/chain/pq_app_"
LOGS = (
    f"{CHAIN}write_id71296_7-31-5657-2037904274838284930_55623.parser.txt.gz",
    f"{CHAIN}readAB_writeC_id71326_7-31-5658-2037904274838284930_5.parser.txt.gz",
)
ALIKE = (
    "slurm/hb-jobinfo/sacct.txt",
    "conda-environment/pangeo/environment.yml",
    "docker-inspect/telegraf/inspect.json",
    "machine/jc/centos-7.7__uname-a.out",
    "machine/jc/linux-proc__cpuinfo",
)
"""What both fused runs have; the table of sacct has no header and is refused."""
PARTS = {
    "fused-a": (
        *ALIKE,
        *LOGS,
        "wfformat/blast/blast-chameleon-small-002.json",
        "nvidia-smi/telegraf/a100-sxm4-v12.xml",
        "hpctoolkit/small/cct.db",
        "hpctoolkit/small/meta.db",
        "hpctoolkit/small/profile.db",
    ),
    "fused-b": (
        *ALIKE,
        LOGS[0],
        "wfformat/blast/blast-chameleon-small-003.json",
        "nvidia-smi/telegraf/rtx-3080-v12.xml",
    ),
}
"""Below data/."""
IMAGES = "ro-crate/workflow-run-crate/wfexs/ro-crate-metadata.json"
CRATE = "ro-crate/workflow-run-crate/nextflow/ro-crate-metadata.json"
SCRIPT = "job-script/flowcept-frontier/flowcept-frontier.sbatch"
PIP = "pip-list/centos/pip-list.out"
JOB = """\
JobID|JobName|User|Partition|State|ExitCode|Start|End|NNodes|NodeList
4711|blast|ada|batch|COMPLETED|0:0|2021-03-29T15:00:00|2021-03-29T15:10:00|1|{node}
"""
SETTINGS = """\
System_Info:
OS : Ubuntu 18.04
Hyperparameters:
layers_num : 2
layer_info :
layer1_num : 400
learning_rate : {rate}
Random seed: {seed}
"""


def assemble(root: Path, folder: Path) -> tuple[Path, ...]:
    """Folders of four runs: two of shipped files, of which the second differs in a package, a directive, a parameter, the seed,
    a log and a device; two of Dask, of which the second lacks a transfer.
    """
    for name, parts in PARTS.items():
        run = folder / name
        run.mkdir()
        for part in parts:
            shutil.copy(root / "data" / part, run)
        (run / "notes.bin").write_bytes(b"\x00\x01 of no format")
        second = name == "fused-b"
        (run / "settings.txt").write_text(
            SETTINGS.format(rate="0.001" if second else "0.0001", seed="None" if second else "2")
        )
        (run / "job.sacct").write_text(JOB.format(node="node002" if second else "node001"))
        pip, script = ((root / "data" / part).read_text() for part in (PIP, SCRIPT))
        (run / "pip-list.out").write_text(pip.replace("2.4.2", "2.4.3") if second else pip)
        (run / "job.sbatch").write_text(script.replace("nodes=2", "nodes=4") if second else script)
    (folder / "dask-a").mkdir()
    (folder / "dask-b").mkdir()
    dask_samples.save(folder / "dask-a")
    columns, rows = dask_samples.TRANSFERRED
    fewer = {**dask_samples.TABLES, "worker_transfer": (columns, rows[:-1])}
    dask_samples.save(folder / "dask-b", fewer)
    return tuple(folder / name for name in (*PARTS, "dask-a", "dask-b"))


@pytest.fixture(scope="session")
def fused(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Library:
    """In memory: runs that several sources tell of, which need no extra to be read."""
    graph = recup.open(":memory:")
    report = graph.ingest_all(assemble(root, tmp_path_factory.mktemp("runs")), validate=False)
    assert not report.refused
    assert [run.name for run in report.runs] == [*PARTS, "dask-a", "dask-b"]
    graph.ingest(root / "data" / CRATE, run="crate", validate=False)
    graph.ingest(root / "data" / IMAGES, run="images", validate=False)
    return Library(graph, {})


@pytest.fixture(scope="session")
def captures(shared_data: Path) -> Library:
    """In memory: two captures of Dask with its Darshan logs that lie beside the checkout."""
    pytest.importorskip("darshan", reason="needs the extra darshan")
    graph = recup.open(":memory:")
    folders = [shared_data / "recup-dask" / name for name in ("ImageProcessing-R4", "PMDA-R1", "PMDA-R2")]
    assert not graph.ingest_all(folders, validate=False).refused
    return Library(graph, {})


@pytest.fixture(scope="session")
def measured(shared_data: Path) -> Library:
    """In memory: five runs of each of two workflows that lie beside the checkout, and metrics of them."""
    graph = recup.open(":memory:")
    for path in sorted((shared_data / "wfformat" / "v1.5").glob("b*-chameleon-small-*.json")):
        graph.ingest(path, validate=False)
    names = [run.name for run in graph.runs()]
    graph.metrics("makeflow-blast-small")
    graph.metrics("makeflow-bwa-small", by="task")
    graph.metrics(group=" ".join(names[:2]), against=" ".join(names[2:5]))
    return Library(graph, {})


@pytest.fixture(scope="session")
def grouped(root: Path) -> Library:
    """In memory: shipped runs with tags, a baseline and a comparison with a group."""
    graph = recup.open(":memory:")
    one, two = PAIRS[0]
    for path in sorted((root / "data" / "wfformat").rglob("b*-small-*.json")):
        graph.ingest(path, validate=False)
    graph.tag(one, "good", "first")
    graph.baseline("blast", f"workflow={graph.run(one).workflow}")
    return Library(graph, {f"{two} against {one}": graph.against(two, "tag=good").stored_as or ""})


@pytest.fixture(scope="module")
def served(root: Path, server: str) -> Iterator[Library]:
    """Behind a SPARQL server: runs that are shipped with the project."""
    with recup.open(server) as graph:
        yield fill(graph, root / "data" / "wfformat", PAIRS)
        graph.remove(*(run.name for run in graph.runs()))


BLAST_OUTPUTS = ("None", "small.fasta.0.out", "small.fasta.12.out", "small.fasta.24.out")
"""Of tasks of two levels; all but one have another size in the second run."""


@pytest.fixture(scope="session")
def outputs(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Library:
    """In memory: output data of two runs that are shipped, by the names and sizes that these state; and of a small simulation,
    whose checkpoints part at the third one.
    """
    folder = tmp_path_factory.mktemp("outputs")
    graph = recup.open(":memory:")
    runs = []
    for name in PAIRS[0]:
        graph.ingest(root / "data" / "wfformat" / "blast" / f"{name}.json", validate=False)
        runs.append(blast_outputs(graph, name, folder / name))
    heat = (
        result_samples.checkpoints(folder / "heat-a"),
        result_samples.checkpoints(folder / "heat-b", parting=15, source=1.001),
    )
    kept = {
        "blast": graph.results(*runs, runs=PAIRS[0]),
        "heat": graph.results(*heat, atol=1e-6, keep=True),
        "heat within a margin": graph.results(*heat, atol=1e-6, theta=0.01, keep=True),
    }
    written = blast_outputs(graph, PAIRS[0][1], folder / "other-letter", b"y")
    graph.results(runs[0], written, runs=PAIRS[0])
    named = {name: found.stored_as or "" for name, found in kept.items()}
    named[" / ".join(PAIRS[0])] = graph.compare(*PAIRS[0]).stored_as or ""
    return Library(graph, named)


def blast_outputs(graph: KnowledgeGraph, run: str, folder: Path, letter: bytes = b"x") -> Path:
    """Some outputs of blast's tasks, of the size that the run states, full of one letter."""
    folder.mkdir()
    sizes = {data.identifier: data.size for data in read_trace(graph.export(run, "ntriples").decode()).data}
    for identifier in BLAST_OUTPUTS:
        (folder / identifier).write_bytes(letter * (sizes[identifier] or 0))
    return folder
