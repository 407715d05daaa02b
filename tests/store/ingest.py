"""A process of its own that ingests executions: FOLDER FIRST COUNT. Prints each number when it is done."""

from __future__ import annotations

import sys

from recup_kg.store import open_store
from tests.store.samples import execution, workflow

BIG = 2500
"""Tasks that make a bundle go through the bulk loader; each fifth execution has as many."""


def tasks(number: int) -> int:
    return BIG if number % 5 == 4 else 3


def main(folder: str, first: int, count: int) -> None:
    store = open_store(folder, writable=True)
    for number in range(first, first + count):
        store.add(
            [
                store.archive(*workflow()),
                store.archive(*execution(number, f"run-{number % 3}.json", tasks=tasks(number))),
            ]
        )
        print(number, flush=True)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
