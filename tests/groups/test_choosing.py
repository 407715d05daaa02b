"""What is meant by a group of runs; which configurations may be mixed; tags."""

from __future__ import annotations

from pathlib import Path

import pytest

import recup_kg as recup
from recup_kg.api import KnowledgeGraph
from recup_kg.api.confounders import demand_one_configuration, deviating_facts, not_captured
from recup_kg.api.groups import resolve_group
from recup_kg.errors import QueryError, UnknownRun, UsageError
from recup_kg.measurements import MeasuredRun
from tests.groups.samples import population, repeat
from tests.wfformat_samples import save

RUNS = 5


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeGraph:
    folder = tmp_path_factory.mktemp("runs")
    graph = recup.open(":memory:")
    graph.ingest_all(population(folder, RUNS))
    other = repeat(9)
    other["name"] = "other"
    other["runtimeSystem"] = {"name": "Pegasus", "version": "5"}
    del other["workflow"]["execution"]["executedAt"]
    graph.ingest(save(folder, other, "other.json"))
    graph.tag("run-00", "good", "old")
    graph.tag("run-01", "good")
    return graph


def chosen(
    graph: KnowledgeGraph, expression: str, run: str | None = None, last: int | None = None
) -> list[str]:
    entry = None if run is None else graph._access.reading().resolve(run)
    return [found.name for found in resolve_group(graph._access, expression, run=entry, last=last)]


EVERY = [f"run-{number:02}" for number in range(RUNS)]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("@all", [*EVERY, "other"]),
        ("workflow=small", EVERY),
        ("workflow=sm*", EVERY),
        ("workflow=small tag=good", ["run-00", "run-01"]),
        ("tag=good,tag=old", ["run-00"]),
        ("tag='good'", ["run-00", "run-01"]),
        ("machine=n2, workflow=other", ["other"]),
        ("system=Pegasus", ["other"]),
        ("system='Pegasus 5'", ["other"]),
        ("since=2024-01-02T03:00:00Z", EVERY[2:]),
        ("since=2024-01-02T02:30:00Z until=2024-01-02T04:00:00Z", EVERY[2:4]),
        ("run-03 run-01", ["run-01", "run-03"]),
        ("run-03,run-01", ["run-01", "run-03"]),
        ("SELECT ?run { GRAPH ?g { ?run recup:workflowName 'other' } }", ["other"]),
        ("SELECT ?graph { GRAPH ?graph { ?run recup:workflowName 'other' } }", ["other"]),
    ],
)
def test_a_group_is_a_query(graph: KnowledgeGraph, expression: str, expected: list[str]):
    assert chosen(graph, expression) == expected


def test_a_fingerprint_may_be_cut(graph: KnowledgeGraph):
    whole = graph.run("other").fingerprint or ""
    assert chosen(graph, f"fingerprint={whole}") == chosen(graph, f"fingerprint={whole[:6]}") == ["other"]


def test_a_query_may_be_in_a_file(graph: KnowledgeGraph, tmp_path: Path):
    file = tmp_path / "group.rq"
    file.write_text("SELECT ?execution { GRAPH ?g { ?execution recup:workflowName 'small' } }")
    assert chosen(graph, str(file)) == EVERY
    assert [run.name for run in graph.group(str(file))] == EVERY


def test_the_run_is_not_in_its_group(graph: KnowledgeGraph):
    assert chosen(graph, "workflow=small", "run-02") == ["run-00", "run-01", "run-03", "run-04"]


def test_another_layout_of_the_run_is_not_in_its_group(tmp_path: Path):
    graph = recup.open(":memory:")
    graph.ingest_all(population(tmp_path, 3))
    again = repeat(0)
    again["schemaVersion"] = "1.5"
    again["description"] = "the same execution in another file"
    graph.ingest(save(tmp_path, again, "again.json"))
    assert graph.run("again").run == graph.run("run-00").run
    assert chosen(graph, "@all", "again") == ["run-01", "run-02"]
    assert chosen(graph, "@all", "run-01") == ["run-00", "run-02"]


@pytest.mark.parametrize(("last", "expected"), [(1, ["run-02"]), (2, ["run-01", "run-02"]), (9, EVERY[:3])])
def test_the_last_are_those_before_the_run(graph: KnowledgeGraph, last: int, expected: list[str]):
    assert chosen(graph, "workflow=small", "run-03", last) == expected


def test_without_times_the_order_of_ingestion_counts(graph: KnowledgeGraph):
    assert chosen(graph, "@all", "other", 2) == ["run-03", "run-04"]
    assert chosen(graph, "@all", None, 2) == ["run-04", "other"]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (
            "",
            "an empty group: name runs, give conditions (workflow=, fingerprint=, tag=, machine=, system=, status=, since=, "
            "until=) or @all",
        ),
        ("wrkflow=small", "a group has no condition wrkflow=; did you mean workflow=?"),
        ("tag=", "the condition tag= needs a value"),
        ("tag=none", "the group 'tag=none' has no runs: recup runs lists what there is"),
        ("status=failed", "the group 'status=failed' has no runs: recup runs lists what there is"),
        ("fingerprint=ab", "fingerprint=ab is too short: give 4 digits or more"),
        ("since=soon", "since=soon is no time: write it as 2026-11-23 or 2026-11-23T14:00:00Z"),
        ("workflow='small", 'the group "workflow=\'small" has a quote without its end'),
        ("missing.rq", "missing.rq: No such file or directory"),
        (
            "SELECT ?x { GRAPH ?x { ?y a ?z } }",
            "the query of a group returns ?run, ?graph or ?execution; this one returns ?x",
        ),
    ],
)
def test_what_makes_no_sense_is_one_clear_line(graph: KnowledgeGraph, expression: str, message: str):
    with pytest.raises(UsageError) as caught:
        chosen(graph, expression)
    assert str(caught.value) == message


def test_names_and_conditions_do_not_mix(graph: KnowledgeGraph):
    with pytest.raises(
        UsageError, match="run-00 is no condition; a group is names of runs, or conditions such as workflow="
    ):
        chosen(graph, "run-00 tag=good")


def test_other_errors_are_those_of_the_store(graph: KnowledgeGraph):
    with pytest.raises(UnknownRun, match="no run 'nobody' in the store"):
        chosen(graph, "nobody")
    with pytest.raises(QueryError, match="can't be answered"):
        chosen(graph, "SELECT ?run {")
    with pytest.raises(UsageError, match="the last 0 runs are none"):
        chosen(graph, "@all", None, 0)


def test_tags_are_listed_and_taken_back(tmp_path: Path):
    with recup.open(str(tmp_path / "store")) as graph:
        graph.ingest_all(population(tmp_path, 2))
        assert graph.tag("run-00", "b", "a").tags == ("a", "b")
        assert graph.tag("run-00", "a").tags == ("a", "b")
        assert [run.tags for run in graph.runs()] == [("a", "b"), ()]
        graph.reindex()
        assert graph.run("run-00").tags == ("a", "b")
        assert graph.run("run-00").to_dict()["tags"] == ("a", "b")
        assert [row["tag"] for row in graph.query("tagged-runs")] == ["a", "b"]
        assert graph.validate().conforms
        assert graph.untag("run-00", "a").tags == ("b",)
        with pytest.raises(UsageError, match="run-00 has no tag 'a'; it has b"):
            graph.untag("run-00", "a", "b")
        assert graph.run("run-00").tags == ("b",)


@pytest.mark.parametrize("tag", ["", "two words", "a=b", "a,b", "line\n"])
def test_what_can_be_no_tag(graph: KnowledgeGraph, tag: str):
    with pytest.raises(UsageError, match="can't be a tag: it is one word without commas and ="):
        graph.tag("run-02", tag)
    assert graph.run("run-02").tags == ()


def run(name: str, *facts: str) -> MeasuredRun:
    return MeasuredRun(f"urn:{name}", f"urn:graph:{name}", name, (), facts=facts)


ALIKE = (run("a", "package=x==1", "os=Linux"), run("b", "os=Linux", "package=x==1"))
MIXED = (*ALIKE, run("c", "package=x==2", "os=Linux"), run("d", "os=Linux"))


def test_one_configuration_is_no_confounder():
    assert demand_one_configuration(ALIKE, ()) == ()
    assert deviating_facts(run("r", "os=Linux"), ALIKE) == ()


def test_mixed_configurations_are_refused_by_name():
    with pytest.raises(UsageError) as caught:
        demand_one_configuration(MIXED, ())
    assert str(caught.value) == (
        "the 4 reference runs have several configurations: package: x==1 in 2, x==2 in 1. Choose runs of one "
        "(recup runs --by-configuration), or accept it with --allow-mixed package"
    )


@pytest.mark.parametrize("allowed", [("package",), ("all",), ("package", "os")])
def test_mixed_configurations_are_accepted_by_name_and_said(allowed: tuple[str, ...]):
    assert demand_one_configuration(MIXED, allowed) == ("package: x==1 in 2, x==2 in 1 references",)


def test_the_name_of_no_fact_is_refused():
    with pytest.raises(UsageError, match="a configuration has no fact 'pakage'; there are cpu, "):
        demand_one_configuration(MIXED, ("pakage",))


def test_many_facts_are_accepted_at_once():
    one, two = (run(name, *(f"fact {number}={name}" for number in range(5))) for name in "ab")
    with pytest.raises(UsageError, match=r"and fact 3, fact 4.*--allow-mixed all$"):
        demand_one_configuration((one, two), ())


def test_what_the_run_has_otherwise_is_a_finding():
    assert deviating_facts(run("r", "package=x==3", "os=Linux"), MIXED) == ("package: the run has x==3",)
    found = deviating_facts(run("r", "package=x==3"), ALIKE)
    assert found == ("package: the run has x==3; the references have x==1",)


def test_what_not_all_state_is_not_captured():
    assert not_captured(run("r", "os=Linux"), MIXED) == (
        "not captured of all runs, so nobody can tell whether they differ in it: package",
    )
    assert not_captured(ALIKE[0], ALIKE) == ()


def test_a_part_of_one_workflows_name_is_enough(graph: KnowledgeGraph) -> None:
    assert chosen(graph, "workflow=SMAL") == chosen(graph, "workflow=small")


def test_a_part_of_several_names_or_of_none_is_refused(tmp_path: Path) -> None:
    graph = recup.open(":memory:")
    for name in ("small-a", "small-b"):
        document = repeat(len(name))
        document["name"] = name
        document["workflow"]["execution"]["makespanInSeconds"] += ord(name[-1])
        graph.ingest(save(tmp_path, document, f"{name}.json"))
    with pytest.raises(UsageError, match="workflow=small is part of several names: small-a, small-b"):
        chosen(graph, "workflow=small")
    with pytest.raises(UsageError, match="no workflow is called large; there are: small-a, small-b"):
        chosen(graph, "workflow=large")
