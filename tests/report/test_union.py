"""The tasks of both runs as one graph, and its folding: nothing is lost, nothing is counted twice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from recup_kg.comparisons import Kind
from recup_kg.report.dag import picture, task_picture
from recup_kg.report.fold import fold, unfolded
from recup_kg.report.shapes import Link
from recup_kg.report.union import State, Union, UnionTask, step_name, union
from tests.report.samples import Pair, pair
from tests.wfformat_samples import executed, save, small, specified

PAIRS = ("blast", "genome", "same", "timed")


@pytest.mark.parametrize("name", PAIRS)
def test_every_task_of_both_runs_is_there_once(name: str, request: pytest.FixtureRequest) -> None:
    found: Pair = request.getfixturevalue(name)
    whole = union(found.comparison, found.reference, found.other)
    assert sorted(task for one in whole.tasks for task in one.reference) == sorted(found.reference.tasks)
    assert sorted(task for one in whole.tasks for task in one.other) == sorted(found.other.tasks)
    assert sum(sides[0] for sides in whole.edges.values()) <= sum(map(len, found.reference.parents.values()))


@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("most", [60, 3, 1])
def test_folded_counts_add_up_to_the_tasks(name: str, most: int, request: pytest.FixtureRequest) -> None:
    found: Pair = request.getfixturevalue(name)
    whole = union(found.comparison, found.reference, found.other)
    folded = fold(whole, most)
    assert sum(box.reference for box in folded.folds) == len(found.reference.tasks)
    assert sum(box.other for box in folded.folds) == len(found.other.tasks)
    assert sum(len(box.tasks) for box in folded.folds) == len(whole.tasks)
    inside = sum(box.inside for box in folded.folds)
    assert inside + sum(max(edge.reference, edge.other) for edge in folded.edges) <= len(whole.edges)
    assert all(edge.source != edge.target for edge in folded.edges)


@pytest.mark.parametrize("name", PAIRS)
def test_a_deviation_of_a_task_is_at_its_task(name: str, request: pytest.FixtureRequest) -> None:
    found: Pair = request.getfixturevalue(name)
    whole = union(found.comparison, found.reference, found.other)
    shown = [deviation for task in whole.tasks for deviation in task.deviations]
    of_tasks = [
        deviation
        for deviation in found.comparison.deviations
        if deviation.reference_task or deviation.other_task or deviation.evidence.query == "ambiguous-tasks"
    ]
    assert sorted(deviation.rank for deviation in shown) == sorted(deviation.rank for deviation in of_tasks)
    for task in whole.tasks:
        if task.state is State.SAME:
            assert not [deviation for deviation in task.deviations if deviation.kind is not Kind.CAPTURE_GAP]
        if task.state is State.FIRST:
            assert any(deviation.first for deviation in task.deviations)


def test_blast_is_four_boxes(blast: Pair) -> None:
    folded = fold(union(blast.comparison, blast.reference, blast.other))
    boxes = {box.name: (box.reference, box.other, box.state) for box in folded.folds}
    assert boxes == {
        "split_fasta": (1, 1, State.SAME),
        "blastall": (40, 40, State.FIRST),
        "cat": (1, 1, State.SAME),
        "cat_blast": (1, 1, State.INHERITED),
    }
    assert {(folded.folds[edge.source].name, folded.folds[edge.target].name) for edge in folded.edges} == {
        ("split_fasta", "blastall"),
        ("blastall", "cat"),
        ("blastall", "cat_blast"),
    }


def test_tasks_of_one_run_only_are_marked(genome: Pair) -> None:
    whole = union(genome.comparison, genome.reference, genome.other)
    alone = [task for task in whole.tasks if task.state is State.ONLY_OTHER]
    assert len(alone) == genome.comparison.matching.only_other == 30
    assert {task.step for task in alone} == {"individuals"}


def test_a_dropped_task_is_only_in_the_reference(tmp_path: Path) -> None:
    other = small()
    spec, ran = other["workflow"]["specification"], other["workflow"]["execution"]
    spec["tasks"] = [task for task in spec["tasks"] if task["id"] != "work_ID03"]
    ran["tasks"] = [task for task in ran["tasks"] if task["id"] != "work_ID03"]
    for task in spec["tasks"]:
        for relation in ("parents", "children"):
            task[relation] = [name for name in task[relation] if name != "work_ID03"]
    found = pair(save(tmp_path, small(), "one.json"), save(tmp_path, other, "two.json"))
    whole = union(found.comparison, found.reference, found.other)
    assert {task.name for task in whole.tasks if task.state is State.ONLY_REFERENCE} == {"work_ID03"}
    assert sorted(sides for sides in whole.edges.values() if not all(sides)) == [(True, False)] * 2


def test_steps_that_feed_each_other_are_split_by_level_or_are_one(blast: Pair) -> None:
    tasks = tuple(UnionTask(f"t{n}", "ab"[n % 2], n, (f"t{n}",), (f"t{n}",), State.SAME) for n in range(6))
    whole = Union(tasks, {(n, n + 1): (True, True) for n in range(5)}, {}, {})
    split = fold(whole)
    assert [box.name for box in split.folds] == [f"{'ab'[n % 2]} (level {n})" for n in range(6)]
    assert split.remarks == ("steps that feed each other are split by their distance from the start",)
    one = fold(whole, most=4)
    assert [(box.name, len(box.tasks), box.inside) for box in one.folds] == [("2 steps", 6, 5)]
    assert one.remarks == ("steps that feed each other in a circle are one box",)


def test_many_steps_without_a_deviation_share_boxes() -> None:
    tasks = tuple(UnionTask(f"t{n}", f"step{n}", 0, (f"t{n}",), (f"t{n}",), State.SAME) for n in range(100))
    tasks = (replace(tasks[0], state=State.FIRST), *tasks[1:])
    folded = fold(Union(tasks, {}, {}, {}))
    assert [(box.name, len(box.tasks)) for box in folded.folds] == [("99 steps", 99), ("step0", 1)]
    assert folded.remarks == ("steps without a deviation that are as far from the start are one box",)


def test_a_picture_has_a_box_for_each_fold_that_leads_to_its_tasks(genome: Pair) -> None:
    whole = union(genome.comparison, genome.reference, genome.other)
    folded = fold(whole)
    drawn = picture(folded, "label", lambda number: f"step-{number}")
    links = [shape for shape in drawn.shapes if isinstance(shape, Link)]
    assert [link.target for link in links] == [f"step-{number}" for number in range(len(folded.folds))]
    assert [link.title for link in links if link.title.startswith("individuals:")] == [
        "individuals: 20 → 50 tasks; 20 deviating first, 30 only in the other run"
    ]
    single = task_picture(unfolded(whole), "label")
    assert len([shape for shape in single.shapes if isinstance(shape, Link)]) == len(whole.tasks) == 82


def test_the_name_of_a_step_is_read_from_its_iri() -> None:
    assert step_name("https://w3id.org/recup/workflow/1/step/a%3Ab%20c") == "a:b c"


def test_an_edited_task_deviates_alone(tmp_path: Path) -> None:
    other = small()
    executed(other, 1)["command"]["arguments"] = ["other.txt"]
    assert specified(other, 1)["id"] == "work_ID02"
    found = pair(save(tmp_path, small(), "one.json"), save(tmp_path, other, "two.json"))
    whole = union(found.comparison, found.reference, found.other)
    assert {task.name for task in whole.tasks if task.state is State.FIRST} == {"work_ID02"}
