"""Chains: from a task that deviates upstream, link by link, to what changed; each link is a row of a query."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import log
from urllib.parse import unquote

from recup_kg.api.explain_facts import argument_facts
from recup_kg.api.scratch import Scratch
from recup_kg.causes.find import ranked
from recup_kg.causes.words import count, several, value_text
from recup_kg.comparisons import Comparison, Evidence, Kind, Value, Verdict
from recup_kg.explanations import Cause, Fact, Link
from recup_kg.queries import bind, load
from recup_kg.scores import Scores
from recup_kg.store import Entry, Store

GREW = 1.25
"""Ratio from which on a measurement, a number of operations or a size is a link; below it, it is a difference like others."""
MOST_STARTS = 3
MOST_LINKS = 24
_TASK = "/task/"
_WORK = ("readBytes", "writtenBytes")
_UNITS: Mapping[str, str] = {
    "runTime": "s",
    "readBytes": "bytes",
    "writtenBytes": "bytes",
    "residentMemory": "bytes",
    "averageCpuUtilization": "%",
}
Row = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Chain:
    """Links from a task to what changed (`root`, None where the evidence stops before), and why it stops."""

    task: str
    links: tuple[Link, ...]
    root: Fact | None
    instead: Fact | None = None
    stop: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """A task of the reference and its partner in the run, by identifier."""

    reference: str
    other: str


class Walk:
    """Asks about pairs of tasks of two runs; `partners` maps tasks of the run to those of the reference."""

    def __init__(self, scratch: Scratch, reference: Entry, run: Entry, partners: Mapping[str, str]) -> None:
        self._scratch = scratch
        self._entries = {"reference": reference, "other": run}
        self._partners = partners

    def chain(self, task: str) -> Chain | None:
        """The chain that starts at a task of the run; None where it has no partner or did not change in what it took."""
        if task not in self._partners:
            return None
        links: list[Link] = []
        pair = Pair(self._partners[task], task)
        links += self._cost(pair)
        if not links:
            return None
        links += self._work(pair)
        seen: set[str] = set()
        while len(links) < MOST_LINKS and pair.other not in seen:
            seen.add(pair.other)
            root = self._setting(pair, links)
            if root is not None:
                return Chain(task, tuple(links), *root)
            upstream = self._upstream(pair, links)
            if isinstance(upstream, Fact):
                return Chain(task, tuple(links), upstream)
            if upstream is None:
                return self._end(task, pair, links)
            pair = upstream
        return Chain(task, tuple(links), None, stop=f"it leads back to {pair.other}")

    def _end(self, task: str, pair: Pair, links: list[Link]) -> Chain:
        """Nothing else differs upstream: the machine, or nothing that was captured."""
        if pair.other == task:
            for row, evidence in self._rows("task-difference", pair, property="node"):
                old, new = str(row["referenceValue"]), str(row["otherValue"])
                links.append(Link(f"{task} ran on {new} instead of {old}", evidence, (tuple(row.values()),)))
                return Chain(task, tuple(links), Fact("node", "node", new), Fact("node", "node", old))
        stop = f"program, arguments and inputs of {pair.other} are as in the reference, as far as captured"
        return Chain(task, tuple(links), None, stop=stop)

    def _cost(self, pair: Pair) -> Iterator[Link]:
        for row, evidence in self._rows("task-difference", pair, property="runTime"):
            ratio = _ratio(row["referenceValue"], row["otherValue"])
            if ratio is not None and _notable(ratio):
                took = _change("runTime", row)
                yield Link(f"{pair.other} took {_times(ratio)}: {took}", evidence, (tuple(row.values()),))

    def _work(self, pair: Pair) -> Iterator[Link]:
        """The file that was read or written otherwise, where operations were traced; else the bytes that changed most."""
        rows = self._rows("task-access-difference", pair)
        found = [(row, evidence) for row, evidence in rows if _notable(_access(row)[0])]
        if found:
            row, evidence = max(found, key=lambda pair: _access(pair[0])[1])
            yield Link(f"{pair.other} {_access_text(row)}", evidence, (tuple(row.values()),))
            return
        changed = [
            (abs(log(ratio)), row, evidence)
            for name in _WORK
            for row, evidence in self._rows("task-difference", pair, property=name)
            if (ratio := _ratio(row["referenceValue"], row["otherValue"])) is not None and _notable(ratio)
        ]
        if changed:
            _, row, evidence = max(changed, key=lambda found: found[0])
            did = "read" if row["property"] == "readBytes" else "wrote"
            text = f"{pair.other} {did} {_change(str(row['property']), row)}"
            yield Link(text, evidence, (tuple(row.values()),))

    def _setting(self, pair: Pair, links: list[Link]) -> tuple[Fact, Fact | None] | None:
        """Another program or other arguments: what somebody changed."""
        for name in ("program", "arguments"):
            for row, evidence in self._rows("task-difference", pair, property=name):
                old, new = row["referenceValue"], row["otherValue"]
                facts: list[tuple[Fact, Fact | None]]
                if name == "program":
                    facts = [(Fact("program", pair.other, new), Fact("program", pair.other, old))]
                else:
                    facts = list(_changed_arguments(pair.other, old, new))
                if facts:
                    said = several([_swap(name, one, two) for one, two in facts])
                    links.append(Link(f"{pair.other} ran with {said}", evidence, (tuple(row.values()),)))
                    return facts[0]
        return None

    def _upstream(self, pair: Pair, links: list[Link]) -> Pair | Fact | None:
        """The task that wrote what its inputs differ by most; a fact where no task wrote it."""
        rows = [
            (row, evidence)
            for row, evidence in self._rows("task-input-difference", pair)
            if _size_change(row) is not None
        ]
        if not rows:
            return None
        by_writer: dict[str | None, list[Row]] = {}
        for row, _ in rows:
            writer = row["otherWriter"] or row["referenceWriter"]
            by_writer.setdefault(None if writer is None else str(writer), []).append(row)
        writer, changed = max(by_writer.items(), key=lambda item: sum(map(_weight, item[1])))
        links.append(
            Link(
                _input_text(pair.other, writer, changed),
                rows[0][1],
                tuple(tuple(row.values()) for row in changed),
            )
        )
        if writer is None:
            first = max(changed, key=_weight)
            return Fact(
                "input",
                str(first["name"]),
                first["otherSize"],
                "bytes" if first["otherSize"] is not None else None,
            )
        partner = self._partners.get(writer)
        return None if partner is None else Pair(partner, writer)

    def _rows(self, query: str, pair: Pair, **more: str) -> list[tuple[Row, Evidence]]:
        tasks = {"referenceTask": pair.reference, "otherTask": pair.other, **more}
        graphs = {side: entry.graphs for side, entry in self._entries.items()}
        names = {side: entry.name for side, entry in self._entries.items()}
        loaded = load(query)
        found = self._scratch.select(bind(loaded, {**graphs, **tasks})).dicts()
        evidence = Evidence(query, {**names, **tasks})
        return [({name: row[name] for name in loaded.columns}, evidence) for row in found]


def chains(
    store: Store, run: Entry, typical: Comparison, scores: Scores | None, causes: Sequence[Cause]
) -> tuple[tuple[Cause, ...], tuple[str, ...]]:
    """The causes with the chains that end in them, other chains as causes of their own, and where those stop that end nowhere."""
    beginning = starts(typical, scores)
    if not beginning:
        return tuple(causes), ()
    reference = store.resolve(typical.reference.name)
    tasks = ((one, two) for one, two in typical.alignment if _TASK in one and _TASK in two)
    partners = {_identifier(two): _identifier(one) for one, two in tasks}
    with Scratch() as scratch:
        for graph in dict.fromkeys((*reference.graphs, *run.graphs)):
            scratch.load_graph(graph, store.ntriples(graph))
        walk = Walk(scratch, reference, run, partners)
        found = [chain for task in beginning if (chain := walk.chain(task)) is not None]
    return _with_chains(causes, found, reference)


def _with_chains(
    causes: Sequence[Cause], found: Sequence[Chain], reference: Entry
) -> tuple[tuple[Cause, ...], tuple[str, ...]]:
    told = list(causes)
    remarks = []
    for chain in found:
        if chain.root is None:
            remarks.append(f"no cause of the run time of {chain.task} was found: {chain.stop}")
            continue
        at = next((at for at, cause in enumerate(told) if _explains(cause, chain.root)), None)
        if at is None:
            told.append(_cause_of(chain, chain.root, reference))
        elif not told[at].chain:
            told[at] = replace(told[at], chain=chain.links)
    return ranked(told), tuple(remarks)


def starts(typical: Comparison, scores: Scores | None) -> tuple[str, ...]:
    """Tasks to start from, at most one of a step: those that deviate by their own evidence, else those whose run times differ."""
    if scores is not None:
        deviating = [task for task in scores.tasks if task.verdict is Verdict.DIFFERENT]
        by_step: dict[str, str] = {}
        for task in sorted(deviating, key=lambda task: -task.own):
            by_step.setdefault(task.step, task.identifier)
        if by_step:
            return tuple(by_step.values())[:MOST_STARTS]
    slower = [
        deviation
        for deviation in typical.deviations
        if deviation.kind is Kind.PERFORMANCE and deviation.other_task is not None
    ]
    slower.sort(key=lambda deviation: -_difference(deviation.reference_value, deviation.other_value))
    steps = {task.identifier: task.step for task in scores.tasks} if scores is not None else {}
    named: dict[str, str] = {}
    for deviation in slower:
        other = deviation.other_task or ""
        named.setdefault(steps.get(other, deviation.name), other)
    return tuple(named.values())[:MOST_STARTS]


def _explains(cause: Cause, root: Fact) -> bool:
    """Whether a cause names what a chain ends in; arguments of a step stand for those of its tasks."""
    if root.kind == "argument":
        option = _option(root.name)
        return any(
            fact.kind == "argument" and _option(fact.name) == option and fact.value == root.value
            for fact in cause.facts
        )
    if root.kind == "program":
        return any(fact.kind == "program" and fact.value == root.value for fact in cause.facts)
    return any(
        (fact.kind, fact.name, fact.value) == (root.kind, root.name, root.value) for fact in cause.facts
    )


def _cause_of(chain: Chain, root: Fact, reference: Entry) -> Cause:
    other = f" instead of {value_text(chain.instead.value)}" if chain.instead else ""
    message = (
        f"{root.kind} {root.name if root.kind != root.name else ''} {value_text(root.value)}{other}: where the chain from "
        f"{chain.task} ends, against {reference.name} alone"
    )
    return Cause(
        facts=(root,),
        about="task",
        subjects=(chain.task,),
        separation=1.0,
        with_fact=1,
        without_fact=1,
        message=" ".join(message.split()),
        verdict=Verdict.CANT_TELL,
        evidence=(chain.links[-1].evidence,),
        chain=chain.links,
        instead=(chain.instead,) if chain.instead else (),
    )


def _changed_arguments(task: str, old: Value, new: Value) -> Iterator[tuple[Fact, Fact | None]]:
    before, after = dict.fromkeys(argument_facts(old)), dict.fromkeys(argument_facts(new))
    gone = [pair for pair in before if pair not in after]
    for option, value in after:
        if (option, value) in before:
            continue
        previous = next((one for one in gone if one[0] == option), None)
        fact = Fact("argument", f"{task} {option}".rstrip(), value)
        yield fact, Fact("argument", f"{task} {option}".rstrip(), previous[1]) if previous else None
    for option, value in gone:
        if option not in {name for name, _ in after}:
            yield Fact("argument", f"{task} {option}".rstrip(), value, relation="without"), None


def _swap(name: str, fact: Fact, instead: Fact | None) -> str:
    option = _option(fact.name) if name == "arguments" else "program"
    label = f"{option} " if option else ""
    if fact.relation == "without":
        return f"no {label}{value_text(fact.value)}"
    return f"{label}{value_text(fact.value)}" + (
        f" instead of {value_text(instead.value)}" if instead else ""
    )


def _option(name: str) -> str:
    """The option in the name of an argument; empty where it is a word alone."""
    last = name.rsplit(" ", 1)[-1]
    return last if last.startswith("-") else ""


def _access(row: Row) -> tuple[float, float]:
    """The larger of the ratios of reads and writes, and by how many operations they differ."""
    reads = _ratio(row["referenceReads"], row["otherReads"]) or 1.0
    writes = _ratio(row["referenceWrites"], row["otherWrites"]) or 1.0
    more = max(
        _difference(row["referenceReads"], row["otherReads"]),
        _difference(row["referenceWrites"], row["otherWrites"]),
    )
    return max(reads, writes, key=lambda ratio: abs(log(ratio))), more


def _access_text(row: Row) -> str:
    reads = _difference(row["referenceReads"], row["otherReads"]) >= _difference(
        row["referenceWrites"], row["otherWrites"]
    )
    did, counts, sizes = ("read", "Reads", "BytesRead") if reads else ("wrote", "Writes", "BytesWritten")
    new, size = row[f"other{counts}"], row[f"other{sizes}"]
    each = ""
    if isinstance(new, int) and isinstance(size, int) and new:
        each = f", {size / new:,.6g} bytes each on average"
    return f"{did} {row['path']} {value_text(new)} times instead of {value_text(row[f'reference{counts}'])}{each}"


def _input_text(task: str, writer: str | None, rows: Sequence[Row]) -> str:
    old = [row["referenceSize"] for row in rows if isinstance(row["referenceSize"], int | float)]
    new = [row["otherSize"] for row in rows if isinstance(row["otherSize"], int | float)]
    what = str(rows[0]["name"]) if len(rows) == 1 else count(len(rows), "file")
    of = f", which {writer} wrote" if writer else ", which no task of the run wrote"
    if not new:
        return f"{task} did not read {what}{of}, as in the reference"
    if not old:
        return f"{task} read {what} of {sum(new):,} bytes{of}; the reference did not"
    return f"{task} read {what} of {sum(new):,} bytes instead of {sum(old):,}{of}"


def _size_change(row: Row) -> float | None:
    """The ratio of sizes of an input, infinite where only one of the two tasks read it; None where it is not worth a link."""
    old, new = row["referenceSize"], row["otherSize"]
    if old is None and new is None:
        return None
    if old is None or new is None:
        return float("inf")
    ratio = _ratio(old, new)
    return ratio if ratio is None or _notable(ratio) else None


def _weight(row: Row) -> float:
    return _difference(row["referenceSize"] or 0, row["otherSize"] or 0)


def _notable(ratio: float) -> bool:
    return ratio >= GREW or ratio <= 1 / GREW


def _ratio(old: Value, new: Value) -> float | None:
    if isinstance(old, int | float) and isinstance(new, int | float) and old > 0 and new > 0:
        return new / old
    return None


def _difference(old: Value, new: Value) -> float:
    return abs(float(new or 0) - float(old or 0))


def _change(name: str, row: Row) -> str:
    unit = _UNITS.get(name, "")
    return f"{value_text(row['otherValue'])} {unit} instead of {value_text(row['referenceValue'])}".replace(
        "  ", " "
    )


def _times(ratio: float) -> str:
    return f"{ratio:.3g} times as long"


def _identifier(iri: str) -> str:
    return unquote(iri.rsplit(_TASK, 1)[-1])
