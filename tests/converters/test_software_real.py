"""Real lists of software, images and settings: golden graphs, and values checked by other means."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from packageurl import PackageURL

from recup_kg.converters import converters
from recup_kg.evidence import Evidence
from recup_kg.evidence.environment import (
    Container,
    Device,
    EnvironmentSnapshot,
    EnvironmentVariable,
    Machine,
    Package,
    ParameterSetting,
    Seed,
)
from recup_kg.rdf.evidence import evidence_graph
from recup_kg.validate import validate_quads
from tests.converters.golden import assert_golden

MODULES = (
    *(
        "apptainer_inspect",
        "conda_environment",
        "conda_explicit",
        "conda_list",
        "conda_lock",
        "cyclonedx",
        "docker_inspect",
    ),
    *("module_list", "pip_freeze", "pip_inspect", "pip_list", "print_info", "spack", "spdx"),
)
SHIPPED = {
    "conda-environment/pangeo/environment.yml": "conda_environment",
    "conda-explicit/pangeo/conda-linux-64.lock": "conda_explicit",
    "docker-inspect/telegraf/inspect.json": "docker_inspect",
    "pip-freeze/pangeo/packages.txt": "pip_freeze",
    "pip-list/centos/pip-list.out": "pip_list",
    "spack/e4s/spack.yaml": "spack",
}
SHARED = {
    "env/pangeo-ml-notebook/2026.01.30/conda-linux-64.lock": "conda_explicit",
    "env/pangeo-ml-notebook/2026.01.30/environment.yml": "conda_environment",
    "env/pangeo-ml-notebook/2026.01.30/packages.txt": "pip_freeze",
    "env/sbom/proton-bridge-v1.6.3.cdx.json": "cyclonedx",
    "env/sbom/proton-bridge-v1.8.0.cdx.json": "cyclonedx",
    "env/spack/phgasnets.spack.lock": "spack",
    "env/spack/phgasnets.spack.yaml": "spack",
    "env/seed-print_info.yaml": "print_info",
}
DASK = ("ImageProcessing-R1", "ImageProcessing-R4", "PMDA-R1", "PMDA-R2")


def read(module: str, path: Path) -> Evidence:
    converter = import_module(f"recup_kg.converters.{module}")
    assert converter.sniff(path)
    found = converter.read(path)
    assert isinstance(found, Evidence)
    return found


def packages(evidence: Evidence) -> list[Package]:
    return [record for record in evidence.records if isinstance(record, Package)]


@pytest.mark.parametrize("name", SHIPPED)
def test_golden(name: str, root: Path, request: pytest.FixtureRequest) -> None:
    update = request.config.getoption("--update-golden")
    assert_golden(
        "software/" + name.replace("/", "-"), read(SHIPPED[name], root / "data" / name), update=update
    )


@pytest.mark.parametrize("name", SHARED)
def test_golden_of_shared_files(name: str, shared_data: Path, request: pytest.FixtureRequest) -> None:
    update = request.config.getoption("--update-golden")
    # The sources of phgasnets are under GPL-3.0: their content stays out of the repository.
    reading = read(SHARED[name], shared_data / name)
    golden = "software/" + name.removeprefix("env/").replace("/", "-")
    assert_golden(golden, reading, update=update, summary="phgasnets" in name)


@pytest.mark.parametrize("run", DASK)
def test_golden_of_job_output(run: str, shared_data: Path, request: pytest.FixtureRequest) -> None:
    (path,) = (shared_data / "recup-dask" / run).glob("*.OU")
    update = request.config.getoption("--update-golden")
    assert_golden(f"software/recup-dask-{run}", read("spack", path), update=update, summary=True)


def test_real_graphs_conform(root: Path) -> None:
    for name, module in SHIPPED.items():
        graph = evidence_graph(read(module, root / "data" / name))
        assert [
            result for result in validate_quads("".join(graph.lines)).results if result.severity != "Info"
        ] == []


def test_every_real_file_is_claimed_by_at_most_one_converter(shared_data: Path) -> None:
    claimed: Counter[str] = Counter()
    files = [
        path
        for folder in ("env", "recup-dask", "oracles")
        for path in (shared_data / folder).rglob("*")
        if path.is_file()
    ]
    files += [shared_data / "README.md", shared_data / "MANIFEST.tsv"]
    for path in files:
        found = [name for name, converter in converters().items() if converter.sniff(path)]
        assert len(found) <= 1, (path, found)
        claimed.update(found)
    mine = {import_module(f"recup_kg.converters.{module}").NAME for module in MODULES}
    assert {name: count for name, count in claimed.items() if name in mine} == {
        "conda-environment": 2,
        "conda-explicit": 2,
        "cyclonedx": 2,
        "docker-inspect": 1,
        "pip-freeze": 2,
        "pip-list": 1,
        "print-info": 1,
        "spack": 7,
    }


def test_texts_of_this_repository_are_not_claimed(root: Path) -> None:
    texts = [
        path
        for pattern in ("*.md", "*.toml", "docs/**/*.md", "recup_kg/**/*.py", "queries/*.rq", "shapes/*.ttl")
        for path in root.glob(pattern)
    ]
    assert len(texts) > 100
    for path in texts:
        assert [
            module for module in MODULES if import_module(f"recup_kg.converters.{module}").sniff(path)
        ] == [], path


def test_explicit_list_equals_its_lines_and_the_list_of_names(root: Path) -> None:
    path = root / "data/conda-explicit/pangeo/conda-linux-64.lock"
    found = packages(read("conda_explicit", path))
    lines = [line for line in path.read_text().splitlines() if line.startswith("https")]
    assert len(found) == len(lines) == 819
    for package, line in zip(found, lines, strict=True):
        assert line == f"{package.source_url}#{package.digests[0].removeprefix('md5:')}"
        assert f"/{package.name}-{package.version}-{package.build}." in line
        qualifiers = {"build": package.build, "channel": "conda-forge", "subdir": package.architecture}
        assert (
            package.purl == PackageURL("conda", None, package.name, package.version, qualifiers).to_string()
        )
    named = packages(read("pip_freeze", root / "data/pip-freeze/pangeo/packages.txt"))
    assert {(package.name, package.version) for package in found} == {
        (package.name, package.version) for package in named
    }
    # A list of conda packages in the form of pip is none of PyPI.
    assert {package.purl for package in named} == {None}


def test_drift_between_two_releases_is_what_the_lists_say(shared_data: Path) -> None:
    folder = shared_data / "env/pangeo-ml-notebook"
    old, new = (
        packages(read("pip_freeze", folder / release / "packages.txt"))
        for release in ("2025.01.10", "2026.01.30")
    )
    lines = [
        set((folder / release / "packages.txt").read_text().splitlines())
        for release in ("2025.01.10", "2026.01.30")
    ]
    stated = [{f"{package.name}=={package.version}" for package in side} for side in (old, new)]
    assert stated == [{line for line in side if line and line[0] != "#"} for side in lines]


def test_environment_yml_asks(root: Path) -> None:
    found = packages(read("conda_environment", root / "data/conda-environment/pangeo/environment.yml"))
    assert [(package.name, package.version, package.constraint) for package in found] == [
        ("cuda-version", None, ">=12.0"),
        ("flax", None, ">=0.8.0"),
        ("jax", None, None),
        ("jaxlib", None, ">=0.4.23=cuda120*"),
        ("jupyterlab-nvdashboard", None, None),
        ("keras-cv", None, None),
        ("tensorflow", None, ">=2.15.0=cuda120*"),
    ]
    assert {package.requested for package in found} == {True}


def test_pip_list_equals_its_rows(root: Path) -> None:
    path = root / "data/pip-list/centos/pip-list.out"
    rows = [tuple(line.split()) for line in path.read_text().splitlines()[2:]]
    found = packages(read("pip_list", path))
    assert [(package.name, package.version) for package in found] == rows
    assert len(rows) == 20
    assert found[9].purl == "pkg:pypi/pygments@2.4.2" and found[9].name == "Pygments"


def test_spack_yaml_equals_its_specs(root: Path) -> None:
    path = root / "data/spack/e4s/spack.yaml"
    specs = yaml.safe_load(path.read_text())["spack"]["specs"]
    evidence = read("spack", path)
    named = {package.identifier: package for package in packages(evidence)}
    for spec in specs:
        assert " ".join(spec.split("^")[0].split()) in {" ".join(name.split()) for name in named}
    assert named["chai tests=none"].variants == (("tests", "none"),)
    assert named["bricks ~cuda"].variants == (("cuda", "false"),)
    assert named["swig@4.0.2-fortran"].constraint == "@4.0.2-fortran"
    (tau,) = [package for package in named.values() if package.name == "tau"]
    assert tau.depends_on == ("intel-tbb@2022.3.0",)
    assert [gap.kind for gap in evidence.gaps] == ["NotCaptured"]


def test_spack_lock_equals_the_lock(shared_data: Path) -> None:
    path = shared_data / "env/spack/phgasnets.spack.lock"
    lock = json.loads(path.read_text())
    found = {package.build_hash: package for package in packages(read("spack", path))}
    assert set(found) == set(lock["concrete_specs"]) and len(found) == 98
    for key, node in lock["concrete_specs"].items():
        package = found[key]
        assert (package.name, package.version, package.namespace) == (
            node["name"],
            node["version"],
            node["namespace"],
        )
        needs = {entry["hash"] for entry in node.get("dependencies", [])}
        assert {found[name.rpartition("/")[2]].build_hash for name in package.depends_on} == needs
    assert {key for key, package in found.items() if package.requested} == {
        root["hash"] for root in lock["roots"]
    }
    assert Counter(package.compiler for package in found.values()).keys() == {None, "gcc@13.3.0"}


@pytest.mark.parametrize("run", DASK)
def test_spack_find_in_job_output(run: str, shared_data: Path) -> None:
    (path,) = (shared_data / "recup-dask" / run).glob("*.OU")
    lines = re.findall(r"^(\w+)\.([\w-]+)@(\S+)%gcc$", path.read_text(), re.MULTILINE)
    evidence = read("spack", path)
    found = packages(evidence)
    assert [(package.namespace, package.name, package.version) for package in found] == lines
    assert len(lines) == 135
    assert {(package.compiler, package.architecture) for package in found} == {
        ("gcc@11.2.0", "linux-sles15-zen3")
    }
    assert sum(1 for package in found if package.requested) == 12
    assert {package.version for package in found if package.name == "py-setuptools"} == {"63.4.3", "69.2.0"}
    (gap,) = evidence.gaps
    assert gap.comment == "5 lines are no part of what spack find lists."
    assert not [line for line in map(str, evidence.records) if "Mofka Server" in line]


@pytest.mark.parametrize("version", ["v1.6.3", "v1.8.0"])
def test_bill_of_materials_equals_the_document(version: str, shared_data: Path) -> None:
    path = shared_data / f"env/sbom/proton-bridge-{version}.cdx.json"
    document = json.loads(path.read_text())
    found = {package.identifier: package for package in packages(read("cyclonedx", path))}
    components = [document["metadata"]["component"], *document["components"]]
    assert set(found) == {component["bom-ref"] for component in components} and len(found) > 150
    for component in components:
        package = found[component["bom-ref"]]
        assert (package.purl, package.version) == (component["purl"], component["version"])
        assert package.digests == tuple(f"sha256:{entry['content']}" for entry in component.get("hashes", []))
        licences = tuple(
            entry["license"].get("id") or entry["license"]["name"] for entry in component.get("licenses", [])
        )
        assert (package.licence or ()) == licences
    graph = {entry["ref"]: set(entry.get("dependsOn", [])) for entry in document["dependencies"]}
    assert {name: set(package.depends_on) for name, package in found.items() if package.depends_on} == {
        name: targets for name, targets in graph.items() if targets
    }


def test_bill_of_materials_agrees_with_the_library_of_cyclonedx(shared_data: Path) -> None:
    model = pytest.importorskip("cyclonedx.model.bom", reason="needs cyclonedx-python-lib")
    path = shared_data / "env/sbom/proton-bridge-v1.6.3.cdx.json"
    bom = model.Bom.from_json(json.loads(path.read_text()))
    theirs = {(component.name, component.version, str(component.purl)) for component in bom.components}
    found = packages(read("cyclonedx", path))
    assert {(package.name, package.version) for package in found[1:]} == {
        (name, version) for name, version, _ in theirs
    }


def test_a_container_that_runs_has_not_ended(root: Path) -> None:
    records = read("docker_inspect", root / "data/docker-inspect/telegraf/inspect.json").records
    (container,) = [record for record in records if isinstance(record, Container)]
    assert container.started is not None and container.started.iso == "2018-06-14T05:48:53.266176036Z"
    assert (container.ended, container.exit_code, container.status, container.image) == (
        None,
        None,
        "running",
        None,
    )
    variables = {record.name: record.value for record in records if isinstance(record, EnvironmentVariable)}
    assert variables["ENVVAR3"] == "=ubuntu:10.04"
    assert (variables["ENVVAR4"], variables["ENVVAR5"], variables["ENVVAR6"]) == (None, "", " ")
    assert len(variables) == 9


def test_print_info_block(shared_data: Path) -> None:
    records = read("print_info", shared_data / "env/seed-print_info.yaml").records
    settings = {record.identifier: record for record in records if isinstance(record, ParameterSetting)}
    hyper = {record.path or record.name: record.value for record in settings.values() if record.hyper}
    assert hyper == {
        "model_type": "MLP",
        "layers_num": 5,
        **{f"layer_info/layer{number}_num": size for number, size in enumerate((400, 400, 200, 200, 100), 1)},
        **{f"layer_info/layer{number}_activation": "tanh" for number in range(1, 6)},
        "loss": "L1",
        "optimizer": "Adam",
        "batch_size": 200,
        "learning_rate": 0.0001,
        "epochs": 50,
    }
    assert settings["Platform_Info/pkatform"].value == "tensorflow-gpu"
    assert [
        (record.name, record.version, record.purl) for record in records if isinstance(record, Package)
    ] == [
        ("CUDA", "10.0", None),
        ("numpy", "1.14.5", None),
        ("tensorflow-gpu", "1.14.0", None),
    ]
    assert [record.operating_system for record in records if isinstance(record, Machine)] == ["Ubuntu 18.04"]
    assert [record.model for record in records if isinstance(record, Device)] == ["GeForce GTX 1080Ti"]
    assert [record for record in records if isinstance(record, Seed)] == [
        Seed("seed", "Random seed", "SeedRecorded", 2)
    ]
    assert [record.manager for record in records if isinstance(record, EnvironmentSnapshot)] == ["print_info"]


def test_hyper_parameters_are_those_of_ml_schema(shared_data: Path) -> None:
    graph = evidence_graph(read("print_info", shared_data / "env/seed-print_info.yaml"))
    typed = [line for line in graph.lines if "<http://www.w3.org/ns/mls#HyperParameterSetting>" in line]
    assert len(typed) == 17
    assert not [line for line in typed if "pkatform" in line]


def test_what_pip_says_of_this_environment(tmp_path: Path) -> None:
    """pip's four forms of one environment tell the same packages."""
    pytest.importorskip("pip", reason="needs pip in the environment of the tests")
    commands = {
        "pip_list": ("columns", "list", "--format", "columns"),
        "pip_list ": ("json", "list", "--format", "json"),
        "pip_freeze": ("freeze", "list", "--format", "freeze"),
        "pip_inspect": ("inspect", "inspect"),
    }
    found = {}
    for module, (name, *words) in commands.items():
        command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *words]
        path = tmp_path / f"{name}.txt"
        path.write_bytes(subprocess.run(command, check=True, capture_output=True).stdout)
        found[name] = {
            (package.name.lower().replace("_", "-").replace(".", "-"), package.version)
            for package in packages(read(module.strip(), path))
        }
    assert found["columns"] == found["json"] == found["freeze"] == found["inspect"]
    assert len(found["json"]) > 10
