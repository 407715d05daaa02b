"""The command line: each command parses, calls one function of the API, prints."""

from __future__ import annotations

from recup_kg.cli.run import main

__all__ = ["main"]
