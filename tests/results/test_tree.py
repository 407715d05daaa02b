"""Error-bounded trees: what they promise, and comparisons that need no old data or read little of them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from recup_kg.errors import MalformedSource, SourceError, UsageError
from recup_kg.result_comparisons import Level
from recup_kg.results.against import compare_with_fingerprint, suspicious
from recup_kg.results.fingerprint import leaves_of, load, save, take, whole_chunks
from recup_kg.results.raw import RawElements
from recup_kg.results.tree import HASH, Leaves, bins, leaves, root
from tests.results.samples import FORMATS, heat, write


@st.composite
def near(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, float]:
    """Two arrays whose elements are about eps apart, at any size of values."""
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    eps = draw(st.sampled_from([1e-9, 1e-3, 0.1, 1.0, 1e6]))
    a = draw(arrays.arrays(dtype, draw(st.integers(1, 12))))
    steps = draw(arrays.arrays(np.float64, a.size, elements=st.floats(-2, 2)))
    with np.errstate(all="ignore"):
        return a, (a + steps * eps).astype(dtype), eps


@settings(max_examples=500, deadline=None)
@given(near())
def test_what_is_equal_in_either_grid_is_within_eps(pair):
    a, b, eps = pair
    for one, two in zip(bins(a, eps), bins(b, eps), strict=True):
        for index in np.flatnonzero(one == two):
            x, y = float(a[index]), float(b[index])
            both_special = (math.isnan(x) and math.isnan(y)) or x == y
            assert both_special or abs(x - y) <= eps


@settings(max_examples=100, deadline=None)
@given(st.integers(-(2**63), 2**63 - 2), st.sampled_from([1e-3, 1.0, 2.5]))
def test_neighbouring_integers_share_a_bin_only_within_eps(value, eps):
    grids = bins(np.array([value, value + 1], np.int64), eps)
    assert eps >= 1 or all(grid[0] != grid[1] for grid in grids)


def test_complex_numbers_are_within_eps_by_modulus():
    rng = np.random.default_rng(5)
    a = rng.uniform(-3, 3, 4000) + 1j * rng.uniform(-3, 3, 4000)
    b = a + rng.uniform(-1, 1, 4000) + 1j * rng.uniform(-1, 1, 4000)
    for one, two in zip(bins(a, 1.0), bins(b, 1.0), strict=True):
        same = (one == two).reshape(-1, 2).all(axis=1)
        assert same.any() and (np.abs(a - b)[same] <= 1.0).all()


def test_nan_is_one_bin_whatever_its_bits():
    quiet = np.array([np.nan])
    other = (quiet.view(np.int64) | 1).view(np.float64)
    assert bins(quiet, 1.0)[0] == bins(other, 1.0)[0]
    assert leaves(quiet, 1.0).exact != leaves(other, 1.0).exact
    assert bins(np.array([np.inf]), 1.0)[0] != bins(np.array([-np.inf]), 1.0)[0]


@given(st.integers(0, 40), st.data())
def test_the_root_depends_on_every_leaf(count, data):
    hashes = [bytes([number]) * HASH for number in range(count)]
    before = root(b"".join(hashes))
    assert len(before) == HASH
    if hashes:
        place = data.draw(st.integers(0, count - 1))
        hashes[place] = b"\xff" * HASH
        assert root(b"".join(hashes)) != before


def test_false_alarms_are_as_rare_as_two_grids_make_them():
    rng = np.random.default_rng(1)
    a = rng.standard_normal(1024 * 2000)
    b = a + 1e-10 * rng.standard_normal(a.size)
    one, two = leaves(a, 1e-6), leaves(b, 1e-6)
    single = np.frombuffer(one.grid, f"V{HASH}") != np.frombuffer(two.grid, f"V{HASH}")
    assert 0.04 < single.mean() < 0.11
    assert suspicious(one, two).size / 2000 < 0.015


@given(st.lists(st.integers(1, 7), max_size=9), st.integers(1, 5))
def test_pieces_are_cut_to_whole_chunks(sizes, size):
    values = np.arange(sum(sizes))
    parts = np.split(values, np.cumsum(sizes)[:-1]) if sizes else []
    found = [block[0] for block in whole_chunks(iter([(part,) for part in parts]), size)]
    assert all(len(block) == size for block in found[:-1])
    assert np.concatenate([*found, values[:0]]).tolist() == values.tolist()


def fingerprint(path, eps=1e-6, chunk=16):
    to = path.with_name("old.recup-fp")
    save(take(path, eps, chunk=chunk), to)
    return to


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind not in ("png", "tif")])
def test_new_data_need_no_old_ones(tmp_path, kind):
    values = heat(20)
    stored = fingerprint(write(tmp_path / f"a.{kind}", values))
    for name, change, level in (
        ("same", 0.0, Level.IDENTICAL),
        ("near", 1e-12, Level.WITHIN_BOUND),
        ("far", 1.0, Level.CANT_TELL),
    ):
        folder = tmp_path / name
        folder.mkdir()
        new = write(folder / f"a.{kind}", values + change * (np.arange(15) == 7))
        assert compare_with_fingerprint(stored, new, "1").level is level
    found = compare_with_fingerprint(stored, new, "1", old=tmp_path / f"a.{kind}")
    assert found.level is Level.DIFFERENT
    variable = next(it for it in found.files[0].variables if it.level is Level.DIFFERENT)
    assert variable.metrics.maximum_absolute == 1.0


def test_only_chunks_that_may_differ_are_read(tmp_path, monkeypatch):
    values = np.arange(10_000.0)
    np.save(tmp_path / "a.npy", values)
    stored = fingerprint(tmp_path / "a.npy", chunk=100)
    values[4321] += 1
    np.save(tmp_path / "b.npy", values)
    read = []
    original = RawElements.load

    def counted(self, start, stop, into=None):
        read.append((start, stop))
        return original(self, start, stop, into)

    taken = take(tmp_path / "b.npy", 1e-6, chunk=100)
    monkeypatch.setattr("recup_kg.results.against.take", lambda *_, **__: taken)
    monkeypatch.setattr(RawElements, "load", counted)
    (file,) = compare_with_fingerprint(stored, tmp_path / "b.npy", "1", old=tmp_path / "a.npy").files
    assert read == [(4300, 4400), (4300, 4400)]
    (variable,) = file.variables
    assert variable.metrics.first.where == "[4321]"
    assert variable.reason == (
        "1 of 100 chunks of 100 values may differ by more than 1e-06 and were read: the numbers are of these"
    )


def test_a_false_alarm_is_cleared_by_the_old_data(tmp_path):
    # On the edge of a bin in both grids: one value each.
    width = (1 - 2.0**-8) * 1e-3
    values = np.array([width * 10, width * 10.5])
    np.save(tmp_path / "a.npy", values)
    stored = fingerprint(tmp_path / "a.npy", eps=1e-3)
    np.save(tmp_path / "b.npy", values - 1e-6)
    assert compare_with_fingerprint(stored, tmp_path / "b.npy", "1").level is Level.CANT_TELL
    assert (
        compare_with_fingerprint(stored, tmp_path / "b.npy", "1", old=tmp_path / "a.npy").level
        is Level.WITHIN_BOUND
    )


def test_folders_shapes_types_and_missing_variables(tmp_path):
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        np.save(tmp_path / name / "x.npy", np.zeros((2, 3) if name == "old" else (3, 2)))
        np.save(tmp_path / name / "i.npy", np.arange(3) + (name == "new"))
        (tmp_path / name / f"only-{name}.txt").write_text("x")
        (tmp_path / name / "b.bin").write_bytes(b"\x00\xff" + name.encode())
        (tmp_path / name / "broken.npy").write_bytes(b"\x93NUMPY")
    stored = fingerprint(tmp_path / "old")
    found = compare_with_fingerprint(stored, tmp_path / "new", "1")
    levels = {
        file.name: (file.level.value, file.variables[0].reason if file.variables else file.reason)
        for file in found.files
    }
    assert levels["x.npy"] == ("different", "the shapes differ: [2, 3] against [3, 2]")
    assert levels["i.npy"] == ("different", "1 of 1 chunks of 16 values differ, the first from [0] on")
    assert levels["b.bin"][0] == "different"
    assert levels["only-old.txt"] == ("missing", "only in the fingerprint")
    assert levels["only-new.txt"] == ("missing", "only in the new data")
    assert levels["broken.npy"][0] == "can't tell"


def test_a_fingerprint_says_the_same_whatever_the_layout(tmp_path):
    values = heat(20)
    np.save(tmp_path / "c.npy", values)
    np.save(tmp_path / "f.npy", np.asfortranarray(values))
    one, two = (take(tmp_path / name, 1e-6).trees[0].roots for name in ("c.npy", "f.npy"))
    assert one == two


def test_damaged_fingerprints(tmp_path):
    write(tmp_path / "a.npy", heat(20))
    stored = fingerprint(tmp_path / "a.npy")
    text = tmp_path / "text.recup-fp"
    text.write_text("nothing")
    with pytest.raises(
        MalformedSource, match=r"text\.recup-fp: is no fingerprint: .*; recup results --fingerprint makes one"
    ):
        load(text)
    with pytest.raises(SourceError, match="none: there is no such file"):
        load(tmp_path / "none")
    other = load(stored)
    tree = other.trees[0]
    wrong = type(tree)(tree.file, tree.name, tree.dtype, tree.shape, ("0", "0", "0"))
    with pytest.raises(MalformedSource, match="its hashes don't make its roots"):
        leaves_of(stored, wrong)
    assert isinstance(leaves_of(stored, tree), Leaves)
    for eps in (0.0, -1.0, math.inf, math.nan):
        with pytest.raises(UsageError, match="give a finite number"):
            take(tmp_path / "a.npy", eps)
