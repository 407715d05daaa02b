"""Crates of ours under the RO-Crate validator (https://github.com/crs4/rocrate-validator), with an invalid crate as control.

Offline and without contexts it skips most checks: its cache is filled with the terms that we ship, and checks are counted.
"""

from __future__ import annotations

import json
import subprocess
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
PROFILE = "process-run-crate-0.5"
CHECKS = 40
"""Required checks of RO-Crate 1.1 and of the profile that must have run."""

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


def validated(crate: Path, cached: Path, report: Path) -> dict:
    call = [program("rocrate-validator"), "--no-interactive", "validate", "-p", PROFILE, "-l", "required"]
    options = ["--offline", "--cache-path", cached, "-f", "json", "-o", report, crate]
    subprocess.run([*call, *options], capture_output=True, timeout=300, check=False)
    found: dict = json.loads(report.read_text())
    return found


def executed(report: dict) -> int:
    return int(report["statistics"]["total_passed_checks"] + report["statistics"]["total_failed_checks"])


@pytest.mark.parametrize("trace", TRACES)
def test_no_required_check_fails(trace: str, root: Path, cached: Path, tmp_path: Path) -> None:
    assert_valid(root / "data" / trace, cached, tmp_path)


def test_no_required_check_fails_for_a_run_of_pegasus(
    cached: Path, shared_data: Path, tmp_path: Path
) -> None:
    assert '"Pegasus"' in (shared_data / PEGASUS).read_text()
    assert_valid(shared_data / PEGASUS, cached, tmp_path)


def assert_valid(trace: Path, cached: Path, tmp_path: Path) -> None:
    graph = recup.open(str(tmp_path / "store"))
    run = graph.ingest(trace).name
    crate = tmp_path / "crate"
    crate.mkdir()
    (crate / "ro-crate-metadata.json").write_bytes(graph.export(run, "ro-crate"))
    report = validated(crate, cached, tmp_path / "report.json")
    assert [item["message"] for item in report["issues"]] == []
    assert report["passed"]
    assert executed(report) >= CHECKS


def test_invalid_crate_is_found(cached: Path, shared_data: Path, tmp_path: Path) -> None:
    crate = shared_data / "fair" / "ro-crate" / "validator-INVALID-action_instrument_bad_type"
    report = validated(crate, cached, tmp_path / "report.json")
    assert "process-run-crate-0.5_1.1" in {item["check"]["identifier"] for item in report["issues"]}
    assert executed(report) >= CHECKS
