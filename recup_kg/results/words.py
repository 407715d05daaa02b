"""A comparison of output data as text, as rows and as the documented JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from math import isfinite
from typing import Any

from recup_kg.errors import UsageError
from recup_kg.result_comparisons import (
    ORDER,
    FileComparison,
    Level,
    Metrics,
    Number,
    Place,
    ResultComparison,
    VariableComparison,
    verdict_of,
    worst,
)

COLUMNS = (
    "file",
    "variable",
    "level",
    "elements",
    "identical",
    "out_of_bound",
    "fraction_out",
    "maximum_absolute",
    "maximum_relative",
    "nrmse",
    "psnr_db",
    "maximum_ulp",
    "nan_reference",
    "nan_other",
    "nan_both",
    "infinite_reference",
    "infinite_other",
    "first",
    "first_reference",
    "first_other",
    "worst",
    "worst_reference",
    "worst_other",
    "equivalence_low",
    "equivalence_high",
    "iteration",
    "reason",
)
"""Of `rows`."""
FORMS = ("text", "json", "csv")
WIDE = 26
"""Characters of a value that the text shows."""
SHOWN = 20
"""Variables that the text tells of unless more are asked for."""


def render(comparison: ResultComparison, form: str = "text", *, verbose: bool = False) -> str:
    """The comparison as text, json or csv. Raises `UsageError` for another form."""
    if form == "text":
        return text(comparison, verbose=verbose)
    if form == "json":
        return json.dumps(document(comparison), indent=2, ensure_ascii=False, allow_nan=False)
    if form == "csv":
        stream = io.StringIO()
        csv.writer(stream, lineterminator="\n").writerows((COLUMNS, *rows(comparison)))
        return stream.getvalue()
    raise UsageError(f"no form {form!r} of a comparison of results; there are: {', '.join(FORMS)}")


def text(comparison: ResultComparison, *, verbose: bool = False) -> str:
    """What a person reads: verdict, counts, and each variable that is not identical; all of them where verbose."""
    lines = [
        f"{comparison.verdict.value}: {comparison.level.value}",
        f"A  {comparison.reference}",
        f"B  {comparison.other}",
    ]
    lines.append(f"bound  {_bound(comparison)}")
    counts = comparison.counts
    lines.append(", ".join(f"{counts[level]:,} {level.value}" for level in Level if counts[level]))
    lines += _parting(comparison)
    told = list(_told(comparison, verbose))
    for _, entry in told[: None if verbose else SHOWN]:
        lines += ["", *entry]
    if not verbose and len(told) > SHOWN:
        lines += ["", f"... and {len(told) - SHOWN:,} more: --verbose shows all"]
    lines += ["", *comparison.remarks] if comparison.remarks else []
    return "\n".join(lines)


def document(comparison: ResultComparison) -> dict[str, Any]:
    """The JSON form, docs/results.md; what is not finite is a string."""
    return {
        "verdict": comparison.verdict.value,
        "level": comparison.level.value,
        "reference": comparison.reference,
        "other": comparison.other,
        "software_version": comparison.software_version,
        "parameters": list(comparison.bound.parameters()),
        "ignored": list(comparison.ignored),
        "counts": {level.value: count for level, count in comparison.counts.items()},
        "files": [_file(file) for file in comparison.files],
        "remarks": list(comparison.remarks),
    }


def rows(comparison: ResultComparison) -> Iterator[tuple[object, ...]]:
    """One row for each variable, and for each file without any; the names of the columns are `COLUMNS`."""
    for file in comparison.files:
        for variable in file.variables or (VariableComparison("", file.level, file.reason),):
            yield _row(file, variable)


def _parting(comparison: ResultComparison) -> Iterator[str]:
    """From which iteration on numbered files, or variables of a file, part."""
    levels: dict[str, dict[int, list[Level]]] = {}
    for file in comparison.files:
        if file.sequence is not None and file.iteration is not None:
            levels.setdefault(file.sequence, {}).setdefault(file.iteration, []).append(file.level)
        for variable in file.variables:
            if variable.iteration is not None:
                levels.setdefault(file.name, {}).setdefault(variable.iteration, []).append(variable.level)
    for name, found in sorted(levels.items()):
        parted = [
            number for number, said in sorted(found.items()) if verdict_of(worst(tuple(said))) != "same"
        ]
        if parted:
            agreed = sum(number < parted[0] for number in found)
            yield f"{name}: parts at iteration {parted[0]}; {agreed} of {len(found)} iterations before it agree"


def _bound(comparison: ResultComparison) -> str:
    bound = comparison.bound
    if bound.is_exact and bound.theta is None:
        exact = "exact"
    else:
        parts = [f"|B - A| <= {bound.atol:g} + {bound.rtol:g} |A|"]
        parts += [] if bound.ulp is None else [f"or {bound.ulp} ULP"]
        exact = " ".join(parts)
    margin = ""
    if bound.theta is not None:
        margin = f"\n       equivalent within {bound.theta:g} (TOST, alpha {bound.alpha:g})"
    return f"{exact}; NaN {bound.nan.value}, inf {bound.inf.value}{margin}"


def _told(comparison: ResultComparison, verbose: bool) -> Iterator[tuple[int, list[str]]]:
    found = []
    for file in comparison.files:
        if not file.variables and (verbose or file.level is not Level.IDENTICAL):
            found.append((ORDER.index(file.level), _entry(file, None)))
        for variable in file.variables:
            if verbose or variable.level is not Level.IDENTICAL:
                found.append((ORDER.index(variable.level), _entry(file, variable)))
    return iter(sorted(found, key=lambda entry: -entry[0]))


def _entry(file: FileComparison, variable: VariableComparison | None) -> list[str]:
    if variable is None:
        return [f"{file.name}: {file.level.value}", *([f"  {file.reason}"] if file.reason else [])]
    name = f"{file.name}: {variable.name}" if variable.name else file.name
    lines = [f"{name}: {variable.level.value}"]
    for reason in (variable.reason, file.reason if variable.level is Level.DIFFERENT else ""):
        lines += [f"  {reason}"] if reason else []
    if variable.metrics is not None:
        lines += [f"  {line}" for line in _numbers(variable.metrics)]
    if variable.equivalence is not None:
        found = variable.equivalence
        lines.append(
            f"  mean difference in [{found.low:.4g}, {found.high:.4g}] against +-{found.theta:g}: "
            f"{'equivalent' if found.holds else 'not shown to be equivalent'}"
        )
    return lines


def _numbers(metrics: Metrics) -> Iterator[str]:
    if metrics.identical == metrics.count:
        return
    share = "" if metrics.fraction_out is None else f" ({100 * metrics.fraction_out:.3g} %)"
    yield f"{metrics.out_of_bound:,} of {metrics.count:,} out of bound{share}, {metrics.identical:,} identical"
    stated = (
        ("max abs", metrics.maximum_absolute),
        ("max rel", metrics.maximum_relative),
        ("NRMSE", metrics.nrmse),
    )
    parts = [f"{name} {_short(value)}" for name, value in stated if value is not None]
    parts += [] if metrics.psnr is None else [f"PSNR {metrics.psnr:.4g} dB"]
    parts += [] if metrics.maximum_ulp is None else [f"max {metrics.maximum_ulp:,} ULP"]
    if parts:
        yield ", ".join(parts)
    if metrics.nan_reference or metrics.nan_other:
        yield f"NaN: {metrics.nan_reference:,} in A, {metrics.nan_other:,} in B, {metrics.nan_both:,} in both"
    if metrics.infinite_reference or metrics.infinite_other:
        yield f"infinite: {metrics.infinite_reference:,} in A, {metrics.infinite_other:,} in B"
    for word, place in (("first", metrics.first), ("worst", metrics.worst)):
        if place is not None and not (word == "worst" and place == metrics.first):
            where = "" if place.where == "[]" else f" {place.where}"
            yield f"{word}{where}: {' against '.join(_around(place.reference, place.other))}"


def _around(one: str, two: str) -> tuple[str, str]:
    """Both values, of long ones what stands around the first letter in which they differ."""
    if max(len(one), len(two)) <= WIDE:
        return one, two
    start = next(
        (i for i, (x, y) in enumerate(zip(one, two, strict=False)) if x != y), min(len(one), len(two))
    )
    begin = max(0, start - WIDE // 2)
    cut = [text[begin : begin + WIDE] + "…" * (len(text) > begin + WIDE) for text in (one, two)]
    return "…" * bool(begin) + cut[0], "…" * bool(begin) + cut[1]


def _short(value: Number) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"


def _row(file: FileComparison, variable: VariableComparison) -> tuple[object, ...]:
    metrics, equivalence = variable.metrics, variable.equivalence
    iteration = variable.iteration if variable.iteration is not None else file.iteration
    numbers: tuple[object, ...] = (None,) * 13
    places: tuple[object, ...] = (None,) * 6
    if metrics is not None:
        numbers = (
            metrics.count,
            metrics.identical,
            metrics.out_of_bound,
            metrics.fraction_out,
            metrics.maximum_absolute,
            metrics.maximum_relative,
            metrics.nrmse,
            metrics.psnr,
            metrics.maximum_ulp,
            metrics.nan_reference,
            metrics.nan_other,
            metrics.nan_both,
            metrics.infinite_reference,
        )
        places = (*_cells(metrics.first), *_cells(metrics.worst))
    infinite = None if metrics is None else metrics.infinite_other
    interval = (None, None) if equivalence is None else (equivalence.low, equivalence.high)
    reason = variable.reason or file.reason
    return (
        file.name,
        variable.name,
        variable.level.value,
        *numbers,
        infinite,
        *places,
        *interval,
        iteration,
        reason,
    )


def _cells(place: Place | None) -> tuple[object, ...]:
    return (None, None, None) if place is None else (place.where, place.reference, place.other)


def _file(file: FileComparison) -> dict[str, Any]:
    sides = {
        side: None
        if found is None
        else {"path": found.path, "bytes": found.size, "sha256": found.sha256, "data": found.data}
        for side, found in (("reference", file.reference), ("other", file.other))
    }
    return {
        "name": file.name,
        "level": file.level.value,
        "format": file.format,
        "reason": file.reason,
        "sequence": file.sequence,
        "iteration": file.iteration,
        **sides,
        "variables": [_variable(variable) for variable in file.variables],
    }


def _variable(variable: VariableComparison) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": variable.name,
        "level": variable.level.value,
        "reason": variable.reason,
        "reference_type": variable.reference_type,
        "other_type": variable.other_type,
        "reference_shape": variable.reference_shape and list(variable.reference_shape),
        "other_shape": variable.other_shape and list(variable.other_shape),
        "missing_in": variable.missing_in,
        "iteration": variable.iteration,
        "metrics": None,
        "equivalence": None,
    }
    metrics = variable.metrics
    if metrics is not None:
        names = Metrics.__dataclass_fields__
        found["metrics"] = {
            name: _json(getattr(metrics, name)) for name in names if name not in ("first", "worst")
        } | {
            "fraction_out": metrics.fraction_out,
            "first": _place(metrics.first),
            "worst": _place(metrics.worst),
        }
    equivalence = variable.equivalence
    if equivalence is not None:
        names = type(equivalence).__dataclass_fields__
        found["equivalence"] = {name: _json(getattr(equivalence, name)) for name in names}
        found["equivalence"]["holds"] = equivalence.holds
    return found


def _json(value: Any) -> Any:
    return str(value) if isinstance(value, float) and not isfinite(value) else value


def _place(place: Place | None) -> dict[str, str] | None:
    return (
        None if place is None else {"where": place.where, "reference": place.reference, "other": place.other}
    )
