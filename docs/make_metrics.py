"""Write the tables of docs/metrics.md from the metrics and from runs that are shipped; the text around them stays."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from recup_kg.metrics import catalogue
from recup_kg.quality import Metric

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "metrics.md"
RUNS = ROOT / "data" / "flowbench" / "eht_imaging"
_BLOCK = re.compile(r"<!-- (\w+) made by docs/make_metrics.py -->\n.*?<!-- end -->\n", re.DOTALL)


def document(text: str) -> str:
    """The text with its tables made anew."""
    return _BLOCK.sub(lambda match: _block(match[1]), text)


def table(groups: int) -> str:
    """The metrics of one group, or of two, as a Markdown table."""
    head = "| name | what it is | from n | settled from | formula |\n|---|---|---|---|---|\n"
    return head + "".join(_row(metric) for metric in catalogue().values() if metric.groups == groups)


def example() -> str:
    """What a user sees of the runs that are shipped."""
    with tempfile.TemporaryDirectory() as folder:
        _recup(folder, "ingest", "-q", str(RUNS))
        asked = (("metrics", "eht"), ("metrics", "eht", "--by", "task"))
        shown = "\n".join(f"$ recup {' '.join(words)}\n{_recup(folder, *words)}" for words in asked)
    return f"Ten runs that are shipped:\n\n```console\n{shown}```\n"


def _row(metric: Metric) -> str:
    source = metric.source.removeprefix("https://doi.org/")
    return (
        f"| `{metric.name}` | **{metric.label}.** {metric.definition.replace('|', chr(92) + '|')} | {metric.minimum} "
        f"| {metric.advised} | [{source}]({metric.source}) |\n"
    )


def _block(name: str) -> str:
    made = {"one": lambda: table(1), "two": lambda: table(2), "example": example}[name]()
    return f"<!-- {name} made by docs/make_metrics.py -->\n{made}<!-- end -->\n"


def _recup(store: str, *arguments: str) -> str:
    command = [sys.executable, "-m", "recup_kg", "--store", f"{store}/store", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, env={"COLUMNS": "80"}).stdout


if __name__ == "__main__":
    TARGET.write_text(document(TARGET.read_text()))
