"""What tasks share that took longer together, by hand and with planted noise."""

from __future__ import annotations

from dataclasses import replace
from math import exp
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recup_kg.compare.facts import Facts
from recup_kg.compare.shared import FEWEST, find_shared
from recup_kg.comparisons import Kind, Verdict
from tests.compare.facts_samples import facts, task
from tests.compare.test_compare_real import aspects, compared
from tests.wfformat_samples import executed, save, small

COUNT = 24


def run(factor: float = 1.0, slow: str = "", noise: float = 0.0, seed: int = 0) -> Facts:
    """Tasks in turn on machines a, b and c, every fourth of which reads the file f; those of `slow` take longer."""
    random = Random(seed)
    tasks, inputs, nodes = {}, {}, {}
    for number in range(COUNT):
        name = f"t{number:02d}"
        machine, reads = "abc"[number % 3], number % 4 == 0
        longer = factor if slow in (machine, "file" if reads else "") or slow == "all" else 1.0
        tasks[name] = replace(task(name, 10.0 * longer * exp(random.gauss(0, noise))), step="run/step/work")
        nodes[name] = (machine,)
        inputs[name] = ("f",) if reads else ()
    return replace(facts(tasks, {}, inputs=inputs), nodes=nodes)


def found(reference: Facts, other: Facts) -> list[tuple[str, float]]:
    pairs = {name: name for name in reference.tasks}
    return [(entry.label, round(entry.ratio, 1)) for entry in find_shared(reference, other, pairs, 1.0)]


@pytest.mark.parametrize("factor", [1.3, 2.0, 4.0, 0.5])
@pytest.mark.parametrize(("slow", "label"), [("a", "machine a"), ("file", "file f"), ("all", "step work")])
def test_what_is_slower_is_named_and_nothing_else(slow: str, label: str, factor: float) -> None:
    assert found(run(), run(factor, slow)) == [(label, factor)]


@pytest.mark.parametrize("noise", [0.0, 0.05, 0.2, 0.8])
def test_noise_alone_is_nothing_shared(noise: float) -> None:
    """Seven groups are looked at in each of 200 pairs: at most one in a hundred pairs names one."""
    named = [
        found(run(noise=noise, seed=2 * seed), run(noise=noise, seed=2 * seed + 1)) for seed in range(200)
    ]
    assert sum(map(bool, named)) <= 2


def test_a_machine_of_twice_is_found_in_noise_of_a_tenth() -> None:
    named = [found(run(seed=2 * seed, noise=0.1), run(2.0, "a", 0.1, 2 * seed + 1)) for seed in range(100)]
    assert sum("machine a" in dict(entries) for entries in named) >= 95


@given(factor=st.floats(1.3, 50.0), slow=st.sampled_from(["a", "b", "c"]))
@settings(max_examples=50, deadline=None)
def test_without_noise_the_machine_is_always_named(factor: float, slow: str) -> None:
    assert [name for name, _ in found(run(), run(factor, slow))] == [f"machine {slow}"]


def test_few_tasks_and_few_seconds_are_no_group() -> None:
    assert FEWEST == 3
    reference, other = run(), run(2.0, "a")
    pairs = {name: name for name in list(reference.tasks)[:6]}
    assert find_shared(reference, other, pairs, 1.0) == ()
    whole = {name: name for name in reference.tasks}
    assert find_shared(reference, other, whole, 1_000.0) == ()
    assert find_shared(reference, other, {}, 1.0) == ()


def test_one_slow_task_is_no_shared_slowness() -> None:
    other = run()
    slower = {**other.tasks, "t03": replace(other.tasks["t03"], run_time=400.0)}
    assert found(run(), replace(other, tasks=slower)) == []


def test_a_shared_deviation_comes_before_the_tasks_that_it_explains(tmp_path: Path) -> None:
    other = small()
    for number in range(4):
        executed(other, number)["runtimeInSeconds"] *= 3
        executed(other, number)["machines"] = ["n1"]
    reference = small()
    for number in range(4):
        executed(reference, number)["machines"] = ["n1"]
    comparison = compared(save(tmp_path, reference, "one.json"), save(tmp_path, other, "two.json"))
    first, *rest = comparison.deviations
    assert (first.kind, first.name, first.rank, first.ratio) == (
        Kind.PERFORMANCE,
        "machine n1",
        1,
        pytest.approx(3),
    )
    assert "4 tasks of machine n1 took 3.00 times as long" in first.message
    assert {deviation.inherited_from for deviation in rest} == {("machine n1",)}
    assert not any(deviation.first for deviation in rest)
    assert aspects(comparison)["performance"] == "different"
    assert comparison.verdict is Verdict.DIFFERENT
