"""Names of hosts, and the hosts behind addresses."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from functools import lru_cache

_ADDRESS = re.compile(
    r"(?:[a-z0-9+.-]+://)?(?:\[(?P<six>[^\]]+)\]|(?P<host>[^:/\s]+))(?::\d+)?/?", re.IGNORECASE
)


@lru_cache(maxsize=65536)
def host_of_address(address: str | None) -> str | None:
    """The host part of an address like `tcp://10.0.0.1:8786`: an IP address or a name; None where there is none."""
    match = _ADDRESS.fullmatch(address.strip()) if address else None
    if match is None:
        return None
    return (match["six"] or match["host"]).lower()


@lru_cache(maxsize=65536)
def is_ip(host: str) -> bool:
    """Is it an IP address?"""
    try:
        ipaddress.ip_address(host.split("%")[0])
    except ValueError:
        return False
    return True


@lru_cache(maxsize=65536)
def key(host: str) -> str:
    """What is compared of a host name: the first label in lower case, or the whole of an IP address."""
    host = host.strip().lower().rstrip(".")
    return host if is_ip(host) else host.split(".")[0]


@lru_cache(maxsize=65536)
def same(one: str, other: str) -> bool:
    """Do two names mean one host? A short name is the host of any full name that begins with it; two full names must be equal."""
    one, other = one.strip().lower().rstrip("."), other.strip().lower().rstrip(".")
    if one == other:
        return True
    if is_ip(one) or is_ip(other) or ("." in one and "." in other):
        return False
    return one.split(".")[0] == other.split(".")[0]


class Spelling:
    """The fullest spelling that the sources have of each host."""

    def __init__(self, names: Iterable[str]) -> None:
        self._full: dict[str, set[str]] = {}
        for name in names:
            self._full.setdefault(key(name), set()).add(name.strip())

    def of(self, host: str) -> str:
        """The one full name that some source gives to a host; the name as it is where there is none, or several."""
        full = {name for name in self._full.get(key(host), ()) if "." in name and same(name, host)}
        return next(iter(full)) if len(full) == 1 else host
