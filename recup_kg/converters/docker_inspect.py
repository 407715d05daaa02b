"""Reads `docker inspect` of images and containers (also of podman), and `docker image ls --digests`.

https://docs.docker.com/reference/cli/docker/inspect/ and the objects of https://docs.docker.com/reference/api/engine/.
Docker writes an end in the year 1 and an exit code 0 for what has not ended: neither is stated. The ages and rounded sizes
of `image ls` are left out.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from recup_kg.converters.packages import (
    ENVIRONMENT,
    Listing,
    clean_pairs,
    evidence,
    mapping,
    optional,
    read_json,
    safe_text,
    sequence,
    variable,
)
from recup_kg.converters.sources import head, read_text
from recup_kg.converters.times import timestamp
from recup_kg.errors import MalformedSource
from recup_kg.evidence import Evidence
from recup_kg.evidence.environment import Container, ContainerImage, EnvironmentSnapshot
from recup_kg.records import Subject, Timestamp
from recup_kg.redaction import redact_arguments

NAME = "docker-inspect"
VERSION = "1"

_TITLES = re.compile(r"REPOSITORY[ \t]+TAG[ \t]+DIGEST[ \t]+IMAGE ID[ \t]+CREATED[ \t]+SIZE[ \t]*")
_COMMON = ("Id", "Created", "Config")
_FRACTION = re.compile(r"(\.\d+)(?=Z|[+-])")


def sniff(path: Path) -> bool:
    """Whether the file begins as one of the forms does."""
    start = head(path)
    text = start.decode("utf-8-sig", errors="replace").lstrip()
    if text[:1] not in ("[", "{"):
        return bool(_TITLES.fullmatch(text.partition("\n")[0].rstrip("\r")))
    members = set(re.findall(r'"([A-Za-z]+)"\s*:', text))
    container = {"State", "Image"} <= members and bool(members & {"Path", "HostConfig", "NetworkSettings"})
    image = bool(members & {"RepoTags", "RepoDigests"}) and bool(members & {"RootFS", "Architecture"})
    return {"Id", "Created"} <= members and (container or image)


def read(path: Path) -> Evidence:
    """The images and containers. Raises `MalformedSource`."""
    listing = Listing(path)
    records: list[object]
    if head(path, 1024).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"[", b"{"):
        form, records = "docker image ls", [*_table(path)]
    else:
        form, records = "docker inspect", list(_objects(path, listing))
    if not records:
        raise MalformedSource(path, "no image or container in it", advice="inspect one by its name")
    return evidence(
        path,
        records,
        listing.gaps,
        converter=NAME,
        version=VERSION,
        form=form,
        label=f"{form}: {sum(1 for record in records if isinstance(record, ContainerImage | Container))} images or containers",
    )


def _objects(path: Path, listing: Listing) -> Iterator[object]:
    value = read_json(path)
    items = [value] if isinstance(value, dict) else sequence(path, value, "$")
    seen: set[tuple[type, str]] = set()
    for index, item in enumerate(items):
        where = f"$[{index}]" if isinstance(value, list) else "$"
        said = mapping(path, item, where)
        environment = ENVIRONMENT if len(items) == 1 else f"{ENVIRONMENT}-{index}"
        for record in _object(path, said, where, environment, listing):
            key = (type(record), record.identifier)  # type: ignore[attr-defined]
            if key not in seen:
                yield record
            seen.add(key)


def _object(
    path: Path, said: Mapping[str, Any], where: str, environment: str, listing: Listing
) -> Iterator[object]:
    config = mapping(path, said["Config"], f"{where}.Config") if said.get("Config") is not None else {}
    if "State" in said:
        image = _image_of_container(said, config)
        yield _container(path, said, config, image, where)
    else:
        image = _image(path, said, config, where, listing)
    if image is not None:
        yield image
    variables = config.get("Env") or []
    if not isinstance(variables, list) or not all(isinstance(item, str) for item in variables):
        raise MalformedSource(
            path, "not a list of texts", where=f"{where}.Config.Env", advice="inspect it again"
        )
    if variables:
        what = "container" if "State" in said else "image"
        yield EnvironmentSnapshot(environment, f"environment of a {what}", "docker")
    last = {item.partition("=")[0]: item for item in variables}
    if len(last) != len(variables):
        listing.gap("DuplicateEntry", f"{where}.Config.Env", "A variable is set again; the last one is kept.")
    for assignment in last.values():
        record = variable(assignment, environment)
        yield (
            record
            if environment == ENVIRONMENT
            else type(record)(
                f"{environment}/{record.identifier}", record.name, environment, record.value, record.redacted
            )
        )


def _image_of_container(said: Mapping[str, Any], config: Mapping[str, Any]) -> ContainerImage | None:
    identifier, name = (
        optional(said.get("Image")),
        optional(config.get("Image")) or optional(said.get("ImageName")),
    )
    if identifier is None and name is None:
        return None
    digest = optional(said.get("ImageDigest")) or (name.partition("@")[2] if name else "")
    return ContainerImage(
        identifier=identifier or name or "",
        name=name,
        digest=digest or None,
        image_id=identifier,
        engine="docker",
    )


def _container(
    path: Path, said: Mapping[str, Any], config: Mapping[str, Any], image: ContainerImage | None, where: str
) -> Container:
    state = mapping(path, said.get("State"), f"{where}.State")
    identifier = optional(said.get("Id"))
    name = optional(said.get("Name"))
    status = optional(state.get("Status"))
    over = status in ("exited", "dead", "stopped") or (status is None and state.get("Running") is False)
    code = state.get("ExitCode")
    words = [said.get("Path"), *(said.get("Args") or [])] if said.get("Path") else []
    return Container(
        identifier=identifier or name or "container",
        label=(name or identifier or "container").removeprefix("/"),
        image=image.identifier if image else None,
        created=_time(said.get("Created")),
        started=_time(state.get("StartedAt")),
        ended=_time(state.get("FinishedAt")) if over else None,
        status=status,
        exit_code=code if over and isinstance(code, int) and not isinstance(code, bool) else None,
        command=_command(words),
        labels=_labels(config.get("Labels")),
    )


def _image(
    path: Path, said: Mapping[str, Any], config: Mapping[str, Any], where: str, listing: Listing
) -> ContainerImage:
    tags = [safe_text(str(tag)) for tag in said.get("RepoTags") or []]
    digests = [safe_text(str(text)) for text in said.get("RepoDigests") or []]
    known = list(dict.fromkeys(text.partition("@")[2] for text in digests if "@" in text))
    identifier = optional(said.get("Id")) or (tags or digests or ["image"])[0]
    if len(known) > 1:
        comment = "The image has digests of several repositories; none of them is taken for its own."
        listing.gaps.append(_conflict(identifier, f"{where}.RepoDigests", comment, known))
    size = said.get("Size")
    return ContainerImage(
        identifier=identifier,
        name=next(iter((*tags, *(text.partition("@")[0] for text in digests))), None),
        digest=known[0] if len(known) == 1 else None,
        image_id=optional(said.get("Id")),
        engine="docker",
        created=_time(said.get("Created")),
        architecture=optional(said.get("Architecture")),
        labels=_labels(config.get("Labels")),
        operating_system=optional(said.get("Os")),
        size=size if isinstance(size, int) and not isinstance(size, bool) and size > 0 else None,
        entry_point=_command(config.get("Entrypoint")),
        command=_command(config.get("Cmd")),
        working_directory=optional(config.get("WorkingDir")),
        base=None,
        engine_version=optional(said.get("DockerVersion")),
        tags=tuple(sorted(set(tags))),
    )


def _conflict(identifier: str, where: str, comment: str, values: list[str]) -> Any:
    about = Subject("image", identifier)
    listing = Listing(Path())
    listing.gap("ConflictingValue", where, comment, value=values)
    gap = listing.gaps[0]
    return type(gap)(gap.kind, about, gap.where, gap.comment, gap.value)


def _command(words: object) -> str | None:
    """The words of a command as a shell takes them, without credentials."""
    if isinstance(words, str):
        return safe_text(words) or None
    if not isinstance(words, list) or not words:
        return None
    return safe_text(shlex.join(redact_arguments([str(word) for word in words])))


def _labels(labels: object) -> tuple[tuple[str, str], ...]:
    return (
        clean_pairs(sorted((str(name), value) for name, value in labels.items()))
        if isinstance(labels, dict)
        else ()
    )


def _time(value: object) -> Timestamp | None:
    """A time; the year 1 is Docker's spelling of none. Nanoseconds stay in what is written."""
    if not isinstance(value, str) or not value or value.startswith("0001-01-01"):
        return None
    stamp = timestamp(value)
    if stamp.iso is None:
        shorter = timestamp(_FRACTION.sub(lambda match: match[1][:7], value))
        return Timestamp(safe_text(value), shorter.iso)
    return stamp


def _table(path: Path) -> Iterator[ContainerImage]:
    lines = read_text(path).lstrip().splitlines()
    if not lines or not _TITLES.fullmatch(lines[0]):
        raise MalformedSource(
            path, "no table of docker image ls", where="line 1", advice="run docker image ls --digests again"
        )
    starts = [match.start() for match in re.finditer(r"(?:^|(?<=  ))\S", lines[0])]
    seen: set[str] = set()
    for number, line in enumerate(lines[1:], 2):
        if not line.strip():
            continue
        cells = [line[start:end].strip() for start, end in zip(starts, [*starts[1:], None], strict=True)]
        if len(cells) != 6 or not all(cells):
            raise MalformedSource(
                path, "no row of the table", where=f"line {number}", advice="list the images again"
            )
        repository, tag, digest, image_id = (
            None if cell == "<none>" else safe_text(cell) for cell in cells[:4]
        )
        name = f"{repository}:{tag}" if repository and tag else repository
        identifier = "@".join(part for part in (name, digest or image_id) if part)
        if identifier not in seen:
            seen.add(identifier)
            yield ContainerImage(identifier, name, digest, image_id, "docker")
