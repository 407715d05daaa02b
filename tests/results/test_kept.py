"""Comparisons of output data in the store: linked with runs, valid, and asked about."""

from __future__ import annotations

import json

import numpy as np
import pytest

import recup_kg as recup
from recup_kg.api.results import content_verdicts
from recup_kg.comparisons import Verdict
from recup_kg.errors import MissingExtra, SourceError, StoreError, UnknownRun, UsageError
from recup_kg.rdf.results import results_graph
from recup_kg.result_comparisons import Level
from tests.ontology.test_domains import misfits
from tests.queries.conftest import BLAST_OUTPUTS, PAIRS, blast_outputs
from tests.results.samples import checkpoints, heat, write

RUNS = PAIRS[0]


@pytest.fixture
def blast(root, tmp_path):
    graph = recup.open(":memory:")
    folders = []
    for name in RUNS:
        graph.ingest(root / "data" / "wfformat" / "blast" / f"{name}.json", validate=False)
        folders.append(blast_outputs(graph, name, tmp_path / name))
    return graph, folders


def test_files_are_linked_with_the_data_of_their_runs(blast):
    graph, folders = blast
    found = graph.results(*folders, runs=RUNS)
    assert found.stored_as.startswith("results-")
    assert [file.name for file in found.files] == sorted(BLAST_OUTPUTS)
    for file in found.files:
        assert file.reference.data.endswith(f"/data/{file.name}")
        assert file.other.data.endswith(f"/data/{file.name}")
        assert file.reference.data != file.other.data
    assert found.comparison.remarks == ()
    tasks = {row["task"].rsplit("/", 1)[1] for row in graph.query("results-part", results=found.stored_as)}
    assert tasks == {"blastall_ID000002", "blastall_ID000026", "cat_blast_ID000042"}


def test_the_same_comparison_is_kept_once(blast):
    graph, folders = blast
    names = {graph.results(*folders, runs=RUNS).stored_as for _ in range(2)}
    names |= {graph.results(*folders, runs=RUNS, atol=1.0).stored_as}
    assert len(names) == 2


def test_what_is_no_data_of_the_run_is_not_linked(blast):
    graph, folders = blast
    (folders[0] / "None").write_bytes(b"another size")
    for folder in folders:
        (folder / "new.txt").write_text("x")
    found = graph.results(*folders, runs=RUNS)
    assert {file.name for file in found.files if file.reference.data is None} == {"None", "new.txt"}
    assert found.comparison.remarks == (
        f"None: {RUNS[0]} states 496 bytes, the file has 12; it is not linked",
        f"new.txt: no data of {RUNS[0]} is called that",
        f"new.txt: no data of {RUNS[1]} is called that",
    )


def test_verdicts_on_content_for_pairs_of_data(blast):
    graph, folders = blast
    graph.results(*folders, runs=RUNS)
    store = graph._access.reading()
    one, two = (store.resolve(name).task_graph for name in RUNS)
    found = {pair[0].rsplit("/", 1)[1]: pair[2] for pair in content_verdicts(store, one, two)}
    assert found == {
        name: Verdict.SAME if name == "small.fasta.12.out" else Verdict.DIFFERENT for name in BLAST_OUTPUTS
    }
    # A later comparison, within a bound, has the last word.
    for folder in folders:
        (folder / "small.fasta.0.out").unlink()
    assert content_verdicts(store, two, one) == ()


def test_its_graph_is_valid_and_fits_the_ontology(tmp_path, blast):
    from rdflib import Graph

    graph, folders = blast
    for index, folder in enumerate(folders):
        write(folder / "t.npz", heat(20) + index)
        np.save(folder / "n.npy", np.array([np.nan, np.inf, index]))
        (folder / f"only-{index}.bin").write_bytes(b"\x00\xff")
        (folder / "broken.npy").write_bytes(b"\x93NUMPY" + bytes([index]))
    found = graph.results(*folders, runs=RUNS, atol=1e-3, theta=0.5)
    assert {file.level for file in found.files} >= {
        Level.IDENTICAL,
        Level.DIFFERENT,
        Level.MISSING,
        Level.CANT_TELL,
    }
    lines = results_graph(found.comparison).lines
    name = results_graph(found.comparison).name
    text = "".join(line.replace(f" <{name}> .\n", " .\n") for line in lines)
    assert misfits(Graph().parse(data=text, format="nt")) == set()
    assert graph.validate(found.stored_as).conforms


def test_a_comparison_that_is_not_kept_needs_no_store(tmp_path):
    one, two = checkpoints(tmp_path / "a"), checkpoints(tmp_path / "b", parting=15, source=1.001)
    graph = recup.open(str(tmp_path / "none"))
    found = graph.results(one, two, atol=1e-6)
    assert (found.verdict, found.level, found.stored_as) == (Verdict.DIFFERENT, Level.DIFFERENT, None)
    assert not (tmp_path / "none").exists()
    assert [(file.sequence, file.iteration, file.level.value) for file in found.files] == [
        ("state_*.npy", 5, "identical"),
        ("state_*.npy", 10, "identical"),
        ("state_*.npy", 15, "different"),
        ("state_*.npy", 20, "different"),
    ]
    assert "state_*.npy: parts at iteration 15; 2 of 4 iterations before it agree" in found.render()
    with pytest.raises(StoreError, match="no store at"):
        graph.results(one, two, runs=("a", "b"))


def test_its_forms(tmp_path):
    one, two = (write(tmp_path / f"{name}.npz", heat(9) + (name == "b")) for name in "ab")
    found = recup.open(":memory:").results(one, two)
    document = json.loads(found.render("json"))
    assert document["files"][0]["variables"][0]["metrics"]["out_of_bound"] == 180
    assert found.render("csv").splitlines()[1].startswith("a.npz,t,different,180,0,180,1.0,1.0,")
    assert found.render("csv").count("\n") == 2
    assert found._repr_html_().startswith("<pre>different: different")
    frame = pytest.importorskip("pandas") and found.to_pandas()
    assert list(frame["variable"]) == ["t"]
    with pytest.raises(UsageError, match="no form 'xml'"):
        found.render("xml")


def test_pandas_that_is_missing(tmp_path, monkeypatch):
    one = write(tmp_path / "a.npy", heat(3))
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(MissingExtra, match="pandas"):
        recup.open(":memory:").results(one, one).to_pandas()


def test_paths_that_make_no_sense(tmp_path):
    graph = recup.open(":memory:")
    one = write(tmp_path / "a.npy", heat(3))
    with pytest.raises(SourceError, match="none: there is no such file or folder"):
        graph.results(one, tmp_path / "none")
    with pytest.raises(UsageError, match="give two files, or two folders"):
        graph.results(one, tmp_path)
    (tmp_path / "e").mkdir()
    with pytest.raises(SourceError, match="neither folder has a file to compare"):
        graph.results(tmp_path / "e", tmp_path / "e")
    with pytest.raises(UnknownRun):
        graph.results(one, one, runs=("a", "b"))
