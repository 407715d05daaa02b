"""The wheel has what an installed recup needs, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    root = Path(__file__).parent.parent
    script = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", script, str(folder)], cwd=root, check=True, capture_output=True)
    (found,) = folder.glob("recup_kg-*.whl")
    return found


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    return set(zipfile.ZipFile(wheel).namelist())


@pytest.mark.parametrize(("folder", "ending"), [("ontology", ".ttl"), ("shapes", ".ttl"), ("queries", ".rq")])
def test_every_resource_is_in_the_wheel(root: Path, names: set[str], folder: str, ending: str) -> None:
    files = {path.relative_to(root).as_posix() for path in (root / folder).rglob(f"*{ending}")}
    assert files
    assert {f"recup_kg/_resources/{name}" for name in files} <= names


def test_every_template_is_in_the_wheel(root: Path, names: set[str]) -> None:
    templates = {path.relative_to(root).as_posix() for path in (root / "recup_kg/report/templates").iterdir()}
    assert len(templates) >= 8
    assert templates <= names


def test_every_module_is_in_the_wheel(root: Path, names: set[str]) -> None:
    modules = {path.relative_to(root).as_posix() for path in (root / "recup_kg").rglob("*.py")}
    assert modules <= names


def test_nothing_else_is_in_the_wheel(names: set[str]) -> None:
    assert {name.split("/")[0].split("-")[0] for name in names} == {"recup_kg"}
    kinds = {Path(name).suffix for name in names if "/_resources/" not in name and ".dist-info/" not in name}
    assert kinds == {".py", ".typed", ".json", ".j2", ".css", ".js", ".toml"} - ({".typed"} - kinds)
    # The terms that the contexts of RO-Crate define.
    assert [name for name in names if name.endswith(".json") and "/_resources/" not in name] == [
        "recup_kg/converters/rocrate/contexts.json"
    ]


def test_an_installed_recup_finds_its_resources(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    script = (
        "import sys; sys.path.insert(0, sys.argv[1]);"
        "from recup_kg.resources import path; print(*(path(kind) for kind in ('ontology', 'shapes', 'queries')))"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", script, str(tmp_path / "site")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [
        str(tmp_path / "site" / "recup_kg" / "_resources" / kind)
        for kind in ("ontology", "shapes", "queries")
    ]
