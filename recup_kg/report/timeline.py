"""When tasks ran, node by node, of a run whose start times were captured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from recup_kg.compare.facts import Facts
from recup_kg.compare.waits import posix
from recup_kg.report.shapes import Path, Picture, Rect, Scale, Shape, Text, axis, boxes
from recup_kg.report.union import State, Union
from recup_kg.report.words import count, fitted, number, seconds

WIDTH = 1160.0
_LEFT = 250.0
_TOP = 8.0
_LANE = 12.0
_HIGHEST = 44.0
_ALL = 320.0
"""A node's band is not higher than this many pixels, however many tasks it runs at once, unless there are few nodes."""
_NODES = 24
_NAMED = 250
"""So many deviating tasks are shapes of their own, with their names; the others are drawn without."""
_NO_NODE = "machine not captured"


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when a task ran, in seconds from the start of the run."""

    task: str
    node: str
    start: float
    end: float
    state: State
    on_path: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """The spans of a run, and how many tasks have none as their times were not captured."""

    name: str
    spans: tuple[Span, ...]
    missing: int
    end: float


def timeline(facts: Facts, union: Union, path: Sequence[str], *, reference: bool) -> Timeline:
    """The tasks of a run in time. `path` is its critical path."""
    places = union.of_reference if reference else union.of_other
    timed = [
        (name, posix(task.started), task.run_time)
        for name, task in sorted(facts.tasks.items())
        if task.started is not None and task.run_time is not None
    ]
    origin = (
        posix(facts.started) if facts.started is not None else min((at for _, at, _ in timed), default=0.0)
    )
    on_path = set(path)
    spans = tuple(
        Span(
            name,
            ", ".join(facts.nodes.get(name, ())) or _NO_NODE,
            start - origin,
            start - origin + run_time,
            union.tasks[places[name]].state,
            name in on_path,
        )
        for name, start, run_time in timed
    )
    end = max([span.end for span in spans] + [facts.makespan or 0.0])
    return Timeline(facts.run.name, spans, len(facts.tasks) - len(spans), end)


def picture(told: Timeline, end: float) -> Picture:
    """The timeline, its axis from 0 to `end` seconds."""
    low = min([span.start for span in told.spans] + [0.0])
    scale = Scale(low, end, _LEFT, WIDTH - 16)
    nodes = _by_node(told.spans)
    shown = sorted(sorted(sorted(nodes), key=lambda node: _weight(nodes[node]), reverse=True)[:_NODES])
    shapes: list[Shape] = []
    y = _TOP
    for node in shown:
        rows, lanes = _packed(nodes[node])
        height = min(max(_HIGHEST, _ALL / len(shown)), max(lanes * _LANE, 16.0))
        shapes.append(Rect(_LEFT, y, WIDTH - 16 - _LEFT, height, "band"))
        shapes.append(Text(_LEFT - 8, y + height / 2 + 4, fitted(node, _LEFT - 12, 10), "label", "end"))
        shapes += _spans(rows, scale, y, height / lanes)
        y += height + 6
    ticks = [(value, f"{number(value)} s") for value in scale.ticks()]
    label = f"{told.name}: {count(len(told.spans), 'task')} on {count(len(nodes), 'machine')}, {seconds(told.end)}"
    return Picture(WIDTH, y + 22, label, (*axis(scale, _TOP, y, ticks), *shapes))


def folded(told: Timeline) -> str:
    """What the picture leaves out, in one sentence; empty where it leaves out nothing."""
    nodes = len(_by_node(told.spans))
    left = [f"{count(nodes - _NODES, 'machine')} with less of it are not drawn"] if nodes > _NODES else []
    if told.missing:
        left.append(f"the times of {count(told.missing, 'task')} were not captured")
    return "; ".join(left)


def _by_node(spans: Sequence[Span]) -> Mapping[str, list[Span]]:
    found: dict[str, list[Span]] = {}
    for span in spans:
        found.setdefault(span.node, []).append(span)
    return found


def _weight(spans: Sequence[Span]) -> tuple[int, float]:
    deviating = sum(span.state is State.FIRST or span.on_path for span in spans)
    return deviating, sum(span.end - span.start for span in spans)


def _packed(spans: Sequence[Span]) -> tuple[list[tuple[Span, int]], int]:
    """Each span with the first lane that is free; how many lanes there are."""
    free: list[float] = []
    rows = []
    for span in sorted(spans, key=lambda span: (span.start, span.task)):
        lane = next((index for index, end in enumerate(free) if end <= span.start + 1e-9), len(free))
        if lane == len(free):
            free.append(0.0)
        free[lane] = span.end
        rows.append((span, lane))
    return rows, max(len(free), 1)


def _spans(rows: Sequence[tuple[Span, int]], scale: Scale, top: float, lane: float) -> Iterator[Shape]:
    """What deviates or is on the critical path by name, the rest as one path for each state."""
    plain: dict[State, list[tuple[float, float, float, float]]] = {}
    noteworthy = [row for row in rows if row[0].state is not State.SAME or row[0].on_path]
    named = {id(row[0]) for row in noteworthy[:_NAMED]}
    later: list[Shape] = []
    gap = 1.0 if lane > 4 else 0.0
    for span, number_of_lane in rows:
        x, end = scale(span.start), scale(span.end)
        place = (x, top + number_of_lane * lane + gap / 2, max(end - x, 0.8), lane - gap)
        if id(span) in named:
            look = f"span {span.state.slug}{' path' if span.on_path else ''}"
            later.append(Rect(*place, look, _title(span)))
        else:
            plain.setdefault(span.state, []).append(place)
    for state in State:
        if state in plain:
            yield Path(boxes(plain[state]), f"span {state.slug}")
    yield from later


def _title(span: Span) -> str:
    path = ", on the critical path" if span.on_path else ""
    return f"{span.task}: {seconds(span.start)} to {seconds(span.end)}, {span.state.value}{path}"
