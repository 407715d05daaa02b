"""What every store must do: one suite, inherited for memory, disk and a real SPARQL server."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from pathlib import Path

import pyoxigraph
import pytest

from recup_kg.bundles import make_bundle
from recup_kg.errors import BundleError, QueryError, StoreError, UnknownRun
from recup_kg.records import SideTable
from recup_kg.store import Store, Table, open_store
from recup_kg.store.registry import runs
from recup_kg.store.remote import RemoteStore
from recup_kg.tables import content_hash
from recup_kg.vocab import INDEX_GRAPH, RECUP, XSD
from tests.store.samples import BASE, comparison, digest, evidence, execution, fusion, workflow

ODD = 'quotes " \\ tab\t line\n feed\r nul-free \x01 \x7f \u2028 \x85 é 漢 🧬 end'


def add(store: Store, *graphs: tuple[str, list[str]]) -> None:
    store.add([store.archive(*graph) for graph in graphs])


def joins(name: str, *graphs: tuple[str, list[str]]) -> tuple[str, list[str]]:
    """A fusion of graphs, of the run of the first execution among them."""
    return fusion(name, f"{BASE}run/{digest('run 1')[:32]}", [graph for graph, _ in graphs])


class Suite(ABC):
    @abstractmethod
    @pytest.fixture
    def store(self, tmp_path: Path, request: pytest.FixtureRequest) -> Store:
        """An empty store, open for writing."""

    def test_starts_empty(self, store: Store) -> None:
        assert store.registry() == ()
        assert store.graphs() == ()
        assert store.ask("ASK { GRAPH ?g { ?s ?p ?o } }") is False

    def test_says_where_it_is(self, store: Store) -> None:
        assert store.location
        assert store.writable is True

    def test_a_bundle_is_seen_only_after_it_was_added(self, store: Store) -> None:
        bundle = store.archive(*execution(1))
        assert not store.contains(bundle.graph)
        (entry,) = store.add([bundle])
        assert store.contains(bundle.graph)
        assert (entry.graph, entry.sha256, entry.kind) == (bundle.graph, bundle.sha256, "execution")
        assert store.count(bundle.graph) == bundle.triples == 17

    def test_an_entry_says_what_the_bundle_says(self, store: Store) -> None:
        add(store, execution(1, "blast-small-002.json"))
        (entry,) = store.registry()
        assert entry.name == "blast-small-002"
        assert entry.described == f"{BASE}run/{digest('run 1')[:32]}"
        assert entry.file_name == "blast-small-002.json"
        assert entry.source_sha256 == digest("source 1")
        assert entry.label == "run 1"
        assert entry.workflow == f"{BASE}workflow/{digest('workflow blast')[:32]}"

    def test_adding_again_changes_nothing(self, store: Store) -> None:
        graphs = (workflow(), execution(1), execution(2))
        first = store.add([store.archive(*graph) for graph in graphs])
        before = store.ntriples(first[1].graph), store.registry()
        assert store.add([store.archive(*graph) for graph in graphs]) == first
        assert (store.ntriples(first[1].graph), store.registry()) == before
        assert len(first) == 3

    def test_adding_tells_how_far_it_is(self, store: Store) -> None:
        told: list[tuple[int, int]] = []
        store.add(
            [store.archive(*execution(number)) for number in range(4)],
            lambda done, of: told.append((done, of)),
        )
        assert told[-1] == (4, 4)
        assert told == sorted(told)

    def test_bundles_of_another_store_can_be_added(self, store: Store) -> None:
        bundle = make_bundle(*execution(1))
        (entry,) = store.add([bundle])
        assert entry.sha256 == bundle.sha256
        assert store.count(bundle.graph) == 17

    def test_names_are_unique_and_in_order(self, store: Store) -> None:
        add(store, *(execution(number, "same.json") for number in range(3)))
        add(store, execution(3, "same.json.gz"), execution(4, "two words.json"))
        names = [entry.name for entry in store.registry()]
        assert names == ["same", "same-2", "same-3", "same-4", "two-words"]
        positions = [entry.position for entry in store.registry()]
        assert positions == sorted(set(positions))

    def test_other_kinds_are_named_after_what_they_are(self, store: Store) -> None:
        add(store, workflow(), comparison(1))
        first, second = store.registry()
        assert (first.kind, first.name) == ("workflow", f"workflow-{digest('workflow blast')[:8]}")
        assert (second.kind, second.name) == ("comparison", f"compare-{digest('comparison 1')[:8]}")

    def test_a_graph_that_describes_nothing_is_refused(self, store: Store) -> None:
        graph = f"{BASE}bundle/0"
        bundle = store.archive(graph, [f"<{BASE}a> <{BASE}b> <{BASE}c> <{graph}> .\n"])
        with pytest.raises(BundleError, match="does not say what it describes"):
            store.add([bundle])
        assert store.registry() == ()
        assert store.count(graph) == 0

    def test_a_line_of_another_graph_is_refused(self, store: Store) -> None:
        with pytest.raises(BundleError, match="not an N-Quads line of the graph"):
            store.archive(f"{BASE}bundle/1", execution(1)[1])

    def test_a_fusion_stands_for_the_run_that_its_members_tell_of(self, store: Store) -> None:
        joined = joins("Run 7", execution(1, "a.json"), evidence(1), evidence(2))
        add(
            store,
            workflow(),
            execution(1, "a.json"),
            execution(2, "b.json"),
            evidence(1),
            evidence(2),
            joined,
        )
        entry = store.resolve("Run-7")
        assert (entry.kind, entry.graph) == ("fusion", joined[0])
        assert set(entry.members) == {execution(1)[0], evidence(1)[0], evidence(2)[0]}
        assert entry.graphs == (joined[0], *entry.members)
        assert entry.task_graph == execution(1)[0]
        assert [item.name for item in runs(store.registry())] == ["b", "Run-7"]
        for reference in (entry.described, "a.json", "log.darshan", "@latest", joined[0][-32:][:8]):
            assert store.resolve(reference) == entry
        with pytest.raises(UnknownRun, match="no run 'a' in the store"):
            store.resolve("a")

    def test_evidence_alone_is_no_run(self, store: Store) -> None:
        add(store, evidence(1))
        assert runs(store.registry()) == ()
        with pytest.raises(UnknownRun, match="the store has no execution yet"):
            store.resolve("@latest")

    def test_the_whole_gets_the_name_that_a_part_would_have(self, store: Store) -> None:
        add(store, execution(1, "same.json"), joins("same", execution(1)))
        assert [entry.name for entry in runs(store.registry())] == ["same"]

    def test_removing_a_fusion_removes_what_no_other_run_needs(self, store: Store) -> None:
        one, two = joins("one", execution(1), evidence(1), evidence(2)), joins("two", evidence(2))
        add(store, workflow(), execution(1), evidence(1), evidence(2), one, two)
        assert set(store.remove(one[0])) == {
            *(one[0], execution(1)[0], evidence(1)[0]),
            workflow()[0],
        }
        assert set(store.graphs()) == {two[0], evidence(2)[0]}

    def test_removing_a_fusion_alone_leaves_its_members(self, store: Store) -> None:
        joined = joins("one", execution(1, "a.json"), evidence(1))
        add(store, execution(1, "a.json"), evidence(1), joined)
        assert store.remove(joined[0], alone=True) == (joined[0],)
        assert [entry.name for entry in runs(store.registry())] == ["a"]

    def test_a_side_table_stays_as_long_as_a_graph_speaks_of_it(self, store: Store) -> None:
        table = SideTable("dxt", "segments", "all segments", {"offset": [0, 2**63], "host": ["a", None]})
        content = content_hash(table)
        store.keep_table(table)
        kept = store.table(content)
        if kept is None:
            # A SPARQL server has no place for tables.
            assert isinstance(store, RemoteStore)
            return
        assert kept.to_pydict() == {"offset": [0, 2**63], "host": ["a", None]}
        add(store, evidence(1, table=content), evidence(2))
        store.remove(evidence(2)[0])
        assert store.table(content) is not None
        store.remove(evidence(1)[0])
        assert store.table(content) is None

    def test_remove(self, store: Store) -> None:
        add(store, execution(1), execution(2))
        graph = execution(1)[0]
        assert store.remove(graph) == (graph,)
        assert not store.contains(graph)
        assert store.count(graph) == 0
        assert [entry.graph for entry in store.registry()] == [execution(2)[0]]
        index = f"ASK {{ GRAPH <{INDEX_GRAPH}> {{ <{graph}> ?p ?o }} }}"
        assert store.ask(index) is False

    def test_a_removed_graph_can_come_back(self, store: Store) -> None:
        add(store, execution(1))
        store.remove(execution(1)[0])
        add(store, execution(1))
        assert store.count(execution(1)[0]) == 17

    def test_a_shared_workflow_goes_with_its_last_run(self, store: Store) -> None:
        add(store, workflow(), workflow("bwa"), execution(1), execution(2), execution(3, of="bwa"))
        assert store.remove(execution(1)[0]) == (execution(1)[0],)
        assert store.remove(execution(2)[0]) == (execution(2)[0], workflow()[0])
        assert set(store.graphs()) == {workflow("bwa")[0], execution(3)[0]}

    def test_removing_what_is_not_there(self, store: Store) -> None:
        add(store, execution(1))
        with pytest.raises(UnknownRun, match=f"has no graph {execution(2)[0]}"):
            store.remove(execution(2)[0])
        assert store.graphs() == (execution(1)[0],)

    def test_ntriples_are_the_lines_without_the_graph(self, store: Store) -> None:
        graph, lines = execution(1)
        add(store, (graph, lines))
        expected = sorted(line.replace(f" <{graph}> .", " .") for line in lines)
        assert sorted(store.ntriples(graph).decode().splitlines(keepends=True)) == expected

    def test_ntriples_of_what_is_not_there(self, store: Store) -> None:
        with pytest.raises(UnknownRun, match="has no graph"):
            store.ntriples(execution(1)[0])

    def test_select(self, store: Store) -> None:
        add(store, execution(1), execution(2))
        table = store.select(f"SELECT ?g ?none {{ GRAPH ?g {{ ?r a <{RECUP}Execution> }} }} ORDER BY ?g")
        assert table.columns == ("g", "none")
        assert table.column("g") == sorted((execution(1)[0], execution(2)[0]))
        assert table.column("none") == [None, None]

    def test_a_select_without_solutions_keeps_its_columns(self, store: Store) -> None:
        assert store.select("SELECT ?a ?b { ?a ?p ?b }") == Table(("a", "b"), ())

    def test_construct_gives_ntriples(self, store: Store) -> None:
        add(store, execution(1))
        text = store.construct(
            f"CONSTRUCT {{ ?r a <{BASE}Run> }} WHERE {{ GRAPH ?g {{ ?r a <{RECUP}Execution> }} }}"
        )
        (quad,) = pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.N_TRIPLES)
        assert quad.subject == pyoxigraph.NamedNode(f"{BASE}run/{digest('run 1')[:32]}")
        assert store.construct("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }") == ""

    def test_query_tells_the_forms_apart(self, store: Store) -> None:
        assert isinstance(store.query("SELECT * { ?s ?p ?o }"), Table)
        assert store.query("ASK {}") is True
        assert isinstance(store.query("DESCRIBE <urn:a>"), str)

    @pytest.mark.parametrize("query", ["SELEC ?x", "SELECT ?x {", "", "SELECT ?x { ?x foo:bar ?y }"])
    def test_a_wrong_query_is_one_line(self, store: Store, query: str) -> None:
        with pytest.raises(QueryError, match="the query can't be answered: ") as caught:
            store.query(query)
        assert "\n" not in str(caught.value)

    def test_an_update_is_not_a_query(self, store: Store) -> None:
        add(store, execution(1))
        with pytest.raises(QueryError):
            store.query("DROP ALL")
        assert store.count(execution(1)[0]) == 17

    def test_a_query_of_another_form(self, store: Store) -> None:
        with pytest.raises(QueryError, match="a SELECT query is needed"):
            store.select("ASK {}")
        with pytest.raises(QueryError, match="an ASK query is needed"):
            store.ask("SELECT * { ?s ?p ?o }")
        with pytest.raises(QueryError, match="a CONSTRUCT or DESCRIBE query is needed"):
            store.construct("ASK {}")

    @pytest.mark.parametrize("number", [0, -1, 2**53 + 1, 2**63 - 1, -(2**63)])
    def test_integers_of_64_bits_are_exact(self, store: Store, number: int) -> None:
        table = self._stored(store, f'"{number}"^^<{XSD}integer>')
        assert table.column("value") == [number]
        sums = store.select(f"SELECT ((?v + 0) AS ?sum) {{ GRAPH ?g {{ ?s <{RECUP}test> ?v }} }}")
        assert sums.column("sum") == [number]

    def test_larger_integers_keep_their_text(self, store: Store) -> None:
        assert self._stored(store, f'"{10**30}"^^<{XSD}integer>').column("value") == [10**30]

    @pytest.mark.parametrize("text", [ODD, "", " ", "a" * 100_000, "{}[]<>?#&%20"])
    def test_text_comes_back_as_it_was(self, store: Store, text: str) -> None:
        assert self._stored(store, str(pyoxigraph.Literal(text))).column("value") == [text]

    def test_numbers_and_times_are_spelled_the_canonical_way_in_answers(self, store: Store) -> None:
        table = self._stored(store, f'"2020-05-01T10:00:00+00:00"^^<{XSD}dateTime>')
        assert table.column("value") == ["2020-05-01T10:00:00Z"]

    def _stored(self, store: Store, literal: str) -> Table:
        graph, lines = comparison(9)
        lines.append(f"<{BASE}x> <{RECUP}test> {literal} <{graph}> .\n")
        add(store, (graph, lines))
        return store.select(f"SELECT ?value {{ GRAPH <{graph}> {{ ?s <{RECUP}test> ?value }} }}")

    def test_answers_can_be_written_as_sparql_json(self, store: Store) -> None:
        document = json.loads(self._stored(store, '"chat"@fr').to_json())
        assert document == {
            "head": {"vars": ["value"]},
            "results": {"bindings": [{"value": {"type": "literal", "value": "chat", "xml:lang": "fr"}}]},
        }

    def test_references(self, store: Store) -> None:
        add(store, workflow(), execution(1, "one.json"), execution(2, "two.json"))
        one = store.registry()[1]
        run = digest("run 1")
        for reference in (one.graph, one.described, "one", run[:10], digest("graph 1")[:8], "one.json"):
            assert store.resolve(reference) == one, reference
        assert store.resolve("@latest").name == "two"
        assert store.resolve("@latest", ("workflow",)).kind == "workflow"

    def test_it_closes(self, store: Store) -> None:
        add(store, execution(1))
        with store as same:
            assert same is store


class TestMemory(Suite):
    @pytest.fixture
    def store(self, tmp_path: Path, request: pytest.FixtureRequest) -> Store:
        return open_store(":memory:", writable=True)

    def test_there_is_no_index_to_rebuild(self, store: Store) -> None:
        with pytest.raises(StoreError, match="no index to rebuild"):
            store.reindex()

    def test_reading_only(self) -> None:
        store = open_store(":memory:", writable=False)
        with pytest.raises(StoreError, match="open for reading only"):
            store.archive(*execution(1))


class TestDisk(Suite):
    @pytest.fixture
    def store(self, tmp_path: Path, request: pytest.FixtureRequest) -> Store:
        return open_store(str(tmp_path / "store"), writable=True)


class TestRemote(Suite):
    @pytest.fixture
    def store(self, tmp_path: Path, request: pytest.FixtureRequest) -> Store:
        store = open_store(request.getfixturevalue("server"), writable=True)
        assert isinstance(store, RemoteStore)
        store._update("DROP ALL")
        return store

    def test_there_are_no_bundles_to_index(self, store: Store) -> None:
        with pytest.raises(StoreError, match="keeps no bundle files: ingest the sources again"):
            store.reindex()

    def test_a_load_that_broke_off_is_made_whole(self, store: Store) -> None:
        graph, lines = execution(1)
        assert isinstance(store, RemoteStore)
        store._update(f"INSERT DATA {{ GRAPH <{graph}> {{ <{BASE}half> <{BASE}half> <{BASE}half> }} }}")
        add(store, (graph, lines))
        assert store.count(graph) == len(lines)


def test_the_suite_is_run_for_three_stores() -> None:
    assert {kind.__name__ for kind in Suite.__subclasses__()} == {"TestMemory", "TestDisk", "TestRemote"}
