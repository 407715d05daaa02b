"""Broken traces: one clear line each, that names the file, the place, what is wrong and what to do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recup_kg.converters import detect
from recup_kg.converters.wfformat import read
from recup_kg.converters.wfformat.layouts import LONGEST_TEXT
from recup_kg.errors import MalformedSource, SourceError, UnknownFormat
from tests.wfformat_samples import executed, save, small, specified

Edit = Callable[[dict[str, Any]], object]

SPECIFIED = "$.workflow.specification.tasks"
EXECUTED = "$.workflow.execution.tasks"

EDITS: dict[str, tuple[Edit, str, str]] = {
    "wrong type": (
        lambda trace: executed(trace, 3).update(runtimeInSeconds="long"),
        f"{EXECUTED}[3].runtimeInSeconds",
        "Expected int | float | null, got str",
    ),
    "missing member": (
        lambda trace: specified(trace, 1).pop("id"),
        f"{SPECIFIED}[1]",
        "Object missing required field id",
    ),
    "unknown version": (
        lambda trace: trace.update(schemaVersion="2.0"),
        "$.schemaVersion",
        "unknown schemaVersion '2.0'; RECUP-KG reads WfFormat 1.0 to 1.6",
    ),
    "version is a number": (
        lambda trace: trace.update(schemaVersion=1.5),
        "$.schemaVersion",
        "Expected str, got float",
    ),
    "dangling parent": (
        lambda trace: specified(trace, 1)["parents"].append("ghost"),
        f"{SPECIFIED}[1].parents[1]",
        "no task 'ghost', which is named as parent",
    ),
    "dangling child": (
        lambda trace: specified(trace, 1)["children"].append("ghost"),
        f"{SPECIFIED}[1].children[1]",
        "no task 'ghost', which is named as child",
    ),
    "cycle": (
        lambda trace: (
            specified(trace, 0)["parents"].append("merge_ID04"),
            specified(trace, 3)["children"].append("split_ID01"),
        ),
        f"{SPECIFIED}[",
        "the dependencies form a cycle: ",
    ),
    "own parent": (
        lambda trace: specified(trace, 1)["parents"].append("work_ID02"),
        f"{SPECIFIED}[1].parents",
        "the dependencies form a cycle: work_ID02 -> work_ID02",
    ),
    "duplicate id": (
        lambda trace: specified(trace, 1).update(id="work_ID03"),
        f"{EXECUTED}[1].id",
        "no task 'work_ID02' in the specification",
    ),
    "duplicate specification": (
        lambda trace: trace["workflow"]["specification"]["tasks"].append(specified(trace, 0)),
        f"{SPECIFIED}[4]",
        "task 'split_ID01' is there twice",
    ),
    "duplicate execution": (
        lambda trace: trace["workflow"]["execution"]["tasks"].append(executed(trace, 0)),
        f"{EXECUTED}[4].id",
        "task 'split_ID01' is there twice",
    ),
    "negative run time": (
        lambda trace: executed(trace, 0).update(runtimeInSeconds=-1.5),
        f"{EXECUTED}[0].runtimeInSeconds",
        "Expected float >= 0.0",
    ),
    "negative size": (
        lambda trace: trace["workflow"]["specification"]["files"][2].update(sizeInBytes=-1),
        "$.workflow.specification.files[2].sizeInBytes",
        "Expected int >= 0",
    ),
    "huge integer": (
        lambda trace: trace["workflow"]["specification"]["files"][2].update(sizeInBytes=2**70),
        "$.workflow.specification.files[2].sizeInBytes",
        "Expected int <= 9223372036854775807",
    ),
    "no tasks": (
        lambda trace: trace["workflow"]["specification"].update(tasks=[]),
        SPECIFIED,
        "Expected array of length >= 1",
    ),
    "no execution": (
        lambda trace: trace["workflow"].pop("execution"),
        "$.workflow.execution",
        "there is a specification, but no execution",
    ),
    "tasks are an object": (
        lambda trace: trace["workflow"]["specification"].update(tasks={}),
        SPECIFIED,
        "Expected array, got object",
    ),
    "empty id": (
        lambda trace: specified(trace, 0).update(id=""),
        f"{SPECIFIED}[0].id",
        "Expected str of length >= 1",
    ),
    "very long text": (
        lambda trace: trace.update(description="x" * (LONGEST_TEXT + 1)),
        "byte ",
        "a string of more than 16,777,216 bytes",
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_that_breaks_a_trace(name: str, tmp_path: Path) -> None:
    edit, where, problem = EDITS[name]
    trace = small()
    edit(trace)
    path = save(tmp_path, trace)
    with pytest.raises(MalformedSource) as caught:
        read(path)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(f"{path}: {where}")
    assert problem in message


BYTES: dict[str, tuple[bytes, str]] = {
    "truncated": (json.dumps(small()).encode()[:900], "not JSON: Input data was truncated"),
    "nan": (
        json.dumps(small()).replace("20.0", "NaN").encode(),
        "not JSON: JSON is malformed: invalid character",
    ),
    "infinite": (json.dumps(small()).replace("20.0", "1e999").encode(), "Number out of range"),
    "latin-1": (json.dumps(small(name="é"), ensure_ascii=False).encode("latin-1"), "not UTF-8: byte 0xe9"),
    "utf-16": (json.dumps(small()).encode("utf-16"), "not UTF-8: it looks like UTF-16"),
    "lone surrogate": (json.dumps(small(name="x")).replace('"x"', '"\\ud800"').encode(), "not JSON: "),
    "two documents": (json.dumps(small()).encode() * 2, "not JSON: JSON is malformed: trailing characters"),
    "deeply nested": (json.dumps(small())[:-1].encode() + b', "x": ' + b"[" * 100_000, "not JSON: "),
}


@pytest.mark.parametrize("name", BYTES)
def test_bytes_that_are_no_trace(name: str, tmp_path: Path) -> None:
    data, problem = BYTES[name]
    path = tmp_path / "trace.json"
    path.write_bytes(data)
    with pytest.raises(MalformedSource) as caught:
        detect(path).read(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert problem in message
    assert "\n" not in message


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "trace.json"
    path.touch()
    with pytest.raises(MalformedSource, match=r"trace\.json: the file is empty; export the trace again"):
        detect(path)


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(MalformedSource, match="a folder, not a file; name the files in it"):
        detect(tmp_path)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(MalformedSource, match="no such file; check the path"):
        detect(tmp_path / "nowhere.json")


@pytest.mark.parametrize(
    "content", [b"hello", b"[1, 2]", b'{"a": 1}', b"\x89PNG\r\n\x1a\n", b"{}", b'{"workflow": 1}']
)
def test_a_file_that_is_no_trace(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "thing"
    path.write_bytes(content)
    with pytest.raises(
        UnknownFormat,
        match=r"not a file that RECUP-KG reads; 'recup formats' lists what it reads, --from names",
    ):
        detect(path)


def test_a_forced_format_reports_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "thing"
    path.write_bytes(b"{}")
    with pytest.raises(MalformedSource, match="missing required field schemaVersion"):
        detect(path, "wfformat").read(path)


def test_a_link_that_is_neither_input_nor_output(tmp_path: Path) -> None:
    trace = {
        "name": "old",
        "schemaVersion": "1.3",
        "workflow": {
            "tasks": [{"name": "a", "parents": [], "files": [{"name": "f", "link": "both", "size": 1}]}]
        },
    }
    with pytest.raises(
        SourceError, match=r"\$\.workflow\.tasks\[0\]\.files\[0\]\.link: expected input or output"
    ):
        read(save(tmp_path, trace))


def test_an_old_trace_without_tasks(tmp_path: Path) -> None:
    trace = {"name": "old", "schemaVersion": "1.0", "workflow": {"jobs": []}}
    with pytest.raises(SourceError, match=r"\$\.workflow\.jobs: there are no tasks"):
        read(save(tmp_path, trace))
