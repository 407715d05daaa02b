"""The benchmark of the service: it counts what was lost, and its peer answers the same."""

from __future__ import annotations

import json

import pytest

from benchmarks import serve


def test_percentiles() -> None:
    assert serve.percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert serve.percentile([1.0], 0.99) == 1.0
    assert sum(serve.MIX.values()) == 100


def test_nothing_is_lost(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")
    serve.main(["--seconds", "2", "--clients", "8", "--json"])
    out, err = capfd.readouterr()
    ours, peer = json.loads(out)
    assert ours["lost"] == peer["lost"] == {}
    assert ours["requests"] > 10
    assert ours["memory_mib"] > 10
    assert "Traceback" not in err
