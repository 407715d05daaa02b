"""`ontology/darshan.ttl` describes every counter that Darshan's library can name, and only such."""

from __future__ import annotations

import subprocess
import sys

import pytest
from rdflib import OWL, RDF, RDFS, Graph, Literal, Namespace, URIRef

from recup_kg.converters.darshan.build import described
from recup_kg.resources import path as resources
from tests.converters.darshan_samples import needs_library

DARSHAN = Namespace("https://w3id.org/recup/darshan#")
RECUP = Namespace("https://w3id.org/recup/ontology#")
QUDT = Namespace("http://qudt.org/schema/qudt/")
UNIT = Namespace("http://qudt.org/vocab/unit/")
SKOS = Namespace("http://www.w3.org/2004/02/skos/core#")
SOSA = Namespace("http://www.w3.org/ns/sosa/")
UNITS = {UNIT[name] for name in ("NUM", "BYTE", "SEC", "SEC2", "UNITLESS", "MegaBYTE")}
RULES = {"sum", "maximum", "minimum", "slowest", "common", "rank", "last", "none"}
NAMES = """
import darshan.backend.cffi_backend as backend
for array in (
    "posix", "posix_f", "mpiio", "mpiio_f", "stdio", "stdio_f", "h5f", "h5f_f", "h5d", "h5d_f", "pnetcdf_file",
    "pnetcdf_file_f", "pnetcdf_var", "pnetcdf_var_f", "lustre_comp", "lustre", "bgq", "bgq_f", "dfs", "dfs_f", "daos", "daos_f",
    "apxc", "apmpi", "apmpi_f_mpiop_totaltime", "apmpi_f_mpiop_synctime", "apmpi_f_mpi_global",
):
    found = getattr(backend.libdutil, f"{array}_counter_names", None)
    index = 0
    while found is not None:
        name = backend.ffi.string(found[index]).decode()
        if name.endswith("NUM_INDICES"):
            break
        print(name)
        index += 1
"""


@pytest.fixture(scope="module")
def vocabulary() -> Graph:
    return Graph().parse(resources("ontology") / "darshan.ttl")


def test_every_counter_is_described_in_full(vocabulary: Graph) -> None:
    terms = set(vocabulary.subjects(RDF.type, RECUP.Counter))
    assert len(terms) >= 1690
    assert {str(term).removeprefix(str(DARSHAN)) for term in terms} == described()
    for term in terms:
        assert {OWL.DatatypeProperty, SOSA.ObservableProperty} <= set(vocabulary.objects(term, RDF.type))
        assert vocabulary.value(term, RDFS.label) == Literal(str(term).removeprefix(str(DARSHAN)))
        assert str(vocabulary.value(term, SKOS.definition)).endswith(".")
        assert vocabulary.value(term, RECUP.tool) == Literal("darshan")
        assert vocabulary.value(term, RECUP.module) is not None
        assert str(vocabulary.value(term, RECUP.aggregation)) in RULES
        assert vocabulary.value(term, RDFS.isDefinedBy) == URIRef("https://w3id.org/recup/darshan")
        unit = vocabulary.value(term, QUDT.hasUnit)
        assert unit in UNITS or (unit is None and vocabulary.value(term, SKOS.scopeNote) is not None), term


def test_few_definitions_are_said_twice(vocabulary: Graph) -> None:
    said = [str(text) for text in vocabulary.objects(None, SKOS.definition)]
    assert len(said) - len(set(said)) < 100


@needs_library
def test_the_library_names_no_other_counter() -> None:
    made = subprocess.run([sys.executable, "-c", NAMES], capture_output=True, text=True, check=True)
    names = set(made.stdout.split())
    assert len(names) >= 1500
    assert names - described() == set()
