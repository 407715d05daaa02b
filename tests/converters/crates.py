"""Crates for tests: the shipped ones, and small ones made by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from recup_kg.converters import rocrate
from recup_kg.evidence import Evidence
from recup_kg.rdf.evidence import evidence_graph
from recup_kg.rdf.write import graphs
from recup_kg.records import Trace

METADATA = "ro-crate-metadata.json"
CONTEXT = "https://w3id.org/ro/crate/1.1/context"


def crate(*entities: dict[str, Any], context: Any = CONTEXT, main: str | None = None) -> dict[str, Any]:
    """A crate of a root dataset and the entities."""
    root: dict[str, Any] = {"@id": "./", "@type": "Dataset", "name": "crate"}
    if main is not None:
        root["mainEntity"] = {"@id": main}
    descriptor = {"@id": METADATA, "@type": "CreativeWork", "about": {"@id": "./"}}
    return {"@context": context, "@graph": [descriptor, root, *entities]}


def action(
    name: str, used: list[str] | None = None, made: list[str] | None = None, **more: Any
) -> dict[str, Any]:
    """A CreateAction."""
    found: dict[str, Any] = {"@id": name, "@type": "CreateAction", "name": f"run {name}", **more}
    if used is not None:
        found["object"] = [{"@id": item} for item in used]
    if made is not None:
        found["result"] = [{"@id": item} for item in made]
    return found


def save(folder: Path, document: Any) -> Path:
    """The document as a metadata file."""
    path = folder / METADATA
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


def trace(folder: Path, document: Any) -> Trace:
    """The trace of a crate."""
    reading = rocrate.read(save(folder, document))
    assert isinstance(reading, Trace)
    return reading


def ntriples(reading: Trace | Evidence) -> str:
    """All graphs of a reading as N-Triples."""
    made = graphs(reading) if isinstance(reading, Trace) else (evidence_graph(reading),)
    return "".join(
        sorted({line.removesuffix(f" <{graph.name}> .\n") + " .\n" for graph in made for line in graph.lines})
    )


def gaps(reading: Trace | Evidence, kind: str) -> list[str]:
    """The comments of the gaps of a kind."""
    return [gap.comment for gap in reading.gaps if gap.kind == kind]
