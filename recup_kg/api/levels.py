"""Which levels of reproducibility two runs reach, from their comparison and from who ran them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recup_kg.api.access import Access
from recup_kg.api.compare import Progress, compare_runs
from recup_kg.api.measured_rows import rows
from recup_kg.api.metrics_runs import WholeRun, whole_runs
from recup_kg.comparisons import Aspect, Options, Verdict
from recup_kg.metrics.levels import (
    INPUTS,
    MACHINES,
    PROGRAMS,
    RESULTS,
    SETUP,
    STATUS,
    STRUCTURE,
    TEAM,
    levels,
)
from recup_kg.quality import Condition, ReachedLevels
from recup_kg.store import Store

_SHOWN = 3
_COMPARED = (STRUCTURE, STATUS, PROGRAMS, MACHINES)
_PEOPLE = """SELECT ?graph ?name WHERE { VALUES ?graph { %s } GRAPH ?graph {
  { ?run prov:wasAssociatedWith ?agent . ?agent a prov:Person ; schema:name ?name . ?run a recup:Execution }
  UNION { ?run a recup:Execution ; schema:agent ?agent . ?agent schema:name ?name }
  UNION { ?job a recup:Job ; recup:userName ?name } } }"""
_CONTENT = """SELECT ?graph ?name ?task ?user ?digest WHERE { VALUES ?graph { %s } GRAPH ?graph {
  ?data a recup:DataObject ; recup:logicalName ?name .
  OPTIONAL { ?data prov:wasGeneratedBy ?task }
  OPTIONAL { ?user prov:used ?data }
  OPTIONAL { ?data recup:digest ?digest } } }"""


@dataclass(frozen=True, slots=True)
class _Data:
    """Data of one name: whether tasks wrote and read it, and the hashes of its content."""

    written: bool = False
    read: bool = False
    digests: frozenset[str] = frozenset()


def reached_levels(access: Access, reference: str, other: str, progress: Progress) -> ReachedLevels:
    """The levels of two runs of the store. Raises `UnknownRun` where one is not in it."""
    store = access.reading()
    runs = whole_runs(store, [store.resolve(reference), store.resolve(other)])
    compared = compare_runs(access, (reference, other), Options(), None, progress)
    conditions = (
        *(
            Condition(aspect.name, _verdict(aspect), aspect.reason)
            for aspect in compared.aspects
            if aspect.name in _COMPARED
        ),
        _team(access.reading(), runs),
        _setup(runs),
        *_content(access.reading(), runs),
    )
    return ReachedLevels(runs[0].name, runs[1].name, levels(conditions), conditions, compared.stored_as)


def _verdict(aspect: Aspect) -> Verdict:
    """An aspect of which neither run states anything is no evidence."""
    return aspect.verdict if aspect.captured else Verdict.CANT_TELL


def _team(store: Store, runs: Sequence[WholeRun]) -> Condition:
    """Who ran them, as far as sources name people or users of a batch system."""
    graphs = {graph: run.name for run in runs for graph in run.entry.graphs}
    people: dict[str, set[str]] = {run.name: set() for run in runs}
    for graph, name in rows(store, _PEOPLE, list(graphs)):
        people[graphs[str(graph)]].add(str(name))
    silent = [run.name for run in runs if not people[run.name]]
    if silent:
        return Condition(TEAM, Verdict.CANT_TELL, f"who ran {' and '.join(silent)} was not captured")
    one, two = (people[run.name] for run in runs)
    if one == two:
        return Condition(TEAM, Verdict.SAME, f"both by {', '.join(sorted(one))}")
    if one & two:
        shared = f"{', '.join(sorted(one & two))} in both, others in one only"
        return Condition(TEAM, Verdict.CANT_TELL, shared)
    return Condition(TEAM, Verdict.DIFFERENT, f"by {', '.join(sorted(one))} and by {', '.join(sorted(two))}")


def _setup(runs: Sequence[WholeRun]) -> Condition:
    """Whether their environment was captured and is the same: packages, modules, images, drivers, operating system."""
    one, two = (frozenset(filter(_of_environment, run.facts)) for run in runs)
    silent = [run.name for run, facts in zip(runs, (one, two), strict=True) if not facts]
    if silent:
        reason = f"packages, modules or images of {' and '.join(silent)} were not captured"
        return Condition(SETUP, Verdict.CANT_TELL, reason)
    if one == two:
        return Condition(SETUP, Verdict.SAME, f"the same {len(one):,} facts of the environment")
    apart = sorted(one ^ two)
    return Condition(SETUP, Verdict.DIFFERENT, f"not in both: {_some(apart)}")


def _of_environment(fact: str) -> bool:
    return fact.split("=", 1)[0] in ("package", "module", "image", "driver", "os", "device")


def _content(store: Store, runs: Sequence[WholeRun]) -> tuple[Condition, Condition]:
    """Whether inputs, and the data that no task reads again, have the same content, by their hashes."""
    data = [_data(store, run.entry.task_graph) for run in runs]
    inputs = [{name: item for name, item in found.items() if not item.written} for found in data]
    final = [{name: item for name, item in found.items() if item.written and not item.read} for found in data]
    return _same_content(INPUTS, "inputs", inputs), _same_content(RESULTS, "final data", final)


def _same_content(condition: str, what: str, data: Sequence[Mapping[str, _Data]]) -> Condition:
    one, two = data
    names = one.keys() | two.keys()
    if not names:
        return Condition(condition, Verdict.CANT_TELL, f"which data are the {what} was not captured")
    alone = sorted(one.keys() ^ two.keys())
    if alone:
        return Condition(condition, Verdict.DIFFERENT, f"{what} of one run only: {_some(alone)}")
    known = {name for name in names if one[name].digests and two[name].digests}
    apart = sorted(name for name in known if not one[name].digests & two[name].digests)
    if apart:
        return Condition(condition, Verdict.DIFFERENT, f"other content: {_some(apart)}")
    if known != names:
        untold = f"{len(names - known):,} of {len(names):,} {what}"
        return Condition(condition, Verdict.CANT_TELL, f"no hash of the content of {untold} was captured")
    return Condition(condition, Verdict.SAME, f"the same hashes of {len(names):,} {what}")


def _data(store: Store, graph: str) -> dict[str, _Data]:
    """The data of a run by logical name."""
    found: dict[str, _Data] = {}
    for _, name, task, user, value in rows(store, _CONTENT, [graph]):
        item = found.get(str(name), _Data())
        found[str(name)] = _Data(
            item.written or task is not None,
            item.read or user is not None,
            item.digests | (frozenset() if value is None else {value}),
        )
    return found


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}"
