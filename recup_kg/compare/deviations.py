"""Deviations of matched tasks and of data, each from a row of a query.

Whatever a recording artefact could explain is left out here: it is never a cause.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from recup_kg.align.tokens import without_run_tokens
from recup_kg.compare.context import Context, Row
from recup_kg.compare.settings import differences
from recup_kg.comparisons import Deviation, Evidence, Kind, Verdict

_SEED_OPTION = re.compile(r"-{0,2}(?:[\w.-]*[_.-])?(?:seed|random[_-]?state)", re.IGNORECASE)
"""What sets the state of a random number generator: --seed, -seed, --random_state, --numpy-seed, model.seed."""
SHARED_QUERY = "deviation-performance"


def programs(context: Context) -> Iterator[Deviation]:
    """Matched tasks that ran another program."""
    for row, task, partner in _task_rows(context, "deviation-program"):
        old, new = str(row["referenceValue"]), str(row["otherValue"])
        if without_run_tokens(old) != without_run_tokens(new):
            message = f"ran {_short(new)} instead of {_short(old)}"
            left, right = (without_run_tokens(text).split() for text in (old, new))
            kind = Kind.SEED if only_seeds_differ(left, right) else Kind.PROGRAM
            yield _of_task(context, kind, "deviation-program", row, task, partner, message)


def parameters(context: Context) -> Iterator[Deviation]:
    """Matched tasks with other arguments, run-specific tokens aside."""
    for row, task, partner in _task_rows(context, "deviation-parameter"):
        old, new = (json.loads(str(row[side])) for side in ("referenceValue", "otherValue"))
        left, right = ([without_run_tokens(word) for word in words] for words in (old, new))
        if left != right:
            message = _argument_message(left, right)
            kind = Kind.SEED if only_seeds_differ(left, right) else Kind.PARAMETER
            yield _of_task(context, kind, "deviation-parameter", row, task, partner, message)


def statuses(context: Context) -> Iterator[Deviation]:
    """Matched tasks that ended with another status; inherited where their inputs differ."""
    for row, task, partner in _task_rows(context, "deviation-status"):
        message = f"ended as {row['otherValue']} instead of {row['referenceValue']}"
        roots = context.frontier.inherited(task)
        yield _of_task(context, Kind.STATUS, "deviation-status", row, task, partner, message, roots=roots)


def placements(context: Context) -> Iterator[Deviation]:
    """Matched tasks that ran on another machine."""
    seen = set()
    for row, task, partner in _task_rows(context, "deviation-placement"):
        old, new = context.reference.nodes.get(task, ()), context.other.nodes.get(partner, ())
        if old == new or task in seen:
            continue
        seen.add(task)
        message = f"ran on {', '.join(new)} instead of {', '.join(old)}"
        yield _of_task(context, Kind.PLACEMENT, "deviation-placement", row, task, partner, message)


def outputs(context: Context) -> Iterator[Deviation]:
    """Outputs of matched tasks whose content differs: their size, as no trace has a checksum."""
    for row, task, partner in _task_rows(context, "deviation-output"):
        if is_no_change(context, row):
            continue
        name = str(row["name"])
        message = f"wrote '{name}' with {_change(row, 'bytes')}"
        roots = context.frontier.inherited(task)
        yield _of_task(
            context, Kind.OUTPUT, "deviation-output", row, task, partner, message, name, roots, unit="bytes"
        )


def contents(context: Context) -> Iterator[Deviation]:
    """Data of one size whose files were compared and differ: outputs at their task, inputs at those that read them."""
    for row, task, partner in _task_rows(context, "deviation-content"):
        written = row["role"] == "output"
        kind = Kind.OUTPUT if written else Kind.INPUT
        verb = "wrote" if written else "read"
        roots = context.frontier.inherited(task) if written else ()
        message = f"{verb} '{row['name']}' with other content"
        name = str(row["name"])
        yield _of_task(context, kind, "deviation-content", row, task, partner, message, name, roots)


def inputs(context: Context) -> Iterator[Deviation]:
    """Inputs that no task wrote and whose content differs: one deviation a file, at the first task that reads it."""
    consumers: dict[str, list[Row]] = {}
    for row in context.rows("deviation-input"):
        if row.get("primary") in (True, "true") and not is_no_change(context, row):
            consumers.setdefault(str(row["referenceData"]), []).append(row)
    for rows in consumers.values():
        row = min(rows, key=lambda row: _level(context, row))
        task = context.reference_tasks[str(row["reference"])]
        partner = context.other_tasks[str(row["other"])]
        message = f"input '{row['name']}' has {_change(row, 'bytes')}, read by {_count(len(rows), 'task')}"
        yield _of_task(
            context,
            Kind.INPUT,
            "deviation-input",
            row,
            task,
            partner,
            message,
            str(row["name"]),
            unit="bytes",
        )


def run_times(context: Context) -> Iterator[Deviation]:
    """Matched tasks whose run time differs by at least the ratio and the seconds of the options."""
    for row, task, partner in _task_rows(context, "deviation-performance"):
        old, new = _number(row["referenceValue"]), _number(row["otherValue"])
        unreliable = context.reference.unreliable_run_time(task) or context.other.unreliable_run_time(partner)
        if unreliable or not exceeds(old, new, context.options.ratio, context.options.seconds):
            continue
        message = f"took {new:.4g} s instead of {old:.4g} s"
        roots = context.frontier.inherited(task) or _shares(context, task, old, new)
        yield _of_task(
            context,
            Kind.PERFORMANCE,
            "deviation-performance",
            row,
            task,
            partner,
            message,
            roots=roots,
            unit="s",
        )


def shared_run_times(context: Context) -> Iterator[Deviation]:
    """Machines, files and steps whose tasks took longer or shorter together, each one deviation (`recup_kg.compare.shared`)."""
    for found in context.shared:
        rest = "" if found.rest is None else f", the others {found.rest:.2f} times"
        same = ", ".join(f"{kind} {name}" for kind, name in found.names[1:4])
        more = f" (the same tasks: {same}{' …' if len(found.names) > 4 else ''})" if same else ""
        message = (
            f"{_count(len(found.tasks), 'task')} of {found.label} took {found.ratio:.2f} times as long in the middle{rest}: "
            f"{found.other:.4g} s in all instead of {found.reference:.4g} s{more}"
        )
        yield Deviation(
            kind=Kind.PERFORMANCE,
            name=found.label,
            message=message,
            evidence=Evidence(
                SHARED_QUERY, {"shared": "; ".join(map(" ".join, found.names)), "tasks": len(found.tasks)}
            ),
            reference_value=found.reference,
            other_value=found.other,
            unit="s",
            ratio=found.ratio,
        )


def _shares(context: Context, task: str, old: float, new: float) -> tuple[str, ...]:
    """The shared thing that explains the run time of a task."""
    if not old or not new:
        return ()
    return tuple(found.label for found in context.shared if found.explains(task, new / old))


def environment(context: Context) -> Iterator[Deviation]:
    """Facts of the machines and of the workflow system that differ."""
    for row in context.rows("environment-difference"):
        name = f"{row['subject']}: {row['property']}"
        message = f"{name} is {row['otherValue']} instead of {row['referenceValue']}"
        yield Deviation(
            kind=Kind.ENVIRONMENT,
            name=name,
            message=message,
            evidence=context.evidence("environment-difference", row),
            reference_value=row.get("referenceValue"),
            other_value=row.get("otherValue"),
        )


def settings(context: Context) -> Iterator[Deviation]:
    """Packages, parameters, seeds and other settings that differ, of runs that other sources than a task graph tell of."""
    return differences(context.settings)


def only_seeds_differ(old: Sequence[str], new: Sequence[str]) -> bool:
    """Whether two lists of arguments differ in nothing but the values of options that set a random seed."""
    if len(old) != len(new):
        return False
    places = [place for place, (left, right) in enumerate(zip(old, new, strict=True)) if left != right]
    return bool(places) and all(_is_seed(old, place) and _is_seed(new, place) for place in places)


def _is_seed(words: Sequence[str], place: int) -> bool:
    """Whether a word is `--seed=7`, or the 7 of `--seed 7`."""
    option, equals, _ = words[place].partition("=")
    if equals:
        return bool(_SEED_OPTION.fullmatch(option))
    return place > 0 and bool(_SEED_OPTION.fullmatch(words[place - 1]))


def exceeds(old: float, new: float, ratio: float, seconds: float) -> bool:
    """Whether two durations differ by at least `ratio` times and `seconds`."""
    small, large = sorted((old, new))
    return large - small >= seconds and large >= ratio * small


def _task_rows(context: Context, query: str) -> Iterator[tuple[Row, str, str]]:
    for row in context.rows(query):
        task = context.reference_tasks.get(str(row["reference"]))
        partner = context.other_tasks.get(str(row["other"]))
        if task is not None and partner is not None:
            yield row, task, partner


def _of_task(
    context: Context,
    kind: Kind,
    query: str,
    row: Row,
    task: str,
    partner: str,
    message: str,
    name: str | None = None,
    roots: tuple[str, ...] = (),
    unit: str | None = None,
) -> Deviation:
    label = context.reference.tasks[task].label
    return Deviation(
        kind=kind,
        name=name or label,
        message=message if kind is Kind.INPUT else f"{label} {message}",
        evidence=context.evidence(query, row),
        reference_task=task,
        other_task=partner,
        first=not roots,
        inherited_from=roots,
        reference_value=row.get("referenceValue"),
        other_value=row.get("otherValue"),
        unit=unit,
        ratio=_ratio(row) if unit else None,
        reference_node=str(row.get("referenceData") or row["reference"]),
        other_node=str(row.get("otherData") or row["other"]),
        level=context.reference.tasks[task].level,
    )


def is_no_change(context: Context, row: Row) -> bool:
    """Whether a difference of sizes says nothing: it may be one of recording, or the files were compared and agree."""
    verdict = context.contents.get((str(row["referenceData"]), str(row["otherData"])))
    return verdict is Verdict.SAME or is_artefact(context, row)


def is_artefact(context: Context, row: Row) -> bool:
    """Whether a difference of sizes may be one of recording: the size of one of both data objects is an artefact."""
    return context.reference.unreliable_size(
        context.reference_data[str(row["referenceData"])]
    ) or context.other.unreliable_size(context.other_data[str(row["otherData"])])


def _argument_message(old: list[str], new: list[str]) -> str:
    if sorted(old) == sorted(new):
        return "has the same arguments in another order"
    gone = [word for word in old if word not in new]
    come = [word for word in new if word not in old]
    if not gone and not come:
        return "repeats its arguments differently"
    return f"has arguments {_words(come)} instead of {_words(gone)}"


def _words(words: list[str]) -> str:
    shown = " ".join(map(_short, words[:5])) + (" …" if len(words) > 5 else "")
    return shown or "(none)"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:57]}…"


def _change(row: Mapping[str, object], unit: str) -> str:
    return f"{row['otherValue']:,} {unit} instead of {row['referenceValue']:,}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _number(value: object) -> float:
    return float(str(value))


def _ratio(row: Row) -> float | None:
    old, new = _number(row["referenceValue"]), _number(row["otherValue"])
    return new / old if old else None


def _level(context: Context, row: Row) -> tuple[int, str]:
    task = context.reference_tasks[str(row["reference"])]
    return context.reference.tasks[task].level, task
