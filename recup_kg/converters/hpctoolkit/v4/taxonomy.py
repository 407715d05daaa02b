"""`metrics/*.yaml`: what metrics are about, in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from recup_kg.converters.hpctoolkit.model import whole_gap
from recup_kg.converters.sources import read_bytes
from recup_kg.errors import MalformedSource
from recup_kg.records import Gap

LARGEST = 16 * 2**20
"""Bytes of a taxonomy that are read: real ones have less than a hundredth of that."""


def descriptions(folder: Path) -> tuple[dict[str, str], tuple[Gap, ...]]:
    """Descriptions of metrics, by name, and what of the files can't be read: they are a help, and no facts of the measurement."""
    found: dict[str, str] = {}
    gaps = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            _collect(_parsed(path), found)
        except (_Unreadable, MalformedSource) as error:
            text = " ".join(str(error).split())
            gaps.append(
                whole_gap(
                    "UnreadableValue", f"{folder.name}/{path.name}", f"no descriptions of metrics: {text}"
                )
            )
    return found, tuple(gaps)


class _Unreadable(Exception):
    """Why a taxonomy can't be read."""


def _parsed(path: Path) -> Any:
    import yaml

    if path.stat().st_size > LARGEST:
        raise _Unreadable(f"more than {LARGEST} bytes")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(read_bytes(path), Loader=loader)  # noqa: S506 - a safe loader
    except RecursionError:
        raise _Unreadable("it is nested too deeply") from None
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        place = "" if mark is None else f" in line {mark.line + 1}"
        raise _Unreadable(f"not YAML{place}") from error


def _collect(document: Any, found: dict[str, str]) -> None:
    pending = [document.get("roots")] if isinstance(document, dict) else []
    seen: set[int] = set()
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, list):
            pending += reversed(node)
        elif isinstance(node, dict):
            name, text = node.get("name"), node.get("description")
            if isinstance(name, str) and isinstance(text, str):
                found.setdefault(name, " ".join(text.split()))
            pending.append(node.get("children"))
