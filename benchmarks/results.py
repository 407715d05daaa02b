"""`recup results A B` for a pair of large arrays, against reading both files and against peers, in the same run.

python -m benchmarks.results [--megabytes 1024] [--times 3] [--json]
python -m benchmarks.results --false-alarms

Each command is a whole process; what it takes for arrays of 1 MB is its start and is not counted in the share. Cold: the
files are dropped from the page cache before (posix_fadvise). The
share is the time of reading both files one after the other over that of the command: 1 is as fast as reading. Peers that are
not installed are
said so.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import measure

BOUND = 1e-6
NOISE = 1e-10
PIECE = 1 << 24
READ = """
import os, sys
buffer = bytearray(1 << 20)
for path in sys.argv[1:]:
    with open(path, "rb", buffering=0) as file:
        while file.readinto(buffer):
            pass
"""
ALLCLOSE = """
import sys, numpy
one, two = map(numpy.load, sys.argv[1:])
numpy.allclose(two, one, rtol=0, atol=1e-6, equal_nan=True)
"""


def write(folder: Path, megabytes: int) -> dict[str, tuple[Path, Path]]:
    """Pairs of .npy files of doubles: the same bytes, one value changed, noise below the bound everywhere; the last as HDF5
    too."""
    rng = np.random.default_rng(1)
    count = megabytes * (1 << 20) // 8
    paths = {name: folder / f"{name}.npy" for name in ("a", "same", "one", "noise")}
    with ExitStack() as stack:
        # No memory maps: what this process has in memory would count as the peak of its children.
        files = {name: stack.enter_context(path.open("wb")) for name, path in paths.items()}
        for file in files.values():
            header = {"descr": "<f8", "fortran_order": False, "shape": (count,)}
            np.lib.format.write_array_header_1_0(file, header)
        for start in range(0, count, PIECE // 8):
            values = rng.standard_normal(min(PIECE // 8, count - start))
            changed = values.copy()
            changed[0] += start == 0
            noisy = values + NOISE * rng.standard_normal(len(values))
            for name, piece in (("a", values), ("same", values), ("one", changed), ("noise", noisy)):
                files[name].write(piece.tobytes())
    pairs = {name: (paths["a"], paths[name]) for name in ("same", "one", "noise")}
    return pairs | _hdf5(folder, count, paths["a"], paths["noise"])


def _hdf5(folder: Path, count: int, *sources: Path) -> dict[str, tuple[Path, Path]]:
    try:
        import h5py
    except ImportError:
        return {}
    paths = folder / "a.h5", folder / "noise.h5"
    for path, source in zip(paths, sources, strict=True):
        with h5py.File(path, "w") as file, source.open("rb") as stream:
            data = file.create_dataset("x", (count,), "f8")
            stream.seek(source.stat().st_size - 8 * count)
            for start in range(0, count, PIECE // 8):
                values = np.frombuffer(stream.read(PIECE), "f8")
                data[start : start + len(values)] = values
    return {"noise, HDF5": paths}


def drop(paths: tuple[Path, ...]) -> None:
    """Take files out of the page cache."""
    for path in paths:
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def commands(name: str, pair: tuple[Path, Path]) -> Iterator[tuple[str, list[str]]]:
    """What to run on a pair, the plain reading first."""
    paths = [str(path) for path in pair]
    yield "read both", [sys.executable, "-c", READ, *paths]
    yield "recup results", measure.python("recup_kg", "results", *paths, "--atol", str(BOUND))
    if not name.endswith("HDF5"):
        yield "numpy.load, allclose", [sys.executable, "-c", ALLCLOSE, *paths]
    elif shutil.which("h5diff"):
        yield "h5diff", ["sh", "-c", f'h5diff -q -d {BOUND} "$@" || test $? = 1', "h5diff", *paths]


def measured(megabytes: int, times: int) -> Iterator[dict[str, object]]:
    """One row for each pair, state of the cache, and command: seconds, share of the speed of reading, peak memory in bytes."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "small").mkdir()
        small = write(Path(folder) / "small", 1)
        for name, pair in write(Path(folder), megabytes).items():
            for state in ("cold", "warm"):
                before: Callable[[], object] | None = (
                    (lambda pair=pair: drop(pair)) if state == "cold" else None
                )
                reading = 0.0
                for (command, line), (_, tiny) in zip(
                    commands(name, pair), commands(name, small[name]), strict=True
                ):
                    start = measure.repeat(tiny, times).wall
                    cost = measure.repeat(line, times, before)
                    work = max(cost.wall - start, 1e-3)
                    reading = reading or work
                    yield {
                        "pair": name,
                        "cache": state,
                        "command": command,
                        "seconds": cost.wall,
                        "start_seconds": start,
                        "share_of_reading": reading / work,
                        "peak_memory": cost.memory,
                    }


def false_alarms(chunks: int = 20_000) -> dict[str, float]:
    """The shares of chunks with noise of 1e-10 that differ in the bins of 1e-6: in one grid, and in both."""
    from recup_kg.results.tree import CHUNK, HASH, leaves

    rng = np.random.default_rng(1)
    single = double = 0
    for _ in range(chunks // 200):
        values = rng.standard_normal(CHUNK * 200)
        one = leaves(values, BOUND)
        two = leaves(values + NOISE * rng.standard_normal(values.size), BOUND)
        grid, shifted = (
            np.frombuffer(a, f"V{HASH}") != np.frombuffer(b, f"V{HASH}")
            for a, b in ((one.grid, two.grid), (one.shifted, two.shifted))
        )
        single += int(grid.sum())
        double += int((grid & shifted).sum())
    return {"chunks": chunks, "one_grid": single / chunks, "two_grids": double / chunks}


def _line(row: dict[str, Any]) -> str:
    return (
        f"{row['pair']:<12} {row['cache']:<5} {row['command']:<21} {row['seconds']:>7.2f} s (start {row['start_seconds']:.2f})"
        f"  {row['share_of_reading']:>5.2f} of reading  {row['peak_memory'] / 1e6:>7,.0f} MB"
    )


def main(arguments: list[str] | None = None) -> object:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--megabytes", type=int, default=1024, help="of each array")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--false-alarms", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    if given.false_alarms:
        rates = false_alarms()
        text = f"chunks that differ by noise: {rates['one_grid']:.2%} in one grid, {rates['two_grids']:.2%} in both"
        print(json.dumps(rates) if given.json else text)
        return rates
    missing = [name for name in ("h5diff", "nccmp") if not shutil.which(name)]
    rows = []
    for row in measured(given.megabytes, given.times):
        rows.append(row)
        if not given.json:
            print(_line(row), flush=True)
    if given.json:
        print(json.dumps({"megabytes": given.megabytes, "not_installed": missing, "rows": rows}))
        return rows
    for name in missing:
        print(f"{name} is not installed: not measured")
    return rows


if __name__ == "__main__":
    main(sys.argv[1:])
