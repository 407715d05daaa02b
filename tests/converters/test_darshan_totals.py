"""Totals: by hand, by the rules that the ontology states, and as Darshan's own accumulator makes them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recup_kg.converters import darshan
from recup_kg.converters.darshan.log import Record, signed, unsigned
from recup_kg.converters.darshan.totals import PREFIXES, rule, total
from recup_kg.records import Number
from tests.converters.darshan_samples import BINARIES, needs_library, totals

ACCUMULATE = """
import json, sys
import darshan
from darshan.backend.cffi_backend import accumulate_records
found = {}
report = darshan.DarshanReport(sys.argv[1], read_all=True)
for module in ("POSIX", "MPI-IO", "STDIO"):
    if module in report.records and len(report.records[module]):
        frames = report.records[module].to_df()
        made = accumulate_records(frames, module, report.metadata["job"]["nprocs"]).summary_record
        for kind in ("counters", "fcounters"):
            row = made[kind].iloc[0]
            found.update({name: row[name].item() for name in made[kind].columns if name not in ("id", "rank")})
print(json.dumps(found))
"""


def of(
    module: str, *rows: dict[str, Number], ranks: tuple[int, ...] = (), ids: tuple[int, ...] = ()
) -> dict[str, Number]:
    records = [
        Record(module, ids[index] if ids else index + 1, ranks[index] if ranks else index, tuple(row.items()))
        for index, row in enumerate(rows)
    ]
    return dict(total(module, records))


def test_counts_add_up_and_what_was_not_monitored_stays_so() -> None:
    assert of("POSIX", {"POSIX_READS": 2}, {"POSIX_READS": 3}) == {"POSIX_READS": 5}
    assert of("POSIX", {"POSIX_DUPS": -1}, {"POSIX_DUPS": -1}) == {"POSIX_DUPS": -1}
    assert of("STDIO", {"STDIO_READS": -1}, {"STDIO_READS": -1}) == {"STDIO_READS": -2}


def test_integers_wrap_at_64_bits() -> None:
    assert of("STDIO", {"STDIO_READS": 2**63 - 1}, {"STDIO_READS": 1}) == {"STDIO_READS": -(2**63)}


def test_highest_offsets_and_times() -> None:
    rows: tuple[dict[str, Number], ...] = (
        {"POSIX_MAX_BYTE_READ": 7, "POSIX_F_OPEN_START_TIMESTAMP": 0.0, "POSIX_F_OPEN_END_TIMESTAMP": 0.0},
        {"POSIX_MAX_BYTE_READ": 9, "POSIX_F_OPEN_START_TIMESTAMP": 2.5, "POSIX_F_OPEN_END_TIMESTAMP": 3.5},
        {"POSIX_MAX_BYTE_READ": 3, "POSIX_F_OPEN_START_TIMESTAMP": 1.5, "POSIX_F_OPEN_END_TIMESTAMP": 1.75},
    )
    assert of("POSIX", *rows) == {
        "POSIX_MAX_BYTE_READ": 9,
        "POSIX_F_OPEN_START_TIMESTAMP": 1.5,
        "POSIX_F_OPEN_END_TIMESTAMP": 3.5,
    }


def test_the_size_belongs_to_the_slowest_read() -> None:
    name, time = "POSIX_MAX_READ_TIME_SIZE", "POSIX_F_MAX_READ_TIME"
    assert of("POSIX", {name: 5, time: 0.5}, {name: 6, time: 0.75}, {name: 7, time: 0.75}) == {
        name: 6,
        time: 0.75,
    }
    assert of("POSIX", {name: 5, time: 0.0}) == {name: 0, time: 0.0}


def access(*pairs: tuple[int, int]) -> dict[str, Number]:
    full = [*pairs, *([(0, 0)] * (4 - len(pairs)))]
    values = {f"POSIX_ACCESS{number}_ACCESS": value for number, (value, _) in enumerate(full, start=1)}
    return {
        **values,
        **{f"POSIX_ACCESS{number}_COUNT": count for number, (_, count) in enumerate(full, start=1)},
    }


def test_common_access_sizes_are_merged_without_being_sorted_again() -> None:
    found = of("POSIX", access((100, 5), (200, 2)), access((200, 9), (300, 1)), access((400, 4), (500, 4)))
    assert found == access((100, 5), (200, 11), (500, 4), (400, 4))


def test_ranks_make_sense_for_one_file_only() -> None:
    row: dict[str, Number] = {
        "POSIX_BYTES_READ": 10,
        "POSIX_BYTES_WRITTEN": 1,
        "POSIX_FASTEST_RANK": 0,
        "POSIX_FASTEST_RANK_BYTES": 0,
        "POSIX_SLOWEST_RANK": 0,
        "POSIX_SLOWEST_RANK_BYTES": 0,
        "POSIX_F_READ_TIME": 1.0,
        "POSIX_F_WRITE_TIME": 0.0,
        "POSIX_F_META_TIME": 0.0,
        "POSIX_F_FASTEST_RANK_TIME": 0.0,
        "POSIX_F_SLOWEST_RANK_TIME": 0.0,
    }
    slow = {**row, "POSIX_F_READ_TIME": 2.0}
    same = of("POSIX", row, slow, ids=(9, 9), ranks=(4, 5))
    assert (same["POSIX_FASTEST_RANK"], same["POSIX_SLOWEST_RANK"]) == (4, 5)
    assert (same["POSIX_SLOWEST_RANK_BYTES"], same["POSIX_F_SLOWEST_RANK_TIME"]) == (11, 2.0)
    other = of("POSIX", row, slow, ids=(9, 8), ranks=(4, 5))
    assert (other["POSIX_FASTEST_RANK"], other["POSIX_F_SLOWEST_RANK_TIME"]) == (-1, 0.0)
    shared = of("POSIX", {**row, "POSIX_FASTEST_RANK": 3, "POSIX_F_FASTEST_RANK_TIME": 0.25}, ranks=(-1,))
    assert (shared["POSIX_FASTEST_RANK"], shared["POSIX_F_FASTEST_RANK_TIME"]) == (3, 0.25)


@given(st.lists(st.integers(min_value=0, max_value=2**40), min_size=1, max_size=30))
def test_sums_are_sums(values: list[int]) -> None:
    assert of("POSIX", *({"POSIX_BYTES_READ": value} for value in values)) == {
        "POSIX_BYTES_READ": sum(values)
    }


@given(st.integers(min_value=-(2**63), max_value=2**63 - 1))
def test_signs_are_only_a_view(value: int) -> None:
    assert signed(unsigned(value)) == value
    assert 0 <= unsigned(value) < 2**64


@pytest.mark.parametrize("path", BINARIES, ids=lambda path: path.stem[:20])
@needs_library
def test_as_the_library_accumulates(path: Path) -> None:
    """Exactly, to the last bit of each time."""
    made = subprocess.run(
        [sys.executable, "-c", ACCUMULATE, str(path)], capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        pytest.skip(f"PyDarshan can't accumulate: {made.stderr.strip().splitlines()[-1:]}")
    expected = json.loads(made.stdout)
    found = totals(darshan.read(path))
    assert len(expected) >= 100
    assert {name: found[name] for name in expected} == expected


def test_the_ontology_states_the_rules(root: Path) -> None:
    text = (root / "ontology" / "darshan.ttl").read_text()
    stated = dict(
        re.findall(r"^darshan:(\w+) a .*?recup:aggregation \"(\w+)\"", text, re.MULTILINE | re.DOTALL)
    )
    said = {
        "sum": "sum",
        "sum or unknown": "sum",
        "last": "last",
        "maximum": "maximum",
        "earliest": "minimum",
        "with the slowest": "slowest",
        "rank": "rank",
        "common": "common",
        "not totalled": "none",
    }
    checked = 0
    for module, prefix in PREFIXES.items():
        for name, how in stated.items():
            if name.startswith(f"{prefix}_"):
                assert said[rule(module, name)] == how, name
                checked += 1
    assert checked == 86 + 68 + 29 + 67 + 79
