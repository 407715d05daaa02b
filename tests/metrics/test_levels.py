"""Levels of reproducibility: reached on evidence only."""

from __future__ import annotations

from pathlib import Path

import pytest

import recup_kg as recup
from recup_kg.api import KnowledgeGraph
from recup_kg.comparisons import Verdict
from recup_kg.metrics.levels import MODES, levels
from recup_kg.quality import Condition, Level

NAMES = (
    *("structure", "status", "programs and arguments", "inputs", "machines", "setup", "team", "results"),
)
ALL_MODES = set(MODES)


def judged(**verdicts: Verdict) -> dict[str, Level]:
    """The levels where all conditions hold but those given."""
    said = {name: verdicts.get(name.split()[0], Verdict.SAME) for name in NAMES}
    found = levels([Condition(name, verdict, "because") for name, verdict in said.items()])
    return {level.name: level for level in found}


def reached(**verdicts: Verdict) -> set[str]:
    return {name for name, level in judged(**verdicts).items() if level.reached is Verdict.SAME}


def test_there_are_three_terms_of_the_acm_and_seven_modes() -> None:
    found = judged()
    assert [level.scheme for level in found.values()].count("ACM") == 3
    assert [level.scheme for level in found.values()].count("DALiuGE") == 7


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ({}, {"repeatability", *ALL_MODES}),
        ({"team": Verdict.DIFFERENT}, {"reproducibility", *ALL_MODES}),
        (
            {"team": Verdict.DIFFERENT, "setup": Verdict.DIFFERENT},
            {"replicability", *ALL_MODES - {"recompute", "replicate computationally"}},
        ),
        ({"results": Verdict.DIFFERENT}, {"rerun", "repeat", "recompute"}),
        (
            {"programs": Verdict.DIFFERENT},
            {"repeatability", "rerun", "reproduce", "replicate scientifically"},
        ),
        ({"structure": Verdict.DIFFERENT}, {"repeatability", "reproduce"}),
        ({"setup": Verdict.DIFFERENT}, ALL_MODES - {"recompute", "replicate computationally"}),
    ],
)
def test_what_is_reached(verdicts: dict[str, Verdict], expected: set[str]) -> None:
    assert reached(**verdicts) == expected


@pytest.mark.parametrize("name", NAMES)
def test_what_was_not_captured_blocks_and_is_named(name: str) -> None:
    for level in judged(**{name.split()[0]: Verdict.CANT_TELL}).values():
        concerned = {one.name.removeprefix("other ") for one in level.blocking}
        if name in concerned:
            assert level.reached is not Verdict.SAME
        elif level.scheme == "DALiuGE":
            assert name not in MODES[level.name]


def test_a_difference_decides_before_what_is_lacking() -> None:
    level = judged(structure=Verdict.DIFFERENT, status=Verdict.CANT_TELL)["rerun"]
    assert level.reached is Verdict.DIFFERENT
    assert [one.name for one in level.blocking] == ["structure"]


def test_nothing_is_reached_without_any_evidence() -> None:
    found = levels(())
    assert {level.reached for level in found} == {Verdict.CANT_TELL}


def test_real_runs_claim_nothing_that_their_traces_do_not_tell(root: Path) -> None:
    graph = recup.open(":memory:")
    names = ("blast-chameleon-small-002", "blast-chameleon-small-003")
    for name in names:
        graph.ingest(root / "data" / "wfformat" / "blast" / f"{name}.json", validate=False)
    found = graph.levels(*names)
    by_name = {level.name: level for level in found.levels}
    assert {level.reached for level in found.levels} == {Verdict.DIFFERENT, Verdict.CANT_TELL}
    assert by_name["recompute"].reached is Verdict.DIFFERENT
    assert [one.name for one in by_name["rerun"].blocking] == ["status"]
    assert [one.name for one in by_name["reproduce"].blocking] == ["results"]
    reasons = {one.name: one.reason for one in found.conditions}
    assert reasons["results"] == "no hash of the content of 2 of 2 final data was captured"
    assert (
        reasons["team"] == "who ran blast-chameleon-small-002 and blast-chameleon-small-003 was not captured"
    )
    assert (found.comparison or "").startswith("compare-")


def test_captures_of_one_environment_have_the_same_setup(captures: KnowledgeGraph) -> None:
    found = captures.levels("PMDA-R1", "PMDA-R2")
    verdicts = {one.name: one.verdict for one in found.conditions}
    assert verdicts["setup"] is Verdict.SAME
    assert verdicts["results"] is Verdict.CANT_TELL
    assert not [level for level in found.levels if level.scheme == "ACM" and level.reached is Verdict.SAME]


@pytest.fixture(scope="session")
def captures(shared_data: Path) -> KnowledgeGraph:
    """Two real captures of Dask, with what else their folders tell."""
    pytest.importorskip("darshan", reason="needs the extra darshan")
    graph = recup.open(":memory:")
    folders = [shared_data / "recup-dask" / name for name in ("PMDA-R1", "PMDA-R2")]
    assert not graph.ingest_all(folders, validate=False).refused
    return graph
