"""What is in one run only: tasks, dependencies, inputs; and how the members of ambiguous classes differ together."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from statistics import median

from recup_kg.align.match import AmbiguousClass
from recup_kg.align.tokens import without_run_tokens
from recup_kg.compare.context import Context
from recup_kg.compare.deviations import exceeds
from recup_kg.compare.facts import Facts, Ran
from recup_kg.comparisons import Deviation, Evidence, Kind, Value
from recup_kg.vocab import DCAT, PROV, RECUP

CLASS_QUERY = "ambiguous-tasks"


def only_in_one(context: Context) -> Iterator[Deviation]:
    """Tasks that one run has and the other has not; first where no parent of theirs is such a task."""
    matching = context.matching
    members = {task for entry in matching.classes for task in entry.reference}
    others = {task for entry in matching.classes for task in entry.other}
    for query, facts, names, classed, matched in (
        (
            "structure-only-reference",
            context.reference,
            context.reference_tasks,
            members,
            set(matching.pairs),
        ),
        ("structure-only-other", context.other, context.other_tasks, others, set(matching.pairs.values())),
    ):
        found = {names[str(row["task"])]: row for row in context.rows(query) if str(row["task"]) in names}
        lacking = found.keys() - classed
        for task in (task for task in found if task in lacking):
            evidence = context.evidence(query, found[task])
            in_reference = facts is context.reference
            yield _only(facts, task, evidence, lacking, in_reference, planned=task in matched)


def dependencies(context: Context) -> Iterator[Deviation]:
    """Dependencies between matched tasks that one run has and the other has not."""
    for query, side in (
        ("dependency-only-reference", "the reference"),
        ("dependency-only-other", "the other run"),
    ):
        in_reference = query == "dependency-only-reference"
        tasks = context.reference_tasks if in_reference else context.other_tasks
        for row in context.rows(query):
            task, parent = tasks.get(str(row["task"])), tasks.get(str(row["parent"]))
            if task is None or parent is None:
                continue
            yield Deviation(
                kind=Kind.STRUCTURE,
                name=f"{parent} -> {task}",
                message=f"{task} depends on {parent} in {side} only",
                evidence=context.evidence(query, row),
                reference_task=task if in_reference else None,
                other_task=None if in_reference else task,
                reference_node=str(row["task"]) if in_reference else None,
                other_node=None if in_reference else str(row["task"]),
            )


def unpaired_inputs(context: Context) -> Iterator[Deviation]:
    """Inputs that no task wrote and that matched tasks read in one run only: one deviation a file."""
    for query, in_reference in (("data-only-reference", True), ("data-only-other", False)):
        facts = context.reference if in_reference else context.other
        names = context.reference_data if in_reference else context.other_data
        tasks = context.reference_tasks if in_reference else context.other_tasks
        seen = set()
        for row in context.rows(query):
            item, task = names.get(str(row["data"])), tasks.get(str(row["task"]))
            if item is None or task is None or item in seen or item not in facts.use.primary:
                continue
            if _inputs_untold(context, task, in_reference):
                continue
            seen.add(item)
            yield Deviation(
                kind=Kind.INPUT,
                name=facts.data[item].logical_name,
                message=f"input '{item}' is read in {'the reference' if in_reference else 'the other run'} only",
                evidence=context.evidence(query, row),
                reference_task=task if in_reference else None,
                other_task=None if in_reference else task,
                reference_value=facts.data[item].size if in_reference else None,
                other_value=None if in_reference else facts.data[item].size,
                unit="bytes" if facts.data[item].size is not None else None,
                reference_node=str(row["data"]) if in_reference else None,
                other_node=None if in_reference else str(row["data"]),
                level=facts.tasks[task].level,
            )


def _inputs_untold(context: Context, task: str, in_reference: bool) -> bool:
    """Whether it was not captured what the partner of a task read: then that it read something less is not known."""
    counterpart = context.other if in_reference else context.reference
    partner = context.matching.pairs.get(task) if in_reference else context.reference_partners.get(task)
    return (
        not counterpart.covered(PROV + "used")
        and partner is not None
        and not counterpart.use.inputs.get(partner)
    )


def ambiguous(context: Context) -> Iterator[Deviation]:
    """Differences of ambiguous classes as wholes: size, arguments, outputs, machines, median run time."""
    for index, entry in enumerate(context.matching.classes):
        evidence = Evidence(CLASS_QUERY, {"class": index, "name": entry.name})
        yield from _class_size(context, entry, evidence)
        if not _all_ran(context, entry):
            continue
        yield from _class_words(context, entry, evidence)
        yield from _class_outputs(context, entry, evidence)
        yield from _class_run_times(context, entry, evidence)


def _only(
    facts: Facts, task: str, evidence: Evidence, lacking: Set[str], in_reference: bool, *, planned: bool
) -> Deviation:
    """`lacking` are the tasks that the counterpart lacks, `planned` says that it planned this one without executing it."""
    roots = tuple(parent for parent in facts.parents[task] if parent in lacking)
    sides = ("the reference", "the other run")
    side, counterpart = sides if in_reference else reversed(sides)
    label = facts.tasks[task].label
    message = (
        f"{label} was planned in {counterpart} and not executed" if planned else f"{label} is in {side} only"
    )
    if facts.tasks[task].ran is not Ran.YES:
        message += f", {facts.tasks[task].ran.value}"
    return Deviation(
        kind=Kind.STRUCTURE,
        name=facts.tasks[task].label,
        message=message,
        evidence=evidence,
        reference_task=task if in_reference else None,
        other_task=None if in_reference else task,
        first=not roots,
        inherited_from=roots,
        reference_node=facts.tasks[task].iri if in_reference else None,
        other_node=None if in_reference else facts.tasks[task].iri,
        level=facts.tasks[task].level,
    )


def _class_size(context: Context, entry: AmbiguousClass, evidence: Evidence) -> Iterator[Deviation]:
    old, new = len(entry.reference), len(entry.other)
    if old != new:
        message = f"there are {new} tasks of {entry.name} instead of {old}, which can't be told apart"
        yield _of_class(context, Kind.STRUCTURE, entry, evidence, message, old, new, "tasks")
        return
    (low, high), (least, most) = (_executed(facts, members) for facts, members in _sides(context, entry))
    if high < least or most < low:
        message = f"of {new} tasks of {entry.name} {least} were executed instead of {low}"
        yield _of_class(context, Kind.STRUCTURE, entry, evidence, message, low, least, "tasks")


def _executed(facts: Facts, members: Sequence[str]) -> tuple[int, int]:
    """How many tasks were executed at least, and at most."""
    counts = Counter(facts.tasks[task].ran for task in members)
    return counts[Ran.YES], counts[Ran.YES] + counts[Ran.UNKNOWN]


def _all_ran(context: Context, entry: AmbiguousClass) -> bool:
    """Whether all members are known to have run: of others there is nothing to compare as a class."""
    return all(
        facts.tasks[task].ran is Ran.YES for facts, members in _sides(context, entry) for task in members
    )


def _class_words(context: Context, entry: AmbiguousClass, evidence: Evidence) -> Iterator[Deviation]:
    old, new = (_commands(facts, members) for facts, members in _sides(context, entry))
    if old is None or new is None:
        return
    differing = len(_minus(new, old))
    if len(entry.reference) == len(entry.other) and differing:
        message = (
            f"{differing} of {len(new)} tasks of {entry.name} have other arguments; they can't be paired"
        )
        yield _of_class(context, Kind.PARAMETER, entry, evidence, message)


def _class_outputs(context: Context, entry: AmbiguousClass, evidence: Evidence) -> Iterator[Deviation]:
    old, new = (_output_sizes(facts, members) for facts, members in _sides(context, entry))
    if old is None or new is None or old == new or len(entry.reference) != len(entry.other):
        return
    message = f"the tasks of {entry.name} wrote {sum(new):,} bytes in all instead of {sum(old):,}"
    roots = _class_roots(context, entry)
    yield _of_class(context, Kind.OUTPUT, entry, evidence, message, sum(old), sum(new), "bytes", roots)


def _class_run_times(context: Context, entry: AmbiguousClass, evidence: Evidence) -> Iterator[Deviation]:
    old, new = (_median_run_time(facts, members) for facts, members in _sides(context, entry))
    options = context.options
    if old is not None and new is not None and exceeds(old, new, options.ratio, options.seconds):
        message = f"the median run time of {entry.name} is {new:.4g} s instead of {old:.4g} s"
        roots = _class_roots(context, entry)
        yield _of_class(context, Kind.PERFORMANCE, entry, evidence, message, old, new, "s", roots)


def machines_of_classes(context: Context) -> Iterator[Deviation]:
    """Ambiguous classes whose tasks ran on other machines, counted with multiplicity."""
    for index, entry in enumerate(context.matching.classes):
        old, new = (_machines(facts, members) for facts, members in _sides(context, entry))
        moved = len(_minus(new, old))
        if moved and old and _all_ran(context, entry) and len(entry.reference) == len(entry.other):
            message = (
                f"{moved} of {len(new)} tasks of {entry.name} ran on other machines; they can't be paired"
            )
            evidence = Evidence(CLASS_QUERY, {"class": index, "name": entry.name})
            yield _of_class(context, Kind.PLACEMENT, entry, evidence, message)


def _of_class(
    context: Context,
    kind: Kind,
    entry: AmbiguousClass,
    evidence: Evidence,
    message: str,
    old: Value = None,
    new: Value = None,
    unit: str | None = None,
    roots: tuple[str, ...] = (),
) -> Deviation:
    numbers = isinstance(old, int | float) and isinstance(new, int | float) and bool(old)
    return Deviation(
        kind=kind,
        name=f"{entry.name} ({len(entry.reference)} tasks)",
        message=message,
        evidence=evidence,
        first=not roots,
        inherited_from=roots,
        reference_value=old,
        other_value=new,
        unit=unit,
        ratio=float(new) / float(old) if numbers and old and isinstance(new, int | float) else None,
        level=min((context.reference.tasks[task].level for task in entry.reference), default=0),
    )


def _sides(context: Context, entry: AmbiguousClass) -> tuple[tuple[Facts, Sequence[str]], ...]:
    return (context.reference, entry.reference), (context.other, entry.other)


def _class_roots(context: Context, entry: AmbiguousClass) -> tuple[str, ...]:
    """The roots of a class: those of the tasks that wrote its inputs, and these tasks themselves where they have no partner."""
    found: dict[str, None] = {}
    pairs = context.matching.pairs
    for task in entry.reference:
        for item in context.reference.use.inputs.get(task, ()):
            for generator in context.reference.generators.get(item, ()):
                roots = context.frontier.inherited(generator)
                found.update(dict.fromkeys(roots if generator in pairs else (generator,)))
    return tuple(found)


def _commands(facts: Facts, members: Sequence[str]) -> list[str] | None:
    """Programs with their arguments; None where they were not captured of all."""
    if any(facts.tasks[task].program is None or facts.tasks[task].arguments is None for task in members):
        return None
    return [
        json.dumps([facts.tasks[task].program, *map(without_run_tokens, facts.tasks[task].arguments or ())])
        for task in members
    ]


def _output_sizes(facts: Facts, members: Sequence[str]) -> list[int] | None:
    """The sizes of all outputs in order of size; None where one is unknown or nothing was captured."""
    items = [item for task in members for item in facts.use.outputs.get(task, ())]
    sizes = [facts.data[item].size for item in items]
    known = [size for size in sizes if size is not None]
    return sorted(known) if sizes and len(known) == len(sizes) else None


def _median_run_time(facts: Facts, members: Sequence[str]) -> float | None:
    times = [facts.tasks[task].run_time for task in members if not facts.unreliable_run_time(task)]
    known = [time for time in times if time is not None]
    return median(known) if known and len(known) == len(members) else None


def _machines(facts: Facts, members: Sequence[str]) -> list[str]:
    return [node for task in members for node in facts.nodes.get(task, ())]


def _minus(left: Sequence[str], right: Sequence[str]) -> list[str]:
    """The entries of `left` that `right` has not, with multiplicity."""
    return list((Counter(left) - Counter(right)).elements())


CAPTURED = {
    RECUP + "program": "program",
    RECUP + "arguments": "arguments",
    PROV + "used": "inputs",
    PROV + "generated": "outputs",
    PROV + "atLocation": "machine",
    RECUP + "runTime": "run time",
}
"""What the verdicts rest on: a property of which one run states more than the other is a capture gap."""


ALSO_CAPTURED = {
    DCAT + "byteSize": "sizes",
    PROV + "startedAtTime": "start times",
    RECUP + "status": "status",
    RECUP + "averageCpuUtilization": "processor use",
    RECUP + "readBytes": "bytes read",
    RECUP + "writtenBytes": "bytes written",
    RECUP + "residentMemory": "memory",
}
"""What else is known of tasks and data: a capture gap where one run states nothing of it at all."""


def uncaptured(context: Context) -> Iterator[Deviation]:
    """Tasks of which nobody can tell whether they ran: one capture gap for all of them, as none of them is a difference."""
    if not context.uncaptured:
        return
    runs = (context.reference, context.other)
    old, new = (f"{len(facts.tasks) - facts.number(Ran.UNKNOWN):,} of {len(facts.tasks):,}" for facts in runs)
    both, left, right, neither = context.told
    message = (
        f"whether tasks ran: captured for {new} instead of {old}; of the matched tasks {both:,} in both runs, "
        f"{left:,} in the reference only, {right:,} in the other run only, {neither:,} in neither"
    )
    worst = max(runs, key=lambda facts: facts.number(Ran.UNKNOWN))
    evidence = Evidence("unexecuted-tasks", {"run": worst.run.graph})
    yield Deviation(Kind.CAPTURE_GAP, "execution", message, evidence, reference_value=old, other_value=new)


def capture_gaps(context: Context) -> Iterator[Deviation]:
    """Properties that one run states of all its tasks and the other of none or some."""
    for row in context.rows("capture-asymmetry"):
        key = str(row["property"])
        nothing = 0 in (row["referenceObserved"], row["otherObserved"])
        name = CAPTURED.get(key) or (ALSO_CAPTURED.get(key) if nothing else None)
        if name is None:
            continue
        old, new = (
            f"{row[f'{side}Observed']} of {row[f'{side}Expected']}" for side in ("reference", "other")
        )
        things = "files" if key == DCAT + "byteSize" else "tasks"
        message = f"{name}: captured for {new} {things} instead of {old}"
        evidence = context.evidence("capture-asymmetry", row)
        yield Deviation(Kind.CAPTURE_GAP, name, message, evidence, reference_value=old, other_value=new)
