"""Metrics of reproducibility of the runs of a workflow, or of two groups of runs, kept with where they come from."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias, get_args

from recup_kg import __version__
from recup_kg.api.access import Access
from recup_kg.api.computed_metrics import ComputedMetrics
from recup_kg.api.metrics_runs import Class, WholeRun, classes, everything_known, incomplete, usually_absent
from recup_kg.api.metrics_values import Quantity, of_nodes, of_runs, of_steps, shares
from recup_kg.errors import StoreError, UsageError
from recup_kg.measurements import MeasuredRun
from recup_kg.quality import Metric, MetricOptions, MetricValue, Observed, QualityReport, RunClass, Sample
from recup_kg.rdf.metrics import quality_graph
from recup_kg.store.registry import Kind
from recup_kg.vocab import bundle_iri, digest, metrics_iri

By: TypeAlias = Literal["run", "task", "node"]
Progress: TypeAlias = Callable[[str, float], None]
_LOG = logging.getLogger(__name__)

METRICS_VERSION = "1"
"""Raised when the same graphs give other values."""
ALL, COMPLETE = "all runs", "complete capture"
OF_PARTS = ("median", "cv", "qcd", "modality")
"""The metrics of steps and nodes where none are named."""
OF_PARTS_AGAINST = ("ratio-of-medians", "cliffs-delta", "mann-whitney")
_KINDS: tuple[Kind, ...] = ("metrics",)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for: the runs, by what, the metrics by name (none: the usual ones) and their options."""

    workflow: str | None = None
    by: By = "run"
    group: str | None = None
    against: str | None = None
    metrics: tuple[str, ...] = ()
    mixed: bool = False
    options: MetricOptions = field(default_factory=MetricOptions)


def compute_metrics(access: Access, wanted: Wanted, progress: Progress) -> ComputedMetrics:
    """The metrics, kept in the store. Raises `UsageError` for what makes no sense or means no run."""
    from recup_kg import metrics as library

    _check(wanted)
    groups = 1 if wanted.against is None else 2
    usual: tuple[str, ...] = ()
    if wanted.by != "run":
        usual = OF_PARTS if groups == 1 else OF_PARTS_AGAINST
    chosen = library.chosen(wanted.metrics or usual, groups)
    if not chosen:
        needs = "--against" if groups == 1 else "no --against"
        raise UsageError(f"{', '.join(wanted.metrics)}: these metrics need {needs}")
    progress("reading runs", 0.0)
    if wanted.against is None:
        found, remarks = _of_classes(access, wanted, chosen, progress)
    else:
        found, remarks = _of_two_groups(access, wanted, chosen, progress)
    report = _report(wanted, found, remarks)
    progress("keeping the metrics", 0.95)
    return ComputedMetrics(report, _keep(access, report))


def _check(wanted: Wanted) -> None:
    if wanted.by not in get_args(By):
        raise UsageError(f"no metrics by {wanted.by!r}; there are: {', '.join(get_args(By))}")
    if wanted.against is not None and wanted.group is None and wanted.workflow is None:
        raise UsageError("--against is the reference of a group: name the group with --group")
    options = wanted.options
    for name, value in (("confidence", options.confidence), ("power", options.power)):
        if not 0 < value < 1:
            raise UsageError(f"{name} {value:g} is no share between 0 and 1")
    for name, value in (("half-width", options.half_width), ("effect", options.effect)):
        if not value > 0:
            raise UsageError(f"{name} {value:g} is not above 0")


def _of_classes(
    access: Access, wanted: Wanted, chosen: Sequence[Metric], progress: Progress
) -> tuple[list[RunClass], list[str]]:
    known = everything_known(access, wanted.workflow, wanted.group)
    found = classes(known, mixed=wanted.mixed)
    done = []
    for number, one in enumerate(found):
        progress("computing", 0.1 + 0.8 * number / len(found))
        done.append(_of_class(access, wanted, chosen, one))
    return done, []


def _of_class(access: Access, wanted: Wanted, chosen: Sequence[Metric], one: Class) -> RunClass:
    lacking = incomplete(one.runs)
    complete = [run for run in one.runs if run.name not in lacking]
    remarks = []
    if wanted.by == "run":
        samples = _whole_samples(wanted, chosen, one, lacking)
        if not samples:
            remarks.append("no makespan was captured of these runs")
    else:
        used = complete if lacking and len(complete) > 1 else list(one.runs)
        if lacking:
            remarks.append(_about_incomplete(lacking, used))
        samples = _part_samples(access, wanted, chosen, used)
        if not samples:
            remarks.append(f"no run times by {wanted.by} were captured of these runs")
    absent = usually_absent(one.runs)
    if absent:
        remarks.append(f"not captured as a whole: {', '.join(absent)}")
    if wanted.mixed and len({run.fingerprint for run in one.runs}) > 1:
        remarks.append(f"mixed configurations; possible confounders: {_some(one.apart)}")
    return RunClass(
        one.fingerprint,
        tuple(run.name for run in one.runs),
        tuple(run.entry.described for run in one.runs),
        tuple(run.entry.graphs for run in one.runs),
        samples,
        one.workflow,
        one.apart,
        tuple((name, "; ".join(why)) for name, why in lacking.items()),
        tuple(remarks),
    )


def _whole_samples(
    wanted: Wanted, chosen: Sequence[Metric], one: Class, lacking: Mapping[str, object]
) -> tuple[Sample, ...]:
    samples = []
    for quantity in of_runs(one.workflow or "runs", one.runs, lacking):
        samples.append(_sample(wanted, chosen, quantity, ALL))
        kept = tuple(item for item in quantity.values if item.run not in lacking)
        if lacking and kept and len(kept) < len(quantity.values):
            samples.append(_sample(wanted, chosen, replace(quantity, values=kept), COMPLETE))
    return tuple(samples)


def _part_samples(
    access: Access, wanted: Wanted, chosen: Sequence[Metric], runs: Sequence[WholeRun]
) -> tuple[Sample, ...]:
    quantities = _parts(wanted.by, _measured(access, runs))
    share = shares(quantities) if wanted.by == "task" else {}
    samples = [replace(_sample(wanted, chosen, one, ALL), share=share.get(one.subject)) for one in quantities]
    return tuple(sorted(samples, key=lambda sample: (-(sample.share or 0), sample.subject)))


def _of_two_groups(
    access: Access, wanted: Wanted, chosen: Sequence[Metric], progress: Progress
) -> tuple[list[RunClass], list[str]]:
    one = everything_known(access, wanted.workflow, wanted.group)
    two = everything_known(access, None, wanted.against)
    shared = sorted({run.name for run in one} & {run.name for run in two})
    if shared:
        raise UsageError(f"{_some(shared)}: in both groups; a run can be in one of them only")
    for name, runs in (("--group", one), ("--against", two)):
        _refuse_mixed(name, runs, mixed=wanted.mixed)
    progress("computing", 0.3)
    lacking = incomplete((*one, *two))
    samples = _two_samples(access, wanted, chosen, (one, two), lacking)
    apart = frozenset().union(*(run.facts for run in one)) ^ frozenset().union(*(run.facts for run in two))
    remarks = [f"the groups also differ in: {_some(sorted(apart))}"] if apart else []
    if not samples:
        remarks.append(f"nothing was captured of both groups by {wanted.by}")
    everyone = (*one, *two)
    found = RunClass(
        None,
        tuple(run.name for run in everyone),
        tuple(run.entry.described for run in everyone),
        tuple(run.entry.graphs for run in everyone),
        _adjusted(samples),
        one[0].workflow,
        tuple(sorted(apart)),
        tuple((name, "; ".join(why)) for name, why in lacking.items()),
        tuple(remarks),
    )
    return [found], []


def _two_samples(
    access: Access,
    wanted: Wanted,
    chosen: Sequence[Metric],
    groups: tuple[Sequence[WholeRun], Sequence[WholeRun]],
    lacking: Mapping[str, object],
) -> tuple[Sample, ...]:
    if wanted.by == "run":
        sides = [of_runs("runs", runs, lacking) for runs in groups]
    else:
        measured = _measured(access, (*groups[0], *groups[1]))
        names = [{run.name for run in runs} for runs in groups]
        quantities = _parts(wanted.by, measured)
        sides = [tuple(_of(quantity, chosen_names) for quantity in quantities) for chosen_names in names]
    pairs = [(x, y) for x in sides[0] for y in sides[1] if (x.subject, x.name) == (y.subject, y.name)]
    return tuple(
        _sample(wanted, chosen, x, ALL, y.values) for x, y in pairs if x.values and y.values
    ) + tuple(_without_incomplete(wanted, chosen, pairs, lacking))


def _without_incomplete(
    wanted: Wanted,
    chosen: Sequence[Metric],
    pairs: Iterable[tuple[Quantity, Quantity]],
    lacking: Mapping[str, object],
) -> Iterable[Sample]:
    for pair in pairs if lacking else ():
        x, y = (_of(quantity, {v.run for v in quantity.values} - lacking.keys()) for quantity in pair)
        if x.values and y.values and (len(x.values), len(y.values)) != tuple(len(q.values) for q in pair):
            yield _sample(wanted, chosen, x, COMPLETE, y.values)


def _of(quantity: Quantity, names: set[str]) -> Quantity:
    return replace(quantity, values=tuple(value for value in quantity.values if value.run in names))


def _measured(access: Access, runs: Sequence[WholeRun]) -> tuple[MeasuredRun, ...]:
    from recup_kg.api.measure import measured_runs

    return measured_runs(access.reading(), [run.entry for run in runs]).runs


def _parts(by: By, runs: Sequence[MeasuredRun]) -> tuple[Quantity, ...]:
    return of_steps(runs) if by == "task" else of_nodes(runs)


def _sample(
    wanted: Wanted,
    chosen: Sequence[Metric],
    quantity: Quantity,
    selection: str,
    against: tuple[Observed, ...] = (),
) -> Sample:
    from recup_kg import metrics as library

    values = [item.value for item in quantity.values]
    others = [item.value for item in against]
    if against:
        found = [library.measure_two(metric, values, others, wanted.options) for metric in chosen]
    else:
        found = [library.measure(metric, values, wanted.options) for metric in chosen]
    return Sample(
        wanted.by,
        quantity.subject,
        quantity.name,
        quantity.unit,
        selection,
        quantity.values,
        tuple(found),
        against=against,
    )


def _adjusted(samples: Sequence[Sample]) -> tuple[Sample, ...]:
    """The samples with p corrected after Holm for as many subjects as are tested, metric by metric."""
    from recup_kg.metrics.corrections import holm

    tested = [
        (number, place, value)
        for number, sample in enumerate(samples)
        for place, value in enumerate(sample.metrics)
        if value.p is not None
    ]
    adjusted: dict[tuple[int, int], float] = {}
    for key in {(value.metric, samples[number].selection) for number, _, value in tested}:
        family = [item for item in tested if (item[2].metric, samples[item[0]].selection) == key]
        for (number, place, _), p in zip(family, holm([v.p or 0.0 for *_, v in family]), strict=True):
            if len(family) > 1:
                adjusted[number, place] = p
    return tuple(
        replace(sample, metrics=tuple(_with(v, adjusted.get((n, i))) for i, v in enumerate(sample.metrics)))
        for n, sample in enumerate(samples)
    )


def _with(value: MetricValue, p: float | None) -> MetricValue:
    return value if p is None else replace(value, p_adjusted=p)


def _refuse_mixed(name: str, runs: Sequence[WholeRun], *, mixed: bool) -> None:
    found = classes(runs, mixed=False)
    if len(found) > 1 and not mixed:
        apart = sorted({fact for one in found for fact in one.apart})
        raise UsageError(
            f"{name} has runs of {len(found)} configurations ({_some(apart)}); narrow it, or say --allow-mixed"
        )


def _about_incomplete(lacking: Mapping[str, object], used: Sequence[WholeRun]) -> str:
    left_out = [name for name in lacking if name not in {run.name for run in used}]
    if left_out:
        return f"without the runs of incomplete capture: {_some(left_out)}"
    return f"with runs of incomplete capture, since too few others are there: {_some(list(lacking))}"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def _report(wanted: Wanted, found: Sequence[RunClass], remarks: Sequence[str]) -> QualityReport:
    options = wanted.options
    parameters = tuple(
        f"{name}={value}"
        for name, value in (
            ("by", wanted.by),
            ("workflow", wanted.workflow),
            ("group", wanted.group),
            ("against", wanted.against),
            ("metrics", ",".join(wanted.metrics) or None),
            ("confidence", options.confidence),
            ("halfWidth", options.half_width),
            ("effect", options.effect),
            ("power", options.power),
            ("seed", options.seed),
            ("mixed", wanted.mixed or None),
        )
        if value is not None
    )
    graphs = sorted({graph for one in found for graphs in one.graphs for graph in graphs})
    identity = digest([METRICS_VERSION, __version__, *parameters, *graphs])
    title = wanted.workflow or wanted.group or "all runs"
    if wanted.against is not None:
        title = f"{title} against {wanted.against}"
    return QualityReport(
        title,
        wanted.by,
        tuple(found),
        parameters,
        __version__,
        bundle_iri(digest(["metrics", identity])),
        metrics_iri(identity),
        tuple(remarks),
    )


def _keep(access: Access, report: QualityReport) -> str | None:
    graph = quality_graph(report)
    try:
        if access.reading().contains(graph.name):
            return access.reading().resolve(graph.name, _KINDS).name
        store = access.writing()
        return store.add([store.archive(graph.name, graph.lines)])[0].name
    except StoreError as error:
        _LOG.warning("the metrics are not kept: %s", error)
        return None
