"""Fingerprints of output data: the trees of all variables of a file or folder, kept in one Parquet file.

A row is a chunk: file, variable, number, and its three hashes; a row group is a variable. What is said of all of it stands
as JSON under
`recup-fingerprint` in the file's metadata: eps, chunk, variables with type, shape and roots.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from recup_kg.errors import MalformedSource, SourceError
from recup_kg.results.blocks import Array, Block, Part
from recup_kg.results.compare import files_below
from recup_kg.results.files import THREADS, ignored
from recup_kg.results.formats import format_of
from recup_kg.results.tree import CHUNK, HASH, Leaves, check_eps, leaves

SUFFIX = ".recup-fp"
KEY = b"recup-fingerprint"
VERSION = 1
_PIECE = 256
"""Chunks that are hashed at once."""


@dataclass(frozen=True, slots=True)
class VariableTree:
    """The tree of one variable; `leaves` is None where only the roots were read."""

    file: str
    name: str
    dtype: str
    shape: tuple[int, ...]
    roots: tuple[str, str, str]
    leaves: Leaves | None = None


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The trees of a file or folder. `unreadable` are variables and files that have none, with the reason."""

    source: str
    eps: float
    chunk: int
    trees: tuple[VariableTree, ...]
    unreadable: tuple[tuple[str, str], ...] = ()

    @property
    def size(self) -> int:
        """Bytes of all hashes."""
        return sum(3 * len(tree.leaves.exact) for tree in self.trees if tree.leaves is not None)


def take(
    path: Path,
    eps: float,
    *,
    chunk: int = CHUNK,
    ignore: Sequence[str] = (),
    progress: Callable[[str, float], None] = lambda stage, share: None,
) -> Fingerprint:
    """The fingerprint of a file or folder, each variable in C order. Raises `SourceError` where it is not there,
    `UsageError` for eps."""
    check_eps(eps)
    if not path.exists():
        raise SourceError(path, "there is no such file or folder")
    files = files_below(path, ignore) if path.is_dir() else {path.name: path}
    trees: list[VariableTree] = []
    unreadable: list[tuple[str, str]] = []
    with ThreadPoolExecutor(THREADS, "fingerprint") as pool:
        for index, (name, file) in enumerate(files.items()):
            progress(name, index / len(files))
            try:
                trees += _trees(name, file, eps, chunk, ignore, unreadable, pool)
            except (SourceError, OSError) as error:
                unreadable.append((name, str(error)))
    return Fingerprint(str(path), eps, chunk, tuple(trees), tuple(unreadable))


def save(fingerprint: Fingerprint, path: Path) -> None:
    """Write a fingerprint."""
    import pyarrow
    from pyarrow import parquet

    hashed = pyarrow.binary(HASH)
    schema = pyarrow.schema(
        [
            ("file", pyarrow.string()),
            ("variable", pyarrow.string()),
            ("chunk", pyarrow.int64()),
            ("exact", hashed),
            ("grid", hashed),
            ("shifted", hashed),
        ],
        {KEY: json.dumps(_stored(fingerprint))},
    )
    with parquet.ParquetWriter(
        path, schema, compression="none", use_dictionary=["file", "variable"]
    ) as writer:
        for tree in fingerprint.trees:
            found = tree.leaves or Leaves()
            columns = [
                [tree.file] * len(found),
                [tree.name] * len(found),
                np.arange(len(found)),
                *(
                    pyarrow.FixedSizeBinaryArray.from_buffers(
                        hashed, len(found), [None, pyarrow.py_buffer(data)]
                    )
                    for data in (found.exact, found.grid, found.shifted)
                ),
            ]
            writer.write_table(pyarrow.table(columns, schema=schema), row_group_size=max(1, len(found)))


def load(path: Path) -> Fingerprint:
    """What a fingerprint says of its variables: their roots. `leaves_of` reads the rest. Raises `MalformedSource`."""
    import pyarrow
    from pyarrow import parquet

    try:
        metadata = parquet.read_schema(path).metadata or {}
        about = json.loads(metadata[KEY])
        trees = tuple(
            VariableTree(it["file"], it["name"], it["dtype"], tuple(it["shape"]), tuple(it["roots"]))
            for it in about["variables"]
        )
        unreadable = tuple((name, why) for name, why in about["unreadable"])
        return Fingerprint(about["source"], float(about["eps"]), int(about["chunk"]), trees, unreadable)
    except FileNotFoundError:
        raise SourceError(path, "there is no such file") from None
    except (pyarrow.ArrowException, OSError, KeyError, ValueError, TypeError) as error:
        raise MalformedSource(
            path,
            f"is no fingerprint: {str(error).splitlines()[0]}",
            advice="recup results --fingerprint makes one",
        ) from None


def leaves_of(path: Path, tree: VariableTree) -> Leaves:
    """The leaves of one variable, of which nothing else is read. Raises `MalformedSource`."""
    import pyarrow
    from pyarrow import parquet

    try:
        filters = [("file", "=", tree.file), ("variable", "=", tree.name)]
        table = parquet.read_table(path, filters=filters, columns=["exact", "grid", "shifted"])
        found = Leaves(*(b"".join(table.column(name).to_pylist()) for name in ("exact", "grid", "shifted")))
    except (pyarrow.ArrowException, OSError) as error:
        raise MalformedSource(path, f"is damaged: {str(error).splitlines()[0]}") from None
    if found.roots != tree.roots:
        raise MalformedSource(path, "its hashes don't make its roots", where=f"{tree.file}:{tree.name}")
    return found


def _trees(
    name: str,
    path: Path,
    eps: float,
    chunk: int,
    ignore: Sequence[str],
    unreadable: list[tuple[str, str]],
    pool: ThreadPoolExecutor,
) -> Iterator[VariableTree]:
    found = format_of(path)
    if found is None:
        yield _bytes_tree(name, path, eps, chunk)
        return
    with found.read(path) as parts:
        for part in parts:
            yield from _of_part(name, part, eps, chunk, ignore, unreadable, pool)


def _of_part(
    file: str,
    part: Part,
    eps: float,
    chunk: int,
    ignore: Sequence[str],
    unreadable: list[tuple[str, str]],
    pool: ThreadPoolExecutor,
) -> Iterator[VariableTree]:
    wanted = []
    for index, variable in enumerate(part.variables):
        if variable.unreadable is not None:
            unreadable.append((f"{file}:{variable.name}", variable.unreadable))
        elif not ignored(file, variable.name, ignore):
            wanted.append(index)
    if not wanted:
        return
    found = {index: Leaves() for index in wanted}
    count = 0
    for block in whole_chunks(part.blocks("C"), chunk * _PIECE):
        count += len(block[0])
        jobs = {index: pool.submit(leaves, block[index], eps, chunk) for index in wanted}
        for index, job in jobs.items():
            found[index] += job.result()
    for index in wanted:
        variable = part.variables[index]
        shape = variable.shape if variable.shape is not None else (count,)
        yield VariableTree(file, variable.name, variable.dtype, shape, found[index].roots, found[index])


def _bytes_tree(name: str, path: Path, eps: float, chunk: int) -> VariableTree:
    found, size = Leaves(), path.stat().st_size
    with path.open("rb") as stream:
        while data := stream.read(chunk * 8 * _PIECE):
            values = np.frombuffer(data, np.uint8)
            exact = leaves(values.view("V1"), eps, chunk * 8)
            found += exact
    return VariableTree(name, "", "bytes", (size,), found.roots, found)


def whole_chunks(blocks: Iterator[Block], size: int) -> Iterator[Block]:
    """Pieces of `size` elements, but the last one."""
    kept: list[Block] = []
    count = 0
    for block in blocks:
        kept.append(block)
        count += len(block[0])
        if count >= size:
            joined = _joined(kept)
            whole = count // size * size
            for start in range(0, whole, size):
                yield tuple(part[start : start + size] for part in joined)
            kept, count = [tuple(part[whole:] for part in joined)], count - whole
    if count:
        yield _joined(kept)


def _joined(blocks: Sequence[Block]) -> tuple[Array, ...]:
    if len(blocks) == 1:
        return blocks[0]
    return tuple(np.concatenate(parts) for parts in zip(*blocks, strict=True))


def by_name(fingerprint: Fingerprint) -> Mapping[tuple[str, str], VariableTree]:
    """The trees by file and variable. Of a single file the name of the file does not matter."""
    files = {tree.file for tree in fingerprint.trees}
    return {("" if len(files) == 1 else tree.file, tree.name): tree for tree in fingerprint.trees}


def about(fingerprint: Fingerprint) -> dict[str, Any]:
    """What a fingerprint says, for machines."""
    return {
        "source": fingerprint.source,
        "eps": fingerprint.eps,
        "chunk": fingerprint.chunk,
        "variables": [
            {
                "file": tree.file,
                "name": tree.name,
                "dtype": tree.dtype,
                "shape": list(tree.shape),
                "roots": list(tree.roots),
            }
            for tree in fingerprint.trees
        ],
        "unreadable": [list(entry) for entry in fingerprint.unreadable],
    }


def _stored(fingerprint: Fingerprint) -> dict[str, Any]:
    """What the file holds besides the hashes: no folder of this machine is in it."""
    return {**about(fingerprint), "version": VERSION, "source": Path(fingerprint.source).name}
