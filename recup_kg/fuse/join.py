"""All joins of one execution, one after the other."""

from __future__ import annotations

from collections.abc import Collection

from recup_kg.fuse.coverage import coverage
from recup_kg.fuse.facts import Facts
from recup_kg.fuse.files import join_files
from recup_kg.fuse.fingerprint import DEFAULT, fingerprint
from recup_kg.fuse.jobs import join_jobs
from recup_kg.fuse.nodes import join_nodes
from recup_kg.fuse.tasks import join_accesses, join_tasks
from recup_kg.fuse.workers import join_workers
from recup_kg.fusions import Fused, Link, Unjoined


def join(facts: Facts, configuration: Collection[str] = DEFAULT) -> Fused:
    """What the sources of one execution tell together; `configuration` names the facts of the fingerprint.

    The result does not depend on the order in which facts are given.
    """
    workers = join_workers(facts)
    links: list[Link] = list(workers.links)
    unjoined: list[Unjoined] = list(workers.unjoined)
    for more, alone in (
        join_tasks(facts, workers),
        join_files(facts.files, facts.data, facts.groups, facts.mounts),
        join_jobs(facts),
        join_nodes(facts, workers),
    ):
        links += more
        unjoined += alone
    accesses, left = join_accesses(facts, workers)
    return Fused(
        links=tuple(
            sorted(set(links), key=lambda link: (link.subject, link.predicate, link.object, link.method))
        ),
        unjoined=tuple(
            sorted(
                set(unjoined + left),
                key=lambda item: (item.subject, item.reason, item.candidates or 0, item.segments or 0),
            )
        ),
        accesses=tuple(accesses),
        coverage=coverage(facts, workers),
        fingerprint=fingerprint(facts.configuration, configuration),
    )
