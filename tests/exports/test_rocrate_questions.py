"""Questions of Workflow Run RO-Crate, asked of crates of ours as any reader of JSON-LD sees them.

https://www.researchobject.org/workflow-run-crate/requirements, CQ2, CQ5, CQ7, CQ8 and CQ9: those whose data traces have.
"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest
import rdflib

import recup_kg as recup
from recup_kg.converters.rocrate.context import Context
from recup_kg.exports.rocrate.terms import CONTEXT

BWA = "wfformat/bwa/bwa-chameleon-small-001.json"
NEXTFLOW = "nextflow/tutorial/trace-20230517.txt"
PREFIXES = "PREFIX s: <http://schema.org/> PREFIX w: <https://w3id.org/ro/terms/workflow-run#> "
CONTROLLED = "?control a s:ControlAction ; s:instrument ?step ; s:object ?action . "
AMOUNT = "?action w:resourceUsage ?usage . ?usage s:name ?what ; s:value ?value "
QUESTIONS = {
    "CQ2": f"SELECT ?action ?value {{ {AMOUNT} FILTER(?what = 'residentMemory') }}",
    "CQ5": f"SELECT ?step ?value {{ {CONTROLLED} {AMOUNT} FILTER(?what = 'runTime') }}",
    "CQ7": f"SELECT ?action ?status {{ {CONTROLLED} ?action s:actionStatus ?status }}",
    "CQ8": "SELECT DISTINCT ?file { ?action s:object ?file . ?file a s:MediaObject "
    "FILTER NOT EXISTS { ?other s:result ?file } }",
    "CQ9": "SELECT ?system ?version { ?run a s:OrganizeAction ; s:instrument ?system . ?system s:softwareVersion ?version }",
}


def crate(trace: Path, folder: Path) -> rdflib.Graph:
    graph = recup.open(str(folder / "store"))
    data = graph.export(graph.ingest(trace).name, "ro-crate", zipped=True)
    document = json.loads(zipfile.ZipFile(io.BytesIO(data)).read("ro-crate-metadata.json"))
    document["@context"] = dict(Context(CONTEXT).terms)
    return rdflib.Graph().parse(
        data=json.dumps(document), format="json-ld", base="https://example.org/crate/"
    )


@pytest.mark.parametrize(
    ("trace", "question", "rows"),
    [
        (BWA, "CQ2", 104),
        (BWA, "CQ5", 104),
        (BWA, "CQ7", 0),
        (BWA, "CQ8", 5),
        (BWA, "CQ9", 1),
        (NEXTFLOW, "CQ5", 3),
        (NEXTFLOW, "CQ7", 3),
    ],
)
def test_question_has_its_answers(trace: str, question: str, rows: int, root: Path, tmp_path: Path) -> None:
    answer = list(crate(root / "data" / trace, tmp_path).query(PREFIXES + QUESTIONS[question]))
    assert len(answer) == rows
