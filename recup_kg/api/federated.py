"""Queries over a store and its peers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from recup_kg.api.access import Access
from recup_kg.api.answers import Answer
from recup_kg.api.ask import answered, bound
from recup_kg.queries import load
from recup_kg.store.table import Value

if TYPE_CHECKING:
    from recup_kg.federation.gateway import PeerFailure

PEER_SECONDS = 30.0
PEER_SIZE = 64 * 2**20


@dataclass(frozen=True, slots=True)
class FederatedResult:
    """An answer, and the peers that gave none, each with the reason: with any, the answer is partial.

    `monotone` is False where the query counts, negates or takes the first rows: a partial answer may then say what a whole one
    does not.
    """

    answer: Answer
    failures: tuple[PeerFailure, ...]
    monotone: bool = True

    @property
    def is_partial(self) -> bool:
        """Whether a peer is missing in the answer."""
        return bool(self.failures)

    def to_json(self) -> str:
        """SPARQL 1.1 Query Results JSON, with a member `partial`: the peers that gave no answer; empty where all did."""
        document = json.loads(self.answer.to_json())
        document["partial"] = [asdict(failure) for failure in self.failures]
        return json.dumps(document, ensure_ascii=False)


def ask_federated(
    access: Access,
    query: str,
    parameters: Mapping[str, Value],
    on: Sequence[str],
    seconds: float,
    size: int,
) -> FederatedResult:
    """The answer to a query whose SERVICE clauses name peers, or, with `on`, of the store and each of these peers."""
    from recup_kg.federation import federated
    from recup_kg.federation.asking import PeerLimits
    from recup_kg.federation.peers import folder_of
    from recup_kg.federation.service_calls import is_monotone

    folder = folder_of(access.location)
    store, limits = access.reading(), PeerLimits(seconds, size)
    text = bound(store, load(query), parameters)
    found = (
        federated.ask_each(store, text, folder, on, limits)
        if on
        else federated.ask(store, text, folder, limits)
    )
    # Rows under the name of each peer: what one lacks changes those of no other.
    return FederatedResult(answered(found.answer), found.failures, bool(on) or is_monotone(text))
