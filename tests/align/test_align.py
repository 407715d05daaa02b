"""Names without run-specific tokens, order of tasks, and matching."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recup_kg.align.dag import CycleError, levels, topological
from recup_kg.align.data import DataUse, align_data
from recup_kg.align.match import MatchTask, match
from recup_kg.align.signatures import Unsigned, sign
from recup_kg.align.tokens import (
    logical_name,
    program_name,
    program_of_name,
    step_name,
    without_run_tokens,
    workflow_name,
)


@pytest.mark.parametrize(
    ("identifier", "name"),
    [
        ("/c7/fffe3aa55aea5327ee863512d16a8c/genome.dict", "genome.dict"),
        ("/scratch/me/work/c7/fffe3aa55aea5327ee863512d16a8c/a/b.txt", "a/b.txt"),
        ("/nf-core/test-datasets/genome.fasta", "/nf-core/test-datasets/genome.fasta"),
        ("out-0f8fad5b-d9cb-469f-a165-70867728950e.npy", "out-*.npy"),
        ("som-7ad729864a79597b71b8b8d8d86d7738.dat", "som-*.dat"),
        ("small.fasta.12.out", "small.fasta.12.out"),
        ("chr21n-1-1001.tar.gz", "chr21n-1-1001.tar.gz"),
        ("2mass-atlas-980914s-j0820044.fits", "2mass-atlas-980914s-j0820044.fits"),
    ],
)
def test_logical_names(identifier: str, name: str) -> None:
    assert logical_name(identifier) == name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("--time 2024-01-02T03:04:05Z", "--time *"),
        ("/tmp/job1234/in.txt", "*/in.txt"),
        ("--seed 1234567890123456", "--seed 1234567890123456"),
        ("abcdefabcdefabcdef", "abcdefabcdefabcdef"),
    ],
)
def test_run_specific_tokens(text: str, expected: str) -> None:
    assert without_run_tokens(text) == expected


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("1000genome-20200401T035039Z-0", "1000genome"),
        ("Cycles-20200413T031424Z-0", "Cycles"),
        ("makeflow-blast-small", "makeflow-blast-small"),
        ("eht-imaging-run0005", "eht-imaging"),
        ("genome-dax-0", "genome-dax-0"),
        ("run1", "run1"),
    ],
)
def test_workflow_names(label: str, name: str) -> None:
    assert workflow_name(label) == name


def test_steps_and_programs() -> None:
    assert step_name("blastall_ID000002", "blastall", None) == "blastall"
    assert step_name("makebwaindex_mammoth.fasta", "makebwaindex", "makebwaindex") == "makebwaindex"
    assert step_name("SAREK.MULTIQC", "multiqc \\\n --force", None) == "SAREK.MULTIQC"
    assert program_of_name("a_b_ID01") == "a_b"
    assert program_of_name("a_b") is None
    assert program_name("/srv/bin/tool") == "tool"


def test_order_and_levels() -> None:
    parents = {"d": ("b", "c"), "b": ("a",), "c": ("a",), "a": (), "e": ("a", "d")}
    order = topological(parents)
    assert all(
        order.index(parent) < order.index(task) for task, before in parents.items() for parent in before
    )
    assert levels(order, parents) == {"a": 0, "b": 1, "c": 1, "d": 2, "e": 3}


def test_a_cycle_is_named_in_order() -> None:
    with pytest.raises(CycleError) as caught:
        topological({"a": ("c",), "b": ("a",), "c": ("b",), "d": ()})
    cycle = caught.value.cycle
    assert cycle[0] == cycle[-1]
    assert set(cycle) == {"a", "b", "c"}
    assert cycle in {("a", "b", "c", "a"), ("b", "c", "a", "b"), ("c", "a", "b", "c")}


def layered(width: int, depth: int, seed: int) -> list[Unsigned]:
    """A workflow of layers, with random edges to the layer above; each task writes a file named after its place."""
    random_source = random.Random(seed)
    tasks = []
    for layer in range(depth):
        for column in range(width):
            above = range(width) if layer else range(0)
            chosen = sorted(random_source.sample(above, k=min(len(above), 2)))
            tasks.append(
                Unsigned(
                    identifier=f"id{layer}-{column}",
                    step=f"step{layer}",
                    parents=tuple(f"id{layer - 1}-{parent}" for parent in chosen),
                    program=f"program{layer}",
                    arguments=(f"--column={column}",),
                    inputs=tuple(f"file{layer - 1}-{parent}" for parent in chosen),
                    outputs=(f"file{layer}-{column}",),
                )
            )
    return tasks


def prepared(tasks: list[Unsigned]) -> list[MatchTask]:
    """The tasks with their signatures, as matching sees them."""
    order = topological({task.identifier: task.parents for task in tasks})
    signatures = sign(tasks, order, {})
    return [
        MatchTask(
            task.identifier,
            None,
            task.step,
            task.program,
            task.arguments,
            task.inputs or (),
            task.outputs or (),
            task.parents,
            signatures[task.identifier].canonical,
            signatures[task.identifier].local,
            signatures[task.identifier].neighbourhood,
        )
        for task in tasks
    ]


def hidden(tasks: list[Unsigned], seed: int) -> tuple[list[Unsigned], dict[str, str]]:
    """The tasks with other ids and in another order, and which id became which."""
    numbers = list(range(len(tasks)))
    random.Random(seed).shuffle(numbers)
    new = {task.identifier: f"x{number}" for task, number in zip(tasks, numbers, strict=True)}
    renamed = [
        replace(task, identifier=new[task.identifier], parents=tuple(new[parent] for parent in task.parents))
        for task in tasks
    ]
    return sorted(renamed, key=lambda task: task.identifier), new


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 8), st.integers(1, 5), st.integers(0, 10_000))
def test_renamed_tasks_match_fully(width: int, depth: int, seed: int) -> None:
    tasks = layered(width, depth, seed)
    renamed, new = hidden(tasks, seed)
    matching = match(prepared(tasks), prepared(renamed))
    assert matching.pairs == new
    assert (matching.classes, matching.only_reference, matching.only_other) == ((), (), ())


@pytest.mark.parametrize("edit", ["program", "arguments", "outputs", "inputs"])
def test_an_edited_task_still_matches(edit: str) -> None:
    tasks = layered(5, 4, 1)
    renamed, new = hidden(tasks, 2)
    victim = next(task for task in renamed if task.identifier == new["id2-3"])
    value: object = {
        "program": "another",
        "arguments": ("--column=3", "--more"),
        "outputs": ("elsewhere",),
        "inputs": (*(victim.inputs or ()), "further"),
    }[edit]
    edited = [replace(task, **{edit: value}) if task is victim else task for task in renamed]
    assert match(prepared(tasks), prepared(edited)).pairs == new


def test_a_task_in_one_run_only() -> None:
    tasks = layered(5, 3, 1)
    renamed, new = hidden(tasks[:-1], 2)
    matching = match(prepared(tasks), prepared(renamed))
    assert matching.pairs == new
    assert matching.only_reference == ("id2-4",)
    assert matching.only_other == ()


def test_alike_tasks_are_a_class_and_are_never_paired() -> None:
    tasks = [Unsigned(f"t{index}", "work", ("root",), "work", None, None, None) for index in range(4)] + [
        Unsigned("root", "root", (), "root", None, None, None)
    ]
    matching = match(prepared(tasks), prepared(tasks))
    assert matching.pairs == {"root": "root"}
    (entry,) = matching.classes
    assert (entry.name, sorted(entry.reference), sorted(entry.other)) == (
        "work",
        ["t0", "t1", "t2", "t3"],
        ["t0", "t1", "t2", "t3"],
    )


def test_alike_tasks_with_different_descendants_are_told_apart() -> None:
    tasks = [
        Unsigned("root", "root", (), "root", None, None, None),
        Unsigned("a", "work", ("root",), "work", None, None, None),
        Unsigned("b", "work", ("root",), "work", None, None, None),
        Unsigned("end", "end", ("b",), "end", None, None, None),
    ]
    renamed, new = hidden(tasks, 3)
    assert match(prepared(tasks), prepared(renamed)).pairs == new


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_counts_add_up_whatever_is_compared(seed: int) -> None:
    one, two = prepared(layered(4, 3, seed)), prepared(layered(3, 4, seed + 1))
    matching = match(one, two)
    ambiguous = [task for entry in matching.classes for task in entry.reference]
    assert len(matching.pairs) + len(ambiguous) + len(matching.only_reference) == len(one)
    assert len(set(matching.pairs.values())) == len(matching.pairs)


def use(inputs: dict[str, tuple[str, ...]], outputs: dict[str, tuple[str, ...]]) -> DataUse:
    written = {item for items in outputs.values() for item in items}
    read = {item for items in inputs.values() for item in items}
    return DataUse(inputs, outputs, frozenset(read - written))


def test_data_are_aligned_by_identifier_then_logical_name_then_alone() -> None:
    reference = use(
        {"a": ("in", "/aa/000000000000000000000000000000/x.txt", "old-name")},
        {"a": ("same", "som-7ad729864a79597b71b8b8d8d86d7738.dat", "left")},
    )
    other = use(
        {"b": ("in", "/bb/111111111111111111111111111111/x.txt", "new-name")},
        {"b": ("same", "som-8bd729864a79597b71b8b8d8d86d7739.dat", "right")},
    )
    assert align_data({"a": "b"}, reference, other) == {
        "same": "same",
        "som-7ad729864a79597b71b8b8d8d86d7738.dat": "som-8bd729864a79597b71b8b8d8d86d7739.dat",
        "left": "right",
        "in": "in",
        "/aa/000000000000000000000000000000/x.txt": "/bb/111111111111111111111111111111/x.txt",
        "old-name": "new-name",
    }


def test_data_that_could_be_either_are_not_aligned() -> None:
    reference, other = use({}, {"a": ("p", "q")}), use({}, {"b": ("r", "s")})
    assert align_data({"a": "b"}, reference, other) == {}
