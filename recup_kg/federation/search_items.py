"""What can be found: one item for each thing of our store and of the harvests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """A thing with its texts. `run` is the run of ours that it belongs to; `licence` as stated, None where none is."""

    kind: str
    title: str
    iri: str
    page: str | None = None
    licence: str | None = None
    run: str | None = None
    identifiers: str = ""
    keywords: str = ""
    body: str = ""
