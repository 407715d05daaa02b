"""`experiment.xml` as it stands: names by their numbers, metrics, contexts, values."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from xml.parsers import expat

from recup_kg.errors import MalformedSource

ROOT = 1
"""The node that stands for the whole: contexts are numbered from 2."""
CONTEXTS = frozenset({"PF", "Pr", "C", "L", "S", "LM", "F", "P", "A"})
_TABLES = {"LoadModule": "modules", "File": "files", "Procedure": "procedures"}
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_SPECIAL = re.compile(r"(?i)[+-]?(?:nan(?:\([^)]*\))?|inf(?:inity)?)")
_LARGEST = 2**32 - 1
_UNNUMBERED = 2**31
_ADVICE = "make the database again with hpcprof"
Attributes = dict[str, str]


@dataclass(slots=True)
class RawMetric:
    """A metric as its tag and those in it say."""

    attributes: Attributes
    formulas: dict[str, str] = field(default_factory=dict)
    units: str | None = None


@dataclass(frozen=True, slots=True)
class RawContext:
    """A node of the tree: its number, that of the node above it, its tag and attributes."""

    identifier: int
    parent: int | None
    tag: str
    attributes: Attributes


@dataclass(slots=True)
class Experiment:
    """The file. Values are columns of one length: number of context and metric, value."""

    version: str = ""
    title: str = ""
    metrics: list[RawMetric] = field(default_factory=list)
    profile_metrics: list[Attributes] = field(default_factory=list)
    traces: list[Attributes] = field(default_factory=list)
    modules: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    procedures: dict[str, str] = field(default_factory=dict)
    contexts: list[RawContext] = field(default_factory=list)
    value_contexts: array[int] = field(default_factory=lambda: array("I"))
    value_metrics: array[int] = field(default_factory=lambda: array("I"))
    values: array[float] = field(default_factory=lambda: array("d"))
    specials: int = 0
    first_special: str = ""
    unknown_tags: dict[str, int] = field(default_factory=dict)


def parse(path: Path, chunks: Iterator[bytes]) -> Experiment:
    """The file of these bytes. External entities are never fetched, and a file that declares entities is refused."""
    return _Parser(path).run(chunks)


class _Parser:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.found = Experiment()
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.EntityDeclHandler = self._entity
        self.stack: list[int] = []
        self.seen: set[int] = {ROOT}
        self.known: set[int] = set()
        self.sections = 0
        self.last_value: tuple[int, set[int]] = (-1, set())
        self.unnumbered = _UNNUMBERED
        self.handlers: dict[str, Callable[[Attributes], None]] = {
            "HPCToolkitExperiment": self._experiment,
            "Header": self._header,
            "SecCallPathProfile": self._section,
            "SecFlatProfile": self._section,
            "Metric": self._metric,
            "MetricFormula": self._formula,
            "NV": self._pair,
            "MetricDB": self.found.profile_metrics.append,
            "TraceDB": self.found.traces.append,
            "M": self._value,
            "LoadModule": lambda attributes: self._entry("LoadModule", attributes),
            "File": lambda attributes: self._entry("File", attributes),
            "Procedure": lambda attributes: self._entry("Procedure", attributes),
        }

    def run(self, chunks: Iterator[bytes]) -> Experiment:
        try:
            for chunk in chunks:
                self.parser.Parse(chunk, False)
            self.parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise MalformedSource(
                self.path,
                f"not well-formed XML: {expat.ErrorString(error.code)}",
                where=f"line {error.lineno}",
                advice=_ADVICE,
            ) from error
        except (LookupError, ValueError) as error:
            raise MalformedSource(
                self.path,
                f"its encoding can't be read: {error}",
                where="line 1",
                advice="save the file as UTF-8",
            ) from error
        if not self.found.version and not self.sections:
            raise MalformedSource(self.path, "not an experiment of HPCToolkit", advice=_ADVICE)
        return self.found

    def bad(self, problem: str) -> MalformedSource:
        line = self.parser.CurrentLineNumber
        return MalformedSource(self.path, problem, where=f"line {line}", advice=_ADVICE)

    def _entity(self, name: str, *_: object) -> None:
        raise self.bad(f"it declares the entity {name[:40]!r}; files of HPCToolkit declare none")

    def _start(self, tag: str, attributes: Attributes) -> None:
        if tag in CONTEXTS:
            self._context(tag, attributes)
        elif tag in self.handlers:
            self.handlers[tag](attributes)
        elif tag not in _SILENT:
            self.found.unknown_tags[tag] = self.found.unknown_tags.get(tag, 0) + 1

    def _end(self, tag: str) -> None:
        if tag in CONTEXTS:
            self.stack.pop()

    def _experiment(self, attributes: Attributes) -> None:
        self.found.version = self._needed(attributes, "version", "HPCToolkitExperiment")
        major = self.found.version.split(".")[0]
        if major not in ("2", "3"):
            raise self.bad(f"version {self.found.version!r} of the format can't be read, only 2 and 3")

    def _header(self, attributes: Attributes) -> None:
        self.found.title = self._needed(attributes, "n", "Header")

    def _section(self, attributes: Attributes) -> None:
        self.sections += 1
        if self.sections > 1:
            raise self.bad("a second profile in one file")

    def _metric(self, attributes: Attributes) -> None:
        number = self._number(self._needed(attributes, "i", "Metric"))
        self._needed(attributes, "n", "Metric")
        if number in self.known:
            raise self.bad(f"metric {number} is there twice")
        self.known.add(number)
        self.found.metrics.append(RawMetric(attributes))

    def _formula(self, attributes: Attributes) -> None:
        if self.found.metrics:
            self.found.metrics[-1].formulas[attributes.get("t", "finalize")] = attributes.get("frm", "")

    def _pair(self, attributes: Attributes) -> None:
        if attributes.get("n") == "units" and self.found.metrics and not self.found.modules:
            self.found.metrics[-1].units = attributes.get("v")

    def _entry(self, tag: str, attributes: Attributes) -> None:
        table: dict[str, str] = getattr(self.found, _TABLES[tag])
        key = self._needed(attributes, "i", tag)
        table[key] = self._needed(attributes, "n", tag)

    def _context(self, tag: str, attributes: Attributes) -> None:
        if "i" in attributes:
            number = self._number(attributes["i"])
        else:
            number = self.unnumbered
            self.unnumbered += 1
        if number in self.seen:
            raise self.bad(f"context {number} is there twice")
        self.seen.add(number)
        parent = self.stack[-1] if self.stack else None
        self.found.contexts.append(RawContext(number, parent, tag, attributes))
        self.stack.append(number)

    def _value(self, attributes: Attributes) -> None:
        metric = self._number(self._needed(attributes, "n", "M"))
        text = self._needed(attributes, "v", "M").strip()
        if metric not in self.known:
            raise self.bad(f"a value of metric {metric}, which is not described")
        context = self.stack[-1] if self.stack else ROOT
        if self.last_value[0] != context:
            self.last_value = (context, set())
        if metric in self.last_value[1]:
            raise self.bad(f"context {context} has two values of metric {metric}")
        self.last_value[1].add(metric)
        if _NUMBER.fullmatch(text) and isfinite(float(text)):
            self.found.value_contexts.append(context)
            self.found.value_metrics.append(metric)
            self.found.values.append(float(text))
        elif _SPECIAL.fullmatch(text) or _NUMBER.fullmatch(text):
            self.found.specials += 1
            self.found.first_special = self.found.first_special or f"line {self.parser.CurrentLineNumber}"
        else:
            raise self.bad(f"{text[:40]!r} is no number")

    def _needed(self, attributes: Attributes, name: str, tag: str) -> str:
        if name not in attributes:
            raise self.bad(f"<{tag}> without {name}")
        return attributes[name]

    def _number(self, text: str) -> int:
        if not (text.isascii() and text.isdigit()) or len(text) > 10 or int(text) > _LARGEST:
            raise self.bad(f"{text[:40]!r} is no number of a context or metric")
        return int(text)


_SILENT = frozenset(
    (
        "Info",
        "SecHeader",
        "MetricTable",
        "MetricDBTable",
        "TraceDBTable",
        "LoadModuleTable",
        "FileTable",
        "ProcedureTable",
        "SecCallPathProfileData",
        "SecFlatProfileData",
    )
)
