"""A named graph being written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from recup_kg.rdf import terms
from recup_kg.vocab import RDF

TYPE = f"<{RDF}type>"


@dataclass(frozen=True, slots=True)
class Graph:
    """The lines of one named graph, in N-Quads."""

    name: str
    lines: list[str] = field(default_factory=list)

    def describe(
        self, subject: str, types: Sequence[str], facts: Iterable[tuple[str, str | None]] = ()
    ) -> None:
        """Add the types (IRIs) of a subject and its facts: a predicate IRI and a term in N-Quads, or None for no fact."""
        end = f" <{self.name}> .\n"
        start = f"<{subject}> "
        self.lines.extend(f"{start}{TYPE} <{kind}>{end}" for kind in types)
        self.lines.extend(
            f"{start}<{predicate}> {value}{end}" for predicate, value in facts if value is not None
        )


def optional_text(value: str | None) -> str | None:
    """A plain string, or None."""
    return None if value is None else terms.text(value)
