"""Loading queries, and binding values to their parameters."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdflib.plugins.sparql import prepareQuery

from recup_kg.errors import QueryError, UnknownQuery, UsageError
from recup_kg.queries import Parameter, Query, Type, bind, catalogue, load, parse, term

TEXT = """\
#+ title: Things that are called so
#+ description: The first sentence.
#+ description: The second.
#+ questions: 3 4
#+ parameter: run run ?graph the run
#+ parameter: name? text ?name what it is called
#+ parameter: least=2 integer ?least how many at least
#+ columns: thing count
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?thing (COUNT(*) AS ?count) WHERE {
  # VALUES ?graph
  # VALUES ?name
  GRAPH ?graph { ?thing rdfs:label ?name }
  {
    # VALUES ?least
  }
} GROUP BY ?thing
"""
GRAPH = "https://example.org/graph"


@pytest.fixture
def query() -> Query:
    return parse(TEXT, "things")


def parameter(kind: Type) -> Parameter:
    return Parameter("p", kind, "p", "a value", True)


def test_a_header_is_read(query: Query) -> None:
    assert (query.name, query.title) == ("things", "Things that are called so")
    assert query.description == "The first sentence. The second."
    assert (query.questions, query.columns, query.form) == ((3, 4), ("thing", "count"), "select")
    assert query.parameters == (
        Parameter("run", "run", "graph", "the run", True),
        Parameter("name", "text", "name", "what it is called", False),
        Parameter("least", "integer", "least", "how many at least", False, "2"),
    )
    assert query.text == TEXT


def test_a_query_as_a_dictionary(query: Query) -> None:
    said = query.to_dict()
    assert "text" not in said
    assert said["parameters"][1] == {
        "name": "name",
        "type": "text",
        "variable": "name",
        "description": "what it is called",
        "required": False,
        "default": None,
    }


def test_values_take_the_place_of_the_markers(query: Query) -> None:
    text = bind(query, {"run": GRAPH, "name": 'say "x"'})
    assert f"\n  VALUES ?graph {{ <{GRAPH}> }}\n" in text
    assert '\n  VALUES ?name { "say \\"x\\"" }\n' in text
    assert '\n    VALUES ?least { "2"^^<http://www.w3.org/2001/XMLSchema#integer> }\n' in text
    prepareQuery(text)


def test_an_optional_parameter_without_value_stays_a_comment(query: Query) -> None:
    for values in ({"run": GRAPH}, {"run": GRAPH, "name": None}):
        assert "\n  # VALUES ?name\n" in bind(query, values)


def test_every_marker_of_a_variable_is_bound() -> None:
    text = "#+ parameter: run run ?g the run\nSELECT * {\n# VALUES ?g\n{ SELECT * {\n\t#VALUES ?g  \n} } }"
    assert bind(parse(text, "x"), {"run": GRAPH}).count(f"VALUES ?g {{ <{GRAPH}> }}") == 2


def test_a_value_joins_before_aggregation() -> None:
    store = pyoxigraph.Store()
    store.update("INSERT DATA { GRAPH <x:1> { <x:a> <x:p> 1 } GRAPH <x:2> { <x:a> <x:p> 9 } }")
    text = "#+ parameter: run run ?g the run\nSELECT (AVG(?v) AS ?mean) {\n# VALUES ?g\nGRAPH ?g { ?s <x:p> ?v } }"
    for graph, mean in (("x:1", "1"), ("x:2", "9")):
        (row,) = store.query(bind(parse(text, "mean"), {"run": graph}))
        assert row["mean"].value == mean


def test_a_missing_parameter_is_named(query: Query) -> None:
    with pytest.raises(UsageError, match=r"^the query things needs run=\.\.\., the run$"):
        bind(query, {"name": "x"})


@pytest.mark.parametrize(
    ("name", "hint"),
    [("nam", r"did you mean name\?"), ("zzz", "it has run, name, least")],
)
def test_an_unknown_parameter_is_named_with_what_is_near(query: Query, name: str, hint: str) -> None:
    with pytest.raises(UsageError, match=f"^the query things has no parameter '{name}'; {hint}$"):
        bind(query, {"run": GRAPH, name: "x"})


def test_a_query_without_parameters_says_so() -> None:
    with pytest.raises(UsageError, match=r"it has none$"):
        bind(parse("ASK {}", "query"), {"run": GRAPH})


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("iri", "https://example.org/ä?x#y", "<https://example.org/ä?x#y>"),
        ("run", "urn:x", "<urn:x>"),
        ("comparison", "urn:x", "<urn:x>"),
        ("text", "", '""'),
        ("text", "a\\b\"\n\r\t\b\f'}", '"a\\\\b\\"\\n\\r\\t\\b\\f\'}"'),
        ("integer", -7, '"-7"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        (
            "integer",
            "18446744073709551615",
            '"18446744073709551615"^^<http://www.w3.org/2001/XMLSchema#integer>',
        ),
        ("number", "1e3", '"1000.0"^^<http://www.w3.org/2001/XMLSchema#double>'),
        ("number", 0.1, '"0.1"^^<http://www.w3.org/2001/XMLSchema#double>'),
    ],
)
def test_a_value_becomes_a_term(kind: Type, value: str | int | float, expected: str) -> None:
    assert term(parameter(kind), value) == expected


@pytest.mark.parametrize(
    ("kind", "value", "problem"),
    [
        ("iri", "no iri", "p='no iri' is not an IRI"),
        ("iri", "http://x/> } DROP ALL #", "is not an IRI"),
        ("iri", "http://x/\n", "is not an IRI"),
        ("iri", "relative", "p='relative' is not an IRI"),
        ("run", "", "p='' is not an IRI"),
        ("integer", "1.5", "p='1.5' is not a whole number"),
        ("integer", "1_000", "is not a whole number"),
        ("integer", True, "is not a whole number"),
        ("integer", "٣", "is not a whole number"),
        ("number", "nan", "p='nan' is not a number"),
        ("number", "1e999", "is not a number"),
        ("number", "1 }", "is not a number"),
        ("text", "half \ud800", "holds a character that no text in RDF can have"),
        ("text", "nothing \x00", "holds a character that no text in RDF can have"),
    ],
)
def test_a_value_of_another_type_is_refused(kind: Type, value: str, problem: str) -> None:
    with pytest.raises(UsageError) as caught:
        term(parameter(kind), value)
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_any_text_comes_back_from_sparql(text: str) -> None:
    query = f"SELECT ?p {{ VALUES ?p {{ {term(parameter('text'), text)} }} }}"
    (row,) = pyoxigraph.Store().query(query)
    assert row["p"] == pyoxigraph.Literal(text)


@given(st.text())
def test_no_iri_gets_out_of_its_brackets(text: str) -> None:
    try:
        found = term(parameter("iri"), f"urn:{text}")
    except UsageError:
        return
    assert not set(found[1:-1]) & set('<>"{}|\\^` \n\t\r')


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("#+ no colon\nASK {}", "x: line 1: a header line is '#+ KEY: ...', KEY one of title, description, "),
        ("ASK {}\n#+ colour: red", "x: line 2: a header line is"),
        ("#+ questions: 1 two\nASK {}", "x: questions: 'two' is not the number of a question"),
        (
            "#+ parameter: run\nASK {}",
            "x: the parameter 'run' is not 'NAME TYPE ?VARIABLE DESCRIPTION, TYPE one of",
        ),
        ("#+ parameter: run rum ?g the run\nASK {}", "x: the parameter 'run rum ?g the run' is not"),
        (
            "#+ parameter: run run ?g the run\nASK {}",
            "x: the parameter run needs a line '# VALUES ?g' inside WHERE",
        ),
    ],
)
def test_a_wrong_header_is_one_line(text: str, problem: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text, "x")
    assert str(caught.value).startswith(problem)
    assert "\n" not in str(caught.value)


def test_a_default_must_be_of_its_type() -> None:
    with pytest.raises(UsageError, match="p='much' is not a number"):
        parse("#+ parameter: p=much number ?p how much\nASK {\n# VALUES ?p\n}", "x")


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("# ask\nPREFIX select: <http://ask/> SELECT * {}", "select"),
        ("PREFIX : <x:> ask {}", "ask"),
        ("BASE <http://select/> CONSTRUCT { ?select ?p ?o } WHERE { ?s ?p ?o }", "construct"),
        ("DESCRIBE <x:y>", "describe"),
        ('DELETE DATA { <x:y> <x:z> "select" }', "other"),
    ],
)
def test_the_form_is_that_of_the_outer_query(text: str, form: str) -> None:
    assert parse(text, "x").form == form


def test_a_file_and_text_load(tmp_path: Path) -> None:
    path = tmp_path / "my things.rq"
    path.write_text(TEXT)
    assert load(str(path)).name == "my things"
    assert load(str(path)).text == load(TEXT).text == TEXT
    assert load(TEXT).name == "query"


def test_a_name_loads() -> None:
    assert load("deviation-output") in catalogue()


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("deviation-outputs", "no query is called 'deviation-outputs'; did you mean deviation-output"),
        ("zzzzzz", "no query is called 'zzzzzz'; recup queries lists them"),
        ("", "no query is called ''; recup queries lists them"),
        ("nowhere/x.rq", "nowhere/x.rq: No such file or directory"),
    ],
)
def test_an_unknown_query_is_named_with_what_is_near(name: str, problem: str) -> None:
    with pytest.raises(UnknownQuery) as caught:
        load(name)
    assert str(caught.value).startswith(problem)


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.rq"
    path.write_bytes(b"# \xff\nASK {}")
    with pytest.raises(QueryError, match="byte 2: not UTF-8"):
        load(str(path))


def test_text_of_a_caller_may_use_our_prefixes() -> None:
    text = "SELECT ?t WHERE { GRAPH ?g { ?t a recup:TaskExecution ; p-plan:correspondsToStep ?s } }"
    assert load(text).text.startswith("PREFIX recup: <https://w3id.org/recup/ontology#>\n")
    assert "PREFIX p-plan: <http://purl.org/net/p-plan#>" in load(text).text
    declared = "PREFIX recup: <urn:mine#> SELECT ?t WHERE { ?t a recup:X ; <http://example.org/x> ?y }"
    assert load(declared).text == declared
