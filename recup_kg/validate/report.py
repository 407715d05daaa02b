"""What validation found, and its forms: rows, JSON, and a sh:ValidationReport."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from recup_kg.vocab import RECUP, SHACL

SEVERITIES = ("Violation", "Warning", "Info")
COLUMNS = ("severity", "shape", "focus", "path", "value", "message", "source", "where")

_STEP = re.compile(r"(\^?)(<[^<>]*>)")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_LINE = re.compile(r'["\\\n\r\t]')


@dataclass(frozen=True, slots=True)
class Result:
    """One fault. `focus` is an IRI, `path` an IRI or a SPARQL property path, `value` an IRI or the text of a literal.

    `source` is the name of the source file and `where` the place in it, None where no source is concerned. `term` is the
    value in N-Triples, `component` the IRI of the SHACL constraint.
    """

    severity: str
    shape: str
    focus: str
    path: str | None
    value: str | None
    message: str
    source: str | None = None
    where: str | None = None
    term: str | None = None
    component: str = SHACL + "SPARQLConstraintComponent"

    def to_dict(self) -> dict[str, str | None]:
        """The members that `recup validate --json` prints."""
        return {name: getattr(self, name) for name in COLUMNS}


@dataclass(frozen=True, slots=True)
class Report:
    """All faults, the worst first."""

    results: tuple[Result, ...]

    @property
    def conforms(self) -> bool:
        """Whether there is no violation; warnings and infos are about the source, not about the graph."""
        return not any(result.severity == "Violation" for result in self.results)

    def counts(self) -> dict[str, int]:
        """The number of results of each severity."""
        return {name: sum(result.severity == name for result in self.results) for name in SEVERITIES}

    def rows(self) -> Iterator[tuple[str | None, ...]]:
        """The results as rows of a table with `COLUMNS`."""
        for result in self.results:
            yield tuple(result.to_dict().values())

    def to_dict(self) -> dict[str, object]:
        """The report as `recup validate --json` prints it."""
        return {"conforms": self.conforms, "results": [result.to_dict() for result in self.results]}

    def to_turtle(self) -> str:
        """The report as a sh:ValidationReport in Turtle, with recup:fileName and recup:where on its results."""
        head = f"@prefix sh: <{SHACL}> .\n@prefix recup: <{RECUP}> .\n\n"
        members = [f"sh:conforms {str(self.conforms).lower()}", *map(_result_turtle, self.results)]
        return f"{head}[] a sh:ValidationReport ;\n    " + " ;\n    ".join(members) + " .\n"


def merged(reports: Iterator[Report] | tuple[Report, ...]) -> Report:
    """One report of several, each result once."""
    return report_of(result for report in reports for result in report.results)


def report_of(results: Iterator[Result] | tuple[Result, ...]) -> Report:
    """A report with the results in order, each once: by severity, shape, focus and value."""
    return Report(tuple(sorted(dict.fromkeys(results), key=_order)))


def _order(result: Result) -> tuple[int, str, str, str, str]:
    return (
        SEVERITIES.index(result.severity),
        result.shape,
        result.focus,
        result.path or "",
        result.term or "",
    )


def _result_turtle(result: Result) -> str:
    facts = [
        "a sh:ValidationResult",
        f"sh:resultSeverity sh:{result.severity}",
        f"sh:sourceShape <{result.shape}>",
        f"sh:sourceConstraintComponent <{result.component}>",
        f"sh:focusNode <{result.focus}>",
        f"sh:resultMessage {_text(result.message)}",
    ]
    facts += [f"sh:resultPath {path_turtle(result.path)}"] if result.path else []
    facts += [f"sh:value {result.term}"] if result.term else []
    facts += [f"recup:fileName {_text(result.source)}"] if result.source else []
    facts += [f"recup:where {_text(result.where)}"] if result.where else []
    return "sh:result [\n        " + " ;\n        ".join(facts) + " ]"


def path_turtle(path: str) -> str:
    """A property path of SPARQL as SHACL writes it: an IRI, an inverse, a sequence or a choice of those."""
    if not path.startswith(("^", "(", "<")):
        return f"<{path}>"
    steps = [f"[ sh:inversePath {iri} ]" if inverse else iri for inverse, iri in _STEP.findall(path)]
    if len(steps) == 1:
        return steps[0]
    members = f"( {' '.join(steps)} )"
    return f"[ sh:alternativePath {members} ]" if "|" in _STEP.sub("", path) else members


def _text(value: str) -> str:
    return f'"{_LINE.sub(lambda match: _ESCAPES[match[0]], value)}"'
