"""The mappings of the classes of `recup_kg.evidence`: one module for each of its modules, found by looking into the folder.

Each module has `MAPPINGS`, a tuple of `recup_kg.rdf.mapping.ClassMapping`.
"""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import fields
from functools import cache

from recup_kg.rdf.mapping import ClassMapping


@cache
def mappings() -> dict[type, ClassMapping]:
    """All mappings, by the class of records."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    found: dict[type, ClassMapping] = {}
    for mapping in (mapping for module in modules for mapping in module.MAPPINGS):
        _complete(mapping)
        if mapping.record in found:
            raise TypeError(f"{mapping.record.__name__}: two mappings")
        found[mapping.record] = mapping
    return found


def _complete(mapping: ClassMapping) -> None:
    names = {field.name for field in fields(mapping.record)}
    said = set(mapping.fields) | mapping.internal
    if names != said:
        raise TypeError(
            f"{mapping.record.__name__}: the mapping and the class differ in {sorted(names ^ said)}"
        )
