"""Every metric: found, described, in the ontology, with a sample, and careful with too few values."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import RDF, RDFS, Graph, Namespace, URIRef

from recup_kg import metrics
from recup_kg.errors import UsageError
from recup_kg.quality import Metric, MetricOptions, MetricValue, local_name
from recup_kg.resources import path as resources
from tests.metrics.samples import SAMPLES, TEN_RUNS

OPTIONS = MetricOptions()
RECUP = Namespace("https://w3id.org/recup/ontology#")
SKOS = Namespace("http://www.w3.org/2004/02/skos/core#")
ALL = tuple(metrics.catalogue().values())
VALUES = st.lists(st.floats(1e-3, 1e6), min_size=0, max_size=12)


def of(metric: Metric, values: tuple[float, ...], reference: tuple[float, ...] = ()) -> MetricValue:
    if metric.groups == 1:
        return metrics.measure(metric, values, OPTIONS)
    return metrics.measure_two(metric, values, reference, OPTIONS)


def test_each_metric_has_a_sample() -> None:
    assert set(metrics.catalogue()) == set(SAMPLES)
    assert len(ALL) == 18


@pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric.name)
def test_a_metric_gives_what_is_known_of_its_sample(metric: Metric) -> None:
    case = SAMPLES[metric.name]
    assert bool(case.reference) == (metric.groups == 2)
    found = of(metric, case.values, case.reference)
    assert found.value == pytest.approx(case.expected, rel=1e-6), case.why
    assert (found.n, found.m) == (len(case.values), len(case.reference) or None)


@pytest.fixture(scope="module")
def ontology() -> Graph:
    return Graph().parse(resources("ontology") / "recup.ttl")


@pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric.name)
def test_the_ontology_says_what_the_code_says(metric: Metric, ontology: Graph) -> None:
    term = RECUP[metric.local_name]
    assert (term, RDF.type, RECUP.Metric) in ontology
    assert str(ontology.value(term, RDFS.label)) == metric.label
    assert str(ontology.value(term, SKOS.definition)) == metric.definition
    assert f"Formula: {metric.source}" in {str(note) for note in ontology.objects(term, SKOS.scopeNote)}
    assert metric.source.startswith("https://doi.org/")


def test_the_ontology_has_no_metric_that_is_computed_no_more(ontology: Graph) -> None:
    terms = {term for term in ontology.subjects(RDF.type, RECUP.Metric) if str(term).endswith("Metric")}
    assert terms == {URIRef(RECUP + local_name(metric.name)) for metric in ALL}


@pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric.name)
def test_too_few_values_can_not_be_told_and_say_so(metric: Metric) -> None:
    few = SAMPLES[metric.name].values[: metric.minimum - 1]
    found = of(metric, few, few)
    if metric.minimum > 1:
        assert found.value is None
        assert found.note
    assert found.n == len(few)


@pytest.mark.parametrize("metric", [m for m in ALL if m.groups == 2], ids=lambda metric: metric.name)
def test_one_against_one_is_a_difference_and_no_test(metric: Metric) -> None:
    found = of(metric, (2.0,), (1.0,))
    assert found.note == "one run against one: a difference, no test"
    assert found.p is None and found.low is None
    assert found.value == (2.0 if metric.name == "ratio-of-medians" else None)


@pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric.name)
def test_deterministic_values_make_no_trouble(metric: Metric) -> None:
    found = of(metric, (7.0,) * 10, (7.0,) * 10)
    assert found.value is not None and math.isfinite(found.value)
    if metric.groups == 1:
        assert "deterministic: all values are equal" in (found.note or "")


@pytest.mark.parametrize("name", ["cv", "qcd", "robust-cv", "max-min", "needed-runs", "needed-for-effect"])
def test_a_ratio_needs_positive_values(name: str) -> None:
    found = of(metrics.catalogue()[name], (0.0, 1.0, 2.0, 3.0, 4.0))
    assert (found.value, found.note) == (None, "a ratio needs values above 0")


@pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric.name)
@given(values=VALUES, reference=VALUES)
@settings(max_examples=15, deadline=None)
def test_any_values_give_a_finite_value_or_a_reason(
    metric: Metric, values: list[float], reference: list[float]
) -> None:
    found = of(metric, tuple(values), tuple(reference))
    assert (found.value is not None and math.isfinite(found.value)) or found.note
    assert found.p is None or 0 <= found.p <= 1
    assert (found.low is None) == (found.high is None)
    if found.low is not None and found.high is not None:
        assert found.low <= found.high


@pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric.name)
def test_the_order_of_values_does_not_matter(metric: Metric) -> None:
    turned = tuple(reversed(TEN_RUNS))
    first, second = of(metric, TEN_RUNS, TEN_RUNS[2:]), of(metric, turned, TEN_RUNS[2:])
    assert first.value == pytest.approx(second.value)


@pytest.mark.parametrize("metric", ALL, ids=lambda metric: metric.name)
def test_a_metric_is_the_same_whenever_it_is_computed(metric: Metric) -> None:
    assert of(metric, TEN_RUNS, TEN_RUNS[3:]) == of(metric, TEN_RUNS, TEN_RUNS[3:])


def test_metrics_are_chosen_by_name() -> None:
    assert [metric.name for metric in metrics.chosen(("qcd", "cv"), 1)] == ["cv", "qcd"]
    assert metrics.chosen(("cv",), 2) == ()
    with pytest.raises(UsageError, match="no metric is called 'cvv'; there are: cliffs-delta, cv, energy"):
        metrics.chosen(("cvv",), 1)
