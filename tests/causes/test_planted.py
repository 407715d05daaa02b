"""One thing planted in the slow runs of a population made from a real trace: it must come first."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import recup_kg as recup
from recup_kg.api import Explained, KnowledgeGraph
from recup_kg.api.explain_facts import argument_facts
from recup_kg.errors import UsageError
from tests.causes.populations import (
    Planted,
    Trace,
    all_of,
    first_fact,
    on_node,
    populate,
    with_argument,
    with_size,
)
from tests.conftest import ROOT

NODE = on_node("worker-9.novalocal")
NUMPY = ("1.27.0", "1.26.4")


@pytest.fixture
def graph() -> KnowledgeGraph:
    return recup.open(":memory:")


def bisected(graph: KnowledgeGraph, folder: Path, planted: Planted) -> Explained:
    slow, fast = populate(graph, folder, planted)
    found = graph.bisect("@all")
    assert set(found.explanation.deviating) == set(slow)
    assert set(found.explanation.others) == set(fast)
    return found


@pytest.mark.parametrize(
    ("planted", "kind", "name", "value"),
    [
        (Planted(slow=NODE), "node", "node", "worker-9.novalocal"),
        (Planted(slow=with_argument("split_fasta", "5", "50")), "argument", "split_fasta", "50"),
        (Planted(slow=with_argument("blastall", "blastn", "blastp")), "argument", "blastall -p", "blastp"),
        (Planted(slow=with_size("small.fasta", 99_999)), "input", "small.fasta", 99_999),
        (Planted(numpy=NUMPY), "package", "numpy", "1.27.0"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_was_planted_comes_first(
    graph: KnowledgeGraph, tmp_path: Path, planted: Planted, kind: str, name: str, value: object
) -> None:
    found = bisected(graph, tmp_path, planted)
    document = found.to_dict()
    fact = first_fact(document)
    assert (fact["kind"], fact["name"], fact["value"], fact["relation"]) == (kind, name, value, "=")
    first = document["causes"][0]
    assert len(first["facts"]) == 1
    assert (first["separation"], first["verdict"]) == (1.0, "different")
    assert "6 of 6 slow runs, 0 of 8 other runs" in first["message"]
    # Of 3003 ways to choose six of fourteen runs this is one.
    assert first["p"] == first["p_floor"] == pytest.approx(1 / 3003)
    assert found.sure


def test_the_evidence_of_the_first_cause_returns_its_fact(graph: KnowledgeGraph, tmp_path: Path) -> None:
    found = bisected(graph, tmp_path, Planted(numpy=NUMPY))
    evidence = found.causes[0].evidence[0]
    rows = graph.query(evidence.query, **evidence.bindings).rows
    assert {row[-1] for row in rows} == set(NUMPY)


def test_confounded_facts_are_one_cause(graph: KnowledgeGraph, tmp_path: Path) -> None:
    first = bisected(graph, tmp_path, Planted(slow=NODE, numpy=NUMPY)).causes[0]
    assert {(fact.kind, fact.value) for fact in first.facts} == {
        ("package", "1.27.0"),
        ("node", "worker-9.novalocal"),
    }
    assert "nothing compared tells them apart" in first.message


def test_runs_whose_environment_was_not_captured_lack_nothing(graph: KnowledgeGraph, tmp_path: Path) -> None:
    planted = Planted(numpy=NUMPY, uncaptured=frozenset(("slow-0", "fast-0", "fast-1")))
    first = bisected(graph, tmp_path, planted).causes[0]
    assert first.facts[0].name == "numpy"
    assert "5 of 5 slow runs, 0 of 6 other runs; not captured of 3" in first.message


def test_without_anything_planted_no_fact_is_named(graph: KnowledgeGraph, tmp_path: Path) -> None:
    found = bisected(graph, tmp_path, Planted())
    assert not [cause for cause in found.causes if cause.facts[0].kind != "measurement"]


def unplaced(trace: Trace) -> None:
    """The machine of one task was not captured."""
    del trace["workflow"]["execution"]["tasks"][5]["machines"]


def test_a_partly_captured_placement_is_cant_tell(graph: KnowledgeGraph, tmp_path: Path) -> None:
    found = bisected(graph, tmp_path, Planted(slow=all_of(NODE, unplaced), fast=unplaced))
    assert not [cause for cause in found.causes if cause.facts[0].kind == "node"]
    assert "can't tell node: fast-0: nodes of 42 of 43 tasks were captured" in found.remarks


def test_a_gap_on_one_side_leaves_what_the_other_side_tells(graph: KnowledgeGraph, tmp_path: Path) -> None:
    first = bisected(graph, tmp_path, Planted(slow=NODE, fast=unplaced)).causes[0]
    # That the fast runs did not use worker-9 can't be told; that they used worker-2, and the slow ones did not, can.
    assert (first.facts[0].relation, first.facts[0].value) == ("without", "worker-2.novalocal")


def counters(folder: Path, name: str, slow: bool) -> list[Path]:
    """A Darshan log for each run: one that read a lot where it was slow. Darshan's own text, of real runs."""
    logs = ROOT / "data" / "darshan" / "chain"
    log = "pq_app_readAB_writeC_id71326_7-31-5658-2037904274838284930_5.parser.txt.gz"
    other = "pq_app_write_id71296_7-31-5657-2037904274838284930_55623.parser.txt.gz"
    path = folder / f"{name}-{log if slow else other}"
    path.write_bytes((logs / (log if slow else other)).read_bytes())
    return [path]


def test_counters_that_differ_name_the_fact_that_they_go_with(graph: KnowledgeGraph, tmp_path: Path) -> None:
    found = bisected(graph, tmp_path, Planted(slow=NODE, files=counters))
    assert found.causes[0].facts[0].value == "worker-9.novalocal"
    counted = [cause for cause in found.causes if any(fact.kind == "counter" for fact in cause.facts)]
    names = {fact.name for cause in counted for fact in cause.facts if fact.kind == "counter"}
    assert "POSIX_BYTES_READ" in names
    assert all("worker-9.novalocal" in cause.message for cause in counted)


def test_an_outcome_can_be_a_measurement_of_a_step(graph: KnowledgeGraph, tmp_path: Path) -> None:
    populate(graph, tmp_path, Planted(slow=NODE))
    found = graph.bisect("@all", outcome="runTime of step blastall")
    assert found.explanation.rule.startswith("two groups")
    assert found.causes[0].facts[0].value == "worker-9.novalocal"


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        ("runtimes", "no outcome 'runtimes'; did you mean run time or runTime"),
        ("runTime of step blastal", "no step 'blastal' in these runs; did you mean blastall"),
        ("readBytes of step nothing-like-it", "no step 'nothing-like-it' in these runs; there are: "),
    ],
)
def test_unknown_outcomes_are_refused(
    graph: KnowledgeGraph, tmp_path: Path, outcome: str, message: str
) -> None:
    populate(graph, tmp_path, Planted(), slow=1, fast=1)
    with pytest.raises(UsageError, match=message):
        graph.bisect("@all", outcome=outcome)


def larger_pieces(trace: Trace) -> None:
    """The pieces that split_fasta writes are 40 times as large, and blastall reads four times the bytes."""
    for item in trace["workflow"]["specification"]["files"]:
        if item["id"].removeprefix("small.fasta.").isdigit():
            item["sizeInBytes"] *= 40
    for task in trace["workflow"]["execution"]["tasks"]:
        if task["id"].startswith("blastall"):
            task["readBytes"] *= 4


def test_a_chain_leads_from_the_slow_task_to_the_argument_upstream(
    graph: KnowledgeGraph, tmp_path: Path
) -> None:
    planted = Planted(slow=all_of(with_argument("split_fasta", "5", "50"), larger_pieces))
    _, fast = populate(graph, tmp_path, planted, slow=1)
    first = graph.explain("slow-0", against=fast).causes[0]
    assert (first.facts[0].kind, first.facts[0].name, first.facts[0].value) == (
        "argument",
        "split_fasta",
        "50",
    )
    said = [link.message for link in first.chain]
    assert [link.evidence.query for link in first.chain] == [
        "task-difference",
        "task-difference",
        "task-input-difference",
        "task-difference",
    ]
    assert " times as long: " in said[0]
    words = said[1].replace(",", "").split()
    assert words[1:2] + words[3:6] == ["read", "bytes", "instead", "of"]
    assert int(words[2]) == 4 * int(words[6])
    assert said[2].endswith("which split_fasta_ID000001 wrote")
    assert said[3] == "split_fasta_ID000001 ran with 50 instead of 5"


def test_each_link_returns_its_rows_again(graph: KnowledgeGraph, tmp_path: Path) -> None:
    planted = Planted(slow=all_of(with_argument("split_fasta", "5", "50"), larger_pieces))
    populate(graph, tmp_path, planted, slow=1, fast=2)
    chain = graph.explain("slow-0", reference="fast-0").causes[0].chain
    assert chain
    for link in chain:
        rows = graph.query(link.evidence.query, **link.evidence.bindings).rows
        assert set(link.rows) <= set(rows)


def test_a_chain_stops_where_the_evidence_does(graph: KnowledgeGraph, tmp_path: Path) -> None:
    populate(graph, tmp_path, Planted(), slow=1, fast=1)
    found = graph.explain("slow-0", reference="fast-0")
    assert not any(cause.chain for cause in found.causes)
    assert any(remark.endswith("are as in the reference, as far as captured") for remark in found.remarks)


def test_two_runs_are_never_significant(graph: KnowledgeGraph, tmp_path: Path) -> None:
    populate(graph, tmp_path, Planted(slow=NODE, numpy=NUMPY), slow=1, fast=1)
    found = graph.explain("slow-0", reference="fast-0")
    runs = [cause for cause in found.causes if cause.about == "run"]
    assert runs
    assert all(cause.p is None and cause.verdict.value == "can't tell" for cause in runs)
    assert not found.sure


def test_without_references_those_before_it_of_its_configuration_are_taken(
    graph: KnowledgeGraph, tmp_path: Path
) -> None:
    populate(graph, tmp_path, Planted(), slow=2, fast=4)
    ordered = sorted(graph.runs(), key=lambda run: run.started or "")
    found = graph.explain(ordered[3].name)
    assert set(found.explanation.others) == {run.name for run in ordered[:3]}
    assert "held against the 3 earlier of the same workflow and configuration" in found.remarks
    with pytest.raises(UsageError, match="has no run of makeflow-blast-small before"):
        graph.explain(ordered[0].name)
    with pytest.raises(UsageError, match="not both"):
        graph.explain(ordered[3].name, against="@all", reference=ordered[0].name)


def test_json_is_json(graph: KnowledgeGraph, tmp_path: Path) -> None:
    found = bisected(graph, tmp_path, Planted(slow=NODE))
    assert json.loads(found.render("json")) == found.to_dict()
    with pytest.raises(UsageError, match="no form 'yaml'; there are: text, json"):
        found.render("yaml")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (
            ["./p", "-n", "3", "--size=4", "in.txt"],
            [("", "./p"), ("-n", "3"), ("--size", "4"), ("", "in.txt")],
        ),
        (["-v", "-q", "x"], [("", "-v"), ("-q", "x")]),
        (["-"], [("", "-")]),
        ([], []),
    ],
)
def test_arguments_as_facts(words: list[str], expected: list[tuple[str, str]]) -> None:
    assert list(argument_facts(json.dumps(words))) == expected
