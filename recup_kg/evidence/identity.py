"""The identity of evidence, from the facts that its records state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

from recup_kg.vocab import digest


def facts_identity(kind: str, records: Iterable[object]) -> str:
    """The hash of the kind of source and of all that the records state, in their order.

    What a record leaves open is no part of it, so that a field that a later version adds changes no identity.
    """
    parts = [kind]
    for record in records:
        parts.append(type(record).__name__)
        for field in fields(record):  # type: ignore[arg-type]
            value = getattr(record, field.name)
            if value is not None and value != ():
                parts.append(f"{field.name}={value!r}")
    return digest(parts)
