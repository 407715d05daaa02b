"""What a worker does with a query that asks peers of the store.

It fails where a peer fails, as https://www.w3.org/TR/sparql11-federated-query/ has it (2.3), unless the query says SERVICE
SILENT: clients that read no header must not take a part of an answer for the whole.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from recup_kg.errors import QueryError, StoreError
from recup_kg.federation.asking import PeerLimits
from recup_kg.federation.gateway import Gateway
from recup_kg.federation.harvested import Harvests
from recup_kg.federation.peers import PeerRegistry
from recup_kg.federation.service_calls import redirected
from recup_kg.web.answering import Output, answer
from recup_kg.web.messages import AskQuery, Reply
from recup_kg.web.sources import Source

_FOR_PEERS = 0.8
"""Of the time of a query, so that a slow peer can still be named."""


class Federation:
    """The peers of a store as they are at each query; what was harvested of them is loaded once."""

    def __init__(self, folder: Path) -> None:
        self._registry = PeerRegistry(folder)
        self._harvests = Harvests(self._registry)

    def answer(self, source: Source, job: AskQuery, output: Output) -> Reply:
        """The reply to a job; its body goes to the output."""
        total = job.seconds * _FOR_PEERS
        limits = PeerLimits(min(job.peer_seconds or total, total), job.peer_size, total)
        try:
            peers = self._registry.peers()
        except StoreError as error:
            return Reply(status=503, reason=str(error))
        with Gateway(peers, self._harvests, limits, lenient=False) as gateway:
            try:
                text = redirected(job.text, gateway.address, job.base)
            except QueryError as error:
                return Reply(status=403, reason=str(error))
            reply = answer(source, msgspec.structs.replace(job, text=text), output)
            failures = gateway.failures()
        # A question that was left behind still takes time and memory of this process.
        tired = reply.tired or gateway.left_behind
        loud = [failure for failure in failures if not failure.silent]
        if loud:
            reason = "; ".join(f"the peer {failure.peer} {failure.reason}" for failure in loud)
            reply = Reply(status=502, reason=f"{reason}; SERVICE SILENT does without it")
        partial = tuple((failure.peer, failure.reason) for failure in failures)
        return msgspec.structs.replace(reply, tired=tired, partial=partial)
