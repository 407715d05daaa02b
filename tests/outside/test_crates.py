"""Crates of ours under the RO-Crate validator (https://github.com/crs4/rocrate-validator), with an invalid crate as control.

Offline and without contexts it skips most checks: its cache is filled with the terms that we ship, and checks are counted.
"""

from __future__ import annotations

import io
import json
import subprocess
import zipfile
from pathlib import Path

import pytest

import recup_kg as recup
from recup_kg.converters.rocrate.context import Context
from tests.outside import program

TRACES = (
    "wfformat/blast/blast-chameleon-small-002.json",
    "wfformat/bwa/bwa-chameleon-small-001.json",
    "nextflow/tutorial/trace-20230517.txt",
)
CHECKS = {"process": 40, "workflow": 55, "provenance": 70}
"""Required checks of RO-Crate 1.1 and of the profile that must have run."""

SHARED = {
    "wfformat/v1.5/blast-chameleon-small-001.json": "Makeflow",
    "wfformat/v1.5/bwa-chameleon-small-002.json": "Makeflow",
    "wfformat/v1.5/bacass-dirt02-001.json": "Nextflow",
    "wfformat/v1.5/srasearch-chameleon-20a-001.json": "Pegasus",
}
PEGASUS = "wfformat/v1.5/montage-chameleon-2mass-005d-001.json"
CONTEXTS = ("https://w3id.org/ro/crate/1.1/context", "https://w3id.org/ro/terms/workflow-run")
SEED = """
import io, json, sys
import requests, requests_cache
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

class Told(BaseAdapter):
    def send(self, request, **_):
        body = json.dumps({"@context": told[request.url]}).encode()
        raw = HTTPResponse(io.BytesIO(body), {"Content-Type": "application/ld+json"}, 200, preload_content=False)
        return requests.adapters.HTTPAdapter().build_response(request, raw)
    def close(self): pass

told = json.load(sys.stdin)
session = requests_cache.CachedSession(sys.argv[1], backend="sqlite", expire_after=-1)
session.mount("https://", Told())
for address in told:
    assert session.get(address).status_code == 200
"""


@pytest.fixture(scope="module")
def cached(tmp_path_factory: pytest.TempPathFactory) -> Path:
    python = Path(program("rocrate-validator")).parent / "python"
    path = tmp_path_factory.mktemp("cache") / "http_cache"
    told = json.dumps({address: Context(address).terms for address in CONTEXTS})
    subprocess.run([python, "-c", SEED, path], input=told, text=True, check=True)
    return path


def validated(crate: Path, cached: Path, report: Path, profile: str) -> dict:
    call = [program("rocrate-validator"), "--no-interactive", "validate", "-p", f"{profile}-run-crate-0.5"]
    options = ["-l", "required", "--offline", "--cache-path", cached, "-f", "json", "-o", report, crate]
    subprocess.run([*call, *options], capture_output=True, timeout=300, check=False)
    found: dict = json.loads(report.read_text())
    return found


def executed(report: dict) -> int:
    return int(report["statistics"]["total_passed_checks"] + report["statistics"]["total_failed_checks"])


@pytest.mark.parametrize("trace", TRACES)
def test_no_required_check_fails(trace: str, root: Path, cached: Path, tmp_path: Path) -> None:
    assert_valid(root / "data" / trace, cached, tmp_path, "process")


def test_no_required_check_of_workflows_fails(root: Path, cached: Path, tmp_path: Path) -> None:
    assert_valid(root / "data" / TRACES[0], cached, tmp_path, "workflow")


@pytest.mark.parametrize("trace", TRACES)
def test_no_required_check_of_provenance_fails(trace: str, root: Path, cached: Path, tmp_path: Path) -> None:
    assert_valid(root / "data" / trace, cached, tmp_path, "provenance")


@pytest.mark.parametrize(("trace", "system"), SHARED.items())
def test_no_required_check_fails_for_runs_of_workflow_systems(
    trace: str, system: str, cached: Path, shared_data: Path, tmp_path: Path
) -> None:
    assert f'"{system}"' in (shared_data / trace).read_text()
    assert_valid(shared_data / trace, cached, tmp_path, "provenance")


def test_no_required_check_fails_for_a_run_of_pegasus(
    cached: Path, shared_data: Path, tmp_path: Path
) -> None:
    assert '"Pegasus"' in (shared_data / PEGASUS).read_text()
    assert_valid(shared_data / PEGASUS, cached, tmp_path, "process")


def exported(trace: Path, folder: Path, profile: str) -> Path:
    graph = recup.open(str(folder / "store"))
    run = graph.ingest(trace).name
    crate = folder / "crate"
    crate.mkdir()
    with zipfile.ZipFile(io.BytesIO(graph.export(run, "ro-crate", zipped=True, profile=profile))) as archive:
        archive.extractall(crate)
    return crate


def assert_valid(trace: Path, cached: Path, tmp_path: Path, profile: str) -> None:
    report = validated(exported(trace, tmp_path, profile), cached, tmp_path / "report.json", profile)
    assert [item["message"] for item in report["issues"]] == []
    assert report["passed"]
    assert executed(report) >= CHECKS[profile]


def test_runcrate_reports_each_task_and_its_step(root: Path, tmp_path: Path) -> None:
    crate = exported(root / "data" / TRACES[1], tmp_path, "provenance")
    told = subprocess.run(
        [program("runcrate"), "report", crate], capture_output=True, text=True, timeout=300, check=True
    )
    assert told.stdout.count("action: ") == 104 + 1
    assert told.stdout.count("  step: workflow.nt#") == 104


def test_invalid_crate_is_found(cached: Path, shared_data: Path, tmp_path: Path) -> None:
    crate = shared_data / "fair" / "ro-crate" / "validator-INVALID-action_instrument_bad_type"
    report = validated(crate, cached, tmp_path / "report.json", "process")
    assert "process-run-crate-0.5_1.1" in {item["check"]["identifier"] for item in report["issues"]}
    assert executed(report) >= CHECKS["process"]


def test_invalid_provenance_is_found(cached: Path, shared_data: Path, tmp_path: Path) -> None:
    crate = shared_data / "fair" / "ro-crate" / "validator-INVALID-howtostep_no_inv_step"
    report = validated(crate, cached, tmp_path / "report.json", "provenance")
    found = [item["message"] for item in report["issues"]]
    assert "A HowToStep must be referred to from a ComputationalWorkflow via step" in found
    assert executed(report) >= CHECKS["provenance"]
