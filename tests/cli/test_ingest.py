"""recup ingest, runs, show, rm, reindex, export."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

A = "blast-chameleon-small-002"
B = "blast-chameleon-small-003"


@pytest.fixture
def blast(samples: Path) -> list[Path]:
    return [samples / "blast" / f"{name}.json" for name in (A, B)]


def _files(folder: Path) -> dict[str, int]:
    return {
        str(path.relative_to(folder)): path.stat().st_size
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_json_says_what_was_taken_in_the_documented_form(recup, blast) -> None:
    outcome = recup("ingest", *blast, "--json")
    assert (outcome.code, outcome.err) == (0, "")
    assert set(outcome.json) == {"runs", "refused"}
    assert outcome.json["refused"] == []
    for item, path in zip(outcome.json["runs"], blast, strict=True):
        assert set(item) == {
            *("run", "name", "source", "format", "bundle", "triples", "gaps", "new"),
            *("sources", "refused", "unrecognised"),
        }
        assert [part["source"] for part in item["sources"]] == [str(path)]
        assert item["name"] == path.stem
        assert item["source"] == str(path)
        assert item["format"] == "wfformat"
        assert item["run"].startswith("https://w3id.org/recup/run/")
        assert Path("recup-store", "bundles", item["bundle"]).is_file()
        assert (item["triples"] > 2000, item["gaps"], item["new"]) == (True, 0, True)


def test_the_same_file_twice_changes_nothing(recup, blast, tmp_path: Path) -> None:
    first = recup("ingest", *blast, "--json").json["runs"]
    before = _files(tmp_path / "recup-store" / "bundles")
    second = recup("ingest", *blast, "--json").json["runs"]
    assert [item["new"] for item in second] == [False, False]
    fresh = [{**item, "new": True, "sources": [{**item["sources"][0], "new": True}]} for item in second]
    assert fresh == first
    assert _files(tmp_path / "recup-store" / "bundles") == before


def test_a_copy_under_another_name_is_the_same_run(recup, blast, tmp_path: Path) -> None:
    recup("ingest", blast[0])
    copy = shutil.copy(blast[0], tmp_path / "copy.json")
    item = recup("ingest", copy, "--json").json["runs"][0]
    assert (item["name"], item["new"]) == (A, False)
    assert len(recup("runs", "--json").json) == 1


def test_good_files_are_taken_and_bad_ones_refused_with_one_line_each(recup, blast, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text(blast[0].read_text()[:5000])
    outcome = recup("ingest", broken, blast[0], tmp_path / "absent.json", tmp_path)
    assert outcome.code == 2
    assert A in outcome.out
    lines = [line for line in outcome.err.splitlines() if line.startswith("recup: ")]
    assert len(lines) == 3
    assert [line.split(": ")[1] for line in lines] == [
        str(broken),
        str(tmp_path / "absent.json"),
        str(tmp_path),
    ]
    assert [run["name"] for run in recup("runs", "--json").json] == [A]


def test_json_lists_what_was_refused(recup, tmp_path: Path) -> None:
    outcome = recup("ingest", tmp_path / "absent.json", "--json")
    assert outcome.code == 2
    assert outcome.json["runs"] == []
    assert [set(item) for item in outcome.json["refused"]] == [{"source", "error"}]
    assert outcome.json["refused"][0]["source"] == str(tmp_path / "absent.json")


def test_bad_input_makes_no_store(recup, tmp_path: Path) -> None:
    assert recup("ingest", tmp_path / "absent.json").code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_graph_that_violates_a_shape_is_refused_and_the_store_stays(
    recup, blast, tmp_path: Path, monkeypatch
) -> None:
    from recup_kg.api import check

    recup("ingest", blast[0])
    before = _files(tmp_path / "recup-store" / "bundles")
    report = recup("validate", blast[1], "--json").json
    assert report["conforms"]
    monkeypatch.setattr(check, "FATAL", ("Violation", "Warning", "Info"))
    document = json.loads(blast[1].read_text())
    document["workflow"]["execution"]["makespanInSeconds"] = 0.001
    doubtful = tmp_path / "doubtful.json"
    doubtful.write_text(json.dumps(document))
    outcome = recup("ingest", doubtful)
    assert outcome.code == 2
    assert f"recup validate {doubtful}" in outcome.err
    assert _files(tmp_path / "recup-store" / "bundles") == before
    assert recup("ingest", doubtful, "--no-validate").code == 0


def test_an_unknown_format_is_refused(recup, blast) -> None:
    outcome = recup("ingest", blast[0], "--from", "nonsense")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == "recup: no format 'nonsense'; recup formats lists them\n"


def test_results_and_remarks_go_to_their_streams(recup, blast) -> None:
    outcome = recup("ingest", *blast)
    assert "next:" not in outcome.out
    assert f"next: recup compare {A} {B}" in outcome.err
    assert recup("ingest", *blast, "-q").err == ""


def test_runs_lists_names_in_full_within_80_columns(recup, blast) -> None:
    recup("ingest", *blast, "-q")
    lines = recup("runs").out.splitlines()
    assert len(lines) == 4
    assert max(map(len, lines)) <= 80
    assert lines[2].startswith(f"{A}     43      1001.4  2020-12-25T21:27:28")


def test_runs_in_json(recup, blast) -> None:
    recup("ingest", *blast)
    first, second = recup("runs", "--json").json
    assert (first["name"], first["tasks"], first["makespan"]) == (A, 43, 1001.4)
    assert (second["name"], second["source"], second["format_version"]) == (B, f"{B}.json", "1.5")


def test_reading_without_a_store_is_one_line(recup, tmp_path: Path) -> None:
    outcome = recup("runs")
    assert (outcome.code, outcome.out) == (2, "")
    assert (
        outcome.err == "recup: no store at recup-store: recup ingest FILE makes it, --store names another\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["name", "iri", "prefix", "path", "latest"])
def test_a_run_is_named_in_five_ways(recup, blast, form: str) -> None:
    recup("ingest", *blast)
    run = recup("runs", "--json").json[1]
    reference = {
        "name": run["name"],
        "iri": run["run"],
        "prefix": run["run"].rsplit("/", 1)[1][:8],
        "path": blast[1],
        "latest": "@latest",
    }[form]
    assert recup("show", reference, "--json").json["name"] == B


def test_an_unknown_run_is_one_line_that_names_what_is_near(recup, blast) -> None:
    recup("ingest", *blast)
    outcome = recup("show", "blast-chameleon-small-004")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("recup: no run 'blast-chameleon-small-004' in the store")
    assert A in outcome.err


def test_show_says_what_was_captured_and_what_was_not(recup, blast) -> None:
    recup("ingest", blast[0])
    outcome = recup("show", A)
    assert max(map(len, outcome.out.splitlines())) <= 80
    coverage = {
        line.split()[0]: line.split()[1:] for line in outcome.out.splitlines() if line.startswith("prov:")
    }
    assert coverage["prov:startedAtTime"] == ["0", "43"]
    assert coverage["prov:used"] == ["43", "43"]
    summary = recup("show", A, "--json").json
    stated = {entry["property"].split("#")[-1]: entry["observed"] for entry in summary["coverage"]}
    assert (stated["runTime"], stated["startedAtTime"]) == (43, 0)
    assert summary["gaps"] == []


def test_rm_removes_one_run_and_keeps_the_other(recup, blast) -> None:
    recup("ingest", *blast)
    outcome = recup("rm", A, "--json")
    assert [run["name"] for run in outcome.json["removed"]] == [A]
    assert [run["name"] for run in recup("runs", "--json").json] == [B]
    assert recup("rm", A).code == 2


def test_rm_takes_the_tags_of_a_run_along(recup, blast) -> None:
    recup("ingest", *blast)
    recup("tag", "-q", A, "good")
    recup("tag", "-q", B, "good")
    recup("rm", A)
    tagged = "SELECT ?run { GRAPH ?g { ?t recup:taggedRun ?run } }"
    query = f"PREFIX recup: <https://w3id.org/recup/ontology#> {tagged}"
    assert len(recup("query", query, "--format", "csv").out.splitlines()) == 1 + 1
    recup("ingest", *blast)
    assert recup("compare", B, "--against", "tag=good").code == 2


def test_rm_of_an_unknown_run_removes_nothing(recup, blast) -> None:
    recup("ingest", *blast)
    assert recup("rm", A, "nonsense").code == 2
    assert len(recup("runs", "--json").json) == 2


def test_reindex_gives_the_index_back(recup, blast, tmp_path: Path) -> None:
    recup("ingest", *blast)
    before = recup("runs", "--json").out
    shutil.rmtree(tmp_path / "recup-store" / "index")
    outcome = recup("reindex", "--json")
    assert (outcome.code, outcome.json) == (0, {"bundles": 3})
    assert recup("runs", "--json").out == before


def test_a_damaged_bundle_is_named_and_ends_reindex_with_2(recup, blast, tmp_path: Path) -> None:
    recup("ingest", *blast)
    damaged = min((tmp_path / "recup-store" / "bundles").iterdir())
    damaged.write_bytes(damaged.read_bytes()[:100])
    outcome = recup("reindex")
    assert outcome.code == 2
    assert damaged.name in outcome.err


def test_export_gives_the_trace_back_on_standard_output_or_in_a_file(recup, blast, tmp_path: Path) -> None:
    recup("ingest", blast[0])
    assert recup("export", A, "-o", tmp_path / "out.json").code == 0
    exported = json.loads((tmp_path / "out.json").read_text())
    assert exported["workflow"]["execution"]["makespanInSeconds"] == 1001.4
    assert json.loads(recup("export", A, "--json").json["text"]) == exported


def test_export_refuses_what_it_can_not_write(recup, blast, tmp_path: Path) -> None:
    recup("ingest", blast[0])
    assert "no export format 'xml'" in recup("export", A, "--format", "xml").err
    outcome = recup("export", A, "-o", tmp_path / "absent" / "out.json")
    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith(f"recup: {tmp_path}/absent/out.json: ")


def test_memory_works_within_one_command(recup, blast, tmp_path: Path) -> None:
    assert recup("ingest", blast[0], "--store", ":memory:").code == 0
    assert list(tmp_path.iterdir()) == []


def test_standard_output_of_a_process_is_the_trace(recup_process, blast) -> None:
    assert recup_process("ingest", blast[0]).code == 0
    outcome = recup_process("export", A)
    assert json.loads(outcome.out)["name"] == "makeflow-blast-small"
    assert outcome.err == ""
