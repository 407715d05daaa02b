"""Persistent identifiers in all their spellings: recognised, brought to one form, with the address where each resolves.

What a text stands for is only said where its form says so: a bare number is no ORCID, no ROR and no UUID. `idutils` knows the
forms of DOI, ARK, ORCID (with its checksum), ROR, SWHID and Handle; what it doesn't do is done here: folding the case of DOIs
(https://www.doi.org/doi-handbook/HTML/case-sensitivity.html), taking the host off an ARK
(https://www.ietf.org/archive/id/draft-kunze-ark-41.html), minids, and identifiers.org (https://docs.identifiers.org).
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, quote, unquote, urlsplit
from uuid import UUID

Scheme = Literal[
    "doi", "ark", "minid", "orcid", "ror", "swhid", "handle", "identifiers.org", "w3id", "purl", "uuid"
]
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_MINID = "57799"
"""The Name Assigning Authority Number of minids: https://github.com/fair-research/minid."""
_PATH = "/:;,=@!$&'()*+-._~"
_DOI_HOSTS = frozenset(("doi.org", "dx.doi.org", "www.doi.org"))
_HANDLE_HOSTS = frozenset(("hdl.handle.net", "handle.net"))
_PURL_HOSTS = frozenset(("purl.org", "www.purl.org", "purl.oclc.org", "purl.net", "purl.com"))
_SWH_HOSTS = frozenset(("archive.softwareheritage.org", "identifiers.org"))


@dataclass(frozen=True, slots=True)
class Identifier:
    """An identifier: its scheme, its one form, the address where it resolves (if it has one), and how it was written."""

    scheme: Scheme
    value: str
    resolvable: str | None
    written: str

    def same(self, other: Identifier) -> bool:
        """Whether both name the same thing in the same scheme, however they are written."""
        return (self.scheme, self.value) == (other.scheme, other.value)


Found = tuple[Scheme, str, str | None]


def recognise(text: str) -> Identifier | None:
    """The identifier that a text is, or None where its form doesn't say that it is one."""
    plain = text.strip().removeprefix("<").removesuffix(">").strip()
    if not plain or any(char.isspace() for char in plain.removeprefix("DOI ").removeprefix("doi ")):
        return None
    found = next((item for attempt in _ATTEMPTS if (item := attempt(plain)) is not None), None)
    return None if found is None else Identifier(*found, written=text)


def recognised(texts: Iterator[str]) -> Iterator[Identifier]:
    """The identifiers among texts, each once."""
    seen: set[tuple[str, str]] = set()
    for found in map(recognise, texts):
        if found is not None and (found.scheme, found.value) not in seen:
            seen.add((found.scheme, found.value))
            yield found


def _url(text: str) -> SplitResult | None:
    """An http(s) address in parts, or None; one that names a user or a port is nobody's identifier."""
    try:
        parts = urlsplit(text)
        plain = parts.port is None and parts.username is None
    except ValueError:
        return None
    return parts if parts.scheme in ("http", "https") and parts.hostname and plain else None


def _tail(text: str, hosts: frozenset[str], *prefixes: str) -> str | None:
    """What follows one of the hosts, or one of the prefixes in any case."""
    parts = _url(text)
    if parts is not None:
        tail = unquote(parts.path.lstrip("/"))
        return tail if parts.hostname in hosts and tail else None
    lower = text.translate(_LOWER)
    return next((text[len(item) :].strip() for item in prefixes if lower.startswith(item)), None)


def _doi(text: str) -> Found | None:
    tail = _tail(text, _DOI_HOSTS | _HANDLE_HOSTS, "doi:", "doi ", "info:doi/", "hdl:", "info:hdl/")
    tail = text if tail is None and text.startswith("10.") else tail
    if tail is None:
        return None
    tail = tail.translate(_LOWER).removeprefix("doi:")
    from idutils import is_doi

    if not tail.startswith("10.") or not is_doi(tail) or any(char.isspace() for char in tail):
        return None
    return "doi", tail, f"https://doi.org/{quote(tail, safe=_PATH)}"


def _handle(text: str) -> Found | None:
    tail = _tail(text, _HANDLE_HOSTS, "hdl:", "info:hdl/")
    if tail is None or any(char.isspace() for char in tail):
        return None
    from idutils import is_handle

    prefix, _, _ = tail.partition("/")
    # Prefixes of handles are digits and dots, or old ones with letters; `idutils` takes any text with a slash.
    if not is_handle(tail) or not prefix.replace(".", "").isalnum():
        return None
    return "handle", tail, f"https://hdl.handle.net/{quote(tail, safe=_PATH)}"


def _ark(text: str) -> Found | None:
    parts = _url(text)
    plain = unquote(parts.path.lstrip("/")) if parts is not None else text
    lower = plain.translate(_LOWER)
    if lower.startswith("minid:"):
        return _ark_of(f"{_MINID}/{plain[6:].lstrip('/')}")
    return _ark_of(plain[4:].lstrip("/")) if lower.startswith("ark:") else None


def _ark_of(tail: str) -> Found | None:
    """An ARK from its authority and name. Of the authority's number, letters are in lower case; the name's case matters."""
    from idutils import is_ark

    authority, slash, name = tail.partition("/")
    authority, name = authority.translate(_LOWER), name.rstrip("/")
    value = f"ark:{authority}/{name}"
    if not slash or not name or not is_ark(value):
        return None
    address = f"https://n2t.net/{quote(value, safe=_PATH)}"
    return ("minid", f"minid:{name}", address) if authority == _MINID else ("ark", value, address)


def _orcid(text: str) -> Found | None:
    hosts = frozenset(("orcid.org", "www.orcid.org"))
    tail = _tail(text, hosts, "orcid:", "orcid.org/")
    tail = text if tail is None and text.count("-") == 3 else tail
    if tail is None:
        return None
    from idutils import is_orcid, normalize_orcid

    tail = tail.rstrip("/").upper()
    if not tail.isascii() or not is_orcid(tail):
        return None
    value = str(normalize_orcid(tail))
    return "orcid", value, f"https://orcid.org/{value}"


def _ror(text: str) -> Found | None:
    tail = _tail(text, frozenset(("ror.org", "www.ror.org")), "ror:", "ror.org/")
    if tail is None:
        return None
    from idutils import is_ror

    value = tail.rstrip("/").translate(_LOWER)
    return ("ror", value, f"https://ror.org/{value}") if "/" not in value and is_ror(value) else None


def _swhid(text: str) -> Found | None:
    parts = _url(text)
    inside = None if parts is None or parts.hostname not in _SWH_HOSTS else parts.path.lstrip("/")
    value = text if inside is None else unquote(inside).rstrip("/")
    from idutils import is_swh

    if not value.startswith("swh:1:") or not is_swh(value):
        return None
    return "swhid", value, f"https://archive.softwareheritage.org/{quote(value, safe=_PATH)}"


def _compact(text: str) -> Found | None:
    """identifiers.org/PREFIX:ID and the older identifiers.org/PREFIX/ID; what another scheme owns is that scheme's."""
    tail = _tail(text, frozenset(("identifiers.org", "www.identifiers.org", "info.identifiers.org")))
    if tail is None:
        return None
    ends = [found for mark in ":/" if (found := tail.find(mark)) > 0]
    if not ends or not tail[min(ends) + 1 :]:
        return None
    prefix, name = tail[: min(ends)].translate(_LOWER), tail[min(ends) + 1 :]
    if not prefix.isascii() or not prefix.replace(".", "").replace("_", "").replace("-", "").isalnum():
        return None
    owner = _OWNERS.get(prefix)
    if owner is not None:
        return owner(f"{prefix}:{name}")
    # Some ids say their prefix again: identifiers.org/go/GO:0006915 is identifiers.org/GO:0006915.
    while name.translate(_LOWER).startswith(f"{prefix}:") and len(name) > len(prefix) + 1:
        name = name[len(prefix) + 1 :]
    return (
        "identifiers.org",
        f"{prefix}:{name}",
        f"https://identifiers.org/{prefix}:{quote(name, safe=_PATH)}",
    )


def _permanent(text: str) -> Found | None:
    """Redirects at w3id.org and at the PURL hosts: http and https are the same redirect."""
    parts = _url(text)
    if parts is None or not parts.path.strip("/"):
        return None
    tail = parts._replace(scheme="", netloc="").geturl()
    if parts.hostname in ("w3id.org", "www.w3id.org"):
        return "w3id", f"https://w3id.org{tail}", f"https://w3id.org{tail}"
    if parts.hostname in _PURL_HOSTS:
        host = parts.hostname.removeprefix("www.")
        return "purl", f"http://{host}{tail}", f"https://{host}{tail}"
    return None


def _uuid(text: str) -> Found | None:
    lower = text.translate(_LOWER)
    if not lower.startswith("urn:uuid:"):
        return None
    try:
        value = str(UUID(lower[9:]))
    except ValueError:
        return None
    # uuid.UUID reads braces and missing hyphens as well, which RFC 9562 doesn't have in URNs.
    return ("uuid", f"urn:uuid:{value}", None) if value == lower[9:] else None


_OWNERS: dict[str, Callable[[str], Found | None]] = {
    "doi": _doi,
    "orcid": _orcid,
    "ror": _ror,
    "ark": _ark,
    "minid": _ark,
    "swh": _swhid,
    "hdl": _handle,
}
_ATTEMPTS: tuple[Callable[[str], Found | None], ...] = (
    _doi,
    _handle,
    _orcid,
    _ror,
    _swhid,
    _compact,
    _ark,
    _permanent,
    _uuid,
)
