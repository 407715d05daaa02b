"""Numbers and names as they are shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recup_kg.report import words


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0, "0"),
        (12345, "12,345"),
        (-3, "−3"),
        (0.12345, "0.1235"),
        (1234.5678, "1,235"),
        (2.5, "2.5"),
        (1.5e-7, "1.5e-07"),
        (float("inf"), "inf"),
    ],
)
def test_a_number_has_four_digits_and_whole_ones_all(value: float, said: str) -> None:
    assert words.number(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "not captured"),
        (0.0, "0 s"),
        (0.00041234, "0.000412 s"),
        (1.23456, "1.235 s"),
        (421.0, "421 s"),
        (92.57, "92.57 s"),
        (1986.66, "1,986.7 s"),
        (-0.339, "−0.339 s"),
    ],
)
def test_seconds_have_their_unit_and_no_invented_digits(value: float | None, said: str) -> None:
    assert words.seconds(value) == said


def test_a_difference_has_its_sign() -> None:
    assert [words.signed_seconds(value) for value in (2.0, -2.0, 0.0, None)] == [
        "+2 s",
        "−2 s",
        "0 s",
        "not captured",
    ]


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (None, "s", "not captured"),
        (9999, "bytes", "9,999 B"),
        (2_540_066_220, "bytes", "2.54 GB"),
        (3.5, "s", "3.5 s"),
        (7, "tasks", "7 tasks"),
        (0.5, None, "0.5"),
        ("gpu", "s", "gpu"),
        (True, None, "True"),
    ],
)
def test_a_quantity_has_its_unit(value: object, unit: str | None, said: str) -> None:
    assert words.quantity(value, unit) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, ""), (1.0, "1.00 ×"), (17.253, "17.25 ×"), (0.001234, "0.00123 ×"), (12345.6, "12,346 ×")],
)
def test_a_ratio_says_how_many_times(value: float | None, said: str) -> None:
    assert words.ratio(value) == said


@pytest.mark.parametrize(
    ("value", "said"), [(None, ""), (0.1428571, "0.14"), (1.0, "1"), (0.0000123, "1.2e-05")]
)
def test_a_probability_has_two_digits(value: float | None, said: str) -> None:
    assert words.probability(value) == said


def test_counts_are_in_the_plural_where_they_should_be() -> None:
    assert words.count(1, "task") == "1 task"
    assert words.count(2122, "task") == "2,122 tasks"
    assert words.count(2, "box", "boxes") == "2 boxes"


@given(st.text(max_size=80), st.integers(3, 40))
def test_a_shortened_text_is_never_too_long(text: str, length: int) -> None:
    assert len(words.short(text, length)) <= length


def test_a_shortened_text_keeps_both_ends() -> None:
    assert words.short("blastall_ID000026_on_worker", 15) == "blastal…_worker"


def test_a_name_that_does_not_fit_loses_its_first_words() -> None:
    assert words.fitted("NFCORE_SAREK.SAREK.MULTIQC", 90, 12) == "…MULTIQC"
    assert words.fitted("short", 200, 12) == "short"
    assert words.fitted("W" * 50, 60, 12).startswith("W…") or words.fitted("W" * 50, 60, 12).startswith("…")


def test_what_all_names_begin_with_is_left_out() -> None:
    names = ["A.B.ONE", "A.B.TWO", "A.B.C.THREE"]
    assert words.without_common_start(names) == {"A.B.ONE": "ONE", "A.B.TWO": "TWO", "A.B.C.THREE": "C.THREE"}
    assert words.without_common_start(["A.ONE"]) == {"A.ONE": "A.ONE"}
    assert words.without_common_start(["A.B", "A.B"]) == {"A.B": "A.B"}
    assert words.without_common_start([]) == {}
