"""Packages, parameters, seeds and other settings that other sources than the task graph tell of, and where they differ."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from recup_kg.align.tokens import without_run_tokens
from recup_kg.compare.facts import Cell, Source, cell
from recup_kg.comparisons import Deviation, Evidence, Kind
from recup_kg.queries import bind, load
from recup_kg.vocab import prefixes_turtle

PACKAGES = "package-difference"
SETTINGS = "setting-difference"
QUERIES = frozenset((PACKAGES, SETTINGS))
GAP_QUERY = "run-facts"
"""Lists what a run states of its settings: the evidence that it says nothing of a kind."""

SEED = "seed"
_UNKNOWN = "unknown"
_KINDS = {"parameter": Kind.PARAMETER, SEED: Kind.SEED}
_VOLATILE = re.compile(
    r"""(?:SLURM|SLURMD|SBATCH|SRUN|PMI|PMIX|PBS|LSB|LS|COBALT|FLUX|SSH|XDG|DBUS|OMPI|HYDRA|KUBERNETES|GITHUB|CI)_.*
    |(?:.*_)?(?:PID|JOBID|JOB_ID|TASK_ID|RUN_ID|SESSION_ID|UUID|TIMESTAMP|HOSTNAME|HOST|TMPDIR|TEMPDIR|SOCK|SOCKET|PORT)
    |HOSTNAME|HOST|NODELIST|PWD|OLDPWD|CWD|TMP|TEMP|TMPDIR|SHLVL|_|RANDOM|SECONDS|EPOCHSECONDS|DISPLAY|WINDOWID|MAIL|LINES
    |COLUMNS|LS_COLORS|PS1|HISTFILE|LOGNAME|USER|USERNAME|TERM|WINDOW|STY|TTY""",
    re.VERBOSE,
)
"""Variables that tell when, where and by whom a run was started: two runs that are configured alike differ in them."""

_CAPTURED = """SELECT DISTINCT ?kind WHERE { VALUES ?graph { %s } GRAPH ?graph {
  { ?thing a recup:Package ; recup:inEnvironment ?environment . ?graph prov:wasDerivedFrom/recup:format ?format .
    OPTIONAL { ?environment recup:packageManager ?manager }
    BIND (CONCAT("packages of ", COALESCE(?manager, ?format)) AS ?kind) }
  UNION { ?thing a recup:LoadedModule . BIND ("modules" AS ?kind) }
  UNION { ?thing a recup:EnvironmentVariable . BIND ("variable" AS ?kind) }
  UNION { ?thing a recup:Parameter . MINUS { ?thing a recup:RandomSeed } BIND ("parameter" AS ?kind) }
  UNION { ?thing a recup:RandomSeed ; recup:seedStatus ?status . FILTER (?status != recup:SeedUnknown) BIND ("seed" AS ?kind) }
  UNION { ?thing a recup:Device . BIND ("device" AS ?kind) }
  UNION { ?thing a recup:Machine . BIND ("machine" AS ?kind) }
  UNION { ?thing a recup:ContainerImage . BIND ("container image" AS ?kind) } } }"""

Row: TypeAlias = Mapping[str, Cell]
Sides: TypeAlias = tuple[Sequence[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Settings:
    """What differs between the settings of two runs: rows of the queries by name, bound to `graphs` (those of the reference and
    those of the other run); and which kinds of settings each run states anything of.
    """

    packages: Sequence[Row] = ()
    settings: Sequence[Row] = ()
    captured: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())
    graphs: Sides = field(default=((), ()))

    @property
    def in_both(self) -> frozenset[str]:
        """Kinds that both runs captured."""
        return self.captured[0] & self.captured[1]

    @property
    def in_one(self) -> frozenset[str]:
        """Kinds that one of the runs captured."""
        return self.captured[0] ^ self.captured[1]


NOT_CAPTURED = Settings()


def read_settings(source: Source, graphs: Sides) -> Settings:
    """What differs between the settings of two runs, each given by all its graphs (IRIs), in a store that has them."""
    captured = (captured_kinds(source, graphs[0]), captured_kinds(source, graphs[1]))
    if not (captured[0] & captured[1]):
        return Settings(captured=captured, graphs=graphs)
    return Settings(_rows(source, PACKAGES, graphs), _rows(source, SETTINGS, graphs), captured, graphs)


def captured_kinds(source: Source, graphs: Sequence[str]) -> frozenset[str]:
    """The kinds of settings that the graphs (IRIs) of a run state anything of."""
    text = _CAPTURED % " ".join(f"<{graph}>" for graph in graphs)
    return frozenset(str(cell(row[0])) for row in source.select(prefixes_turtle() + text).rows)


def differences(settings: Settings) -> Iterator[Deviation]:
    """Packages and settings that differ, where both runs captured that kind; and what only one captured, as capture gaps."""
    for row in settings.packages:
        yield _package(row)
    for row in settings.settings:
        yield from _setting(settings, row)
    yield from _gaps(settings)


def _package(row: Row) -> Deviation:
    name, old, new = (str(row[column] or "") for column in ("name", "referenceVersion", "otherVersion"))
    return Deviation(
        kind=Kind.ENVIRONMENT,
        name=name,
        message=f"{row['manager']} package {name} is {_said(new)} instead of {_said(old)}",
        evidence=Evidence(PACKAGES, dict(row)),
        reference_value=old or None,
        other_value=new or None,
    )


def _setting(settings: Settings, row: Row) -> Iterator[Deviation]:
    kind, name = str(row["kind"]), str(row["name"])
    old, new = (str(row[column] or "") for column in ("referenceValue", "otherValue"))
    if kind == SEED and (_untold(old) or _untold(new)):
        told = "the other run" if _untold(old) else "the reference"
        if not (_untold(old) and _untold(new)):
            yield _gap(settings, f"{SEED} '{name}'", told, row)
        return
    if kind not in settings.in_both or _same(old, new) or (kind == "variable" and _VOLATILE.fullmatch(name)):
        return
    yield Deviation(
        kind=_KINDS.get(kind, Kind.ENVIRONMENT),
        name=name,
        message=f"{kind} '{name}' is {_said(new)} instead of {_said(old)}",
        evidence=Evidence(SETTINGS, dict(row)),
        reference_value=old or None,
        other_value=new or None,
    )


def _gaps(settings: Settings) -> Iterator[Deviation]:
    for kind in sorted(settings.in_one - {SEED}):
        yield _gap(settings, kind, "the reference" if kind in settings.captured[0] else "the other run", None)
    named = {str(row["kind"]) for row in settings.settings}
    if SEED in settings.in_one and SEED not in named:
        yield _gap(settings, SEED, "the reference" if SEED in settings.captured[0] else "the other run", None)


def _gap(settings: Settings, what: str, told: str, row: Row | None) -> Deviation:
    """`what` was captured in the run `told` only."""
    lacking = settings.graphs[1 if told == "the reference" else 0]
    evidence = (
        Evidence(SETTINGS, dict(row)) if row else Evidence(GAP_QUERY, {"run": next(iter(lacking), None)})
    )
    return Deviation(Kind.CAPTURE_GAP, what, f"{what}: captured in {told} only", evidence)


def _untold(value: str) -> bool:
    return value in ("", _UNKNOWN)


def _same(old: str, new: str) -> bool:
    return without_run_tokens(old) == without_run_tokens(new)


def _said(value: str) -> str:
    return value or "not there"


def _rows(source: Source, name: str, graphs: Sides) -> list[Row]:
    query = load(name)
    bound = bind(query, {"reference": tuple(graphs[0]), "other": tuple(graphs[1])})
    return [dict(zip(query.columns, map(cell, row), strict=True)) for row in source.select(bound).rows]


def is_of_settings(deviation: Deviation) -> bool:
    """Whether a deviation is one of packages or settings, and not of tasks."""
    return deviation.kind is not Kind.CAPTURE_GAP and deviation.evidence.query in QUERIES


def gaps_of_settings(deviations: Iterable[Deviation]) -> list[Deviation]:
    """The capture gaps of packages or settings."""
    wanted = {GAP_QUERY, *QUERIES}
    return [
        deviation
        for deviation in deviations
        if deviation.kind is Kind.CAPTURE_GAP and deviation.evidence.query in wanted
    ]
