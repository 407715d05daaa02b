"""Comparisons with the facts behind them, and pages as trees."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from lxml import html as parser

from recup_kg.api.convert import convert_trace
from recup_kg.api.scratch import Scratch
from recup_kg.compare import compare
from recup_kg.compare.facts import Facts, read_facts
from recup_kg.comparisons import Comparison
from recup_kg.report.html import pair_html

DATA = Path(__file__).resolve().parents[2] / "data"
BLAST = tuple(DATA / "wfformat" / "blast" / f"blast-chameleon-small-{n}.json" for n in ("002", "003"))
GENOME = tuple(
    DATA / "wfformat" / "1000genome" / f"1000genome-chameleon-2ch-{n}-001.json" for n in ("100k", "250k")
)
FLOWBENCH = DATA / "flowbench" / "eht_imaging"


@dataclass(frozen=True, slots=True)
class Pair:
    """A comparison, the facts of both runs, and its page."""

    comparison: Comparison
    reference: Facts
    other: Facts

    @property
    def page(self) -> str:
        return pair_html(self.comparison, self.reference, self.other)


def pair(one: Path, two: Path) -> Pair:
    """The comparison of two files, in memory."""
    with Scratch() as scratch:
        sides = []
        for path in (one, two):
            graph = convert_trace(path, None).graph
            scratch.load("".join(graph.lines).encode())
            sides.append((graph.name, path.stem))
        compared = compare(scratch, sides[0], sides[1])
        return Pair(compared, *(read_facts(scratch, *side) for side in sides))


def tree(page: str) -> parser.HtmlElement:
    """The page as a tree."""
    return parser.document_fromstring(page)


def text(element: parser.HtmlElement) -> str:
    """What a reader sees of an element, on one line."""
    return " ".join(element.text_content().split())


def find(element: parser.HtmlElement, selector: str) -> list[parser.HtmlElement]:
    """The elements that a CSS selector of tags, classes, ids and attributes means, below one."""
    path, axis = "", "descendant::"
    for word in selector.split():
        if word == ">":
            axis = "child::"
            continue
        match = re.fullmatch(r"([\w-]*)((?:[.#][\w-]+)*)(?:\[([\w-]+)(?:=([\w-]+))?\])?", word)
        assert match is not None, selector
        tag, marks, attribute, value = match.groups()
        path += f"{'/' if path else ''}{axis}{tag or '*'}"
        for mark, name in re.findall(r"([.#])([\w-]+)", marks):
            path += f"[contains(concat(' ', @class, ' '), ' {name} ')]" if mark == "." else f"[@id='{name}']"
        wanted = f"='{value}'" if value else ""
        path += f"[@{attribute}{wanted}]" if attribute else ""
        axis = "descendant::"
    return element.xpath(path)
