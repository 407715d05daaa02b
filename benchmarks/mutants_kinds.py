"""Mutants: a real run, run again, in which one thing was changed. Every edit says what, and where that is to be found."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeAlias

from benchmarks.mutants_origins import Listing, Origin, Trace, package_listings, seed_listing
from recup_kg.comparisons import Kind

FACTORS = (1.3, 2.0, 4.0)
FEWEST = 3
"""Tasks that a slow machine runs, or that read a slow file, at least: one task alone is a slow task."""
SLOWED = 1.0
"""Seconds by which a slow machine or file makes its tasks slower in all, at least."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a change is to be found: kinds of deviation; tasks by identifier, names of files, packages, or shared things."""

    kinds: frozenset[Kind]
    tasks: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    steps: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Mutant:
    """A pair of runs that differ in one thing. `evidence` gives files beside the traces: name to text.

    `kind` is that of the change, `detail` what exactly, `place` where it is to be found; an empty set of kinds: nowhere.
    `slowed` are the tasks whose run time was changed.
    """

    kind: str
    origin: str
    system: str
    detail: str
    reference: Trace
    other: Trace
    place: Place
    factor: float | None = None
    slowed: frozenset[str] = frozenset()
    reference_evidence: Mapping[str, str] = field(default_factory=dict)
    other_evidence: Mapping[str, str] = field(default_factory=dict)


Edit: TypeAlias = Callable[[Origin, Random], "Mutant | None"]


def parameter(origin: Origin, random: Random) -> Mutant | None:
    """Another argument of one task; where the source has no arguments, a number in its script."""
    other = origin.rerun()
    tasks = [task for task in other.executed if task.get("command", {}).get("program")]
    if not tasks:
        return None
    task = random.choice(tasks)
    command = task["command"]
    if command.get("arguments"):
        files = {*origin.readers, *origin.writers}
        free = [n for n, word in enumerate(command["arguments"]) if not any(name in word for name in files)]
        if free:
            place = random.choice(free)
            old = command["arguments"][place]
            command["arguments"][place] = _changed(old, random)
            detail = f"{old} -> {command['arguments'][place]}"
        else:
            command["arguments"].append(f"--level={random.randint(2, 9)}")
            detail = f"+ {command['arguments'][-1]}"
        kinds = frozenset((Kind.PARAMETER,))
    else:
        command["program"], detail = _changed_script(command["program"], random)
        kinds = frozenset((Kind.PROGRAM, Kind.PARAMETER))
    place_of = _at(origin, task["id"], kinds)
    return _mutant("parameter", origin, other, f"{task['id']}: {detail}", place_of)


def package(origin: Origin, random: Random) -> Mutant | None:
    """Another version of one package of the environment."""
    listing = random.choice(list(package_listings()))
    return _listed("package", origin, random, listing, Kind.ENVIRONMENT)


def seed(origin: Origin, random: Random) -> Mutant | None:
    """Another seed: in what a training prints of its settings, or as an argument of a task."""
    if random.random() < 0.5:
        return _listed("seed", origin, random, seed_listing(), Kind.SEED)
    reference, other = Origin(origin.name, _copy(origin.trace)), origin.rerun()
    tasks = [n for n, task in enumerate(other.executed) if task.get("command", {}).get("arguments")]
    if not tasks:
        return None
    number = random.choice(tasks)
    style = random.choice((("--seed={}",), ("--seed", "{}"), ("-seed", "{}"), ("--random_state={}",)))
    old, new = random.sample(range(1, 100_000), 2)
    for run, value in ((reference, old), (other, new)):
        run.executed[number]["command"]["arguments"] += [word.format(value) for word in style]
    place = _at(origin, other.executed[number]["id"], frozenset((Kind.SEED,)))
    detail = f"{other.executed[number]['id']}: {' '.join(style)} {old} -> {new}"
    return _mutant("seed", reference, other, detail, place)


def input_content(origin: Origin, random: Random) -> Mutant | None:
    """Another size of one file that no task wrote and some task read."""
    other = origin.rerun()
    files = [
        file
        for file in other.files
        if file["id"] in origin.readers
        and file["id"] not in origin.writers
        and file["id"] not in origin.doubtful
    ]
    if not files:
        return None
    file = random.choice(files)
    old = file["sizeInBytes"]
    file["sizeInBytes"] = old + random.randint(1, max(2, old // 3))
    place = Place(frozenset((Kind.INPUT,)), frozenset(origin.readers[file["id"]]))
    return _mutant("input", origin, other, f"{file['id']}: {old} -> {file['sizeInBytes']} bytes", place)


def dropped_task(origin: Origin, random: Random) -> Mutant | None:
    """One task less, with what only it wrote."""
    other = origin.rerun()
    if len(other.specified) < 3:
        return None
    gone = random.choice(other.specified)
    name = gone["id"]
    own = {item for item in gone.get("outputFiles") or () if origin.writers[item] == [name]}
    own |= {
        item
        for item in gone.get("inputFiles") or ()
        if origin.readers[item] == [name] and item not in origin.writers
    }
    _drop_tasks(other.trace, name, own)
    place = Place(frozenset((Kind.STRUCTURE,)), frozenset((name,)), steps=_steps(origin, name))
    return _mutant("dropped task", origin, other, name, place)


def added_task(origin: Origin, random: Random) -> Mutant | None:
    """One task more: it does what another does, with one more argument, and writes a file of its own."""
    other = origin.rerun()
    model = random.choice(other.specified)
    run = next((task for task in other.executed if task["id"] == model["id"]), None)
    if run is None:
        return None
    stem = re.sub(r"_ID\d+$|_\d+$", "", model["id"])
    new = f"{stem}_ID{900_000 + random.randint(0, 99_999)}"
    output = f"added-{random.randint(1, 9999)}.out"
    added = {**_copy(model), "id": new, "children": [], "outputFiles": [output]}
    added["name"] = new if model["name"] == model["id"] else model["name"]
    executed = {**_copy(run), "id": new}
    command = executed.get("command", {})
    if command.get("arguments"):
        command["arguments"].append(f"--out={output}")
    elif command.get("program"):
        command["program"] += f" --out {output}"
    other.specified.append(added)
    other.executed.append(executed)
    other.files.append({"id": output, "sizeInBytes": random.randint(1, 10_000)})
    for task in other.specified:
        if task["id"] in added.get("parents", ()):
            task["children"].append(new)
    place = Place(frozenset((Kind.STRUCTURE,)), frozenset((new,)), steps=_steps(origin, model["id"]))
    return _mutant("added task", origin, other, f"{new}, as {model['id']}", place)


def slow_node(origin: Origin, random: Random, factor: float | None = None) -> Mutant | None:
    """All tasks of one machine took longer."""
    hosted: dict[str, list[str]] = {}
    for task in origin.executed:
        for machine in task.get("machines") or ():
            hosted.setdefault(machine, []).append(task["id"])
    return _slowed("slow node", "machine", origin, random, factor, hosted)


def slow_file(origin: Origin, random: Random, factor: float | None = None) -> Mutant | None:
    """All tasks that read one file took longer, and used less of their processor."""
    return _slowed("slow file", "file", origin, random, factor, origin.readers)


def renamed_ids(origin: Origin, random: Random) -> Mutant | None:
    """The same run: other ids, work folders, uuids, times and temporary names, and all lists in another order."""
    text = json.dumps(origin.rerun().trace)
    for pattern, make in _TOKENS:
        found = sorted({match.group("token") for match in re.finditer(pattern, text)})
        for token in found:
            text = text.replace(token, make(token, random))
    other = Origin(origin.name, json.loads(text))
    _rename(other, random)
    for entries in (other.specified, other.executed, other.files):
        random.shuffle(entries)
    for task in other.specified:
        for member in ("parents", "children", "inputFiles", "outputFiles"):
            if member in task:
                random.shuffle(task[member])
    return _mutant("renamed ids", origin, other, "ids, tokens and order", Place(frozenset()))


FIELDS: Mapping[str, Callable[[Origin], None]] = {
    "arguments": lambda run: _without(run.executed, "command", "arguments"),
    "commands": lambda run: _without(run.executed, "command"),
    "run times": lambda run: _without(run.executed, "runtimeInSeconds"),
    "machines": lambda run: _without(run.executed, "machines"),
    "processor use": lambda run: _without(run.executed, "avgCPU"),
    "files": lambda run: _without_files(run),
}


def removed_capture(origin: Origin, random: Random) -> Mutant | None:
    """One kind of facts was not captured in the other run: a field of all tasks, or the list of packages."""
    if random.random() < 1 / (len(FIELDS) + 1):
        listing = random.choice(list(package_listings()))
        place = Place(frozenset((Kind.CAPTURE_GAP,)))
        own = {listing.file: listing.text}
        return Mutant(
            "removed capture",
            origin.name,
            origin.system,
            f"packages ({listing.file})",
            origin.trace,
            origin.rerun().trace,
            place,
            reference_evidence=own,
        )
    name = random.choice(sorted(FIELDS))
    other = origin.rerun()
    before = json.dumps(other.trace)
    FIELDS[name](other)
    if json.dumps(other.trace) == before:
        return None
    return _mutant("removed capture", origin, other, name, Place(frozenset((Kind.CAPTURE_GAP,))))


KINDS: Mapping[str, Edit] = {
    "parameter": parameter,
    "package": package,
    "input": input_content,
    "dropped task": dropped_task,
    "added task": added_task,
    "slow node": slow_node,
    "slow file": slow_file,
    "seed": seed,
    "renamed ids": renamed_ids,
    "removed capture": removed_capture,
}


def _copy(value: Trace) -> Trace:
    copied: Trace = json.loads(json.dumps(value))
    return copied


def _mutant(kind: str, reference: Origin, other: Origin, detail: str, place: Place) -> Mutant:
    return Mutant(kind, reference.name, reference.system, detail, reference.trace, other.trace, place)


def _steps(origin: Origin, task: str) -> frozenset[str]:
    """The names by which a class of tasks that can't be told apart may be called."""
    name = next(entry["name"] for entry in origin.specified if entry["id"] == task)
    return frozenset((name, re.sub(r"_ID\d+$", "", name)))


def _at(origin: Origin, task: str, kinds: frozenset[Kind]) -> Place:
    return Place(kinds, frozenset((task,)), steps=_steps(origin, task))


def _changed(word: str, random: Random) -> str:
    """The word with another number in it, or with one more letter."""
    numbers = list(re.finditer(r"\d+", word))
    if not numbers:
        return word + "x"
    match = random.choice(numbers)
    return f"{word[: match.start()]}{int(match.group()) + random.randint(1, 9)}{word[match.end() :]}"


def _changed_script(script: str, random: Random) -> tuple[str, str]:
    options = list(re.finditer(r"\s--?[A-Za-z][\w-]*[ =](\d+)\b", script))
    if not options:
        first, *rest = script.split("\n")
        return "\n".join([f"{first} --level 2", *rest]), "+ --level 2"
    match = random.choice(options)
    new = str(int(match.group(1)) + 1)
    return f"{script[: match.start(1)]}{new}{script[match.end(1) :]}", f"{match.group().strip()} -> {new}"


def _listed(kind: str, origin: Origin, random: Random, listing: Listing, found: Kind) -> Mutant | None:
    """The run with a file that tells of it, in which one value is another."""
    entries = list(listing.entry.finditer(listing.text))
    once = [entry for entry in entries if sum(other["name"] == entry["name"] for other in entries) == 1]
    if not once:
        return None
    entry = random.choice(once)
    old = entry["value"]
    new = _other_version(old)
    text = f"{listing.text[: entry.start('value')]}{new}{listing.text[entry.end('value') :]}"
    return Mutant(
        kind,
        origin.name,
        origin.system,
        f"{listing.file}: {entry['name']} {old} -> {new}",
        origin.trace,
        origin.rerun().trace,
        Place(frozenset((found,)), names=frozenset((entry["name"], entry["name"].lower()))),
        reference_evidence={listing.file: listing.text},
        other_evidence={listing.file: text},
    )


def _other_version(version: str) -> str:
    match = list(re.finditer(r"\d+", version))
    if not match:
        return version + "1"
    last = match[-1]
    return f"{version[: last.start()]}{int(last.group()) + 1}{version[last.end() :]}"


def _drop_tasks(trace: Trace, name: str, files: Iterable[str]) -> None:
    specification, execution = trace["workflow"]["specification"], trace["workflow"]["execution"]
    gone = set(files)
    specification["tasks"] = [task for task in specification["tasks"] if task["id"] != name]
    execution["tasks"] = [task for task in execution["tasks"] if task["id"] != name]
    specification["files"] = [file for file in specification.get("files", ()) if file["id"] not in gone]
    for task in specification["tasks"]:
        for member in ("parents", "children"):
            task[member] = [entry for entry in task.get(member, ()) if entry != name]
        for member in ("inputFiles", "outputFiles"):
            if member in task:
                task[member] = [entry for entry in task[member] if entry not in gone]


def _slowed(
    kind: str,
    what: str,
    origin: Origin,
    random: Random,
    factor: float | None,
    groups: Mapping[str, Sequence[str]],
) -> Mutant | None:
    chosen = factor or random.choice(FACTORS)
    times = {task["id"]: task.get("runtimeInSeconds") or 0.0 for task in origin.executed}
    usable = {name: [task for task in tasks if times.get(task, 0.0) > 0] for name, tasks in groups.items()}
    names = [
        name
        for name, tasks in sorted(usable.items())
        if len(tasks) >= FEWEST and (chosen - 1) * sum(times[task] for task in tasks) > SLOWED
    ]
    if not names:
        return None
    name = random.choice(names)
    slow = frozenset(usable[name])
    other = slowed(origin.rerun(), slow, chosen, waits=what == "file")
    place = Place(frozenset((Kind.PERFORMANCE,)), names=frozenset((f"{what} {_logical(name)}",)))
    return Mutant(
        kind,
        origin.name,
        origin.system,
        f"{what} {name}: {len(slow)} of {len(times)} tasks {chosen:g} times",
        origin.trace,
        other.trace,
        place,
        chosen,
        slow,
    )


def slowed(run: Origin, tasks: frozenset[str], factor: float, *, waits: bool) -> Origin:
    """The run with these tasks slower by a factor, and the makespan longer as far as its longest path is.

    Where they wait for a file, their use of the processor falls by the factor.
    """
    before = _longest(run)
    for task in run.executed:
        if task["id"] in tasks:
            task["runtimeInSeconds"] *= factor
            if waits and "avgCPU" in task:
                task["avgCPU"] /= factor
    execution = run.trace["workflow"]["execution"]
    if "makespanInSeconds" in execution:
        execution["makespanInSeconds"] += _longest(run) - before
    return run


def _longest(run: Origin) -> float:
    """The longest path by run time, in seconds."""
    times = {task["id"]: task.get("runtimeInSeconds") or 0.0 for task in run.executed}
    parents = {task["id"]: task.get("parents") or () for task in run.specified}
    ends: dict[str, float] = {}
    waiting = list(parents)
    while waiting:
        task = waiting.pop()
        missing = [parent for parent in parents.get(task, ()) if parent not in ends]
        if missing:
            waiting += [task, *missing]
        else:
            ends[task] = max((ends[parent] for parent in parents.get(task, ())), default=0.0) + times.get(
                task, 0.0
            )
    return max(ends.values(), default=0.0)


def _logical(name: str) -> str:
    return re.sub(r"^.*/[0-9a-f]{2}/[0-9a-f]{30}/", "", name)


def _hexadecimal(token: str, random: Random) -> str:
    """As many other hexadecimal digits, with a letter and a digit among them."""
    digits = [random.choice("0123456789abcdef") if char.isalnum() else char for char in token]
    places = [n for n, char in enumerate(digits) if char.isalnum()]
    digits[places[0]], digits[places[1]] = random.choice("abcdef"), random.choice("0123456789")
    return "".join(digits)


def _time(token: str, random: Random) -> str:
    return token.replace(token[11:13] if token[4] == "-" else token[9:11], f"{random.randint(0, 23):02d}")


def _temporary(token: str, random: Random) -> str:
    return token[:5] + f"run{random.randint(1000, 9999)}"


_TOKENS: tuple[tuple[str, Callable[[str, Random], str]], ...] = (
    (r"/(?P<token>[0-9a-f]{2}/[0-9a-f]{30})/", _hexadecimal),
    (r"(?P<token>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})", _hexadecimal),
    (r"(?<![\w])(?P<token>/tmp/[\w.-]+)", _temporary),
)


def _rename(run: Origin, random: Random) -> None:
    """Other ids of tasks; names that repeat an id are made anew from the step and a number."""
    numbers = random.sample(range(10 * len(run.specified)), len(run.specified))
    opaque = random.random() < 0.5
    new = {}
    for number, task in zip(numbers, run.specified, strict=True):
        stem = re.sub(r"_ID\d+$", "", task["name"])
        numbered = stem != task["name"]
        new[task["id"]] = f"{stem}_ID{number:07d}" if numbered and not opaque else f"job{number:07d}"
        if numbered:
            task["name"] = f"{stem}_ID{number:07d}"
    for task in run.specified:
        task["id"] = new[task["id"]]
        for member in ("parents", "children"):
            task[member] = [new[name] for name in task.get(member, ())]
    for task in run.executed:
        task["id"] = new[task["id"]]


def _without(entries: Iterable[Trace], *path: str) -> None:
    for entry in entries:
        holder = entry
        for member in path[:-1]:
            holder = holder.get(member, {})
        holder.pop(path[-1], None)


def _without_files(run: Origin) -> None:
    _without(run.specified, "inputFiles")
    _without(run.specified, "outputFiles")
    run.trace["workflow"]["specification"].pop("files", None)
