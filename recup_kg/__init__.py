"""Provenance knowledge graph of scientific workflow executions.

import recup_kg as recup

with recup.open("recup-store") as kg:
    kg.ingest("a.json")
    print(kg.compare("a", "b.json").render())
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recup_kg.api import KnowledgeGraph

__version__ = "0.1.0"

__all__ = ["__version__", "open"]


def open(location: str = "recup-store") -> KnowledgeGraph:
    """A knowledge graph in a folder, in memory (`:memory:`), or behind the URL of a SPARQL 1.1 endpoint.

    A folder that does not exist is made by the first ingest. Use it as a context manager, or call `close()`.
    """
    from recup_kg.api import open as open_graph

    return open_graph(location)
