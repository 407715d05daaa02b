"""A store with two shipped runs and their comparison, and what a lab says of its catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import recup_kg as recup
from recup_kg.catalog.publication import Publication, load_publication
from recup_kg.store import Store, open_store

BASE = "https://kg.lab.example"
A = "blast-chameleon-small-002"
B = "blast-chameleon-small-003"
SAID = """
title = "Executions of the lab"
description = "Executions of scientific workflows."
licence = "CC-BY-4.0"
access = "public"
language = "en"
themes = ["TECH"]
keywords = ["HPC"]
issued = 2026-11-23
identifier = "doi:10.5281/ZENODO.1234"
spatial = "https://sws.geonames.org/4887398/"
funding = ["Agency, grant 1"]
publisher = { name = "The lab", ror = "02mhbdp94" }
creators = [{ name = "Ada Author", orcid = "0000-0002-1825-0097" }]
contact = { name = "Data desk", email = "data@lab.example" }
"""


@pytest.fixture(scope="session")
def lab(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lab") / "store"
    with recup.open(str(folder)) as graph:
        for name in (A, B):
            graph.ingest(root / "data" / "wfformat" / "blast" / f"{name}.json", validate=False)
        graph.ingest(root / "data" / "slurm", validate=False, run="logs only")
        graph.compare(A, B)
    return folder


@pytest.fixture
def opened(lab: Path) -> Iterator[Store]:
    with open_store(str(lab), writable=False) as store:
        yield store


@pytest.fixture
def publication(tmp_path: Path) -> Publication:
    file = tmp_path / "catalog.toml"
    file.write_text(SAID)
    return load_publication(file, BASE)
