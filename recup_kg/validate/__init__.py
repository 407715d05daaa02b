"""SHACL validation of graphs; the shapes are in shapes/."""

from __future__ import annotations

from recup_kg.validate.check import (
    engine_named,
    is_rdf,
    validate,
    validate_file,
    validate_graph,
    validate_quads,
)
from recup_kg.validate.engine import Engine, RustEngine
from recup_kg.validate.reference import ReferenceEngine
from recup_kg.validate.report import COLUMNS, SEVERITIES, Report, Result, merged
from recup_kg.validate.shapes import Shape, catalogue, shapes_text, unmatched

__all__ = [
    "COLUMNS",
    "SEVERITIES",
    "Engine",
    "ReferenceEngine",
    "Report",
    "Result",
    "RustEngine",
    "Shape",
    "catalogue",
    "engine_named",
    "is_rdf",
    "merged",
    "shapes_text",
    "unmatched",
    "validate",
    "validate_file",
    "validate_graph",
    "validate_quads",
]
