"""recup results."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest

from tests.results.samples import checkpoints, heat, write


@pytest.fixture
def pair(tmp_path):
    other = heat(20)
    other[3, 4] += 0.5
    return write(tmp_path / "a.npy", heat(20)), write(tmp_path / "b.npy", other)


def test_two_files(recup, pair, tmp_path):
    outcome = recup("results", *(path.name for path in pair), "--atol", "1e-6")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines() == [
        "different: different",
        "A  a.npy",
        "B  b.npy",
        "bound  |B - A| <= 1e-06 + 0 |A|; NaN equal, inf equal",
        "1 different",
        "",
        "a.npy: different",
        "  1 of 180 out of bound (0.556 %), 179 identical",
        *outcome.out.splitlines()[8:9],
        f"  first [3, 4]: {heat(20)[3, 4]!s} against {heat(20)[3, 4] + 0.5!s}",
    ]
    assert outcome.out.splitlines()[8].startswith("  max abs 0.5, max rel ")
    assert not (tmp_path / "recup-store").exists()


def test_lines_fit_the_terminal(recup, tmp_path):
    for name, source in (("a", 1.0), ("b", 1.01)):
        checkpoints(tmp_path / name, parting=10, source=source)
        write(tmp_path / name / "t.csv", heat(9) * source)
        (tmp_path / name / "run.log").write_text(f"the energy of all {'very ' * 30} hot plates is {source}\n")
    outcome = recup("results", "a", "b", "--theta", "0.01", "-v")
    assert max(map(len, outcome.out.splitlines())) <= 100
    assert "state_*.npy: parts at iteration" in outcome.out or "equivalent" in outcome.out


def test_exit_codes(recup, pair):
    assert recup("results", *pair, "--fail-on", "different").code == 1
    assert recup("results", *pair, "--fail-on", "different", "--atol", "1").code == 0
    assert recup("results", pair[0], pair[0], "--fail-on", "cant-tell").code == 0
    for path in pair:
        path.write_bytes(b"\x93NUMPY" + path.name.encode())
    assert recup("results", *pair, "--fail-on", "different").code == 0
    assert recup("results", *pair, "--fail-on", "cant-tell").code == 1


def test_machines_get_the_same(recup, pair):
    document = recup("results", *pair, "--json").json
    assert (document["verdict"], document["counts"]["different"]) == ("different", 1)
    table = recup("results", *pair, "--format", "csv").out
    (row,) = csv.DictReader(io.StringIO(table))
    assert (row["level"], row["out_of_bound"], row["first"]) == ("different", "1", "[3, 4]")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give two files, or two folders: A B"),
        (("a.npy",), "give two files, or two folders: A B"),
        (("a.npy", "b.npy", "--eps", "1", "--atol", "1"), "--eps and --atol are the same bound here"),
        (("a.npy", "b.npy", "--atol", "-1"), "-1.0 is not a finite number of at least 0"),
        (("a.npy", "b.npy", "--rtol", "nan"), "nan is not a finite number of at least 0"),
        (("a.npy", "--fingerprint"), "--fingerprint wants one file or folder and --eps"),
        (("a.npy", "--fingerprint", "--eps", "0"), "eps is 0: give a finite number of at least 1e-290"),
        (("a.npy", "none.npy"), "none.npy: there is no such file or folder"),
        (("a.npy", "--against-fingerprint", "none"), "none: there is no such file"),
        (("--against-fingerprint", "none"), "wants one new file or folder"),
        (("--ensemble", "a.npy"), "--ensemble wants the new runs as well"),
        (("a.npy", "--ensemble", "a.npy"), "an ensemble needs at least 5 members, there are 1"),
        (("a.npy", "--ensemble", "no/*"), "no/*: there is no such file or folder"),
    ],
)
def test_bad_usage(recup, pair, arguments, message):
    outcome = recup("results", *arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert message in outcome.err
    assert "Traceback" not in outcome.err


def test_fingerprints(recup, pair, tmp_path):
    outcome = recup("results", "--fingerprint", "a.npy", "--eps", "1e-6")
    assert outcome.out.startswith("a.npy.recup-fp: 1 variables, ")
    assert recup("results", "--fingerprint", "a.npy", "--eps", "1e-6", "--json").json["chunk"] == 1024
    outcome = recup("results", "--against-fingerprint", "a.npy.recup-fp", "b.npy", "--fail-on", "cant-tell")
    assert outcome.code == 1
    assert "1 of 1 chunks of 1,024 values may differ by more than 1e-06" in outcome.out
    outcome = recup("results", "--against-fingerprint", "a.npy.recup-fp", "b.npy", "--reference", "a.npy")
    assert "first [3, 4]: " in outcome.out
    (tmp_path / "c.npy").write_bytes(pair[0].read_bytes())
    assert (
        "the roots of the bytes are equal"
        in recup("results", "--against-fingerprint", "a.npy.recup-fp", "c.npy", "-v").out
    )


def test_ensembles(recup, tmp_path):
    rng = np.random.default_rng(6)
    for number in range(12):
        np.savez(tmp_path / f"member-{number}.npz", **{f"v{i}": rng.normal(5, 1, 20) for i in range(4)})
    for number in range(3):
        np.savez(tmp_path / f"new-{number}.npz", **{f"v{i}": rng.normal(50, 1, 20) for i in range(4)})
    new = [f"new-{number}.npz" for number in range(3)]
    outcome = recup("results", "--ensemble", "member-*.npz", *new, "--fail-on", "different")
    assert outcome.code == 1
    assert outcome.out.startswith("different: 3 runs against 12 members, 4 variables, 4 components\n")
    document = recup("results", "--ensemble", "member-*.npz", *new, "--theta", "1", "--json").json
    assert document["level"] == "different"
    assert not document["equivalences"]["v0"]["holds"]


def test_a_comparison_is_kept_where_that_is_asked_for(recup, pair):
    outcome = recup("results", *pair, "--keep")
    assert outcome.err.startswith("kept as results-")
    name = outcome.err.split()[-1]
    answer = recup("query", "results-agreement", "-p", f"results={name}", "--json")
    assert answer.code == 0 and "DifferentResult" in answer.out
    assert recup("results", *pair, "--runs", "x", "y").code == 2
