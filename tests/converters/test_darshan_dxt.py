"""Traces of DXT: all layouts of segments, made and read again, and what is no trace."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recup_kg.converters.darshan import dxt
from recup_kg.converters.darshan.dxt import BOTH, PLAIN, TEXT, THREAD, Layout, NoLayout

RUN_TIME = 10.0
Segment = tuple[int, int, float, float, int]

segments = st.lists(
    st.tuples(
        st.integers(0, 2**60),
        st.integers(0, 2**50),
        st.floats(0, 5, allow_nan=False),
        st.floats(5, RUN_TIME, allow_nan=False),
        st.integers(1, 2**47),
    ),
    max_size=6,
)


def made(
    layout: Layout, writes: list[Segment], reads: list[Segment], order: str = "<", rank: int = 3
) -> bytes:
    """A record in the given layout."""
    head = struct.pack(f"{order}Qqq64sqq", 2**63 + 5, rank, 0, b"node7\0junk", len(writes), len(reads))
    return head + b"".join(_segment(layout, order, segment) for segment in (*writes, *reads))


def _segment(layout: Layout, order: str, segment: Segment) -> bytes:
    offset, length, start, end, thread = segment
    data = struct.pack(f"{order}qqdd", offset, length, start, end)
    if layout.thread:
        data += struct.pack(f"{order}q", thread)
    if layout.text:
        # What follows the NUL is memory that was never set.
        data += f"pthread_id={thread}".encode().ljust(63, b"\0")[:40] + b"\0" + b"\xee" * 23
    return data


CASES = (
    ("DXT_POSIX", 1, PLAIN),
    ("DXT_POSIX", 1, TEXT),
    ("DXT_POSIX", 2, THREAD),
    ("DXT_POSIX", 2, BOTH),
    ("DXT_MPIIO", 2, PLAIN),
    ("DXT_MPIIO", 2, TEXT),
    ("DXT_MPIIO", 3, THREAD),
    ("DXT_MPIIO", 3, BOTH),
)


@pytest.mark.parametrize(("module", "version", "layout"), CASES)
@pytest.mark.parametrize("order", "<>")
@given(writes=segments, reads=segments)
def test_what_was_made_is_read(
    module: str, version: int, layout: Layout, order: str, writes: list[Segment], reads: list[Segment]
) -> None:
    data = made(layout, writes, reads, order) + made(layout, reads, writes, order)
    first, second = dxt.traces(module, version, data, order, RUN_TIME)
    assert (first.identifier, first.rank, first.host) == (2**63 + 5, 3, "node7")
    for trace, expected in ((first.written, writes), (first.read, reads), (second.read, writes)):
        assert list(zip(trace.offset, trace.length, trace.start, trace.end, strict=True)) == [
            segment[:4] for segment in expected
        ]
        known = layout.thread or layout.text
        assert list(trace.thread) == [segment[4] if known else None for segment in expected]
        assert list(trace.tag) == [None] * len(expected)


def test_an_annotation_that_is_no_thread_is_kept() -> None:
    data = made(TEXT, [(0, 1, 0.0, 1.0, 1)], [])
    said = b"task-7".ljust(64, b"\0")
    (trace,) = dxt.traces("DXT_POSIX", 1, data[:-64] + said, "<", RUN_TIME)
    assert (list(trace.written.thread), list(trace.written.tag)) == ([None], ["task-7"])


def test_the_first_version_of_mpi_traces_has_no_offsets() -> None:
    (trace,) = dxt.traces("DXT_MPIIO", 1, made(PLAIN, [(99, 1, 0.0, 1.0, 1)], []), "<", RUN_TIME)
    assert list(trace.written.offset) == [None]


@pytest.mark.parametrize(
    "segment",
    [
        (0, 1, 2.0, 1.0, 1),
        (0, 1, -1.0, 1.0, 1),
        (0, 1, 0.0, RUN_TIME + 3, 1),
        (0, -1, 0.0, 1.0, 1),
        (-2, 1, 0.0, 1.0, 1),
        (0, 2**50 + 1, 0.0, 1.0, 1),
        (2**60 + 1, 1, 0.0, 1.0, 1),
        (0, 1, float("nan"), 1.0, 1),
        (0, 1, 0.0, float("inf"), 1),
    ],
)
def test_a_value_that_can_not_be_true_is_no_trace(segment: Segment) -> None:
    with pytest.raises(NoLayout, match="its segments have no layout that is known, or times outside the run"):
        dxt.traces("DXT_POSIX", 1, made(PLAIN, [segment], []), "<", RUN_TIME)


@pytest.mark.parametrize("cut", [1, 8, 31, 40, 103, 104])
def test_a_region_that_was_cut_is_no_trace(cut: int) -> None:
    data = made(PLAIN, [(0, 1, 0.0, 1.0, 1)], [(1, 1, 1.0, 2.0, 1)])
    with pytest.raises(NoLayout):
        dxt.traces("DXT_POSIX", 1, data[:-cut], "<", RUN_TIME)


def test_counts_that_are_absurd_are_no_trace() -> None:
    head = struct.pack("<Qqq64sqq", 1, 0, 0, b"", 2**62, 2**62)
    with pytest.raises(NoLayout):
        dxt.traces("DXT_POSIX", 1, head, "<", RUN_TIME)


@given(st.binary(max_size=600))
def test_any_bytes_end_in_traces_or_in_no_layout(data: bytes) -> None:
    try:
        found = dxt.traces("DXT_POSIX", 1, data, "<", RUN_TIME)
    except NoLayout:
        return
    assert len(found) <= len(data) // 104
