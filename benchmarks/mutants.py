"""Planted deviations: real runs in which one thing was changed, and whether a comparison finds it, first.

python -m benchmarks.mutants [--data DIR] [--count 1000] [--seed 1] [--kinds ...] [--processes 2] [--no-repeats] [--json]
    [--write-docs]

`--write-docs` puts the tables into docs/mutants.md. `--data` is a folder of WfFormat 1.5 files; without it, all that are shipped
and all beside the checkout. What "found" and "first" mean: `benchmarks.mutants_judge`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.mutants_judge import RULES, Judge, Judged
from benchmarks.mutants_kinds import FACTORS, KINDS, Mutant
from benchmarks.mutants_origins import Origin, origins
from benchmarks.mutants_repeats import false_alarms, summary, trials
from benchmarks.mutants_tables import lines, write_docs

LARGE = 200
"""Tasks from which on an origin is taken for every eighth mutant of a kind only: a comparison takes seconds."""
_TRIES = 200


@dataclass(frozen=True, slots=True)
class Plan:
    """Which mutant to make: its kind and factor, and the seed that makes it, whatever else is made."""

    kind: str
    number: int
    seed: int
    factor: float | None


def plans(count: int, seed: int, kinds: Sequence[str]) -> list[Plan]:
    """As many mutants of each kind, the factors of slow ones in turn."""
    found = []
    for number in range(count):
        kind = kinds[number % len(kinds)]
        turn = number // len(kinds)
        factor = FACTORS[turn % len(FACTORS)] if kind.startswith("slow") else None
        found.append(Plan(kind, number, seed, factor))
    return found


def mutant(plan: Plan, known: Sequence[Origin]) -> Mutant:
    """The mutant of a plan: of the first origin, drawn at random, in which there is something to change."""
    random = Random(f"{plan.seed}/{plan.kind}/{plan.number}")
    small = [origin for origin in known if len(origin.specified) < LARGE] or list(known)
    for _ in range(_TRIES):
        origin = random.choice(known if random.random() < 1 / 8 else small)
        edit: Any = KINDS[plan.kind]
        made: Mutant | None = edit(origin, random, plan.factor) if plan.factor else edit(origin, random)
        if made is not None:
            return made
    raise SystemExit(f"none of the {len(known)} runs has anything to change for {plan.kind!r}")


def judge_all(given: Sequence[Plan], known: Sequence[Origin], processes: int = 1) -> list[Judged]:
    """All mutants, made and judged, in the order of the plans."""
    made = sorted(
        ((mutant(plan, known), plan) for plan in given), key=lambda item: (item[0].origin, item[1].number)
    )
    chunks = [list(group) for _, group in groupby(made, key=lambda item: item[0].origin)]
    work = [[entry for entry, _ in chunk] for chunk in chunks]
    if processes > 1:
        with ProcessPoolExecutor(processes) as pool:
            results = list(pool.map(_judge_origin, work))
    else:
        results = list(map(_judge_origin, work))
    numbers = [plan.number for chunk in chunks for _, plan in chunk]
    return [
        found
        for _, found in sorted(
            zip(numbers, (j for part in results for j in part), strict=True), key=lambda x: x[0]
        )
    ]


def _judge_origin(mutants: Sequence[Mutant]) -> list[Judged]:
    with Judge() as judge:
        return [judge.judge(entry) for entry in mutants]


def table(found: Sequence[Judged]) -> Iterator[dict[str, Any]]:
    """One row a kind, and a factor where there are several."""
    cells = sorted({(list(KINDS).index(entry.kind), entry.kind, entry.factor or 0.0) for entry in found})
    for _, kind, factor in cells:
        own = [entry for entry in found if entry.kind == kind and (entry.factor or 0.0) == factor]
        yield _row(kind, factor or None, own)
    yield _row("all", None, found)


def _row(kind: str, factor: float | None, own: Sequence[Judged]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "kind": kind,
        "factor": factor,
        "n": len(own),
        "found": sum(entry.found for entry in own) / len(own),
        "first": sum(entry.first for entry in own) / len(own),
        "alone": sum(entry.found and not entry.extra for entry in own) / len(own),
    }
    for name in RULES:
        row[f"{name}: found"] = sum(entry.peers[name][0] for entry in own) / len(own)
        row[f"{name}: first"] = sum(entry.peers[name][1] for entry in own) / len(own)
    return row


def systems(found: Sequence[Judged]) -> Mapping[str, int]:
    """How many mutants there are of each workflow system."""
    return dict(sorted(Counter(entry.system for entry in found).items()))


def measure(
    count: int,
    seed: int,
    kinds: Sequence[str],
    data: Path | None = None,
    processes: int = 1,
    *,
    repeated: bool = True,
) -> dict[str, Any]:
    """The document that `--json` prints."""
    started = time.perf_counter()
    known = origins(data)
    if not known:
        raise SystemExit(f"{data or 'the checkout'} has no run in WfFormat 1.5")
    found = judge_all(plans(count, seed, kinds), known, processes)
    again = list(trials(known, seed)) if repeated else []
    return {
        "count": len(found),
        "seed": seed,
        "origins": len({entry.origin for entry in found}),
        "systems": systems(found),
        "table": list(table(found)),
        "repeats": summary(again),
        "false_alarms": false_alarms(again),
        "missed": [entry.row() for entry in found if not (entry.found and entry.first)],
        "seconds": round(time.perf_counter() - started, 1),
    }


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--no-repeats", action="store_true", help="leave out repeats of real runs")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write-docs", action="store_true", help="put the tables into docs/mutants.md")
    given = parser.parse_args(arguments)
    result = measure(
        given.count, given.seed, given.kinds, given.data, given.processes, repeated=not given.no_repeats
    )
    if given.write_docs:
        write_docs(result)
    print(json.dumps(result) if given.json else "\n".join(lines(result)))
    return result


if __name__ == "__main__":
    main(sys.argv[1:])
