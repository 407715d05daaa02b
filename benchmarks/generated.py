"""A generated execution and its workflow as N-Triples, in the form that docs/data-model.md describes.

`tasks` tasks lie in layers of `width`; each has up to `parents` parents in the layer before it. With `width=1` it is one
chain, the worst case of every question about paths. Each task reads the outputs of its parents and writes one file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from recup_kg.vocab import BASE, DCAT, DCTERMS, P_PLAN, PROV, RDF, RDFS, RECUP, SCHEMA, SPDX, WFPROV, XSD

GRAPH = BASE + "bundle/" + "0" * 32
RUN = BASE + "run/" + "1" * 32
WORKFLOW = BASE + "workflow/" + "2" * 32
SOURCE = BASE + "source/" + "3" * 64


def execution(tasks: int, *, width: int = 100, parents: int = 3) -> Iterator[str]:
    """The lines of the execution's graph and of its workflow's graph: about 27 triples a task."""
    yield from _head(tasks)
    for index in range(tasks):
        yield from _task(index, width, min(parents, width))


def _iri(iri: str) -> str:
    return f"<{iri}>"


def _number(value: object, datatype: str) -> str:
    return f'"{value}"^^<{XSD}{datatype}>'


def _lines(subject: str, pairs: list[tuple[str, str]]) -> Iterator[str]:
    for predicate, value in pairs:
        yield f"<{subject}> <{predicate}> {value} .\n"


def _types(*classes: str) -> list[tuple[str, str]]:
    return [(RDF + "type", _iri(name)) for name in classes]


def _hex(text: str) -> str:
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'


def _head(tasks: int) -> Iterator[str]:
    yield from _lines(GRAPH, [*_types(PROV + "Bundle"), *_bundle()])
    yield from _lines(SOURCE, [*_types(RECUP + "SourceFile", PROV + "Entity"), *_source()])
    yield from _lines(SOURCE + "#checksum", [*_types(SPDX + "Checksum"), *_checksum()])
    yield from _lines(
        RUN, [*_types(RECUP + "Execution", WFPROV + "WorkflowRun", PROV + "Activity"), *_run(tasks)]
    )
    yield from _lines(
        RUN + "/author",
        [*_types(PROV + "Person", PROV + "Agent", SCHEMA + "Person"), (SCHEMA + "name", '"A"')],
    )
    yield from _lines(
        RUN + "/system",
        [
            *_types(RECUP + "WorkflowSystem", PROV + "SoftwareAgent", PROV + "Agent"),
            (SCHEMA + "name", '"Makeflow"'),
        ],
    )
    yield from _lines(
        RUN + "/node/host",
        [*_types(RECUP + "ComputeNode", PROV + "Location"), (RECUP + "nodeName", '"host"')],
    )
    yield from _lines(
        RUN + "/configuration",
        [
            *_types(RECUP + "ConfigurationFingerprint"),
            (RECUP + "fingerprint", _hex("configuration")),
            (RECUP + "configurationFact", '"program=step"'),
        ],
    )
    yield from _lines(RUN + "/coverage/runTime", [*_types(RECUP + "Coverage"), *_coverage(tasks)])
    yield from _workflow()


def _bundle() -> list[tuple[str, str]]:
    return [
        (RECUP + "describes", _iri(RUN)),
        (PROV + "wasDerivedFrom", _iri(SOURCE)),
        (RECUP + "converter", '"wfformat"'),
        (RECUP + "converterVersion", '"1"'),
    ]


def _source() -> list[tuple[str, str]]:
    return [
        (RECUP + "fileName", '"generated.json"'),
        (DCAT + "byteSize", _number(1, "integer")),
        (SPDX + "checksum", _iri(SOURCE + "#checksum")),
        (RECUP + "format", '"wfformat"'),
        (RECUP + "formatVersion", '"1.5"'),
        (RECUP + "layer", _iri(RECUP + "WorkflowSystemLayer")),
        (PROV + "wasAttributedTo", _iri(RUN + "/author")),
        (DCTERMS + "created", _number("2021-09-01T00:00:00Z", "dateTime")),
    ]


def _checksum() -> list[tuple[str, str]]:
    return [
        (SPDX + "algorithm", _iri(SPDX + "checksumAlgorithm_sha256")),
        (SPDX + "checksumValue", f'"{"3" * 64}"'),
    ]


def _run(tasks: int) -> list[tuple[str, str]]:
    return [
        (RDFS + "label", '"generated"'),
        (RECUP + "workflowName", '"generated"'),
        (WFPROV + "describedByWorkflow", _iri(WORKFLOW)),
        (PROV + "startedAtTime", _number("2021-09-01T00:00:00Z", "dateTime")),
        (RECUP + "makespan", _number(float(tasks), "double")),
        (PROV + "wasAssociatedWith", _iri(RUN + "/system")),
        (RECUP + "hasNode", _iri(RUN + "/node/host")),
        (RECUP + "configuration", _iri(RUN + "/configuration")),
    ]


def _coverage(tasks: int) -> list[tuple[str, str]]:
    return [
        (RECUP + "coverageOf", _iri(RUN)),
        (RECUP + "observedProperty", _iri(RECUP + "runTime")),
        (RECUP + "expectedCount", _number(tasks, "integer")),
        (RECUP + "observedCount", _number(tasks, "integer")),
        (PROV + "wasDerivedFrom", _iri(SOURCE)),
        (RECUP + "layer", _iri(RECUP + "WorkflowSystemLayer")),
    ]


def _workflow() -> Iterator[str]:
    classes = _types(RECUP + "Workflow", P_PLAN + "Plan", PROV + "Plan", PROV + "Entity")
    yield from _lines(WORKFLOW, [*classes, (RDFS + "label", '"generated"')])
    yield from _lines(
        WORKFLOW + "/step/step",
        [
            *_types(RECUP + "Step", P_PLAN + "Step"),
            (RDFS + "label", '"step"'),
            (P_PLAN + "isStepOfPlan", _iri(WORKFLOW)),
        ],
    )
    yield from _lines(GRAPH + "0", [*_types(PROV + "Bundle"), (RECUP + "describes", _iri(WORKFLOW))])


def _task(index: int, width: int, parents: int) -> Iterator[str]:
    task, level = f"{RUN}/task/t{index}", index // width
    before = [(level - 1) * width + (index + shift) % width for shift in range(parents)] if level else []
    yield from _lines(task, _types(RECUP + "TaskExecution", WFPROV + "ProcessRun", PROV + "Activity"))
    yield from _lines(task, _facts(index, level))
    yield from _lines(task, [(PROV + "wasInformedBy", _iri(f"{RUN}/task/t{parent}")) for parent in before])
    yield from _lines(task, [(PROV + "used", _iri(f"{RUN}/data/f{parent}")) for parent in before])
    yield from _lines(
        f"{RUN}/data/f{index}", [*_types(RECUP + "DataObject", PROV + "Entity"), *_output(index)]
    )


def _facts(index: int, level: int) -> list[tuple[str, str]]:
    return [
        (DCTERMS + "identifier", f'"t{index}"'),
        (RDFS + "label", '"step"'),
        (WFPROV + "wasPartOfWorkflowRun", _iri(RUN)),
        (P_PLAN + "correspondsToStep", _iri(WORKFLOW + "/step/step")),
        (RECUP + "level", _number(level, "integer")),
        (RECUP + "canonicalId", _hex(f"c{index}")),
        (RECUP + "localSignature", _hex("l")),
        (RECUP + "neighbourhoodSignature", _hex(f"n{index}")),
        (RECUP + "program", '"step"'),
        (RECUP + "arguments", f'"[\\"--index\\",\\"{index}\\"]"^^<{RDF}JSON>'),
        (RECUP + "runTime", _number(0.5, "double")),
        (PROV + "atLocation", _iri(RUN + "/node/host")),
        (RECUP + "coreCount", _number(1, "integer")),
    ]


def _output(index: int) -> list[tuple[str, str]]:
    return [
        (DCTERMS + "identifier", f'"f{index}"'),
        (RECUP + "logicalName", f'"f{index}"'),
        (DCAT + "byteSize", _number(index, "integer")),
        (PROV + "wasGeneratedBy", _iri(f"{RUN}/task/t{index}")),
    ]
