"""A planted difference is found where it is, in every format; files that are damaged can't tell, with the reason."""

from __future__ import annotations

import datetime
import io
import json
import zipfile

import numpy as np
import pyarrow
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from recup_kg.result_comparisons import Bound, Level, Policy
from recup_kg.results.files import compare_files, same_bytes
from recup_kg.results.formats import formats
from tests.results.samples import FORMATS, SHAPE, heat, write

h5py = pytest.importorskip("h5py", reason="needs the extra results")
Image = pytest.importorskip("PIL.Image", reason="needs the extra results")


def compared(one, two, bound=None, ignore=()):
    return compare_files(one, two, bound or Bound(), ignore)


def differing(found):
    return [variable for variable in found.variables if variable.level is not Level.IDENTICAL]


def test_the_formats_are_found():
    assert list(formats()) == ["csv", "hdf5", "image", "json", "netcdf", "npy", "npz", "parquet", "text"]


def place_of(kind: str, row: int, column: int) -> tuple[str, str]:
    """The variable and the place that a format has for an element."""
    if kind in ("csv", "parquet"):
        return f"c{column}", f"row {row + 1}"
    if kind == "json":
        return "$.t[*][*]", f"$.t[{row}][{column}]"
    name = {"npy": "", "png": "pixels", "tif": "pixels"}.get(kind, "t")
    return name, f"[{row}, {column}]"


@pytest.mark.parametrize("kind", FORMATS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(row=st.integers(0, SHAPE[0] - 1), column=st.integers(0, SHAPE[1] - 1))
def test_a_planted_difference_is_found_where_it_is(tmp_path, kind, row, column):
    values = np.floor(heat(20) * 10)
    other = values.copy()
    other[row, column] += 2
    one, two = write(tmp_path / f"a.{kind}", values), write(tmp_path / f"b.{kind}", other)
    found = compared(one, two)
    (variable,) = differing(found)
    assert (found.level, variable.level) == (Level.DIFFERENT, Level.DIFFERENT)
    assert (variable.name, variable.metrics.first.where) == place_of(kind, row, column)
    assert variable.metrics.worst == variable.metrics.first
    assert (variable.metrics.out_of_bound, variable.metrics.maximum_absolute) == (1, 2)
    within = differing(compared(one, two, Bound(atol=2)))
    assert [(it.name, it.level) for it in within] == [(variable.name, Level.WITHIN_BOUND)]


@pytest.mark.parametrize("kind", FORMATS)
def test_the_same_values_written_twice_are_identical(tmp_path, kind):
    one, two = (write(tmp_path / f"{name}.{kind}", np.floor(heat(9))) for name in "ab")
    for bound in (Bound(), Bound(nan=Policy.DIFFERENT)):
        assert compared(one, two, bound).level is Level.IDENTICAL


DAMAGED = {
    "npy": "ends before its 180 elements do; it is truncated",
    "npz": "is no whole ZIP file: File is not a zip file",
    "h5": "can't be opened as HDF5: ",
    "nc": "is damaged",
    "parquet": "is no whole Parquet file: ",
    "json": "line 1 column ",
    "png": "is damaged: ",
}


@pytest.mark.parametrize("kind", DAMAGED)
@pytest.mark.parametrize("side", ["reference", "other"])
def test_a_truncated_file_cant_tell(tmp_path, kind, side):
    whole = write(tmp_path / f"a.{kind}", heat(20))
    cut = tmp_path / f"cut.{kind}"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    found = compared(cut, whole) if side == "reference" else compared(whole, cut)
    assert (found.level, found.variables) == (Level.CANT_TELL, ())
    assert found.reason.startswith(f"{cut}: {DAMAGED[kind]}")
    assert "\n" not in found.reason


@pytest.mark.parametrize("kind", ["npy", "npz", "h5", "nc", "parquet", "png"])
def test_a_file_that_is_not_what_its_name_says_cant_tell(tmp_path, kind):
    one = write(tmp_path / f"a.{kind}", heat(3))
    two = tmp_path / f"b.{kind}"
    two.write_bytes(b"\x00\x01\x02 something else \xff" * 9)
    found = compared(one, two)
    assert found.level is Level.CANT_TELL or found.reason.startswith("the formats differ")
    same = tmp_path / f"c.{kind}"
    same.write_bytes(two.read_bytes().replace(b"else", b"more"))
    assert compared(two, same).level is Level.CANT_TELL
    assert str(two) in compared(two, same).reason


def test_the_message_of_a_wrong_magic(tmp_path):
    for name in "ab":
        (tmp_path / f"{name}.npy").write_bytes(b"not numpy \x00" + name.encode())
    found = compared(tmp_path / "a.npy", tmp_path / "b.npy")
    assert found.reason == f"{tmp_path}/a.npy: is no NumPy array: it does not start with \\x93NUMPY"


def test_a_damaged_member_of_an_archive_is_named(tmp_path):
    one, two = (write(tmp_path / f"{name}.npz", heat(20) + (name == "b")) for name in "ab")
    data = bytearray(two.read_bytes())
    data[len(data) // 2] ^= 0xFF
    two.write_bytes(data)
    found = compared(one, two)
    assert found.level is Level.CANT_TELL
    assert found.reason.startswith(f"{two}: t.npy: ")


def test_objects_are_never_unpickled(tmp_path):
    one, two = tmp_path / "a.npy", tmp_path / "b.npy"
    np.save(one, np.array([{"a": 1}], object), allow_pickle=True)
    np.save(two, np.array([{"b": 1}], object), allow_pickle=True)
    (variable,) = compared(one, two).variables
    assert (variable.level, variable.reason) == (
        Level.CANT_TELL,
        "A: it holds Python objects, which are never unpickled",
    )
    np.savez(tmp_path / "a.npz", x=np.array([{"a": 1}], object))
    np.savez(tmp_path / "b.npz", x=np.array([{"b": 1}], object))
    assert compared(tmp_path / "a.npz", tmp_path / "b.npz").level is Level.CANT_TELL


def saved(tmp_path, one, two, bound=None):
    np.save(tmp_path / "a.npy", one)
    np.save(tmp_path / "b.npy", two)
    return compared(tmp_path / "a.npy", tmp_path / "b.npy", bound)


@pytest.mark.parametrize(
    ("one", "two", "level", "reason"),
    [
        (np.zeros((2, 3)), np.zeros((3, 2)), Level.DIFFERENT, "the shapes differ: [2, 3] against [3, 2]"),
        (np.zeros(3), np.zeros(4), Level.DIFFERENT, "3 elements against 4"),
        (np.zeros(3, "f4"), np.zeros(3), Level.WITHIN_BOUND, "the types differ: <f4 against <f8"),
        (np.ones(3, ">f8"), np.ones(3), Level.IDENTICAL, "the byte orders differ: >f8 against <f8"),
        (np.zeros(0), np.zeros(0), Level.IDENTICAL, ""),
        (np.float64(1), np.float64(1), Level.IDENTICAL, ""),
        (np.float64(1), np.float64(2), Level.DIFFERENT, ""),
        (np.zeros(3), -np.zeros(3), Level.WITHIN_BOUND, ""),
        (np.array(["a", "b"]), np.array(["a", "bcd"]), Level.DIFFERENT, "the types differ: <U1 against <U3"),
        (np.array([1 + 1j]), np.array([1 + 1j]), Level.IDENTICAL, ""),
        (np.array([True]), np.array([False]), Level.DIFFERENT, ""),
    ],
)
def test_types_and_shapes_are_said(tmp_path, one, two, level, reason):
    (variable,) = saved(tmp_path, one, two).variables
    assert (variable.level, variable.reason) == (level, reason)


def test_fortran_order_is_the_same_array(tmp_path):
    values = np.arange(200 * 300.0).reshape(200, 300)
    other = values.copy()
    other[7, 250] += 1
    for one, two in (
        (values, np.asfortranarray(other)),
        (np.asfortranarray(values), np.asfortranarray(other)),
    ):
        (variable,) = saved(tmp_path, one, two).variables
        assert (variable.metrics.first.where, variable.metrics.out_of_bound) == ("[7, 250]", 1)


def test_fields_of_a_structured_array_are_variables(tmp_path):
    kind = np.dtype([("id", "i8"), ("pos", [("x", "f8"), ("y", ">f4")]), ("tag", "S2"), ("v", "f4", (3,))])
    one = np.zeros(1000, kind)
    two = one.copy()
    two["pos"]["y"][17] = 1
    two["v"][3, 2] = 2
    found = saved(tmp_path, one, two)
    assert [(v.name, v.level.value) for v in found.variables] == [
        ("id", "identical"),
        ("pos.x", "identical"),
        ("pos.y", "different"),
        ("tag", "identical"),
        ("v", "different"),
    ]
    assert [v.metrics.first.where for v in differing(found)] == ["[17]", "[3, 2]"]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 1_499_999))
def test_pieces_of_large_arrays_know_where_they_are(tmp_path, index):
    values = np.zeros(1_500_000)
    other = values.copy()
    other[index] = 1
    (variable,) = saved(tmp_path, values, other).variables
    assert variable.metrics.first.where == f"[{index}]"
    assert variable.metrics.count == 1_500_000


def test_chunks_of_another_shape_are_the_same_data(tmp_path):
    values = np.arange(90 * 70 * 11.0).reshape(90, 70, 11)
    other = values.copy()
    other[80, 69, 10] = np.nan
    for name, data, chunks in (("a", values, (7, 13, 5)), ("b", other, None)):
        with h5py.File(tmp_path / f"{name}.h5", "w") as file:
            file.create_dataset("g/x", data=data, chunks=chunks)
            file["g/x"].attrs["step"] = 3
            file.attrs["made"] = "today" if name == "a" else "yesterday"
    found = compared(tmp_path / "a.h5", tmp_path / "b.h5", ignore=("@made",))
    assert [(v.name, v.level.value) for v in found.variables] == [
        ("g/x", "different"),
        ("g/x@step", "identical"),
    ]
    first = found.variables[0].metrics.first
    assert (first.where, first.reference, first.other) == ("[80, 69, 10]", str(values[80, 69, 10]), "nan")
    assert {v.name for v in differing(compared(tmp_path / "a.h5", tmp_path / "b.h5"))} == {"@made", "g/x"}


def test_what_hdf5_holds_besides_numbers(tmp_path):
    for name in "ab":
        with h5py.File(tmp_path / f"{name}.h5", "w") as file:
            file["text"] = ["x", "y" if name == "a" else "z"]
            file["empty"] = h5py.Empty("f8")
            file["flags"] = np.array([True, name == "a"])
            file["table"] = np.array([(1, 2.0)], [("i", "i4"), ("x", "f8")])
            file.create_dataset("rows", (1,), h5py.vlen_dtype("i4"))[0] = [1, 2]
            file["link"] = np.array([file["text"].ref], h5py.ref_dtype)
            if name == "b":
                file["more"] = 1
    found = {v.name: v for v in compared(tmp_path / "a.h5", tmp_path / "b.h5").variables}
    assert {name: v.level.value for name, v in found.items()} == {
        "empty": "identical",
        "flags": "different",
        "link": "can't tell",
        "rows": "can't tell",
        "table.i": "identical",
        "table.x": "identical",
        "text": "different",
        "more": "missing",
    }
    assert (found["more"].missing_in, found["more"].reason) == ("reference", "only in B")
    assert (
        found["rows"].reason
        == "A: it holds references or arrays of varying lengths, which have no common order"
    )


def test_dimensions_and_attributes_of_netcdf(tmp_path):
    netcdf = pytest.importorskip("netCDF4")
    for name in "ab":
        for kind in ("NETCDF4", "NETCDF3_CLASSIC"):
            with netcdf.Dataset(tmp_path / f"{name}-{kind}.nc", "w", format=kind) as file:
                file.createDimension("t", 3)
                file.createDimension("u", 3)
                variable = file.createVariable("x", "f8", ("t",) if name == "a" else ("u",))
                variable[:] = [1, 2, 3]
                variable.units = "K"
                variable.factor = 1.0 if name == "a" else 1.0 + 1e-12
    for kind in ("NETCDF4", "NETCDF3_CLASSIC"):
        found = compared(tmp_path / f"a-{kind}.nc", tmp_path / f"b-{kind}.nc", Bound(atol=1e-9))
        levels = {v.name: v.level.value for v in found.variables}
        assert levels["x"] == levels["x@units"] == "identical"
        assert (levels["x@dimensions"], levels["x@factor"]) == ("different", "within bound")


def test_columns_of_parquet_with_nulls_stay_exact(tmp_path):
    day = datetime.date(2026, 1, 1)
    for name, third in (("a", 2**62 + 1), ("b", 2**62 + 2)):
        table = pyarrow.table(
            {
                "i": pyarrow.array([1, None, third], pyarrow.int64()),
                "d": [day, None, day],
                "l": [[1], [2, 3], []],
                "s": ["x", None, ""],
            }
        )
        parquet.write_table(table, tmp_path / f"{name}.parquet")
    found = compared(tmp_path / "a.parquet", tmp_path / "b.parquet")
    (variable,) = differing(found)
    assert (variable.name, variable.metrics.maximum_absolute, variable.metrics.first.where) == (
        "i",
        1,
        "row 3",
    )


def test_a_table_without_names_and_with_text_between_numbers(tmp_path):
    (tmp_path / "a.tsv").write_text("1\t2.50\n3\tn/a\n5\t\n")
    (tmp_path / "b.tsv").write_text("1\t2.5\n3\tn/a\n5\t7\n6\t8\n")
    found = compared(tmp_path / "a.tsv", tmp_path / "b.tsv")
    assert [(v.name, v.level.value, v.reason) for v in found.variables] == [
        ("column 1", "different", "3 rows against 4"),
        ("column 2", "different", "3 rows against 4"),
    ]
    assert found.variables[1].metrics.first.where == "row 3"
    assert found.variables[1].metrics.out_of_bound == 1


def test_a_ragged_table_cant_tell(tmp_path):
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    (tmp_path / "b.csv").write_text("a,b\n1,2,3\n")
    found = compared(tmp_path / "a.csv", tmp_path / "b.csv")
    assert found.reason == f"{tmp_path}/b.csv: CSV parse error: Row #2: Expected 2 columns, got 3: 1,2,3"
    (tmp_path / "b.csv").write_text("")
    found = compared(tmp_path / "a.csv", tmp_path / "b.csv")
    assert found.reason == f"{tmp_path}/b.csv: is empty: it has no line with names of columns"


def test_documents_by_path(tmp_path):
    one = {"tasks": [{"t": 1.5, "id": 2**70}, {"t": 2, "id": 1}], "ok": True, "x": None, "s": "12"}
    two = {"tasks": [{"t": 1.5, "id": 2**70 + 1}, {"t": 2.0, "id": 1}], "ok": 1, "s": "12", "new": [1]}
    for name, value in (("a", one), ("b", two)):
        (tmp_path / f"{name}.json").write_text(json.dumps(value))
    found = {v.name: v for v in compared(tmp_path / "a.json", tmp_path / "b.json", Bound(atol=9)).variables}
    assert {name: v.level.value for name, v in found.items()} == {
        "$.tasks[*].t": "within bound",
        "$.tasks[*].id": "different",
        "$.ok": "different",
        "$.x": "missing",
        "$.s": "identical",
        "$.new[*]": "missing",
    }
    assert found["$.tasks[*].id"].metrics.first.where == "$.tasks[0].id"


def test_text_line_by_line(tmp_path):
    (tmp_path / "a.log").write_text("start\nenergy = 1.00001\nend\n")
    (tmp_path / "b.log").write_text("start\nenergy = 1.00002\nend\n")
    found = compared(tmp_path / "a.log", tmp_path / "b.log")
    assert (found.level, found.reason) == (Level.DIFFERENT, "1 lines removed, 1 added")
    assert found.variables[0].metrics.first.where == "line 2"
    assert compared(tmp_path / "a.log", tmp_path / "b.log", Bound(atol=1e-4)).level is Level.WITHIN_BOUND
    (tmp_path / "b.log").write_text("start\nwarning\nenergy = 1.00001\nend\n")
    found = compared(tmp_path / "a.log", tmp_path / "b.log", Bound(atol=1e-4))
    assert (found.variables[0].reason, found.reason) == ("3 lines against 4", "0 lines removed, 1 added")


def test_pixels_of_frames_and_palettes(tmp_path):
    frames = [Image.fromarray(np.full((4, 5), value, np.uint8)) for value in (1, 2, 3)]
    frames[0].save(tmp_path / "a.tif", save_all=True, append_images=frames[1:])
    changed = [*frames[:2], frames[2].copy()]
    changed[2].putpixel((4, 1), 9)
    changed[0].save(tmp_path / "b.tif", save_all=True, append_images=changed[1:])
    (variable,) = differing(compared(tmp_path / "a.tif", tmp_path / "b.tif"))
    assert (variable.name, variable.metrics.first.where) == ("pixels", "[2, 1, 4]")
    picture = Image.fromarray(np.zeros((4, 5, 3), np.uint8))
    picture.convert("P").save(tmp_path / "p.png")
    picture.save(tmp_path / "q.png")
    assert [v.name for v in differing(compared(tmp_path / "p.png", tmp_path / "q.png"))] == ["mode", "pixels"]


def test_files_of_no_format_by_their_bytes(tmp_path):
    (tmp_path / "a.bin").write_bytes(bytes(range(256)) * 9000)
    data = bytearray((tmp_path / "a.bin").read_bytes())
    (tmp_path / "b.bin").write_bytes(data)
    assert same_bytes(tmp_path / "a.bin", tmp_path / "b.bin") is None
    assert compared(tmp_path / "a.bin", tmp_path / "b.bin").reason == "the bytes are identical"
    data[1_500_000] ^= 1
    (tmp_path / "b.bin").write_bytes(data)
    found = compared(tmp_path / "a.bin", tmp_path / "b.bin", Bound(atol=1))
    assert (
        found.reason
        == "the bytes differ, first at offset 1,500,000; the format is unknown, so no bound applies"
    )
    (tmp_path / "b.bin").write_bytes(data[:100])
    assert same_bytes(tmp_path / "a.bin", tmp_path / "b.bin") == 100


def test_an_extra_that_is_missing_is_told(tmp_path, monkeypatch):
    one, two = (write(tmp_path / f"{name}.h5", heat(3) + (name == "b")) for name in "ab")
    monkeypatch.setitem(__import__("sys").modules, "h5py", None)
    found = compared(one, two)
    assert (found.level, found.reason) == (
        Level.CANT_TELL,
        "h5py is not installed: pip install 'recup-kg[results]'",
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(["npy", "npz", "h5", "nc", "parquet", "json", "csv", "png"]), data=st.data())
def test_no_damage_gives_a_traceback(tmp_path, kind, data):
    one = write(tmp_path / f"a.{kind}", np.floor(heat(9)))
    content = bytearray(one.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    two = tmp_path / f"b.{kind}"
    two.write_bytes(content[: data.draw(st.integers(1, len(content)))])
    assert compared(one, two).level in Level


@pytest.mark.parametrize("header", ["{'descr': '<f8', (", '{\'descr\': """', "  {\n {"])
def test_a_header_that_is_no_python(tmp_path, header):
    one = write(tmp_path / "a.npy", heat(3))
    two = tmp_path / "b.npy"
    two.write_bytes(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode())
    found = compared(one, two)
    assert found.level is Level.CANT_TELL
    assert "is no NumPy array: " in (found.reason or "")


def test_a_member_that_is_no_array(tmp_path):
    for name in "ab":
        stream = io.BytesIO()
        np.save(stream, np.arange(3))
        with zipfile.ZipFile(tmp_path / f"{name}.npz", "w") as archive:
            archive.writestr("x.npy", stream.getvalue())
            archive.writestr("notes.txt", name)
    found = compared(tmp_path / "a.npz", tmp_path / "b.npz")
    assert [(v.name, v.level.value) for v in found.variables] == [
        ("x", "identical"),
        ("notes.txt", "can't tell"),
    ]
