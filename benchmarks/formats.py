"""Every format: bytes and triples per second from file to N-Quads in memory, and peak memory of a whole process.

python -m benchmarks.formats [--file FILE ...] [--times 3] [--json]

Without --file, the largest sample of each format in the checkout, and the captures of Dask beside it. Darshan and HPCToolkit are
held against the field's own readers in benchmarks.darshan and benchmarks.hpctoolkit; for the rest none reads as much.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from statistics import median

from benchmarks.measure import python, run
from recup_kg.api.convert import convert
from recup_kg.converters import converters, detect, members

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"


def samples() -> list[tuple[str, Path]]:
    """The largest sample of each format, with its name."""
    files = [path for path in sorted((ROOT / "data").rglob("*")) if path.is_file() and path.suffix != ".md"]
    files += sorted((SHARED / "recup-dask").glob("ImageProcessing-R4/graph.csv"))
    largest: dict[str, Path] = {}
    for path in files:
        for name, converter in converters().items():
            if converter.sniff(path) and (name not in largest or _size(path) > _size(largest[name])):
                largest[name] = path
    return sorted(largest.items())


def peak(path: Path) -> int:
    """Peak memory in bytes of a process that reads this file and nothing else.

    A new process begins with what this one holds, so this must come before anything large is read here.
    """
    return run([*python("benchmarks.formats"), "--only", str(path)]).memory


def measured(name: str, path: Path, times: int) -> dict[str, float | str]:
    """Seconds (the median) and rates."""
    seconds, triples = [], 0
    for _ in range(times):
        start = time.perf_counter()
        converted = convert(path)
        seconds.append(time.perf_counter() - start)
        triples = len(converted.graph.lines)
    size = sum(_size(member) for member in members(converters()[name], path))
    return {
        "format": name,
        "file": path.name,
        "bytes": size,
        "triples": triples,
        "seconds": median(seconds),
        "bytes_per_second": size / median(seconds),
        "triples_per_second": triples / median(seconds),
    }


def main(arguments: list[str] | None = None) -> list[dict[str, float | str]]:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--file", type=Path, action="append", help="a source; several may be given")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.only is not None:
        convert(options.only)
        return []
    given = [(detect(path).NAME, path) for path in options.file or ()] or samples()
    peaks = [peak(path) for _, path in given]
    rows = [
        {**measured(name, path, options.times), "peak_memory": memory}
        for (name, path), memory in zip(given, peaks, strict=True)
    ]
    if options.json:
        print(json.dumps(rows, indent=1))
        return rows
    print(f"{'format':<22}{'kB':>9}{'triples':>9}{'s':>8}{'MB/s':>8}{'triples/s':>11}{'peak MB':>9}")
    for row in rows:
        print(
            f"{row['format']:<22}{float(row['bytes']) / 1e3:>9.1f}{row['triples']:>9}{row['seconds']:>8.3f}"
            f"{float(row['bytes_per_second']) / 1e6:>8.2f}{row['triples_per_second']:>11.0f}"
            f"{float(row['peak_memory']) / 1e6:>9.0f}"
        )
    return rows


def _size(path: Path) -> int:
    return path.stat().st_size


if __name__ == "__main__":
    main()
