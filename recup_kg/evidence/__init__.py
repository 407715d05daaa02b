"""What sources tell that is no task graph: one module of frozen dataclasses for each topic.

Like `recup_kg.records`: `None` is *not captured*, an empty tuple is none, units are seconds and bytes. Every record has an
`identifier`, unique among the records of its class in one source; a field that refers to another record holds its identifier.
`recup_kg.rdf.mappings` says what each class is in the graph.
"""

from recup_kg.evidence.core import CounterRecord, CounterTerm, CounterTotal, Evidence

__all__ = ["CounterRecord", "CounterTerm", "CounterTotal", "Evidence"]
