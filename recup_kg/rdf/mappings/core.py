"""Counters."""

from recup_kg.evidence.core import CounterRecord, CounterTotal
from recup_kg.rdf.mapping import ClassMapping, boolean, counters, integer, link, text
from recup_kg.vocab import PROV, RDFS, RECUP

_SHARED = {
    "tool": text(RECUP + "tool"),
    "module": text(RECUP + "module"),
    "counters": counters,
    "process_group": link(RECUP + "observes", "process-group"),
    "partial": boolean(RECUP + "partial"),
}
MAPPINGS = (
    ClassMapping(
        CounterRecord,
        "counters",
        (RECUP + "CounterRecord", PROV + "Entity"),
        {
            **_SHARED,
            "process": link(RECUP + "observes", "process"),
            "file": link(RECUP + "observes", "file"),
            "task": link(RECUP + "observes", "task"),
            "rank": integer(RECUP + "processRank"),
            "host": text(RECUP + "nodeName"),
            "label": text(RDFS + "label"),
        },
    ),
    ClassMapping(CounterTotal, "total", (RECUP + "CounterTotal", PROV + "Entity"), _SHARED),
)
