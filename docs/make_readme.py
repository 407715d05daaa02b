"""Put the output of the commands that README.md shows into it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
SAMPLES = ROOT / "data" / "wfformat" / "blast"
BLOCK = re.compile(r"(?<=^```console\n)(?:\$ .*\n)(?:(?!```).*\n)*(?=```$)", re.MULTILINE)


def readme() -> str:
    """The text of README.md with what the commands print today."""
    with tempfile.TemporaryDirectory() as folder:
        for sample in SAMPLES.glob("*.json"):
            (Path(folder) / sample.name).write_bytes(sample.read_bytes())
        return BLOCK.sub(lambda match: _ran(match.group(), Path(folder)), README.read_text())


def _ran(block: str, folder: Path) -> str:
    command = block.splitlines()[0].removeprefix("$ ")
    environment = os.environ | {"COLUMNS": "80", "RECUP_STORE": str(folder / "store")}
    arguments = [sys.executable, "-m", "recup_kg", *command.split()[1:], "-q"]
    done = subprocess.run(arguments, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return f"$ {command}\n{done.stdout}"


if __name__ == "__main__":
    README.write_text(readme())
