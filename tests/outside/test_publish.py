"""The guide to publishing: its nginx in front of our service, over TLS, as a harvester and a Signposting client see it."""

from __future__ import annotations

import re
import signal
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import rdflib
from rdflib.namespace import DCAT

import recup_kg as recup
from tests.catalog.conftest import SAID, A
from tests.outside import program
from tests.store.conftest import free_port, no_proxy, wait_for

__all__ = ["no_proxy"]

HOST = "localhost"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        [
            *(program("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"),
            *("-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"),
        ],
        check=True,
        capture_output=True,
    )
    return folder


def configuration(root: Path, folder: Path, certificate: Path, listening: int, behind: int) -> str:
    """The server of the guide with our ports, our certificate, and folders that need no rights."""
    (text,) = re.findall(r"```nginx\n(.*?)```", (root / "docs" / "publish.md").read_text(), re.DOTALL)
    replaced = {
        "listen 443 ssl;": f"listen 127.0.0.1:{listening} ssl;",
        "http://127.0.0.1:8000": f"http://127.0.0.1:{behind}",
        "/etc/letsencrypt/live/kg.lab.example": str(certificate),
        "kg.lab.example": HOST,
    }
    for old, new in replaced.items():
        assert old in text, old
        text = text.replace(old, new)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "\n".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    head = f"daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}"
    return f"{head}\nhttp {{\naccess_log off;\n{places}\n{text}\n}}\n"


@contextmanager
def running(*command: str | Path, port: int) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port, process)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()


@pytest.fixture(scope="module")
def site(root: Path, certificate: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    nginx = program("nginx")
    folder = tmp_path_factory.mktemp("site")
    store = folder / "store"
    with recup.open(str(store)) as graph:
        graph.ingest(root / "data" / "wfformat" / "blast" / f"{A}.json", validate=False)
    (store / "catalog.toml").write_text(SAID)
    behind, front = free_port(), free_port()
    base = f"https://{HOST}:{front}"
    (folder / "nginx.conf").write_text(configuration(root, folder, certificate, front, behind))
    serve = ("serve", "--port", str(behind), "--base", base)
    with (
        running(sys.executable, "-m", "recup_kg", "--store", str(store), *serve, port=behind),
        running(nginx, "-p", folder, "-c", folder / "nginx.conf", port=front),
    ):
        yield base


@pytest.fixture
def trusting(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate / "fullchain.pem"))


def fetched(address: str, context: ssl.SSLContext, accept: str = "text/turtle") -> tuple[str, dict[str, str]]:
    request = urllib.request.Request(address, headers={"Accept": accept})
    with urllib.request.urlopen(request, context=context) as answer:
        return answer.read().decode(), {key.lower(): value for key, value in answer.headers.items()}


def test_a_harvester_reads_the_catalogue_through_nginx(site: str, trusting: ssl.SSLContext) -> None:
    root = rdflib.Graph().parse(data=fetched(f"{site}/", trusting)[0], format="turtle")
    catalogues = set(root.objects(None, rdflib.URIRef("https://w3id.org/fdp/fdp-o#metadataCatalog")))
    assert catalogues == {rdflib.URIRef(f"{site}/catalog")}
    catalogue = rdflib.Graph().parse(data=fetched(f"{site}/catalog", trusting)[0], format="turtle")
    found = list(catalogue.objects(None, DCAT.dataset))
    assert len(found) == 2
    for item in found:
        said = rdflib.Graph().parse(data=fetched(str(item), trusting)[0], format="turtle")
        for address in said.objects(None, DCAT.downloadURL):
            request = urllib.request.Request(str(address), method="HEAD")
            with urllib.request.urlopen(request, context=trusting) as answer:
                assert answer.status == 200


def test_sparql_goes_through_and_a_large_request_does_not(site: str, trusting: ssl.SSLContext) -> None:
    answer, _ = fetched(f"{site}/sparql?query=ASK%7B%3Fs%20%3Fp%20%3Fo%7D", trusting, "application/json")
    assert "true" in answer
    request = urllib.request.Request(f"{site}/sparql", data=b"query=" + b"x" * 2**21)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, context=trusting)
    assert refused.value.code == 413


def test_redirects_and_pages_name_the_public_address(site: str, trusting: ssl.SSLContext) -> None:
    text, _ = fetched(f"{site}/catalog", trusting, "text/html")
    assert f'"@id": "{site}/catalog"' in text
    catalogue = rdflib.Graph().parse(data=fetched(f"{site}/catalog", trusting)[0], format="turtle")
    runs = [
        str(value)
        for value in catalogue.objects(None, rdflib.FOAF.primaryTopic)
        if str(value).startswith("https://w3id.org/recup/run/")
    ]
    path = runs[0].removeprefix("https://w3id.org/recup")
    request = urllib.request.Request(f"{site}{path}", headers={"Accept": "text/turtle"})
    with urllib.request.urlopen(request, context=trusting) as answer:
        assert answer.url.startswith(f"{site}/doc/turtle/run/")


def test_a_client_of_signposting_finds_its_way(
    site: str, trusting: ssl.SSLContext, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(variable, str(certificate / "fullchain.pem"))
    catalogue = rdflib.Graph().parse(data=fetched(f"{site}/catalog", trusting)[0], format="turtle")
    (dataset,) = [str(item) for item in catalogue.objects(None, DCAT.dataset) if "/run-" in str(item)]
    result = subprocess.run([program("signposting"), dataset], capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    for word in ("CiteAs", "DescribedBy", "Item", "License", "Collection"):
        assert word in result.stdout, result.stdout
    assert "https://spdx.org/licenses/CC-BY-4.0" in result.stdout
