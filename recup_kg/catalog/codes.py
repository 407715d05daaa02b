"""Short codes of `catalog.toml` and the IRIs that they stand for; an IRI stands for itself."""

from __future__ import annotations

import re

_ACCESS = "http://publications.europa.eu/resource/authority/access-right/"
_ACCESS_RIGHTS = {"public": "PUBLIC", "restricted": "RESTRICTED", "non-public": "NON_PUBLIC"}
_LANGUAGE = "http://id.loc.gov/vocabulary/iso639-1/"
_SPDX = "https://spdx.org/licenses/"
_SPDX_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*")
_THEME = "http://publications.europa.eu/resource/authority/data-theme/"
_THEMES = {
    "AGRI": "Agriculture, fisheries, forestry and food",
    "ECON": "Economy and finance",
    "EDUC": "Education, culture and sport",
    "ENER": "Energy",
    "ENVI": "Environment",
    "GOVE": "Government and public sector",
    "HEAL": "Health",
    "INTR": "International issues",
    "JUST": "Justice, legal system and public safety",
    "REGI": "Regions and cities",
    "SOCI": "Population and society",
    "TECH": "Science and technology",
    "TRAN": "Transport",
}
_ADDRESS = re.compile(r"https?://[^\s<>\"{}|\\^`]+")


def access_right(code: str) -> str | None:
    """`public`, `restricted` or `non-public`, of the EU's authority table, as DCAT-AP wants it."""
    if code in _ACCESS_RIGHTS:
        return _ACCESS + _ACCESS_RIGHTS[code]
    return _address(code)


def language(code: str) -> str | None:
    """A two-letter code of ISO 639-1, as https://www.w3.org/TR/vocab-dcat-3/#Property:resource_language has it."""
    return _LANGUAGE + code.lower() if re.fullmatch("[A-Za-z]{2}", code) else _address(code)


def licence(code: str) -> str | None:
    """An identifier of the SPDX licence list, `CC-BY-4.0`: https://spdx.org/licenses/."""
    return _SPDX + code if _SPDX_ID.fullmatch(code) else _address(code)


def theme(code: str) -> tuple[str, str | None] | None:
    """The IRI and the English label of a theme of the EU's table, as DCAT-AP wants one; of another IRI no label is known."""
    bare = code.removeprefix(_THEME)
    if bare in _THEMES:
        return _THEME + bare, _THEMES[bare]
    address = _address(code)
    return None if address is None else (address, None)


def _address(text: str) -> str | None:
    return text if _ADDRESS.fullmatch(text) else None
