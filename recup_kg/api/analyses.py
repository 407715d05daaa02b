"""What a knowledge graph tells of runs together: against a group, why, how reproducible, how far results agree."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from recup_kg.api import runs
from recup_kg.api.access import Access
from recup_kg.api.bisect import bisect_group
from recup_kg.api.computed_metrics import ComputedMetrics
from recup_kg.api.explained import Explained, explain_run
from recup_kg.api.groups import resolve_group
from recup_kg.api.ingest import Progress
from recup_kg.api.levels import reached_levels
from recup_kg.api.measure import measured_runs
from recup_kg.api.metrics import By, Wanted, compute_metrics
from recup_kg.api.results import ComparedResults, compare_results
from recup_kg.api.tags import add_tags, remove_tags
from recup_kg.api.values import Run
from recup_kg.comparisons import Options
from recup_kg.measurements import MeasuredRuns
from recup_kg.quality import MetricOptions, ReachedLevels
from recup_kg.result_comparisons import Bound, Policy

if TYPE_CHECKING:
    from recup_kg.api.against_result import ComparedWithGroup
    from recup_kg.api.baselines import KeptBaseline
    from recup_kg.deviation import ScoreOptions
    from recup_kg.scores import Scores

DEFAULTS = Options()


def nothing(stage: str, share: float) -> None:
    """Tells nobody how far it is."""
    return


class Analyses:
    """The part of `KnowledgeGraph` that looks at many runs, or at what they put out. All methods raise `RecupError`s."""

    _access: Access

    def measured(self, group: str = "@all") -> MeasuredRuns:
        """What was measured of the tasks of the runs of a group, so that the same task has the same key in all of them.

        `recup_kg.deviation.fit` makes a baseline of some of them, which scores any other. Raises `UsageError` for a group that
        makes no sense or means no run.
        """
        return measured_runs(self._access.reading(), resolve_group(self._access, group))

    def explain(
        self, run: str, *, against: str | Sequence[str] | None = None, reference: str | None = None
    ) -> Explained:
        """What explains why a run deviates from a group, or from one run; see docs/causes.md.

        Without either it is held against the runs of the same workflow and configuration before it. Raises `UsageError` where
        there are none.
        """
        return explain_run(self._access, run, against, reference)

    def bisect(self, group: str | Sequence[str], *, outcome: str = "makespan") -> Explained:
        """Which single fact best explains the runs of a group with high values of an outcome; see docs/causes.md.

        `outcome` is makespan, a measurement of tasks, or `NAME of step STEP`. Raises `UsageError` for another one.
        """
        return bisect_group(self._access, group, outcome)

    def metrics(
        self,
        workflow: str | None = None,
        *,
        by: By = "run",
        group: str | None = None,
        against: str | None = None,
        metrics: Iterable[str] = (),
        confidence: float = 0.95,
        half_width: float = 0.05,
        effect: float = 0.05,
        allow_mixed: bool = False,
        progress: Progress | None = None,
    ) -> ComputedMetrics:
        """How reproducible the runs of a workflow, or of a group, are; with `against`, how far they are from another group.

        `workflow` is the name of a workflow, or a part of it or of the names of runs; all runs if None. Each configuration is a
        class of its own, unless mixing is allowed. `half_width` and `effect` are shares. The values are kept in the store.
        """
        options = MetricOptions(confidence, half_width, effect)
        wanted = Wanted(workflow, by, group, against, tuple(metrics), allow_mixed, options)
        return compute_metrics(self._access, wanted, progress or nothing)

    def levels(self, reference: str, other: str, *, progress: Progress | None = None) -> ReachedLevels:
        """Which levels of reproducibility two runs reach (ACM, DALiuGE), and which evidence blocks the others."""
        return reached_levels(self._access, reference, other, progress or nothing)

    def against(
        self,
        run: str,
        group: str = "",
        *,
        last: int | None = None,
        allow_mixed: Iterable[str] = (),
        ratio: float = DEFAULTS.ratio,
        seconds: float = DEFAULTS.seconds,
        progress: Progress | None = None,
    ) -> ComparedWithGroup:
        """Where a run deviates from a group of reference runs beyond what these vary by; kept in the store.

        `group` is an expression (docs/groups.md): conditions such as `workflow=NAME tag=NAME`, names of runs, SPARQL, `@all`; the
        runs of the same workflow where it is empty. `last` keeps the newest before the run. `allow_mixed` names the facts in
        which references may differ, or "all". `ratio` and `seconds` are for the comparison with the typical reference.
        """
        from recup_kg.api.against import compare_with_group

        options = Options(ratio=ratio, seconds=seconds)
        return compare_with_group(
            self._access,
            run,
            group,
            last=last,
            allow_mixed=tuple(allow_mixed),
            options=options,
            progress=progress or nothing,
        )

    def score(
        self,
        runs: Iterable[str],
        references: str | Iterable[str],
        *,
        allow_mixed: Iterable[str] = (),
        options: ScoreOptions | None = None,
    ) -> tuple[Scores, ...]:
        """The scores of runs against the same reference runs (their names, or a group), in order; nothing is kept."""
        from recup_kg.api.against import score_runs

        return score_runs(
            self._access, runs, references, allow_mixed=tuple(allow_mixed), score_options=options
        )

    def group(self, expression: str) -> tuple[Run, ...]:
        """The runs of a group (docs/groups.md), in the order of ingestion."""
        store = self._access.reading()
        return runs.runs(store, resolve_group(self._access, expression))

    def baseline(
        self, name: str, group: str, *, last: int | None = None, allow_mixed: Iterable[str] = ()
    ) -> KeptBaseline:
        """Keep what the runs of a group measured, task by task, under a name; it revises the baseline of that name."""
        from recup_kg.api.baselines import make_baseline

        return make_baseline(self._access, name, group, last=last, allow_mixed=tuple(allow_mixed))

    def extend_baseline(self, name: str, *runs: str, allow_mixed: Iterable[str] = ()) -> KeptBaseline:
        """Add runs to a baseline; only these are read where their tasks are those that it knows."""
        from recup_kg.api.baselines import add_to_baseline

        return add_to_baseline(self._access, name, runs, allow_mixed=tuple(allow_mixed))

    def tag(self, run: str, *tags: str) -> Run:
        """Give tags to a run: `tag=NAME` in a group finds it by them."""
        entry = self._access.reading().resolve(run)
        add_tags(self._access, [entry], tags)
        return runs.runs(self._access.reading(), [entry])[0]

    def untag(self, run: str, *tags: str) -> Run:
        """Take tags from a run. Raises `UsageError` where it has not one of them."""
        entry = self._access.reading().resolve(run)
        remove_tags(self._access, [entry], tags)
        return runs.runs(self._access.reading(), [entry])[0]

    def results(
        self,
        reference: str | Path,
        other: str | Path,
        *,
        rtol: float = 0.0,
        atol: float = 0.0,
        ulp: int | None = None,
        nan: str = "equal",
        inf: str = "equal",
        theta: float | None = None,
        ignore: Iterable[str] = (),
        runs: tuple[str, str] | None = None,
        keep: bool = False,
        progress: Progress | None = None,
    ) -> ComparedResults:
        """How far two files, or two folders, of output data agree, variable by variable.

        Elements agree where |other - reference| <= atol + rtol |reference|, or where they are at most `ulp` representable numbers
        apart. Where `theta` is given, a variable whose mean difference is within it (TOST) is equivalent. With `runs` (of the
        reference, of the other) the files are linked with the data of these, and the comparison is kept; `keep` keeps any.
        """
        bound = Bound(rtol, atol, ulp, Policy(nan), Policy(inf), theta)
        return compare_results(
            self._access,
            Path(reference),
            Path(other),
            bound,
            ignore=tuple(ignore),
            runs=runs,
            keep=keep,
            progress=progress or nothing,
        )
