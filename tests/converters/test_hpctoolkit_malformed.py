"""Broken databases of HPCToolkit: one clear line each, that names the file and the byte or line."""

from __future__ import annotations

import gzip
import resource
import struct
import sys
import time
from itertools import pairwise
from pathlib import Path
from shutil import copytree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recup_kg.converters.hpctoolkit import members, read, sniff
from recup_kg.errors import MalformedSource
from tests.converters.hpctoolkit_writer import Ctx, Database, Prof

METRIC = (("M (sec)", ((0, 0), (2, 2)), ((0, "$$", 0, 0), (2, "$$", 0, 2))),)
BASE = Database(
    metrics=METRIC,
    modules=("/bin/m",),
    files=("m.c",),
    functions=(("main", 0, 16, 0, 3),),
    entries=((1, 1, "main thread", (Ctx(2, function=0, children=(Ctx(3, 2, 0, 1, source=(0, 4)),)),)),),
    profiles=(
        Prof({0: {2: 2.0}, 3: {2: 2.0}}, None, True),
        Prof({0: {2: 2.0}, 3: {2: 2.0}}, ((3, 0, 0, 0),)),
    ),
    traces=((1, ((10, 0), (20, 3))),),
)
NAMES = ("meta.db", "profile.db", "cct.db")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return BASE.write(tmp_path)


def message(path: Path) -> str:
    with pytest.raises(MalformedSource) as error:
        read(path)
    text = str(error.value)
    assert "\n" not in text
    return text.replace(f"{path.parent}/", "")


def section(path: Path, number: int) -> tuple[int, int]:
    """Offset and size of a section."""
    size, offset = struct.unpack_from("<QQ", path.read_bytes(), 16 + 16 * number)
    return offset, size


def patch(path: Path, offset: int, data: bytes) -> None:
    old = path.read_bytes()
    path.write_bytes(old[:offset] + data + old[offset + len(data) :])


def test_the_base_is_good(database: Path) -> None:
    assert len(read(database).records) == 7


def test_wrong_magic(database: Path) -> None:
    patch(database.with_name("profile.db"), 0, b"X")
    assert message(database) == (
        "profile.db: byte 0: not a database file of HPCToolkit of the kind 'prof'; "
        "make the database again with hpcprof, or copy it again"
    )


def test_the_kinds_are_not_swapped(database: Path) -> None:
    database.with_name("profile.db").write_bytes(database.read_bytes())
    assert "not a database file of HPCToolkit of the kind 'prof'" in message(database)


@pytest.mark.parametrize("name", NAMES)
def test_another_major_version(name: str, database: Path) -> None:
    patch(database.with_name(name), 14, b"\5")
    assert message(database) == (
        f"{name}: byte 14: major version 5 of the format can't be read, only 4; "
        "make the database again with an hpcprof of HPCToolkit 2023 or later"
    )


@pytest.mark.parametrize("name", NAMES)
def test_cut_off_anywhere(name: str, database: Path) -> None:
    path = database.with_name(name)
    whole = path.read_bytes()
    for length in range(1, len(whole)):
        path.write_bytes(whole[:length])
        assert message(database).startswith(f"{name}: byte ")


@pytest.mark.parametrize("name", NAMES)
def test_cut_off_at_section_boundaries_with_its_end_kept(name: str, root: Path, tmp_path: Path) -> None:
    """The footer alone does not make a whole file."""
    folder = tmp_path / "d"
    copytree(root / "data" / "hpctoolkit" / "small", folder)
    path = folder / name
    whole = path.read_bytes()
    count = {"meta.db": 8, "profile.db": 2, "cct.db": 1}[name]
    offsets = sorted(
        {offset for number in range(count) for offset in section(path, number) if offset < len(whole)}
    )
    assert len(offsets) >= 2
    for offset in (16, *offsets):
        path.write_bytes(whole[:offset] + whole[-8:])
        assert message(folder / "meta.db").startswith(f"{name}: byte ")


@pytest.mark.parametrize("missing", ["meta.db", "profile.db"])
def test_a_part_alone(missing: str, database: Path) -> None:
    database.with_name(missing).unlink()
    path = database.with_name("cct.db")
    assert sniff(path)
    assert path in members(path)
    assert message(path) == (
        f"cct.db: {missing} is not beside it; keep meta.db, profile.db and cct.db of a database together"
    )


def test_without_cct_the_values_are_there(database: Path) -> None:
    database.with_name("cct.db").unlink()
    (gap,) = (gap for gap in read(database).gaps if gap.where == "cct.db")
    assert (gap.kind, gap.comment) == ("NotCaptured", "the file is not there; profile.db has the same values")


def test_a_cct_of_other_values(database: Path) -> None:
    path = database.with_name("cct.db")
    place = path.read_bytes().index(struct.pack("<d", 2.0))
    patch(path, place, struct.pack("<d", 3.0))
    (gap,) = (gap for gap in read(database).gaps if gap.where == "cct.db")
    assert gap.kind == "ConflictingValue"


def test_a_broken_trace_is_a_gap(database: Path) -> None:
    path = database.with_name("trace.db")
    path.write_bytes(path.read_bytes()[:-9])
    (gap,) = (gap for gap in read(database).gaps if gap.kind == "UnreadableValue")
    assert gap.comment == "trace.db: the file is cut off: it does not end in trace.db"
    assert gap.where.startswith("trace.db, byte ")


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("name", ["profile.db", "cct.db"])
def test_no_number(number: float, name: str, database: Path) -> None:
    path = database.with_name(name)
    place = path.read_bytes().index(struct.pack("<d", 2.0))
    patch(path, place, struct.pack("<d", number))
    assert f"{name}: byte {place}: a value of " in message(database)
    assert f"is {number}, which is no number" in message(database)


def test_large_numbers_are_numbers(tmp_path: Path) -> None:
    values = {0: {2: 1.7e308}, 3: {2: 1.7e308}, 2: {2: 1.7e308}}
    profiles = (Prof(values, None, True), Prof(values, ((3, 0, 0, 0),)))
    base = Database(metrics=METRIC, entries=BASE.entries[:0], profiles=profiles)
    assert len(read(base.write(tmp_path)).tables) == 2


def test_a_tree_that_leads_back_into_itself(database: Path) -> None:
    offset, _ = section(database, 3)
    entries = struct.unpack_from("<Q", database.read_bytes(), offset)[0]
    size, children = struct.unpack_from("<QQ", database.read_bytes(), entries)
    patch(database, children, struct.pack("<QQ", size, children))
    assert message(database).startswith(f"meta.db: byte {children}: context 2 is in the tree twice; ")


def test_children_beyond_the_file(database: Path) -> None:
    offset, _ = section(database, 3)
    entries = struct.unpack_from("<Q", database.read_bytes(), offset)[0]
    patch(database, entries, struct.pack("<QQ", 2**63, 2**40))
    assert f"the children of context 1 should be {2**63} bytes at byte {2**40}, beyond the" in message(
        database
    )


def test_children_that_end_within_one(database: Path) -> None:
    offset, _ = section(database, 3)
    entries = struct.unpack_from("<Q", database.read_bytes(), offset)[0]
    patch(database, entries, struct.pack("<Q", 33))
    assert "context 2 is longer than the list that it is in" in message(database)


def test_strings_beyond_the_file(database: Path) -> None:
    offset, _ = section(database, 0)
    patch(database, offset, struct.pack("<Q", 2**60))
    assert message(database).startswith(
        f"meta.db: byte {offset}: the title should begin at byte {2**60} and end before the file does; "
    )


# Section 4, that of strings, is not used: strings have offsets of their own.
@pytest.mark.parametrize("number", [0, 1, 2, 3, 5, 6, 7])
def test_sections_beyond_the_file(number: int, database: Path) -> None:
    patch(database, 16 + 16 * number, struct.pack("<QQ", 2**62, 2**62))
    assert message(database).startswith(f"meta.db: byte {16 + 16 * number}: the section of ")


@pytest.mark.parametrize(
    ("name", "number", "place", "layout"),
    [
        ("meta.db", 2, 8, "<I"),
        ("meta.db", 5, 8, "<I"),
        ("meta.db", 6, 8, "<I"),
        ("meta.db", 7, 8, "<I"),
        ("meta.db", 3, 8, "<H"),
        ("profile.db", 0, 8, "<I"),
        ("cct.db", 0, 8, "<I"),
    ],
)
def test_counts_that_ask_for_terabytes(
    name: str, number: int, place: int, layout: str, database: Path
) -> None:
    path = database.with_name(name)
    offset, _ = section(path, number)
    patch(path, offset + place, b"\xff" * struct.calcsize(layout))
    assert "beyond the" in message(database)


@pytest.mark.parametrize(("name", "least"), [("profile.db", 44), ("cct.db", 32)])
def test_entries_too_small(name: str, least: int, database: Path) -> None:
    path = database.with_name(name)
    offset, _ = section(path, 0)
    patch(path, offset + 12, b"\1")
    assert f"has entries of 1 bytes, fewer than the {least} of version 4.0" in message(database)


@pytest.mark.parametrize("value", [2**20, 2**40, 2**63])
def test_values_that_ask_for_terabytes(value: int, database: Path) -> None:
    path = database.with_name("profile.db")
    offset, _ = section(path, 0)
    first = struct.unpack_from("<Q", path.read_bytes(), offset)[0]
    patch(path, first, struct.pack("<Q", value))
    assert f"the values of profile 0 should be {value * 10} bytes" in message(database)


def test_profiles_that_share_their_values(tmp_path: Path) -> None:
    """Many profiles that point at one large block would need far more memory than the file has bytes."""
    values = {context: {2: 1.0} for context in range(2000)}
    base = Database(metrics=METRIC, profiles=(Prof(values, None, True), *(Prof({}, ()) for _ in range(2000))))
    path = base.write(tmp_path).with_name("profile.db")
    offset, _ = section(path, 0)
    data = bytearray(path.read_bytes())
    first = struct.unpack_from("<Q", data, offset)[0]
    for place in range(1, 2001):
        data[first + 48 * place : first + 48 * place + 32] = data[first : first + 32]
    path.write_bytes(data)
    assert "overlaps what was read before: all of it is longer than the file" in message(path)


def test_an_index_out_of_order(database: Path) -> None:
    path = database.with_name("profile.db")
    offset, _ = section(path, 0)
    first = struct.unpack_from("<Q", path.read_bytes(), offset)[0]
    index = struct.unpack_from("<Q", path.read_bytes(), first + 24)[0]
    patch(path, index, struct.pack("<IQIQ", 3, 0, 0, 1))
    assert f"profile.db: byte {index}: the index of profile 0 is not in order" in message(database)
    patch(path, index, struct.pack("<IQIQ", 0, 0, 3, 9))
    assert "the index of profile 0 is not in order or leads past its 2 values" in message(database)
    patch(path, index, struct.pack("<IQIQ", 0, 1, 3, 1))
    assert "2 values of profile 0 begin before its index does" in message(database)


def test_files_of_two_databases(tmp_path: Path) -> None:
    other = Database(metrics=METRIC, profiles=(Prof({}, None, True), Prof({0: {9: 1.0}}, ((3, 0, 0, 0),))))
    path = other.write(tmp_path)
    assert message(path) == (
        "profile.db: values of metric 9, which meta.db does not describe; take all files from one database"
    )


def test_pointers_to_nothing(database: Path) -> None:
    offset, _ = section(database, 7)
    first = struct.unpack_from("<Q", database.read_bytes(), offset)[0]
    patch(database, first + 8, struct.pack("<Q", 7))
    assert message(database).startswith(f"meta.db: byte {first}: no load module begins at byte 7; ")


def test_strings_that_are_not_utf8(database: Path) -> None:
    patch(database, database.read_bytes().index(b"/bin/m"), b"/b\xffn/m")
    evidence = read(database)
    (gap,) = (gap for gap in evidence.gaps if gap.where.startswith("meta.db"))
    assert gap.kind == "UnreadableValue"
    assert any(getattr(record, "load_module", None) == "/b\\xffn/m" for record in evidence.records)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from((*NAMES, "trace.db")), st.integers(0, 10**6), st.binary(min_size=1, max_size=9))
def test_any_damage_is_read_or_refused(name: str, place: int, damage: bytes) -> None:
    """Bytes replaced anywhere: an answer, or one line; never another error."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        path = BASE.write(Path(folder))
        size = path.with_name(name).stat().st_size
        patch(path.with_name(name), place % size, damage)
        try:
            read(path)
        except MalformedSource as error:
            assert "\n" not in str(error)
    if sys.platform == "linux":  # In KiB there, and in bytes elsewhere.
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 2 * 2**20


XML = """<?xml version="1.0"?>
<!DOCTYPE HPCToolkitExperiment [ %s ]>
<HPCToolkitExperiment version="2.2">
<Header n="x"><Info/></Header>
<SecCallPathProfile i="0" n="x"><SecHeader><MetricTable>
<Metric i="0" n="T (sec):Sum (I)" t="inclusive"/></MetricTable>
<ProcedureTable><Procedure i="7" n="main"/></ProcedureTable></SecHeader>
<SecCallPathProfileData>%s</SecCallPathProfileData></SecCallPathProfile>
</HPCToolkitExperiment>
"""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            XML % ('<!ENTITY a "aaaa">', ""),
            "experiment.xml: line 2: it declares the entity 'a'; files of HPCToolkit declare none",
        ),
        (
            XML % ('<!ENTITY a SYSTEM "file:///etc/passwd">', "<PF i='2' n='&a;'/>"),
            "it declares the entity 'a'",
        ),
        (XML % ("", "<PF i='2' n='7'>"), "experiment.xml: line 8: not well-formed XML: mismatched tag"),
        (XML % ("", "<PF i='2' n='7'/><PF i='2' n='7'/>"), "line 8: context 2 is there twice"),
        (XML % ("", "<PF i='x' n='7'/>"), "line 8: 'x' is no number of a context or metric"),
        (XML % ("", "<PF i='99999999999' n='7'/>"), "'99999999999' is no number of a context or metric"),
        (
            XML % ("", "<PF i='2' n='7'><M n='9' v='1'/></PF>"),
            "line 8: a value of metric 9, which is not described",
        ),
        (
            XML % ("", "<PF i='2' n='7'><M n='0' v='1'/><M n='0' v='1'/></PF>"),
            "context 2 has two values of metric 0",
        ),
        (XML % ("", "<PF i='2' n='7'><M n='0' v='many'/></PF>"), "line 8: 'many' is no number"),
        (XML % ("", "<PF i='2' n='7'><M n='0' v='1_0'/></PF>"), "line 8: '1_0' is no number"),
        (XML % ("", "<PF i='2' n='7'><M n='0'/></PF>"), "line 8: <M> without v"),
        (
            (XML % ("", "")).replace('version="2.2"', 'version="4.0"'),
            "version '4.0' of the format can't be read, only 2 and 3",
        ),
        ((XML % ("", "")).replace(' version="2.2"', ""), "<HPCToolkitExperiment> without version"),
        (
            (XML % ("", "")).replace("</Sec", "<SecFlatProfile n='y'/></Sec", 1),
            "line 7: a second profile in one file",
        ),
        ((XML % ("", "")).replace("?>", " encoding='shift_jis'?>", 1), "line 1: its encoding can't be read"),
        ((XML % ("", "")).replace("?>", " encoding='none-such'?>", 1), "experiment.xml: line 1: "),
        ((XML % ("", ""))[:200], "line 6: not well-formed XML: unclosed token"),
    ],
)
def test_malformed_xml(text: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "experiment.xml"
    path.write_text(text)
    assert sniff(path)
    assert problem in message(path)


def test_an_entity_bomb_does_nothing(tmp_path: Path) -> None:
    names = "abcdefghij"
    bomb = '<!ENTITY a "lol">' + "".join(
        f'<!ENTITY {name} "{f"&{before};" * 10}">' for before, name in pairwise(names)
    )
    path = tmp_path / "experiment.xml"
    path.write_text(XML % (bomb, "<PF i='2' n='&j;'/>"))
    assert "it declares the entity 'a'" in message(path)


def test_deep_trees_are_read(tmp_path: Path) -> None:
    path = tmp_path / "experiment.xml"
    deep = "".join(f"<PF i='{number}' n='7'>" for number in range(2, 20_002)) + "</PF>" * 20_000
    path.write_text(XML % ("", deep))
    (table,) = read(path).tables
    assert len(table.columns["context"]) == 20_000


def test_deep_calls_of_many_procedures_take_no_longer(tmp_path: Path) -> None:
    path = tmp_path / "experiment.xml"
    tags = ("PF", "Pr")
    deep = [
        f"<{tags[number % 3 != 0]} i='{number}' n='p{number}'><M n='0' v='1'/>" for number in range(2, 20_002)
    ]
    ends = [f"</{tags[number % 3 != 0]}>" for number in range(20_001, 1, -1)]
    path.write_text(XML % ("", "".join(deep + ends)))
    start = time.process_time()
    assert len(read(path).records) > 20_000
    assert time.process_time() - start < 20


def test_values_that_are_no_numbers_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "experiment.xml"
    path.write_text(
        XML % ("", "<PF i='2' n='7'><M n='0' v='-nan'/></PF><PF i='3' n='7'><M n='0' v='1e999'/></PF>")
    )
    evidence = read(path)
    assert [(gap.kind, gap.where) for gap in evidence.gaps] == [
        ("NotCaptured", "experiment.xml"),
        ("UnreadableValue", "experiment.xml, line 8"),
    ]


def test_a_damaged_archive(tmp_path: Path) -> None:
    path = tmp_path / "experiment.xml.gz"
    whole = gzip.compress((XML % ("", "")).encode() * 40)
    path.write_bytes(whole[: len(whole) // 2])
    assert "the compressed file is damaged" in message(path)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda data: data[:-1], "60 rows of 2 values are 992 bytes; the file has 991"),
        (lambda data: b"X" + data[1:], "byte 0: not a metric database of HPCToolkit"),
        (lambda data: data[:23] + b"x" + data[24:], "byte 23: byte order b'x' is none that is known"),
        (
            lambda data: data[:28] + struct.pack(">I", 3) + data[32:],
            "byte 28: 3 metrics where experiment.xml describes 2",
        ),
        (
            lambda data: data[:24] + b"\xff" * 4 + data[28:],
            "4294967295 rows of 2 values are 68719476752 bytes",
        ),
        (
            lambda data: data[:40] + struct.pack(">d", float("nan")) + data[48:],
            "byte 40: a value is nan, which is no number",
        ),
        (
            lambda data: data[:24] + struct.pack(">I", 61) + data[28:] + bytes(16),
            "61 rows where experiment.xml has contexts up to 60",
        ),
    ],
)
def test_malformed_metric_databases(change, problem: str, root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "d"
    copytree(root / "data" / "hpctoolkit" / "cpi", folder)
    path = min(folder.glob("*.metric-db"))
    path.write_bytes(change(path.read_bytes()))
    text = message(folder / "experiment.xml")
    assert text.startswith(path.name)
    assert problem in text
