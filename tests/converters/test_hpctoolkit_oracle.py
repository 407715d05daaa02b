"""Databases of HPCToolkit against what others say of them: its own dump, llnl-hatchet, and Hatchet's export."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from recup_kg.converters.hpctoolkit import read
from recup_kg.converters.hpctoolkit.v4.meta import COMBINE, Meta, read_meta
from recup_kg.converters.hpctoolkit.v4.trace import read_traces
from recup_kg.converters.hpctoolkit.v4.tree import ENTRY, Node
from recup_kg.converters.hpctoolkit.v4.values import read_contexts, read_profiles
from recup_kg.evidence import Evidence
from recup_kg.evidence.processes import Process

RELATIONS = ("lexical", "call", "inlined_call")
TYPES = ("function", "loop", "line", "instruction")
ENTRIES = ("unknown_entry", "main_thread", "application_thread")
SCOPES = ("custom", "point", "execution", "transitive")
READ_BY_HATCHET = ("cpi_v4_database", "loops-cputime-t.d", "small.d")


@pytest.fixture(scope="module")
def folder(root: Path) -> Path:
    return root / "data" / "hpctoolkit" / "small"


@pytest.fixture(scope="module")
def dump(folder: Path) -> Any:
    yaml = pytest.importorskip("yaml")

    class Loader(yaml.SafeLoader):  # type: ignore[name-defined,misc]
        pass

    def plain(loader: Any, suffix: str, node: Any) -> Any:
        if isinstance(node, yaml.MappingNode):
            return loader.construct_mapping(node, deep=True)
        if isinstance(node, yaml.SequenceNode):
            return loader.construct_sequence(node, deep=True)
        return loader.construct_scalar(node)

    Loader.add_multi_constructor("!", plain)
    return yaml.load((folder / "small.expected.yaml").read_text(), Loader=Loader)


@pytest.fixture(scope="module")
def meta(folder: Path) -> Meta:
    return read_meta(folder / "meta.db")


def test_general_properties_and_identifier_names(dump: Any, meta: Meta) -> None:
    assert dump["meta"]["general"] == {"title": meta.title, "description": meta.description}
    assert dump["meta"]["id_names"]["names"] == list(meta.kinds)
    assert meta.unreadable == ()


def test_metrics(dump: Any, meta: Meta) -> None:
    said = dump["meta"]["metrics"]
    scopes = [
        {"scope_name": scope.name, "type": SCOPES[scope.type], "propagation_index": scope.index}
        for scope in meta.scopes
    ]
    assert said["scopes"] == scopes and len(scopes) == 4
    by_name = {scope["scope_name"]: scope for scope in scopes}
    assert said["metrics"] == [
        {
            "name": group.name,
            "scope_insts": [
                {"scope": by_name[instance.scope.name], "prop_metric_id": instance.identifier}
                for instance in group.instances
            ],
            "summaries": [
                {
                    "scope": by_name[summary.scope.name],
                    "formula": summary.formula,
                    "combine": COMBINE[summary.combine],
                    "stat_metric_id": summary.identifier,
                }
                for summary in group.summaries
            ],
        }
        for group in meta.metrics
    ]


def _modules(meta: Meta) -> list[Any]:
    return [{"flags": [], "path": module.path} for module in meta.modules]


def _files(meta: Meta) -> list[Any]:
    return [{"flags": [], "path": file.path} for file in meta.files]


def _functions(meta: Meta) -> list[Any]:
    modules, files = _modules(meta), _files(meta)
    return [
        {
            "name": function.name,
            "module": None if function.module is None else modules[function.module],
            "offset": function.offset,
            "file": None if function.file is None else files[function.file],
            "line": function.line,
            "flags": [],
        }
        for function in meta.functions
    ]


def test_modules_files_and_functions(dump: Any, meta: Meta) -> None:
    assert dump["meta"]["modules"]["modules"] == _modules(meta)
    assert dump["meta"]["files"]["files"] == _files(meta)
    said = dump["meta"]["functions"]["functions"]
    assert {function["name"]: function for function in said} == {
        function["name"]: function for function in _functions(meta)
    }
    assert len(said) == len(meta.functions) == 3
    assert all(item.flags == 0 for item in (*meta.modules, *meta.files, *meta.functions))


def _tree(meta: Meta, parent: int | None) -> list[Any]:
    return [_node(meta, node) for node in meta.nodes if node.parent == parent]


def _node(meta: Meta, node: Node) -> Any:
    children = _tree(meta, node.identifier)
    if node.lexical_type == ENTRY:
        assert node.entry_point is not None
        return {
            "ctx_id": node.identifier,
            "entry_point": ENTRIES[node.entry_point],
            "pretty_name": node.name,
            "children": children,
        }
    flags = ("has_function", "has_srcloc", "has_point")
    return {
        "ctx_id": node.identifier,
        "flags": sorted(name for bit, name in enumerate(flags) if node.flags >> bit & 1),
        "relation": RELATIONS[node.relation],
        "lexical_type": TYPES[node.lexical_type],
        "propagation": node.propagation,
        "function": None if node.function is None else _functions(meta)[node.function],
        "file": None if node.file is None else _files(meta)[node.file],
        "line": node.line,
        "module": None if node.module is None else _modules(meta)[node.module],
        "offset": node.offset,
        "children": children,
    }


def _by_id(contexts: list[Any]) -> list[Any]:
    """The dump orders siblings by what they are, the file as it was written."""
    for context in contexts:
        _by_id(context["children"])
    contexts.sort(key=lambda context: context["ctx_id"])
    return contexts


def test_the_whole_tree(dump: Any, meta: Meta) -> None:
    assert _by_id(_tree(meta, None)) == _by_id(dump["meta"]["context"]["entry_points"])
    assert len(meta.nodes) == 13


def test_all_profiles_and_values(dump: Any, folder: Path) -> None:
    profiles = read_profiles(folder / "profile.db")
    said = dump["profile"]["profile_infos"]["profiles"]
    assert len(said) == len(profiles.infos) == 2
    found: dict[int, dict[int, dict[int, float]]] = {}
    for values in (profiles.summary, profiles.values):
        for context, profile, metric, value in zip(
            values.contexts, values.profiles, values.metrics, values.values, strict=True
        ):
            found.setdefault(profile, {}).setdefault(context, {})[metric] = value
    for place, (one, info) in enumerate(zip(said, profiles.infos, strict=True)):
        assert one["values"] == found[place]
        assert one["flags"] == (["is_summary"] if info.is_summary else [])
        ids = one["id_tuple"] and [
            {**part, "flags": int("is_physical" in part["flags"])} for part in one["id_tuple"]["ids"]
        ]
        assert ids == (
            info.identifiers
            and [
                {
                    "kind": part.kind,
                    "flags": part.flags,
                    "logical_id": part.logical,
                    "physical_id": part.physical,
                }
                for part in info.identifiers
            ]
        )


def test_all_values_by_context(dump: Any, folder: Path) -> None:
    count, values = read_contexts(folder / "cct.db")
    said = dump["context"]["ctx_infos"]["contexts"]
    found: list[dict[int, dict[int, float]]] = [{} for _ in range(count)]
    for context, profile, metric, value in zip(
        values.contexts, values.profiles, values.metrics, values.values, strict=True
    ):
        found[context].setdefault(metric, {})[profile] = value
    assert [context["values"] for context in said] == found
    assert len(values) == 47


def test_traces(dump: Any, folder: Path) -> None:
    said = dump["trace"]["ctx_traces"]
    traces = read_traces(folder / "trace.db")
    assert said["timestamp_range"] == {"min": traces.first, "max": traces.last}
    assert [
        (line["prof_index"], len(line["line"]), line["line"][0]["timestamp"], line["line"][-1]["timestamp"])
        for line in said["traces"]
    ] == [(line.profile, line.samples, line.first, line.last) for line in traces.lines]


def test_the_evidence_says_what_the_dump_says(dump: Any, folder: Path) -> None:
    evidence = read(folder / "meta.db")
    table = _table(evidence, "profile-values")
    scopes = [scope["scope_name"] for scope in dump["meta"]["metrics"]["scopes"]]
    values = dump["profile"]["profile_infos"]["profiles"][1]["values"]
    assert {row[:4]: row[4] for row in table} == {
        (context, 1, "CPUTIME (sec)", scopes[metric]): value
        for context, found in values.items()
        for metric, value in found.items()
    }
    (process,) = (record for record in evidence.records if isinstance(record, Process))
    assert process.label == "NODE 0 [0x11ac0300] / CORE 0 / THREAD 0"
    assert process.identifier_tuple == (
        {"kind": "NODE", "logical": 0, "physical": "0x11ac0300"},
        {"kind": "CORE", "logical": 0},
        {"kind": "THREAD", "logical": 0},
    )
    assert process.started is not None
    assert (process.started.written, process.started.iso) == (
        "1714021984008891000",
        "2024-04-25T05:13:04.008891Z",
    )


def _table(evidence: Evidence, identifier: str) -> list[tuple[Any, ...]]:
    (table,) = (table for table in evidence.tables if table.identifier == identifier)
    columns: list[Any] = [
        column.to_pylist() if hasattr(column, "to_pylist") else list(column)
        for column in table.columns.values()
    ]
    return list(zip(*columns, strict=True))


@pytest.mark.parametrize("name", READ_BY_HATCHET)
def test_llnl_hatchet_says_the_same(name: str, shared_data: Path) -> None:
    """It keeps one metric and no profile: times of contexts, with those of what is below them and without."""
    hatchet = pytest.importorskip("hatchet")
    database = shared_data / "hpctoolkit" / "v4" / name
    frame = hatchet.GraphFrame.from_hpctoolkit_latest(str(database)).dataframe
    ours = {
        row[0]: row[5]
        for row in _table(read(database / "meta.db"), "summary-values")
        if row[3] == "execution"
    }
    compared = 0
    for identifier, value in _hatchet_values(frame):
        if identifier in ours:
            assert math.isclose(ours[identifier], value, rel_tol=1e-12), identifier
            compared += 1
    assert compared >= 11


def _hatchet_values(frame: Any) -> Iterator[tuple[int, float]]:
    for node, row in frame.iterrows():
        yield node._hatchet_nid if "id" not in row else int(row["id"]), row["time (inc)"]


def test_values_of_ranks_are_those_of_the_export(root: Path) -> None:
    """`experiment.xml` with metric-db against the CSV that Hatchet made of them.

    Hatchet takes the cost of a procedure's own statements from the procedure: 26 exclusive values of 272 are 0 there.
    """
    folder = root / "data" / "hpctoolkit" / "cpi"
    ours = {row[:4]: row[4] for row in _table(read(folder / "experiment.xml"), "profile-values")}
    theirs = _table(read(folder / "hpctoolkit-cpi-graphframe.csv"), "profile-values")
    names = {"time (inc)": ("CPUTIME (usec) (I)", "inclusive"), "time": ("CPUTIME (usec) (E)", "exclusive")}
    differ = [row for row in theirs if ours[(*row[:2], *names[row[2]])] != row[4]]
    assert len(theirs) == 272
    assert len(differ) == 26
    assert {(row[2], row[4]) for row in differ} == {("time", 0.0)}
