"""Comparisons as HTML: a page of its own, and a summary for notebooks."""

from __future__ import annotations

from recup_kg.compare.facts import Facts
from recup_kg.comparisons import Comparison
from recup_kg.group_comparisons import GroupComparison
from recup_kg.report.evidence import Questions
from recup_kg.report.group import group_values, questions_of_group
from recup_kg.report.page import render
from recup_kg.report.pair import coverage_summary, kinds, listing, pair_values

_FIRST = 10


def pair_html(comparison: Comparison, reference: Facts, other: Facts) -> str:
    """The report of a pair of runs as one HTML file. `reference` and `other` are the facts that it was compared by."""
    questions = Questions.of_pair(comparison)
    values = pair_values(comparison, reference, other, questions)
    return render("pair.html.j2", {**values, "questions": questions})


def group_html(comparison: GroupComparison, facts: tuple[Facts, Facts] | None = None) -> str:
    """The report of a run against a group as one HTML file.

    `facts` are those of the typical reference and of the run: without them, graph and timelines are not in it.
    """
    questions = questions_of_group(comparison)
    values = group_values(comparison, facts, questions)
    return render("group.html.j2", {**values, "questions": questions})


def pair_summary_html(comparison: Comparison) -> str:
    """Verdicts, first deviations and the split of the makespans, without pictures: what a notebook shows."""
    first = [deviation for deviation in comparison.deviations if deviation.first]
    values = {
        "comparison": comparison,
        "kinds": kinds(comparison.deviations),
        "first": listing(first, _FIRST, _FIRST),
        "summary": coverage_summary(comparison.coverage),
    }
    return render("pair_summary.html.j2", values)


def group_summary_html(comparison: GroupComparison) -> str:
    """Verdict, machines, tasks and causes, without pictures: what a notebook shows."""
    return render("group_summary.html.j2", group_values(comparison, None, questions_of_group(comparison)))
