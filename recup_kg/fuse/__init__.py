"""Joining what several sources tell of one execution: pure functions over facts, without store and without RDF.

`join(facts)` gives the links, what stayed unlinked and why, the I/O of each task, the coverage and the configuration.
"""

from recup_kg.fuse.facts import Facts
from recup_kg.fuse.join import join
from recup_kg.fusions import Fused

__all__ = ["Facts", "Fused", "join"]
