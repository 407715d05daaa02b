"""Where a site has its catalogue, its datasets and what can be fetched of them, from its own address on."""

from __future__ import annotations

from urllib.parse import quote

from recup_kg.catalog.datasets import Dataset, Distribution

_SAFE = "-._~!$'()*,=:@"


def repository(base: str) -> str:
    """The FAIR Data Point, and the site."""
    return f"{base}/"


def catalogue(base: str, page: int = 0) -> str:
    """The catalogue, or one page of it."""
    return f"{base}/catalog" + (f"?page={page}" if page else "")


def dataset(base: str, slug: str) -> str:
    """A dataset."""
    return f"{base}/dataset/{quote(slug, safe=_SAFE)}"


def page(address: str) -> str:
    """The page for people about what has an address."""
    return f"{address}?format=html"


def linkset(base: str, slug: str) -> str:
    """The links of a dataset (RFC 9264)."""
    return f"{base}/linkset/{quote(slug, safe=_SAFE)}"


def distribution(base: str, item: Dataset, form: Distribution) -> str:
    """A distribution: what a catalogue says of it."""
    return f"{dataset(base, item.slug)}#{quote(f'{form.format}-{form.name}', safe=_SAFE)}"


def download(base: str, item: Dataset, form: Distribution) -> str:
    """The bytes of a distribution."""
    return f"{base}/download/{quote(item.slug, safe=_SAFE)}/{form.format}/{quote(form.name, safe=_SAFE)}"


def service(base: str) -> str:
    """The SPARQL endpoint."""
    return f"{base}/sparql"


def contact(base: str) -> str:
    """Whom to ask."""
    return f"{base}/catalog#contact"
