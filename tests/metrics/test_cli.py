"""recup metrics, as a user sees it on a terminal of 80 columns."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recup_kg.api import KnowledgeGraph
from recup_kg.api.metrics_plot import plot_rows
from recup_kg.errors import MissingExtra, StoreError, UsageError
from tests.cli.conftest import Outcome, Run, recup

__all__ = ["recup"]

BLAST = """\
makeflow-blast-small: 5 runs, configuration ea6c0ae3

makespan, all runs: n = 5: 902.68 to 1986.72 s
metric                              value   interval          p
----------------------------------  ------  ----------------  -----
coefficient of variation            33.5 %
maximum over minimum                2.2009
median, interval by ranks           1196.6
"""


@pytest.fixture
def blast(recup: Run, shared_data: Path) -> Run:
    """The command line in a folder with a store of five real runs."""
    found = sorted((shared_data / "wfformat" / "v1.5").glob("blast-chameleon-small-*.json"))
    assert recup("ingest", "-q", *found).code == 0
    return recup


def lines_that_fit(outcome: Outcome) -> bool:
    return all(len(line) <= 80 for line in outcome.out.splitlines())


def test_the_table(blast: Run) -> None:
    outcome = blast("metrics", "blast")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith(BLAST)
    assert "median, interval by ranks: no interval: 5 values reach 93.8% confidence at\n  most" in outcome.out
    assert lines_that_fit(outcome)


@pytest.mark.parametrize("by", ["task", "node"])
def test_the_table_of_parts(blast: Run, by: str) -> None:
    outcome = blast("metrics", "--by", by)
    first = {"task": "step         n  CV", "node": "node                n  CV"}[by]
    assert outcome.code == 0
    assert any(line.startswith(first) for line in outcome.out.splitlines())
    assert lines_that_fit(outcome)


def test_two_groups(blast: Run) -> None:
    runs = [f"blast-chameleon-small-00{number}" for number in range(1, 6)]
    outcome = blast("metrics", "--group", ",".join(runs[:2]), "--against", ",".join(runs[2:]))
    assert (
        "makespan, all runs: n = 2: 1001.4, 1279.3 s\nagainst: n = 3: 902.68, 1196.62, 1986.72 s"
        in outcome.out
    )
    assert "p is at least 1/10 one-sided, 1/5 two-sided; can't reach 0.05" in outcome.out
    parts = blast("metrics", "--by", "task", "--group", ",".join(runs[:2]), "--against", ",".join(runs[2:]))
    assert "p Holm" in parts.out
    assert lines_that_fit(outcome) and lines_that_fit(parts)


def test_machines_get_the_same_facts(blast: Run) -> None:
    said = blast("metrics", "--json").json
    assert said == blast("metrics", "--format", "json").json
    cv = said["classes"][0]["samples"][0]["metrics"]["cv"]
    assert cv["value"] == pytest.approx(0.334614, abs=1e-6)
    assert cv["n"] == 5
    assert said["storedAs"].startswith("metrics-")
    assert blast("metrics", "--format", "csv").out.startswith("workflow,configuration,kind,subject,quantity,")
    assert "dqv:QualityMeasurement" in blast("metrics", "--format", "ttl").out


def test_only_wanted_metrics_with_the_wanted_options(blast: Run) -> None:
    outcome = blast(
        "metrics",
        "--metric",
        "needed-runs",
        "--half-width",
        "20",
        "--metric",
        "median",
        "--confidence",
        "0.9",
    )
    assert "more runs for the half-width" in outcome.out
    assert "902.68 to 1986.7" in outcome.out
    assert "coefficient" not in outcome.out


def test_levels(blast: Run) -> None:
    runs = ("blast-chameleon-small-001", "blast-chameleon-small-002")
    outcome = blast("metrics", "--levels", *runs)
    (rerun,) = (line.split() for line in outcome.out.splitlines() if line.startswith("DALiuGE  rerun"))
    assert rerun == ["DALiuGE", "rerun", "can't", "tell", "status"]
    assert lines_that_fit(outcome)
    said = blast("metrics", "--levels", *runs, "--json").json
    assert {level["reached"] for level in said["levels"]} == {None}
    assert said["levels"][3] == {
        "scheme": "DALiuGE",
        "level": "rerun",
        "reached": None,
        "blockedBy": ["status"],
    }


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (
            ("metrics", "nope"),
            "recup: no workflow and no run is called 'nope'; the store has makeflow-blast-small\n",
        ),
        (("metrics", "--metric", "nope"), "recup: no metric is called 'nope'; there are: cliffs-delta, cv, "),
        (("metrics", "--levels", "a", "b"), "recup: no run 'a' in the store"),
        (("metrics", "--plot", "a.pdf"), "recup: a.pdf: a plot is written as one of .html, .svg, .png\n"),
        (("metrics", "--plot", "no/folder.png"), "recup: no/folder.png: can't be written: "),
        (("metrics", "--half-width", "0"), "recup: "),
    ],
)
def test_wrong_use_is_one_line(blast: Run, arguments: tuple[str, ...], problem: str) -> None:
    outcome = blast(*arguments)
    assert outcome.code == 2
    assert outcome.err.startswith(problem)
    assert len(outcome.err.strip().splitlines()) == 1


def test_without_a_store_it_says_so(recup: Run) -> None:
    outcome = recup("metrics")
    assert outcome.code == 2
    assert outcome.err.startswith("recup: no store at recup-store")


@pytest.mark.parametrize(
    ("name", "start"), [("a.svg", b"<svg"), ("a.png", b"\x89PNG"), ("a.html", b"<!DOCTYPE html>")]
)
def test_a_plot_is_drawn_without_a_network(blast: Run, tmp_path: Path, name: str, start: bytes) -> None:
    pytest.importorskip("altair")
    pytest.importorskip("vl_convert")
    outcome = blast("metrics", "--plot", name)
    assert outcome.code == 0
    assert f"drawn: {name}" in outcome.err
    content = (tmp_path / name).read_bytes()
    assert content.lstrip().startswith(start)
    assert b"cdn.jsdelivr" not in content
    if name == "a.svg":
        assert b"makespan, s" in content


def test_what_is_drawn_is_a_table_first(small: KnowledgeGraph, ten: KnowledgeGraph) -> None:
    rows = plot_rows(small.metrics("blast-small").report)
    assert [row["value"] for row in rows] == [1279.3, 1001.4, 1986.72, 1196.62, 902.68]
    assert {(row["panel"], row["line"], row["median"]) for row in rows} == {
        ("makespan, s", "makeflow-blast-small", 1196.62)
    }
    steps = plot_rows(small.metrics("bwa", by="task").report)
    assert len(steps) == 25
    assert {row["median"] for row in steps} == {1.0}
    captured = [row for row in plot_rows(ten.metrics().report) if row["panel"].startswith("reported")]
    assert sorted(row["value"] for row in captured if row["group"] == "incomplete") == [152.1, 153.9]


def test_groups_are_drawn_apart(small: KnowledgeGraph) -> None:
    computed = small.metrics(group="blast-chameleon-small-001", against="blast-chameleon-small-002")
    assert [(row["group"], row["value"], row["median"]) for row in plot_rows(computed.report)] == [
        ("the group", 1279.3, 1279.3),
        ("the reference", 1001.4, 1001.4),
    ]


def test_a_missing_extra_is_named(
    small: KnowledgeGraph, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    real: Callable[..., Any] = builtins.__import__

    def without(name: str, *arguments: Any, **more: Any) -> Any:
        if name == "vl_convert":
            raise ImportError(name="vl_convert")
        return real(name, *arguments, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtra, match=r"pip install 'recup-kg\[plots\]'"):
        small.metrics("bwa").plot(tmp_path / "a.png")


def test_a_plot_that_can_not_be_is_refused(small: KnowledgeGraph, tmp_path: Path) -> None:
    computed = small.metrics("bwa")
    with pytest.raises(UsageError, match="a plot is written as one of"):
        computed.plot(tmp_path / "a.gif")
    with pytest.raises(StoreError, match="can't be written"):
        computed.plot(tmp_path / "no" / "a.svg")
