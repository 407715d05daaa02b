"""SERVICE clauses, found and redirected."""

from __future__ import annotations

import re

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recup_kg.errors import QueryError
from recup_kg.federation.service_calls import ServiceCall, is_monotone, redirected, service_iris

A, B = "http://a.example/sparql", "http://b.example/sparql"
HERE = "http://127.0.0.1:9/secret"


def here(call: ServiceCall) -> str:
    return f"{HERE}/{'silent' if call.silent else 'loud'}/{call.iri.rsplit(':', 1)[-1].strip('/')}"


@pytest.mark.parametrize(
    ("query", "iris"),
    [
        ("SELECT * { ?s ?p ?o }", ()),
        (f"SELECT * {{ SERVICE <{A}> {{ ?s ?p ?o }} }}", (A,)),
        (f"SELECT * {{ service<{A}>{{ ?s ?p ?o }} SeRvIcE silent <{B}> {{ ?s ?p ?o }} }}", (A, B)),
        (f"SELECT * {{ SERVICE <{A}> {{ ?s ?p ?o }} SERVICE <{A}> {{ ?s ?p ?x }} }}", (A,)),
        (f"SELECT * {{ SERVICE # SERVICE <{B}>\n <{A}> {{ ?s ?p ?o }} }}", (A,)),
        (f"SELECT * {{ ?s ?p \"SERVICE <{A}> {{ }}\" , 'service', '''SERVICE\n<{A}>''' }}", ()),
        (f"# SERVICE <{A}> {{ }}\nSELECT * {{ ?s <http://x/SERVICE> ?service }}", ()),
        ("PREFIX ex: <http://ex/> SELECT * { ?s ex:service _:service }", ()),
        (f"PREFIX a: <{A[:-6]}> SELECT * {{ SERVICE a:sparql {{ ?s ?p ?o }} }}", (A,)),
        (f"PREFIX : <{A}> SELECT * {{ SERVICE : {{ ?s ?p ?o }} }}", (A,)),
        ("PREFIX peer: <peer:> SELECT * { SERVICE peer:kit { ?s ?p ?o } }", ("peer:kit",)),
        ("SELECT * { SERVICE <peer:kit> { ?s ?p ?o } }", ("peer:kit",)),
        ("BASE <http://a.example/x/> SELECT * { SERVICE <../sparql> { ?s ?p ?o } }", (A,)),
        ("BASE <http://a.example/> PREFIX n: <spa> SELECT * { SERVICE n:rql { ?s ?p ?o } }", (A,)),
        ("SELECT * { SERVICE <http://a.example/\\u0073parql> { ?s ?p ?o } }", (A,)),
        (f"SELECT * {{ OPTIONAL {{ SERVICE <{A}> {{ ?s ?p ?o }} }} }}", (A,)),
        (f"ASK {{ FILTER NOT EXISTS {{ SERVICE <{A}> {{ ?s ?p ?o }} }} }}", (A,)),
        (f"SELECT * {{ {{ SELECT ?s {{ SERVICE <{A}> {{ ?s ?p ?o }} }} }} }}", (A,)),
        ("SELECT * { SERVICE <http://x/service> { ?s ?p ?o } }", ("http://x/service",)),
    ],
)
def test_services_are_found_as_the_grammar_has_them(query: str, iris: tuple[str, ...]) -> None:
    assert service_iris(query) == iris


def test_a_relative_address_is_resolved_against_the_base_of_the_endpoint() -> None:
    assert service_iris("ASK { SERVICE <other> { } }", "http://a.example/sparql") == (
        "http://a.example/other",
    )


def test_each_call_gets_its_address_and_the_rest_stays() -> None:
    query = (
        'SELECT * { ?s ?p "a" . SERVICE SILENT <peer:x>{ ?s ?p ?o } # end\n SERVICE <peer:y> { ?o ?q 1 } }'
    )
    text = redirected(query, here)
    assert f'?s ?p "a" .  SERVICE SILENT <{HERE}/silent/x>{{ ?s ?p ?o }}' in text
    assert f"SERVICE <{HERE}/loud/y> {{ ?o ?q 1 }} }}" in text
    assert "peer:" not in text


def test_a_query_without_services_says_the_same() -> None:
    query = 'SELECT ?x { ?x <http://ex/p> "a service" }'
    assert redirected(query, here) == 'SELECT ?x { ?x <http://ex/p> "a \\u0073ervice" }'


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("SELECT * { SERVICE ?who { ?s ?p ?o } }", "SERVICE ?who would ask whomever the data name"),
        ("SELECT * { SERVICE SILENT $who { ?s ?p ?o } }", "SERVICE $who would ask whomever"),
        ("SELECT * { SERVICE no:where { ?s ?p ?o } }", "the prefix no: is not declared"),
        ("SELECT * { SERVICE", "the query ends behind it"),
        ("SELECT * { SERVICE SILENT", "the query ends behind it"),
        ("SELECT * { SERVICE { ?s ?p ?o } }", "SERVICE needs the address of a peer, not '{'"),
        ("SELECT * { SERVICE <peer:a> ?s ?p ?o }", "SERVICE needs a pattern in braces"),
        ("SELECT * { SERVICE <peer:a>", "SERVICE needs a pattern in braces"),
        (
            "SELECT * { SERVICE <peer:a> { SERVICE <peer:b> { ?s ?p ?o } } }",
            "SERVICE <peer:b> is inside of another SERVICE",
        ),
        (
            "SELECT * { SERVICE <peer:a> { { SELECT * { { SERVICE <peer:b> { } } } } } }",
            "SERVICE <peer:b> is inside of another SERVICE",
        ),
        ("SELECT * { SERVICESILENT <peer:a> { } }", "can be read as the keyword SERVICE"),
        ("SELECT * { SERVICEx:y { } }", "can be read as the keyword SERVICE"),
        ("SELECT * { ?s ?p 1SERVICE <peer:a> { } }", "can be read as the keyword SERVICE"),
    ],
)
def test_what_cannot_be_redirected_is_refused(query: str, reason: str) -> None:
    with pytest.raises(QueryError, match=re.escape(reason)):
        redirected(query, here)


_PIECES = st.lists(
    st.sampled_from(
        [
            "SERVICE",
            "service",
            "SILENT",
            "<peer:a>",
            "<http://evil.example/>",
            "<http://x/SERVICE>",
            "e:v",
            "?s",
            "{",
            "}",
            "?s ?p ?o",
            ".",
            "# c\n",
            "'SERVICE <http://evil.example/> {}'",
            '"',
            "'",
            "\\",
            "<",
            ">",
            "<3",
            "1",
            "x",
            " ",
            "UNION",
            "OPTIONAL",
            "FILTER(1<2)",
            "'''",
            "@en",
            "^^",
        ]
    ),
    max_size=14,
)


@given(_PIECES, st.sampled_from(["", " "]))
def test_the_engine_never_calls_anybody_else(pieces: list[str], glue: str) -> None:
    """Whatever the text is: the engine refuses it, or tries our addresses only (their port takes no connection)."""
    query = f"PREFIX e: <http://evil.example/> SELECT * {{ {glue.join(pieces)} }}"
    try:
        text = redirected(query, lambda _: HERE)
        list(pyoxigraph.Store().query(text))  # type: ignore[arg-type]
    except (QueryError, SyntaxError, ValueError):
        return
    except OSError as error:
        assert "The port 9 is not allowed" in str(error)
    assert set(service_iris(text)) <= {HERE}


@pytest.mark.parametrize(
    ("query", "monotone"),
    [
        ("SELECT ?s { ?s ?p 'count', ?count }", True),
        ("SELECT * { ?s ?p ?o OPTIONAL { ?o ?q ?x } } ORDER BY ?s", True),
        ("SELECT (count(*) AS ?n) { ?s ?p ?o }", False),
        ("SELECT * { ?s ?p ?o MINUS { ?s a ?o } }", False),
        ("SELECT * { ?s ?p ?o FILTER NOT EXISTS { ?s a ?o } }", False),
        ("SELECT * { ?s ?p ?o } LIMIT 3", False),
    ],
)
def test_which_partial_answers_only_lack_rows(query: str, monotone: bool) -> None:
    assert is_monotone(query) is monotone
