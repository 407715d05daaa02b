"""The Python API: `open` a store, ingest, compare, query, validate."""

from __future__ import annotations

from recup_kg.api.against_result import ComparedWithGroup
from recup_kg.api.answers import Answer
from recup_kg.api.baselines import KeptBaseline
from recup_kg.api.comparison import ComparedRuns
from recup_kg.api.explained import Explained
from recup_kg.api.federated import FederatedResult
from recup_kg.api.knowledge_graph import KnowledgeGraph, formats, open, queries
from recup_kg.api.results import ComparedResults
from recup_kg.api.values import (
    GapCount,
    Ingested,
    IngestReport,
    KnownFact,
    Part,
    Refused,
    Run,
    RunCoverage,
    RunSource,
    RunSummary,
    SourceState,
)

__all__ = [
    "Answer",
    "ComparedResults",
    "ComparedRuns",
    "ComparedWithGroup",
    "Explained",
    "FederatedResult",
    "GapCount",
    "IngestReport",
    "Ingested",
    "KeptBaseline",
    "KnowledgeGraph",
    "KnownFact",
    "Part",
    "Refused",
    "Run",
    "RunCoverage",
    "RunSource",
    "RunSummary",
    "SourceState",
    "formats",
    "open",
    "queries",
]
