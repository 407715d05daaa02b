"""The HTML reference of the ontology, by pyLODE: docs/reference/ontology.html."""

from __future__ import annotations

from pathlib import Path

from pylode.profiles.ontpub import OntPub

DOCS = Path(__file__).resolve().parent


def main() -> None:
    """Write the page."""
    page = DOCS / "reference" / "ontology.html"
    page.parent.mkdir(exist_ok=True)
    OntPub(str(DOCS.parent / "ontology" / "recup.ttl")).make_html(destination=page)


if __name__ == "__main__":
    main()
