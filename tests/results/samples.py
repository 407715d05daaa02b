"""A small simulation, written in every format: heat on a plate, in additions and multiplications alone, so that all machines
agree."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow
from numpy.typing import NDArray
from pyarrow import parquet

SHAPE = (12, 15)
FORMATS = ("npy", "npz", "h5", "nc", "csv", "parquet", "json", "png", "tif")
"""Suffixes of the formats that `write` knows; of images, values are whole and below 256."""


def heat(steps: int, source: float = 1.0) -> NDArray[np.float64]:
    """The temperatures after some steps of an explicit scheme, with a source in the middle."""
    plate = np.zeros(SHAPE)
    for _ in range(steps):
        plate[SHAPE[0] // 2, SHAPE[1] // 2] += source
        inner = plate[1:-1, 1:-1]
        around = plate[:-2, 1:-1] + plate[2:, 1:-1] + plate[1:-1, :-2] + plate[1:-1, 2:]
        plate[1:-1, 1:-1] = inner + 0.125 * (around - 4 * inner)
    return plate


def checkpoints(folder: Path, parting: int = 99, source: float = 1.0) -> Path:
    """Four checkpoints, `state_0005.npy` to `state_0020.npy`; from step `parting` on with another source."""
    folder.mkdir(parents=True)
    for step in (5, 10, 15, 20):
        np.save(folder / f"state_{step:04}.npy", heat(step, source if step >= parting else 1.0))
    return folder


def write(path: Path, values: NDArray[np.float64]) -> Path:
    """Values as a file of the format that the suffix says."""
    kind = path.suffix.removeprefix(".")
    if kind == "npy":
        np.save(path, values)
    elif kind == "npz":
        np.savez_compressed(path, t=values)
    elif kind == "h5":
        import h5py

        with h5py.File(path, "w") as file:
            file.create_dataset("t", data=values, chunks=(4, 4), compression="gzip").attrs["unit"] = "K"
    elif kind == "nc":
        from scipy.io import netcdf_file

        with netcdf_file(path, "w") as file:
            file.createDimension("y", values.shape[0])
            file.createDimension("x", values.shape[1])
            file.createVariable("t", "f8", ("y", "x"))[:] = values
    elif kind == "csv":
        lines = [",".join(f"c{column}" for column in range(values.shape[1]))]
        lines += [",".join(repr(float(value)) for value in row) for row in values]
        path.write_text("\n".join(lines) + "\n")
    elif kind == "parquet":
        columns = {f"c{column}": values[:, column] for column in range(values.shape[1])}
        parquet.write_table(pyarrow.table(columns), path, row_group_size=5)
    elif kind == "json":
        path.write_text(json.dumps({"t": values.tolist()}))
    else:
        from PIL import Image

        Image.fromarray(values.astype(np.uint8)).save(path)
    return path
