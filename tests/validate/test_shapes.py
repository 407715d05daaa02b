"""Every shape: complete, accepted and rejecting what it must, by both engines."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from recup_kg.validate import ReferenceEngine, RustEngine, catalogue, unmatched
from recup_kg.validate.shapes import SHAPES, shapes_text
from tests.validate.samples import (
    ACCEPTED,
    REJECTED,
    TOPICS,
    apart,
    comparable,
    ntriples,
    shape_iri,
    shapes_of,
)

FEWEST_SHAPES = 660
FEWEST_TOPICS = 34

_SEVERITY = {shape.iri: shape.severity for shape in catalogue()}


def test_all_shapes_and_samples_are_found():
    assert len(catalogue()) == len(REJECTED) >= FEWEST_SHAPES
    assert len(TOPICS) == len(ACCEPTED) >= FEWEST_TOPICS


def test_every_shape_has_a_sample_that_it_rejects_in_the_folder_of_its_topic():
    expected = {(shape.topic, shape.iri.removeprefix(SHAPES)) for shape in catalogue()}
    assert {(sample.parent.parent.name, sample.stem) for sample in REJECTED} == expected


@pytest.mark.parametrize("shape", catalogue(), ids=lambda shape: shape.iri.removeprefix(SHAPES))
def test_a_shape_can_be_read(shape):
    assert shape.name and shape.description.endswith(".") and shape.message.endswith(".")
    assert shape.description != shape.message
    assert shape.severity in ("Violation", "Warning", "Info")
    assert shape.targets


def test_severities_are_used():
    count = Counter(_SEVERITY.values())
    assert count.keys() == {"Violation", "Warning", "Info"}
    assert (count["Warning"], count["Info"]) >= (10, 6)


def test_no_name_trips_pyshacl_up():
    assert "Service" not in shapes_text()


@pytest.mark.parametrize("sample", ACCEPTED, ids=lambda sample: sample.parent.parent.name)
def test_accepted(sample: Path):
    topic = sample.parent.parent.name
    data = ntriples(sample)
    assert list(RustEngine().run(shapes_of(topic), data)) == []
    assert [shape.iri for shape in unmatched(data) if shape.topic == topic] == []


@pytest.mark.parametrize("sample", REJECTED, ids=lambda sample: sample.stem)
def test_rejected(sample: Path):
    found = RustEngine().run(shapes_of(sample.parent.parent.name), ntriples(sample))
    assert {result.severity for result in found if result.shape == shape_iri(sample)} == {
        _SEVERITY[shape_iri(sample)]
    }


@pytest.mark.parametrize("topic", TOPICS)
def test_engines_agree(topic: str):
    samples = [sample for sample in (*ACCEPTED, *REJECTED) if sample.parent.parent.name == topic]
    data = apart(samples)
    fast = comparable(list(RustEngine().run(shapes_of(topic), data)))
    assert len(fast) >= len(samples) - 1
    assert fast == comparable(list(ReferenceEngine().run(shapes_of(topic), data)))


def test_shapes_are_shapes():
    """pySHACL's meta-validation (its option -m) of all shapes."""
    import pyshacl
    from rdflib import Graph

    shapes = Graph().parse(data=shapes_text(), format="turtle")
    conforms, _, text = pyshacl.validate(Graph(), shacl_graph=shapes, inference="none", meta_shacl=True)
    assert conforms, text


def test_meta_validation_notices_a_wrong_shape():
    import pyshacl
    from pyshacl.errors import ReportableRuntimeError
    from rdflib import Graph

    wrong = shapes_text() + "\nrs:Wrong a sh:PropertyShape ; sh:name 'no path' ."
    shapes = Graph().parse(data=wrong, format="turtle")
    with pytest.raises(ReportableRuntimeError):
        pyshacl.validate(Graph(), shacl_graph=shapes, inference="none", meta_shacl=True)
