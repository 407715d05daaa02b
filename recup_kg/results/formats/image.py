"""Images as their pixels, frame by frame, read by Pillow. Colours of a palette are resolved."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from recup_kg.errors import MalformedSource, MissingExtra
from recup_kg.results.blocks import Block, Order, Part, Variable

NAME = "image"
SUFFIXES = (".png", ".jpg", ".jpeg", ".gif", ".tif", ".tiff", ".bmp", ".webp", ".pgm", ".ppm")
_MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*")
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, struct.error, IndexError, KeyError, TypeError)


def sniff(head: bytes, path: Path) -> bool:
    """Whether the file starts as PNG, JPEG, GIF or TIFF do."""
    return head.startswith(_MAGIC)


@contextmanager
def read(path: Path) -> Iterator[tuple[Part, ...]]:
    """The pixels and the mode of colours. Raises `MalformedSource`, `MissingExtra`."""
    try:
        from PIL import Image
    except ImportError:
        raise MissingExtra("pillow", "results") from None
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            image = Image.open(path)
        except (*_DAMAGE, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise MalformedSource(path, f"is no image that can be read: {error}") from None
    with image:
        mode = np.array([image.mode], object)
        first = _frame(image, path)
        count = getattr(image, "n_frames", 1)
        shape = first.shape if count == 1 else (count, *first.shape)
        yield (
            Part((Variable("mode", "string", ()),), lambda order: iter(((mode,),))),
            Part((Variable("pixels", first.dtype.str, shape),), partial(_blocks, image, count, path)),
        )


def _frame(image: Any, path: Path) -> np.ndarray[Any, Any]:
    try:
        return np.asarray(image.convert("RGBA") if image.mode == "P" else image)
    except _DAMAGE as error:
        raise MalformedSource(path, f"is damaged: {error}") from None


def _blocks(image: Any, count: int, path: Path, wanted: Order) -> Iterator[Block]:
    for number in range(count):
        if count > 1:
            image.seek(number)
        yield (_frame(image, path).reshape(-1),)
