"""Comparisons of output data to named graphs; docs/data-model.md shows what they look like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from recup_kg.comparisons import Verdict
from recup_kg.rdf import terms
from recup_kg.rdf.graph import Graph, optional_text
from recup_kg.result_comparisons import (
    ComparedFile,
    FileComparison,
    Level,
    Number,
    ResultComparison,
    VariableComparison,
)
from recup_kg.vocab import DCAT, PROV, RDFS, RECUP, SPDX, bundle_iri, digest, results_iri, segment

LEVELS: Mapping[Level, str] = {
    Level.IDENTICAL: RECUP + "Identical",
    Level.WITHIN_BOUND: RECUP + "WithinBound",
    Level.EQUIVALENT: RECUP + "Equivalent",
    Level.CANT_TELL: RECUP + "UnknownResult",
    Level.DIFFERENT: RECUP + "DifferentResult",
    Level.MISSING: RECUP + "MissingResult",
}
"""The individual of the ontology for each level."""
_VERDICTS: Mapping[Verdict, str] = {
    Verdict.SAME: RECUP + "Same",
    Verdict.DIFFERENT: RECUP + "Different",
    Verdict.CANT_TELL: RECUP + "CantTell",
}


def results_graph(comparison: ResultComparison) -> Graph:
    """The graph of a comparison whose files have their checksums: verdicts, files, variables.

    Its IRI is made from the content of the files, the parameters and our version: the same comparison is the same bundle.
    """
    identity = _identity(comparison)
    iri = results_iri(identity)
    graph = Graph(bundle_iri(identity))
    graph.describe(graph.name, (PROV + "Bundle",), ((RECUP + "describes", terms.iri(iri)),))
    facts = [
        (
            RDFS + "label",
            terms.text(f"{_base(comparison.other)} compared with {_base(comparison.reference)}"),
        ),
        (RECUP + "verdict", terms.iri(_VERDICTS[comparison.verdict])),
        (RECUP + "resultLevel", terms.iri(LEVELS[comparison.level])),
        (RECUP + "softwareVersion", terms.text(comparison.software_version)),
        *((PROV + "used", terms.iri(run)) for run in dict.fromkeys(comparison.runs)),
        *((RECUP + "parameter", terms.text(parameter)) for parameter in comparison.bound.parameters()),
        *((RECUP + "parameter", terms.text(f"ignore={pattern}")) for pattern in comparison.ignored),
    ]
    for file in comparison.files:
        name = f"{iri}/file/{segment(file.name)}"
        for side, compared in (("reference", file.reference), ("other", file.other)):
            if compared is not None:
                facts.append((PROV + "used", terms.iri(f"{name}/{side}")))
                _compared(graph, f"{name}/{side}", compared)
        _file(graph, iri, name, file)
    graph.describe(iri, (RECUP + "ResultComparison", PROV + "Activity"), facts)
    return graph


def _identity(comparison: ResultComparison) -> str:
    parts = [
        comparison.software_version,
        *comparison.bound.parameters(),
        *comparison.ignored,
        *comparison.runs,
    ]
    for file in comparison.files:
        parts.append(file.name)
        parts += [f"{side.sha256} {side.data}" if side else "-" for side in (file.reference, file.other)]
    return digest(parts)


def _base(path: str) -> str:
    return path.rstrip("/").rsplit("/", 1)[-1] or path


def _compared(graph: Graph, iri: str, file: ComparedFile) -> None:
    facts = [
        (RECUP + "fileName", terms.text(_base(file.path))),
        (DCAT + "byteSize", terms.integer(file.size)),
    ]
    if file.data is not None:
        facts.append((PROV + "specializationOf", terms.iri(file.data)))
    if file.sha256 is not None:
        facts.append((SPDX + "checksum", terms.iri(f"{iri}/checksum")))
        algorithm = SPDX + "checksumAlgorithm_sha256"
        graph.describe(
            f"{iri}/checksum",
            (SPDX + "Checksum",),
            ((SPDX + "algorithm", terms.iri(algorithm)), (SPDX + "checksumValue", terms.text(file.sha256))),
        )
    graph.describe(iri, (RECUP + "ComparedFile", PROV + "Entity"), facts)


def _file(graph: Graph, comparison: str, iri: str, file: FileComparison) -> None:
    reference, other = file.reference, file.other
    graph.describe(
        iri,
        (RECUP + "FileComparison", PROV + "Entity"),
        (
            (PROV + "wasGeneratedBy", terms.iri(comparison)),
            (RDFS + "label", terms.text(file.name)),
            (RECUP + "resultLevel", terms.iri(LEVELS[file.level])),
            (RECUP + "fileFormat", terms.text(file.format)),
            (RECUP + "referenceFile", terms.iri(f"{iri}/reference") if reference else None),
            (RECUP + "otherFile", terms.iri(f"{iri}/other") if other else None),
            (RECUP + "referenceData", terms.iri(reference.data) if reference and reference.data else None),
            (RECUP + "otherData", terms.iri(other.data) if other and other.data else None),
            (RECUP + "sequence", optional_text(file.sequence)),
            (RECUP + "iteration", _integer(file.iteration)),
            (RDFS + "comment", optional_text(file.reason or None)),
        ),
    )
    for variable in file.variables:
        graph.describe(
            f"{iri}/variable/{segment(variable.name or '-')}",
            (RECUP + "VariableComparison", PROV + "Entity"),
            ((RECUP + "variableOf", terms.iri(iri)), *_variable(variable, file)),
        )


def _variable(variable: VariableComparison, file: FileComparison) -> Iterator[tuple[str, str | None]]:
    yield RDFS + "label", terms.text(variable.name or file.name)
    yield RECUP + "resultLevel", terms.iri(LEVELS[variable.level])
    yield RDFS + "comment", optional_text(variable.reason or None)
    yield RECUP + "referenceType", optional_text(variable.reference_type)
    yield RECUP + "otherType", optional_text(variable.other_type)
    yield RECUP + "referenceShape", _shape(variable.reference_shape)
    yield RECUP + "otherShape", _shape(variable.other_shape)
    yield RECUP + "iteration", _integer(variable.iteration)
    metrics = variable.metrics
    if metrics is not None:
        yield RECUP + "elementCount", terms.integer(metrics.count)
        yield RECUP + "identicalCount", terms.integer(metrics.identical)
        yield RECUP + "outOfBoundCount", terms.integer(metrics.out_of_bound)
        yield RECUP + "outOfBoundFraction", _double(metrics.fraction_out)
        yield RECUP + "maximumAbsoluteDifference", _double(metrics.maximum_absolute)
        yield RECUP + "maximumRelativeDifference", _double(metrics.maximum_relative)
        yield RECUP + "normalisedRootMeanSquareError", _double(metrics.nrmse)
        yield RECUP + "peakSignalToNoiseRatio", _double(metrics.psnr)
        yield RECUP + "maximumUlpDistance", _integer(metrics.maximum_ulp)
        yield RECUP + "referenceNanCount", terms.integer(metrics.nan_reference)
        yield RECUP + "otherNanCount", terms.integer(metrics.nan_other)
        for word, place in (("first", metrics.first), ("worst", metrics.worst)):
            if place is not None:
                yield f"{RECUP}{word}Place", terms.text(place.where)
                yield f"{RECUP}{word}ReferenceValue", terms.text(place.reference)
                yield f"{RECUP}{word}OtherValue", terms.text(place.other)
    equivalence = variable.equivalence
    if equivalence is not None:
        yield RECUP + "equivalenceMargin", terms.double(equivalence.theta)
        yield RECUP + "equivalenceLow", terms.double(equivalence.low)
        yield RECUP + "equivalenceHigh", terms.double(equivalence.high)


def _shape(shape: tuple[int, ...] | None) -> str | None:
    return None if shape is None else terms.text(str(list(shape)))


def _integer(value: int | None) -> str | None:
    return None if value is None else terms.integer(value)


def _double(value: Number | None) -> str | None:
    return None if value is None else terms.double(value)
