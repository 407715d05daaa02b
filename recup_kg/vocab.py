"""Namespaces of the vocabularies in use, and minting of IRIs from content.

IRIs of executions, tasks and files are made from hashes, so they are the same on every machine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote

from recup_kg.redaction import redact_text

RECUP = "https://w3id.org/recup/ontology#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
OWL = "http://www.w3.org/2002/07/owl#"
XSD = "http://www.w3.org/2001/XMLSchema#"
PROV = "http://www.w3.org/ns/prov#"
P_PLAN = "http://purl.org/net/p-plan#"
WFPROV = "http://purl.org/wf4ever/wfprov#"
DCAT = "http://www.w3.org/ns/dcat#"
DCTERMS = "http://purl.org/dc/terms/"
SCHEMA = "http://schema.org/"
SPDX = "http://spdx.org/rdf/terms#"
DQV = "http://www.w3.org/ns/dqv#"
SHACL = "http://www.w3.org/ns/shacl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
SOSA = "http://www.w3.org/ns/sosa/"
QUDT = "http://qudt.org/schema/qudt/"
QUDT_UNIT = "http://qudt.org/vocab/unit/"
MLS = "http://www.w3.org/ns/mls#"
FOAF = "http://xmlns.com/foaf/0.1/"
DARSHAN = "https://w3id.org/recup/darshan#"
HPCTOOLKIT = "https://w3id.org/recup/hpctoolkit#"

PREFIXES: dict[str, str] = {
    "recup": RECUP,
    "rdf": RDF,
    "rdfs": RDFS,
    "xsd": XSD,
    "prov": PROV,
    "p-plan": P_PLAN,
    "wfprov": WFPROV,
    "dcat": DCAT,
    "dcterms": DCTERMS,
    "schema": SCHEMA,
    "spdx": SPDX,
    "dqv": DQV,
    "sh": SHACL,
    "skos": SKOS,
    "sosa": SOSA,
    "qudt": QUDT,
    "unit": QUDT_UNIT,
    "mls": MLS,
    "darshan": DARSHAN,
    "hpctoolkit": HPCTOOLKIT,
}

BASE = "https://w3id.org/recup/"
INDEX_GRAPH = BASE + "index"

HASH_LENGTH = 32
"""Hexadecimal digits of a content hash in an IRI: 128 bits of SHA-256."""


def digest(parts: Iterable[str | bytes]) -> str:
    """The first 128 bits of SHA-256 over the parts, each preceded by its length, in hexadecimal."""
    state = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else part.encode(errors="surrogatepass")
        state.update(b"%d:" % len(data))
        state.update(data)
    return state.hexdigest()[:HASH_LENGTH]


@lru_cache(maxsize=65536)
def segment(identifier: str) -> str:
    """The identifier as one segment of an IRI path: everything but unreserved characters is percent-encoded.

    What looks like a credential in it becomes a marker first.
    """
    return quote(redact_text(identifier), safe="", errors="surrogatepass")


def run_iri(identity: str) -> str:
    """IRI of an execution, from the hash of what every layout of its trace can state."""
    return f"{BASE}run/{identity}"


def workflow_iri(identity: str) -> str:
    """IRI of a workflow template, from the hash of its content."""
    return f"{BASE}workflow/{identity}"


def bundle_iri(identity: str) -> str:
    """IRI of a bundle, which is the name of its graph."""
    return f"{BASE}bundle/{identity}"


def comparison_iri(identity: str) -> str:
    """IRI of a comparison."""
    return f"{BASE}comparison/{identity}"


def evidence_iri(identity: str) -> str:
    """IRI of what a source that is no task graph tells of, from the hash of what it says of itself."""
    return f"{BASE}evidence/{identity}"


def baseline_iri(identity: str) -> str:
    """IRI of a baseline: what reference runs measured, task by task."""
    return f"{BASE}baseline/{identity}"


def metrics_iri(identity: str) -> str:
    """IRI of a computation of metrics."""
    return f"{BASE}metrics/{identity}"


def results_iri(identity: str) -> str:
    """IRI of a comparison of output data."""
    return f"{BASE}results/{identity}"


def tag_iri(identity: str) -> str:
    """IRI of the tagging of a run."""
    return f"{BASE}tag/{identity}"


def counter_iri(tool: str, name: str) -> str:
    """IRI of a counter of a tool, which is a property."""
    return f"{BASE}{tool}#{segment(name)}"


def source_iri(sha256: str) -> str:
    """IRI of a source file, from the SHA-256 of its bytes."""
    return f"{BASE}source/{sha256}"


def part_iri(whole: str, kind: str, identifier: str) -> str:
    """IRI of a part of an execution or workflow: a task, a data object, a node, a step."""
    return f"{whole}/{kind}/{segment(identifier)}"


def prefixes_turtle() -> str:
    """All prefixes as SPARQL and Turtle both accept them."""
    return "".join(f"PREFIX {name}: <{iri}>\n" for name, iri in PREFIXES.items())
