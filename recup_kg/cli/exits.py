"""Exit codes of every command; documented in docs/errors-and-exit-codes.md."""

from __future__ import annotations

DONE = 0
FOUND = 1
"""The command worked and found something that the caller asked to fail on."""
BAD_INPUT = 2
"""Bad usage, bad input, or a store that can't be used."""
PARTIAL = 4
"""The answer is there, but a peer that was asked for a part of it gave none (`query --federated`)."""
INTERRUPTED = 130
"""Ctrl-C: 128 and the number of SIGINT."""
BROKEN_PIPE = 141
"""The reader of our output went away: 128 and the number of SIGPIPE."""
