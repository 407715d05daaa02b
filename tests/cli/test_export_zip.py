"""recup export --zip."""

from __future__ import annotations


def test_an_archive_of_a_format_without_one_is_refused(recup) -> None:
    outcome = recup("export", "--zip", "--format", "turtle")
    assert (outcome.code, outcome.out) == (2, "")
    assert "--zip is for ro-crate, not for turtle" in outcome.err
    assert outcome.err.count("\n") == 1
