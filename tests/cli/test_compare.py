"""recup compare."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

A = "blast-chameleon-small-002"
B = "blast-chameleon-small-003"
KEYS = ["reference", "other", "verdict", "aspects", "coverage", "matching", "deviations", "makespan"]
DEVIATION = {
    "rank",
    "kind",
    "name",
    "reference_task",
    "other_task",
    "first",
    "role",
    "inherited_from",
    "reference_value",
    "other_value",
    "unit",
    "ratio",
    "message",
    "evidence",
}


@pytest.fixture
def blast(samples: Path) -> list[Path]:
    return [samples / "blast" / f"{name}.json" for name in (A, B)]


def test_two_files_are_compared_and_nothing_is_kept(recup, blast, tmp_path: Path) -> None:
    outcome = recup("compare", *blast)
    assert (outcome.code, outcome.err) == (0, "")
    assert "Verdict: different" in outcome.out
    assert max(map(len, outcome.out.splitlines())) <= 80
    assert list(tmp_path.iterdir()) == []


def test_json_has_the_documented_form(recup, blast) -> None:
    found = recup("compare", *blast, "--json").json
    assert [key for key in found if key in KEYS] == KEYS
    assert (found["reference"], found["other"], found["verdict"]) == (A, B, "different")
    assert set(found["matching"]) >= {"matched", "ambiguous", "only_reference", "only_other"}
    assert found["matching"]["matched"] == 43
    assert found["deviations"]
    for rank, deviation in enumerate(found["deviations"], 1):
        assert set(deviation) == DEVIATION
        assert deviation["rank"] == rank
        assert set(deviation["evidence"]) == {"query", "bindings"}


def test_runs_and_files_give_the_same_answer(recup, blast) -> None:
    of_files = recup("compare", *blast, "--json").json
    recup("ingest", *blast)
    assert recup("compare", A, B, "--json").json == of_files
    assert recup("compare", A, blast[1], "--json").json == of_files


def test_a_comparison_of_runs_is_kept_once(recup, blast, tmp_path: Path) -> None:
    recup("ingest", *blast)
    before = len(list((tmp_path / "recup-store" / "bundles").iterdir()))
    said = recup("compare", A, B, "-v").err
    recup("compare", A, B)
    assert len(list((tmp_path / "recup-store" / "bundles").iterdir())) == before + 1
    assert said.startswith("kept as compare-")
    text = "ASK { GRAPH ?g { ?c a <https://w3id.org/recup/ontology#Comparison> } }"
    assert recup("query", text, "--json").json == {"head": {}, "boolean": True}


def test_a_kept_comparison_is_not_among_the_runs(recup, blast) -> None:
    recup("ingest", *blast)
    recup("compare", A, B)
    assert [run["name"] for run in recup("runs", "--json").json] == [A, B]
    assert recup("show", "--json").json["name"] == B


@pytest.mark.parametrize(
    ("pair", "fail_on", "code"),
    [
        ((A, B), None, 0),
        ((A, B), "different", 1),
        ((A, B), "cant-tell", 1),
        ((A, A), None, 0),
        ((A, A), "different", 0),
    ],
)
def test_the_exit_code_is_what_the_caller_asked_for(recup, samples: Path, pair, fail_on, code: int) -> None:
    files = [samples / "blast" / f"{name}.json" for name in pair]
    options = ["--fail-on", fail_on] if fail_on else []
    assert recup("compare", *files, *options, "-q").code == code


@pytest.mark.parametrize(
    ("form", "start"),
    [("md", "# "), ("ttl", "@prefix"), ("json", "{"), ("text", B), ("html", "<!DOCTYPE html>")],
)
def test_forms(recup, blast, form: str, start: str) -> None:
    outcome = recup("compare", *blast, "--format", form)
    assert outcome.code == 0
    assert outcome.out.startswith(start)


def test_html_goes_to_a_file_and_the_exit_code_stays(recup, blast, tmp_path: Path) -> None:
    outcome = recup(
        "compare", *blast, "--format", "html", "-o", tmp_path / "r.html", "--fail-on", "different"
    )
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.splitlines()[-1] == f"wrote {tmp_path / 'r.html'}"
    page = (tmp_path / "r.html").read_text()
    assert page.startswith("<!DOCTYPE html>") and page.endswith("</html>\n")
    failed = recup("compare", *blast, "--format", "html", "-o", tmp_path / "no" / "r.html")
    assert failed.code == 2
    assert "can't be written: No such file or directory; name another file" in failed.err


def test_verbose_says_more(recup, blast) -> None:
    short, long = recup("compare", *blast), recup("compare", *blast, "--verbose")
    assert len(long.out.splitlines()) > len(short.out.splitlines())


def test_the_thresholds_change_what_counts(recup, samples: Path) -> None:
    files = [samples / "bwa" / f"bwa-chameleon-small-{n}.json" for n in ("001", "005")]

    def slower(*options: object) -> int:
        found = recup("compare", *files, "--json", *options).json["deviations"]
        return sum(deviation["kind"] == "performance" for deviation in found)

    assert slower("--ratio", "50") < slower() < slower("--ratio", "1.2", "--seconds", "0.1")


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--ratio", "1"], "Invalid value for '--ratio'"),
        (["--seconds", "-1"], "Invalid value for '--seconds'"),
        (["--ratio", "nan"], "Invalid value for '--ratio'"),
        (["--format", "pdf"], "Invalid value for '--format'"),
    ],
)
def test_wrong_options_are_one_line(recup, blast, options: list[str], problem: str) -> None:
    outcome = recup("compare", *blast, *options)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"recup: {problem}")
    assert outcome.err.count("\n") == 1


def test_files_of_one_name_are_told_apart(recup, blast, tmp_path: Path) -> None:
    for folder, path in zip(("a", "b"), blast, strict=True):
        (tmp_path / folder).mkdir()
        shutil.copy(path, tmp_path / folder / "run.json")
    found = recup("compare", "a/run.json", "b/run.json", "--json").json
    assert (found["reference"], found["other"]) == ("a/run.json", "b/run.json")


@pytest.mark.parametrize("other", ["absent.json", "broken.json"])
def test_a_side_that_can_not_be_used_is_one_line(recup, blast, tmp_path: Path, other: str) -> None:
    (tmp_path / "broken.json").write_text('{"schemaVersion": "1.5", "workflow": {')
    outcome = recup("compare", blast[0], other)
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("recup: ")
    assert other in outcome.err
    assert outcome.err.count("\n") == 1


def test_a_process_prints_one_document(recup_process, blast) -> None:
    outcome = recup_process("compare", *blast, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    assert json.loads(outcome.out)["verdict"] == "different"
