"""Facts that separate: ranked, grouped, corrected, and untold where the capture does not tell."""

from __future__ import annotations

import pytest

from recup_kg.causes.document import document
from recup_kg.causes.find import Options, fewest_more, find_causes, ranked
from recup_kg.causes.observed import Property, Quantity
from recup_kg.causes.outcomes import Outcome
from recup_kg.causes.separate import best_threshold
from recup_kg.causes.text import WIDTH, text
from recup_kg.comparisons import Evidence, Value, Verdict
from recup_kg.explanations import Fact

SLOW = tuple(f"s{number}" for number in range(8))
FAST = tuple(f"f{number}" for number in range(12))
OUTCOME = Outcome(
    "makespan",
    "run",
    SLOW,
    FAST,
    {**dict.fromkeys(SLOW, 200.0), **dict.fromkeys(FAST, 100.0)},
    "s",
    ("slow runs", "other runs"),
)


def having(kind: str, name: str, slow: Value, fast: Value, **swapped: Value) -> Property:
    values = {**dict.fromkeys(SLOW, slow), **dict.fromkeys(FAST, fast), **swapped}
    return Property(
        kind, name, {run: frozenset(() if value is None else (value,)) for run, value in values.items()}
    )


def test_the_exact_fact_comes_first_with_counts_effect_and_p() -> None:
    found = find_causes(
        OUTCOME, [having("module", "gcc", "11", "12", f0="11"), having("node", "node", "n7", "n1")]
    )
    first = found.causes[0]
    assert first.facts == (Fact("node", "node", "n7"),)
    assert first.instead == (Fact("node", "node", "n1"),)
    assert first.message.startswith("node n7 instead of n1: 8 of 8 slow runs, 0 of 12 other runs")
    assert (first.separation, first.effect, first.ratio) == (1.0, 1.0, 2.0)
    assert (first.with_fact, first.without_fact) == (8, 12)
    assert first.p == first.p_floor == pytest.approx(1 / 125970)
    assert first.verdict is Verdict.DIFFERENT
    assert found.causes[1].facts[0].name == "gcc"


def test_confounded_facts_are_one_cause_and_one_test() -> None:
    alone = find_causes(OUTCOME, [having("node", "node", "n7", "n1")])
    both = find_causes(OUTCOME, [having("node", "node", "n7", "n1"), having("package", "numpy", "2", "1")])
    assert len(both.causes) == 1
    assert {fact.kind for fact in both.causes[0].facts} == {"package", "node"}
    assert "together with node n7: nothing compared tells them apart" in both.causes[0].message
    assert both.causes[0].p_adjusted == alone.causes[0].p_adjusted


def test_nearly_confounded_facts_name_each_other() -> None:
    found = find_causes(
        OUTCOME, [having("module", "gcc", "11", "12", f0="11"), having("node", "node", "n7", "n1")]
    )
    assert "nearly confounded with module gcc 11 (parts from it in 1 of 20)" in found.causes[0].message
    assert "nearly confounded with node n7" in found.causes[1].message


def test_the_lack_of_a_fact_can_be_the_cause() -> None:
    found = find_causes(OUTCOME, [having("module", "cray-mpich", None, "8.1")])
    assert found.causes[0].facts == (Fact("module", "cray-mpich", "8.1", relation="without"),)
    assert found.causes[0].message.startswith("without module cray-mpich 8.1: 8 of 8 slow runs")


def test_what_was_not_captured_neither_has_nor_lacks() -> None:
    known = having("package", "numpy", "2", "1")
    partly = Property("package", "numpy", {run: known.values[run] for run in (*SLOW[:4], *FAST[:5])})
    first = find_causes(OUTCOME, [partly]).causes[0]
    assert "4 of 4 slow runs, 0 of 5 other runs; not captured of 11" in first.message
    assert first.p == pytest.approx(1 / 126)


def test_what_was_captured_of_one_side_only_is_a_remark() -> None:
    one_sided = Property("package", "numpy", dict.fromkeys(SLOW, frozenset(("2",))))
    found = find_causes(OUTCOME, [one_sided])
    assert not found.causes
    assert "can't tell package: not captured both of slow runs and of other runs" in found.remarks


def test_a_gap_makes_it_cant_tell_and_is_named() -> None:
    values = {run: frozenset(("n7",) if run in SLOW else ()) for run in (*SLOW, *FAST)}
    gapped = Property("node", "node", values, gaps={"f3": "f3: worker transitions of n9: missing"})
    first = find_causes(OUTCOME, [gapped]).causes[0]
    assert first.verdict is Verdict.CANT_TELL
    assert "8 of 8 slow runs, 0 of 11 other runs" in first.message
    assert "can't tell: f3: worker transitions of n9: missing" in first.message


def test_a_number_with_a_gap_does_not_count() -> None:
    values = {
        **{run: 9.0 + at for at, run in enumerate(SLOW)},
        **{run: 1.0 + at for at, run in enumerate(FAST)},
    }
    whole = find_causes(OUTCOME, [], [Quantity("counter", "READS", values)])
    gapped = find_causes(
        OUTCOME, [], [Quantity("counter", "READS", values, gaps={"f11": "f11: a log is missing"})]
    )
    assert whole.causes[0].verdict is Verdict.DIFFERENT
    assert gapped.causes[0].verdict is Verdict.CANT_TELL
    assert gapped.causes[0].with_fact + gapped.causes[0].without_fact == 19


def test_where_all_of_one_side_have_a_gap_nothing_is_said_of_it() -> None:
    gaps = dict.fromkeys(SLOW, "no log of n2")
    quantity = Quantity(
        "counter", "READS", {**dict.fromkeys(SLOW, 9.0), **dict.fromkeys(FAST, 1.0)}, gaps=gaps
    )
    found = find_causes(OUTCOME, [], [quantity])
    assert not found.causes
    assert "can't tell counter: no log of n2" in found.remarks


def test_a_gap_that_separates_comes_before_everything() -> None:
    gap = having("capture gap", "dask worker transitions of a host", "missing", None)
    found = find_causes(OUTCOME, [having("node", "node", "n7", "n1"), gap])
    assert [cause.facts[0].kind for cause in found.causes][:1] == ["capture gap"]
    assert all(cause.verdict is Verdict.CANT_TELL for cause in found.causes)


def test_nothing_is_sure_where_a_gap_touches_the_outcome() -> None:
    found = find_causes(OUTCOME, [having("node", "node", "n7", "n1")], touched={"s0": "s0: no times of n2"})
    assert found.causes[0].verdict is Verdict.CANT_TELL
    assert "the makespan of s0 can't be told: s0: no times of n2" in found.remarks


def test_two_runs_give_a_difference_without_significance() -> None:
    pair = Outcome(
        "makespan", "run", ("b",), ("a",), {"a": 1.0, "b": 2.0}, "s", ("this run", "reference runs")
    )
    found = find_causes(pair, [Property("node", "node", {"a": frozenset(("x",)), "b": frozenset(("y",))})])
    first = found.causes[0]
    assert (first.p, first.p_floor, first.p_adjusted, first.verdict) == (None, None, None, Verdict.CANT_TELL)
    assert first.message == (
        "node y instead of x: this run, 0 of 1 reference runs; one against one: a difference, without significance"
    )
    assert found.remarks == (
        "1 against 1 can give no p below 1: a difference, not a proof; at least 18 more of the reference runs are needed",
    )


def test_identifiers_of_runs_are_no_causes() -> None:
    own = Property("variable", "PBS_JOBID", {run: frozenset((run,)) for run in (*SLOW, *FAST)})
    found = find_causes(OUTCOME, [own])
    assert not found.causes
    assert "left out, since every run has its own value: PBS_JOBID" in found.remarks


def test_a_quantity_has_its_best_threshold_and_names_what_it_goes_with() -> None:
    values = {**dict.fromkeys(SLOW, 40.0), **dict.fromkeys(FAST, 10.0)}
    found = find_causes(
        OUTCOME, [having("node", "node", "n7", "n1")], [Quantity("counter", "READS", values, "1")]
    )
    assert found.causes[1].facts == (Fact("counter", "READS", 40.0, "1", ">="),)
    assert "goes exactly with node n7" in found.causes[1].message
    assert found.causes[1].ratio == 4.0


@pytest.mark.parametrize(
    ("high", "low", "expected"),
    [([5, 6], [1, 2], (5, True)), ([1, 2], [5, 6], (5, False)), ([1, 1], [1, 1], (1, True))],
)
def test_the_best_threshold(high: list[float], low: list[float], expected: tuple[float, bool]) -> None:
    assert best_threshold(high, low) == expected


def test_chance_among_many_facts_is_not_listed_as_sure() -> None:
    # 200 facts that have nothing to do with the outcome.
    mixed = [
        Property(
            "variable",
            f"V{at}",
            {run: frozenset((str(hash((at, n)) % 2),)) for n, run in enumerate((*SLOW, *FAST))},
        )
        for at in range(200)
    ]
    assert not [c for c in find_causes(OUTCOME, mixed).causes if c.verdict is Verdict.DIFFERENT]


def test_without_two_groups_the_values_are_ranked() -> None:
    values = {run: float(at) for at, run in enumerate((*FAST, *SLOW))}
    outcome = Outcome("makespan", "run", SLOW, FAST, values, two_groups=False)
    first = find_causes(outcome, [having("node", "node", "n7", "n1")]).causes[0]
    assert first.p == pytest.approx(2 / 125970)


def test_sure_only_leaves_out_what_can_be_chance_and_what_lacks() -> None:
    facts = [
        having("module", "gcc", None, "12"),
        having("image", "image", "a", None, s0=None, s1=None, s2=None, s3=None),
    ]
    assert len(find_causes(OUTCOME, facts).causes) == 2
    assert [c.facts[0].kind for c in find_causes(OUTCOME, facts, options=Options(sure_only=True)).causes] == [
        "image"
    ]


def test_how_many_more_are_needed() -> None:
    assert fewest_more(1, 4, 0.05) == 15
    assert fewest_more(8, 12, 0.05) == 0


def test_causes_of_several_outcomes_get_one_order() -> None:
    found = find_causes(
        OUTCOME, [having("node", "node", "n7", "n1"), having("module", "gcc", "11", "12", f0="11")]
    )
    again = ranked([*found.causes[::-1]])
    assert [cause.rank for cause in again] == [1, 2]
    assert [cause.facts for cause in again] == [cause.facts for cause in found.causes]


def test_text_fits_80_columns_and_json_has_every_field() -> None:
    long = Property(
        "variable",
        "LD_LIBRARY_PATH",
        having("variable", "x", "/opt/" + "very/" * 40, "/usr/lib").values,
        evidence=(Evidence("run-facts", {"kind": "variable", "name": "LD_LIBRARY_PATH"}),),
    )
    found = find_causes(OUTCOME, [long])
    shown = text(found, verbose=True)
    assert max(map(len, shown.splitlines())) <= WIDTH
    assert "$ recup query run-facts -p kind=variable -p name=LD_LIBRARY_PATH" in shown
    cause = document(found)["causes"][0]
    assert cause["evidence"] == [
        {"query": "run-facts", "bindings": {"kind": "variable", "name": "LD_LIBRARY_PATH"}}
    ]
    assert cause["verdict"] == "different"
    assert cause["facts"][0]["relation"] == "="
