"""Provenance knowledge graph of scientific workflow executions."""

from __future__ import annotations

__version__ = "0.1.0"
