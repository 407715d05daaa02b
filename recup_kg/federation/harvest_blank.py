"""IRIs in place of blank nodes (RDF 1.1, 3.5), the same at every harvest of the same content.

A node's IRI is a hash of what is said of it, as far as blank nodes lead (colour refinement). Nodes that this does not tell apart
are numbered in the order of the document.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from pyoxigraph import BlankNode, NamedNode, Triple

from recup_kg.vocab import digest

_ROUNDS = 32


def skolemised(triples: Iterable[Triple], graph: str, address: str) -> list[Triple]:
    """The triples of a graph with IRIs of the peer `address` for its blank nodes, each triple once."""
    given = list(triples)
    names = {blank: NamedNode(f"{address}#genid-{name}") for blank, name in _names(given, graph).items()}
    return list(dict.fromkeys(_replaced(item, names) for item in given))


def _names(triples: list[Triple], graph: str) -> dict[BlankNode, str]:
    about: dict[BlankNode, list[tuple[str, Triple]]] = {}
    for item in triples:
        for place, blank in _blanks(item):
            about.setdefault(blank, []).append((place, item))
    if not about:
        return {}
    colours: dict[BlankNode, str] = dict.fromkeys(about, "")
    for _ in range(_ROUNDS):
        refined = {blank: _colour(said, colours, graph) for blank, said in about.items()}
        settled = len(set(refined.values())) == len(set(colours.values())) and colours[next(iter(about))]
        colours = refined
        if settled or len(set(colours.values())) == len(colours):
            break
    return _told_apart(colours)


def _blanks(item: Triple) -> Iterable[tuple[str, BlankNode]]:
    for place, term in (("s", item.subject), ("o", item.object)):
        if isinstance(term, BlankNode):
            yield place, term
        elif isinstance(term, Triple):
            yield from ((place + deeper, blank) for deeper, blank in _blanks(term))


def _colour(said: Iterable[tuple[str, Triple]], colours: Mapping[BlankNode, str], graph: str) -> str:
    parts = sorted(f"{place} {_text(item, colours)}" for place, item in said)
    return digest([graph, *parts])


def _text(term: object, colours: Mapping[BlankNode, str]) -> str:
    if isinstance(term, BlankNode):
        return f"_:{colours[term]}"
    if isinstance(term, Triple):
        return " ".join((_text(term.subject, colours), str(term.predicate), _text(term.object, colours)))
    return str(term)


def _told_apart(colours: Mapping[BlankNode, str]) -> dict[BlankNode, str]:
    same: dict[str, list[BlankNode]] = defaultdict(list)
    for blank, colour in colours.items():
        same[colour].append(blank)
    return {
        blank: colour if number == 0 else f"{colour}-{number + 1}"
        for colour, blanks in same.items()
        for number, blank in enumerate(blanks)
    }


def _replaced(item: Triple, names: Mapping[BlankNode, NamedNode]) -> Triple:
    subject, value = item.subject, item.object
    if isinstance(subject, BlankNode):
        subject = names[subject]
    elif isinstance(subject, Triple):
        subject = _replaced(subject, names)
    if isinstance(value, BlankNode):
        value = names[value]
    elif isinstance(value, Triple):
        value = _replaced(value, names)
    return Triple(subject, item.predicate, value)
