"""The Python API: `open` a store, ingest, compare, query, validate."""

from __future__ import annotations

from recup_kg.api.answers import Answer
from recup_kg.api.comparison import ComparedRuns
from recup_kg.api.knowledge_graph import KnowledgeGraph, open, queries
from recup_kg.api.values import GapCount, Ingested, IngestReport, Refused, Run, RunSummary

__all__ = [
    "Answer",
    "ComparedRuns",
    "GapCount",
    "IngestReport",
    "Ingested",
    "KnowledgeGraph",
    "Refused",
    "Run",
    "RunSummary",
    "open",
    "queries",
]
