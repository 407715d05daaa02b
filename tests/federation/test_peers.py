"""The registry of peers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from recup_kg.errors import StoreError, UsageError
from recup_kg.federation.peers import Peer, PeerRegistry, folder_of

KIT = Peer(
    "kit",
    "https://kit.example/catalog",
    "fdp",
    title="Läufe",
    licence="https://creativecommons.org/licenses/by/4.0/",
    endpoint="https://kit.example/sparql",
    added="2026-11-23T14:00:00Z",
)
ZIB = Peer("zib", "https://zib.example/sparql", "sparql", added="2026-11-23T14:01:00Z")


@pytest.fixture
def registry(tmp_path: Path) -> PeerRegistry:
    return PeerRegistry(tmp_path)


def test_there_are_none_at_first_and_reading_makes_nothing(registry: PeerRegistry, tmp_path: Path) -> None:
    assert registry.peers() == ()
    assert list(tmp_path.iterdir()) == []


def test_peers_come_back_as_they_were_in_their_order(registry: PeerRegistry, tmp_path: Path) -> None:
    registry.add(KIT)
    registry.add(ZIB)
    assert PeerRegistry(tmp_path).peers() == (KIT, ZIB)
    assert registry.named("zib") == ZIB
    assert not list((tmp_path / "peers").glob(".peers*"))


def test_a_taken_name_is_refused(registry: PeerRegistry) -> None:
    registry.add(KIT)
    with pytest.raises(UsageError, match="there is a peer kit already: name this one with --name"):
        registry.add(Peer("kit", "https://other.example/", "dcat"))
    assert registry.peers() == (KIT,)


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "a b", "ä", "x" * 65, "a;b", "a\nb"])
def test_a_name_is_safe_in_a_path_a_header_and_an_iri(registry: PeerRegistry, name: str) -> None:
    with pytest.raises(UsageError, match="is no name of a peer: use letters, digits"):
        registry.add(Peer(name, "https://x.example/", "dcat"))
    assert registry.peers() == ()


def test_removing_takes_what_was_harvested_along(registry: PeerRegistry) -> None:
    registry.add(KIT)
    registry.add(ZIB)
    registry.harvest_file("kit").write_bytes(b"quads")
    assert registry.remove("kit") == KIT
    assert registry.peers() == (ZIB,)
    assert not registry.harvest_file("kit").exists()


def test_an_unknown_name_says_which_there_are(registry: PeerRegistry) -> None:
    with pytest.raises(UsageError, match=r"no peer 'kit'; there are: none yet: recup peers add URL"):
        registry.named("kit")
    registry.add(ZIB)
    with pytest.raises(UsageError, match=r"no peer 'kit'; there are: zib"):
        registry.remove("kit")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"peers": [{}]}',
        '{"peers": [{"name": "a", "address": "b", "kind": "gopher"}]}',
        '{"peers": [{"name": "../a", "address": "b", "kind": "void"}]}',
    ],
)
def test_a_damaged_file_is_named_and_left_alone(registry: PeerRegistry, tmp_path: Path, text: str) -> None:
    path = tmp_path / "peers" / "peers.json"
    path.parent.mkdir()
    path.write_text(text)
    for action in (registry.peers, lambda: registry.add(ZIB)):
        with pytest.raises(StoreError, match=r"peers\.json can't be read .*: repair or remove it"):
            action()
    assert path.read_text() == text


def test_processes_that_add_at_once_lose_nothing(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from recup_kg.federation.peers import Peer, PeerRegistry\n"
        "for n in range(10): PeerRegistry(Path(sys.argv[1])).add(Peer(f'{sys.argv[2]}{n}', 'http://x', 'void'))"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), name]) for name in "abc"]
    assert [process.wait() for process in running] == [0, 0, 0]
    names = {peer.name for peer in PeerRegistry(tmp_path).peers()}
    assert names == {f"{letter}{number}" for letter in "abc" for number in range(10)}
    assert len(json.loads((tmp_path / "peers" / "peers.json").read_text())["peers"]) == 30


@pytest.mark.parametrize("location", [":memory:", "http://x.example/sparql", " "])
def test_only_a_folder_has_peers(location: str) -> None:
    with pytest.raises(UsageError, match=r"peers are kept in the folder of a store.*: use --store DIR"):
        folder_of(location)


def test_the_folder_of_a_store(tmp_path: Path) -> None:
    assert folder_of(str(tmp_path)) == tmp_path
