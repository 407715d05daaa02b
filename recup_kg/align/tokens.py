"""Names without run-specific tokens: uuids, hashes, timestamps, temporary folders."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import PurePosixPath

TOKEN = "*"
"""What stands in place of a run-specific token."""

_UUID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_TIMESTAMP = r"\d{4}-?\d{2}-?\d{2}[T_ ]\d{2}:?\d{2}:?\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?"
_HASH = r"(?<![0-9a-zA-Z])(?=[0-9a-f]*[a-f])(?=[0-9a-f]*[0-9])[0-9a-f]{16,128}(?![0-9a-zA-Z])"
_WORK_FOLDER = r"(?:/[^\s/]+)*/[0-9a-f]{2}/(?:[0-9a-f]{30}|[0-9a-f]{6})(?=/)"
_TEMPORARY = r"(?<![^\s=:'\"])/(?:var/)?(?:tmp|scratch)/[^\s/'\"]+"
_RUN_SPECIFIC = re.compile("|".join((_WORK_FOLDER, _TEMPORARY, _UUID, _TIMESTAMP, _HASH)))
_TASK_NUMBER = re.compile(r"_ID\d+$")
_RUN_NUMBER = re.compile(r"[-_]?(?:\*(?:[-_]\d+)?|run[-_]?\d+)$", re.IGNORECASE)


@lru_cache(maxsize=65536)
def without_run_tokens(text: str) -> str:
    """The text with each run-specific token replaced by `*`."""
    return _RUN_SPECIFIC.sub(TOKEN, text)


@lru_cache(maxsize=65536)
def logical_name(identifier: str) -> str:
    """The name of a file without the folder in which one run happened to put it.

    A Nextflow work folder (`/c7/fffe3a…/genome.dict`) goes altogether, other run-specific tokens become `*`.
    """
    name = without_run_tokens(identifier)
    return name.removeprefix(TOKEN + "/") if name.startswith(TOKEN + "/") else name


def workflow_name(label: str) -> str:
    """The name of a workflow from the label of one of its traces: `1000genome-20200401T035039Z-0` is `1000genome`."""
    name = _RUN_NUMBER.sub("", without_run_tokens(label))
    return name or label


def is_simple(program: str) -> bool:
    """Whether the program is one word, and not the script of a Nextflow process."""
    return bool(program) and not any(character.isspace() for character in program)


def step_name(name: str, program: str | None, category: str | None) -> str:
    """The step that a task belongs to, from its name.

    `blastall_ID000002` is of `blastall` (Pegasus and Makeflow number their tasks so); a name that begins with the category or
    program of the task is of that; any other name is taken for the name of the step.
    """
    stripped = _TASK_NUMBER.sub("", name)
    if stripped != name and stripped:
        return stripped
    for candidate in (category, program):
        if candidate and is_simple(candidate) and name.startswith(candidate):
            return candidate
    return name


def program_of_name(name: str) -> str | None:
    """The program that WfCommons' migration to layout 1.2 derives from a task's name: what stands before `_ID`."""
    stripped = _TASK_NUMBER.sub("", name)
    return stripped if stripped != name else None


def program_name(program: str) -> str:
    """The file name of a program that is one word; the text itself otherwise."""
    return PurePosixPath(program).name if is_simple(program) else program
