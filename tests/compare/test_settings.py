"""Packages, parameters and seeds that other sources than the task graph tell of; seeds in arguments; roles of outputs."""

from __future__ import annotations

from pathlib import Path

import pytest

import recup_kg as recup
from recup_kg.api.comparison import ComparedRuns
from recup_kg.compare.deviations import only_seeds_differ
from recup_kg.compare.settings import Settings, differences
from recup_kg.comparisons import Kind, Verdict
from recup_kg.rdf.comparison import comparison_graph
from recup_kg.validate import validate_quads
from tests.compare.test_compare_real import aspects, compared
from tests.wfformat_samples import executed, save, small

PACKAGES = "numpy==1.26.4\nscipy==1.11.0\nattrs==23.1\n"
BLOCK = "System_Info:\nOS : Ubuntu\nHyperparameters:\nlearning_rate : {rate}\nRandom seed: {seed}\n"


def fused(folder: Path, one: dict[str, str], two: dict[str, str]) -> ComparedRuns:
    """The comparison of two runs of the small trace, with other files that tell of them."""
    with recup.open(":memory:") as graph:
        for name, texts in (("one", one), ("two", two)):
            own = folder / name
            own.mkdir()
            start = "2024-01-02T01:00:00Z" if name == "one" else "2024-01-03T01:00:00Z"
            trace = small()
            trace["workflow"]["execution"]["executedAt"] = start
            save(own, trace)
            for file, text in texts.items():
                (own / file).write_text(text)
            report = graph.ingest_all(sorted(own.iterdir()), run=name, validate=False)
            assert not report.refused
        return graph.compare("one", "two")


def only(result: ComparedRuns) -> tuple[Kind, str, object, object]:
    (deviation,) = result.deviations
    return deviation.kind, deviation.name, deviation.reference_value, deviation.other_value


def test_another_version_of_a_package(tmp_path: Path) -> None:
    other = PACKAGES.replace("1.11.0", "1.12.0")
    result = fused(tmp_path, {"packages.txt": PACKAGES}, {"packages.txt": other})
    assert only(result) == (Kind.ENVIRONMENT, "scipy", "1.11.0", "1.12.0")
    assert result.deviations[0].evidence.query == "package-difference"
    assert aspects(result.comparison)["environment"] == "different"
    assert aspects(result.comparison)["machines"] == "same"
    assert result.verdict is Verdict.DIFFERENT
    lines = "".join(comparison_graph(result.comparison).lines)
    assert [entry for entry in validate_quads(lines).results if entry.severity == "Violation"] == []


def test_a_package_that_one_environment_lacks(tmp_path: Path) -> None:
    result = fused(
        tmp_path, {"packages.txt": PACKAGES}, {"packages.txt": PACKAGES.replace("attrs==23.1\n", "")}
    )
    assert only(result) == (Kind.ENVIRONMENT, "attrs", "23.1", None)
    assert result.deviations[0].message.endswith("attrs is not there instead of 23.1")


def test_another_seed_and_another_parameter(tmp_path: Path) -> None:
    texts = [
        {"settings.txt": BLOCK.format(rate=rate, seed=seed)} for rate, seed in (("0.1", "2"), ("0.2", "3"))
    ]
    result = fused(tmp_path, *texts)
    assert [(found.kind, found.reference_value, found.other_value) for found in result.deviations] == [
        (Kind.PARAMETER, "0.1", "0.2"),
        (Kind.SEED, "2", "3"),
    ]
    assert aspects(result.comparison)["programs and arguments"] == "same"
    reasons = {aspect.name: aspect.reason for aspect in result.aspects}
    assert reasons["environment"] == "1 other parameter; 1 other seed"


def test_the_same_settings_are_the_same(tmp_path: Path) -> None:
    texts = {"packages.txt": PACKAGES, "settings.txt": BLOCK.format(rate="0.1", seed="2")}
    result = fused(tmp_path, texts, texts)
    assert result.deviations == ()
    assert aspects(result.comparison)["environment"] == "same"


@pytest.mark.parametrize("swapped", [False, True])
def test_what_one_run_did_not_capture_is_a_gap(tmp_path: Path, swapped: bool) -> None:
    sides = ({"packages.txt": PACKAGES}, {})
    result = fused(tmp_path, *(reversed(sides) if swapped else sides))
    (gap,) = result.deviations
    assert gap.kind is Kind.CAPTURE_GAP
    assert (
        gap.message
        == f"packages of pip-freeze: captured in {'the other run' if swapped else 'the reference'} only"
    )
    assert aspects(result.comparison)["environment"] == "can't tell"
    assert result.verdict is Verdict.CANT_TELL


def test_a_seed_that_one_run_does_not_state_is_a_gap(tmp_path: Path) -> None:
    with_seed = BLOCK.format(rate="0.1", seed="2")
    texts = [{"settings.txt": with_seed}, {"settings.txt": with_seed.replace("Random seed: 2\n", "")}]
    result = fused(tmp_path, *texts)
    assert {found.kind for found in result.deviations} == {Kind.CAPTURE_GAP}
    assert aspects(result.comparison)["environment"] == "can't tell"


def test_a_seed_that_was_unset_is_another_seed(tmp_path: Path) -> None:
    texts = [{"settings.txt": BLOCK.format(rate="0.1", seed=seed)} for seed in ("2", "None")]
    assert only(fused(tmp_path, *texts))[0] is Kind.SEED


def test_runs_without_settings_have_no_such_aspect(tmp_path: Path) -> None:
    comparison = compared(
        save(tmp_path, small(), "one.json"), save(tmp_path, small(createdAt="2025-01-01T00:00:00Z"))
    )
    assert "environment" not in aspects(comparison)


def row(name: str, old: str, new: str) -> dict[str, str]:
    return {"kind": "variable", "name": name, "referenceValue": old, "otherValue": new}


@pytest.mark.parametrize(
    ("name", "old", "new", "differs"),
    [
        ("OMP_NUM_THREADS", "4", "8", True),
        ("SLURM_JOB_ID", "4711", "4712", False),
        ("HOSTNAME", "n1", "n2", False),
        ("MY_TMPDIR", "/a", "/b", False),
        ("OUT", "/tmp/job1/x", "/tmp/job2/x", False),
        ("LD_PRELOAD", "", "libx.so", True),
    ],
)
def test_variables_of_one_run_are_no_difference(name: str, old: str, new: str, differs: bool) -> None:
    both = frozenset(("variable",))
    found = list(differences(Settings(settings=[row(name, old, new)], captured=(both, both))))
    assert [deviation.kind for deviation in found] == [Kind.ENVIRONMENT] * differs


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (["--seed", "1"], ["--seed", "2"], True),
        (["-n", "4", "--seed=1"], ["-n", "4", "--seed=2"], True),
        (["--random_state=1"], ["--random_state=2"], True),
        (["--numpy-seed", "1"], ["--numpy-seed", "2"], True),
        (["model.seed=1"], ["model.seed=2"], True),
        (["--seed", "1", "-n", "4"], ["--seed", "2", "-n", "5"], False),
        (["--seeds-file", "a"], ["--seeds-file", "b"], False),
        (["--seed", "1"], ["--seed", "1"], False),
        (["--seed"], ["--seed", "1"], False),
        (["1"], ["2"], False),
        (["-n", "1"], ["--seed", "1"], False),
    ],
)
def test_seeds_in_arguments(old: list[str], new: list[str], expected: bool) -> None:
    assert only_seeds_differ(old, new) is expected


def test_a_seed_argument_is_a_seed(tmp_path: Path) -> None:
    traces = [small(), small()]
    for number, trace in enumerate(traces):
        executed(trace, 1)["command"]["arguments"] += ["--seed", str(number)]
    comparison = compared(save(tmp_path, traces[0], "one.json"), save(tmp_path, traces[1], "two.json"))
    assert [(found.kind, found.reference_task) for found in comparison.deviations] == [
        (Kind.SEED, "work_ID02")
    ]
    reasons = {aspect.name: aspect.reason for aspect in comparison.aspects}
    assert reasons["programs and arguments"] == "1 task with another seed"


def sized(trace: dict, **sizes: int) -> dict:
    for file in trace["workflow"]["specification"]["files"]:
        file["sizeInBytes"] += sizes.get(file["id"].replace(".", "_"), 0)
    return trace


def roles(folder: Path, other: dict) -> tuple[dict[str, str | None], tuple[str, ...]]:
    comparison = compared(save(folder, small(), "one.json"), save(folder, other, "two.json"))
    return {
        found.name: found.role for found in comparison.deviations if found.kind is Kind.OUTPUT
    }, comparison.absorbed


def test_a_task_that_behaves_otherwise_is_the_root(tmp_path: Path) -> None:
    found, absorbed = roles(tmp_path, sized(small(), a_out=5, all_out=5))
    assert found == {"a.out": "behaviour root", "all.out": "propagated"}
    assert absorbed == ()


def test_other_arguments_or_another_machine_are_roots(tmp_path: Path) -> None:
    other = sized(small(), a_out=5, b_out=5)
    executed(other, 1)["command"]["arguments"] = ["a.txt", "--fast"]
    executed(other, 2)["machines"] = ["n1"]
    found, absorbed = roles(tmp_path, other)
    assert found == {"a.out": "parameter root", "b.out": "environment root"}
    assert absorbed == ("merge_ID04",)


def test_equal_outputs_of_other_arguments_are_absorbed(tmp_path: Path) -> None:
    other = small()
    executed(other, 0)["command"]["arguments"] = ["in.txt", "3"]
    assert roles(tmp_path, other) == ({}, ("split_ID01",))


def test_without_the_size_of_an_input_no_root_is_named(tmp_path: Path) -> None:
    traces = [small(), sized(small(), a_txt=5)]
    for trace in traces:
        trace["workflow"]["specification"]["files"][0]["sizeInBytes"] = 0
    comparison = compared(save(tmp_path, traces[0], "one.json"), save(tmp_path, traces[1], "two.json"))
    assert [found.role for found in comparison.deviations if found.kind is Kind.OUTPUT] == [None]
    assert comparison.absorbed == ("work_ID02",)
