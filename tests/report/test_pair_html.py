"""The page of a pair: it says what the comparison says, loads nothing, and lets nothing in."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from lxml.html import HtmlElement

import recup_kg as recup
from recup_kg.compare.facts import Facts
from recup_kg.comparisons import Kind, SourceGap, Verdict
from recup_kg.report import words
from recup_kg.report.html import pair_html, pair_summary_html
from recup_kg.report.pair import listing
from tests.report.samples import BLAST, Pair, find, pair, text, tree
from tests.wfformat_samples import executed, save, small, specified

PAIRS = ("blast", "genome", "same", "timed")
HOSTILE = "<script>alert('1')</script>\"'><img src=x onerror=alert(2)>{{ 7*7 }}</style></title>"


@pytest.mark.parametrize("name", PAIRS)
def test_the_verdicts_are_those_of_the_comparison(name: str, request: pytest.FixtureRequest) -> None:
    found: Pair = request.getfixturevalue(name)
    page = tree(found.page)
    (banner,) = find(page, ".banner .word")
    assert text(banner) == found.comparison.verdict.value
    tiles = [(text(find(tile, ".name")[0]), text(find(tile, ".said")[0])) for tile in find(page, ".tiles li")]
    assert tiles == [
        (aspect.name, aspect.verdict.value if aspect.captured else "not captured")
        for aspect in found.comparison.aspects
    ]
    assert [text(find(tile, ".why")[0]) for tile in find(page, ".tiles li")] == [
        aspect.reason for aspect in found.comparison.aspects
    ]


@pytest.mark.parametrize("name", PAIRS)
def test_every_deviation_is_listed_with_its_numbers(name: str, request: pytest.FixtureRequest) -> None:
    found: Pair = request.getfixturevalue(name)
    rows = {int(row.get("data-rank")): row for row in find(tree(found.page), "#deviations tr[data-rank]")}
    assert rows.keys() == {deviation.rank for deviation in found.comparison.deviations}
    for deviation in found.comparison.deviations:
        rank, kind, message, old, new, ratio, _ = (text(cell) for cell in find(rows[deviation.rank], "td"))
        assert (rank, kind) == (str(deviation.rank), deviation.kind.value)
        assert message.startswith(" ".join(deviation.message.split()))
        assert ratio == words.ratio(deviation.ratio)
        if deviation.unit:
            expected = (deviation.reference_value, deviation.other_value)
            assert (old, new) == tuple(
                "" if value is None else words.quantity(value, deviation.unit) for value in expected
            )


@pytest.mark.parametrize("name", PAIRS)
def test_the_counts_of_the_summary_are_those_of_the_comparison(
    name: str, request: pytest.FixtureRequest
) -> None:
    found: Pair = request.getfixturevalue(name)
    facts = {
        text(find(entry, "dt")[0]): text(find(entry, "dd")[0])
        for entry in find(tree(found.page), ".facts > div")
    }
    told = [one for one in found.comparison.deviations if one.kind is not Kind.CAPTURE_GAP]
    assert facts["first deviations"] == f"{sum(one.first for one in told):,}"
    assert facts["inherited"] == f"{sum(not one.first for one in told):,}"
    assert facts["tasks matched"] == f"{found.comparison.matching.matched:,}"
    assert words.seconds(found.comparison.makespan.reference) in facts["makespan"]


@pytest.mark.parametrize("name", ["blast", "genome", "timed"])
def test_the_parts_of_the_makespan_add_up(name: str, request: pytest.FixtureRequest) -> None:
    found: Pair = request.getfixturevalue(name)
    makespan = found.comparison.makespan
    page = tree(found.page)
    shown = {
        row.get("data-part"): [text(cell) for cell in find(row, "td")[1:]]
        for row in find(page, "#makespan tr[data-part]")
    }
    assert shown == {
        part.part: [
            words.seconds(part.reference),
            words.seconds(part.other),
            words.signed_seconds(part.difference),
        ]
        for part in makespan.parts
    }
    assert sum(part.difference for part in makespan.parts) == pytest.approx(makespan.difference)
    (table,) = page.xpath("//h3[starts-with(., 'The critical paths')]/following-sibling::div[1]//table")
    differences = [_number(text(find(row, "td")[-2])) for row in find(table, "tbody tr")]
    assert sum(differences) == pytest.approx(makespan.difference, abs=0.05 * len(differences))


@pytest.mark.parametrize("name", PAIRS)
def test_nothing_is_loaded_and_only_our_script_runs(name: str, request: pytest.FixtureRequest) -> None:
    found: Pair = request.getfixturevalue(name)
    page = tree(found.page)
    for element in page.iter("*"):
        for attribute, value in element.attrib.items():
            assert not attribute.startswith("on"), attribute
            assert attribute != "style"
            if attribute in ("src", "href", "srcset", "action", "data", "poster", "xlink:href"):
                assert value.startswith("#") or value == "data:,", value
    (script,) = find(page, "script")
    (style,) = find(page, "style")
    assert "@import" not in style.text and "url(" not in style.text
    (policy,) = (meta.get("content") for meta in find(page, "meta[http-equiv=Content-Security-Policy]"))
    assert policy.startswith("default-src 'none';")
    assert f"script-src {_digest(script.text)};" in policy
    assert f"style-src {_digest(style.text)};" in policy
    assert "unsafe" not in policy and "http" not in policy.replace("http-equiv", "")


@pytest.mark.parametrize("name", PAIRS)
def test_every_link_leads_somewhere_and_ids_are_unique(name: str, request: pytest.FixtureRequest) -> None:
    found: Pair = request.getfixturevalue(name)
    page = tree(found.page)
    ids = [element.get("id") for element in page.iter("*") if element.get("id")]
    assert len(ids) == len(set(ids))
    targets = {value[1:] for element in page.iter("*") if (value := element.get("href", "")).startswith("#")}
    assert targets <= set(ids)


def test_what_sources_say_is_never_markup(tmp_path: Path) -> None:
    one, two = small(name=HOSTILE), small(name=HOSTILE)
    for trace, run_time in ((one, 30.0), (two, 90.0)):
        executed(trace, 2)["runtimeInSeconds"] = run_time
        executed(trace, 2)["machines"] = [HOSTILE]
        trace["workflow"]["execution"]["machines"] = [{"nodeName": HOSTILE}, {"nodeName": "n1"}]
        trace["workflow"]["specification"]["files"][3]["id"] = HOSTILE
        for task in trace["workflow"]["specification"]["tasks"]:
            for use in ("inputFiles", "outputFiles"):
                task[use] = [HOSTILE if item == "a.out" else item for item in task[use]]
    executed(two, 1)["command"]["arguments"] = [HOSTILE]
    two["workflow"]["specification"]["files"][3]["sizeInBytes"] = 51
    for trace in (one, two):
        for task in trace["workflow"]["specification"]["tasks"]:
            task["name"] = task["name"].replace("work", HOSTILE)
    found = pair(save(tmp_path, one, "one.json"), save(tmp_path, two, "two.json"))
    assert found.comparison.deviations
    for page in (found.page, pair_summary_html(found.comparison)):
        read = tree(page)
        assert "&lt;script&gt;alert(" in page
        assert len(find(read, "script")) == page.count("<script") <= 1
        assert not find(read, "img")
        assert "{{ 7*7 }}" in read.text_content()
    assert text(find(tree(found.page), "title")[0]).endswith("different")


def test_the_same_comparison_gives_the_same_bytes(blast: Pair) -> None:
    again = pair(*BLAST)
    assert blast.page.encode() == again.page.encode()


def test_a_run_beside_itself_is_the_same(same: Pair) -> None:
    page = tree(same.page)
    assert text(find(page, "#deviations")[0]) == "Deviations No deviations found."
    assert "Nothing of it differs" in text(find(page, "#differences")[0])
    assert [text(entry) for entry in find(page, "#graph .legend li")] == ["52 without a deviation"]


def test_what_was_not_captured_is_a_state_of_its_own(blast: Pair, timed: Pair) -> None:
    page = tree(blast.page)
    assert "No timeline of blast-chameleon-small-002 (reference): start times were not captured." in text(
        find(page, "#time")[0]
    )
    assert not find(page, "svg .band")
    assert "captured: 43" in text(find(page, "#coverage")[0])
    assert "not captured" in text(find(page, "#coverage")[0])
    assert len(find(tree(timed.page), "svg .band")) > 2


def test_sources_that_are_missing_come_first(blast: Pair) -> None:
    gap = SourceGap(
        "urn:g", "two", False, "dask transfers", "node7", "missing", 4, 0, "no log of it", ("outputs",)
    )
    lowered = replace(blast.comparison, sources=(gap,), verdict=Verdict.CANT_TELL)
    page = pair_html(lowered, blast.reference, blast.other)
    read = tree(page)
    assert text(find(read, ".banner.verdict-cant-tell .word")[0]) == "can't tell"
    assert page.index("1 source missing or partial") < page.index('class="tiles"')
    (row,) = read.xpath("//section[@id='coverage']//tr[td[.='dask transfers']]")
    assert [text(cell) for cell in find(row, "td")] == [
        "two",
        "dask transfers",
        "node7",
        "missing",
        "0 of 4",
        "no log of it",
        "outputs",
    ]


def test_each_statement_has_its_query(genome: Pair) -> None:
    page = tree(genome.page)
    queries = {entry.get("id"): text(find(entry, "strong")[0]) for entry in find(page, "details.query")}
    for row in find(page, "#deviations tr[data-rank]"):
        deviation = genome.comparison.deviations[int(row.get("data-rank")) - 1]
        (link,) = find(row, "details.row > a")
        assert queries[link.get("href")[1:]] == deviation.evidence.query
        cells = dict(zip(map(text, find(row, "dt")), map(text, find(row, "dd")), strict=True))
        assert set(cells) <= set(deviation.evidence.bindings)
    output = _sparql(page, "deviation-output")
    assert f"<{genome.comparison.graph}>" in output
    assert "# VALUES" not in output


def test_the_queries_of_the_page_give_the_rows(tmp_path: Path) -> None:
    with recup.open(":memory:") as graph:
        graph.ingest_all(BLAST)
        found = graph.compare(*(path.stem for path in BLAST))
        page = tree(found.to_html())
        answer = graph.query(_sparql(page, "deviation-output"))
        tasks = {row["reference"] for row in answer}
    outputs = [one for one in found.deviations if one.evidence.query == "deviation-output"]
    assert {one.evidence.bindings["reference"] for one in outputs} <= tasks


def test_steps_and_machines_are_tables_of_what_the_runs_state(blast: Pair) -> None:
    page = tree(blast.page)
    (table,) = page.xpath("//table[caption[starts-with(., 'Run times by step')]]")
    rows = {
        text(find(row, "td")[0]): [text(cell) for cell in find(row, "td")[1:]]
        for row in find(table, "tbody tr")
    }
    times = [task.run_time for task in blast.reference.tasks.values() if task.step.endswith("/blastall")]
    assert rows["blastall"][0] == "40"
    assert rows["blastall"][4] == words.seconds(sum(time for time in times if time is not None))
    (machines,) = page.xpath("//h3[@id='machines']/following-sibling::div[1]//table")
    counts = [text(find(row, "td")[1]) for row in find(machines, "tbody tr")]
    assert sum(map(int, counts)) == sum(map(len, blast.reference.nodes.values()))


def test_equal_differences_of_tasks_are_one_row(tmp_path: Path) -> None:
    other = small()
    for index in (1, 2):
        executed(other, index)["command"]["program"] = "work2"
    found = pair(save(tmp_path, small(), "one.json"), save(tmp_path, other, "two.json"))
    rows = find(tree(found.page), "#differences tbody tr")
    assert [[text(cell) for cell in find(row, "td")[:4]] for row in rows] == [
        ["program", "ran work2 instead of work", "2", "work_ID02, work_ID03"]
    ]


def test_long_tables_are_folded_and_say_how_much_is_left_out() -> None:
    short, long = listing(range(15)), listing(range(1000))
    assert (len(short.shown), short.more, short.left_out) == (15, (), 0)
    assert (len(long.shown), len(long.more), long.left_out, long.total) == (12, 188, 800, 1000)
    assert listing(range(3), 0).shown == ()


def test_the_page_of_two_thousand_tasks_stays_small(tmp_path: Path) -> None:
    found = pair(
        *(save(tmp_path, _wide(2000, slow), f"{name}.json") for name, slow in (("one", 0), ("two", 900)))
    )
    page = found.page
    assert found.comparison.matching.matched == 2002
    assert len(found.comparison.deviations) >= 900
    assert len(page.encode()) < 1_000_000
    read = tree(page)
    assert len(find(read, "#graph svg a")) == 3
    assert "more are not in this page" in text(find(read, "#deviations")[0])
    assert "1,960 more tasks of this box are not listed." in text(find(read, "#graph")[0])


def test_a_run_without_tasks_has_a_page(blast: Pair) -> None:
    def empty(facts: Facts) -> Facts:
        return replace(facts, tasks={}, parents={}, nodes={})

    nothing = replace(
        blast.comparison,
        deviations=(),
        alignment=(),
        makespan=replace(
            blast.comparison.makespan, parts=(), steps=(), reference=None, message="not captured"
        ),
    )
    page = tree(pair_html(nothing, empty(blast.reference), empty(blast.other)))
    assert "0 tasks in 0 boxes" in text(find(page, "#graph")[0])


def test_notebooks_get_a_summary_without_scripts(blast: Pair) -> None:
    page = pair_summary_html(blast.comparison)
    assert page.startswith('<div class="recup-comparison">')
    assert "<script" not in page and "<svg" not in page
    assert "First deviations (70)" in page and "and 60 more" in page


def _number(said: str) -> float:
    return float(said.removesuffix(" s").replace(",", "").replace("−", "-").replace("+", ""))


def _sparql(page: HtmlElement, query: str) -> str:
    (found,) = (entry for entry in find(page, "details.query") if text(find(entry, "strong")[0]) == query)
    return find(found, "pre")[0].text


def _digest(source: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"


def _wide(number: int, slow: int) -> dict[str, object]:
    """A trace of one task that feeds so many, which one gathers; `slow` of them take three times as long."""
    trace = small()
    tasks, ran = [], []
    names = [f"work_ID{n:05d}" for n in range(number)]
    first, last = specified(small(), 0), specified(small(), 3)
    tasks.append({**first, "children": names, "outputFiles": [f"{name}.in" for name in names]})
    ran.append(executed(small(), 0))
    for n, name in enumerate(names):
        relation = {"parents": ["split_ID01"], "children": ["merge_ID04"]}
        files = {"inputFiles": [f"{name}.in"], "outputFiles": [f"{name}.out"]}
        tasks.append({"name": name, "id": name, **relation, **files})
        command = {"program": "work", "arguments": [f"{name}.in"]}
        run_time = 90.0 if n < slow else 30.0
        ran.append({"id": name, "runtimeInSeconds": run_time, "command": command, "machines": ["n1"]})
    tasks.append({**last, "parents": names, "inputFiles": [f"{name}.out" for name in names]})
    ran.append(executed(small(), 3))
    files = [{"id": item, "sizeInBytes": 5} for name in names for item in (f"{name}.in", f"{name}.out")]
    kept = [
        item for item in trace["workflow"]["specification"]["files"] if item["id"] in ("in.txt", "all.out")
    ]
    trace["workflow"]["specification"] = {"tasks": tasks, "files": [*kept, *files]}
    trace["workflow"]["execution"]["tasks"] = ran
    assert json.dumps(trace) and re.match("small", str(trace["name"]))
    return trace
