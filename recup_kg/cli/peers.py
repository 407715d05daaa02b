"""recup peers."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from recup_kg.cli.messages import remark
from recup_kg.cli.options import Settings, common, with_settings
from recup_kg.cli.output import print_json, print_table

if TYPE_CHECKING:
    from recup_kg.federation.peers import Peer


@click.group("peers")
@common
def command() -> None:
    """Name the catalogues of others, to harvest and to query."""


@command.command("add")
@click.argument("address", metavar="URL|PATH")
@click.option("--name", metavar="NAME", help="What to call it (default: after its host).")
@with_settings
def add(settings: Settings, address: str, name: str | None) -> None:
    """Add a peer: what kind it is, it is asked itself.

    A SPARQL endpoint, a FAIR Data Point, a DCAT catalogue (CKAN's too), an RO-Crate (folder, zip or URL), a VoID file or an
    OAI-PMH repository.
    """
    from recup_kg.federation.fetching import Fetcher, Limits
    from recup_kg.federation.peers import PeerRegistry, folder_of
    from recup_kg.federation.recognise import address_of, recognise
    from recup_kg.store import open_store

    registry = PeerRegistry(folder_of(settings.location))
    taken = [peer.name for peer in registry.peers()]
    url = address_of(address)
    source = Fetcher(Limits(), local=url.startswith("file:"))
    peer = recognise(url, source, name=name, taken=taken)
    # A folder of peers is a store like any other, without runs yet.
    open_store(settings.location, writable=True).close()
    registry.add(peer)
    if settings.json:
        print_json(asdict(peer))
        return
    remark(f"{peer.name} is {_described(peer)}", quiet=settings.quiet)
    remark(f"\nnext: recup harvest {peer.name}", quiet=settings.quiet)


@command.command("list")
@with_settings
def list_(settings: Settings) -> None:
    """List the peers."""
    from recup_kg.federation.harvest import last_harvest
    from recup_kg.federation.peers import PeerRegistry, folder_of

    registry = PeerRegistry(folder_of(settings.location))
    found = [(peer, *last_harvest(registry, peer)) for peer in registry.peers()]
    if settings.json:
        print_json(
            [
                {**asdict(peer), "harvested": harvested, "licences": licences}
                for peer, harvested, licences in found
            ]
        )
        return
    if not found:
        remark("no peers yet: recup peers add URL", quiet=settings.quiet)
        return
    columns = ("peer", "kind", "title", "licence", "harvested", "address")
    rows = [
        (
            peer.name,
            peer.kind,
            peer.title,
            ", ".join(licences) or peer.licence or "none stated",
            harvested or "not yet",
            peer.address,
        )
        for peer, harvested, licences in found
    ]
    print_table(columns, rows, whole=("peer",))


@command.command("remove")
@click.argument("name", metavar="NAME")
@with_settings
def remove(settings: Settings, name: str) -> None:
    """Remove a peer, and what was harvested of it."""
    from recup_kg.federation.peers import PeerRegistry, folder_of

    peer = PeerRegistry(folder_of(settings.location)).remove(name)
    if settings.json:
        print_json(asdict(peer))
        return
    remark(f"removed {peer.name} ({peer.address})", quiet=settings.quiet)


def _described(peer: Peer) -> str:
    from recup_kg.federation.harvest_readers import reader

    called = f" {peer.title!r}" if peer.title else ""
    licence = f"licence {peer.licence}" if peer.licence else "no licence stated"
    endpoint = f"; SPARQL at {peer.endpoint}" if peer.endpoint else ""
    return f"a peer of the kind {reader(peer.kind).NAME}{called} at {peer.address}; {licence}{endpoint}"
