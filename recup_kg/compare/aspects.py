"""The verdicts: same, different or can't tell, for each aspect and overall."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from recup_kg.compare.context import Context
from recup_kg.compare.deviations import SHARED_QUERY, exceeds
from recup_kg.compare.facts import Ran
from recup_kg.compare.names import (
    ENVIRONMENT,
    INPUTS,
    MACHINES,
    OUTPUTS,
    PERFORMANCE,
    PROGRAMS,
    STATUS,
    STRUCTURE,
)
from recup_kg.compare.settings import gaps_of_settings, is_of_settings
from recup_kg.compare.sources import QUERY, lowered
from recup_kg.comparisons import Aspect, Deviation, Kind, Makespan, Verdict
from recup_kg.vocab import DCAT, PROV, RECUP

_ESSENTIAL = {STRUCTURE, PROGRAMS, INPUTS, OUTPUTS, PERFORMANCE}
"""Two runs are not the same as long as one of these can't be told, even where neither run captured it."""


def judge(context: Context, deviations: Collection[Deviation], makespan: Makespan) -> tuple[Aspect, ...]:
    """The verdict on each aspect."""
    of_graphs = [deviation for deviation in deviations if not is_of_settings(deviation)]
    of_tasks = (
        _programs(context, of_graphs),
        _inputs(context, deviations),
        _outputs(context, deviations),
        _machines(context, of_graphs),
        _status(context, deviations),
        _performance(context, deviations, makespan),
    )
    found = (
        _structure(context, deviations),
        *(_of_matched_tasks(context, aspect) for aspect in of_tasks),
        *_environment(context, deviations),
    )
    return tuple(lowered(context, aspect) for aspect in found)


def overall(aspects: Iterable[Aspect]) -> Verdict:
    """Different if any aspect is; else can't tell if one can't be told that is essential, or that one run captured; else same."""
    found = list(aspects)
    if any(aspect.verdict is Verdict.DIFFERENT for aspect in found):
        return Verdict.DIFFERENT
    untold = (aspect for aspect in found if aspect.verdict is Verdict.CANT_TELL)
    if any(aspect.captured or aspect.name in _ESSENTIAL for aspect in untold):
        return Verdict.CANT_TELL
    return Verdict.SAME


def _of_matched_tasks(context: Context, aspect: Aspect) -> Aspect:
    """What is the same for matched tasks says nothing of tasks that one run has and the other has not, or may not have run."""
    matching = context.matching
    alone = len(matching.only_reference) + len(matching.only_other) + context.ran_in_one
    if aspect.verdict is not Verdict.SAME:
        return aspect
    if context.uncaptured and not context.same_execution:
        reason = f"the same as far as captured; {_uncaptured(context)}"
        return Aspect(aspect.name, Verdict.CANT_TELL, reason)
    if not alone:
        return aspect
    reason = f"the same for {_several(len(matching.pairs), 'matched task')}; {_several(alone, 'task')} in one run only"
    return Aspect(aspect.name, Verdict.CANT_TELL, reason)


def _uncaptured(context: Context) -> str:
    """How many tasks nobody can tell the execution of."""
    old, new = (facts.number(Ran.UNKNOWN) for facts in (context.reference, context.other))
    return (
        f"whether {_several(old, 'task')} of the reference and {new:,} of the other run ran was not captured"
    )


def _structure(context: Context, deviations: Collection[Deviation]) -> Aspect:
    found = [deviation for deviation in deviations if deviation.kind is Kind.STRUCTURE]
    if found:
        return Aspect(
            STRUCTURE, Verdict.DIFFERENT, _several(len(found), "difference") + " of tasks or dependencies"
        )
    if any(
        deviation.kind is Kind.CAPTURE_GAP and deviation.evidence.query == QUERY for deviation in deviations
    ):
        return Aspect(STRUCTURE, Verdict.CANT_TELL, "the task graph of a run did not arrive as a whole")
    told = f"; {_uncaptured(context)}" if context.uncaptured else ""
    return Aspect(STRUCTURE, Verdict.SAME, f"the same tasks and dependencies{told}")


def _programs(context: Context, deviations: Collection[Deviation]) -> Aspect:
    kinds = Counter(deviation.kind for deviation in deviations)
    words = ((Kind.PARAMETER, "other arguments"), (Kind.SEED, "another seed"))
    if kinds[Kind.PROGRAM] or kinds[Kind.PARAMETER] or kinds[Kind.SEED]:
        found = [_several(kinds[Kind.PROGRAM], "other program")] if kinds[Kind.PROGRAM] else []
        found += [f"{_tasks(deviations, kind)} with {what}" for kind, what in words if kinds[kind]]
        return Aspect(PROGRAMS, Verdict.DIFFERENT, " and ".join(found))
    return _covered(
        context,
        PROGRAMS,
        "the same programs and arguments",
        "programs or arguments",
        RECUP + "program",
        RECUP + "arguments",
    )


def _inputs(context: Context, deviations: Collection[Deviation]) -> Aspect:
    found = sum(deviation.kind is Kind.INPUT for deviation in deviations)
    if found:
        return Aspect(INPUTS, Verdict.DIFFERENT, _several(found, "other input") + " that no task wrote")
    doubtful = _doubtful_inputs(context)
    if doubtful:
        names = ", ".join(doubtful[:3]) + (" …" if len(doubtful) > 3 else "")
        return Aspect(INPUTS, Verdict.CANT_TELL, f"the recorded size says nothing of {names}")
    unpaired = _unpaired_inputs(context)
    if unpaired:
        reason = f"{_several(unpaired, 'input')} of tasks that can't be paired"
        return Aspect(INPUTS, Verdict.CANT_TELL, reason)
    primary = context.reference.use.primary
    if not primary and context.reference.data and not context.same_execution:
        return Aspect(
            INPUTS,
            Verdict.CANT_TELL,
            "no data are known that no task wrote: files that tasks read are not in it",
            False,
        )
    if any(context.reference.data[item].size is None for item in primary):
        return Aspect(INPUTS, Verdict.CANT_TELL, "the sizes of inputs are not captured for all")
    return _covered(context, INPUTS, "the same sizes; no checksums were captured", "inputs", PROV + "used")


def _doubtful_inputs(context: Context) -> list[str]:
    """The inputs whose recorded sizes differ, or are both 0, only because of how they were recorded."""
    if context.same_execution:
        return []
    found = []
    for item, partner in context.aligned.items():
        if item not in context.reference.use.primary:
            continue
        left, right = context.reference.data[item].size, context.other.data[partner].size
        doubtful = context.reference.unreliable_size(item) or context.other.unreliable_size(partner)
        if doubtful and (left != right or not left):
            found.append(item)
    return found


def _unpaired_inputs(context: Context) -> int:
    """How many inputs that no task wrote have no partner."""
    left = context.reference.use.primary - context.aligned.keys()
    right = context.other.use.primary - set(context.aligned.values())
    return len(left) + len(right)


def _outputs(context: Context, deviations: Collection[Deviation]) -> Aspect:
    found = sum(deviation.kind is Kind.OUTPUT for deviation in deviations)
    if found:
        first = sum(deviation.kind is Kind.OUTPUT and deviation.first for deviation in deviations)
        return Aspect(
            OUTPUTS,
            Verdict.DIFFERENT,
            f"{_several(found, 'output')} of other size{_or_content(deviations)}, {first} of them first",
        )
    written = (item for item, tasks in context.reference.generators.items() if tasks)
    if any(context.reference.data[item].size is None for item in written):
        return Aspect(OUTPUTS, Verdict.CANT_TELL, "the sizes of outputs are not captured for all")
    unpaired = [item for item in context.reference.generators if item not in context.aligned]
    if unpaired and not context.matching.classes:
        return Aspect(OUTPUTS, Verdict.CANT_TELL, f"{_several(len(unpaired), 'output')} could not be paired")
    return _covered(
        context,
        OUTPUTS,
        "the same sizes; no checksums were captured",
        "outputs",
        PROV + "generated",
        DCAT + "byteSize",
    )


def _or_content(deviations: Collection[Deviation]) -> str:
    compared = any(deviation.evidence.query == "deviation-content" for deviation in deviations)
    return " or content" if compared else ""


def _machines(context: Context, deviations: Collection[Deviation]) -> Aspect:
    kinds = Counter(deviation.kind for deviation in deviations)
    if kinds[Kind.PLACEMENT] or kinds[Kind.ENVIRONMENT]:
        found = (
            [_tasks(deviations, Kind.PLACEMENT) + " ran on other machines"] if kinds[Kind.PLACEMENT] else []
        )
        found += (
            [_several(kinds[Kind.ENVIRONMENT], "other fact") + " of machines or system"]
            if kinds[Kind.ENVIRONMENT]
            else []
        )
        return Aspect(MACHINES, Verdict.DIFFERENT, "; ".join(found))
    return _covered(
        context, MACHINES, "every task ran on the same machine", "the machine of tasks", PROV + "atLocation"
    )


def _status(context: Context, deviations: Collection[Deviation]) -> Aspect:
    found = sum(deviation.kind is Kind.STATUS for deviation in deviations)
    if found:
        return Aspect(STATUS, Verdict.DIFFERENT, _several(found, "task") + " ended with another status")
    return _covered(context, STATUS, "the same status of every task", "the status of tasks", RECUP + "status")


def _performance(context: Context, deviations: Collection[Deviation], makespan: Makespan) -> Aspect:
    shared = [deviation for deviation in deviations if _is_shared(deviation)]
    found = sum(deviation.kind is Kind.PERFORMANCE for deviation in deviations) - len(shared)
    options, ratio = context.options, makespan.ratio
    whole = (
        makespan.reference is not None
        and makespan.other is not None
        and exceeds(makespan.reference, makespan.other, options.makespan_ratio, options.seconds)
    )
    if found or whole or shared:
        reasons = [f"the makespan is {ratio:.2f} times the reference's"] if whole and ratio else []
        reasons += (
            [
                f"{_several(found, 'run time')} {'differs' if found == 1 else 'differ'} {options.ratio:g} times or more"
            ]
            if found
            else []
        )
        reasons += [deviation.message.split(": ")[0] for deviation in shared[:2]]
        text = "; ".join(reasons) + "; one run against one: a difference, no statement on significance"
        return Aspect(PERFORMANCE, Verdict.DIFFERENT, text)
    if ratio is None:
        return Aspect(PERFORMANCE, Verdict.CANT_TELL, "the makespan is not captured in both runs")
    if not context.same_execution and _zero_times(context):
        return Aspect(
            PERFORMANCE, Verdict.CANT_TELL, "run times of 0 were recorded beside processor use or I/O"
        )
    return _covered(
        context,
        PERFORMANCE,
        f"no task differs {options.ratio:g} times and {options.seconds:g} s",
        "run times",
        RECUP + "runTime",
    )


def _environment(context: Context, deviations: Collection[Deviation]) -> Iterator[Aspect]:
    """Packages, parameters, seeds, variables and images; nothing is said of them where neither run captured any."""
    settings = context.settings
    if not any(settings.captured):
        return
    found = Counter(deviation.kind for deviation in deviations if is_of_settings(deviation))
    gaps = gaps_of_settings(deviations)
    if found:
        names = (
            (Kind.ENVIRONMENT, "other package or setting", "other packages or settings"),
            (Kind.PARAMETER, "other parameter", None),
            (Kind.SEED, "other seed", None),
        )
        parts = [_several(found[kind], one, many) for kind, one, many in names if found[kind]]
        yield Aspect(ENVIRONMENT, Verdict.DIFFERENT, "; ".join(parts))
    elif gaps:
        more = f" and {len(gaps) - 1} more" if len(gaps) > 1 else ""
        yield Aspect(ENVIRONMENT, Verdict.CANT_TELL, gaps[0].message + more)
    else:
        kinds = ", ".join(
            sorted(kind if " " in kind or kind == "modules" else f"{kind}s" for kind in settings.in_both)
        )
        yield Aspect(ENVIRONMENT, Verdict.SAME, f"the same, as far as captured: {kinds}")


def _is_shared(deviation: Deviation) -> bool:
    """Whether it is of what tasks share, and of no single task or class."""
    return (
        deviation.kind is Kind.PERFORMANCE
        and deviation.reference_task is None
        and deviation.evidence.query == SHARED_QUERY
    )


def _zero_times(context: Context) -> bool:
    runs = (context.reference, context.other)
    return any(facts.unreliable_run_time(task) for facts in runs for task in facts.tasks)


def _covered(context: Context, name: str, same: str, what: str, *properties: str) -> Aspect:
    """Same where both runs state the properties of everything; else can't tell, with who does not."""
    incomplete = [
        side
        for side, facts in (("the reference", context.reference), ("the other run", context.other))
        if not facts.covered(*properties)
    ]
    if not incomplete:
        return Aspect(name, Verdict.SAME, same)
    captured = context.reference.captured(*properties) or context.other.captured(*properties)
    where = "either run" if len(incomplete) == 2 else incomplete[0]
    how = "not captured for all in" if captured else "not captured in"
    return Aspect(name, Verdict.CANT_TELL, f"{what}: {how} {where}", captured)


def _tasks(deviations: Iterable[Deviation], kind: Kind) -> str:
    """How many tasks deviate so, and how many classes of tasks that can't be told apart."""
    single = [deviation.reference_task is not None for deviation in deviations if deviation.kind is kind]
    tasks, classes = sum(single), len(single) - sum(single)
    found = [_several(tasks, "task")] if tasks else []
    found += [_several(classes, "class", "classes") + " of tasks"] if classes else []
    return " and ".join(found)


def _several(number: int, noun: str, plural: str | None = None) -> str:
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
