"""Transfers: which worker sent to which, and what both ends recorded of one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from recup_kg.converters.dask.events import Move
from recup_kg.evidence.scheduling import Transfer


def transfers(moves: Sequence[Move]) -> tuple[Transfer, ...]:
    """A record for each end; `other_end` is known where one record of each side has these ends, keys and bytes."""
    partners = _partners(moves)
    return tuple(_transfer(move, partners.get(move.identifier)) for move in moves)


def ends(move: Move) -> tuple[str | None, str | None]:
    """Who sent and who received: `called_from` recorded it, `who` is its partner, and none where that was a client."""
    if move.incoming is None:
        return None, None
    return (move.who, move.called_from) if move.incoming else (move.called_from, move.who)


def _partners(moves: Sequence[Move]) -> dict[str, str]:
    alike: dict[object, list[Move]] = defaultdict(list)
    for move in moves:
        if move.incoming is not None:
            alike[(*ends(move), move.sizes, move.total)].append(move)
    found: dict[str, str] = {}
    for group in alike.values():
        if len(group) == 2 and group[0].incoming != group[1].incoming:
            first, second = group
            found[first.identifier], found[second.identifier] = second.identifier, first.identifier
    return found


def _transfer(move: Move, other_end: str | None) -> Transfer:
    sender, receiver = ends(move)
    return Transfer(
        move.identifier,
        tuple(key for key, _ in move.sizes),
        sender,
        receiver,
        size=move.total,
        started=move.start,
        ended=move.stop,
        duration=move.duration,
        times_recorded=move.count,
        direction=None if move.incoming is None else "incoming" if move.incoming else "outgoing",
        recorded_by=move.called_from,
        other_end=other_end,
        compressed_size=move.compressed,
    )
