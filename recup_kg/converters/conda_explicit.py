"""Reads explicit lists of conda packages: `@EXPLICIT` and a URL for each, with its hash (`conda list --explicit`, conda-lock).

https://docs.conda.io/projects/conda/en/stable/user-guide/tasks/manage-environments.html#building-identical-conda-environments.
Name, version and build are those of the file name
(https://docs.conda.io/projects/conda-build/en/stable/resources/package-naming-conv.html). Of pip's packages conda-lock writes a
comment, `# pip name @ URL`.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from recup_kg.converters.packages import (
    ENVIRONMENT,
    Listing,
    channel_name,
    conda_purl,
    evidence,
    pypi_purl,
    safe_text,
    snapshot,
    url_digests,
)
from recup_kg.converters.sources import head, read_text
from recup_kg.errors import MalformedSource
from recup_kg.evidence import Evidence
from recup_kg.evidence.environment import Package

NAME = "conda-explicit"
VERSION = "1"

_FILE = re.compile(r"(?P<name>[^/]+)-(?P<version>[^/-]+)-(?P<build>[^/-]+)\.(?:conda|tar\.bz2)")
_HEADER = re.compile(r"# (?P<name>platform|input_hash|created-by): (?P<value>\S.*)")
_PIP = re.compile(r"# pip (?P<name>\S+) @ (?P<url>\S+)(?: --hash=(?P<hash>\S+))?\s*")


def sniff(path: Path) -> bool:
    """Whether a line of the beginning is `@EXPLICIT`, and all before it are comments."""
    for line in head(path, 16384).decode("utf-8-sig", errors="replace").splitlines():
        if line.strip() == "@EXPLICIT":
            return True
        if line.strip() and not line.startswith("#"):
            return False
    return False


def read(path: Path) -> Evidence:
    """The packages. Raises `MalformedSource`."""
    listing = Listing(path)
    settings: list[tuple[str, str]] = []
    platform = None
    for number, line in enumerate(read_text(path).splitlines(), 1):
        where = f"line {number}"
        if header := _HEADER.fullmatch(line.rstrip()):
            settings.append((header["name"], safe_text(header["value"])))
            platform = safe_text(header["value"]) if header["name"] == "platform" else platform
        elif pip := _PIP.fullmatch(line):
            listing.add(_of_pip(pip), where)
        elif line.strip() and not line.startswith("#") and line.strip() != "@EXPLICIT":
            listing.add(_package(path, line.strip(), where), where)
    rest = tuple(pair for pair in settings if pair[0] != "platform")
    about = snapshot("packages of an explicit list", "conda", platform=platform, settings=rest)
    return evidence(
        path,
        (about, *listing.packages.values()),
        listing.gaps,
        converter=NAME,
        version=VERSION,
        form="explicit",
        label=f"explicit list: {len(listing.packages)} packages",
    )


def _package(path: Path, line: str, where: str) -> Package:
    url, _, fragment = line.partition("#")
    parts = urlsplit(url) if "://" in url else None
    folder, _, file_name = (parts.path if parts else url.replace("\\", "/")).rpartition("/")
    match = _FILE.fullmatch(unquote(file_name))
    digests = url_digests(fragment)
    if match is None or (fragment and not digests):
        problem = "no URL of a conda package" if match is None else "neither MD5 nor SHA-256 after the #"
        raise MalformedSource(
            path, problem, where=where, advice="make the list again: conda list --explicit --md5"
        )
    channel, _, subdir = folder.rpartition("/")
    whole = f"{parts.scheme}://{parts.netloc}{channel}" if parts and parts.netloc else None
    shown = channel_name(whole) if whole else None
    name, version, build = safe_text(match["name"]), match["version"], match["build"]
    return Package(
        identifier=f"{name}@{version}={build}",
        name=name,
        environment=ENVIRONMENT,
        version=version,
        build=build,
        channel=shown,
        purl=conda_purl(name, version, build, shown, subdir or None)
        if shown
        else conda_purl(name, version, build, None, None),
        digests=digests,
        source_url=safe_text(url),
        architecture=safe_text(subdir) if parts else None,
    )


def _of_pip(match: re.Match[str]) -> Package:
    url = match["url"]
    file_name = unquote(urlsplit(url).path.rpartition("/")[2])
    wheel = re.fullmatch(r"[^-]+-(?P<version>[^-]+)(?:-[^-]+){3,4}\.whl", file_name)
    name, version = safe_text(match["name"]), safe_text(wheel["version"]) if wheel else None
    index = urlsplit(url).hostname == "files.pythonhosted.org"
    return Package(
        identifier=f"{name}@{version}" if version else name,
        name=name,
        environment=ENVIRONMENT,
        version=version,
        channel="pypi",
        purl=pypi_purl(name, version) if index else None,
        digests=url_digests((match["hash"] or "").replace(":", "=", 1)),
        source_url=safe_text(url.partition("#")[0]),
    )
