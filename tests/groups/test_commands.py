"""Groups, tags and baselines on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run, recup
from tests.groups.samples import deviating, population

__all__ = ["recup"]


@pytest.fixture
def filled(recup: Run, tmp_path: Path) -> Run:
    files = [*population(tmp_path, 4), deviating(tmp_path)]
    assert recup("ingest", "--no-validate", "-q", *files).code == 0
    return recup


def test_a_run_against_a_group(filled: Run):
    found = filled("compare", "slow", "--against", "workflow=small")
    assert found.code == 0
    assert found.out.splitlines()[:4] == [
        "slow against 4 reference runs",
        "  group: workflow=small",
        "",
        "Verdict: can't tell",
    ]
    assert max(map(len, found.out.splitlines())) <= 80
    assert (
        filled("compare", "slow", "--last", 2, "--json").json["group"]["expression"]
        == 'workflow="small" (the last 2)'
    )
    assert filled("compare", "slow", "--last", 2, "--fail-on", "cant-tell").code == 1
    assert filled("compare", "slow", "--last", 2, "--fail-on", "different").code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("slow",),
            "recup: slow is compared with what? Name a second run, or a group: --against 'workflow=NAME', --last 20",
        ),
        (
            ("slow", "run-00", "--against", "@all"),
            "recup: either run-00 or a group (--against, --last): not both",
        ),
        (
            ("slow", "run-00", "--allow-mixed", "os"),
            "recup: --allow-mixed is about the runs of a group: --against GROUP names it",
        ),
        (
            ("slow", "--last", 2, "--from", "wfformat"),
            "recup: --from is about files; the runs of a group are in the store: recup ingest FILE",
        ),
        (
            ("slow", "--against", "tag=none"),
            "recup: the group 'tag=none' has no runs besides slow: recup runs lists what there is",
        ),
    ],
)
def test_what_does_not_go_together_is_one_line(filled: Run, arguments: tuple[object, ...], message: str):
    found = filled("compare", *arguments)
    assert (found.code, found.out) == (2, "")
    assert found.err.split("; see 'recup compare --help'")[0].strip() == message


def test_tags_are_shown_where_there_are_any(filled: Run):
    assert "tags" not in filled("runs").out
    assert filled("tag", "run-00", "good", "old").err == "run-00 is tagged good, old\n"
    assert "good old" in filled("runs").out
    assert filled("tag", "run-00", "--remove", "old", "--json").json["tags"] == ["good"]
    assert filled("compare", "slow", "--against", "tag=good").code == 0
    assert filled("tag", "run-00", "--remove", "old").err == "recup: run-00 has no tag 'old'; it has good\n"


def test_a_baseline_is_kept_shown_and_asked(filled: Run):
    made = filled("baseline", "workflow=small", "--last", 4, "--name", "usual")
    assert made.code == 0
    assert "baseline usual of 4 runs (4 read)" in made.err
    assert filled("baseline", "run-00,run-01", "--name", "usual", "--json").json["name"] == "usual"
    added = filled("baseline", "--name", "usual", "--add", "run-02")
    assert "baseline usual of 3 runs (1 read)" in added.err
    assert "work_ID02" in filled("query", "outliers", "-p", "baseline=usual", "-p", "run=slow").out
    assert filled("baseline", "--name", "usual").err.startswith("recup: give a GROUP of runs")
    both = filled("baseline", "@all", "--name", "usual", "--add", "run-02")
    assert both.err.startswith(
        "recup: give a GROUP of runs, as in 'workflow=NAME', or runs to --add: one of the two"
    )
