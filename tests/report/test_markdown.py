"""Markdown for pull requests: short, and nothing in it can become markup."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recup_kg.api import ComparedWithGroup
from recup_kg.report.markdown import escaped, group_markdown, pair_markdown
from tests.report.samples import Pair


def test_the_verdict_and_what_deviates_first_come_before_what_is_folded(blast: Pair) -> None:
    lines = pair_markdown(blast.comparison).splitlines()
    assert lines[:3] == [
        "# blast-chameleon-small-003 compared with blast-chameleon-small-002",
        "",
        "Verdict: **≠ different**",
    ]
    assert "| inputs | ? can't tell | the recorded size says nothing of nt |" in lines
    assert "| status | ? not captured | the status of tasks: not captured in either run |" in lines
    fold = lines.index("<details><summary>All 71 deviations, with their queries</summary>")
    assert (
        lines.index("## First deviations (70)")
        < lines.index("and 60 more, below.")
        < lines.index("## Makespan")
        < fold
    )
    assert len([line for line in lines[:fold] if line.startswith("| ") and "wrote" in line]) == 10
    assert len([line for line in lines[fold:] if line.startswith("| ") and "deviation-" in line]) == 71


def test_the_parts_of_the_makespan_are_in_it(blast: Pair) -> None:
    found = pair_markdown(blast.comparison)
    assert "| unattributed | 990.71 s | 1,976.4 s | +985.66 s |" in found
    assert "| makespan | 1,001.4 s | 1,986.7 s | +985.32 s |" in found


def test_a_run_beside_itself_is_short(same: Pair) -> None:
    found = pair_markdown(same.comparison)
    assert "Verdict: **= same**" in found and "<details>" not in found
    assert found.split("## First deviations (0)")[1].split("##")[0].strip() == "None."


def test_long_lists_are_cut_unless_all_are_asked_for(genome: Pair) -> None:
    many = replace(genome.comparison, deviations=genome.comparison.deviations * 3)
    short, long = pair_markdown(many), pair_markdown(many, verbose=True)
    left = len(many.deviations) - 200
    assert f"{left:,} more: `recup compare --format json`." in short
    assert len(short) < 65_536 < len(long) or len(short) < len(long)
    assert long.count("\n| ") - short.count("\n| ") == left


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a|b", "a\\|b"),
        ("<script>x</script>", "\\<script\\>x\\</script\\>"),
        ("two\nlines", "two lines"),
        ("work_ID01", "work_ID01"),
        ("_a_ *b* `c` [d](e)", "\\_a\\_ \\*b\\* \\`c\\` \\[d\\](e)"),
    ],
)
def test_text_of_sources_is_escaped(text: str, said: str) -> None:
    assert escaped(text) == said


def test_a_group_has_its_tasks_machines_and_references(group: ComparedWithGroup) -> None:
    found = group_markdown(group.comparison)
    assert found == group.render("md") == group._repr_markdown_()
    assert found.startswith("# eht-imaging-run0303 against 6 reference runs\n\nVerdict: **")
    assert "## Tasks (12)" in found and "<details><summary>2 more tasks</summary>" in found
    assert all(node.name in found for node in group.scores.nodes)
    assert "<details><summary>6 reference runs</summary>" in found
    first = group.scores.tasks[0]
    place = next((task for task in group.frontier if task.identifier == first.identifier), None)
    assert place is not None
    row = next(line for line in found.splitlines() if line.startswith(f"| {first.identifier} "))
    assert (
        f"| {'first' if place.first else 'inherited'}" in row and f"| {first.score:.2f} | {first.n} |" in row
    )


def test_a_group_without_machines_and_causes_says_so(group: ComparedWithGroup) -> None:
    bare = replace(
        group.comparison, scores=replace(group.scores, nodes=()), explanation=None, remarks=("a *note*",)
    )
    found = group_markdown(bare, verbose=True)
    assert "## Machines (0)\n\nNot captured." in found
    assert "separates" not in found
    assert found.endswith("- a \\*note\\*\n")
