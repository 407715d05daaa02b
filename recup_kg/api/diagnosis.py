"""Whether a store is in order, and what its catalogue lacks."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from recup_kg import bundles
from recup_kg.catalog import fair
from recup_kg.catalog.datasets import datasets, listed
from recup_kg.catalog.fair import Missing
from recup_kg.catalog.publication import load_publication, publication_file
from recup_kg.errors import BundleError
from recup_kg.store import Store


@dataclass(frozen=True, slots=True)
class FairReport:
    """How many questions were asked of how many datasets, and what is missing; `file` is the `catalog.toml` that was read."""

    file: str | None
    questions: int
    datasets: int
    missing: tuple[Missing, ...]

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was looked at: whether it is in order, and what was seen; `advice` where it is not."""

    what: str
    ok: bool
    seen: str
    advice: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


def fair_report(store: Store, base: str, file: Path | None) -> FairReport:
    """What the catalogue of a store lacks, published at `base`. Raises `SourceError` for a `catalog.toml` that can't be used."""
    found = publication_file(store.location, file)
    publication = load_publication(found, base)
    known = datasets(store, listed(store))
    return FairReport(
        str(found) if found else None,
        fair.checked(known),
        len(known),
        fair.missing(publication, known),
    )


def store_findings(store: Store) -> Iterator[Finding]:
    """Whether a store is in order: bundles whole and indexed, room on the disk."""
    entries = store.registry()
    yield Finding("index", True, f"{len(entries):,} bundles")
    folder = Path(store.location)
    if "://" in store.location or not (folder / "bundles").is_dir():
        return
    files = bundles.scan(folder / "bundles")
    left = sorted(set(files) - {entry.sha256 for entry in entries})
    yield Finding("bundles that are not indexed", not left, f"{len(left)}", "recup reindex" if left else None)
    damaged = [str(path.name) for path in files.values() if not _is_whole(path)]
    advice = f"restore {damaged[0]} from a copy, or ingest its source again" if damaged else None
    yield Finding("bundles that are damaged", not damaged, f"{len(damaged)} of {len(files)}", advice)
    free = shutil.disk_usage(folder).free
    size = sum(path.stat().st_size for path in files.values())
    # The index is built beside the old one: as a rule of thumb thirty times what the bundles take.
    roomy = free > 30 * size
    yield Finding(
        "room on the disk",
        roomy,
        f"{free / 2**30:,.1f} GiB free",
        None if roomy else "free some before reindex",
    )


def _is_whole(path: Path) -> bool:
    try:
        bundles.verify_bundle(path)
    except BundleError:
        return False
    return True
