"""Where one execution deviated from another, and what explains it."""

from __future__ import annotations

from recup_kg.compare.compare import compare

__all__ = ["compare"]
