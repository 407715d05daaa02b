"""Where the ontology, shapes and queries are: in a checkout, or inside the installed package."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

Kind = Literal["ontology", "shapes", "queries"]

_PACKAGE = Path(__file__).resolve().parent


def path(kind: Kind) -> Path:
    """The folder of the ontology, the shapes or the queries."""
    installed = _PACKAGE / "_resources" / kind
    return installed if installed.is_dir() else _PACKAGE.parent / kind
