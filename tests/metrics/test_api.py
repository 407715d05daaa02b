"""Metrics through the store: classes, incomplete capture, steps, nodes, two groups, and where values come from."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from statistics import fmean, median, stdev

import pytest
from scipy import stats

import recup_kg as recup
from recup_kg.api import KnowledgeGraph
from recup_kg.api.computed_metrics import COLUMNS, ComputedMetrics
from recup_kg.errors import UsageError
from recup_kg.quality import MetricValue, Sample
from recup_kg.validate.check import validate_quads
from tests.metrics.conftest import write_runs
from tests.metrics.samples import SLOW, TEN_RUNS

BLAST = (1279.3, 1001.4, 1986.72, 1196.62, 902.68)
"""Makespans of the five real runs, as their files state them."""


def sample(computed: ComputedMetrics, quantity: str = "makespan", selection: str = "all runs") -> Sample:
    return next(s for s in computed.samples() if (s.quantity, s.selection) == (quantity, selection))


def value(found: Sample, metric: str) -> MetricValue:
    return next(value for value in found.metrics if value.metric == metric)


def test_ten_runs_are_bimodal_and_without_incomplete_capture_they_hardly_vary(ten: KnowledgeGraph) -> None:
    computed = ten.metrics("ImageProcessing")
    (one,) = computed.classes
    assert len(one.runs) == 10
    assert [run for run, _ in one.incomplete] == ["ImageProcessing-R9", "ImageProcessing-R10"]
    assert all("dask worker transitions of 10.0.0.3: missing (0 of 1)" in why for _, why in one.incomplete)
    everyone = sample(computed, "reported makespan")
    assert sorted(item.value for item in everyone.values) == sorted(TEN_RUNS)
    assert value(everyone, "cv").value == pytest.approx(stdev(TEN_RUNS) / fmean(TEN_RUNS))
    assert value(everyone, "qcd").value == pytest.approx(0.0113, abs=1e-3)
    assert value(everyone, "modality").value == 2
    complete = sample(computed, "reported makespan", "complete capture")
    assert value(complete, "cv").value == pytest.approx(stdev(SLOW) / fmean(SLOW))
    assert value(complete, "modality").value == 1
    assert {item.complete for item in complete.values} == {True}


def test_the_makespan_of_the_scheduler_is_a_quantity_of_its_own(ten: KnowledgeGraph) -> None:
    found = sample(ten.metrics("ImageProcessing"))
    assert {item.value for item in found.values} == {20.25}
    assert value(found, "cv").note == "deterministic: all values are equal; n < 20: not yet settled"


def test_a_file_that_no_run_has_sets_none_apart(tmp_path: Path) -> None:
    graph = recup.open(":memory:")
    graph.ingest_all(write_runs(tmp_path, scheduler=False), validate=False)
    (one,) = graph.metrics().classes
    assert [run for run, _ in one.incomplete] == ["ImageProcessing-R9", "ImageProcessing-R10"]
    assert "not captured as a whole: dask scheduler transitions (in 10 of 10 runs)" in one.remarks
    assert {found.quantity for found in one.samples} == {"reported makespan"}


def test_steps_are_compared_without_the_runs_of_incomplete_capture(ten: KnowledgeGraph) -> None:
    (one,) = ten.metrics("ImageProcessing", by="task").classes
    assert {len(found.values) for found in one.samples} == {8}
    assert "without the runs of incomplete capture: ImageProcessing-R9, ImageProcessing-R10" in one.remarks


@pytest.mark.parametrize(
    "name", ["makeflow-blast-small", "blast-small", "MAKEFLOW-BLAST*", "blast-chameleon"]
)
def test_a_workflow_is_found_by_its_name_or_a_part_of_it_or_of_names_of_runs(
    small: KnowledgeGraph, name: str
) -> None:
    (one,) = small.metrics(name, metrics=["cv"]).classes
    assert (one.workflow, len(one.runs)) == ("makeflow-blast-small", 5)


def test_metrics_of_real_runs_are_those_of_their_makespans(small: KnowledgeGraph) -> None:
    found = sample(small.metrics("blast-small"))
    assert sorted(item.value for item in found.values) == sorted(BLAST)
    assert value(found, "cv").value == pytest.approx(stats.variation(BLAST, ddof=1))
    assert value(found, "median").value == median(BLAST)
    assert value(found, "median").note == "no interval: 5 values reach 93.8% confidence at most"
    assert {item.complete for item in found.values} == {None}
    assert {entry.n for entry in found.metrics} == {5}


def test_each_workflow_and_configuration_is_a_class_of_its_own(small: KnowledgeGraph) -> None:
    classes = small.metrics().classes
    assert [one.workflow for one in classes] == ["makeflow-blast-small", "makeflow-bwa-small"]
    assert all(one.fingerprint and not one.facts for one in classes)


def test_the_shares_of_steps_sum_to_one(small: KnowledgeGraph) -> None:
    found = list(small.metrics("bwa", by="task").samples())
    assert found[0].subject == "bwa"
    shares = [part.share for part in found if part.share is not None]
    assert sum(shares) == pytest.approx(1)
    assert shares == sorted(shares, reverse=True)
    assert found[0].share == pytest.approx(0.9928, abs=1e-4)


def test_nodes_are_held_against_the_usual_time_of_the_same_tasks(small: KnowledgeGraph) -> None:
    found = {part.subject: part for part in small.metrics("bwa", by="node").samples()}
    assert sorted(found) == [f"worker-{number}.novalocal" for number in range(1, 5)]
    medians = [value(part, "median").value for part in found.values()]
    assert medians == pytest.approx([1] * 4, abs=0.02)
    assert found["worker-4.novalocal"].unit is None


def test_two_groups_are_tested_with_their_floor(small: KnowledgeGraph) -> None:
    names = [f"blast-chameleon-small-00{number}" for number in range(1, 6)]
    computed = small.metrics(group=f"{names[0]} {names[2]}", against=" ".join((names[1], *names[3:])))
    found = sample(computed)
    assert [len(found.values), len(found.against)] == [2, 3]
    assert value(found, "cliffs-delta").value == 1
    test = value(found, "mann-whitney")
    assert (test.p, test.p_floor) == (pytest.approx(0.2), pytest.approx(0.2))
    assert test.note == "p is at least 1/10 one-sided, 1/5 two-sided; can't reach 0.05"


def test_steps_of_two_groups_are_corrected_for_their_number(small: KnowledgeGraph) -> None:
    names = [f"bwa-chameleon-small-00{number}" for number in range(1, 6)]
    found = list(small.metrics(group=" ".join(names[:2]), against=" ".join(names[2:]), by="task").samples())
    tests = [value(part, "mann-whitney") for part in found]
    assert len(tests) == 5
    assert all(
        test.p_adjusted is not None and test.p is not None and test.p_adjusted >= test.p for test in tests
    )
    assert min(test.p_adjusted or 0 for test in tests) == pytest.approx(
        min(1, 5 * min(test.p or 0 for test in tests))
    )


def test_one_against_one_is_a_difference(small: KnowledgeGraph) -> None:
    computed = small.metrics(group="blast-chameleon-small-001", against="blast-chameleon-small-002")
    found = sample(computed)
    assert value(found, "ratio-of-medians").value == pytest.approx(1279.3 / 1001.4)
    assert {entry.p for entry in found.metrics} == {None}
    assert {entry.note for entry in found.metrics} == {"one run against one: a difference, no test"}


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        (
            {"workflow": "nothing"},
            "no workflow and no run is called 'nothing'; the store has makeflow-blast-small, ",
        ),
        (
            {"workflow": "bwa", "group": "workflow=*blast*"},
            "the group 'workflow=*blast*' has no run of 'bwa'",
        ),
        (
            {"against": "workflow=*blast*"},
            "--against is the reference of a group: name the group with --group",
        ),
        ({"by": "host"}, "no metrics by 'host'; there are: run, task, node"),
        ({"metrics": ["tost"]}, "tost: these metrics need --against"),
        ({"metrics": ["nope"]}, "no metric is called 'nope'"),
        ({"confidence": 1.5}, "confidence 1.5 is no share between 0 and 1"),
        ({"half_width": 0}, "half-width 0 is not above 0"),
        (
            {"group": "workflow=*blast*", "against": "blast-chameleon-small-001"},
            "blast-chameleon-small-001: in both groups; a run can be in one of them only",
        ),
        (
            {"group": "@all", "against": "blast-chameleon-small-001"},
            "blast-chameleon-small-001: in both groups",
        ),
        (
            {
                "group": "blast-chameleon-small-001 bwa-chameleon-small-001",
                "against": "blast-chameleon-small-002",
            },
            "--group has runs of 2 configurations (",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(
    small: KnowledgeGraph, asked: dict[str, object], problem: str
) -> None:
    with pytest.raises(UsageError) as error:
        small.metrics(**asked)  # type: ignore[arg-type]
    assert str(error.value).startswith(problem)


def test_values_are_kept_with_where_they_come_from(small: KnowledgeGraph) -> None:
    computed = small.metrics("blast-small")
    again = small.metrics("blast-small")
    assert computed.stored_as == again.stored_as
    assert (computed.stored_as or "").startswith("metrics-")
    rows = list(small.query("metric-values", metric="https://w3id.org/recup/ontology#maxMinMetric"))
    of_blast = [row for row in rows if row["subject"] == "makeflow-blast-small"]
    assert {row["version"] for row in of_blast} == {recup.__version__}
    assert {row["graph"] for row in of_blast} == {
        name for graphs in computed.classes[0].graphs for name in graphs
    }
    assert {row["value"] for row in of_blast} == {1986.72 / 902.68}


@pytest.mark.parametrize("by", ["run", "task", "node"])
def test_what_is_kept_conforms(small: KnowledgeGraph, by: str) -> None:
    from recup_kg.rdf.metrics import quality_graph

    computed = small.metrics("bwa", by=by)  # type: ignore[arg-type]
    report = validate_quads("".join(quality_graph(computed.report).lines))
    assert report.conforms and not report.results


def test_what_is_kept_of_two_groups_conforms(ten: KnowledgeGraph) -> None:
    from recup_kg.rdf.metrics import quality_graph

    names = [run.name for run in ten.runs()]
    computed = ten.metrics(group=" ".join(names[8:]), against=" ".join(names[:8]))
    found = sample(computed, "reported makespan")
    assert value(found, "mann-whitney").p == pytest.approx(2 / 45)
    assert validate_quads("".join(quality_graph(computed.report).lines)).conforms


def test_the_forms_agree(small: KnowledgeGraph) -> None:
    computed = small.metrics("bwa", by="task")
    said = json.loads(computed.to_json())
    rows = list(csv.DictReader(io.StringIO(computed.to_csv())))
    assert list(rows[0]) == list(COLUMNS)
    assert (
        len(rows)
        == sum(len(s["metrics"]) for c in said["classes"] for s in c["samples"])
        == len(computed.rows())
    )
    first = said["classes"][0]["samples"][0]
    assert first["metrics"]["cv"]["value"] == pytest.approx(
        float(next(row["value"] for row in rows if (row["subject"], row["metric"]) == ("bwa", "cv")))
    )
    assert first["n"] == 5 == len(first["values"])
    assert "ComputedMeasurement" in computed.to_turtle()
    pytest.importorskip("pandas")
    assert computed.to_pandas().shape == (len(rows), len(COLUMNS))


def test_mixed_configurations_are_put_together_by_name_only(shared_data: Path) -> None:
    graph = recup.open(":memory:")
    for name in ("1000genome-chameleon-2ch-100k-001", "1000genome-chameleon-2ch-250k-001"):
        graph.ingest(shared_data / "wfformat" / "v1.5" / f"{name}.json", validate=False)
    apart = graph.metrics("1000genome").classes
    assert [len(one.runs) for one in apart] == [1, 1]
    together = graph.metrics("1000genome", allow_mixed=True).classes
    assert all(one.facts for one in apart)
    assert [len(one.runs) for one in together] == [2]
    assert together[0].remarks[-1].startswith("mixed configurations; possible confounders: commands=")
