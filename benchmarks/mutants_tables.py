"""The tables of the mutants in Markdown, and their place in docs/mutants.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from benchmarks.mutants_judge import RULES

Row: TypeAlias = Mapping[str, Any]

DOCS = Path(__file__).resolve().parents[1] / "docs" / "mutants.md"
BEGIN, END = "<!-- begin: python -m benchmarks.mutants --write-docs -->", "<!-- end -->"


def lines(result: Row) -> Iterator[str]:
    """All tables of the document that `benchmarks.mutants.measure` makes."""
    systems = ", ".join(f"{name} {count}" for name, count in result["systems"].items())
    yield f"{result['count']:,} mutants of {result['origins']} real runs ({systems}), seed {result['seed']}."
    yield ""
    yield from _mutants(result["table"])
    if not result["repeats"]:
        return
    yield ""
    yield "Unchanged repeats: the share of comparisons that give an alarm."
    yield ""
    yield from _unchanged(result["repeats"], result["false_alarms"])
    yield ""
    yield "The same change planted in a repeat that varies by itself:"
    yield ""
    yield from _planted(result["repeats"])


def write_docs(result: Row, path: Path = DOCS) -> None:
    """Put the tables between the marks of the page."""
    before, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    body = "\n".join(lines(result))
    path.write_text(f"{before}{BEGIN}\n{body}\n{END}{after}", encoding="utf-8")


def _mutants(rows: Sequence[Row]) -> Iterator[str]:
    names = [f"{name}: found / first" for name in RULES]
    yield from _head(["what was changed", "n", "found", "ranked first", "nothing else", *names])
    for row in rows:
        kind = row["kind"] + _factor(row)
        own = [_share(row[name]) for name in ("found", "first", "alone")]
        peers = [_both(row, name) for name in RULES]
        yield _line([kind, str(row["n"]), *own, *peers])


def _unchanged(rows: Sequence[Row], rates: Mapping[str, float]) -> Iterator[str]:
    yield from _head(["runs", "compared with", "n", "alarms", *RULES])
    own = [row for row in rows if not row["planted"]]
    for row in own:
        alarms = [_share(row["alarm"]), *(_share(row[f"{name}: alarm"]) for name in RULES)]
        yield _line([row["population"], _with(row), str(row["n"]), *alarms])
    yield _line(["all", "", str(sum(row["n"] for row in own)), *map(_share, rates.values())])


def _planted(rows: Sequence[Row]) -> Iterator[str]:
    names = [f"{name}: found / first" for name in RULES]
    yield from _head(["runs", "compared with", "planted", "n", "found", "ranked first", "alarm", *names])
    for row in rows:
        if row["planted"]:
            shares = [_share(row[name]) for name in ("found", "first", "alarm")]
            peers = [_both(row, name) for name in RULES]
            what = row["planted"] + _factor(row)
            yield _line([row["population"], _with(row), what, str(row["n"]), *shares, *peers])


def _both(row: Row, name: str) -> str:
    if row.get("kind") in ("renamed ids", "removed capture", "all"):
        return "–"
    return f"{_share(row[f'{name}: found'])} / {_share(row[f'{name}: first'])}"


def _with(row: Row) -> str:
    return "one run" if row["how"] == "pair" else f"{row['references']} runs"


def _factor(row: Row) -> str:
    return f", {row['factor']:g} times" if row["factor"] else ""


def _share(value: float) -> str:
    return f"{value:.3f}"


def _head(names: Sequence[str]) -> Iterator[str]:
    yield _line(names)
    yield "|" + "---|" * len(names)


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
