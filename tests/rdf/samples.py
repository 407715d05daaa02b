"""One piece of evidence with every class of the shared core, and graphs as N-Triples."""

from __future__ import annotations

from recup_kg.evidence import CounterRecord, CounterTerm, CounterTotal, Evidence
from recup_kg.evidence.processes import AccessedFile, Mount, Process, ProcessGroup
from recup_kg.rdf.graph import Graph
from recup_kg.records import Coverage, Gap, SideTable, Source, SourceMember, Subject, Timestamp

SOURCE = Source(
    file_name="ior.darshan",
    sha256="a" * 64,
    size=12,
    format="darshan",
    format_version="3.41",
    converter_version="1",
    members=(SourceMember("x/b.db", "b" * 64, 3),),
    layer="SystemLayer",
)
GROUP = ProcessGroup(
    "g",
    "ior",
    executable="/bin/ior",
    command_line="/bin/ior -a POSIX",
    user_id=31074,
    job="4478544",
    process_id=9,
    process_count=2,
    started=Timestamp("1489096245", "2017-03-09T21:50:45Z"),
    ended=Timestamp("2017-03-09T21:55:45Z", "2017-03-09T21:55:45Z"),
    run_time=300,
    hosts=("n1", "n2"),
    tool="darshan",
    tool_version="3.4.1",
    log_version="3.41",
)
PROCESS = Process(
    "p0",
    "rank 0",
    process_group="g",
    host="n1",
    address="tcp://n1:1",
    process_id=20745,
    rank=0,
    thread=1,
    stream=7,
)
RECORDS = (
    GROUP,
    PROCESS,
    AccessedFile("16592106915301738621", "/scratch/in.dat", "/scratch", "lustre"),
    Mount("/scratch", "/scratch", "lustre"),
    CounterRecord(
        "r1",
        "darshan",
        "POSIX",
        (("POSIX_BYTES_READ", 2**63), ("POSIX_F_READ_TIME", 0.5), ("POSIX_OPENS", 0)),
        process_group="g",
        process="p0",
        file="16592106915301738621",
        rank=-1,
        host="n1",
        partial=False,
    ),
    CounterTotal("POSIX", "darshan", "POSIX", (("POSIX_OPENS", 3),), "g", True),
)
TABLE = SideTable("dxt", "DXT", "A segment.", {"offset": [1, 2]}, (("offset", "BYTE"),), "g")
TERM = CounterTerm("darshan", "OTHER_X", "other x", "The source names it.", "BYTE", "OTHER")
EVIDENCE = Evidence(
    SOURCE,
    "e" * 32,
    "ior.darshan",
    "SystemLayer",
    RECORDS,
    coverage=(Coverage("https://w3id.org/recup/ontology#runTime", 1, 1),),
    gaps=(
        Gap("NotCaptured", Subject("evidence"), "module LUSTRE", "not in the log"),
        Gap("UnreadableValue", Subject("file", "16592106915301738621"), "record 3", "no name", "null"),
    ),
    tables=(TABLE,),
    terms=(TERM,),
)


def ntriples(graph: Graph) -> str:
    """The triples of a named graph."""
    end = f" <{graph.name}> .\n"
    assert all(line.endswith(end) for line in graph.lines)
    return "".join(line.removesuffix(end) + " .\n" for line in graph.lines)
