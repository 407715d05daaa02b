"""What joins the sources of one execution, as a named graph; docs/data-model.md shows what it looks like."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from recup_kg.collector import paused_collector
from recup_kg.fusions import (
    Access,
    Certainty,
    Fingerprint,
    Fused,
    Link,
    SourceCoverage,
    State,
    Unjoined,
    UnusedFile,
)
from recup_kg.rdf import terms
from recup_kg.rdf.graph import Graph, optional_text
from recup_kg.vocab import PROV, RDFS, RECUP, bundle_iri, digest

FUSION_VERSION = "1"
"""Raised when the same facts give other links."""

Fact: TypeAlias = tuple[str, str | None]

_STATES = {
    State.COMPLETE: "Complete",
    State.PARTIAL: "Partial",
    State.MISSING: "Missing",
    State.UNKNOWN: "Unknown",
}


def fusion_iri(
    run: str, name: str, members: Iterable[str], unused: Iterable[UnusedFile], configuration: str = ""
) -> str:
    """The bundle's IRI: it depends on the run, its name, the graphs that are joined, the files left out, the fingerprint of the
    configuration (whose facts can be chosen), and our version.
    """
    left = (part for file in unused for part in (file.name, file.problem))
    return bundle_iri(
        digest([FUSION_VERSION, run, name, *sorted(members), "unused", *sorted(left), configuration])
    )


@paused_collector()
def fusion_graph(
    run: str,
    name: str,
    members: Sequence[str],
    fused: Fused,
    unused: Sequence[UnusedFile],
    *,
    described: bool,
) -> Graph:
    """The graph of a join. `described` says that a member describes the run; otherwise the run is described here."""
    fingerprint = fused.fingerprint.fingerprint if fused.fingerprint else ""
    graph = Graph(fusion_iri(run, name, members, unused, fingerprint))
    configuration = f"{graph.name}/configuration"
    facts: list[Fact] = [
        (RECUP + "describes", terms.iri(run)),
        (RDFS + "label", terms.text(name)),
        (RECUP + "fusionVersion", terms.text(FUSION_VERSION)),
        (RECUP + "fusedConfiguration", terms.iri(configuration) if fused.fingerprint else None),
    ]
    facts += [(RECUP + "fuses", terms.iri(member)) for member in sorted(set(members))]
    graph.describe(graph.name, (RECUP + "Fusion", PROV + "Bundle", PROV + "Entity"), facts)
    if not described:
        graph.describe(
            run, (RECUP + "ObservedExecution", PROV + "Activity"), ((RDFS + "label", terms.text(name)),)
        )
    if fused.fingerprint is not None:
        _configuration(graph, configuration, fused.fingerprint)
    for number, link in enumerate(fused.links):
        _link(graph, number, link)
    for number, item in enumerate(fused.unjoined):
        _unjoined(graph, number, item)
    for number, access in enumerate(fused.accesses):
        _access(graph, number, access)
    for number, row in enumerate(fused.coverage):
        _coverage(graph, run, number, row)
    for number, file in enumerate(sorted(unused, key=lambda item: (item.name, item.problem))):
        _unused(graph, run, number, file)
    return graph


def _configuration(graph: Graph, name: str, fingerprint: Fingerprint) -> None:
    graph.describe(
        name,
        (RECUP + "ConfigurationFingerprint",),
        (
            (RECUP + "fingerprint", terms.text(fingerprint.fingerprint)),
            *((RECUP + "configurationFact", terms.text(fact)) for fact in fingerprint.facts),
        ),
    )


def _unused(graph: Graph, run: str, number: int, file: UnusedFile) -> None:
    graph.describe(
        f"{graph.name}/unused/{number}",
        (RECUP + "UnusedFile", PROV + "Entity"),
        (
            (RECUP + "about", terms.iri(run)),
            (RECUP + "unusedFileName", terms.text(file.name)),
            (RDFS + "comment", terms.text(file.problem)),
        ),
    )


def _link(graph: Graph, number: int, link: Link) -> None:
    predicate = link.predicate if ":" in link.predicate else RECUP + link.predicate
    graph.describe(link.subject, (), ((predicate, terms.iri(link.object)),))
    graph.describe(
        f"{graph.name}/link/{number}",
        (RECUP + "Link", PROV + "Entity"),
        (
            (RECUP + "linkSubject", terms.iri(link.subject)),
            (RECUP + "linkPredicate", terms.iri(predicate)),
            (RECUP + "linkObject", terms.iri(link.object)),
            (RECUP + "linkMethod", terms.text(link.method)),
            (RECUP + "certainty", _certainty(link.certainty)),
            (RECUP + "derivedUtcOffset", optional_text(link.zone)),
            (RDFS + "comment", optional_text(link.comment)),
        ),
    )


def _unjoined(graph: Graph, number: int, item: Unjoined) -> None:
    graph.describe(
        f"{graph.name}/unjoined/{number}",
        (RECUP + "Unjoined", PROV + "Entity"),
        (
            (RECUP + "about", terms.iri(item.subject)),
            (RDFS + "comment", terms.text(item.reason)),
            (RECUP + "candidateCount", _integer(item.candidates)),
            (RECUP + "segmentCount", _integer(item.segments)),
        ),
    )


def _access(graph: Graph, number: int, access: Access) -> None:
    graph.describe(access.task, (), ((RECUP + "accessed", terms.iri(access.file)),))
    graph.describe(
        f"{graph.name}/access/{number}",
        (RECUP + "TaskFileAccess", PROV + "Entity"),
        (
            (RECUP + "accessBy", terms.iri(access.task)),
            (RECUP + "accessOf", terms.iri(access.file)),
            (RECUP + "module", terms.text(access.module)),
            (RECUP + "certainty", _certainty(access.certainty)),
            (RECUP + "readCount", terms.integer(access.reads)),
            (RECUP + "writeCount", terms.integer(access.writes)),
            (RECUP + "accessReadBytes", terms.integer(access.read_bytes)),
            (RECUP + "accessWrittenBytes", terms.integer(access.written_bytes)),
            (RECUP + "accessTime", terms.double(access.seconds)),
        ),
    )


def _coverage(graph: Graph, run: str, number: int, row: SourceCoverage) -> None:
    graph.describe(
        f"{graph.name}/coverage/{number}",
        (RECUP + "SourceCoverage", PROV + "Entity"),
        (
            (RECUP + "coverageOf", terms.iri(run)),
            (RECUP + "hostName", optional_text(row.host)),
            (RECUP + "sourceKind", terms.text(row.source)),
            (RECUP + "expectedCount", _integer(row.expected)),
            (RECUP + "observedCount", terms.integer(row.observed)),
            (RECUP + "coverageState", terms.iri(RECUP + _STATES[row.state])),
            (RDFS + "comment", terms.text(row.why)),
        ),
    )


def _certainty(value: Certainty) -> str:
    return terms.iri(RECUP + value.value)


def _integer(value: int | None) -> str | None:
    return None if value is None else terms.integer(value)
