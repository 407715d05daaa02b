"""Signatures of tasks: 64-bit keys, equal where two tasks are alike in one respect, so that comparison is a join.

| signature | what it covers |
|---|---|
| local | program or step, normalised arguments in any order, logical names of inputs and outputs |
| canonical | local, and the canonical ids of the parents (Weisfeiler-Lehman, top down) |
| neighbourhood | canonical, and the same bottom up |
| arguments | normalised arguments in order |
| inputs, outputs | logical names with sizes in bytes; a size that is a recording artefact or not captured counts as unknown |

None depends on the identifiers of tasks. Shervashidze et al., JMLR 12 (2011), 2539-2561.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from recup_kg.align.dag import children_of
from recup_kg.align.tokens import is_simple, logical_name, program_name, without_run_tokens
from recup_kg.records import Signatures


@dataclass(frozen=True, slots=True)
class Unsigned:
    """What the signatures of one task are made of."""

    identifier: str
    step: str
    parents: tuple[str, ...]
    program: str | None
    arguments: tuple[str, ...] | None
    inputs: tuple[str, ...] | None
    outputs: tuple[str, ...] | None


def key(*parts: str) -> str:
    """64 bits of BLAKE2b over the parts, in hexadecimal."""
    text = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=8).hexdigest()


def local_key(task: Unsigned) -> str:
    """The local signature."""
    script = "" if task.program is None or is_simple(task.program) else without_run_tokens(task.program)
    return key(
        _base(task),
        script,
        "\x1e".join(sorted(map(without_run_tokens, task.arguments or ()))),
        "\x1e".join(sorted(map(logical_name, task.inputs or ()))),
        "\x1e".join(sorted(map(logical_name, task.outputs or ()))),
    )


def sign(
    tasks: Sequence[Unsigned], order: Sequence[str], sizes: Mapping[str, int | None]
) -> dict[str, Signatures]:
    """The signatures of all tasks of an execution, by task identifier.

    `order` has each task after its parents; `sizes` gives the size of each data object in bytes, None where it is unknown.
    """
    local = {task.identifier: local_key(task) for task in tasks}
    parents = {task.identifier: task.parents for task in tasks}
    canonical = _propagate(order, local, parents)
    upward = _propagate(list(reversed(order)), local, children_of(parents))
    return {
        task.identifier: Signatures(
            canonical=canonical[task.identifier],
            local=local[task.identifier],
            neighbourhood=key(canonical[task.identifier], upward[task.identifier]),
            arguments=_arguments_key(task.arguments),
            inputs=_data_key(task.inputs, sizes),
            outputs=_data_key(task.outputs, sizes),
        )
        for task in tasks
    }


def _base(task: Unsigned) -> str:
    if task.program is not None and is_simple(task.program):
        return program_name(task.program)
    return task.step


def _propagate(
    order: Iterable[str], local: Mapping[str, str], neighbours: Mapping[str, Sequence[str]]
) -> dict[str, str]:
    result: dict[str, str] = {}
    for task in order:
        result[task] = key(local[task], *sorted(result[neighbour] for neighbour in neighbours[task]))
    return result


def _arguments_key(arguments: tuple[str, ...] | None) -> str | None:
    return None if arguments is None else key(*map(without_run_tokens, arguments))


def _data_key(data: tuple[str, ...] | None, sizes: Mapping[str, int | None]) -> str | None:
    if data is None:
        return None
    return key(*sorted(f"{logical_name(item)}\x1e{_size(sizes.get(item))}" for item in data))


def _size(size: int | None) -> str:
    return "?" if size is None else str(size)
