"""The pages of the catalogue and of a dataset, with JSON-LD of schema.org in them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2

from recup_kg import __version__
from recup_kg.catalog import addresses
from recup_kg.catalog.datasets import Dataset
from recup_kg.catalog.dcat import Page
from recup_kg.catalog.publication import Publication
from recup_kg.web.documents import FORMS
from recup_kg.web.things.addresses import thing_address

_HERE = Path(__file__).resolve().parent
_LABELS = {"turtle": "Turtle", "jsonld": "JSON-LD", "ntriples": "N-Triples"}


def catalogue_page(publication: Publication, page: Page, said: dict[str, Any], root: str = "") -> str:
    """A page of the catalogue. `root` is the path under which the site is seen, empty or without a slash at its end."""
    found = {item.slug: _local(addresses.dataset(publication.base, item.slug)) for item in page.datasets}
    return (
        _environment()
        .get_template("catalogue.html.j2")
        .render(
            publication=publication,
            page=page,
            addresses=found,
            forms=_forms(_local(addresses.catalogue(publication.base))),
            said=_embedded(said),
            root=root,
            version=__version__,
        )
    )


def dataset_page(publication: Publication, item: Dataset, said: dict[str, Any], root: str = "") -> str:
    """The page of a dataset."""
    base = publication.base
    return (
        _environment()
        .get_template("dataset.html.j2")
        .render(
            publication=publication,
            item=item,
            creators=item.creators or publication.creators,
            licence=item.licence or publication.licence,
            thing=root + thing_address(item.thing),
            subject=addresses.dataset(base, item.slug),
            downloads=[(form, _local(addresses.download(base, item, form))) for form in item.distributions],
            forms=_forms(_local(addresses.dataset(base, item.slug))),
            said=_embedded(said),
            root=root,
            version=__version__,
        )
    )


def _forms(address: str) -> dict[str, tuple[str, str]]:
    """Addresses and media types of the documents, by label."""
    return {label: (f"{address}?format={name}", FORMS[name]) for name, label in _LABELS.items()}


def _local(address: str) -> str:
    """Without the host: a page also works under another name of the machine."""
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _embedded(said: dict[str, Any]) -> str:
    """JSON that can't end the element that it is in: https://www.w3.org/TR/json-ld11/#restrictions-for-contents-of-json-ld-script-elements."""
    text = json.dumps(said, indent=1, ensure_ascii=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


@cache
def _environment() -> jinja2.Environment:
    folders = [_HERE / "templates", _HERE.parent / "things" / "templates"]
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folders),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
