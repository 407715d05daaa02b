"""The dependencies of a workflow's jobs: a JSON object from each job to its children, in a file beside the tables of its runs.

`<workflow>` is the name of the table without what numbers the run, with `-` or `_`, or the name of its folder. In the folder of
the table, then in those one and two above, the first of these counts: `<workflow>.adjacency.json`,
`adjacency_list_dags/<workflow>.json`, `<workflow>.json` (this one only where it is such an object).
"""

from __future__ import annotations

import json
import os.path
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from recup_kg.converters.sources import read_bytes
from recup_kg.errors import MalformedSource

Children: TypeAlias = Mapping[str, tuple[str, ...]]

_RUN = re.compile(r"[-_.]?run[-_]?\d+$|[-_]\d+$", re.IGNORECASE)
_ABOVE = 2


def workflow_of_file(path: Path) -> str:
    """The name of the workflow, as the name of a run's table gives it: `eht-imaging` of `eht-imaging-run0001.csv`."""
    return _RUN.sub("", path.stem) or path.stem


def adjacency_file(path: Path) -> Path | None:
    """The file of the dependencies of a table's jobs."""
    folders = [path.parent, *path.absolute().parent.parents][: _ABOVE + 1]
    for folder in folders:
        for name in _spellings(path):
            for found in (folder / f"{name}.adjacency.json", folder / "adjacency_list_dags" / f"{name}.json"):
                if found.is_file():
                    return found
            plain = folder / f"{name}.json"
            if plain.is_file() and parsed(plain.read_bytes()) is not None:
                return plain
    return None


def children(files: Sequence[Path]) -> Children | None:
    """The children of each job as the file tells them, None without one. Raises `MalformedSource` where it tells none."""
    if not files:
        return None
    found = parsed(read_bytes(files[0]))
    if found is None:
        raise MalformedSource(
            files[0],
            "no object from each job to the list of its children",
            where="byte 0",
            advice="take the file from FlowBench's folder adjacency_list_dags again, or move it away",
        )
    return found


def common_folder(files: Sequence[Path]) -> Path | None:
    """The folder below which all files lie."""
    if len(files) < 2:
        return None
    return Path(os.path.commonpath([file.parent for file in files]))


def _spellings(path: Path) -> Iterator[str]:
    for name in dict.fromkeys((workflow_of_file(path), path.absolute().parent.name)):
        yield from dict.fromkeys((name, name.replace("-", "_"), name.replace("_", "-")))


def parsed(data: bytes) -> Children | None:
    """The object from each job to its children that JSON text holds, None where it is none."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    if not all(
        isinstance(names, list) and all(isinstance(name, str) for name in names) for names in found.values()
    ):
        return None
    return {job: tuple(dict.fromkeys(names)) for job, names in found.items()}
