"""The page of a run against a group: it says what the comparison says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recup_kg.api import ComparedWithGroup
from recup_kg.comparisons import Evidence, Verdict
from recup_kg.explanations import Cause, Explanation, Fact, Link
from recup_kg.report import words
from recup_kg.report.html import group_html, group_summary_html
from tests.report.samples import find, text, tree


@pytest.fixture(scope="module")
def page(group: ComparedWithGroup) -> str:
    return group.render("html")


def test_the_verdict_and_its_reason_come_first(page: str, group: ComparedWithGroup) -> None:
    read = tree(page)
    assert text(find(read, ".banner .word")[0]) == group.verdict.value
    assert group.reason[1:] in text(find(read, "header.page")[0])
    assert text(find(read, "h1")[0]) == "eht-imaging-run0303 against 6 reference runs"
    names = [text(found) for found in find(read, ".tiles .name")]
    assert names[:3] == ["the run as a whole", "machines", "tasks"]


def test_tasks_are_listed_with_their_scores(page: str, group: ComparedWithGroup) -> None:
    rows = find(tree(page), "#tasks tr[data-task]")
    assert [row.get("data-task") for row in rows] == [task.identifier for task in group.scores.tasks]
    for row, task in zip(rows, group.scores.tasks, strict=True):
        cells = [text(cell) for cell in find(row, "td")]
        assert cells[2:4] == [f"{task.score:.2f}", f"{task.own:.2f}"]
        assert cells[5] == str(task.n)
        assert cells[6] == words.probability(task.p_adjusted if task.p_adjusted is not None else task.p)
        assert cells[7].startswith(task.verdict.value)


def test_machines_are_listed_with_their_scores(page: str, group: ComparedWithGroup) -> None:
    rows = find(tree(page), "#machines-scored tr[data-machine]")
    assert [(row.get("data-machine"), text(find(row, "td")[1])) for row in rows] == [
        (node.name, f"{node.score:.2f}") for node in group.scores.nodes
    ]


def test_the_graph_marks_what_the_references_together_say(page: str, group: ComparedWithGroup) -> None:
    shown = {}
    for entry in find(tree(page), "#graph .legend li"):
        number, state = text(entry).split(" ", 1)
        shown[state] = int(number)
    assert shown.get("deviating first", 0) == sum(task.first for task in group.frontier)
    assert shown.get("inheriting a deviation", 0) == sum(not task.first for task in group.frontier)
    assert sum(shown.values()) == len(group.scores.tasks)


def test_distributions_have_a_row_and_a_picture_each(page: str, group: ComparedWithGroup) -> None:
    rows = find(tree(page), "#distributions tbody tr")
    found = [group.comparison.makespan, *group.comparison.distributions]
    assert len(rows) == len(found)
    for row, distribution in zip(rows, found, strict=True):
        cells = find(row, "td")
        assert [text(cell) for cell in cells[:2]] == [
            distribution.label,
            words.quantity(distribution.value, distribution.unit),
        ]
        assert len(find(cells[-1], "svg")) == 1


def test_references_are_named_with_their_makespans(page: str, group: ComparedWithGroup) -> None:
    rows = find(tree(page), "#references tbody tr")
    names = [run.name for run in group.comparison.group.runs]
    assert [text(find(row, "td")[0]) for row in rows] == names
    assert [text(find(row, "td")[2]) for row in rows] == [
        words.seconds(value) for value in group.comparison.makespan.references
    ]


def test_a_cause_has_its_chain_and_the_query_of_each_link(group: ComparedWithGroup) -> None:
    link = Link(
        "read <b>4</b> times", Evidence("nodes", {"run": "eht-imaging-run0303"}), (("a", 4), (None, 2.5))
    )
    cause = Cause(
        (Fact("node", "w1", True),), "run", ("eht-imaging-run0303",), 1.0, 1, 6, "node w1", Verdict.DIFFERENT, 1,
        p=0.14, p_floor=0.14, evidence=(Evidence("runs", {}),), chain=(link,), p_adjusted=0.3,
    )  # fmt: skip
    explained = replace(
        group.comparison, explanation=Explanation("makespan", ("r",), (), (cause,), ("a remark",), "a rule")
    )
    read = tree(group_html(explained))
    (section,) = find(read, "section#causes")
    assert "node w1" in text(
        section
    ) and "separation 1.00, 1 with it, 6 without, p 0.14 (floor 0.14), corrected 0.3" in text(section)
    (step,) = find(section, "ul.chain > li")
    assert text(step).startswith("read <b>4</b> times Q")
    assert [[text(cell) for cell in find(row, "td")] for row in find(step, "tr")] == [["a", "4"], ["", "2.5"]]
    (target,) = (link.get("href")[1:] for link in find(step, "a"))
    (query,) = (entry for entry in find(read, "details.query") if entry.get("id") == target)
    assert f"<{group.comparison.run.graph}>" in text(find(query, "pre")[0])
    assert not find(read, "#graph")


def test_the_same_group_gives_the_same_bytes(page: str, group: ComparedWithGroup) -> None:
    assert group.to_html() == page


def test_every_link_leads_somewhere(page: str) -> None:
    read = tree(page)
    ids = [element.get("id") for element in read.iter("*") if element.get("id")]
    assert len(ids) == len(set(ids))
    links = {value[1:] for element in read.iter("*") if (value := element.get("href", "")).startswith("#")}
    assert links <= set(ids)


def test_notebooks_get_a_summary(group: ComparedWithGroup) -> None:
    shown = group._repr_html_()
    assert shown == group_summary_html(group.comparison)
    assert "<script" not in shown and "<svg" not in shown
    rows = find(tree(shown), "tbody tr")
    assert text(find(rows[0], "td")[0]) == group.scores.nodes[0].name
