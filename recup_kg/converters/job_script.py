"""Reads batch scripts: what they ask of the scheduler (`#SBATCH`, `#PBS`), which modules they load, which commands they run.

https://slurm.schedmd.com/sbatch.html,
https://help.altair.com/2022.1.0/PBS%20Professional/PBSReferenceGuide2022.1.pdf (qsub). Directives get the long name of their
option, so that two spellings of one request are alike. A directive after the first command is none for the scheduler, nor here.
Credentials are replaced by a marker before anything else is done.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from recup_kg.converters.sources import head, read_text, source_of
from recup_kg.errors import MalformedSource
from recup_kg.evidence import Evidence
from recup_kg.evidence.identity import facts_identity
from recup_kg.evidence.jobs import JobScript
from recup_kg.records import Gap, Subject
from recup_kg.redaction import redact_arguments, redact_text

NAME = "job-script"
VERSION = "1"

_DIRECTIVE = re.compile(r"#(SBATCH|PBS)[ \t]+(\S.*)")
_SIGHT = re.compile(rb"^#(?:SBATCH|PBS)[ \t]+-", re.MULTILINE)
_SHEBANG = re.compile(r"#![ \t]*(\S.*)")
_HEREDOC = re.compile(r"<<(-?)[ \t]*(?:'([^'\n]+)'|\"([^\"\n]+)\"|\\?([\w.-]+))")
_MODULE = re.compile(r"(?:^|[;&|][ \t]*)(?:module|ml)[ \t]+([^;&|#\n]*)")
_SCHEDULERS = {"SBATCH": "SLURM", "PBS": "PBS"}
_NOT_LOADING = re.compile(
    r"(?:un|pu|rm|del(?:ete)?|purge|reset|restore|use|unuse|list|avail|av|spider|sp|show|display|help|swap|sw|save|describe|-.*)$"
    r"|(?:unload|keyword|key|whatis|disable|is-loaded|is-avail|initadd|try-unload|refresh|update|source|snapshot)$"
)

SLURM_OPTIONS: Mapping[str, str] = {
    "A": "account",
    "a": "array",
    "b": "begin",
    "B": "extra-node-info",
    "C": "constraint",
    "c": "cpus-per-task",
    "D": "chdir",
    "d": "dependency",
    "e": "error",
    "F": "nodefile",
    "G": "gpus",
    "H": "hold",
    "i": "input",
    "J": "job-name",
    "k": "no-kill",
    "L": "licenses",
    "M": "clusters",
    "m": "distribution",
    "N": "nodes",
    "n": "ntasks",
    "O": "overcommit",
    "o": "output",
    "p": "partition",
    "Q": "quiet",
    "q": "qos",
    "S": "core-spec",
    "s": "oversubscribe",
    "t": "time",
    "V": "version",
    "v": "verbose",
    "W": "wait",
    "w": "nodelist",
    "x": "exclude",
}
PBS_OPTIONS: Mapping[str, str] = {
    "A": "account",
    "a": "begin",
    "C": "directive-prefix",
    "c": "checkpoint",
    "e": "error",
    "h": "hold",
    "I": "interactive",
    "J": "array",
    "j": "join",
    "k": "keep",
    "M": "mail-users",
    "m": "mail-events",
    "N": "job-name",
    "o": "output",
    "P": "project",
    "p": "priority",
    "q": "queue",
    "R": "remove",
    "r": "rerunnable",
    "S": "shell",
    "t": "array",
    "u": "user-list",
    "V": "export-all",
    "v": "variables",
    "W": "attributes",
}
_FLAGS = {
    "SBATCH": frozenset("HkOQsVvW"),
    "PBS": frozenset("hIVXzf"),
}


def sniff(path: Path) -> bool:
    """Whether the file is text that begins with a comment (`#!` or another) and has a directive at the start of a line."""
    start = head(path)
    return (
        b"\0" not in start
        and start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"#")
        and bool(_SIGHT.search(start))
    )


def read(path: Path) -> Evidence:
    """The script. Raises `MalformedSource`."""
    text = redact_text(read_text(path))
    lines = list(_logical(text.splitlines()))
    prefix = next((match[1] for _, line in lines if (match := _DIRECTIVE.match(line))), None)
    if prefix is None:
        raise MalformedSource(
            path, "no directive of a scheduler", advice="name the script that was given to sbatch or qsub"
        )
    shebang = _SHEBANG.match(text)
    directives, ignored, gaps = _directives(lines, prefix)
    commands = tuple(line for _, line in lines if line.strip() and not line.lstrip().startswith("#"))
    script = JobScript(
        identifier="script",
        label=path.name,
        scheduler=_SCHEDULERS[prefix],
        interpreter=shebang[1].strip() if shebang else None,
        directives=directives,
        commands=commands,
        modules=tuple(_modules(commands)),
    )
    return Evidence(
        source=source_of(
            path, converter=NAME, version=VERSION, format_version=_SCHEDULERS[prefix], layer="JobLayer"
        ),
        identity=facts_identity("job-script", (script,)),
        label=path.name,
        layer="JobLayer",
        records=(script,),
        gaps=(*gaps, *ignored),
    )


def _logical(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """The commands and comments with the number of their first line: continued lines as one, here-documents as one."""
    number, kept, ends = 0, list[str](), list[str]()
    for index, line in enumerate(lines, 1):
        if not kept:
            number = index
        kept.append(line)
        if ends:
            if line.strip("\t") == ends[0] or line == ends[0]:
                ends.pop(0)
        elif not line.lstrip().startswith("#") or len(kept) > 1:
            ends = [
                quoted or double or bare
                for _, quoted, double, bare in _HEREDOC.findall(line.replace("<<<", ""))
            ]
            if not ends and line.endswith("\\"):
                continue
        if not ends:
            yield number, _joined(kept)
            kept = []
    if kept:
        yield number, _joined(kept)


def _joined(lines: list[str]) -> str:
    text = "\n".join(line.rstrip() for line in lines)
    return re.sub(r"[ \t]*\\\n[ \t]*", " ", text).removesuffix("\\").rstrip()


def _directives(
    lines: Iterable[tuple[int, str]], prefix: str
) -> tuple[tuple[tuple[str, str], ...], tuple[Gap, ...], tuple[Gap, ...]]:
    found: list[tuple[str, str]] = []
    ignored: list[Gap] = []
    gaps: list[Gap] = []
    begun = False
    whole = Subject("job-script", "script")
    for number, line in lines:
        match = _DIRECTIVE.match(line)
        if match is None or match[1] != prefix:
            begun = begun or bool(line.strip() and not line.lstrip().startswith("#"))
        elif begun:
            comment = "A directive after the first command: the scheduler does not read it."
            ignored.append(Gap("UnmappedField", whole, f"line {number}", comment))
        else:
            try:
                found.extend(_options(match[2], prefix))
            except ValueError as error:
                gaps.append(
                    Gap("UnreadableValue", whole, f"line {number}", f"The directive can't be read: {error}.")
                )
    return tuple(found), tuple(ignored), tuple(gaps)


def _options(text: str, prefix: str) -> Iterator[tuple[str, str]]:
    """The options of one directive, each with its long name; a switch has an empty value."""
    words = list(redact_arguments(shlex.split(text, comments=True)))
    names = SLURM_OPTIONS if prefix == "SBATCH" else PBS_OPTIONS
    while words:
        word = words.pop(0)
        if word.startswith("--"):
            name, equals, value = word[2:].partition("=")
            yield name, value if equals else _argument(words)
        elif word.startswith("-") and len(word) > 1:
            letter, value = word[1], word[2:].removeprefix("=")
            if not value and letter not in _FLAGS[prefix]:
                value = _argument(words)
            yield from (
                _resources(value)
                if prefix == "PBS" and letter == "l"
                else [(names.get(letter, letter), value)]
            )
        else:
            raise ValueError(f"{word!r} is no option")


def _argument(words: list[str]) -> str:
    return words.pop(0) if words and not words[0].startswith("-") else ""


def _resources(value: str) -> Iterator[tuple[str, str]]:
    """The resources of `-l walltime=1:00:00,select=2:ncpus=32`."""
    for entry in value.split(","):
        name, _, amount = entry.partition("=")
        yield name, amount


def _modules(commands: Iterable[str]) -> Iterator[str]:
    """The modules that the commands ask to load, in that order."""
    for command in commands:
        for match in _MODULE.finditer(command):
            words = match[1].split()
            if not words or _NOT_LOADING.match(words[0]):
                continue
            if words[0] in ("load", "add", "try-load", "load-any", "switch"):
                words = words[-1:] if words[0] == "switch" else words[1:]
            yield from (word for word in words if not word.startswith(("-", ">", "2>", "1>", "#")))
