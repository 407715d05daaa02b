"""Databases of HPCToolkit: bytes and triples per second and peak memory, against llnl-hatchet alone on the same database.

python -m benchmarks.hpctoolkit [--contexts 20000] [--profiles 16] [--times 3] [--database FOLDER] [--json]

Without a database one is made: a tree of procedures and lines, and values of every context in every profile.
Ours reads all metrics, scopes and profiles, checks cct.db, builds the graph and its tables; llnl-hatchet keeps one metric,
summed over profiles.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import python, repeat, run
from tests.converters.hpctoolkit_writer import Ctx, Database, Prof

METRICS = (
    (
        "CPUTIME (sec)",
        ((0, 0), (1, 1), (2, 2)),
        ((0, "$$", 0, 0), (1, "$$", 0, 1), (2, "$$", 0, 2)),
    ),
)
FANOUT = 8
READERS = ("ours", "tables", "hatchet", "nothing")


def made(folder: Path, contexts: int, profiles: int) -> Path:
    """A database of that many contexts and profiles."""
    numbers = iter(range(2, contexts + 2))
    functions = tuple((f"procedure_{number}", 0, number, 0, number + 1) for number in range(500))

    def below(depth: int) -> tuple[Ctx, ...]:
        found = []
        for place in range(FANOUT):
            number = next(numbers, None)
            if number is None:
                break
            is_call = depth % 2 == 0
            found.append(
                Ctx(
                    number,
                    0 if is_call else 2,
                    1 if is_call else 0,
                    0 if is_call else 1,
                    number % 500 if is_call else None,
                    None if is_call else (0, place + 1),
                    None,
                    below(depth - 1) if depth else (),
                )
            )
        return tuple(found)

    tree: list[Ctx] = []
    while level := below(4):
        tree += level
    values = {number: {0: 0.25, 1: 0.25, 2: 0.5 + number % 7} for number in range(contexts + 2)}
    return Database(
        metrics=METRICS,
        modules=("/bin/made",),
        files=("made.c",),
        functions=functions,
        entries=((1, 1, "main thread", tuple(tree)),),
        profiles=(
            Prof(values, None, summary=True),
            *(Prof(values, ((1, 1, 0, 7), (2, 0, rank, rank), (3, 0, 0, 0))) for rank in range(profiles)),
        ),
    ).write(folder)


def read(reader: str, folder: Path) -> int:
    """Read with one of the readers; gives the number of triples, 0 for another's."""
    if reader == "hatchet":
        import hatchet

        hatchet.GraphFrame.from_hpctoolkit_latest(str(folder))
        return 0
    from recup_kg.converters import hpctoolkit
    from recup_kg.rdf.evidence import evidence_graph

    if reader == "nothing":
        return 0
    evidence = hpctoolkit.read(folder / "meta.db")
    return len(evidence_graph(evidence).lines) if reader == "ours" else 0


def measured(folder: Path, times: int) -> dict[str, float]:
    """Sizes, seconds and peak memory of both, of whole processes."""
    size = sum(path.stat().st_size for path in folder.glob("*.db"))
    result: dict[str, float] = {"bytes": size, "triples": read("ours", folder)}
    for reader in READERS:
        command = python("benchmarks.hpctoolkit", "--reader", reader, "--database", str(folder))
        try:
            cost = repeat(command, times)
        except RuntimeError:
            if reader != "hatchet":
                raise
            continue
        result[f"{reader}_seconds"] = cost.wall
        result[f"{reader}_memory"] = cost.memory
    result["bytes_per_second"] = size / result["ours_seconds"]
    result["triples_per_second"] = result["triples"] / result["ours_seconds"]
    if "hatchet_seconds" in result:
        result["times_hatchet"] = result["ours_seconds"] / result["hatchet_seconds"]
        result["memory_times_hatchet"] = result["ours_memory"] / result["hatchet_memory"]
    return result


def main(arguments: list[str] | None = None) -> dict[str, float]:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--contexts", type=int, default=20_000)
    parser.add_argument("--profiles", type=int, default=16)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--database", type=Path)
    parser.add_argument("--reader", choices=READERS)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    if given.reader:
        return {"triples": read(given.reader, given.database)}
    with tempfile.TemporaryDirectory() as name:
        folder = given.database or made(Path(name), given.contexts, given.profiles).parent
        run(python("benchmarks.hpctoolkit", "--reader", "ours", "--database", str(folder)))
        result = measured(folder, given.times)
    print(json.dumps(result) if given.json else _text(result))
    return result


def _text(result: dict[str, float]) -> str:
    lines = [
        f"{result['bytes']:,.0f} bytes, {result['triples']:,.0f} triples",
        f"  ours {result['ours_seconds']:.2f} s, {result['ours_memory'] / 2**20:.0f} MB:"
        f" {result['bytes_per_second']:,.0f} bytes/s, {result['triples_per_second']:,.0f} triples/s",
        f"  of that without the graph {result['tables_seconds']:.2f} s, starting alone {result['nothing_seconds']:.2f} s",
    ]
    if "hatchet_seconds" in result:
        lines.append(
            f"  llnl-hatchet {result['hatchet_seconds']:.2f} s, {result['hatchet_memory'] / 2**20:.0f} MB:"
            f" ours takes {result['times_hatchet']:.2f} times its time, {result['memory_times_hatchet']:.2f} times its memory"
        )
    else:
        lines.append("  llnl-hatchet is not installed, or can't read this database")
    return "\n".join(lines)


if __name__ == "__main__":
    main(sys.argv[1:])
