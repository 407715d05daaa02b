"""Unchanged pairs and groups of real repeats, and slow machines and files planted in a repeat: what real variation hides.

An alarm is what a user would be told that goes beyond how references vary. Of one run against one, where nothing is
significant: a first deviation of structure, program, parameter, seed, input, environment or status, or a machine,
file or step whose tasks took longer together. A single run time that differs twice is a difference and no alarm; nor
is output of another size, which is real. Of one run against a group: the verdict *different* on the run, a machine or
a task.
"""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from random import Random
from statistics import mean
from typing import Any

import recup_kg as recup
from benchmarks.flowbench_data import gather, labels
from benchmarks.mutants_judge import RULES, by_rule, is_at, run_times
from benchmarks.mutants_kinds import FACTORS, Mutant, slow_file, slow_node
from benchmarks.mutants_origins import SHARED, Origin
from recup_kg.api import ComparedRuns, KnowledgeGraph
from recup_kg.comparisons import Deviation, Kind, Verdict

UNEXPECTED = frozenset(
    (Kind.STRUCTURE, Kind.PROGRAM, Kind.PARAMETER, Kind.SEED, Kind.INPUT, Kind.ENVIRONMENT, Kind.STATUS)
)
FLOWBENCH = SHARED / "flowbench"
_TIME = "runtime"
_HOST = "kickstart_hostname"


@dataclass(frozen=True, slots=True)
class Trial:
    """One comparison: what was compared how, whether it was an alarm, and what the rules of the peers flag.

    `planted` is the change (None: nothing was changed), `found` whether it is named, `first` whether before all else of its kind.
    """

    population: str
    how: str
    references: int
    planted: str | None
    factor: float | None
    alarm: bool
    found: bool
    first: bool
    peers: Mapping[str, tuple[bool, bool, bool]]


def repeats(known: Sequence[Origin]) -> dict[str, list[Origin]]:
    """Runs of one workflow with the same tasks and commands, at least two, by the stem of their names."""
    found: dict[str, list[Origin]] = {}
    for origin in known:
        found.setdefault(origin.name.rpartition("-")[0], []).append(origin)
    return {
        name: runs
        for name, runs in found.items()
        if len(runs) > 1 and len({json.dumps(_commands(run), sort_keys=True) for run in runs}) == 1
    }


def _commands(run: Origin) -> dict[str, Any]:
    return {task["id"]: task.get("command") for task in run.executed}


def trials(known: Sequence[Origin], seed: int, flowbench: Path = FLOWBENCH) -> Iterator[Trial]:
    """All trials: pairs and groups of repeats in WfFormat, then FlowBench's normal runs."""
    for name, runs in repeats(known).items():
        with tempfile.TemporaryDirectory() as folder:
            yield from _pairs(name, runs, Random(f"{seed}/{name}"), Path(folder))
            if len(runs) > 2:
                yield from _groups(name, runs, Random(f"{seed}/{name}/group"), Path(folder))
    for path in sorted(flowbench.glob("*.zip")):
        for references in (5, 20):
            yield from _flowbench(
                path.stem, flowbench, references, Random(f"{seed}/{path.stem}/{references}")
            )


def _pairs(name: str, runs: Sequence[Origin], random: Random, folder: Path) -> Iterator[Trial]:
    with recup.open(":memory:") as graph:
        for one, two in permutations(runs, 2):
            paths = _saved(folder, one, "one"), _saved(folder, two, "two")
            times = [run_times(one.trace)], run_times(two.trace)
            yield _pair(name, None, graph.compare(*paths), times)
            for made in _planted(two, random) if one.name < two.name else ():
                other = _saved(folder, Origin(two.name, made.other), "planted")
                times = [run_times(one.trace)], run_times(made.other)
                yield _pair(name, made, graph.compare(paths[0], other), times)


def _planted(run: Origin, random: Random) -> Iterator[Mutant]:
    for factor in FACTORS:
        for edit in (slow_node, slow_file):
            made = edit(run, random, factor)
            if made is not None:
                yield made


def _pair(
    name: str,
    made: Mutant | None,
    result: ComparedRuns,
    times: tuple[list[dict[str, float]], dict[str, float]],
) -> Trial:
    shared = [entry for entry in result.deviations if _is_shared(entry)]
    alarms = [entry for entry in result.deviations if entry.first and entry.kind in UNEXPECTED]
    hits = [is_at(entry, made.place) for entry in shared] if made else []
    return Trial(
        name,
        "pair",
        1,
        made.kind if made else None,
        made.factor if made else None,
        bool(shared or alarms),
        any(hits),
        bool(hits) and hits[0],
        _peers(made.slowed if made else frozenset(), *times),
    )


def _is_shared(deviation: Deviation) -> bool:
    return deviation.kind is Kind.PERFORMANCE and "shared" in deviation.evidence.bindings


def _groups(name: str, runs: Sequence[Origin], random: Random, folder: Path) -> Iterator[Trial]:
    with recup.open(":memory:") as graph:
        for run in runs:
            graph.ingest(_saved(folder, run, run.name), validate=False)
        for run in runs:
            others = [other for other in runs if other is not run]
            before = [run_times(other.trace) for other in others]
            yield _group(graph, name, run.name, others, None, (before, run_times(run.trace)))
            for made in _planted(run, random):
                path = _saved(folder, Origin(run.name, made.other), f"{run.name}-planted")
                own = graph.ingest(path, validate=False).name
                yield _group(graph, name, own, others, made, (before, run_times(made.other)))
                graph.remove(own)


def _group(
    graph: KnowledgeGraph,
    name: str,
    run: str,
    others: Sequence[Origin],
    made: Mutant | None,
    times: tuple[list[dict[str, float]], dict[str, float]],
) -> Trial:
    result = graph.against(run, " ".join(other.name for other in others)).comparison
    slowed = made.slowed if made else frozenset()
    nodes = [f"machine {node.name}" for node in result.scores.nodes]
    tasks = [task.identifier for task in result.scores.tasks]
    if made is not None and made.kind == "slow node":
        first = bool(nodes) and nodes[0] in made.place.names
    else:
        first = bool(tasks) and tasks[0] in slowed
    half = set(tasks[: len(slowed)]) & slowed
    return Trial(
        name,
        "group",
        len(others),
        made.kind if made else None,
        made.factor if made else None,
        result.verdict is Verdict.DIFFERENT,
        first or 2 * len(half) > len(slowed),
        first,
        _peers(slowed, *times),
    )


def _peers(
    slowed: frozenset[str], before: Sequence[Mapping[str, float]], own: Mapping[str, float]
) -> dict[str, tuple[bool, bool, bool]]:
    """Of each rule: whether it flags any task, whether most of the slowed ones, whether one of them before all others."""
    found = {}
    for name, rule in RULES.items():
        flagged = [task for task, _ in by_rule(rule, before, own)]
        hits = slowed & set(flagged)
        found[name] = (
            bool(flagged),
            bool(hits) and 2 * len(hits) >= len(slowed),
            bool(flagged) and flagged[0] in slowed,
        )
    return found


def _saved(folder: Path, run: Origin, name: str) -> Path:
    path = folder / f"{name}.json"
    path.write_text(json.dumps(run.trace), encoding="utf-8")
    return path


_HELD_OUT = 60
"""Normal runs that are held against the references."""
_CHANGED = 20
"""Of them, those in which a machine is made slow, by each factor."""


def _flowbench(workflow: str, data: Path, references: int, random: Random) -> Iterator[Trial]:
    with tempfile.TemporaryDirectory() as name, recup.open(":memory:") as graph:
        tables = gather(data, workflow, Path(name))
        normal = sorted(run for run, path in tables.files.items() if not labels(path).classes)
        chosen = random.sample(normal, min(len(normal), references + _HELD_OUT))
        paths = {run: tables.files[run] for run in chosen}
        planted = list(_slow_tables(paths, chosen[references:], Path(name) / workflow, random))
        report = graph.ingest_all([*paths.values(), *(entry.path for entry in planted)], validate=False)
        names = {Path(run.source).stem: run.name for run in report.runs}
        group = [names[run] for run in chosen[:references] if run in names]
        before = [_table_times(paths[run]) for run in chosen[:references]]
        held = [run for run in chosen[references:] if run in names]
        for run, scores in zip(
            held, graph.score([names[run] for run in held], group, allow_mixed=("all",)), strict=True
        ):
            peers = _peers(frozenset(), before, _table_times(paths[run]))
            yield Trial(workflow, "group", references, None, None, _different(scores), False, False, peers)
        kept = [entry for entry in planted if entry.path.stem in names]
        scored = graph.score([names[entry.path.stem] for entry in kept], group, allow_mixed=("all",))
        for entry, scores in zip(kept, scored, strict=True):
            machines = [node.name for node in scores.nodes]
            top = bool(machines) and machines[0] in entry.names
            alarmed = {node.name for node in scores.nodes if node.verdict is Verdict.DIFFERENT}
            peers = _peers(entry.tasks, before, _table_times(entry.path))
            found = top or bool(alarmed & entry.names)
            yield Trial(
                workflow,
                "group",
                references,
                "slow node",
                entry.factor,
                _different(scores),
                found,
                top,
                peers,
            )


def _different(scores: Any) -> bool:
    parts = (scores.run, *scores.nodes, *scores.tasks)
    return any(part.verdict is Verdict.DIFFERENT for part in parts)


@dataclass(frozen=True, slots=True)
class _SlowTable:
    path: Path
    factor: float
    names: frozenset[str]
    tasks: frozenset[str]


def _slow_tables(
    paths: Mapping[str, Path], runs: Sequence[str], folder: Path, random: Random
) -> Iterator[_SlowTable]:
    """Tables in which the jobs of one machine ran longer by a factor; nothing else is changed."""
    for number, run in enumerate(runs[: _CHANGED * len(FACTORS)]):
        factor = FACTORS[number % len(FACTORS)]
        rows = list(csv.reader(io.StringIO(paths[run].read_text(encoding="utf-8-sig"))))
        machines = labels(paths[run]).machines
        hosts = sorted({host for host in machines.values() if "submit" not in host})
        if not hosts:
            continue
        host = random.choice(hosts)
        place = rows[0].index(_TIME)
        slow = set()
        for row in rows[1:]:
            if machines.get(row[0].strip()) == host and row[place]:
                row[place] = repr(float(row[place]) * factor)
                slow.add(row[0].strip())
        path = folder / f"{run}-slow.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows(rows)
        yield _SlowTable(path, factor, frozenset((host, *_containers(rows, slow))), frozenset(slow))


def _containers(rows: Sequence[Sequence[str]], jobs: Collection[str]) -> Iterator[str]:
    """The containers that jobs ran in: each is a place on the slow machine."""
    place = rows[0].index(_HOST)
    return (row[place].strip() for row in rows[1:] if row[0].strip() in jobs)


def _table_times(path: Path) -> dict[str, float]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        index = (reader.fieldnames or [""])[0]
        return {row[index].strip(): float(row[_TIME]) for row in reader if row.get(_TIME)}


def summary(found: Sequence[Trial]) -> list[dict[str, Any]]:
    """One row for each population, way of comparing, number of references, change and factor."""
    keys = dict.fromkeys((t.population, t.how, t.references, t.planted or "", t.factor or 0.0) for t in found)
    rows = []
    for key in sorted(keys, key=lambda key: (bool(key[3]), key[1], key)):
        own = [
            t for t in found if (t.population, t.how, t.references, t.planted or "", t.factor or 0.0) == key
        ]
        rows.append(_row(key, own))
    return rows


def _row(key: tuple[str, str, int, str, float], own: Sequence[Trial]) -> dict[str, Any]:
    row: dict[str, Any] = dict(
        zip(("population", "how", "references", "planted", "factor"), key, strict=True)
    )
    row |= {"n": len(own), "alarm": mean(t.alarm for t in own)}
    row |= {"found": mean(t.found for t in own), "first": mean(t.first for t in own)} if key[3] else {}
    for name in RULES:
        flagged = [t.peers[name] for t in own]
        row[f"{name}: alarm"] = mean(entry[0] for entry in flagged)
        if key[3]:
            row[f"{name}: found"] = mean(entry[1] for entry in flagged)
            row[f"{name}: first"] = mean(entry[2] for entry in flagged)
    return row


def false_alarms(found: Sequence[Trial]) -> dict[str, float]:
    """The share of alarms in trials in which nothing was changed, of ours and of each rule."""
    unchanged = [trial for trial in found if trial.planted is None]
    if not unchanged:
        return {}
    rates = {"ours": mean(trial.alarm for trial in unchanged)}
    return rates | {name: mean(trial.peers[name][0] for trial in unchanged) for name in RULES}
