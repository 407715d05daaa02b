"""Pictures beside tables: timelines, run times, the split of a makespan, distributions."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recup_kg.comparisons import Makespan, MakespanPart
from recup_kg.group_comparisons import Distribution
from recup_kg.report import split, strips, timeline, times
from recup_kg.report.shapes import Mark, Path, Picture, Rect, Scale, Text, coordinate
from recup_kg.report.union import union
from tests.compare.facts_samples import facts, task
from tests.report.samples import Pair


def _texts(picture: Picture) -> list[str]:
    return [shape.text for shape in picture.shapes if isinstance(shape, Text)]


@given(st.floats(-1e6, 1e6), st.floats(0.001, 1e6))
def test_ticks_are_round_and_within_the_scale(low: float, span: float) -> None:
    ticks = Scale(low, low + span, 0, 100).ticks()
    assert 1 <= len(ticks) <= 10
    assert all(low - span * 1e-6 <= tick <= low + span * (1 + 1e-6) for tick in ticks)


def test_a_scale_of_one_value_puts_it_in_the_middle() -> None:
    scale = Scale(5, 5, 0, 100)
    assert (scale(5), scale.ticks()) == (50, [5])


@pytest.mark.parametrize(
    ("value", "said"), [(1.0, "1"), (1.25, "1.2"), (-0.01, "0"), (-3.0, "-3"), (10.0, "10")]
)
def test_coordinates_are_short(value: float, said: str) -> None:
    assert coordinate(value) == said


def test_the_tasks_of_a_timeline_lie_on_their_machines_and_do_not_overlap(timed: Pair) -> None:
    whole = union(timed.comparison, timed.reference, timed.other)
    told = timeline.timeline(timed.other, whole, timed.comparison.makespan.other_path, reference=False)
    assert told.missing == 0 and len(told.spans) == len(timed.other.tasks) == 12
    assert {span.task for span in told.spans if span.on_path} == set(timed.comparison.makespan.other_path)
    drawn = timeline.picture(told, told.end)
    named = [shape for shape in drawn.shapes if isinstance(shape, Rect) and shape.look.startswith("span")]
    assert len(named) == sum(span.on_path or span.state.name != "SAME" for span in told.spans)
    for one in named:
        for two in named:
            apart = one is two or one.x + one.width <= two.x + 1.0 or two.x + two.width <= one.x + 1.0
            assert apart or one.y + one.height <= two.y or two.y + two.height <= one.y
    assert timeline.folded(told) == ""


def test_a_timeline_says_what_it_does_not_show() -> None:
    start = "2024-01-01T00:00:00Z"
    tasks = {f"t{n}": task(f"t{n}", 1.0, start if n else None) for n in range(40)}
    run = replace(facts(tasks, {}, started=start), nodes={f"t{n}": (f"n{n}",) for n in range(40)})
    one = run.run
    pair = union(_comparison(one), run, replace(run, tasks={}, parents={}))
    told = timeline.timeline(run, pair, (), reference=True)
    assert (
        timeline.folded(told)
        == "15 machines with less of it are not drawn; the times of 1 task were not captured"
    )
    assert len([text for text in _texts(timeline.picture(told, 1.0)) if re.fullmatch(r"n\d+", text)]) == 24


def test_steps_have_the_run_times_of_their_tasks(blast: Pair) -> None:
    steps = times.by_step(union(blast.comparison, blast.reference, blast.other), blast.reference, blast.other)
    assert [step.step for step in steps] == ["blastall", "cat_blast", "split_fasta", "cat"]
    blastall = steps[0]
    assert (len(blastall.reference), len(blastall.other), blastall.uncaptured) == (40, 40, (0, 0))
    known = sorted(t.run_time or 0 for t in blast.reference.tasks.values() if t.step.endswith("/blastall"))
    assert blastall.reference == tuple(known)
    assert blastall.medians[0] == (known[19] + known[20]) / 2
    assert blastall.change == pytest.approx(sum(blastall.other) - sum(known))
    drawn = times.picture(steps)
    assert drawn is not None and _texts(drawn)[-4:] == ["blastall", "cat_blast", "split_fasta", "cat"]


def test_run_times_that_were_not_captured_are_counted_and_not_drawn() -> None:
    tasks = {name: task(name, None) for name in "ab"}
    run = facts(tasks, {})
    steps = times.by_step(union(_comparison(run.run), run, replace(run, tasks={}, parents={})), run, run)
    assert [(step.uncaptured, step.medians, step.change, step.ratio) for step in steps] == [
        ((1, 0), (None, None), None, None)
    ] * 2
    assert times.picture(steps) is None


def test_a_waterfall_ends_at_the_other_makespan() -> None:
    makespan = Makespan(
        100.0, 130.0, (MakespanPart("run", 60, 100), MakespanPart("wait", 40, 30)), (), (), "m"
    )
    drawn = split.picture(makespan)
    assert drawn is not None
    bars = {shape.title.split(":")[0]: shape for shape in drawn.shapes if isinstance(shape, Rect)}
    assert bars["run"].x == pytest.approx(bars["reference"].x + bars["reference"].width)
    assert bars["wait"].x == pytest.approx(bars["other run"].x + bars["other run"].width)
    assert bars["wait"].x + bars["wait"].width == pytest.approx(bars["run"].x + bars["run"].width)
    assert [text for text in _texts(drawn) if text.startswith(("+", "−"))] == ["+40 s", "−10 s"]
    assert split.picture(replace(makespan, other=None)) is None


@pytest.mark.parametrize("most", [1, 3, 100])
def test_paths_add_up_however_many_are_listed(genome: Pair, most: int) -> None:
    makespan = genome.comparison.makespan
    found = split.paths(makespan, most)
    assert len(found.rows) + found.left_out == len(makespan.steps)
    assert sum(row.difference for row in found.rows) + found.rest == pytest.approx(found.total)
    whole = found.total + sum(value for _, value in split.unexplained(makespan, ["unattributed"]))
    assert whole == pytest.approx(makespan.difference)


def test_a_distribution_shows_the_run_among_the_references() -> None:
    found = strips.strip(Distribution("run time of t", "s", 280.0, (40.0, 41.0, None, 39.0, 42.0)))
    assert (found.value, found.middle, found.low, found.high) == ("280 s", "40.5 s", "39 s", "42 s")
    assert (found.captured, found.references, found.place) == (4, 5, "above all 4")
    assert found.picture is not None
    assert [shape.title for shape in found.picture.shapes if isinstance(shape, Mark)] == ["this run: 280 s"]
    assert [shape.look for shape in found.picture.shapes if isinstance(shape, Rect)] == ["quartiles"]
    (ticks,) = (shape for shape in found.picture.shapes if isinstance(shape, Path) and shape.look == "tick-a")
    assert ticks.data.count("M") == 4


@pytest.mark.parametrize(
    ("value", "references", "place"),
    [
        (None, (1.0,), "can't tell"),
        (1.0, (None,), "can't tell"),
        (0.0, (1.0, 2.0), "below all 2"),
        (1.5, (1.0, 2.0), "above 1 of 2"),
    ],
)
def test_where_a_run_lies_is_counted(
    value: float | None, references: tuple[float | None, ...], place: str
) -> None:
    assert strips.strip(Distribution("x", None, value, references)).place == place


def test_few_references_have_no_box() -> None:
    found = strips.strip(Distribution("x", "s", None, (1.0, 2.0, 3.0)))
    assert found.value == "not captured" and found.picture is not None
    assert not [shape for shape in found.picture.shapes if isinstance(shape, Rect | Mark)]
    assert strips.strip(Distribution("x", "s", 1.0, (None,))).picture is None


def _comparison(run):
    from recup_kg.comparisons import Comparison, MatchingSummary, Options, Verdict

    return Comparison(
        reference=run,
        other=run,
        verdict=Verdict.SAME,
        aspects=(),
        coverage=(),
        matching=MatchingSummary(0, 0, 0, 0),
        deviations=(),
        makespan=Makespan(None, None, (), (), (), "none"),
        options=Options(),
        software_version="0",
        graph="urn:g",
        iri="urn:c",
    )
