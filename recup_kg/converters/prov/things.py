"""The agents and the values of a PROV document that our records cover."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from recup_kg.converters.prov.document import TYPE, Document
from recup_kg.evidence.agents import Organization, Person
from recup_kg.evidence.environment import ParameterSetting
from recup_kg.evidence.statements import LiteralValue, local_name
from recup_kg.records import Gap, Number, Subject
from recup_kg.redaction import redact_value
from recup_kg.vocab import PROV, RDFS, SCHEMA, XSD

FOAF = "http://xmlns.com/foaf/0.1/"
_INTEGERS = frozenset(
    XSD + name for name in ("integer", "int", "long", "short", "nonNegativeInteger", "positiveInteger")
)
_NUMBERS = frozenset(XSD + name for name in ("double", "float", "decimal"))


class Things:
    """The records of a document, and the segment of the IRI of each thing that has one in `kinds`."""

    def __init__(self, document: Document, acting: Sequence[str], used: Mapping[str, Sequence[str]]) -> None:
        self.document, self.acting, self.used = document, acting, used
        self.records: list[object] = []
        self.gaps: list[Gap] = []
        self.kinds: dict[str, str] = {}

    def collect(self, tasks: Iterable[str], data: Iterable[str]) -> None:
        """All records."""
        self.kinds.update(dict.fromkeys(tasks, "task"))
        self.kinds.update(dict.fromkeys(data, "data"))
        for name in self.document.of_type(PROV + "Person", PROV + "Organization"):
            if name not in self.kinds:
                self._agent(name)
        for name in sorted({name for names in self.used.values() for name in names}):
            if name not in self.kinds:
                self._parameter(name)

    def settings(self) -> Iterator[str]:
        """What the values that were given are called, and what they are."""
        for record in self.records:
            if isinstance(record, ParameterSetting):
                yield f"{record.name}={record.value}"

    def _agent(self, name: str) -> None:
        document = self.document
        shown = document.text(name, SCHEMA + "name", FOAF + "name", RDFS + "label")
        is_person = PROV + "Person" in document.refs(name, TYPE)
        if shown is None and is_person:
            comment = "a person without a name; kept as statements without the type prov:Person"
            self.gaps.append(Gap("NotCaptured", Subject("execution"), name, comment))
            document.facts[name][TYPE].remove(PROV + "Person")
            return
        page = name if name.startswith(("http://", "https://")) else None
        self.records.append(Person(name, shown or "", page) if is_person else Organization(name, shown, page))
        self.kinds[name] = "agent"
        document.note(name, SCHEMA + "name")

    def _parameter(self, name: str) -> None:
        document = self.document
        values = document.values(name, PROV + "value")
        said = values[0] if len(values) == 1 and isinstance(values[0], LiteralValue) else None
        roles = self._roles(name)
        shown = labels(document, name) or (local_name(roles[0]) if roles else name)
        if said is not None:
            document.note(name, PROV + "value")
        text, redacted = redact_value(shown, said.lexical) if said else (None, False)
        value = text if redacted or said is None else said_number(said)
        self.records.append(
            ParameterSetting(name, shown, value, roles[0] if len(roles) == 1 else None, redacted=redacted)
        )
        self.kinds[name] = "parameter"

    def _roles(self, name: str) -> list[str]:
        document = self.document
        nodes = [node for acting in self.acting for node in document.refs(acting, PROV + "qualifiedUsage")]
        return sorted(
            {
                role
                for node in nodes
                if name in document.refs(node, PROV + "entity")
                for role in (*document.refs(node, PROV + "hadRole"), *document.texts(node, PROV + "hadRole"))
            }
        )


def labels(document: Document, name: str) -> str | None:
    """The label of a thing."""
    return document.text(name, RDFS + "label", PROV + "label", SCHEMA + "name", FOAF + "name")


def said_number(said: LiteralValue) -> str | Number | bool:
    """The value of a literal by its datatype; a text stays one."""
    if said.datatype == XSD + "boolean":
        return said.lexical in ("true", "1")
    try:
        if said.datatype in _INTEGERS:
            return int(said.lexical)
        return float(said.lexical) if said.datatype in _NUMBERS else said.lexical
    except ValueError:
        return said.lexical
