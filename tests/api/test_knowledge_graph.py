"""The Python API from opening to export, on shipped executions."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import recup_kg as recup
from recup_kg.api import ComparedRuns, KnowledgeGraph
from recup_kg.comparisons import Verdict
from recup_kg.errors import SourceError, StoreError, UnknownQuery, UnknownRun, UsageError
from recup_kg.vocab import PROV, RDF, RECUP

A = "blast-chameleon-small-002"
B = "blast-chameleon-small-003"


@pytest.fixture(scope="module")
def files() -> tuple[Path, Path]:
    folder = Path(__file__).parent.parent.parent / "data" / "wfformat" / "blast"
    return folder / f"{A}.json", folder / f"{B}.json"


@pytest.fixture(scope="module")
def kg(files: tuple[Path, Path]) -> Iterator[KnowledgeGraph]:
    """Two runs in memory."""
    with recup.open(":memory:") as opened:
        assert not opened.ingest_all(files).refused
        yield opened


@pytest.fixture(scope="module")
def comparison(kg: KnowledgeGraph) -> ComparedRuns:
    return kg.compare(A, B)


def test_importing_the_package_imports_nothing_else() -> None:
    script = "import sys, recup_kg; print([m for m in sys.modules if m.startswith('recup_kg.')], 'pyoxigraph' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[] False\n"


def test_open_makes_nothing_and_ingest_makes_the_folder(tmp_path: Path, files: tuple[Path, Path]) -> None:
    location = tmp_path / "store"
    with recup.open(str(location)) as kg:
        assert kg.location == str(location)
        assert not location.exists()
        with pytest.raises(StoreError, match="no store at"):
            kg.runs()
        assert kg.ingest(files[0]).new
    with recup.open(str(location)) as again:
        assert [run.name for run in again.runs()] == [A]


def test_a_graph_that_was_closed_can_be_used_again(tmp_path: Path, files: tuple[Path, Path]) -> None:
    kg = recup.open(str(tmp_path / "store"))
    kg.ingest(files[0])
    kg.close()
    assert len(kg.runs()) == 1
    kg.close()


def test_ingest_says_what_it_did(kg: KnowledgeGraph, files: tuple[Path, Path]) -> None:
    again = kg.ingest(files[0])
    run = kg.run(A)
    assert (again.run, again.name, again.new, again.gaps) == (run.run, A, False, 0)
    assert again.triples == sum(1 for row in kg.query(f"SELECT * {{ GRAPH <{run.graph}> {{ ?s ?p ?o }} }}"))


def test_ingest_raises_and_ingest_all_collects(tmp_path: Path, files: tuple[Path, Path]) -> None:
    with recup.open(":memory:") as kg:
        with pytest.raises(SourceError, match="no such file"):
            kg.ingest(tmp_path / "absent.json")
        report = kg.ingest_all([tmp_path / "absent.json", files[0]])
        assert [item.name for item in report.runs] == [A]
        assert [item.source for item in report.refused] == [str(tmp_path / "absent.json")]


def test_a_file_that_is_given_twice_is_taken_once(tmp_path: Path, files: tuple[Path, Path]) -> None:
    with recup.open(str(tmp_path / "store")) as kg:
        report = kg.ingest_all([files[0], files[1], files[0]])
        assert [(item.name, item.new) for item in report.runs] == [(A, True), (B, True), (A, False)]
        assert [run.name for run in kg.runs()] == [A, B]
    assert len(list((tmp_path / "store" / "bundles").glob("*.nq.gz"))) == 3


def test_many_files_are_indexed_in_parts(files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    from recup_kg.api import ingest

    told: list[str] = []
    monkeypatch.setattr(ingest, "_BATCH", 1)
    with recup.open(":memory:") as kg:
        report = kg.ingest_all(files, progress=lambda stage, share: told.append(stage))
        assert [item.name for item in report.runs] == [A, B]
    assert told.count("indexing") == 2


def test_a_bundle_that_can_not_be_indexed_is_refused_and_the_others_are_taken(
    tmp_path: Path, files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from recup_kg.errors import BundleError
    from recup_kg.store.memory import MemoryStore

    add = MemoryStore.add

    def failing(self, bundles, progress=None):
        given = list(bundles)
        if any(B.encode() in bundle.text() for bundle in given):
            raise BundleError("can't be indexed")
        return add(self, given, progress)

    monkeypatch.setattr(MemoryStore, "add", failing)
    with recup.open(":memory:") as kg:
        report = kg.ingest_all(files)
        assert [item.name for item in report.runs] == [A]
        assert [item.error for item in report.refused] == [f"{files[1]}: can't be indexed"]


def test_progress_is_told_every_stage_and_never_falls(files: tuple[Path, Path]) -> None:
    told: list[tuple[str, float]] = []
    with recup.open(":memory:") as kg:
        kg.ingest_all(files, progress=lambda stage, share: told.append((stage, share)))
    assert [stage.split()[0] for stage, _ in told] == ["reading", "checking", "archiving"] * 2 + ["indexing"]
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1] < 1) == (0.0, True)


def test_a_run_has_the_facts_of_its_source(kg: KnowledgeGraph, files: tuple[Path, Path]) -> None:
    source = json.loads(files[0].read_text())
    run = kg.run(A)
    assert run.label == source["name"]
    assert run.makespan == source["workflow"]["execution"]["makespanInSeconds"]
    assert run.tasks == len(source["workflow"]["execution"]["tasks"])
    assert run.started == "2020-12-25T21:27:28Z"
    assert (run.source, run.format, run.format_version, run.system) == (
        f"{A}.json",
        "wfformat",
        "1.5",
        "Makeflow",
    )
    assert kg.show(A).run == run
    assert len(kg.show(A).coverage) > 10


def test_a_comparison_has_all_that_a_notebook_needs(comparison: ComparedRuns) -> None:
    pytest.importorskip("pandas")
    assert comparison.verdict is Verdict.DIFFERENT
    assert len(comparison.to_pandas()) == len(comparison.deviations) > 0
    assert comparison._repr_html_().startswith('<div class="recup-comparison">')
    assert comparison.to_dict()["verdict"] == "different"
    assert {aspect.name for aspect in comparison.aspects} == set(comparison.to_dict()["aspects"])
    assert (comparison.matching.matched, comparison.makespan.reference) == (43, 1001.4)
    assert comparison.coverage
    with pytest.raises(UsageError, match="no form 'pdf' of a comparison; there are: text, json, md, ttl"):
        comparison.render("pdf")


def test_the_turtle_of_a_comparison_is_its_bundle(kg: KnowledgeGraph, comparison: ComparedRuns) -> None:
    from rdflib import Graph, URIRef
    from rdflib.compare import isomorphic

    graph = Graph().parse(data=comparison.to_turtle(), format="turtle")
    assert (URIRef(comparison.comparison.iri), URIRef(RDF + "type"), URIRef(RECUP + "Comparison")) in graph
    kept = kg.query(f"CONSTRUCT {{ ?s ?p ?o }} {{ GRAPH <{comparison.comparison.graph}> {{ ?s ?p ?o }} }}")
    assert isomorphic(Graph().parse(data=kept.ntriples, format="nt"), graph)


def test_the_evidence_of_every_deviation_can_be_asked_again(
    kg: KnowledgeGraph, comparison: ComparedRuns
) -> None:
    asked: dict[str, set[frozenset[tuple[str, object]]]] = {}
    for deviation in comparison.deviations:
        name = deviation.evidence.query
        if name not in asked:
            known = {
                parameter.name
                for query in recup_queries()
                if query.name == name
                for parameter in query.parameters
            }
            runs = {"reference": A, "other": B}
            rows = kg.query(name, **{key: value for key, value in runs.items() if key in known})
            asked[name] = {frozenset(row.items()) for row in rows}
        assert frozenset(deviation.evidence.bindings.items()) in asked[name]
    assert len(asked) > 1


def recup_queries():
    from recup_kg.api import queries

    return queries()


def test_a_query_with_parameters(kg: KnowledgeGraph) -> None:
    answer = kg.query("slowest-tasks", run=A)
    assert len(answer) > 0
    assert kg.sparql("slowest-tasks", run=A).count(f"<{kg.run(A).graph}>") == 1
    assert kg.query(kg.sparql("slowest-tasks", run=A)).rows == answer.rows


def test_a_query_about_a_comparison_that_is_not_there_says_what_to_do(files: tuple[Path, Path]) -> None:
    with recup.open(":memory:") as kg:
        kg.ingest_all(files)
        with pytest.raises(
            UsageError, match="deviation-output asks about a comparison that the store does not have"
        ):
            kg.query("deviation-output", reference=A, other=B)


def test_an_unknown_name_is_an_error_of_its_kind(kg: KnowledgeGraph) -> None:
    with pytest.raises(UnknownQuery, match="no-such-query"):
        kg.query("no-such-query")
    for call in (kg.run, kg.show, kg.graph, kg.dag, kg.export, kg.remove):
        with pytest.raises(UnknownRun, match="no-such-run"):
            call("no-such-run")


def test_the_store_validates_with_its_comparison(kg: KnowledgeGraph, comparison: ComparedRuns) -> None:
    assert kg.validate().conforms
    assert comparison.stored_as is not None
    assert kg.validate(comparison.stored_as).conforms
    assert kg.validate("@latest").conforms


def test_a_file_of_rdf_is_validated_too(kg: KnowledgeGraph, tmp_path: Path) -> None:
    path = tmp_path / "run.nq"
    path.write_bytes(kg.export(A, "nquads"))
    assert kg.validate(path).conforms


def test_graph_and_dag(kg: KnowledgeGraph) -> None:
    graph, dag = kg.graph(A), kg.dag(A)
    triples = next(iter(kg.query(f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{kg.run(A).graph}> {{ ?s ?p ?o }} }}")))[
        "n"
    ]
    assert len(graph) == triples
    edges = graph.query(f"SELECT ?a ?b {{ ?b <{PROV}wasInformedBy> ?a }}")
    assert dag.number_of_nodes() == 43
    assert dag.number_of_edges() == len(list(edges)) > 0


def test_export_and_ingest_is_the_same_run(kg: KnowledgeGraph, tmp_path: Path) -> None:
    path = tmp_path / "again.json"
    path.write_bytes(kg.export(A))
    with recup.open(":memory:") as other:
        other.ingest(path)
        assert other.run("again").run == kg.run(A).run
        assert not other.compare("again", str(path)).deviations


def test_remove_and_reindex(tmp_path: Path, files: tuple[Path, Path]) -> None:
    with recup.open(str(tmp_path / "store")) as kg:
        kg.ingest_all(files)
        assert [run.name for run in kg.remove(A)] == [A]
        assert kg.reindex() == 2
        assert [run.name for run in kg.runs()] == [B]


def test_reading_and_writing_alternate(tmp_path: Path, files: tuple[Path, Path]) -> None:
    with recup.open(str(tmp_path / "store")) as writer, recup.open(str(tmp_path / "store")) as reader:
        writer.ingest(files[0])
        assert len(reader.runs()) == 1
        reader.ingest(files[1])
        assert [run.name for run in reader.runs()] == [A, B]
        assert reader.compare(A, B).stored_as is not None


def test_a_comparison_that_can_not_be_kept_is_still_given(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from recup_kg.store.memory import MemoryStore

    with recup.open(":memory:") as kg:
        kg.ingest_all(files)

        def refuse(*arguments: object) -> None:
            raise StoreError("the disk is full")

        monkeypatch.setattr(MemoryStore, "archive", refuse)
        with caplog.at_level("WARNING", logger="recup_kg"):
            comparison = kg.compare(A, B)
    assert (comparison.verdict, comparison.stored_as) == (Verdict.DIFFERENT, None)
    assert caplog.messages == ["the comparison is not kept: the disk is full"]
