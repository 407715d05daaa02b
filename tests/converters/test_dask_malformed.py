"""Broken captures: one clear line, or a gap that says where."""

from __future__ import annotations

import csv
import time
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recup_kg.converters import dask, detect
from recup_kg.converters.dask import literals
from recup_kg.converters.dask.rows import LINES_OF_A_ROW, rows, split
from recup_kg.errors import MalformedSource, UnknownFormat
from recup_kg.records import Trace
from tests.dask_samples import LOAD0, SUM, TABLES, W1, T, save

HEADER = "key,start,finish,called_from,time\n"
ROW = f"a-1,ready,executing,{W1},{T}\n"


def told(trace: Trace, kind: str = "UnreadableValue") -> list[tuple[str, str]]:
    return [(gap.where, gap.comment) for gap in trace.gaps if gap.kind == kind]


def read_text(folder: Path, text: str, name: str = "worker_transition.csv") -> Trace:
    path = folder / name
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert dask.sniff(path)
    return dask.read(path)


@pytest.mark.parametrize(
    ("row", "where", "comment"),
    [
        ("b,ready\n", "line 2", "2 fields, but the header names 5"),
        ("b,ready,executing,w,1,2,3\n", "line 2", "7 fields, but the header names 5"),
        (",ready,executing,w,1\n", "line 2", "a transition must name its key, start and finish"),
        ("b,ready,executing,w,noon\n", "line 2", "column time: not a time in seconds since 1970"),
        ('"b,ready,executing,w,1\n', "line 2", "a quote is not closed"),
    ],
)
def test_a_bad_row_is_a_gap_and_the_others_are_read(
    tmp_path: Path, row: str, where: str, comment: str
) -> None:
    trace = read_text(tmp_path, HEADER + row + ROW)
    assert told(trace) == [(f"worker_transition.csv {where}", comment)]
    assert "a-1" in {task.identifier for task in trace.tasks}


@pytest.mark.parametrize(
    ("columns", "values", "comment"),
    [
        ("keys,dependencies", ("{'a'", "{'a': set()}"), "column keys: character 5: ',' or '}' expected"),
        (
            "keys,dependencies",
            ("{'a'}", "{'a': 3}"),
            "column dependencies: character 6: a set of keys expected",
        ),
        (
            "keys,dependencies",
            ("{'a'}", "{'a': set()} + 1"),
            "column dependencies: character 13: the end expected",
        ),
        (
            "keys,dependencies",
            ("{'a'}", "__import__('os')"),
            "column dependencies: character 11: '{' expected",
        ),
        ("keys,dependencies", ("{'a'}", ""), "column dependencies: empty"),
        (
            "keys,dependencies",
            ("{'a'}", "{" + "(" * 100000),
            "column dependencies: character 100002: more expected",
        ),
    ],
)
def test_a_literal_that_is_none(tmp_path: Path, columns: str, values: tuple[str, str], comment: str) -> None:
    save(tmp_path, {"worker_transition": TABLES["worker_transition"]})
    with (tmp_path / "graph.csv").open("w", newline="") as stream:
        csv.writer(stream).writerows([columns.split(","), values])
    trace = dask.read(tmp_path / "graph.csv")
    assert told(trace) == [("graph.csv line 2", comment)]
    assert {task.identifier for task in trace.tasks} >= {LOAD0, SUM}


def test_values_that_can_not_be(tmp_path: Path) -> None:
    header = "key,start,finish,thread,size,duration,begins,called_from,stimulus_id,time\n"
    text = header + f"a,processing,memory,-3,many,nan,never,s,x,{T}\n"
    trace = read_text(tmp_path, text, "scheduler_transition.csv")
    assert [comment.split(":")[0] for _, comment in told(trace)] == [
        *("column thread", "column size", "column begins", "column duration")
    ]
    only = trace.tasks[0]
    assert (only.thread, only.run_time, only.started, only.status) == (None, None, None, "memory")


def test_columns_that_are_new_missing_or_there_twice(tmp_path: Path) -> None:
    text = f"key,start,finish,called_from,worker_name,key\na,ready,executing,{W1},bob,b\n"
    trace = read_text(tmp_path, text)
    assert told(trace, "UnmappedField") == [
        ("worker_transition.csv column worker_name", "this column has no place in the graph")
    ]
    assert told(trace, "DuplicateEntry") == [
        ("worker_transition.csv column key", "this column is there twice; the graph has the first")
    ]
    assert [(task.identifier, task.started) for task in trace.tasks] == [("a", None)]


def test_rows_that_repeat_are_there_once(tmp_path: Path) -> None:
    trace = read_text(tmp_path, HEADER + ROW * 3)
    assert told(trace, "DuplicateEntry") == [
        ("worker_transition.csv", "2 rows repeat another one; the graph has each once")
    ]
    assert len([record for record in trace.records if type(record).__name__ == "StateTransition"]) == 1


def test_many_bad_rows_cost_no_many_gaps(tmp_path: Path) -> None:
    trace = read_text(tmp_path, HEADER + "b\n" * 5000 + ROW)
    found = told(trace)
    assert len(found) == 101
    assert found[-1] == ("worker_transition.csv", "4900 more rows or values could not be read")


def test_a_quote_that_is_never_closed_takes_its_own_row_only(tmp_path: Path) -> None:
    rest = "".join(f"k-{n},ready,executing,{W1},{T + n}\n" for n in range(3 * LINES_OF_A_ROW))
    trace = read_text(tmp_path, HEADER + '"broken,ready,executing,w,1\n' + rest)
    assert told(trace) == [("worker_transition.csv line 2", "a quote is not closed")]
    assert len(trace.tasks) == 3 * LINES_OF_A_ROW


def test_line_ends_marks_and_bytes(tmp_path: Path) -> None:
    text = "\ufeff" + (HEADER + ROW).replace("\n", "\r\n") + f"caf\udce9,ready,executing,{W1},{T}\r\n\r\n"
    trace = read_text(tmp_path, text)
    assert {task.identifier for task in trace.tasks} == {"a-1", "caf\udce9"}
    assert told(trace) == []


def test_an_empty_file_is_not_captured(tmp_path: Path) -> None:
    save(tmp_path)
    (tmp_path / "worker_transition.csv").write_bytes(b"")
    trace = dask.read(tmp_path / "graph.csv")
    assert told(trace, "NotCaptured") == [("worker_transition.csv", "the file is empty")]
    assert tmp_path / "worker_transition.csv" in dask.members(tmp_path / "graph.csv")


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("worker.csv", "worker,action,time\n", "the capture names no task; add the graph or the transitions"),
        (
            "graph.csv",
            "client,keys,dependencies\n",
            "the capture names no task; add the graph or the transitions",
        ),
        (
            "graph.csv",
            "client,keys,dependencies\nc,{,{\n",
            "no task can be read: graph.csv line 2: column keys: character 2: more expected; copy the whole files",
        ),
        (
            "graph.csv",
            "keys,dependencies\n{'a'},\"{'a': {'b'}, 'b': {'a'}}\"\n",
            "column dependencies: the dependencies form a cycle: a -> b -> a; a task can't depend on itself",
        ),
    ],
)
def test_what_can_not_be_used_is_one_line(tmp_path: Path, name: str, text: str, problem: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(MalformedSource) as caught:
        dask.read(path)
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "a,b,c\n1,2,3\n",
        "key,value\nx,1\n",
        '{"key": 1, "start": 2, "finish": 3}\n',
        "worker,action,salary,boss,town\n",
        "key\tstart\tfinish\ttime\n",
        ",\n",
        "\n\n",
        "start,finish,key\n",
        "x" * 100000,
        "\0\0,\0",
    ],
)
def test_other_files_are_not_taken_for_one(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.csv"
    path.write_text(text)
    assert not dask.sniff(path)
    with pytest.raises(MalformedSource, match="no file of a Dask capture"):
        dask.read(path)
    with pytest.raises(UnknownFormat):
        detect(path)


def test_a_file_that_is_not_there_is_none_of_ours(tmp_path: Path) -> None:
    assert not dask.sniff(tmp_path / "graph.csv")


def test_a_large_graph_takes_a_few_seconds_and_leaves_the_limits_of_csv_alone(tmp_path: Path) -> None:
    limit, count = csv.field_size_limit(), 100_000
    keys = [f"('chunk-0123456789abcdef0123456789abcdef', {n}, 0)" for n in range(count)]
    deps = ", ".join(
        f"{key}: {{{keys[n - 1]}}}" if n % 100 else f"{key}: set()" for n, key in enumerate(keys)
    )
    (tmp_path / "graph.csv").write_text(f"client,keys,dependencies,time\nc,{{'x'}},\"{{{deps}}}\",{T}\n")
    assert (tmp_path / "graph.csv").stat().st_size > 10_000_000
    start = time.perf_counter()
    read = next(row for row in rows(tmp_path / "graph.csv") if row.line == 2)
    assert read.fields is not None
    tracemalloc.start()
    found = literals.dependencies(read.fields[2])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert time.perf_counter() - start < 20
    assert len(found) == count
    # ast.literal_eval takes 3 GB for ten times this.
    assert peak < 100_000_000
    assert csv.field_size_limit() == limit


FIELDS = st.text(alphabet=st.characters(codec="utf-8"), max_size=12)


@settings(deadline=None, max_examples=150)
@given(table=st.lists(st.lists(FIELDS, min_size=3, max_size=3), min_size=1, max_size=8))
def test_rows_are_those_that_csv_wrote(
    table: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("rows") / "a.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(table)
    if path.read_bytes().startswith(b"\xef\xbb\xbf"):
        return
    assert [row.fields for row in rows(path)] == table


@given(
    fields=st.lists(FIELDS.filter(lambda text: "\n" not in text and "\r" not in text), min_size=2, max_size=6)
)
def test_one_row_is_that_which_csv_wrote(fields: list[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("row") / "a.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, lineterminator="").writerow(fields)
    assert split(path.read_bytes().decode()) == fields


KEYS = st.recursive(
    st.text(max_size=8)
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.booleans()
    | st.none(),
    lambda parts: st.tuples(parts) | st.tuples(st.text(max_size=5), parts) | st.tuples(parts, parts, parts),
    max_leaves=6,
)


@settings(deadline=None)
@given(graph=st.dictionaries(KEYS, st.sets(KEYS, max_size=3), max_size=4))
def test_literals_are_those_that_python_wrote(graph: dict[object, set[object]]) -> None:
    assert literals.dependencies(repr(graph)) == [
        (str(key), list(dict.fromkeys(str(part) for part in parts))) for key, parts in graph.items()
    ]
    assert literals.keys(repr(set(graph))) == list(dict.fromkeys(map(str, set(graph))))


@given(sizes=st.dictionaries(KEYS, st.integers(min_value=0, max_value=2**64 - 1), max_size=4))
def test_sizes_are_those_that_python_wrote(sizes: dict[object, int]) -> None:
    assert literals.sizes(repr(sizes)) == [(str(key), size) for key, size in sizes.items()]


@given(text=st.text(alphabet="{}()[]'\",: \\ab1", max_size=40))
def test_no_text_does_more_than_fail(text: str) -> None:
    for read in (literals.keys, literals.sizes, literals.dependencies):
        try:
            read(text)
        except literals.LiteralFault as error:
            assert str(error).startswith("character ")
