"""All benchmarks, one after the other: `make bench`."""

from __future__ import annotations

from benchmarks import (
    compare,
    convert,
    darshan,
    formats,
    hpctoolkit,
    ingest,
    load,
    snapshot,
    stages,
    startup,
    validate_engines,
)


def main() -> None:
    """Run each with its defaults."""
    for name, run in (
        ("start-up", startup.main),
        ("convert", convert.main),
        ("formats", formats.main),
        ("Darshan", darshan.main),
        ("HPCToolkit", hpctoolkit.main),
        ("snapshot", snapshot.main),
        ("load", load.main),
        ("ingest", ingest.main),
        ("stages of ingest", stages.main),
        ("validate", validate_engines.main),
        ("compare", compare.main),
    ):
        print(f"## {name}")
        run([])
        print()


if __name__ == "__main__":
    main()
