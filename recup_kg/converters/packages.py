"""What the formats that list software share: package records without credentials, purls, and the evidence that they make.

Names and versions stay as written. A purl (https://github.com/package-url/purl-spec) is only stated where the name and its
ecosystem are known and that specification has a type for it: there is none for spack.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import yaml
from packageurl import PackageURL

from recup_kg.converters.sources import read_text, source_of
from recup_kg.errors import MalformedSource
from recup_kg.evidence import Evidence
from recup_kg.evidence.environment import EnvironmentSnapshot, EnvironmentVariable, Package
from recup_kg.evidence.identity import facts_identity
from recup_kg.records import Gap, Subject, Timestamp
from recup_kg.redaction import MARKER, is_secret_name, redact_text, redact_value

ENVIRONMENT = "environment"
"""The identifier of the snapshot of a source that describes one environment."""
WHOLE = Subject("evidence")

_DEEPEST = 500
_INDENTS = re.compile(r"^(?:[ \t]|[-?:][ \t])*", re.MULTILINE)
_LARGEST = 1_000_000
"""Values of a YAML file with its aliases expanded: far more than any environment has."""

_CHANNEL_TOKEN = re.compile(r"(/t/)[^/\s]+")
_USER = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*://)(?P<user>[^/\s@]*)@")
_QUERY = re.compile(r"(?P<name>[?&][\w.-]+)=(?P<value>[^&#\s]*)")


@dataclass(slots=True)
class Listing:
    """The packages of one environment as they are found, and what could not be taken over."""

    path: Path
    packages: dict[str, Package] = field(default_factory=dict)
    gaps: list[Gap] = field(default_factory=list)

    def add(self, package: Package, where: str) -> None:
        """Keep a package; one that is there already is a gap, another of that identifier gets one of its own."""
        known = self.packages.get(package.identifier)
        if known == package:
            self.gap("DuplicateEntry", where, f"The source lists {package.name} again.", package.identifier)
            return
        number, identifier = 1, package.identifier
        while identifier in self.packages:
            number += 1
            identifier = f"{package.identifier}#{number}"
        self.packages[identifier] = replace(package, identifier=identifier)

    def gap(
        self, kind: str, where: str, comment: str, package: str | None = None, value: object = None
    ) -> None:
        """Note what could not be taken over; `value` is what the source says there."""
        about = WHOLE if package is None else Subject("package", package)
        text = None if value is None else json.dumps(clean(value), ensure_ascii=False)
        self.gaps.append(Gap(kind, about, where, comment, text))

    def unmapped(self, fields: Mapping[str, str]) -> None:
        """One gap for each kind of field that no record holds: its name, and where it stands first."""
        for name, where in fields.items():
            self.gap("UnmappedField", where, f"{safe_text(name)} has no place in the graph.")


def evidence(
    path: Path,
    records: Iterable[object],
    gaps: Iterable[Gap] = (),
    *,
    converter: str,
    version: str,
    form: str,
    label: str,
    created: Timestamp | None = None,
    layer: str = "SystemLayer",
) -> Evidence:
    """What a list of software tells. Its identity is that of the facts, so that two equal lists describe one environment."""
    kept = tuple(records)
    return Evidence(
        source=source_of(
            path, converter=converter, version=version, format_version=form, layer=layer, created=created
        ),
        identity=facts_identity("environment", kept),
        label=safe_text(label),
        layer=layer,
        records=kept,
        gaps=tuple(gaps),
    )


def safe_text(text: str) -> str:
    """The text without credentials: also users of URLs, the tokens of conda channels, secret parameters of queries."""
    text = _CHANNEL_TOKEN.sub(rf"\g<1>{MARKER}", text)
    text = _USER.sub(_without_user, text)
    return redact_text(_QUERY.sub(_without_value, text))


def clean(value: object) -> Any:
    """A JSON value without credentials, by name and by form."""
    if isinstance(value, str):
        return safe_text(value)
    if isinstance(value, Mapping):
        return {str(name): clean_value(str(name), item)[0] for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean(item) for item in value]
    return value if value is None or isinstance(value, bool | int | float) else safe_text(str(value))


def clean_value(name: str, value: object) -> tuple[Any, bool]:
    """A JSON value that is called so, without credentials, and whether there was one."""
    if isinstance(value, str):
        shown, hidden = redact_value(name, value)
        shown_safe = safe_text(shown)
        return shown_safe, hidden or shown_safe != shown
    if is_secret_name(name) and isinstance(value, list | tuple | Mapping):
        return MARKER, True
    if isinstance(value, int | float) and not isinstance(value, bool) and redact_value(name, str(value))[1]:
        return MARKER, True
    shown_value = clean(value)
    return shown_value, shown_value != value


def clean_pairs(pairs: Iterable[tuple[str, object]]) -> tuple[tuple[str, str], ...]:
    """Names with their values as text, without credentials."""
    return tuple((name, as_text(clean_value(name, value)[0])) for name, value in pairs)


def as_text(value: object) -> str:
    """A string as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def variable(assignment: str, environment: str) -> EnvironmentVariable:
    """The variable that `NAME=value` sets; a name alone has no value."""
    name, equals, value = assignment.partition("=")
    shown, hidden = clean_value(name, value) if equals else (None, False)
    return EnvironmentVariable(safe_text(name), safe_text(name), environment, shown, hidden)


def snapshot(label: str, manager: str | None = None, **facts: Any) -> EnvironmentSnapshot:
    """The snapshot of a source that describes one environment; values without credentials."""
    shown: dict[str, Any] = {
        name: safe_text(value) if isinstance(value, str) else value for name, value in facts.items()
    }
    return EnvironmentSnapshot(
        identifier=ENVIRONMENT,
        label=safe_text(label),
        manager=manager,
        **shown,
    )


def conda_purl(
    name: str, version: str | None, build: str | None, channel: str | None, subdir: str | None
) -> str | None:
    """The purl of a conda package; the qualifiers that the specification defines are stated where known."""
    known = {"build": build, "channel": _public(channel), "subdir": subdir}
    return purl("conda", name, version, {key: value for key, value in known.items() if value})


def pypi_purl(name: str, version: str | None) -> str | None:
    """The purl of a Python package; its type lowercases names and spells `_` as `-`."""
    return purl("pypi", name, version)


def purl(
    kind: str, name: str, version: str | None, qualifiers: Mapping[str, str] | None = None
) -> str | None:
    """A purl, or None where none can be made of the name."""
    try:
        return PackageURL(
            type=kind, name=name, version=version, qualifiers=dict(qualifiers or {})
        ).to_string()
    except ValueError:
        return None


def stated_purl(text: str) -> str | None:
    """A purl that a source states: as it is, without credentials; None where it is none."""
    try:
        PackageURL.from_string(text)
    except ValueError:
        return None
    return safe_text(text)


def read_json(path: Path) -> Any:
    """The value of a JSON file. Raises `MalformedSource`."""
    try:
        return json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        place = (
            f"line {error.lineno} column {error.colno}" if isinstance(error, json.JSONDecodeError) else None
        )
        problem = f"not JSON: {error.msg}" if isinstance(error, json.JSONDecodeError) else "not JSON"
        raise MalformedSource(
            path, problem, where=place, advice="the file is cut off or damaged: export it again"
        ) from error


def read_yaml(path: Path) -> Any:
    """The value of a YAML file, all scalars but text as YAML 1.1 has them. Raises `MalformedSource`."""
    text = read_text(path)
    _refuse_depth(path, text)
    try:
        value = yaml.load(text, Loader=_Loader)  # noqa: S506
        _refuse_expansion(path, value)
        return value
    except yaml.MarkedYAMLError as error:
        place = f"line {error.problem_mark.line + 1}" if error.problem_mark else None
        raise MalformedSource(
            path, f"not YAML: {error.problem}", where=place, advice="correct it there"
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise MalformedSource(path, "not YAML", advice="check what is in it") from error


def _refuse_depth(path: Path, text: str) -> None:
    """Nesting can overflow the stack of the parser, which ends the process: brackets nest, and each block is indented further."""
    deepest, depth = max(map(len, _INDENTS.findall(text))), 0
    for character in re.findall(r"[\[\]{}]", text):
        depth += 1 if character in "[{" else -1
        deepest = max(deepest, depth)
    if deepest > _DEEPEST:
        raise MalformedSource(path, f"nested more than {_DEEPEST} deep", advice="check what is in it")


def _refuse_expansion(path: Path, value: object) -> None:
    """Aliases can make a short text stand for any number of values, or for a value inside itself."""
    sizes: dict[int, int] = {}

    def size(item: object) -> int:
        if not isinstance(item, dict | list):
            return 1
        if id(item) not in sizes:
            sizes[id(item)] = _LARGEST
            sizes[id(item)] = 1 + sum(map(size, item.values() if isinstance(item, dict) else item))
        return sizes[id(item)]

    if size(value) >= _LARGEST:
        problem = f"its aliases stand for more than {_LARGEST} values"
        raise MalformedSource(path, problem, advice="write it without aliases")


def mapping(path: Path, value: object, where: str) -> dict[str, Any]:
    """A mapping, its keys as text. Raises `MalformedSource` for anything else."""
    if not isinstance(value, dict):
        raise MalformedSource(
            path, f"not a mapping but {_kind(value)}", where=where, advice="export it again"
        )
    return {str(key): item for key, item in value.items()}


def sequence(path: Path, value: object, where: str) -> list[Any]:
    """A list. Raises `MalformedSource` for anything else."""
    if not isinstance(value, list):
        raise MalformedSource(path, f"not a list but {_kind(value)}", where=where, advice="export it again")
    return value


def word(path: Path, value: object, where: str) -> str:
    """A text that says something. Raises `MalformedSource` for anything else."""
    if not isinstance(value, str) or not value:
        raise MalformedSource(path, f"not a text but {_kind(value)}", where=where, advice="export it again")
    return value


def optional(value: object) -> str | None:
    """A text that says something, without credentials, or None."""
    return safe_text(value) if isinstance(value, str) and value else None


def url_digests(fragment: str) -> tuple[str, ...]:
    """The hashes of the fragment of a URL: `sha256=...`, `md5=...`, `md5:...`, or the 32 or 64 digits alone."""
    if re.fullmatch(r"[0-9a-fA-F]{32}", fragment):
        return (f"md5:{fragment.lower()}",)
    if re.fullmatch(r"(?:sha256:)?[0-9a-fA-F]{64}", fragment):
        return (f"sha256:{fragment.removeprefix('sha256:').lower()}",)
    pairs = parse_qsl(fragment)
    return tuple(
        f"{name.lower()}:{value.lower()}"
        for name, value in pairs
        if name.lower() in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")
        and re.fullmatch(r"[0-9a-fA-F]+", value)
    )


def channel_name(url: str) -> str:
    """The name of the channel of a conda URL, as `conda list` prints it; others as they are. Without credentials."""
    parts = urlsplit(url)
    if parts.hostname not in ("conda.anaconda.org", "repo.anaconda.com"):
        return safe_text(url)
    names = [unquote(part) for part in parts.path.split("/") if part]
    if names[:1] == ["t"]:
        names = names[2:]
    return safe_text("/".join(names)) or safe_text(url)


def one_of(names: Sequence[str], text: bytes) -> bool:
    """Whether all of the JSON member names stand in the text."""
    return all(f'"{name}"'.encode() in text for name in names)


def _public(channel: str | None) -> str | None:
    """A channel, but none with credentials in it."""
    return None if channel is None or MARKER in channel else channel


def _without_user(match: re.Match[str]) -> str:
    user = match["user"]
    # git@host is no credential: it is what every user of ssh is called.
    if user == "git" or not user:
        return match[0]
    return f"{match['scheme']}{MARKER}@"


def _without_value(match: re.Match[str]) -> str:
    shown, hidden = redact_value(match["name"][1:], match["value"])
    return f"{match['name']}={shown}" if hidden else match[0]


def _kind(value: object) -> str:
    names = {dict: "a mapping", list: "a list", str: "a text", bool: "a truth value", type(None): "nothing"}
    return names.get(type(value), "a number")


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """YAML whose scalars stay as written, but for null: `3.10` is a version and `no` a name."""


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag in ("tag:yaml.org,2002:null", "tag:yaml.org,2002:merge")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
