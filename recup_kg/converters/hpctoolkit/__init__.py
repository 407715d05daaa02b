"""Profiles of HPCToolkit (https://hpctoolkit.org): databases, `experiment.xml`, `hpcproftt` dumps, exports of Hatchet.

docs/formats/hpctoolkit.md says what is read and how it maps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from recup_kg.collector import paused_collector
from recup_kg.converters.hpctoolkit.build import LAYER, evidence
from recup_kg.converters.hpctoolkit.dump import is_dump, read_dump
from recup_kg.converters.hpctoolkit.hatchet import is_export, read_export
from recup_kg.converters.hpctoolkit.model import Measurement
from recup_kg.converters.hpctoolkit.v4 import database as v4
from recup_kg.converters.hpctoolkit.xml import database as xml
from recup_kg.converters.sources import source_of
from recup_kg.errors import MalformedSource
from recup_kg.evidence import Evidence
from recup_kg.redaction import redact_text

NAME = "hpctoolkit"
VERSION = "1"


def sniff(path: Path) -> bool:
    """Whether the file is of a form that HPCToolkit or Hatchet writes."""
    return any(form.recognises(path) for form in _FORMS)


def members(path: Path) -> tuple[Path, ...]:
    """All files of the database that the file is in; the file alone where it is none of a database."""
    form = next((form for form in _FORMS if form.recognises(path)), None)
    return (path,) if form is None else form.files(path)


@paused_collector()
def read(path: Path) -> Evidence:
    """What the measurement tells. Raises `MalformedSource`."""
    form = next((form for form in _FORMS if form.recognises(path)), None) or _BY_NAME.get(path.name)
    if form is None:
        raise MalformedSource(
            path,
            "not a file of HPCToolkit",
            advice="name meta.db, experiment.xml, a dump of hpcproftt or an export of Hatchet",
        )
    version, measurement = form.read(path)
    files = form.files(path)
    source = source_of(
        files[0],
        converter=NAME,
        version=VERSION,
        format_version=version,
        layer=LAYER,
        members=files if len(files) > 1 else (),
        folder=path.parent,
        description=None if measurement.description is None else redact_text(measurement.description),
    )
    return evidence(source, measurement)


@dataclass(frozen=True, slots=True)
class _Form:
    """One of the forms that profiles have: whether a file is of it, all files of its source, and what they say."""

    recognises: Callable[[Path], bool]
    files: Callable[[Path], tuple[Path, ...]]
    read: Callable[[Path], tuple[str, Measurement]]


def _alone(path: Path) -> tuple[Path, ...]:
    return (path,)


_FORMS = (
    _Form(v4.is_member, v4.files_of, v4.read_database),
    _Form(xml.is_experiment, xml.files_of, xml.read_experiment),
    _Form(is_dump, _alone, read_dump),
    _Form(is_export, _alone, read_export),
)
_BY_NAME = dict.fromkeys((v4.META, v4.PROFILE, v4.CCT, v4.TRACE), _FORMS[0]) | {"experiment.xml": _FORMS[1]}
"""A damaged file is known by its name, so that what is wrong in it can be said."""
