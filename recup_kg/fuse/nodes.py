"""Which machines, hosts and environments of several sources are one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from recup_kg.fuse.facts import Facts, Node
from recup_kg.fuse.hosts import host_of_address, is_ip, same
from recup_kg.fuse.workers import WorkerJoin
from recup_kg.fusions import Certainty, Link, Unjoined

AT_LOCATION = "http://www.w3.org/ns/prov#atLocation"
SAME_MACHINE = "sameMachineAs"
ENVIRONMENT = "environment"


def join_nodes(facts: Facts, workers: WorkerJoin) -> tuple[list[Link], list[Unjoined]]:
    """The links of process groups, workers, machines and environments with nodes and the execution."""
    nodes = facts.nodes or tuple(Node(machine.iri, machine.name) for machine in facts.machines)
    links: list[Link] = []
    unjoined: list[Unjoined] = []
    for group in facts.groups:
        for host in group.hosts:
            links += _at(group.iri, host, nodes)
    links += _workers(facts, workers, nodes)
    for machine in facts.machines:
        links += [
            Link(
                machine.iri, SAME_MACHINE, node.iri, "host name", Certainty.EXACT, _spelt(machine.name, node)
            )
            for node in _named(machine.name, facts.nodes)
            if node.iri != machine.iri
        ]
    more, alone = _environments(facts, nodes)
    return links + more, unjoined + alone


def _named(host: str, nodes: Iterable[Node]) -> list[Node]:
    """The node of that name; none where several may be."""
    found = [node for node in nodes if same(host, node.name)]
    return found if len(found) == 1 else []


def _spelt(host: str, node: Node) -> str | None:
    return None if host == node.name else f"{host} taken for {node.name}"


def _at(subject: str, host: str, nodes: Sequence[Node]) -> list[Link]:
    return [
        Link(subject, AT_LOCATION, node.iri, "host name", Certainty.EXACT, _spelt(host, node))
        for node in _named(host, nodes)
    ]


def _workers(facts: Facts, workers: WorkerJoin, nodes: Sequence[Node]) -> list[Link]:
    links: list[Link] = []
    for worker in facts.workers:
        address = host_of_address(worker.address)
        if worker.host is not None or address is None or not is_ip(address):
            links += _at(worker.iri, worker.host or address or "", nodes)
            continue
        host = workers.host_of.get(address)
        for node in _named(host, nodes) if host else ():
            own = worker.iri in workers.group_of
            certainty = workers.certainty[worker.iri] if own else workers.host_certainty[address]
            text = f"{address} is {host}: the processes of its workers ran there"
            if certainty is Certainty.CANDIDATE:
                text = f"{address} and {host} are the only address and the only host that are left"
            links.append(Link(worker.iri, AT_LOCATION, node.iri, "address", certainty, text))
    return links


def _environments(facts: Facts, nodes: Sequence[Node]) -> tuple[list[Link], list[Unjoined]]:
    """An environment that was captured on a node of the execution is its own; one without a host is a candidate."""
    names = [node.name for node in nodes] + [host for group in facts.groups for host in group.hosts]
    links: list[Link] = []
    unjoined: list[Unjoined] = []
    for environment in facts.environments:
        host = environment.host
        if host is None:
            text = "it came with the other sources of the execution; no host is stated"
            links.append(Link(facts.run, ENVIRONMENT, environment.iri, "folder", Certainty.CANDIDATE, text))
        elif any(same(host, name) for name in names):
            links.append(Link(facts.run, ENVIRONMENT, environment.iri, "host name", Certainty.EXACT))
        elif not names:
            text = f"it came with the other sources of the execution; no other source names {host}"
            links.append(Link(facts.run, ENVIRONMENT, environment.iri, "folder", Certainty.CANDIDATE, text))
        else:
            unjoined.append(
                Unjoined(environment.iri, f"no source names {host} as a node of the execution", 0)
            )
    return links, unjoined
