"""Databases made from generated content read as that content, whatever the sizes of their structures."""

from __future__ import annotations

import tempfile
from itertools import count
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recup_kg.converters.hpctoolkit import read
from recup_kg.converters.hpctoolkit.hot import hot_contexts, own_costs
from recup_kg.converters.hpctoolkit.v4.database import read_database
from recup_kg.converters.hpctoolkit.v4.meta import read_meta
from recup_kg.converters.hpctoolkit.v4.tree import Node
from recup_kg.converters.hpctoolkit.v4.values import Identifier, read_contexts, read_profiles
from tests.converters.hpctoolkit_writer import Ctx, Database, Prof

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
NUMBER = st.floats(allow_nan=False, allow_infinity=False)
METRIC = (
    (
        "M (sec)",
        ((0, 0), (1, 1), (2, 2)),
        ((0, "$$", 0, 0), (1, "$$", 0, 1), (2, "$$", 0, 2), (3, "$$^2", 2, 2)),
    ),
)
SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def databases(draw: st.DrawFn) -> Database:
    """Databases with a tree, and values for contexts in it and not in it."""
    modules = tuple(draw(st.lists(TEXT, max_size=2)))
    files = tuple(draw(st.lists(TEXT, max_size=2)))
    place = lambda known: st.none() | st.sampled_from(range(len(known))) if known else st.none()  # noqa: E731
    functions = tuple(
        draw(
            st.lists(
                st.tuples(
                    TEXT.filter(bool),
                    place(modules),
                    st.integers(0, 2**64 - 1),
                    place(files),
                    st.integers(0, 9),
                ),
                max_size=3,
            )
        )
    )
    numbers = count(2)
    pair = lambda known, most: (  # noqa: E731
        st.none() | st.tuples(st.sampled_from(range(len(known))), st.integers(0, most))
        if known
        else st.none()
    )

    def context(depth: int) -> Ctx:
        below = draw(st.integers(0, 2)) if depth else 0
        identifier = next(numbers)
        return Ctx(
            identifier,
            draw(st.integers(0, 4)),
            draw(st.integers(0, 3)),
            draw(st.integers(0, 3)),
            draw(place(functions)),
            draw(pair(files, 2**32 - 1)),
            draw(pair(modules, 2**64 - 1)),
            tuple(context(depth - 1) for _ in range(below)),
        )

    entries = ((1, 1, draw(TEXT), tuple(context(3) for _ in range(draw(st.integers(0, 2))))),)
    values = st.dictionaries(
        st.integers(0, 12), st.dictionaries(st.integers(0, 2), NUMBER, max_size=3), max_size=6
    )
    ids = st.tuples(
        st.integers(0, 5), st.integers(0, 1), st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1)
    )
    profiles = draw(st.lists(st.tuples(values, st.lists(ids, max_size=3)), max_size=3))
    return Database(
        title=draw(TEXT),
        description=draw(TEXT),
        metrics=METRIC,
        modules=modules,
        files=files,
        functions=functions,
        entries=entries,
        profiles=(
            Prof(draw(values), None, True),
            *(Prof(found, tuple(parts)) for found, parts in profiles),
        ),
        traces=draw(st.none() | st.just(((1, ((5, 0), (10**18, 2))),) if profiles else ())),
        growth=draw(st.sampled_from((0, 8, 24))),
        minor=draw(st.integers(0, 255)),
    )


def nodes(base: Database) -> list[Node]:
    """The tree as it was described, parents first."""
    found: list[Node] = []

    def add(contexts: tuple[Ctx, ...], parent: int) -> None:
        for ctx in contexts:
            given = (ctx.function is not None, ctx.source is not None, ctx.point is not None)
            flags = sum(bit << place for place, bit in enumerate(given))
            file, line = ctx.source or (None, None)
            module, offset = ctx.point or (None, None)
            node = Node(
                ctx.identifier,
                parent,
                ctx.kind,
                ctx.relation,
                ctx.propagation,
                flags,
                ctx.function,
                file,
                line,
                module,
                offset,
            )
            found.append(node)
            add(ctx.children, ctx.identifier)

    for identifier, kind, name, contexts in base.entries:
        found.append(Node(identifier, None, -1, entry_point=kind, name=name))
        add(contexts, identifier)
    return found


def triples(base: Database, *, summary: bool) -> dict[tuple[int, int, int], float]:
    return {
        (place, context, metric): value
        for place, profile in enumerate(base.profiles)
        if profile.summary is summary
        for context, values in profile.values.items()
        for metric, value in values.items()
    }


@SETTINGS
@given(databases())
def test_what_is_written_is_read(base: Database) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = base.write(Path(name))
        meta = read_meta(path)
        profiles = read_profiles(path.parent / "profile.db")
        _, contexts = read_contexts(path.parent / "cct.db")
    assert (meta.title, meta.description, meta.kinds, meta.minor) == (
        base.title,
        base.description,
        base.kinds,
        base.minor,
    )
    assert list(meta.nodes) == nodes(base)
    assert tuple((scope.name, scope.type, scope.index) for scope in meta.scopes) == base.scopes
    assert tuple(module.path for module in meta.modules) == base.modules
    assert tuple(file.path for file in meta.files) == base.files
    assert (
        tuple((each.name, each.module, each.offset, each.file, each.line) for each in meta.functions)
        == base.functions
    )
    for values, summary in ((profiles.summary, True), (profiles.values, False), (contexts, False)):
        keys = zip(values.profiles, values.contexts, values.metrics, strict=True)
        assert dict(zip(keys, values.values, strict=True)) == triples(base, summary=summary)
    assert [info.identifiers for info in profiles.infos] == [
        None if profile.identifiers is None else tuple(Identifier(*part) for part in profile.identifiers)
        for profile in base.profiles
    ]


@SETTINGS
@given(databases())
def test_any_database_gives_evidence_that_is_the_same_each_time(base: Database) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = base.write(Path(name))
        evidence = read(path)
        again = read(path.with_name("cct.db"))
    assert evidence.identity == again.identity
    assert evidence.records == again.records
    assert not [gap for gap in evidence.gaps if gap.kind == "ConflictingValue"]


@SETTINGS
@given(databases(), st.floats(0, 1))
def test_hot_contexts_cover_their_share_and_are_whole_paths(base: Database, share: float) -> None:
    with tempfile.TemporaryDirectory() as name:
        _, measurement = read_database(base.write(Path(name)))
    costs = measurement.summary.by_context(0)
    (metric,) = (metric for metric in measurement.summary_metrics if metric.primary)
    hot = hot_contexts(measurement.contexts, costs, [metric], share)
    parents = {context.identifier: context.parent for context in measurement.contexts}
    own = own_costs(parents, costs, metric)
    total = sum(own.values())
    assert sum(own.get(each, 0) for each in hot) >= share * total * (1 - 1e-9)
    assert all(parents[each] is None or parents[each] in hot for each in hot)
    assert hot <= set(parents)


def test_a_later_minor_version_is_read(tmp_path: Path) -> None:
    base = Database(
        metrics=METRIC,
        entries=((1, 9, "a new kind", (Ctx(2, kind=77, relation=66),)),),
        profiles=(Prof({1: {2: 2.0}}, None, True), Prof({1: {2: 2.0}}, ((3, 0, 7, 7),))),
        growth=16,
        minor=200,
    )
    evidence = read(base.write(tmp_path))
    assert evidence.source.format_version == "4.200"
    (table,) = (table for table in evidence.tables if table.identifier == "context-tree")
    assert list(table.columns["kind"])[1].as_py() == "lexical type 77"
    assert list(table.columns["relation"])[1].as_py() == "relation 66"


def test_credentials_do_not_enter(tmp_path: Path) -> None:
    secret = "ghp_" + "a1B2" * 9
    base = Database(
        title=f"run --token {secret}",
        description=f"password of https://me:{secret}@host/",
        metrics=METRIC,
        profiles=(Prof({}, None, True),),
    )
    assert secret not in str(read(base.write(tmp_path)))
