"""Side tables: one hash for one content, and files that are whole."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recup_kg.errors import StoreError
from recup_kg.records import SideTable
from recup_kg.tables import (
    content_hash,
    read_table,
    remove_tables_but,
    row_count,
    table_path,
    to_arrow,
    write_table,
)


def table(**columns: object) -> SideTable:
    return SideTable("t", "a table", "A row is a thing.", columns, (("a", "BYTE"),))  # type: ignore[arg-type]


def hash_of(values: object) -> str:
    return content_hash(table(a=values))


@pytest.mark.parametrize(
    "forms",
    [
        (
            [1, 2, None],
            pa.array([1, 2, None]),
            pa.chunked_array([[1], [2, None]]),
            pa.array([0, 1, 2, None])[1:],
        ),
        (["a", "bc"], pa.array(["a", "bc"], pa.large_string()), pa.array(["a", "bc"]).dictionary_encode()),
        ([0.5, None], pa.array([0.5, None])),
        ([True, None, False], pa.array([None, True, None, False]).slice(1)),
        ([b"a", None], pa.array([b"a", None], pa.large_binary())),
        ([[1, 2], []], pa.array([[1, 2], []])),
        ([], pa.array([], pa.null())),
    ],
    ids=["integers", "texts", "doubles", "booleans", "bytes", "lists", "nothing"],
)
def test_one_content_has_one_hash(forms: tuple[object, ...]) -> None:
    assert len({hash_of(form) for form in forms}) == 1


def test_arrays_of_numpy_hash_as_lists() -> None:
    numpy = pytest.importorskip("numpy")
    assert hash_of(numpy.array([1, 2])) == hash_of([1, 2])
    assert hash_of(numpy.array([0.5, float("nan")])) == hash_of([0.5, float("nan")])
    assert hash_of(numpy.array([2**63], dtype="u8")) == hash_of([2**63])
    assert hash_of(numpy.array(["a", "b"])) == hash_of(["a", "b"])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ([1, 2], [2, 1]),
        ([1], [1.0]),
        ([1], ["1"]),
        ([1], pa.array([1], pa.int32())),
        ([0, 1], [None, 1]),
        (["", "a"], [None, "a"]),
        ([False], [None]),
        (["ab", "c"], ["a", "bc"]),
        ([0.0], [-0.0]),
        ([float("nan")], [None, 0.5]),
        ([1], [1, 1]),
    ],
)
def test_order_type_and_absence_matter(one: object, other: object) -> None:
    assert hash_of(one) != hash_of(other)


def test_names_and_order_of_columns_matter_and_labels_do_not() -> None:
    first = table(a=[1], b=[2])
    assert content_hash(first) != content_hash(table(b=[2], a=[1]))
    assert content_hash(first) != content_hash(table(a=[1], c=[2]))
    assert content_hash(first) == content_hash(SideTable("u", "other", "Other.", first.columns))


def test_the_hash_is_the_same_in_every_release() -> None:
    assert hash_of([1, 2, None]) == "8e2bdf8f9d4f9545b5c54018edd9092a1af10377decb09186465d2378b47cf92"
    assert hash_of(["a", "bc"]) == "74a08ea39d2544a009f583e27dcc33c29f87e2d0e550afb4af495d08d5303c8a"


@given(
    st.lists(st.none() | st.integers(-(2**63), 2**63 - 1)),
    st.lists(st.none() | st.text(st.characters(codec="utf-8"))),
)
def test_what_was_written_reads_back(
    tmp_path_factory: pytest.TempPathFactory, numbers: list[int], texts: list[str]
) -> None:
    size = min(len(numbers), len(texts))
    made = table(a=pa.array(numbers[:size], pa.int64()), b=pa.array(texts[:size], pa.string()))
    folder = tmp_path_factory.mktemp("tables")
    write_table(folder, made)
    found = read_table(folder, content_hash(made))
    assert found is not None and found.to_pydict() == to_arrow(made).to_pydict()
    assert found.num_rows == row_count(made) == size


def test_the_file_says_what_it_is(tmp_path: Path) -> None:
    found = read_table(tmp_path, write_table(tmp_path, table(a=[1])).stem)
    assert found is not None
    assert {key: found.schema.metadata[key] for key in (b"label", b"description", b"unit.a")} == {
        b"label": b"a table",
        b"description": b"A row is a thing.",
        b"unit.a": b"BYTE",
    }


def test_a_table_that_is_there_stays(tmp_path: Path) -> None:
    path = write_table(tmp_path / "new" / "folder", table(a=[1]))
    before = path.stat()
    assert write_table(path.parent, table(a=[1])) == path
    assert path.stat().st_mtime_ns == before.st_mtime_ns and path.stat().st_ino == before.st_ino
    assert [item.name for item in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("damage", ["cut", "empty", "other"])
def test_a_damaged_file_is_refused_and_written_again(tmp_path: Path, damage: str) -> None:
    path = write_table(tmp_path, table(a=list(range(1000))))
    whole = path.read_bytes()
    other = write_table(tmp_path, table(a=[1])).read_bytes()
    path.write_bytes({"cut": whole[:-9], "empty": b"", "other": other}[damage])
    says = "is not what its name says" if damage == "other" else "is damaged"
    with pytest.raises(StoreError, match=rf"{path.name} {says}: remove it and ingest its source again"):
        read_table(tmp_path, path.stem)
    assert write_table(tmp_path, table(a=list(range(1000)))) == path
    assert path.read_bytes() == whole


def test_a_table_that_is_not_there_is_none(tmp_path: Path) -> None:
    assert read_table(tmp_path, "0" * 64) is None


def test_tables_that_nothing_speaks_of_are_removed(tmp_path: Path) -> None:
    kept, gone = write_table(tmp_path, table(a=[1])), write_table(tmp_path, table(a=[2]))
    remove_tables_but(tmp_path, {kept.stem})
    assert kept.exists() and not gone.exists()
    assert table_path(tmp_path, kept.stem) == kept


def test_a_table_without_columns_has_no_rows() -> None:
    assert row_count(table()) == 0
    assert content_hash(table()) == content_hash(table())
