"""Queries over a store and its peers: two Oxigraphs, a service of ours, harvested quads, and peers that fail."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

import pyoxigraph
import pytest

import recup_kg as recup
from recup_kg.errors import QueryError, UsageError
from recup_kg.federation.peers import Peer, PeerRegistry
from tests.cli.conftest import Outcome
from tests.cli.conftest import recup as cli
from tests.federation.sparql_servers import dead, dripping, misbehaving, running_oxigraph, silent
from tests.store.conftest import no_proxy
from tests.store.virtuoso import running as running_virtuoso

__all__ = ["cli", "no_proxy"]

RUN = "blast-chameleon-small-002"
OTHER = "blast-chameleon-small-003"
LICENCE = "http://purl.org/dc/terms/license"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
EXECUTIONS = "SELECT ?run { GRAPH ?g { ?run a recup:Execution } }"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
EXECUTION = "https://w3id.org/recup/ontology#Execution"
CC_BY = "https://creativecommons.org/licenses/by/4.0/"


def ingested(root: Path, folder: Path, name: str) -> str:
    """A store with a shipped run; the IRI of the run."""
    with recup.open(str(folder)) as kg:
        kg.ingest(root / "data" / "wfformat" / "blast" / f"{name}.json", validate=False)
        return str(kg.query(EXECUTIONS).rows[0][0])


@pytest.fixture(scope="module")
def template(root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("federated") / "store"
    return folder, ingested(root, folder, RUN)


@pytest.fixture
def run(template: tuple[Path, str]) -> str:
    return template[1]


@pytest.fixture
def store(template: tuple[Path, str]) -> Iterator[Path]:
    """A store with one run and, at first, no peers."""
    yield template[0]
    registry = PeerRegistry(template[0])
    for peer in registry.peers():
        registry.remove(peer.name)


@pytest.fixture(scope="module")
def licences(template: tuple[Path, str]) -> Iterator[str]:
    """An Oxigraph that knows the licence of our run."""
    with running_oxigraph(f"<{template[1]}> <{LICENCE}> <{CC_BY}> .") as url:
        yield url


@pytest.fixture(scope="module")
def names() -> Iterator[str]:
    """An Oxigraph that knows how a licence is called."""
    with running_oxigraph(f'<{CC_BY}> <{LABEL}> "CC BY 4.0" .') as url:
        yield url


@pytest.fixture(scope="module")
def ours(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`recup serve` over another run."""
    folder = tmp_path_factory.mktemp("served") / "store"
    ingested(root, folder, OTHER)
    command = [sys.executable, "-m", "recup_kg", "serve", "--port", "0", "--json", "--store", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        said = ""
        while not said.rstrip().endswith("}"):
            said += process.stdout.readline() or pytest.fail("recup serve ended")
        yield json.loads(said)["sparql"]
    finally:
        process.terminate()
        process.communicate()


def listed(store: Path, **endpoints: str) -> None:
    for name, url in endpoints.items():
        PeerRegistry(store).add(Peer(name, url, "sparql", endpoint=url))


def harvested(store: Path, name: str, quads: str) -> None:
    registry = PeerRegistry(store)
    registry.add(Peer(name, f"https://{name}.example/catalog.jsonld", "dcat"))
    registry.harvest_file(name).write_bytes(gzip.compress(quads.encode()))


THREE = f"""SELECT ?run ?name ?series {{
  GRAPH ?g {{ ?run a recup:Execution }}
  SERVICE <peer:licences> {{ ?run <{LICENCE}> ?licence }}
  SERVICE <peer:names> {{ ?licence <{LABEL}> ?name }}
  SERVICE <https://shop.example/catalog.jsonld> {{ ?run <http://www.w3.org/ns/dcat#inSeries> ?series }}
}}"""


def test_three_catalogues_and_the_store_give_one_answer(
    store: Path, run: str, licences: str, names: str
) -> None:
    listed(store, licences=licences, names=names)
    harvested(
        store, "shop", f"<{run}> <http://www.w3.org/ns/dcat#inSeries> <https://shop.example/s> <http://g> .\n"
    )
    with recup.open(str(store)) as kg:
        found = kg.federated(THREE)
    assert found.answer.rows == ((run, "CC BY 4.0", "https://shop.example/s"),)
    assert not found.is_partial
    assert json.loads(found.to_json())["partial"] == []


def test_a_service_of_ours_is_a_peer(store: Path, ours: str) -> None:
    listed(store, ours=ours)
    query = """SELECT ?mine ?theirs { GRAPH ?g { ?mine a recup:Execution }
        SERVICE <peer:ours> { GRAPH ?h { ?theirs a recup:Execution } } }"""
    with recup.open(str(store)) as kg:
        [row] = kg.federated(query).answer
    assert row["mine"] != row["theirs"]


def test_virtuoso_is_a_peer(store: Path, run: str, tmp_path: Path) -> None:
    with running_virtuoso(tmp_path) as url, recup.open(str(store)) as kg:
        listed(store, virtuoso=url.replace("dba:dba@", ""))
        query = """SELECT ?class ?n { GRAPH ?g { ?run a recup:Execution }
            SERVICE <peer:virtuoso> { SELECT ?class (COUNT(*) AS ?n) { ?s a ?class } GROUP BY ?class } }"""
        found = kg.federated(query)
        assert found.failures == ()
        assert len(found.answer) > 0
        assert {(type(row["class"]), type(row["n"])) for row in found.answer} == {(str, int)}


@pytest.fixture(params=["dead", "silent", "dripping", "garbage", "flood"])
def failing(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """The address of a peer that fails, and why."""
    kind = request.param
    if kind == "dead":
        yield dead(), "can't be reached: Connection refused"
    elif kind == "silent":
        with silent() as url:
            yield url, "did not answer within 0.5 s"
    else:
        answers: dict[str, tuple[Callable, str]] = {  # type: ignore[type-arg]
            "dripping": (dripping, "did not answer within 0.5 s"),
            "garbage": (lambda h: h.send(200, b"\x00\xff"), "sent what is no SPARQL result: "),
            "flood": (lambda h: h.send(200, b" " * 2_000_000), "sent more than 1,048,576 bytes"),
        }
        answer, reason = answers[kind]
        with misbehaving(answer) as server:
            yield server.url, reason


UNION = f"SELECT ?o {{ {{ SERVICE <peer:licences> {{ ?s <{LICENCE}> ?o }} }} UNION {{ SERVICE <peer:bad> {{ ?s ?p ?o }} }} }}"
QUICK = ("--peer-time-limit", "0.5", "--peer-size-limit", "1")


def ask(cli: Callable[..., Outcome], store: Path, query: str, *options: str) -> Outcome:
    return cli("--store", store, "query", query, *QUICK, *options)


def test_a_failing_peer_is_named_and_the_rest_comes(
    cli: Callable[..., Outcome], store: Path, licences: str, failing: tuple[str, str]
) -> None:
    url, reason = failing
    listed(store, licences=licences, bad=url)
    outcome = ask(cli, store, UNION, "--federated", "--json")
    assert outcome.code == 4
    assert [row["o"]["value"] for row in outcome.json["results"]["bindings"]] == [CC_BY]
    [failure] = outcome.json["partial"]
    assert failure["peer"] == "bad"
    assert failure["reason"].startswith(reason)
    assert outcome.err == f"recup: partial: bad {failure['reason']}\n"


def test_a_partial_table_says_so_even_when_quiet(
    cli: Callable[..., Outcome], store: Path, licences: str
) -> None:
    listed(store, licences=licences, bad=dead())
    outcome = ask(cli, store, UNION, "--federated", "-q")
    assert outcome.code == 4
    assert outcome.out.splitlines()[2:] == [CC_BY]
    assert outcome.err == "recup: partial: bad can't be reached: Connection refused\n"
    assert ask(cli, store, UNION, "--federated", "--format", "csv").out == f"o\r\n{CC_BY}\r\n"


def test_a_partial_count_says_that_it_may_be_wrong(cli: Callable[..., Outcome], store: Path) -> None:
    listed(store, bad=dead())
    outcome = ask(cli, store, "SELECT (COUNT(*) AS ?n) { SERVICE <peer:bad> { ?s ?p ?o } }", "--federated")
    assert outcome.code == 4
    assert outcome.out.splitlines()[2:] == ["0"]
    assert "rows above may be wrong, not only missing" in outcome.err


def test_a_row_is_never_given_without_the_peer_that_it_asks_for(store: Path) -> None:
    """SERVICE SILENT of the standard gives a row without the peer's variables: ours only where the query says so."""
    listed(store, bad=dead())
    query = "SELECT ?run {{ GRAPH ?g {{ ?run a recup:Execution }} SERVICE {} <peer:bad> {{ ?run a <http://ex/Free> }} }}"
    with recup.open(str(store)) as kg:
        loud, quiet = kg.federated(query.format("")), kg.federated(query.format("SILENT"))
        optional = kg.federated(
            "SELECT ?run ?l { GRAPH ?g { ?run a recup:Execution } OPTIONAL { SERVICE <peer:bad> { ?run ?p ?l } } }"
        )
    assert (len(loud.answer), len(quiet.answer), len(optional.answer)) == (0, 1, 1)
    assert all(found.is_partial for found in (loud, quiet, optional))
    assert [found.failures[0].silent for found in (loud, quiet, optional)] == [False, True, False]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        (
            "SELECT * { SERVICE <http://evil.example/> { ?s ?p ?o } }",
            "is no peer of this store; there are: <peer:bad>",
        ),
        ("SELECT * { SERVICE ?who { ?s ?p ?o } }", "would ask whomever the data name"),
        ("SELECT * { SERVICE <peer:bad> { ?s ?p } }", "the query can't be answered: error at 1:"),
    ],
)
def test_a_wrong_query_is_one_line(cli: Callable[..., Outcome], store: Path, query: str, reason: str) -> None:
    listed(store, bad=dead())
    outcome = ask(cli, store, query, "--federated")
    assert (outcome.code, outcome.out) == (2, "")
    assert reason in outcome.err
    assert outcome.err.count("\n") == 1


def test_a_query_without_service_is_answered_as_ever(store: Path, run: str) -> None:
    with recup.open(str(store)) as kg:
        query = "SELECT ?run { GRAPH ?g { ?run a recup:Execution } }"
        assert kg.federated(query).answer == kg.query(query)
        turtle = kg.federated("CONSTRUCT { ?r a recup:Execution } { GRAPH ?g { ?r a recup:Execution } }")
        assert run in turtle.answer.to_turtle()
        assert kg.federated("ASK { GRAPH ?g { ?s a recup:Execution } }").answer.boolean is True


def test_named_queries_and_parameters_work(store: Path) -> None:
    with recup.open(str(store)) as kg:
        assert kg.federated("node-makespans", {"workflow": "http://ex/w"}).answer == kg.query(
            "node-makespans", workflow="http://ex/w"
        )


def test_a_store_without_folder_has_no_peers() -> None:
    with recup.open(":memory:") as kg, pytest.raises(UsageError, match="peers are kept in the folder"):
        kg.federated("ASK {}")


def test_the_same_question_to_each(store: Path, run: str, ours: str, names: str) -> None:
    listed(store, ours=ours, names=names)
    harvested(store, "shop", f"<http://ex/r> <{TYPE}> <{EXECUTION}> <http://ex/g> .\n")
    with recup.open(str(store)) as kg:
        found = kg.federated(EXECUTIONS, on=["all"])
        assert found.answer.columns == ("peer", "run")
        rows = list(found.answer)
        assert [row["peer"] for row in rows] == ["(this store)", "ours", "shop"]
        assert [rows[0]["run"], rows[2]["run"]] == [run, "http://ex/r"]
        assert not found.is_partial
        one = kg.federated(EXECUTIONS, on=["shop", "shop"])
        assert [row["peer"] for row in one.answer] == ["(this store)", "shop"]


def test_each_but_one_that_fails(cli: Callable[..., Outcome], store: Path, ours: str) -> None:
    listed(store, ours=ours, bad=dead())
    outcome = ask(cli, store, EXECUTIONS, "--on", "ours,bad", "--json")
    assert outcome.code == 4
    assert [row["peer"]["value"] for row in outcome.json["results"]["bindings"]] == ["(this store)", "ours"]
    assert [failure["peer"] for failure in outcome.json["partial"]] == ["bad"]


@pytest.mark.parametrize(
    ("query", "on", "error", "reason"),
    [
        (EXECUTIONS, "nobody", UsageError, "there is no peer 'nobody'; there are: bad"),
        ("SELECT * { SERVICE <peer:bad> { ?s ?p ?o } }", "all", QueryError, "ask it without --on"),
        (
            "SELECT ?peer { GRAPH ?g { ?peer a recup:Execution } }",
            "all",
            QueryError,
            "has a column peer itself",
        ),
        ("ASK {}", "all", QueryError, "a SELECT query is needed here"),
    ],
)
def test_what_cannot_be_asked_of_each(
    store: Path, query: str, on: str, error: type[Exception], reason: str
) -> None:
    listed(store, bad=dead())
    with recup.open(str(store)) as kg, pytest.raises(error, match=reason):
        kg.federated(query, on=[on])


def test_all_of_nobody_is_refused(store: Path) -> None:
    with (
        recup.open(str(store)) as kg,
        pytest.raises(UsageError, match="has no peers yet: recup peers add URL"),
    ):
        kg.federated(EXECUTIONS, on=["all"])


def test_the_json_of_a_partial_answer_is_that_of_sparql(store: Path) -> None:
    listed(store, bad=dead())
    with recup.open(str(store)) as kg:
        text = kg.federated("SELECT ?s { SERVICE <peer:bad> { ?s ?p ?o } }").to_json()
    found = pyoxigraph.parse_query_results(text, format=pyoxigraph.QueryResultsFormat.JSON)
    assert isinstance(found, pyoxigraph.QuerySolutions)
    assert [variable.value for variable in found.variables] == ["s"]


def test_without_the_option_nobody_is_asked(cli: Callable[..., Outcome], store: Path, ours: str) -> None:
    listed(store, ours=ours)
    outcome = cli("--store", store, "query", "SELECT * { SERVICE <peer:ours> { ?s ?p ?o } }")
    assert (outcome.code, outcome.out) == (2, "")


def test_the_service_that_is_a_peer_calls_nobody(ours: str) -> None:
    query = urlencode({"query": "SELECT * { SERVICE <peer:x> { ?s ?p ?o } }"})
    with pytest.raises(OSError, match="403"):
        urlopen(f"{ours}?{query}", timeout=20)
