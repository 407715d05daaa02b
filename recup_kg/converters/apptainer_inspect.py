"""Reads `apptainer inspect` and `singularity inspect` (labels as text, `--json`, `--deffile`), and definition files.

https://apptainer.org/docs/user/main/cli/apptainer_inspect.html and
https://apptainer.org/docs/user/main/definition_files.html. The definition is kept as text, without credentials; a variable
that it sets is stated as written, nothing in it being expanded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from recup_kg.converters.packages import (
    ENVIRONMENT,
    Listing,
    as_text,
    clean_pairs,
    evidence,
    mapping,
    read_json,
    safe_text,
    snapshot,
    variable,
)
from recup_kg.converters.sources import head, read_text
from recup_kg.converters.times import timestamp
from recup_kg.errors import MalformedSource
from recup_kg.evidence import Evidence
from recup_kg.evidence.environment import ContainerImage
from recup_kg.records import Timestamp

NAME = "apptainer-inspect"
VERSION = "1"

_JSON = re.compile(rb'\s*\{\s*"(?:data|type)"[\s\S]*"attributes"\s*:')
_LABEL = re.compile(r"(?P<name>[A-Za-z0-9_.-]+):[ \t]*(?P<value>.*)")
_SCHEMA = re.compile(r"^org\.label-schema\.(?:build-date|build-arch|schema-version|usage)", re.MULTILINE)
_DEFINITION = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*[ \t]*bootstrap:[ \t]*\w", re.IGNORECASE)
_BOOTSTRAP = re.compile(
    r"^[ \t]*(?P<name>bootstrap|from):[ \t]*(?P<value>\S.*?)[ \t]*$", re.IGNORECASE | re.MULTILINE
)
_SETTING = re.compile(
    r"^[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_]\w*)=(?P<value>.*?)[ \t]*;?[ \t]*$", re.MULTILINE
)
_DEFAULT = re.compile(r'"?\$\{(?P<name>\w+):-"?(?P<value>.*?)"?\}"?')
_BUILD_DATE = re.compile(
    r"[A-Z][a-z]+day_(?P<day>\d{1,2})_(?P<month>[A-Z][a-z]+)_(?P<year>\d{4})_(?P<time>\d{1,2}:\d\d:\d\d)_(?P<zone>\w+)"
)
# Not of the calendar module: that follows the locale.
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_USAGE = "org.label-schema.usage."


def sniff(path: Path) -> bool:
    """Whether the file begins as one of the forms does."""
    start = head(path)
    plain = start.removeprefix(b"\xef\xbb\xbf")
    if plain.lstrip()[:1] == b"{":
        return bool(_JSON.match(plain)) and b'"container"' in plain + _tail(path)
    text = plain.decode(errors="replace").replace("\r\n", "\n")
    if _DEFINITION.match(text):
        return bool(re.search(r"^[ \t]*(?:from:|%\w+)", text, re.MULTILINE | re.IGNORECASE))
    lines = [line for line in text.splitlines() if line.strip()]
    return bool(_SCHEMA.search(text)) and all(_LABEL.fullmatch(line) for line in lines[:-1])


def _tail(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            stream.seek(max(0, path.stat().st_size - 4096))
            return stream.read()
    except OSError:
        return b""


def read(path: Path) -> Evidence:
    """The image. Raises `MalformedSource`."""
    text = read_text(path).replace("\r\n", "\n")
    listing = Listing(path)
    variables: dict[str, str] = {}
    labels: dict[str, Any] = {}
    definition: str | None = None
    if text.lstrip()[:1] == "{":
        form = "inspect --json"
        labels, definition, variables = _json(path, listing)
    elif _DEFINITION.match(text):
        form, definition = "definition", text
        sections = re.split(r"(?im)^[ \t]*%(\w+).*$", text)
        for name, body in zip(sections[1::2], sections[2::2], strict=True):
            if name.lower() == "environment":
                variables = dict(_variables(body))
    else:
        form, labels = "inspect", dict(_labels(path, text))
    image = _image(labels, definition)
    about = (snapshot("environment of an image", image.engine),) if variables else ()
    settings = (variable(f"{name}={value}", ENVIRONMENT) for name, value in variables.items())
    return evidence(
        path,
        (*about, image, *settings),
        listing.gaps,
        converter=NAME,
        version=VERSION,
        form=form,
        label=f"image made from {image.base}" if image.base else "image",
    )


def _labels(path: Path, text: str) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        match = _LABEL.fullmatch(line)
        if match is None:
            raise MalformedSource(
                path, "no label", where=f"line {number}", advice="inspect the image with --json"
            )
        yield match["name"], match["value"].strip()


def _json(path: Path, listing: Listing) -> tuple[dict[str, Any], str | None, dict[str, str]]:
    document = mapping(path, read_json(path), "$")
    data = mapping(path, document.get("data"), "$.data")
    said = mapping(path, data.get("attributes"), "$.data.attributes")
    labels = mapping(path, said["labels"], "$.data.attributes.labels") if said.get("labels") else {}
    scripts = (
        mapping(path, said["environment"], "$.data.attributes.environment") if said.get("environment") else {}
    )
    variables: dict[str, str] = {}
    for _, script in sorted(scripts.items()):
        variables.update(_variables(str(script)))
    known = ("labels", "environment", "deffile")
    listing.unmapped({name: f"$.data.attributes.{name}" for name in said if name not in known and said[name]})
    definition = said.get("deffile")
    return labels, definition if isinstance(definition, str) and definition else None, variables


def _variables(script: str) -> Iterator[tuple[str, str]]:
    for match in _SETTING.finditer(script):
        value = match["value"]
        default = _DEFAULT.fullmatch(value)
        if default and default["name"] == match["name"]:
            value = default["value"]
        elif len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        yield match["name"], value


def _image(labels: Mapping[str, Any], definition: str | None) -> ContainerImage:
    texts = {name: as_text(value) for name, value in labels.items()}
    engine, version = None, None
    for name in ("apptainer", "singularity"):
        if said := texts.get(f"{_USAGE}{name}.version"):
            engine, version = engine or name, version or said
    headers = {match["name"].lower(): match["value"] for match in _BOOTSTRAP.finditer(definition or "")}
    base = headers.get("from") or next(
        (texts[name] for name in texts if name.endswith(".deffile.from")), None
    )
    # Docker's `from` names a registry's image; the agent before it is what makes it one.
    agent = headers.get("bootstrap") or next(
        (texts[name] for name in texts if name.endswith(".deffile.bootstrap")), None
    )
    full = f"{agent}://{base}" if agent and base and "://" not in base and agent != "localimage" else base
    return ContainerImage(
        identifier="image",
        name=None,
        engine=engine,
        created=_time(texts.get("org.label-schema.build-date")),
        architecture=safe_text(texts["org.label-schema.build-arch"])
        if "org.label-schema.build-arch" in texts
        else None,
        labels=clean_pairs(sorted(texts.items())),
        base=safe_text(full) if full else None,
        definition=safe_text(definition) if definition else None,
        engine_version=safe_text(version) if version else None,
    )


def _time(written: str | None) -> Timestamp | None:
    """The time of `Tuesday_10_November_2020_15:58:42_UTC`; other zones than UTC are names that are not unique."""
    if not written:
        return None
    match = _BUILD_DATE.fullmatch(written)
    if match is None:
        return timestamp(safe_text(written))
    if match["zone"] not in ("UTC", "GMT") or match["month"] not in _MONTHS:
        return Timestamp(written, None)
    month = _MONTHS.index(match["month"]) + 1
    text = f"{match['year']}-{month:02}-{int(match['day']):02}T{match['time'].zfill(8)}Z"
    return Timestamp(written, timestamp(text).iso)
