"""Golden graphs: what a converter makes of a sample, as sorted N-Triples, or of a large one its hash and its counts."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path

from recup_kg.evidence import Evidence
from recup_kg.rdf.evidence import evidence_graph
from recup_kg.rdf.write import graphs
from recup_kg.records import Trace

FOLDER = Path(__file__).resolve().parent.parent / "golden" / "graphs"
LARGE = 1500
"""Triples from which on a golden file holds counts."""


def triples(reading: Trace | Evidence) -> list[str]:
    """The graph of a reading as sorted N-Triples lines."""
    graph = graphs(reading)[0] if isinstance(reading, Trace) else evidence_graph(reading)
    end = f" <{graph.name}> .\n"
    return sorted({line.removesuffix(end) + " ." for line in graph.lines})


def assert_golden(name: str, reading: Trace | Evidence, *, update: bool, summary: bool = False) -> None:
    """The graph of the reading is the one in `tests/golden/graphs/<name>`; `summary` keeps the content out of the repository."""
    lines = triples(reading)
    if summary or len(lines) >= LARGE:
        path, found = FOLDER / f"{name}.json", _summary(lines)
    else:
        path, found = FOLDER / f"{name}.nt", "\n".join(lines) + "\n"
    if update:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(found)
    assert path.exists(), f"no golden file: pytest {__name__} --update-golden, then read it"
    assert found == path.read_text()


def _summary(lines: list[str]) -> str:
    predicates = Counter(line.split(" ", 2)[1].strip("<>") for line in lines)
    text = "\n".join(lines)
    return (
        json.dumps(
            {
                "triples": len(lines),
                "sha256": hashlib.sha256(text.encode()).hexdigest(),
                "predicates": dict(sorted(predicates.items())),
            },
            indent=1,
        )
        + "\n"
    )
