"""Agents, and what their actions cost."""

from recup_kg.evidence.agents import Organization, Person, ResourceUsage, Software
from recup_kg.rdf import terms
from recup_kg.rdf.mapping import ClassMapping, Fact, iri, link, text, value
from recup_kg.vocab import PROV, QUDT, QUDT_UNIT, RDFS, RECUP, SCHEMA


def _unit(base: str, value: str | None, record: object) -> tuple[Fact, ...]:
    return () if value is None else ((QUDT + "hasUnit", terms.iri(QUDT_UNIT + value)),)


_PAGE = iri(SCHEMA + "sameAs")
MAPPINGS = (
    ClassMapping(
        Person,
        "agent",
        (PROV + "Person", PROV + "Agent", SCHEMA + "Person"),
        {
            "name": text(SCHEMA + "name"),
            "page": _PAGE,
            "email": text(SCHEMA + "email"),
            "organizations": link(SCHEMA + "affiliation", "agent"),
        },
    ),
    ClassMapping(
        Organization,
        "agent",
        (PROV + "Organization", PROV + "Agent", SCHEMA + "Organization"),
        {"name": text(SCHEMA + "name"), "page": _PAGE},
    ),
    ClassMapping(
        Software,
        "software",
        (RECUP + "Software", SCHEMA + "SoftwareApplication", PROV + "Entity"),
        {
            "name": text(SCHEMA + "name"),
            "version": text(SCHEMA + "softwareVersion"),
            "page": _PAGE,
            "requires": link(RECUP + "requiresSoftware", "software"),
        },
    ),
    ClassMapping(
        ResourceUsage,
        "usage",
        (RECUP + "ResourceUsage", PROV + "Entity"),
        {
            "name": text(RDFS + "label"),
            "task": link(RECUP + "observes", "task"),
            "property": text(SCHEMA + "propertyID"),
            "value": value(SCHEMA + "value"),
            "unit": _unit,
            "unit_as_written": text(SCHEMA + "unitCode"),
        },
    ),
)
