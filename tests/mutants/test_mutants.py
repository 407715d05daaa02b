"""Planted deviations: a small draw is found, and each mutant differs from its origin in exactly what was planted."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.mutants import judge_all, mutant, plans, table
from benchmarks.mutants_judge import Judge, Judged, by_rule, differs_by_quarter, is_slow_outlier
from benchmarks.mutants_kinds import FACTORS, FIELDS, KINDS, Mutant, Place, slow_node
from benchmarks.mutants_origins import SHIPPED, Origin, Trace, origins, package_listings, seed_listing
from benchmarks.mutants_repeats import repeats
from benchmarks.mutants_tables import BEGIN, END, lines, write_docs
from recup_kg.comparisons import Kind

SMALL = 60
SEEDS = st.integers(min_value=0, max_value=10**6)


@cache
def shipped() -> tuple[Origin, ...]:
    """The runs that are shipped with the project."""
    return origins(SHIPPED)


@cache
def drawn() -> tuple[Judged, ...]:
    """Six mutants of each kind, judged."""
    return tuple(judge_all(plans(SMALL, 7, list(KINDS)), shipped()))


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_planted_is_found_first(kind: str) -> None:
    own = [entry for entry in drawn() if entry.kind == kind]
    assert len(own) == SMALL // len(KINDS)
    missed = [
        f"{entry.origin}: {entry.detail}: {entry.why}" for entry in own if not (entry.found and entry.first)
    ]
    assert missed == []


def test_nothing_deviates_where_only_ids_and_order_changed() -> None:
    assert all(entry.found and not entry.extra for entry in drawn() if entry.kind == "renamed ids")


def test_the_rules_of_peers_see_run_times_only() -> None:
    assert not any(
        entry.peers["25 %"][0] for entry in drawn() if entry.kind in ("parameter", "seed", "input")
    )
    slow = [entry for entry in drawn() if entry.kind == "slow node"]
    assert all(entry.peers["25 %"][0] for entry in slow)
    assert not any(entry.peers["1.5 times and 2 s"][0] for entry in slow if entry.factor == 1.3)


def test_a_mutant_depends_on_its_seed_alone() -> None:
    first, *_ = plans(10, 3, list(KINDS))
    assert mutant(first, shipped()) == mutant(first, shipped())
    assert plans(30, 3, ["slow node"])[1].factor == FACTORS[1]


def test_the_table_has_a_row_for_each_kind_and_factor() -> None:
    rows = list(table(drawn()))
    assert [row["kind"] for row in rows] == [
        kind for kind in KINDS for _ in (FACTORS if kind.startswith("slow") else (1,))
    ] + ["all"]
    assert sum(row["n"] for row in rows[:-1]) == rows[-1]["n"] == SMALL


def test_tables_replace_what_is_between_the_marks(tmp_path: Any) -> None:
    page = tmp_path / "mutants.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    result = {
        "count": 60,
        "origins": 6,
        "systems": {"Makeflow": 60},
        "seed": 7,
        "table": list(table(drawn())),
        "repeats": [],
    }
    write_docs(result, page)
    text = page.read_text()
    assert text.startswith("before\n") and text.endswith(f"{END}\nafter\n") and "old" not in text
    assert "| slow node, 1.3 times | 2 |" in text
    assert next(iter(lines(result))) == "60 mutants of 6 real runs (Makeflow 60), seed 7."


def by_id(entries: list[Trace]) -> dict[str, Trace]:
    return {entry["id"]: entry for entry in entries}


def changed(before: dict[str, Trace], after: dict[str, Trace]) -> set[str]:
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


def parts(trace: Trace) -> tuple[dict[str, Trace], dict[str, Trace], dict[str, Trace]]:
    """Specified and executed tasks and files, by id, and nothing of when the run was."""
    specification, execution = trace["workflow"]["specification"], trace["workflow"]["execution"]
    executed = by_id(execution["tasks"])
    for task in executed.values():
        task.pop("executedAt", None)
    return by_id(specification["tasks"]), executed, by_id(specification["files"])


def differences(made: Mutant) -> tuple[set[str], set[str], set[str]]:
    """Ids of the specified tasks, executed tasks and files that differ."""
    before, after = (parts(json.loads(json.dumps(trace))) for trace in (made.reference, made.other))
    return changed(before[0], after[0]), changed(before[1], after[1]), changed(before[2], after[2])


def made_by(kind: str, seed: int, origin: Origin | None = None) -> Mutant:
    random = Random(seed)
    made = KINDS[kind](origin or random.choice(shipped()), random)
    while made is None:
        made = KINDS[kind](random.choice(shipped()), random)
    return made


def check_one_command(made: Mutant) -> None:
    specified, executed, files = differences(made)
    assert (specified, files) == (set(), set())
    if made.other_evidence:
        check_one_line(made)
    else:
        assert executed == made.place.tasks and len(executed) == 1


def check_one_line(made: Mutant) -> None:
    assert differences(made) == (set(), set(), set())
    (name,) = made.other_evidence
    old, new = (side[name].splitlines() for side in (made.reference_evidence, made.other_evidence))
    assert len(old) == len(new)
    assert sum(one != two for one, two in zip(old, new, strict=True)) == 1


def check_one_file(made: Mutant) -> None:
    specified, executed, files = differences(made)
    assert (specified, executed, len(files)) == (set(), set(), 1)


def check_one_less(made: Mutant) -> None:
    specified, executed, _ = differences(made)
    assert executed == made.place.tasks
    assert (
        len(made.other["workflow"]["execution"]["tasks"])
        == len(made.reference["workflow"]["execution"]["tasks"]) - 1
    )
    assert made.place.tasks <= specified


def check_one_more(made: Mutant) -> None:
    specified, executed, files = differences(made)
    assert executed == made.place.tasks
    (new,) = executed
    after = by_id(made.other["workflow"]["specification"]["tasks"])
    assert specified == {new, *after[new]["parents"]}
    assert files == set(after[new]["outputFiles"])


def check_slow(made: Mutant) -> None:
    specified, executed, files = differences(made)
    assert (specified, files) == (set(), set())
    assert executed == made.slowed
    before, after = (by_id(trace["workflow"]["execution"]["tasks"]) for trace in (made.reference, made.other))
    for task in made.slowed:
        assert after[task]["runtimeInSeconds"] == pytest.approx(
            before[task]["runtimeInSeconds"] * (made.factor or 0)
        )


def check_same_but_for_names(made: Mutant) -> None:
    before, after = (trace["workflow"] for trace in (made.reference, made.other))
    old, new = ([task["id"] for task in run["execution"]["tasks"]] for run in (before, after))
    assert len(set(new)) == len(old) and set(new) != set(old)

    def times(run: Trace) -> list[float]:
        return sorted(task["runtimeInSeconds"] for task in run["execution"]["tasks"])

    def edges(run: Trace) -> list[int]:
        return sorted(len(task["parents"]) for task in run["specification"]["tasks"])

    assert times(before) == times(after)
    assert edges(before) == edges(after)


def check_less_captured(made: Mutant) -> None:
    if made.reference_evidence:
        assert differences(made) == (set(), set(), set()) and not made.other_evidence
        return
    before, after = (json.dumps(trace) for trace in (made.reference, made.other))
    assert len(after) < len(before)
    old, new = (by_id(trace["workflow"]["execution"]["tasks"]) for trace in (made.reference, made.other))
    assert old.keys() == new.keys()
    assert all(set(new[task]) <= set(old[task]) for task in old)


CHECKS: dict[str, Callable[[Mutant], None]] = {
    "parameter": check_one_command,
    "package": check_one_line,
    "input": check_one_file,
    "dropped task": check_one_less,
    "added task": check_one_more,
    "slow node": check_slow,
    "slow file": check_slow,
    "seed": check_one_command,
    "renamed ids": check_same_but_for_names,
    "removed capture": check_less_captured,
}


def test_every_kind_is_checked() -> None:
    assert list(CHECKS) == list(KINDS)


@pytest.mark.parametrize("kind", KINDS)
@given(seed=SEEDS)
@settings(max_examples=10, deadline=None)
def test_a_mutant_differs_in_the_planted_thing_alone(kind: str, seed: int) -> None:
    CHECKS[kind](made_by(kind, seed))


def test_the_origin_is_left_alone() -> None:
    before = json.dumps([origin.trace for origin in shipped()])
    for number, kind in enumerate(KINDS):
        made_by(kind, number)
    for strip in FIELDS.values():
        strip(shipped()[0].rerun())
    assert json.dumps([origin.trace for origin in shipped()]) == before


def test_a_slow_machine_needs_tasks_with_times() -> None:
    run = shipped()[0].rerun()
    for task in run.executed:
        task.pop("machines", None)
    assert slow_node(run, Random(1)) is None


def test_lists_of_packages_and_settings_have_entries() -> None:
    for listing in (*package_listings(), seed_listing()):
        assert len(list(listing.entry.finditer(listing.text))) >= 1, listing.file


def test_repeats_have_the_same_commands() -> None:
    found = repeats(shipped())
    assert {name: len(runs) for name, runs in found.items()} == {
        "blast-chameleon-small": 2,
        "bwa-chameleon-small": 2,
    }


def test_the_rules_of_the_peers() -> None:
    assert differs_by_quarter([10.0], 12.6) and not differs_by_quarter([10.0], 12.5)
    assert differs_by_quarter([10.0], 7.4)
    assert is_slow_outlier([1.0, 4.0, 9.0], 6.5) and not is_slow_outlier([1.0, 4.0, 9.0], 5.9)
    assert not is_slow_outlier([1.0], 2.5)
    assert by_rule(differs_by_quarter, [{"a": 1.0, "b": 1.0}], {"a": 3.0, "b": 0.1, "c": 9.0}) == [
        ("b", 0.1),
        ("a", 3.0),
    ]


def test_arguments_that_were_not_captured_of_tasks_that_are_alike_are_no_other_arguments(
    shared_data: Any,
) -> None:
    """Cycles has classes of tasks that can't be told apart without their arguments."""
    (origin,) = [run for run in origins(shared_data / "wfformat" / "v1.5") if run.name.startswith("cycles-")]
    for field in ("arguments", "commands"):
        other = origin.rerun()
        FIELDS[field](other)
        place = Place(frozenset((Kind.CAPTURE_GAP,)))
        planted = Mutant("removed capture", origin.name, "Pegasus", field, origin.trace, other.trace, place)
        with Judge() as judge:
            found = judge.judge(planted)
        assert found.found and not found.extra, found.why
