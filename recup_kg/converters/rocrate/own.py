"""What crates of ours say in terms of ours: such crates are known by the IRIs of their actions.

`recup_kg.exports.rocrate` writes them; all else of them is read as of any crate.
"""

from __future__ import annotations

import json
import re
from urllib.parse import unquote

from recup_kg.converters.rocrate.context import WFRUN
from recup_kg.converters.rocrate.crate import Crate, shown_json
from recup_kg.converters.rocrate.expand import TYPE
from recup_kg.converters.rocrate.things import number
from recup_kg.evidence.statements import LiteralValue
from recup_kg.records import Number, Subject
from recup_kg.vocab import BASE, PROV, RECUP

_TASK = re.compile(rf"{re.escape(BASE)}run/[^/#]+/task/[^/#]+")
_UNKNOWN = "#software-not-captured/"
_FIELDS = {
    "runTime": "run_time",
    "coreCount": "core_count",
    "averageCpuUtilization": "average_cpu_utilization",
    "readBytes": "read_bytes",
    "writtenBytes": "written_bytes",
    "residentMemory": "resident_memory",
    "energy": "energy",
    "averagePower": "average_power",
    "exitCode": "exit_code",
}


def is_own(action: str) -> bool:
    """Whether an action is a task that an export of ours names."""
    return _TASK.fullmatch(action) is not None


def parents(crate: Crate, action: str, tasks: frozenset[str]) -> tuple[str, ...]:
    """The tasks that an action of ours depends on without data between."""
    if not is_own(action):
        return ()
    crate.note(action, PROV + "wasInformedBy")
    return tuple(name for name in crate.refs(action, PROV + "wasInformedBy") if name in tasks)


def program(crate: Crate, action: str) -> str | None:
    """The program of a task of ours, None where it was not captured."""
    tools = crate.refs(action, "instrument")
    if not is_own(action) or len(tools) != 1 or tools[0].startswith(_UNKNOWN):
        return None
    return crate.text(tools[0], "name")


def step_without_program(tool: str) -> str | None:
    """The step that a tool of ours stands for where its program was not captured."""
    return unquote(tool.removeprefix(_UNKNOWN)) if tool.startswith(_UNKNOWN) else None


def arguments(crate: Crate, action: str) -> tuple[str, ...] | None:
    """The arguments of a task of ours; a text that is no list of texts is a gap."""
    texts = crate.texts(action, RECUP + "arguments")
    if not is_own(action) or not texts:
        return None
    crate.note(action, RECUP + "arguments")
    try:
        found = json.loads(texts[0]) if len(texts) == 1 else None
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, list) and all(isinstance(item, str) for item in found):
        return tuple(found)
    comment = "not one list of texts in JSON"
    crate.gap(
        "UnreadableValue",
        Subject("task", action),
        action,
        RECUP + "arguments",
        comment,
        shown_json(texts),
    )
    return None


def measured(crate: Crate, action: str) -> dict[str, Number]:
    """The measurements of a task of ours, by the name of the field; what is no number stays a resource usage."""
    found: dict[str, Number] = {}
    for name in crate.refs(action, WFRUN + "resourceUsage") if is_own(action) else ():
        field, value = _amount(crate, name)
        if field is not None and value is not None and field not in found:
            found[field] = value
    return found


def usages(crate: Crate, action: str) -> frozenset[str]:
    """The resource usages of a task of ours that are fields of it; they are noted as read."""
    named = crate.refs(action, WFRUN + "resourceUsage") if is_own(action) else []
    taken = [name for name in named if None not in _amount(crate, name)]
    for name in taken:
        for term in (TYPE, "name", "propertyID", "value", "unitText"):
            crate.note(name, term)
    if named and len(taken) == len(named):
        crate.note(action, WFRUN + "resourceUsage")
    return frozenset(taken)


def _amount(crate: Crate, name: str) -> tuple[str | None, Number | None]:
    said = [*crate.refs(name, "propertyID"), *crate.texts(name, "propertyID")]
    values = [value for value in crate.values(name, "value") if isinstance(value, LiteralValue)]
    if len(said) != 1 or len(values) != 1 or not said[0].startswith(RECUP):
        return None, None
    value = number(values[0])
    plain = value if isinstance(value, int | float) and not isinstance(value, bool) else None
    return _FIELDS.get(said[0].removeprefix(RECUP)), plain
