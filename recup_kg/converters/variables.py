"""Reads environment variables as `env`, `printenv` and `env -0` print them (also /proc/PID/environ).

https://www.gnu.org/software/coreutils/manual/html_node/env-invocation.html. Values that look like credentials, by name or by
form, are replaced by a marker.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from recup_kg.converters.sources import head, read_bytes, source_of
from recup_kg.errors import MalformedSource
from recup_kg.evidence import Evidence
from recup_kg.evidence.environment import EnvironmentSnapshot, EnvironmentVariable
from recup_kg.evidence.identity import facts_identity
from recup_kg.records import Gap, Subject
from recup_kg.redaction import redact_value

NAME = "environment-variables"
VERSION = "1"
SNAPSHOT = "variables"

_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_.:-]*(?:\(\))?(?:%%|\(\))?)=(.*)", re.DOTALL)
_EVERYWHERE = re.compile(
    r"(?:^|\0|\n)(PATH|HOME|PWD|USER|SHELL|LOGNAME|LANG|SHLVL|HOSTNAME|TERM|OLDPWD|TMPDIR|_)="
)


def sniff(path: Path) -> bool:
    """Whether the file is assignments, among them two of those that every environment has."""
    text = head(path).decode(errors="replace")
    parts = text.split("\0") if "\0" in text else text.splitlines()
    if not parts or not _ASSIGNMENT.fullmatch(parts[0]):
        return False
    return len({match[1] for match in _EVERYWHERE.finditer(text)}) > 1 and ("\0" in text or _is_mostly(parts))


def read(path: Path) -> Evidence:
    """The variables. Raises `MalformedSource`."""
    # As in names of files: a byte that is not UTF-8 is kept (PEP 383).
    text = read_bytes(path).decode(errors="surrogateescape")
    records: dict[str, EnvironmentVariable] = {}
    gaps = []
    entries = _terminated(path, text) if "\0" in text else _lines(path, text)
    for name, value, where in entries:
        if name in records:
            comment = f"{name} is assigned again; the first value is kept."
            gaps.append(Gap("DuplicateEntry", Subject("variable", name), where, comment))
            continue
        shown, redacted = redact_value(name, value)
        records[name] = EnvironmentVariable(
            identifier=name, name=name, environment=SNAPSHOT, value=shown, redacted=redacted
        )
    host = records.get("HOSTNAME")
    snapshot = EnvironmentSnapshot(
        identifier=SNAPSHOT, label="environment variables", host=(host.value or None) if host else None
    )
    kept = (snapshot, *(records[name] for name in sorted(records)))
    return Evidence(
        source=source_of(path, converter=NAME, version=VERSION, format_version="env", layer="SystemLayer"),
        identity=facts_identity("environment-variables", kept),
        label=f"{len(records)} environment variables",
        layer="SystemLayer",
        records=kept,
        gaps=tuple(gaps),
    )


def _is_mostly(lines: list[str]) -> bool:
    """Most lines are assignments; a value of several lines (a function of the shell) has lines that are none."""
    return sum(1 for line in lines if _ASSIGNMENT.fullmatch(line)) * 2 >= len(lines)


def _terminated(path: Path, text: str) -> Iterator[tuple[str, str, str]]:
    for index, entry in enumerate(text.removesuffix("\n").removesuffix("\0").split("\0"), 1):
        name, equals, value = entry.partition("=")
        if not equals or not name:
            raise MalformedSource(
                path, "not NAME=VALUE", where=f"entry {index}", advice="capture it again with env -0"
            )
        yield name, value, f"entry {index}"


def _lines(path: Path, text: str) -> Iterator[tuple[str, str, str]]:
    """The assignments; a line that is none goes on with the value before it."""
    name, values, start = "", list[str](), 0
    for number, line in enumerate(text.split("\n"), 1):
        match = _ASSIGNMENT.fullmatch(line.removesuffix("\r"))
        if match is None and not name:
            if line.strip():
                raise MalformedSource(
                    path, "not NAME=VALUE", where=f"line {number}", advice="capture it again with env"
                )
        elif match is None:
            values.append(line)
        else:
            if name:
                yield name, "\n".join(values).removesuffix("\n"), f"line {start}"
            name, values, start = match[1], [match[2]], number
    if not name:
        raise MalformedSource(path, "no variable in it", advice="capture it again with env")
    yield name, "\n".join(values).removesuffix("\n"), f"line {start}"
