"""JSON, one document or one a line: values at the same path of the document are one variable, `$.tasks[*].runtime`.

Numbers keep the letters that they are written with, so that integers of any length stay exact. A document is read as a whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from recup_kg.errors import MalformedSource
from recup_kg.results.blocks import Part, Variable

NAME = "json"
SUFFIXES = (".json", ".geojson", ".jsonl", ".ndjson")
_BY_LINE = (".jsonl", ".ndjson")


def sniff(head: bytes, path: Path) -> bool:
    """No bytes tell JSON from other text: its name does."""
    return False


@contextmanager
def read(path: Path) -> Iterator[tuple[Part, ...]]:
    """The values by their paths. Raises `MalformedSource`."""
    found: dict[str, tuple[list[str], list[object]]] = {}
    try:
        with path.open(encoding="utf-8-sig") as stream:
            if path.suffix.lower() in _BY_LINE:
                for number, line in enumerate(stream):
                    if line.strip():
                        _walk(_load(line), "$[*]", f"$[{number}]", found)
            else:
                _walk(_load(stream.read()), "$", "$", found)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise MalformedSource(path, f"is no JSON: {error.msg}", where=where) from None
    except UnicodeDecodeError as error:
        raise MalformedSource(
            path, f"is no UTF-8 text: {error.reason}", where=f"byte {error.start}"
        ) from None
    except RecursionError:
        raise MalformedSource(path, "is nested too deeply") from None
    yield tuple(_part(name, *values) for name, values in found.items())


class _Number(str):
    """A number as it is written."""


def _load(text: str) -> Any:
    return json.loads(text, parse_int=_Number, parse_float=_Number, parse_constant=_Number)


def _walk(value: Any, general: str, path: str, found: dict[str, tuple[list[str], list[object]]]) -> None:
    if isinstance(value, dict) and value:
        for key, member in value.items():
            name = f".{key}" if key.isidentifier() else f"[{json.dumps(key, ensure_ascii=False)}]"
            _walk(member, general + name, path + name, found)
    elif isinstance(value, list) and value:
        for index, member in enumerate(value):
            _walk(member, f"{general}[*]", f"{path}[{index}]", found)
    else:
        paths, values = found.setdefault(general, ([], []))
        paths.append(path)
        values.append(value if isinstance(value, _Number) else json.dumps(value, ensure_ascii=False))


def _part(name: str, paths: list[str], values: list[object]) -> Part:
    array = np.empty(len(values), object)
    array[:] = [str(value) for value in values]
    variable = Variable(name, "text", (len(values),), where=paths.__getitem__)
    return Part((variable,), lambda order: iter(((array,),)))
