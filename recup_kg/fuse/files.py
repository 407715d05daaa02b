"""Which files and data objects of several sources are one: by path and mount, never by a mere name unless that is unique."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from recup_kg.fuse.facts import DataObject, File, Group
from recup_kg.fuse.hosts import key
from recup_kg.fusions import Certainty, Link, Unjoined

ALTERNATE_OF = "http://www.w3.org/ns/prov#alternateOf"
_NETWORK = re.compile(
    r"(lustre|gpfs|nfs\d?|beegfs|ceph|fuse\.ceph|panfs|pvfs2|orangefs|wekafs|dfuse|fuse\.daos|dvs|dwfs|cvmfs|cifs|smb3|glusterfs"
    r"|fuse\.glusterfs|afs|9p|vastnfs)"
)
_LOCAL = re.compile(
    r"(ext[234]|xfs|btrfs|zfs|tmpfs|devtmpfs|ramfs|rootfs|overlay|squashfs|proc|sysfs|cgroup2?|devpts|vfat|iso9660|aufs)"
)
_NO_FILE = re.compile(r"/(proc|sys|dev)(/|$)|<\w+>$|[a-z]+:\[?|(?![/.\w])")
_LOCATOR = re.compile(r"file://(?:localhost)?(?=/)")


def is_shared(file_system: str | None) -> bool | None:
    """Do several hosts mount file systems of that type? None where that can't be told."""
    if file_system is None:
        return None
    if _NETWORK.fullmatch(file_system.lower()):
        return True
    return False if _LOCAL.fullmatch(file_system.lower()) else None


def normalised(path: str) -> str:
    """The path without `//`, `.`, `..` that stay inside it, a trailing slash, and `file://`."""
    path = _LOCATOR.sub("", path)
    return re.sub(r"^//+", "/", posixpath.normpath(path)) if path else path


def aliases(mounts: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Short names of network file systems: a mount `/lus/grand` is reached as `/grand` too, unless that is a mount itself."""
    listed = [(normalised(point), kind) for point, kind in mounts]
    points = {point for point, _ in listed}
    found: dict[str, set[str]] = defaultdict(set)
    for point, kind in listed:
        if is_shared(kind) and point.count("/") > 1:
            found["/" + posixpath.basename(point)].add(point)
    return {
        short: next(iter(full)) for short, full in found.items() if len(full) == 1 and short not in points
    }


def canonical(path: str, short: Mapping[str, str]) -> str:
    """The normalised path with the mount point spelled out."""
    path = normalised(path)
    top = path.split("/", 2)[:2]
    prefix = "/" + top[1] if len(top) == 2 and not top[0] else ""
    return short[prefix] + path[len(prefix) :] if prefix in short else path


def join_files(
    files: Sequence[File],
    data: Sequence[DataObject],
    groups: Iterable[Group],
    mounts: Iterable[tuple[str, str]],
) -> tuple[list[Link], list[Unjoined]]:
    """The links between the files of process groups, and between them and data objects."""
    short = aliases(mounts)
    hosts = {group.iri: frozenset(key(host) for host in group.hosts) for group in groups}
    links, firsts = _same_files(files, hosts, short)
    more, unjoined = _data(data, firsts, short)
    return links + more, unjoined


def _same_files(
    files: Sequence[File], hosts: Mapping[str, frozenset[str]], short: Mapping[str, str]
) -> tuple[list[Link], dict[str, list[File]]]:
    """Each file is linked with the first one of its path; also the distinct files of each path."""
    by_path: dict[str, list[File]] = defaultdict(list)
    for file in sorted(files, key=lambda item: item.iri):
        if not _NO_FILE.match(file.path):
            by_path[canonical(file.path, short)].append(file)
    links: list[Link] = []
    firsts: dict[str, list[File]] = defaultdict(list)
    for path, listed in sorted(by_path.items()):
        for file in listed:
            link = next((link for one in firsts[path] if (link := _same(one, file, hosts))), None)
            if link is None:
                firsts[path].append(file)
            elif link.subject != link.object:
                links.append(link)
    return links, firsts


def _same(one: File, file: File, hosts: Mapping[str, frozenset[str]]) -> Link | None:
    """The link of two files of one canonical path; None where they lie on different hosts, or may."""
    if one.iri == file.iri:
        return Link(file.iri, ALTERNATE_OF, one.iri, "path and mount", Certainty.EXACT)
    there, here = hosts.get(one.group or "", frozenset()), hosts.get(file.group or "", frozenset())
    spelled = normalised(one.path) == normalised(file.path)
    if one.shared and file.shared:
        certainty = Certainty.EXACT if spelled else Certainty.CANDIDATE
        comment = None if spelled else f"{normalised(file.path)} taken for {normalised(one.path)}"
        return Link(file.iri, ALTERNATE_OF, one.iri, "path and mount", certainty, comment)
    if there and here:
        same = len(there) == 1 and there == here and spelled
        return Link(file.iri, ALTERNATE_OF, one.iri, "path and host", Certainty.EXACT) if same else None
    if len(there) > 1 or len(here) > 1 or not spelled or not file.path.startswith("/"):
        return None
    text = "no source tells both hosts; the file system is not known to be one that hosts share"
    return Link(file.iri, ALTERNATE_OF, one.iri, "path", Certainty.CANDIDATE, text)


def _data(
    data: Sequence[DataObject], firsts: Mapping[str, list[File]], short: Mapping[str, str]
) -> tuple[list[Link], list[Unjoined]]:
    by_name: dict[str, list[File]] = defaultdict(list)
    for path, listed in firsts.items():
        by_name[posixpath.basename(path)] += listed
    users: dict[str, set[str]] = defaultdict(set)
    for item in data:
        for name in item.names:
            users[posixpath.basename(normalised(name))].add(item.iri)
    links: list[Link] = []
    unjoined: list[Unjoined] = []
    for item in sorted(data, key=lambda one: one.iri):
        full = [file for name in item.names if "/" in name for file in firsts.get(canonical(name, short), ())]
        if len({file.iri for file in full}) == 1:
            links.append(Link(item.iri, ALTERNATE_OF, full[0].iri, "path", Certainty.EXACT))
            continue
        names = {posixpath.basename(normalised(name)) for name in item.names} - {"", "."}
        found = {file.iri for name in names for file in by_name.get(name, ())}
        alone = all(len(users[name]) == 1 for name in names)
        if len(found) == 1 and alone and not any(name.startswith("/") for name in item.names):
            text = "the only file of that name, and the only data object"
            links.append(Link(item.iri, ALTERNATE_OF, next(iter(found)), "name", Certainty.CANDIDATE, text))
        elif found:
            unjoined.append(Unjoined(item.iri, "the name alone does not tell which file this is", len(found)))
    return links, unjoined
