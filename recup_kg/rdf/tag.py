"""Tags of runs as named graphs: one small bundle for each run and tag."""

from __future__ import annotations

from recup_kg.rdf import terms
from recup_kg.rdf.graph import Graph
from recup_kg.vocab import PROV, RDFS, RECUP, bundle_iri, digest, tag_iri


def tag_graph(execution: str, run: str, tag: str) -> Graph:
    """The graph that says that an execution (IRI), now called `run`, has a tag."""
    identity = digest(("tag", execution, tag))
    graph = Graph(bundle_iri(identity))
    graph.describe(graph.name, (PROV + "Bundle",), ((RECUP + "describes", terms.iri(tag_iri(identity))),))
    graph.describe(
        tag_iri(identity),
        (RECUP + "Tagging", PROV + "Entity"),
        (
            (RDFS + "label", terms.text(f"{run} is tagged {tag}")),
            (RECUP + "taggedRun", terms.iri(execution)),
            (RECUP + "tag", terms.text(tag)),
            (PROV + "wasInfluencedBy", terms.iri(execution)),
        ),
    )
    return graph
