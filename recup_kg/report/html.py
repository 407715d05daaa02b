"""Comparisons as HTML: a page of its own, and a summary for notebooks."""

from __future__ import annotations

from recup_kg.compare.facts import Facts
from recup_kg.comparisons import Comparison
from recup_kg.report.evidence import Questions
from recup_kg.report.page import render
from recup_kg.report.pair import coverage_summary, kinds, listing, pair_values


def pair_html(comparison: Comparison, reference: Facts, other: Facts) -> str:
    """The report of a pair of runs as one HTML file. `reference` and `other` are the facts that it was compared by."""
    questions = Questions.of_pair(comparison)
    values = pair_values(comparison, reference, other, questions)
    return render("pair.html.j2", {**values, "questions": questions})


def pair_summary_html(comparison: Comparison) -> str:
    """Verdicts, first deviations and the split of the makespans, without pictures: what a notebook shows."""
    first = [deviation for deviation in comparison.deviations if deviation.first]
    values = {
        "comparison": comparison,
        "kinds": kinds(comparison.deviations),
        "first": listing(first, 10, 10),
        "summary": coverage_summary(comparison.coverage),
    }
    return render("pair_summary.html.j2", values)
