"""Small graphs as docs/data-model.md has them."""

from __future__ import annotations

import hashlib

BASE = "https://w3id.org/recup/"
RECUP = BASE + "ontology#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
PROV = "http://www.w3.org/ns/prov#"
SPDX = "http://spdx.org/rdf/terms#"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def workflow(name: str = "blast") -> tuple[str, list[str]]:
    """The graph of a workflow and its lines."""
    identity = digest(f"workflow {name}")[:32]
    graph, thing = f"{BASE}bundle/{identity}", f"{BASE}workflow/{identity}"
    return graph, _lines(
        graph,
        (graph, RDF + "type", f"<{PROV}Bundle>"),
        (graph, RECUP + "describes", f"<{thing}>"),
        (thing, RDF + "type", f"<{RECUP}Workflow>"),
        (thing, LABEL, f'"{name}"'),
    )


def execution(
    number: int, file_name: str = "trace.json", of: str = "blast", tasks: int = 3
) -> tuple[str, list[str]]:
    """The graph of an execution, and its lines: 11 about it, 2 about each task."""
    source = digest(f"source {number}")
    graph, run = f"{BASE}bundle/{digest(f'graph {number}')[:32]}", f"{BASE}run/{digest(f'run {number}')[:32]}"
    file = f"{BASE}source/{source}"
    tasks_said = [
        fact
        for task in range(tasks)
        for fact in (
            (f"{run}/task/{task}", RDF + "type", f"<{RECUP}TaskExecution>"),
            (f"{run}/task/{task}", RECUP + "canonicalId", f'"{digest(f"{number} {task}")}"'),
        )
    ]
    return graph, _lines(
        graph,
        (graph, RDF + "type", f"<{PROV}Bundle>"),
        (graph, RECUP + "describes", f"<{run}>"),
        (graph, PROV + "wasDerivedFrom", f"<{file}>"),
        (file, RDF + "type", f"<{RECUP}SourceFile>"),
        (file, RECUP + "fileName", f'"{file_name}"'),
        (file, SPDX + "checksum", f"<{file}#checksum>"),
        (f"{file}#checksum", SPDX + "checksumValue", f'"{source}"'),
        (run, RDF + "type", f"<{RECUP}Execution>"),
        (run, RDF + "type", f"<{PROV}Activity>"),
        (run, LABEL, f'"run {number}"'),
        (
            run,
            "http://purl.org/wf4ever/wfprov#describedByWorkflow",
            f"<{BASE}workflow/{digest(f'workflow {of}')[:32]}>",
        ),
        *tasks_said,
    )


def comparison(number: int) -> tuple[str, list[str]]:
    """The graph of a comparison and its lines."""
    identity = digest(f"comparison {number}")[:32]
    graph, thing = f"{BASE}bundle/{digest(identity)[:32]}", f"{BASE}comparison/{identity}"
    return graph, _lines(
        graph,
        (graph, RECUP + "describes", f"<{thing}>"),
        (thing, RDF + "type", f"<{RECUP}Comparison>"),
    )


def evidence(number: int, file_name: str = "log.darshan", table: str | None = None) -> tuple[str, list[str]]:
    """The graph of evidence and its lines; `table` is the content hash of a side table that it speaks of."""
    source = digest(f"evidence {number}")
    graph, thing = f"{BASE}bundle/{digest(source)[:32]}", f"{BASE}evidence/{source[:32]}"
    file = f"{BASE}source/{source}"
    said = ((f"{BASE}table/{table}", RECUP + "contentHash", f'"{table}"'),) if table else ()
    return graph, _lines(
        graph,
        (graph, RECUP + "describes", f"<{thing}>"),
        (graph, PROV + "wasDerivedFrom", f"<{file}>"),
        (file, RECUP + "fileName", f'"{file_name}"'),
        (file, SPDX + "checksum", f"<{file}#checksum>"),
        (f"{file}#checksum", SPDX + "checksumValue", f'"{source}"'),
        (thing, RDF + "type", f"<{RECUP}Evidence>"),
        *said,
    )


def fusion(name: str, run: str, members: list[str]) -> tuple[str, list[str]]:
    """The graph that joins others as one run, and its lines."""
    graph = f"{BASE}bundle/{digest(' '.join([run, *sorted(members)]))[:32]}"
    return graph, _lines(
        graph,
        (graph, RDF + "type", f"<{RECUP}Fusion>"),
        (graph, LABEL, f'"{name}"'),
        (graph, RECUP + "describes", f"<{run}>"),
        *((graph, RECUP + "fuses", f"<{member}>") for member in members),
    )


def _lines(graph: str, *facts: tuple[str, str, str]) -> list[str]:
    return [f"<{subject}> <{predicate}> {value} <{graph}> .\n" for subject, predicate, value in facts]
