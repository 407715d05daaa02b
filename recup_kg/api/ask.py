"""Queries of the library, of files and of callers: bound to runs, asked, answered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from recup_kg.api import answers
from recup_kg.api.answers import Answer
from recup_kg.errors import UsageError
from recup_kg.queries import Binding, Parameter, Query, bind
from recup_kg.store import Answer as Found
from recup_kg.store import Store
from recup_kg.store.registry import EXECUTIONS, Entry, Kind
from recup_kg.store.table import Table, Value
from recup_kg.vocab import RECUP

_COMPARISONS: tuple[Kind, ...] = ("comparison",)
_RESULTS: tuple[Kind, ...] = ("results",)
# A header that asks for parameters again would make the bound text a question.
_PARAMETERS = re.compile(r"^#\+ parameter: .*\n", re.MULTILINE)
_SIDES = ("reference", "other")


def ask(store: Store, query: Query, parameters: Mapping[str, Value]) -> Answer:
    """The answer to a query."""
    return answered(store.query(bound(store, query, parameters)))


def answered(found: Found) -> Answer:
    """What a store found, for callers."""
    if isinstance(found, Table):
        return Answer(found)
    return answers.of_boolean(found) if isinstance(found, bool) else answers.of_triples(found)


def bound(store: Store, query: Query, parameters: Mapping[str, Value]) -> str:
    """The SPARQL text of a query, ready to run anywhere. Runs and comparisons may be given by anything that names them.

    A run stands for its graphs: where several sources tell of it, one each and the one that joins them. The comparison of two
    runs that are given need not be given if the store has it.
    """
    values: dict[str, Binding] = dict(parameters)
    entries = {
        parameter.name: store.resolve(str(parameters[parameter.name]), _kinds(parameter))
        for parameter in _named(query, parameters)
    }
    values |= {name: entry.graphs for name, entry in entries.items()}
    for parameter in query.parameters:
        if _kinds(parameter) == _COMPARISONS and values.get(parameter.name) is None:
            values[parameter.name] = _kept_comparison(store, query, entries)
    return _PARAMETERS.sub("", bind(query, values))


def _named(query: Query, values: Mapping[str, Value]) -> Iterator[Parameter]:
    """The parameters that are to be resolved."""
    return (
        parameter
        for parameter in query.parameters
        if _kinds(parameter) and values.get(parameter.name) is not None
    )


def _kinds(parameter: Parameter) -> tuple[Kind, ...]:
    """What the parameter names: a run, a comparison of runs or of output data, or nothing that the store resolves."""
    if "comparison" in (parameter.type, parameter.name):
        return _COMPARISONS
    if parameter.type == "results":
        return _RESULTS
    return EXECUTIONS if parameter.type == "run" else ()


def _kept_comparison(store: Store, query: Query, entries: Mapping[str, Entry]) -> str | None:
    """The graph of the latest comparison of the two runs. Raises `UsageError` where the store has none."""
    reference, other = (entries.get(side) for side in _SIDES)
    if reference is None or other is None:
        return None
    facts = f"?it <{RECUP}referenceGraph> <{reference.task_graph}> ; <{RECUP}otherGraph> <{other.task_graph}>"
    found = store.select(f"SELECT ?graph {{ GRAPH ?graph {{ ?graph <{RECUP}describes> ?it . {facts} }} }}")
    graphs = set(found.column("graph"))
    kept = [entry.graph for entry in store.registry() if entry.graph in graphs]
    if not kept:
        raise UsageError(
            f"{query.name} asks about a comparison that the store does not have: recup compare makes it"
        )
    return kept[-1]
