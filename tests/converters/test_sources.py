"""Sources: the hash of a file, and of several files together."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from recup_kg.converters.sources import head, read_bytes, read_text, source_of
from recup_kg.errors import MalformedSource
from recup_kg.records import Source, Timestamp

CREATED = Timestamp("2020-01-01", None)


def made(path: Path, **more: object) -> Source:
    return source_of(path, converter="x", version="2", format_version="1.0", layer="JobLayer", **more)  # type: ignore[arg-type]


def files(folder: Path, *names: str) -> list[Path]:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"content of {name}")
    return [folder / name for name in names]


def test_one_file(tmp_path: Path) -> None:
    (path,) = files(tmp_path, "a.txt")
    assert made(path, created=CREATED, description="d") == Source(
        "a.txt",
        hashlib.sha256(b"content of a.txt").hexdigest(),
        16,
        "x",
        "1.0",
        "2",
        created=CREATED,
        description="d",
        layer="JobLayer",
    )


def test_several_files_are_hashed_as_sha256sum_prints_them(tmp_path: Path) -> None:
    members = files(tmp_path, "b.db", "a.db", "sub/c.db")
    source = made(members[0], members=members)
    assert [member.file_name for member in source.members] == ["a.db", "b.db", "sub/c.db"]
    assert source.size == sum(path.stat().st_size for path in members)
    tool = shutil.which("sha256sum")
    if tool is None:
        pytest.skip("no sha256sum")
    printed = subprocess.run(
        [tool, "a.db", "b.db", "sub/c.db"], cwd=tmp_path, capture_output=True, check=True
    ).stdout
    assert source.sha256 == hashlib.sha256(printed).hexdigest()


def test_the_order_of_members_and_the_place_of_the_folder_change_nothing(tmp_path: Path) -> None:
    one = files(tmp_path / "here", "a", "b")
    other = files(tmp_path / "there", "a", "b")
    assert made(one[0], members=one) == made(other[0], members=[*reversed(other), other[0]])


def test_members_may_lie_beside_the_file(tmp_path: Path) -> None:
    members = files(tmp_path, "db/meta.db", "logs/a.log")
    source = made(members[0], members=members, folder=tmp_path)
    assert [member.file_name for member in source.members] == ["db/meta.db", "logs/a.log"]
    assert source.file_name == "meta.db"


def test_a_name_that_is_not_utf8_is_hashed(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9"))
    try:
        path.write_text("x")
    except OSError:
        pytest.skip("this file system takes no such name")
    assert len(made(path, members=[path]).sha256) == 64


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    (there,) = files(tmp_path, "a")
    for call in (lambda: made(tmp_path / "b"), lambda: made(there, members=[there, tmp_path / "b"])):
        with pytest.raises(
            MalformedSource, match=r"b: can't be read: No such file or directory; check its permissions"
        ):
            call()
    with pytest.raises(MalformedSource, match=r"can't be read: Is a directory"):
        read_bytes(tmp_path)


def test_text_is_utf8_with_or_without_a_mark(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"\xef\xbb\xbfx\xc3\xa9")
    assert read_text(path) == "xé"
    path.write_bytes(b"abc\xe9def")
    with pytest.raises(MalformedSource, match="byte 3: not UTF-8; save the file as UTF-8"):
        read_text(path)
    assert read_text(path, encoding="latin-1") == "abcédef"


def test_the_start_of_a_file_or_nothing(tmp_path: Path) -> None:
    (path,) = files(tmp_path, "a")
    assert head(path, 7) == b"content"
    assert head(tmp_path) == head(tmp_path / "b") == b""
