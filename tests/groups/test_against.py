"""A run against reference runs: verdicts, frontier, graph, forms."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

import recup_kg as recup
from recup_kg.api import ComparedWithGroup, KnowledgeGraph
from recup_kg.api.against_frontier import frontier, stands_apart
from recup_kg.api.against_text import part_text
from recup_kg.api.against_verdict import Membership, makespan_probability, membership, overall
from recup_kg.comparisons import Comparison, SourceGap, Verdict
from recup_kg.errors import UsageError
from recup_kg.group_comparisons import Distribution
from recup_kg.measurements import MeasuredRun, MeasuredTask
from recup_kg.scores import NodeScore, Part, RunScore, Scores, TaskScore
from recup_kg.vocab import RECUP
from tests.groups.samples import deviating, population, repeat
from tests.wfformat_samples import save

REFERENCES = 24


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeGraph:
    folder = tmp_path_factory.mktemp("runs")
    graph = recup.open(":memory:")
    graph.ingest_all([*population(folder, REFERENCES), deviating(folder)], validate=False)
    return graph


@pytest.fixture(scope="module")
def found(graph: KnowledgeGraph) -> ComparedWithGroup:
    return graph.against("slow", "workflow=small")


def test_a_slow_task_is_found_first(found: ComparedWithGroup):
    assert found.verdict is Verdict.DIFFERENT
    assert found.scores.run.n == REFERENCES
    first = found.scores.tasks[0]
    assert (first.identifier, first.verdict) == ("work_ID02", Verdict.DIFFERENT)
    assert {part.label for part in first.parts[:2]} == {"run time", "average CPU utilization"}
    assert (found.frontier[0].identifier, found.frontier[0].first) == ("work_ID02", True)
    assert "beyond all 24 references" in found.reason
    assert found.comparison.makespan.references[0] == repeat(0)["workflow"]["execution"]["makespanInSeconds"]


def test_a_repeat_is_the_same(graph: KnowledgeGraph):
    same = [
        graph.against(f"run-{number:02}", "workflow=small until=2024-01-03T12:00:00Z") for number in (3, 11)
    ]
    assert [one.verdict for one in same] == [Verdict.SAME, Verdict.SAME]
    assert (
        same[0].reason
        == "no task, no machine and not the run as a whole lies beyond what 23 references vary by"
    )
    assert same[0].frontier == ()


def test_one_reference_is_a_difference(graph: KnowledgeGraph):
    found = graph.against("slow", "run-00")
    assert found.verdict is Verdict.CANT_TELL
    assert found.reason.startswith(
        "one reference tells a difference, no deviation: at least 18 more references needed"
    )
    assert all(task.p is None for task in found.scores.tasks)


def test_the_typical_reference_has_the_median_makespan(found: ComparedWithGroup):
    makespans = sorted(one for one in found.comparison.makespan.references if one is not None)
    assert found.typical.makespan.reference == makespans[(len(makespans) - 1) // 2]
    assert found.typical.other.name == "slow"


def test_the_last_references_are_those_before_the_run(graph: KnowledgeGraph):
    found = graph.against("run-10", last=4)
    assert [run.name for run in found.comparison.group.runs] == ["run-06", "run-07", "run-08", "run-09"]
    assert found.comparison.group.expression == 'workflow="small" (the last 4)'


def test_it_is_kept_and_can_be_asked(graph: KnowledgeGraph, found: ComparedWithGroup):
    assert found.stored_as is not None and found.stored_as.startswith("compare-")
    again = graph.against("slow", "workflow=small")
    assert (again.stored_as, again.to_dict()) == (found.stored_as, found.to_dict())
    rows = list(graph.query("group-scores", comparison=found.stored_as))
    assert {row["kind"] for row in rows} == {"run", "machine", "task"}
    tasks = [row["name"] for row in rows if row["kind"] == "task"]
    assert tasks == [task.identifier for task in found.scores.tasks]
    parts = list(graph.query("score-parts", comparison=found.stored_as, task="work_ID02"))
    assert {row["value"] for row in parts} == {
        part.value for part in found.scores.tasks[0].parts if part.evidence >= 1
    }
    assert graph.validate(found.stored_as).conforms


def test_it_can_be_read_in_every_form(found: ComparedWithGroup):
    text = found.render()
    assert text.splitlines()[3] == "Verdict: different"
    assert max(map(len, text.splitlines())) <= 80
    assert len(found.render(verbose=True)) > len(text)
    document = json.loads(found.render("json"))
    assert document["scores"]["tasks"][0]["verdict"] == "different"
    assert document["typical"]["verdict"] == found.typical.verdict.value
    assert "recup:GroupComparison" in found.render("ttl")
    assert found.render("md").startswith("# slow against 24 reference runs")
    assert len(found.to_pandas()) == 4
    assert "slow" in found._repr_html_()
    with pytest.raises(
        UsageError, match="no form 'pdf' of a comparison; there are: text, json, md, ttl, html"
    ):
        found.render("pdf")


def test_many_runs_are_scored_at_once_and_nothing_is_kept(graph: KnowledgeGraph, found: ComparedWithGroup):
    before = len(graph._access.reading().registry())
    references = [f"run-{number:02}" for number in range(REFERENCES)]
    slow, same = graph.score(["slow", "run-03"], references)
    assert slow.run == found.scores.run
    assert same.run.score < slow.run.score
    assert len(graph._access.reading().registry()) == before
    with pytest.raises(UsageError, match="no reference runs: name one at least"):
        graph.score(["slow"], [])


def test_mixed_references_are_refused_or_said(tmp_path: Path):
    graph = recup.open(":memory:")
    other = repeat(7)
    other["runtimeSystem"] = {"name": "Makeflow", "version": "8"}
    graph.ingest_all(
        [*population(tmp_path, 3), save(tmp_path, other, "new.json"), deviating(tmp_path)], validate=False
    )
    with pytest.raises(UsageError, match="accept it with --allow-mixed system"):
        graph.against("slow", "@all")
    found = graph.against("slow", "@all", allow_mixed=["system"])
    assert found.comparison.group.confounders == ("system: Makeflow 7 in 3, Makeflow 8 in 1 references",)
    assert "possible confounder" in found.render("md")
    finding = graph.against("new", "run-00,run-01")
    assert finding.comparison.group.confounders == (
        "system: the run has Makeflow 8; the references have Makeflow 7",
    )


def test_a_task_that_did_not_run_makes_a_run_different(tmp_path: Path):
    graph = recup.open(":memory:")
    stopped = repeat(30)
    del stopped["workflow"]["execution"]["tasks"][3]
    graph.ingest_all([*population(tmp_path, 3), save(tmp_path, stopped, "stopped.json")], validate=False)
    found = graph.against("stopped", "workflow=small", allow_mixed=["all"])
    assert found.verdict is Verdict.DIFFERENT
    assert found.reason.startswith("1 task of every reference did not run (merge_ID04)")


def test_real_repeats_are_told_apart_by_more_runs_only(shared_data: Path):
    graph = recup.open(":memory:")
    for path in sorted((shared_data / "wfformat" / "v1.5").glob("blast-chameleon-small-*.json")):
        graph.ingest(path, validate=False)
    found = graph.against("blast-chameleon-small-003", "workflow=makeflow-blast-small")
    assert found.verdict is Verdict.CANT_TELL
    assert "at least 15 more references needed" in found.reason
    assert "makespan is 1.81 times the median, beyond all 4 references" in found.reason


def test_a_gap_in_the_capture_of_the_run_lets_nobody_tell(shared_data: Path):
    pytest.importorskip("darshan", reason="needs the extra darshan")
    graph = recup.open(":memory:")
    folder = shared_data / "recup-dask"
    graph.ingest_all([folder / "ImageProcessing-R1", folder / "ImageProcessing-R4"], validate=False)
    found = graph.against("ImageProcessing-R4", "ImageProcessing-R1", allow_mixed=["all"])
    assert found.verdict is Verdict.CANT_TELL
    assert found.reason.startswith("the capture of the run lacks what tells of ")


def part(measurement: str, ratio: float, z: float, p: float = 1e-6) -> Part:
    value = 100 * ratio
    return Part(RECUP + measurement, measurement, None, value, 20, 100.0, 99.0, 101.0, ratio, z, p, 6.0)


def score(identifier: str, *parts: Part, verdict: Verdict = Verdict.DIFFERENT, node: str = "n1") -> TaskScore:
    own = sum(one.evidence for one in parts)
    return TaskScore(
        f"urn:{identifier}",
        identifier,
        identifier,
        "s",
        (node,),
        own,
        own,
        (),
        20,
        0.01,
        0.02,
        0.01,
        None,
        verdict,
        parts,
    )


SLOWER = part("runTime", 4.0, 40.0)
WROTE = part("outputSize", 3.0, 30.0)
READ = part("inputSize", 3.0, 30.0)
FOLLOWS = part("runTime", 3.05, 30.0)
WAITED = part("waitTime", 5.0, 50.0)


@pytest.fixture(scope="module")
def typical(found: ComparedWithGroup) -> Comparison:
    return replace(found.typical, deviations=())


def chain(*scores: TaskScore) -> MeasuredRun:
    names = [one.identifier for one in scores]
    tasks = tuple(MeasuredTask(f"urn:{name}", name, name, "s") for name in names)
    parents = {name: (names[place - 1],) if place else () for place, name in enumerate(names)}
    return MeasuredRun("urn:run", "urn:graph", "run", tasks, parents)


@pytest.mark.parametrize(
    ("upstream", "downstream", "inherits"),
    [
        ((WROTE,), (READ,), True),
        ((WROTE,), (READ, FOLLOWS), True),
        ((WROTE,), (READ, part("runTime", 30.0, 300.0)), False),
        ((WROTE,), (SLOWER,), False),
        ((SLOWER,), (WAITED,), True),
        ((SLOWER,), (SLOWER,), False),
        ((SLOWER,), (READ,), False),
        ((part("runTime", 0.2, -20.0),), (WAITED,), False),
        ((WROTE,), (), False),
    ],
)
def test_what_deviates_downstream_is_inherited_where_it_is_explained(
    typical: Comparison, upstream: tuple[Part, ...], downstream: tuple[Part, ...], inherits: bool
):
    one, two = score("one", *upstream), score("two", *downstream)
    places = frontier(chain(one, two), (two, one), (), typical)
    assert {place.identifier: place.first for place in places} == {"one": True, "two": not inherits}
    assert {place.identifier: place.inherited_from for place in places}["two"] == (
        ("one",) if inherits else ()
    )


def test_a_task_between_that_is_as_ever_hides_nothing(typical: Comparison):
    one, between, two = score("one", WROTE), score("between", verdict=Verdict.SAME), score("two", READ)
    places = frontier(chain(one, between, two), (one, between, two), (), typical)
    assert places[1].inherited_from == ("one",)


def test_tasks_of_a_deviating_machine_carry_it(typical: Comparison):
    one, two = score("one", SLOWER), score("two", SLOWER)
    node = NodeScore("n1", 9.0, 20, 0.01, 0.02, 0.01, None, Verdict.DIFFERENT, ())
    assert {place.node for place in frontier(chain(one, two), (one, two), (node,), typical)} == {"n1"}
    assert {place.node for place in frontier(chain(one), (one,), (node,), typical)} == {None}


def test_what_stands_apart_does_so_after_correction_for_all_values():
    assert stands_apart(score("t", part("runTime", 2, 9, 1e-4), verdict=Verdict.CANT_TELL), 100)
    assert not stands_apart(score("t", part("runTime", 2, 9, 1e-3), verdict=Verdict.CANT_TELL), 100)
    assert not stands_apart(score("t", part("runTime", 2, 9, 1e-4), verdict=Verdict.SAME), 100)


def scores(verdict: Verdict, n: int, needed: int | None = None) -> Scores:
    task = score("t", verdict=Verdict.SAME)
    return Scores(RunScore(1.0, n, 0.5, 1 / (1 + n), needed, verdict), (task,), (), ())


ALIKE = Membership((), ())


def makespan(value: float | None, *references: float | None) -> Distribution:
    return Distribution("makespan", "s", value, references)


def test_the_verdicts_of_makespans():
    many = tuple(100.0 + number for number in range(40))
    assert overall(scores(Verdict.SAME, 40), ALIKE, (), makespan(110.0, *many))[0] is Verdict.SAME
    verdict, reason = overall(scores(Verdict.SAME, 40), ALIKE, (), makespan(900.0, *many))
    assert (verdict, reason) == (
        Verdict.DIFFERENT,
        "makespan is 7.53 times the median, beyond all 40 references (p = 0.024)",
    )
    verdict, reason = overall(scores(Verdict.SAME, 20), ALIKE, (), makespan(900.0, *many[:20]))
    assert verdict is Verdict.CANT_TELL
    assert reason.endswith("more references would tell")


def test_a_gap_comes_before_all_else():
    gap = SourceGap("urn:gap", "run", False, "dask graph", None, "missing", 1, 0, "why", ("structure",))
    members = Membership(("a",), ())
    assert overall(scores(Verdict.DIFFERENT, 20), members, (gap,), makespan(1.0, 1.0)) == (
        Verdict.CANT_TELL,
        "the capture of the run lacks what tells of structure: run: dask graph: missing (0 of 1)",
    )
    harmless = replace(gap, touches=())
    assert overall(scores(Verdict.SAME, 20), ALIKE, (harmless,), makespan(1.0, 1.0))[0] is Verdict.SAME


def test_few_references_say_how_many_more():
    verdict, reason = overall(scores(Verdict.CANT_TELL, 4, 15), ALIKE, (), makespan(None, None))
    assert verdict is Verdict.CANT_TELL
    assert reason == (
        "the smallest p that 4 references can give is 0.2: at least 15 more references needed; makespan not captured"
    )


@pytest.mark.parametrize(
    ("value", "references", "p"),
    [
        (100.0, (100.0,), 1.0),
        (200.0, (100.0, 101.0, 102.0), 0.25),
        (None, (1.0,), None),
        (1.0, (None,), None),
        (0.0, (1.0,), None),
    ],
)
def test_the_probability_of_a_makespan(
    value: float | None, references: tuple[float | None, ...], p: float | None
):
    assert makespan_probability(makespan(value, *references)) == p


def test_tasks_are_counted_by_key():
    def run(*keys: str) -> MeasuredRun:
        tasks = tuple(MeasuredTask(f"urn:{n}", f"{key}{n}", key, "s") for n, key in enumerate(keys))
        return MeasuredRun("urn:r", "urn:g", "r", tasks)

    assert membership(run("a", "b", "b"), [run("a", "b"), run("a", "b", "b")]) == ALIKE
    assert membership(run("a", "c"), [run("a", "b"), run("a", "b")]) == Membership(("b1",), ("c1",))
    assert membership(run("b"), [run("b", "b"), run("b", "b", "b")]).missing == ("b0",)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (part("runTime", 2.0, 5.0), "runTime 200 instead of 100 (99 to 101), 2 times"),
        (Part("urn:m", "run time", "s", 1.23456, 0), "run time 1.235 s; no reference has it"),
        (Part("urn:m", "size", "bytes", 3.0, 1, 0.0, 0.0, 0.0), "size 3 bytes instead of 0 bytes"),
    ],
)
def test_a_part_in_words(given: Part, expected: str):
    assert part_text(given) == expected


def test_one_reference_has_no_median(graph: KnowledgeGraph) -> None:
    reason = graph.against("slow", "run-00").comparison.reason
    assert "times that of the reference" in reason
    assert "median" not in reason
