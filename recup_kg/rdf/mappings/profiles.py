"""Call-path profiles."""

from recup_kg.evidence.profiles import CallContext, ProcedureCost
from recup_kg.rdf.mapping import ClassMapping, counters, integer, link, text
from recup_kg.vocab import PROV, RDFS, RECUP

_SHARED = {
    "procedure": text(RECUP + "procedure"),
    "tool": text(RECUP + "tool"),
    "counters": counters,
    "load_module": text(RECUP + "loadModule"),
    "file_name": text(RECUP + "sourcePath"),
    "line": integer(RECUP + "sourceLine"),
    "process_group": link(RECUP + "observes", "process-group"),
}
MAPPINGS = (
    ClassMapping(ProcedureCost, "procedure", (RECUP + "ProcedureCost", PROV + "Entity"), _SHARED),
    ClassMapping(
        CallContext,
        "context",
        (RECUP + "CallContext", PROV + "Entity"),
        {
            **_SHARED,
            "label": text(RDFS + "label"),
            "kind": text(RECUP + "contextKind"),
            "parent": link(RECUP + "calledFrom", "context"),
            "relation": text(RECUP + "contextRelation"),
            "offset": integer(RECUP + "instructionOffset"),
        },
    ),
)
