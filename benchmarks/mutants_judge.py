"""Whether a comparison finds what was changed in a mutant, and names it first; the same for the rules of two peers.

found: a deviation of the kind of the change is reported at its place: at its task (or the class of tasks that can't be told from
it), or naming its file, package, seed or machine. Of removed capture: only capture gaps are reported, and something
can't be told. Of renamed ids: nothing deviates at all.
first: such a deviation is the first of the ranked list; of removed capture and renamed ids the same as found.
alone: found, and no other first deviation is reported.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import recup_kg as recup
from benchmarks.mutants_kinds import Mutant, Place
from benchmarks.mutants_origins import Trace
from recup_kg.api import ComparedRuns, KnowledgeGraph
from recup_kg.comparisons import Deviation, Kind, Verdict

REFERENCE, OTHER = "reference", "other"
_CAPTURE = "removed capture"
_UNCHANGED = "renamed ids"


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one mutant. `peers` says the same of each rule: (found, first)."""

    kind: str
    origin: str
    system: str
    detail: str
    factor: float | None
    found: bool
    first: bool
    extra: int
    peers: Mapping[str, tuple[bool, bool]]
    why: str = ""

    def row(self) -> dict[str, Any]:
        """As JSON."""
        peers = {name: {"found": found, "first": first} for name, (found, first) in self.peers.items()}
        return {
            "kind": self.kind,
            "origin": self.origin,
            "system": self.system,
            "detail": self.detail,
            "factor": self.factor,
            "found": self.found,
            "first": self.first,
            "extra": self.extra,
            "peers": peers,
            "why": self.why,
        }


class Judge:
    """Compares the mutants of origins by the public API: files, or runs of a store where several files tell of one run."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._graph: KnowledgeGraph = recup.open(":memory:")
        self._references: dict[str, str] = {}
        self._number = 0

    def __enter__(self) -> Judge:
        return self

    def __exit__(self, *_: object) -> None:
        self._graph.close()
        self._folder.cleanup()

    def judge(self, mutant: Mutant) -> Judged:
        """Compare and judge."""
        return judged(mutant, self.compare(mutant))

    def compare(self, mutant: Mutant) -> ComparedRuns:
        """The comparison of a mutant with its origin."""
        if mutant.reference_evidence or mutant.other_evidence:
            with recup.open(":memory:") as graph:
                sides = (
                    self._joined(graph, REFERENCE, mutant.reference, mutant.reference_evidence),
                    self._joined(graph, OTHER, mutant.other, mutant.other_evidence),
                )
                return graph.compare(*sides)
        return self._graph.compare(self._reference(mutant.reference), self._file(OTHER, mutant.other))

    def _reference(self, trace: Trace) -> str:
        """The name of the reference in the store: it is read once."""
        key = json.dumps(trace)
        if key not in self._references:
            path = self._file(REFERENCE, trace)
            self._references[key] = self._graph.ingest(path, validate=False).name
        return self._references[key]

    def _file(self, name: str, trace: Trace) -> Path:
        self._number += 1
        path = Path(self._folder.name) / f"{name}-{self._number}.json"
        path.write_text(json.dumps(trace), encoding="utf-8")
        return path

    def _joined(self, graph: KnowledgeGraph, name: str, trace: Trace, evidence: Mapping[str, str]) -> str:
        paths = [self._file(name, trace)]
        folder = Path(self._folder.name) / f"{name}-{self._number}"
        folder.mkdir()
        for file, text in evidence.items():
            paths.append(folder / file)
            paths[-1].write_text(text, encoding="utf-8")
        report = graph.ingest_all(paths, run=name, validate=False)
        if report.refused:
            raise RuntimeError(f"{report.refused[0].path}: {report.refused[0].error}")
        return report.runs[0].name


def judged(mutant: Mutant, result: ComparedRuns) -> Judged:
    """What the comparison and the rules of the peers make of a mutant."""
    deviations = result.deviations
    if mutant.kind == _UNCHANGED:
        found = first = not deviations and result.verdict is not Verdict.DIFFERENT
    elif mutant.kind == _CAPTURE:
        found = first = _is_gap(result)
    else:
        hits = [deviation for deviation in deviations if is_at(deviation, mutant.place)]
        found = bool(hits)
        first = bool(hits) and hits[0].rank == 1
    strange = [entry for entry in deviations if entry.first and not is_at(entry, mutant.place)]
    why = "" if first else "; ".join(f"{entry.kind.value}: {entry.message}" for entry in deviations[:2])
    peers = {name: _by_rule(mutant, rule) for name, rule in RULES.items()}
    common = (mutant.kind, mutant.origin, mutant.system, mutant.detail, mutant.factor)
    return Judged(*common, found, first, len(strange), peers, why)


def is_at(deviation: Deviation, place: Place) -> bool:
    """Whether a deviation is of a kind and at a place."""
    if deviation.kind not in place.kinds:
        return False
    if not (place.tasks or place.names):
        return True
    if {deviation.reference_task, deviation.other_task} & place.tasks:
        return True
    shared = str(deviation.evidence.bindings.get("shared", "")).split("; ")
    if deviation.name in place.names or place.names & set(shared):
        return True
    of_class = deviation.reference_task is None and deviation.other_task is None
    return of_class and any(deviation.name.startswith(f"{step} (") for step in place.steps)


def _is_gap(result: ComparedRuns) -> bool:
    """Whether only capture gaps are reported, and something can't be told."""
    kinds = {deviation.kind for deviation in result.deviations}
    untold = any(aspect.verdict is Verdict.CANT_TELL and aspect.captured for aspect in result.aspects)
    return kinds <= {Kind.CAPTURE_GAP} and bool(kinds or untold) and result.verdict is not Verdict.DIFFERENT


def run_times(trace: Trace) -> dict[str, float]:
    """The run times of tasks in seconds, by identifier: all that the rules of the peers look at."""
    return {
        task["id"]: task["runtimeInSeconds"]
        for task in trace["workflow"]["execution"]["tasks"]
        if task.get("runtimeInSeconds") is not None
    }


def differs_by_quarter(reference: Sequence[float], value: float) -> bool:
    """A run time differs from the mean of the references by more than 25 %."""
    mean = sum(reference) / len(reference)
    return abs(value - mean) > 0.25 * mean


def is_slow_outlier(reference: Sequence[float], value: float) -> bool:
    """A run time is more than 1.5 times the median of the references, and 2 s more."""
    ordered = sorted(reference)
    middle = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
    return value > 1.5 * middle and value - middle > 2


RULES = {"25 %": differs_by_quarter, "1.5 times and 2 s": is_slow_outlier}


def by_rule(
    rule: Any, references: Iterable[Mapping[str, float]], own: Mapping[str, float]
) -> list[tuple[str, float]]:
    """The tasks that a rule calls deviating, with ratio to the mean of the references, the largest change first."""
    known = list(references)
    found = []
    for task, value in own.items():
        before = [times[task] for times in known if task in times]
        if before and rule(before, value):
            mean = sum(before) / len(before)
            found.append((task, value / mean if mean else float("inf")))
    return sorted(found, key=lambda item: -max(item[1], 1 / item[1] if item[1] else float("inf")))


def _by_rule(mutant: Mutant, rule: Any) -> tuple[bool, bool]:
    """A slow machine or file is found where most of its tasks are flagged, first where it is such a task that changed most. What
    is no run time can't be found; unchanged is right where nothing is flagged.
    """
    flagged = [task for task, _ in by_rule(rule, [run_times(mutant.reference)], run_times(mutant.other))]
    if mutant.kind in (_UNCHANGED, _CAPTURE):
        return not flagged, not flagged
    if not mutant.slowed:
        return False, False
    hits = mutant.slowed & set(flagged)
    return 2 * len(hits) >= len(mutant.slowed), bool(flagged) and flagged[0] in mutant.slowed
