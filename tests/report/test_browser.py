"""The page in a real browser: it asks nobody for anything, and its script runs without an error."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from recup_kg.api import ComparedWithGroup
from tests.report.samples import Pair, find, tree

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs chromium on the PATH")


class Served:
    """A server on this machine that notes what it is asked for."""

    def __init__(self) -> None:
        self.page = b""
        self.asked: list[str] = []
        served = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                served.asked.append(self.path)
                found = self.path.split("?")[0] == "/report.html"
                self.send_response(200 if found else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(served.page if found else b"")

            def log_message(self, *arguments: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/report.html"


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    found = Served()
    thread = threading.Thread(target=found.server.serve_forever, daemon=True)
    thread.start()
    yield found
    found.server.shutdown()
    found.server.server_close()
    thread.join()


def _visited(folder: Path, address: str, *options: str) -> tuple[str, str]:
    """The tree that the browser made of a page, after its script ran, and what it logged."""
    command = [
        str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
        f"--user-data-dir={folder / 'profile'}", "--enable-logging=stderr", "--v=0", "--virtual-time-budget=3000",
        *options, "--dump-dom", address,
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout, done.stderr


@pytest.mark.parametrize("name", ["blast", "genome", "timed"])
def test_a_page_asks_for_nothing_and_logs_no_error(
    name: str, served: Served, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    found: Pair = request.getfixturevalue(name)
    served.page, served.asked = found.page.encode(), []
    seen, log = _visited(tmp_path, f"{served.address}#query-1")
    assert served.asked == ["/report.html"]
    assert "CONSOLE" not in log
    read = tree(seen)
    (query,) = (entry for entry in find(read, "details.query") if entry.get("id") == "query-1")
    assert query.get("open") is not None
    assert all(button.get("hidden") is None for button in find(read, "button.copy"))


def test_the_page_of_a_group_asks_for_nothing(
    group: ComparedWithGroup, served: Served, tmp_path: Path
) -> None:
    served.page, served.asked = group.to_html().encode(), []
    seen, log = _visited(tmp_path, served.address)
    assert served.asked == ["/report.html"]
    assert "CONSOLE" not in log
    assert find(tree(seen), ".banner")


def test_the_policy_keeps_out_what_is_not_ours(blast: Pair, served: Served, tmp_path: Path) -> None:
    foreign = '<script>document.title="broken"</script><img src="/picture.png"><p style="color:red">x</p>'
    served.page, served.asked = blast.page.replace("<main>", f"<main>{foreign}").encode(), []
    seen, log = _visited(tmp_path, served.address)
    assert served.asked == ["/report.html"]
    assert "<title>broken" not in seen
    assert log.count("Content Security Policy") >= 3


def test_a_page_without_scripts_can_be_read(blast: Pair, served: Served, tmp_path: Path) -> None:
    served.page = blast.page.replace('"use strict";', "throw 1;").encode()
    seen, _ = _visited(tmp_path, served.address)
    read = tree(seen)
    assert all(button.get("hidden") is not None for button in find(read, "button.copy"))
    assert len(find(read, "#deviations tr[data-rank]")) == len(blast.comparison.deviations)


@pytest.mark.parametrize("size", ["1440,900", "1366,768"])
def test_the_summary_fits_one_screen(genome: Pair, served: Served, tmp_path: Path, size: str) -> None:
    bottom = 'Math.ceil(document.querySelector("header.page").getBoundingClientRect().bottom)'
    page = genome.page.replace("</body>", f"<script>document.title = {bottom}</script></body>")
    start = page.index('<meta http-equiv="Content-Security-Policy"')
    served.page = (page[:start] + page[page.index(">", start) + 1 :]).encode()
    seen, _ = _visited(tmp_path, served.address, f"--window-size={size}")
    height = int(size.split(",")[1])
    (title,) = find(tree(seen), "head > title")
    assert 200 < int(title.text) <= height
