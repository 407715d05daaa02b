"""recup search."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from recup_kg.cli.messages import remark
from recup_kg.cli.options import Settings, with_settings
from recup_kg.cli.output import print_json, print_table, short

if TYPE_CHECKING:
    from recup_kg.federation.search import Hit

OWN = "own store"


@click.command("search")
@click.argument("words", metavar="WORDS...", nargs=-1, required=True)
@click.option("--peer", metavar="NAME", help="Only in what was harvested of this peer.")
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="Most hits to show.")
@with_settings
def command(settings: Settings, words: tuple[str, ...], peer: str | None, limit: int) -> None:
    """Search the store, and what was harvested of peers.

    Of the store: runs, workflows, programs, files, tags, comparisons, parameters. All words must be there. A word with * at its
    end finds what begins like that; '"two words"' finds them side by side.
    """
    from recup_kg.federation.peers import folder_of
    from recup_kg.federation.search import find

    hits, total = find(folder_of(settings.location), " ".join(words), peer=peer, limit=limit)
    if settings.json:
        found = [{**asdict(hit), "source": hit.peer or OWN} for hit in hits]
        print_json({"words": " ".join(words), "total": total, "hits": found})
        return
    if not hits:
        remark("nothing found; 'word*' finds what begins with it", quiet=settings.quiet)
        return
    print_table(("from", "kind", "title", "run", "licence", "page"), map(_row, hits))
    if total > len(hits):
        remark(f"\n{len(hits)} of {total} hits: --limit shows more", quiet=settings.quiet)


def _row(hit: Hit) -> tuple[str | None, ...]:
    licence = hit.licence if hit.peer is None else hit.licence or "none stated"
    return hit.peer or OWN, hit.kind, hit.title, hit.run, licence, hit.page or short(hit.iri)
