"""The query library: SPARQL files with a header of `#+` comments, found by name and bound to parameters.

The header, one line each, after grlc (https://github.com/CLARIAH/grlc):

    #+ title: Aligned tasks that ran on another node
    #+ description: Names of nodes, only of tasks whose node both runs captured.
    #+ questions: 30
    #+ parameter: reference run ?referenceGraph the run that the other one is held against
    #+ columns: reference other referenceValue otherValue

`parameter` and `description` may repeat. A parameter is `NAME TYPE ?VARIABLE DESCRIPTION`; `NAME?` is optional, `NAME=VALUE`
has a default. It takes the place of the comment `# VALUES ?VARIABLE` inside WHERE: so the file stays plain SPARQL, values join
before anything is aggregated, and without a value the query covers all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast, get_args

from recup_kg import resources
from recup_kg.errors import QueryError, UnknownQuery, UsageError
from recup_kg.vocab import PREFIXES, XSD

Form = Literal["select", "ask", "construct", "describe", "other"]
Type = Literal["run", "comparison", "results", "iri", "text", "integer", "number"]
Value: TypeAlias = str | int | float | bool | None
Binding: TypeAlias = Value | tuple[str, ...]
"""The value of a parameter; of a run, all its graphs."""

SUFFIX = ".rq"
_KEYS = ("title", "description", "questions", "parameter", "columns")
_TYPES = get_args(Type)
_KIND = {"integer": "a whole number", "number": "a number"}
_FORM = re.compile(r"\b(select|ask|construct|describe)\b", re.IGNORECASE)
# What looks like a keyword but is none: strings, IRIs, comments, prefixes, variables.
_NOISE = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"""|"(?:[^"\\\n]|\\.)*"'
    r"|'''(?:[^'\\]|\\.|'(?!''))*'''|'(?:[^'\\\n]|\\.)*'"
    r'|<[^\x00-\x20<>"{}|^`\\]*>|#[^\n]*|[\w.-]*:[\w.-]*|[?$]\w+',
    re.DOTALL,
)
_MARKER = re.compile(r"^([ \t]*)#[ \t]*VALUES[ \t]+\?(\w+)[ \t]*$", re.MULTILINE)
_PARAMETER = re.compile(
    r"(?P<name>\w+)(?P<optional>\?)?(?:=(?P<default>\S+))? (?P<type>\w+) \?(?P<variable>\w+) (?P<description>\S.*)"
)
_IRI = re.compile(r'[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>"{}|\\^`\ud800-\udfff]*')
_INTEGER = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a query can be asked about; `variable` is without the question mark."""

    name: str
    type: Type
    variable: str
    description: str
    required: bool
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """A SPARQL query and what its header says. `form` is other where it is no query at all: the store says why."""

    name: str
    title: str
    description: str
    questions: tuple[int, ...]
    parameters: tuple[Parameter, ...]
    columns: tuple[str, ...]
    form: Form
    text: str

    def to_dict(self) -> dict[str, Any]:
        """Everything but the text, for machines."""
        said = asdict(self)
        del said["text"]
        return said


def catalogue() -> tuple[Query, ...]:
    """The queries that have a name, in the order of names. Raises `QueryError` where a header is wrong."""
    return tuple(_read(path) for path in _files().values())


def load(query: str) -> Query:
    """The query of a name, in an .rq file, or of SPARQL text. Raises `UnknownQuery`, and `QueryError` for a wrong header."""
    if re.search(r"[\s{]", query.strip()) and not query.endswith(SUFFIX):
        return parse(with_prefixes(query), "query")
    if query.endswith(SUFFIX):
        return _read(Path(query))
    files = _files()
    if query not in files:
        raise UnknownQuery(f"no query is called {query!r}; {_near(query, files, 'recup queries lists them')}")
    return _read(files[query])


def with_prefixes(text: str) -> str:
    """SPARQL text that declares the prefixes of ours that it uses and does not declare."""
    declared = set(re.findall(r"\bPREFIX\s+([\w-]*):", text, re.IGNORECASE))
    used = set(re.findall(r"(?<![\w<:-])([a-z][\w-]*):", text))
    missing = (name for name in PREFIXES if name in used - declared)
    return "".join(f"PREFIX {name}: <{PREFIXES[name]}>\n" for name in missing) + text


def parse(text: str, name: str) -> Query:
    """A query from its text. Raises `QueryError` where the header is wrong; the SPARQL itself is left to the store."""
    header = _header(text, name)
    parameters = tuple(_parameter(line, name) for line in header["parameter"])
    markers = {match[2] for match in _MARKER.finditer(text)}
    for parameter in parameters:
        if parameter.variable not in markers:
            line = f"# VALUES ?{parameter.variable}"
            raise QueryError(f"{name}: the parameter {parameter.name} needs a line {line!r} inside WHERE")
    return Query(
        name=name,
        title=" ".join(header["title"]),
        description=" ".join(header["description"]),
        questions=tuple(int(number) for number in " ".join(header["questions"]).split()),
        parameters=parameters,
        columns=tuple(" ".join(header["columns"]).split()),
        form=_form(text),
        text=text,
    )


def bind(query: Query, values: Mapping[str, Binding]) -> str:
    """The SPARQL text with values for parameters; that of a `run` or `comparison` is the IRI of its graph, or all of them.

    Raises `UsageError` for an unknown or missing parameter and for a value that is not of its type.
    """
    known = {parameter.name: parameter for parameter in query.parameters}
    for name in values:
        if name not in known:
            hint = _near(name, known, f"it has {', '.join(known) or 'none'}")
            raise UsageError(f"the query {query.name} has no parameter {name!r}; {hint}")
    terms: dict[str, str] = {}
    for name, parameter in known.items():
        value = values.get(name)
        value = parameter.default if value is None else value
        if value is not None:
            several = value if isinstance(value, tuple) else (value,)
            terms[parameter.variable] = " ".join(term(parameter, one) for one in several)
        elif parameter.required:
            raise UsageError(f"the query {query.name} needs {name}=..., {parameter.description}")
    return _MARKER.sub(lambda match: _values(match, terms), query.text)


def term(parameter: Parameter, value: str | int | float | bool) -> str:
    """A value as a SPARQL term. Raises `UsageError` where it is not of the parameter's type."""
    text = str(value)
    if parameter.type == "text":
        return f'"{_escaped(parameter, text)}"'
    if parameter.type == "integer" and _INTEGER.fullmatch(text):
        return f'"{text}"^^<{XSD}integer>'
    if parameter.type == "number" and _NUMBER.fullmatch(text) and isfinite(float(text)):
        return f'"{float(text)!r}"^^<{XSD}double>'
    if parameter.type in ("run", "comparison", "results", "iri") and _IRI.fullmatch(text):
        return f"<{text}>"
    raise UsageError(f"{parameter.name}={text!r} is not {_KIND.get(parameter.type, 'an IRI')}")


def _files() -> dict[str, Path]:
    return {path.stem: path for path in sorted(resources.path("queries").glob(f"*{SUFFIX}"))}


def _read(path: Path) -> Query:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UnknownQuery(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise QueryError(f"{path}: byte {error.start}: not UTF-8; save the query as UTF-8") from error
    return parse(text, path.stem)


def _header(text: str, name: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {key: [] for key in _KEYS}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.startswith("#+"):
            continue
        key, colon, said = line[2:].partition(":")
        if not colon or key.strip() not in found:
            raise QueryError(
                f"{name}: line {number}: a header line is '#+ KEY: ...', KEY one of {', '.join(_KEYS)}"
            )
        found[key.strip()].append(said.strip())
    wrong = [word for word in " ".join(found["questions"]).split() if not _INTEGER.fullmatch(word)]
    if wrong:
        raise QueryError(f"{name}: questions: {wrong[0]!r} is not the number of a question")
    return found


def _parameter(line: str, query: str) -> Parameter:
    match = _PARAMETER.fullmatch(line)
    if match is None or match["type"] not in _TYPES:
        form = f"NAME TYPE ?VARIABLE DESCRIPTION, TYPE one of {', '.join(_TYPES)}"
        raise QueryError(f"{query}: the parameter {line!r} is not '{form}'")
    optional, default = match["optional"], match["default"]
    kind = cast(Type, match["type"])
    found = Parameter(
        match["name"], kind, match["variable"], match["description"], not (optional or default), default
    )
    if default is not None:
        term(found, default)
    return found


def _form(text: str) -> Form:
    match = _FORM.search(_NOISE.sub(" ", text))
    return cast(Form, match[1].lower()) if match else "other"


def _values(match: re.Match[str], terms: Mapping[str, str]) -> str:
    indent, variable = match.groups()
    found = terms.get(variable)
    return match[0] if found is None else f"{indent}VALUES ?{variable} {{ {found} }}"


def _escaped(parameter: Parameter, text: str) -> str:
    if re.search("[\x00\ud800-\udfff]", text):
        raise UsageError(f"{parameter.name}={text!r} holds a character that no text in RDF can have")
    return "".join(_ESCAPES.get(character, character) for character in text)


def _near(name: str, names: Iterable[str], otherwise: str) -> str:
    close = get_close_matches(name, list(names), n=3)
    return f"did you mean {' or '.join(close)}?" if close else otherwise
