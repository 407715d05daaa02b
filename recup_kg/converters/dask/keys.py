"""What a task's key says of the kind of task, as https://docs.dask.org documents `key_split`: the name before the hash."""

from __future__ import annotations

import re

_EIGHT_HEX = re.compile(r"[a-f]{8}")
_HASH = re.compile(r"[a-f0-9]{32}")
_TUPLE = re.compile(r"""\(\s*(['"])(?P<first>[^'"\\]+)\1\s*,.*\)""", re.DOTALL)


def prefix(key: str) -> str:
    """The prefix that Dask gives a key: `x` for `x-2`, `('x-2', 1)` and `x-abcdefab`, `data` for a bare hash.

    Words follow the first one as long as they are of letters only, and no eight letters that may be a hash.
    """
    words = key.split("-")
    first = words[0]
    if not first[:1].isalpha():
        first = first.split(",")[0].strip("_'()\"")
    if not first:
        return "Other"
    named = [first]
    for word in words[1:]:
        if not word.isalpha() or _EIGHT_HEX.fullmatch(word):
            break
        named.append(word)
    found = "-".join(named)
    if _HASH.fullmatch(found):
        return "data"
    if found.startswith("<"):
        return (found.strip("<>").split() or ["Other"])[0].split(".")[-1] or "Other"
    return found


def group(key: str) -> str | None:
    """The task group of a key that is a tuple: its first entry. Of other keys, versions of Dask make it differently."""
    match = _TUPLE.fullmatch(key)
    return None if match is None else match["first"]
