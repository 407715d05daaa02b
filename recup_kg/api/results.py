"""Output data of runs compared, kept in the store, and linked with the data of the runs that wrote them."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, TypeAlias

from recup_kg import __version__
from recup_kg.api.access import Access
from recup_kg.comparisons import Verdict
from recup_kg.errors import MissingExtra
from recup_kg.rdf.results import LEVELS, results_graph
from recup_kg.result_comparisons import (
    Bound,
    ComparedFile,
    FileComparison,
    Level,
    ResultComparison,
    verdict_of,
)
from recup_kg.store import Entry, Store
from recup_kg.store.registry import Kind
from recup_kg.vocab import DCAT, DCTERMS, RECUP

if TYPE_CHECKING:
    import pandas

    from recup_kg.results.ensemble import EnsembleTest
    from recup_kg.results.fingerprint import Fingerprint

Progress: TypeAlias = Callable[[str, float], None]
_KINDS: tuple[Kind, ...] = ("results",)
_LEVELS = {iri: level for level, iri in LEVELS.items()}
_BUFFER = 1 << 22


@dataclass(frozen=True, slots=True)
class ComparedResults:
    """What `results` found. `stored_as` is the name of the comparison in the store, None where it was not kept."""

    comparison: ResultComparison
    stored_as: str | None = None

    @property
    def verdict(self) -> Verdict:
        """Same, different or can't tell, overall."""
        return self.comparison.verdict

    @property
    def level(self) -> Level:
        """The worst level of all variables."""
        return self.comparison.level

    @property
    def files(self) -> tuple[FileComparison, ...]:
        """The files, with what their variables differ by."""
        return self.comparison.files

    def to_dict(self) -> dict[str, Any]:
        """The documented JSON form (docs/results.md)."""
        from recup_kg.results.words import document

        return document(self.comparison)

    def to_pandas(self) -> pandas.DataFrame:
        """One row for each variable. Raises `MissingExtra` where pandas is not installed."""
        from recup_kg.results.words import COLUMNS, rows

        try:
            import pandas
        except ImportError:
            raise MissingExtra("pandas", "pandas") from None
        return pandas.DataFrame(list(rows(self.comparison)), columns=list(COLUMNS))

    def render(self, form: str = "text", *, verbose: bool = False) -> str:
        """The comparison as text, json or csv. Raises `UsageError` for another form."""
        from recup_kg.results.words import render

        return render(self.comparison, form, verbose=verbose)

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.render())}</pre>"


def compare_results(
    access: Access,
    reference: Path,
    other: Path,
    bound: Bound,
    *,
    ignore: Sequence[str] = (),
    runs: tuple[str, str] | None = None,
    keep: bool = False,
    progress: Progress,
) -> ComparedResults:
    """Compare two files or folders; keep the result in the store where it is asked for, or where runs are named."""
    from recup_kg.results.compare import compare

    entries = None
    if runs is not None:
        entries = tuple(access.reading().resolve(run) for run in runs)
    found = compare(reference, other, bound, __version__, ignore=ignore, progress=progress)
    if not keep and entries is None:
        return ComparedResults(found)
    found = _with_checksums(found)
    if entries is not None:
        found = _linked(access.reading(), found, (entries[0], entries[1]))
    return ComparedResults(found, _keep(access, found))


def take_fingerprint(
    path: Path, eps: float, to: Path, *, chunk: int, ignore: Sequence[str], progress: Progress
) -> Fingerprint:
    """Take the fingerprint of a file or folder and write it."""
    from recup_kg.results.fingerprint import save, take

    found = take(path, eps, chunk=chunk, ignore=ignore, progress=progress)
    save(found, to)
    return found


def compare_with_fingerprint(
    fingerprint: Path, new: Path, *, old: Path | None, ignore: Sequence[str], progress: Progress
) -> ComparedResults:
    """New data against a fingerprint of old data."""
    from recup_kg.results.against import compare_with_fingerprint as against

    return ComparedResults(against(fingerprint, new, __version__, old=old, ignore=ignore, progress=progress))


def check_ensemble(
    ensemble: Sequence[Path], new: Sequence[Path], *, ignore: Sequence[str], theta: float | None
) -> EnsembleTest:
    """Whether new runs are consistent with an ensemble, by the means of their variables."""
    from recup_kg.results.ensemble import consistency, means

    members = [means(path, ignore) for path in ensemble]
    return consistency(members, {str(path): means(path, ignore) for path in new}, theta=theta)


def ensemble_document(found: EnsembleTest) -> dict[str, Any]:
    """The JSON form of a test against an ensemble (docs/results.md)."""
    from dataclasses import asdict

    equivalences = {
        name: {**asdict(interval), "holds": interval.holds} for name, interval in found.equivalences.items()
    }
    return {**asdict(found), "level": found.level.value, "equivalences": equivalences}


def content_verdicts(store: Store, reference: str, other: str) -> tuple[tuple[str, str, Verdict], ...]:
    """What comparisons in the store say of the content of data of two execution graphs: pairs of IRIs of data, with the verdict.

    Where several say something of one pair, the latest does.
    """
    linked = f"?it <{RECUP}referenceData> ?one ; <{RECUP}otherData> ?two ; <{RECUP}resultLevel> ?level"
    table = store.select(
        f"SELECT ?graph ?one ?two ?level {{ GRAPH ?graph {{ {linked} }} "
        f"GRAPH <{reference}> {{ ?one a <{RECUP}DataObject> }} GRAPH <{other}> {{ ?two a <{RECUP}DataObject> }} }}"
    )
    order = {entry.graph: entry.position for entry in store.registry()}
    rows = sorted(table.dicts(), key=lambda row: order.get(str(row["graph"]), -1))
    found = {(str(row["one"]), str(row["two"])): verdict_of(_LEVELS[str(row["level"])]) for row in rows}
    return tuple((one, two, verdict) for (one, two), verdict in sorted(found.items()))


def _with_checksums(found: ResultComparison) -> ResultComparison:
    files = []
    for file in found.files:
        one, two = file.reference, file.other
        first = one and replace(one, sha256=_sha256(Path(one.path)))
        same = first is not None and file.level is Level.IDENTICAL and not file.variables
        second = two and replace(two, sha256=first.sha256 if same and first else _sha256(Path(two.path)))
        files.append(replace(file, reference=first, other=second))
    return replace(found, files=tuple(files))


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _linked(store: Store, found: ResultComparison, entries: tuple[Entry, Entry]) -> ResultComparison:
    """The comparison with the data objects of the runs that its files are: those of their name, of their size where it is
    stated."""
    known = [_data(store, entry.task_graph) for entry in entries]
    remarks: list[str] = []
    files = tuple(
        replace(
            file,
            reference=_link(file.name, file.reference, known[0], entries[0], remarks),
            other=_link(file.name, file.other, known[1], entries[1], remarks),
        )
        for file in found.files
    )
    runs = tuple(entry.task_graph for entry in entries)
    return replace(found, files=files, runs=runs, remarks=(*found.remarks, *remarks))


@dataclass(frozen=True, slots=True)
class _Data:
    iri: str
    names: tuple[str, ...]
    size: int | None


def _data(store: Store, graph: str) -> tuple[_Data, ...]:
    table = store.select(
        f"SELECT ?data ?identifier ?name ?size {{ GRAPH <{graph}> {{ ?data a <{RECUP}DataObject> ; "
        f"<{DCTERMS}identifier> ?identifier ; <{RECUP}logicalName> ?name "
        f"OPTIONAL {{ ?data <{DCAT}byteSize> ?size }} }} }} ORDER BY ?data"
    )
    return tuple(
        _Data(
            str(row["data"]),
            (str(row["identifier"]), str(row["name"])),
            None if row["size"] is None else int(row["size"]),
        )
        for row in table.dicts()
    )


def _link(
    name: str, file: ComparedFile | None, known: Iterable[_Data], entry: Entry, remarks: list[str]
) -> ComparedFile | None:
    if file is None:
        return None
    # The path below the folder that was given, or of a single file its own: the longer the common end, the better.
    graded = [(max(_common_end(file.path, text) for text in data.names), data) for data in known]
    best = max((length for length, _ in graded), default=0)
    candidates = [data for length, data in graded if length == best]
    if not best:
        remarks.append(f"{name}: no data of {entry.name} is called that")
        return file
    if len(candidates) > 1:
        remarks.append(
            f"{name}: {len(candidates)} data of {entry.name} are called that; it is linked with none"
        )
        return file
    data = candidates[0]
    if data.size is not None and data.size != file.size:
        remarks.append(
            f"{name}: {entry.name} states {data.size:,} bytes, the file has {file.size:,}; it is not linked"
        )
        return file
    return replace(file, data=data.iri, graph=entry.task_graph)


def _common_end(path: str, name: str) -> int:
    """How many parts two paths have in common from the end; 0 where their last ones differ."""
    count = 0
    for one, two in zip(
        reversed(PurePosixPath(path).parts), reversed(PurePosixPath(name).parts), strict=False
    ):
        if one != two:
            break
        count += 1
    return count


def _keep(access: Access, found: ResultComparison) -> str:
    graph = results_graph(found)
    if access.exists and access.reading().contains(graph.name):
        return access.reading().resolve(graph.name, _KINDS).name
    store = access.writing()
    return store.add([store.archive(graph.name, graph.lines)])[0].name
