"""Namespaces of the vocabularies of catalogues."""

from __future__ import annotations

from recup_kg.vocab import DCAT, DCTERMS, FOAF, PROV, RDF, RDFS, RECUP, SKOS, SPDX, XSD

FDP = "https://w3id.org/fdp/fdp-o#"
LDP = "http://www.w3.org/ns/ldp#"
ADMS = "http://www.w3.org/ns/adms#"
VCARD = "http://www.w3.org/2006/vcard/ns#"
HYDRA = "http://www.w3.org/ns/hydra/core#"
VOID = "http://rdfs.org/ns/void#"
PREFIXES = {
    "adms": ADMS,
    "dcat": DCAT,
    "dcterms": DCTERMS,
    "fdp-o": FDP,
    "foaf": FOAF,
    "hydra": HYDRA,
    "ldp": LDP,
    "prov": PROV,
    "rdf": RDF,
    "rdfs": RDFS,
    "recup": RECUP,
    "skos": SKOS,
    "spdx": SPDX,
    "vcard": VCARD,
    "void": VOID,
    "xsd": XSD,
}
