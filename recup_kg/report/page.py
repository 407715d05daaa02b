"""Pages from templates: one file, no request to anywhere, everything that sources said escaped."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from recup_kg import __version__
from recup_kg.comparisons import Verdict
from recup_kg.report import words
from recup_kg.report.shapes import coordinate
from recup_kg.report.union import State

_FOLDER = Path(__file__).resolve().parent / "templates"
_VERDICTS: Mapping[Verdict, str] = {
    Verdict.SAME: "verdict-same",
    Verdict.DIFFERENT: "verdict-different",
    Verdict.CANT_TELL: "verdict-cant-tell",
}


def render(template: str, values: Mapping[str, Any]) -> str:
    """A template with its values, as HTML."""
    style, script = (_environment().get_template(name).render() for name in ("style.css", "script.js"))
    page = _environment().get_template(template)
    return page.render(**values, policy=policy(style, script), version=__version__)


def policy(style: str, script: str) -> str:
    """A Content-Security-Policy (level 3) that lets nothing be loaded, and only this style and this script in."""
    return (
        f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(script)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters.update(
        at=coordinate,
        capitalize_first=_capitalized,
        count=words.count,
        look=_VERDICTS.__getitem__,
        number=words.number,
        probability=words.probability,
        quantity=words.quantity,
        ratio=words.ratio,
        seconds=words.seconds,
        short=words.short,
        signed=words.signed_seconds,
        some=words.some,
    )
    environment.globals.update(states=tuple(State), Verdict=Verdict)
    return environment


def _capitalized(text: str) -> str:
    """With a capital at the beginning of the sentence; names later in it stay as they are."""
    return text[:1].upper() + text[1:]


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
