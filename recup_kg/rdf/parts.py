"""Records of `recup_kg.evidence` as descriptions below the IRI of what a source tells of."""

from __future__ import annotations

from collections.abc import Iterable

from recup_kg.evidence.statements import LiteralValue, Statement
from recup_kg.rdf import terms
from recup_kg.rdf.graph import Graph
from recup_kg.rdf.mapping import ClassMapping, Fact
from recup_kg.rdf.mappings import mappings
from recup_kg.records import SideTable
from recup_kg.tables import content_hash, row_count
from recup_kg.vocab import DCAT, PROV, RDFS, RECUP, part_iri


def write_records(graph: Graph, base: str, records: Iterable[object]) -> None:
    """Each record as its mapping says; statements as they are. Raises TypeError for a class without a mapping."""
    known = mappings()
    for record in records:
        if isinstance(record, Statement):
            graph.lines.append(_statement(graph, record))
            continue
        mapping = known.get(type(record))
        if mapping is None:
            raise TypeError(f"no mapping for {type(record).__name__}: add it to recup_kg/rdf/mappings")
        identifier: str = record.identifier  # type: ignore[attr-defined]
        graph.describe(part_iri(base, mapping.kind, identifier), mapping.types, _facts(mapping, base, record))


def write_tables(graph: Graph, base: str, tables: Iterable[SideTable]) -> None:
    """What stands in each side table, and the hash under which it lies beside the bundles."""
    for table in tables:
        content = content_hash(table)
        graph.describe(
            part_iri(base, "table", table.identifier),
            (RECUP + "SideTable", DCAT + "Distribution", PROV + "Entity"),
            (
                (RECUP + "about", terms.iri(base)),
                (RDFS + "label", terms.text(table.label)),
                (RDFS + "comment", terms.text(table.description)),
                (RECUP + "contentHash", terms.text(content)),
                (RECUP + "rowCount", terms.integer(row_count(table))),
                *((RECUP + "column", terms.text(name)) for name in table.columns),
                *((RECUP + "columnUnit", terms.text(f"{name}={unit}")) for name, unit in table.units),
                (RECUP + "observes", optional_group(base, table.process_group)),
            ),
        )


def optional_group(base: str, group: str | None) -> str | None:
    """The process group, or None."""
    return None if group is None else terms.iri(part_iri(base, "process-group", group))


def _facts(mapping: ClassMapping, base: str, record: object) -> Iterable[Fact]:
    for name, facts in mapping.fields.items():
        yield from facts(base, getattr(record, name), record)


def _statement(graph: Graph, statement: Statement) -> str:
    said = statement.object
    value = _literal(said) if isinstance(said, LiteralValue) else terms.foreign_iri(said)
    start = f"{terms.foreign_iri(statement.subject)} {terms.foreign_iri(statement.predicate)}"
    return f"{start} {value} <{graph.name}> .\n"


def _literal(value: LiteralValue) -> str:
    if value.language is not None:
        return f"{terms.text(value.lexical)}@{value.language}"
    return terms.text(value.lexical) + (f"^^{terms.foreign_iri(value.datatype)}" if value.datatype else "")
