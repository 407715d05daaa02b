"""Evidence to graphs: what each record states, what shapes say of it, that nothing depends on chance."""

from __future__ import annotations

from dataclasses import replace

import pyoxigraph as ox
import pytest

from recup_kg.bundles import make_bundle
from recup_kg.evidence import Evidence
from recup_kg.evidence.statements import LiteralValue, Statement
from recup_kg.rdf.evidence import evidence_graph, terms_graphs
from recup_kg.tables import content_hash
from recup_kg.validate import engine_named, shapes_text
from recup_kg.vocab import PROV, RDF, RECUP
from tests.rdf.samples import EVIDENCE, GROUP, PROCESS, RECORDS, SOURCE, TABLE, TERM, ntriples

BASE = "https://w3id.org/recup/evidence/" + "e" * 32
DARSHAN = "https://w3id.org/recup/darshan#"


def facts(evidence: Evidence, subject: str) -> dict[str, set[str]]:
    """What the graph says of a subject: predicates with the values of their terms."""
    found: dict[str, set[str]] = {}
    for triple in ox.parse(ntriples(evidence_graph(evidence)).encode(), format=ox.RdfFormat.N_TRIPLES):
        if triple.subject == ox.NamedNode(subject):
            found.setdefault(triple.predicate.value, set()).add(triple.object.value)
    return found


def violations(text: str) -> list[tuple[str, str]]:
    return [
        (result.severity, result.shape.rpartition("#")[2])
        for result in engine_named().run(shapes_text(), text)
        if result.severity != "Info"
    ]


def test_a_process_group_says_what_the_record_says() -> None:
    assert facts(EVIDENCE, f"{BASE}/process-group/g") == {
        RDF + "type": {RECUP + "ProcessGroup", PROV + "Activity"},
        "http://www.w3.org/2000/01/rdf-schema#label": {"ior"},
        RECUP + "program": {"/bin/ior"},
        RECUP + "commandLine": {"/bin/ior -a POSIX"},
        RECUP + "userId": {"31074"},
        RECUP + "jobId": {"4478544"},
        RECUP + "processId": {"9"},
        RECUP + "processCount": {"2"},
        PROV + "startedAtTime": {"2017-03-09T21:50:45Z"},
        RECUP + "startedAsWritten": {"1489096245"},
        PROV + "endedAtTime": {"2017-03-09T21:55:45Z"},
        RECUP + "runTime": {"300.0"},
        RECUP + "nodeName": {"n1", "n2"},
        RECUP + "tool": {"darshan"},
        RECUP + "toolVersion": {"3.4.1"},
        RECUP + "logVersion": {"3.41"},
    }


def test_a_counter_record_observes_its_subjects_exactly() -> None:
    found = facts(EVIDENCE, f"{BASE}/counters/r1")
    assert found[RECUP + "observes"] == {
        f"{BASE}/process-group/g",
        f"{BASE}/process/p0",
        f"{BASE}/file/16592106915301738621",
    }
    assert found[DARSHAN + "POSIX_BYTES_READ"] == {"9223372036854775808"}
    assert found[DARSHAN + "POSIX_F_READ_TIME"] == {"0.5"}
    assert found[DARSHAN + "POSIX_OPENS"] == {"0"}
    assert found[RECUP + "processRank"] == {"-1"}
    assert found[RECUP + "partial"] == {"false"}


def test_what_is_not_captured_is_not_stated() -> None:
    bare = replace(
        EVIDENCE,
        records=tuple(type(record)(record.identifier, "x") for record in (GROUP, PROCESS)),
        coverage=(),
        gaps=(),
        tables=(),
    )
    for part in ("process-group/g", "process/p0"):
        assert set(facts(bare, f"{BASE}/{part}")) == {
            RDF + "type",
            "http://www.w3.org/2000/01/rdf-schema#label",
        }


def test_gaps_and_coverage_are_about_the_evidence_or_a_part_of_it() -> None:
    assert facts(EVIDENCE, f"{BASE}/gap/0")[RECUP + "about"] == {BASE}
    second = facts(EVIDENCE, f"{BASE}/gap/1")
    assert second[RECUP + "about"] == {f"{BASE}/file/16592106915301738621"}
    assert second[RECUP + "statedValue"] == {"null"}
    coverage = facts(EVIDENCE, f"{BASE}/coverage/runTime")
    assert coverage[RECUP + "coverageOf"] == {BASE}
    assert coverage[RECUP + "layer"] == {RECUP + "SystemLayer"}


def test_a_table_is_described_below_what_it_is_about() -> None:
    found = facts(EVIDENCE, f"{BASE}/table/dxt")
    assert found[RECUP + "contentHash"] == {content_hash(TABLE)}
    assert found[RECUP + "rowCount"] == {"2"}
    assert found[RECUP + "column"] == {"offset"}
    assert found[RECUP + "columnUnit"] == {"offset=BYTE"}
    assert found[RECUP + "observes"] == {f"{BASE}/process-group/g"}


def test_two_sources_with_the_same_table_state_nothing_twice() -> None:
    other = replace(EVIDENCE, identity="f" * 32, source=replace(SOURCE, sha256="c" * 64, members=()))
    first, second = (set(ntriples(evidence_graph(item)).splitlines()) for item in (EVIDENCE, other))
    assert not first & second


def test_members_are_described_with_their_checksums() -> None:
    source = "https://w3id.org/recup/source/" + "a" * 64
    assert facts(EVIDENCE, source)[PROV + "hadMember"] == {f"{source}/x%2Fb.db"}
    member = facts(EVIDENCE, f"{source}/x%2Fb.db")
    assert member[RECUP + "fileName"] == {"x/b.db"}
    checksum = facts(EVIDENCE, f"{source}/x%2Fb.db#checksum")
    assert checksum["http://spdx.org/rdf/terms#checksumValue"] == {"b" * 64}


def test_the_shapes_accept_it_and_warn_of_what_is_doubtful() -> None:
    assert sorted(violations(ntriples(evidence_graph(EVIDENCE)))) == [
        ("Warning", "CounterComplete"),
        ("Warning", "GapOfDoubtfulSource"),
    ]


def test_the_order_of_records_changes_nothing() -> None:
    turned = replace(EVIDENCE, records=tuple(reversed(RECORDS)))
    bundles = [
        make_bundle(graph.name, graph.lines) for graph in (evidence_graph(EVIDENCE), evidence_graph(turned))
    ]
    assert bundles[0].sha256 == bundles[1].sha256


def test_terms_that_no_file_describes_are_shared_by_content() -> None:
    graph, second = terms_graphs(replace(EVIDENCE, terms=(TERM, replace(TERM, tool="hpctoolkit"))))
    (same,) = terms_graphs(replace(EVIDENCE, identity="f" * 32))
    assert same.name == graph.name != second.name
    assert violations(ntriples(graph)) == []
    text = ntriples(graph)
    assert (
        f"<{DARSHAN}OTHER_X> <http://qudt.org/schema/qudt/hasUnit> <http://qudt.org/vocab/unit/BYTE>" in text
    )
    assert terms_graphs(replace(EVIDENCE, terms=())) == ()


def test_statements_are_kept_as_they_are() -> None:
    records = (
        Statement("urn:s", "urn:p", "http://a b"),
        Statement("urn:s", "urn:p", LiteralValue("chat", language="fr")),
        Statement("urn:s", "urn:p", LiteralValue("1", datatype="urn:type")),
        Statement("urn:s", "urn:p", LiteralValue('a "b"\n')),
    )
    lines = [
        line
        for line in ntriples(evidence_graph(replace(EVIDENCE, records=records))).splitlines()
        if "urn:s" in line
    ]
    assert lines == [
        "<urn:s> <urn:p> <http://a%20b> .",
        '<urn:s> <urn:p> "chat"@fr .',
        '<urn:s> <urn:p> "1"^^<urn:type> .',
        '<urn:s> <urn:p> "a \\"b\\"\\n" .',
    ]


def test_a_record_without_a_mapping_is_refused() -> None:
    with pytest.raises(TypeError, match="no mapping for object: add it to recup_kg/rdf/mappings"):
        evidence_graph(replace(EVIDENCE, records=(object(),)))
