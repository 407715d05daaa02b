"""The catalogue as DCAT, against the shapes of DCAT-AP 3.0.1 and of the FAIR Data Point, and how its clients navigate."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph
import pyshacl
import pytest
import rdflib
from rdflib.namespace import DCAT, DCTERMS, FOAF, RDF

from recup_kg.catalog import addresses
from recup_kg.catalog.datasets import Dataset, datasets, find, listed
from recup_kg.catalog.dcat import Page, catalogue_triples, dataset_triples, repository_triples
from recup_kg.catalog.namespaces import FDP, HYDRA, LDP
from recup_kg.catalog.publication import Publication
from recup_kg.catalog.void import count_triples, void_triples
from recup_kg.store import Store
from recup_kg.vocab import INDEX_GRAPH
from tests.catalog.conftest import BASE, A, B

SPDX = rdflib.Namespace("http://spdx.org/rdf/terms#")
CATALOGUE = rdflib.URIRef(f"{BASE}/catalog")
ROOT = rdflib.URIRef(f"{BASE}/")


def graph(triples: Iterable[pyoxigraph.Triple]) -> rdflib.Graph:
    text = pyoxigraph.serialize(triples, format=pyoxigraph.RdfFormat.N_TRIPLES) or b""
    return rdflib.Graph().parse(data=text.decode(), format="nt")


def page_of(store: Store, number: int = 0, size: int = 100) -> Page:
    entries = listed(store)
    found = datasets(store, entries[number * size : (number + 1) * size])
    return Page(found, number, size, len(entries))


def dataset_named(store: Store, name: str) -> Dataset:
    (entry,) = [entry for entry in listed(store) if entry.name == name]
    return datasets(store, [entry])[0]


def test_runs_workflows_and_comparisons_are_datasets(opened: Store) -> None:
    entries = listed(opened)
    assert sorted(entry.kind for entry in entries) == [
        "comparison",
        "execution",
        "execution",
        "fusion",
        "workflow",
    ]
    assert len({item.slug for item in datasets(opened, entries)}) == 5
    for item in datasets(opened, entries):
        assert find(opened, item.slug) == item.entry
    assert find(opened, "run-0") is None
    assert datasets(opened, []) == ()


def test_a_dataset_says_what_the_sources_said(opened: Store, root: Path, lab: Path) -> None:
    item = dataset_named(opened, A)
    assert item.title == f"Execution {A} of makeflow-blast-small"
    assert item.description == (
        "Provenance of an execution of the workflow makeflow-blast-small by Makeflow: 43 tasks, 1,001.4 s, "
        f"started 2020-12-25T21:27:28Z. Told by {A}.json (wfformat 1.5)."
    )
    source = (root / "data" / "wfformat" / "blast" / f"{A}.json").read_bytes()
    assert [file.sha256 for file in item.sources] == [hashlib.sha256(source).hexdigest()]
    assert item.licence is None
    assert item.identifier is None
    (bundle,) = [form for form in item.distributions if form.format == "bundle"]
    data = (lab / "bundles" / bundle.name).read_bytes()
    assert (bundle.size, bundle.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert [form.format for form in item.distributions if form.sha256 is None] == sorted(
        form.format for form in item.distributions if form is not bundle
    )
    assert all("@" not in (agent.email or "") for agent in item.creators)


def test_a_run_without_a_task_graph_offers_what_can_be_had(opened: Store) -> None:
    (entry,) = [entry for entry in listed(opened) if entry.kind == "fusion"]
    (item,) = datasets(opened, [entry])
    offered = {form.format for form in item.distributions}
    assert {"bundle", "nquads", "turtle"} <= offered
    assert not {"wfformat", "ro-crate"} & offered
    assert len([form for form in item.distributions if form.format == "bundle"]) == len(entry.graphs)


def test_a_comparison_leads_to_what_it_compared(opened: Store) -> None:
    (entry,) = [entry for entry in listed(opened) if entry.kind == "comparison"]
    (item,) = datasets(opened, [entry])
    runs = {known.described for known in listed(opened) if known.name in (A, B)}
    assert runs == set(item.related)


@pytest.mark.parametrize("number", [0, 1])
def test_dcat_ap_finds_no_violation(
    opened: Store, publication: Publication, shared_data: Path, number: int
) -> None:
    folder = shared_data / "fair" / "dcat" / "dcat-ap-3.0.1-shapes" / "html" / "shacl"
    shapes = rdflib.Graph()
    for name in ("shapes.ttl", "range.ttl"):
        shapes.parse(folder / name)
    data = graph(catalogue_triples(publication, page_of(opened, number, 3)))
    assert len(list(shapes.subjects(RDF.type, rdflib.SH.NodeShape))) > 20
    conforms, _, text = pyshacl.validate(data, shacl_graph=shapes)
    assert conforms, text


def test_the_shapes_of_dcat_ap_reject_a_catalogue_that_says_nothing(opened: Store, shared_data: Path) -> None:
    folder = shared_data / "fair" / "dcat" / "dcat-ap-3.0.1-shapes" / "html" / "shacl"
    data = graph(catalogue_triples(Publication(BASE), page_of(opened)))
    conforms, results, _ = pyshacl.validate(data, shacl_graph=rdflib.Graph().parse(folder / "shapes.ttl"))
    assert not conforms
    paths = {str(path).rsplit("/", 1)[-1] for path in results.objects(None, rdflib.SH.resultPath)}
    assert paths == {"title", "description", "publisher"}


def test_the_fair_data_point_finds_no_violation(
    opened: Store, publication: Publication, shared_data: Path
) -> None:
    shapes = rdflib.Graph()
    files = sorted((shared_data / "fair" / "fdp" / "reference-shapes").glob("shape-*.ttl"))
    assert len(files) == 7
    for file in files:
        shapes.parse(file)
    page = page_of(opened)
    documents = [repository_triples(publication), catalogue_triples(publication, page, "fdp")]
    documents += [dataset_triples(publication, item, "fdp") for item in page.datasets]
    for triples in documents:
        conforms, _, text = pyshacl.validate(graph(triples), shacl_graph=shapes)
        assert conforms, text


def test_clients_navigate_in_three_ways(opened: Store, publication: Publication) -> None:
    root = graph(repository_triples(publication))
    page = page_of(opened)
    catalogue = graph(catalogue_triples(publication, page))
    wanted = {rdflib.URIRef(addresses.dataset(BASE, item.slug)) for item in page.datasets}
    contains = rdflib.URIRef(LDP + "contains")
    # 1. ldp:contains all the way down.
    assert CATALOGUE in set(root.objects(ROOT, contains))
    assert set(catalogue.objects(CATALOGUE, contains)) == wanted
    # 2. ldp:contains of the root, then dcat:dataset.
    assert set(catalogue.objects(CATALOGUE, DCAT.dataset)) == wanted
    # 3. Direct containers, with their relation.
    for data, parent, relation, members in (
        (root, ROOT, rdflib.URIRef(FDP + "metadataCatalog"), {CATALOGUE}),
        (catalogue, CATALOGUE, DCAT.dataset, wanted),
    ):
        (container,) = data.subjects(rdflib.URIRef(LDP + "membershipResource"), parent)
        assert (container, RDF.type, rdflib.URIRef(LDP + "DirectContainer")) in data
        assert data.value(container, DCTERMS.title)
        assert data.value(container, rdflib.URIRef(LDP + "hasMemberRelation")) == relation
        assert set(data.objects(container, contains)) == members
        assert set(data.objects(parent, relation)) == members
    for item in page.datasets:
        document = graph(dataset_triples(publication, item))
        subject = rdflib.URIRef(addresses.dataset(BASE, item.slug))
        forms = set(document.objects(subject, DCAT.distribution))
        assert set(document.objects(subject, contains)) == forms
        assert len(forms) == len(item.distributions)
        (container,) = document.subjects(rdflib.URIRef(LDP + "membershipResource"), subject)
        assert set(document.objects(container, contains)) == forms


def test_a_distribution_can_be_checked(opened: Store, publication: Publication) -> None:
    item = dataset_named(opened, A)
    data = graph(dataset_triples(publication, item))
    (bundle,) = [form for form in item.distributions if form.format == "bundle"]
    subject = rdflib.URIRef(addresses.distribution(BASE, item, bundle))
    checksum = data.value(subject, SPDX.checksum)
    assert str(data.value(checksum, SPDX.checksumValue)) == bundle.sha256
    assert int(data.value(subject, DCAT.byteSize)) == bundle.size
    assert data.value(subject, DCAT.downloadURL) == rdflib.URIRef(addresses.download(BASE, item, bundle))
    made = [form for form in item.distributions if form.size is None]
    for form in made:
        assert data.value(rdflib.URIRef(addresses.distribution(BASE, item, form)), DCAT.byteSize) is None


def test_what_nobody_said_is_not_there(opened: Store) -> None:
    data = graph(catalogue_triples(Publication(BASE), page_of(opened)))
    for predicate in (DCTERMS.license, DCTERMS.publisher, DCTERMS.accessRights, DCTERMS.spatial, DCAT.theme):
        assert not list(data.subject_objects(predicate)), predicate
    (run,) = data.subjects(DCTERMS.title, rdflib.Literal(f"Execution {A} of makeflow-blast-small"))
    assert data.value(run, FOAF.primaryTopic) == rdflib.URIRef(dataset_named(opened, A).thing)


def test_pages_know_their_neighbours(opened: Store, publication: Publication) -> None:
    seen: set[rdflib.term.Node] = set()
    near = {}
    for number in range(3):
        data = graph(catalogue_triples(publication, page_of(opened, number, 2)))
        seen |= set(data.objects(CATALOGUE, DCAT.dataset))
        view = rdflib.URIRef(f"{BASE}/catalog?page={number}")
        near[number] = {
            name: str(data.value(view, rdflib.URIRef(HYDRA + name)))
            for name in ("first", "previous", "next", "last")
            if data.value(view, rdflib.URIRef(HYDRA + name))
        }
        assert int(data.value(view, rdflib.URIRef(HYDRA + "totalItems"))) == 5
    assert len(seen) == 5
    assert near[0] == {
        "first": f"{BASE}/catalog",
        "next": f"{BASE}/catalog?page=1",
        "last": f"{BASE}/catalog?page=2",
    }
    assert near[1]["previous"] == f"{BASE}/catalog"
    assert "next" not in near[2]
    assert "PagedCollection" not in str(graph(catalogue_triples(publication, page_of(opened))).serialize())


def test_void_counts_what_is_there(opened: Store, publication: Publication) -> None:
    count = count_triples(opened)
    assert count == sum(opened.count(name) for name in (*opened.graphs(), INDEX_GRAPH))
    data = graph(void_triples(publication, count, "https://w3id.org/recup/run/x"))
    store = rdflib.URIRef(f"{BASE}/.well-known/void#store")
    assert int(data.value(store, rdflib.VOID.triples)) == count
    assert data.value(store, rdflib.VOID.sparqlEndpoint) == rdflib.URIRef(f"{BASE}/sparql")
    assert len(list(data.objects(store, rdflib.VOID.vocabulary))) == 8
