"""What all commands have in common: help, common options, errors, exit codes, streams."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

from recup_kg.cli import exits, main, messages
from recup_kg.cli.group import COMMANDS
from recup_kg.cli.group import recup as group
from recup_kg.cli.options import Settings, with_settings
from recup_kg.errors import UsageError

HEAVY = ("pyoxigraph", "rdflib", "networkx", "pyshacl", "shacl", "rich", "pandas", "msgspec")


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys; from recup_kg.cli import main; main(['--help']);"
        f"sys.stderr.write(' '.join(m for m in {HEAVY!r} if m in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert "Commands:" in done.stdout


def test_help_names_every_command_with_a_sentence(recup) -> None:
    outcome = recup("--help")
    assert outcome.code == 0
    listed = outcome.out.split("Commands:")[1].split("\n\n")[0].strip().splitlines()
    assert [line.split()[0] for line in listed] == list(COMMANDS)
    assert all(len(line.split()) > 2 for line in listed)


def test_without_a_command_it_is_the_help(recup) -> None:
    outcome = recup()
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == recup("--help").out
    assert "..." not in outcome.out.split("Commands:")[1].split("\n\n")[0]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_within_80_columns_and_the_common_options(recup, name: str) -> None:
    outcome = recup(name, "--help")
    assert outcome.code == 0
    assert outcome.err == ""
    assert max(map(len, outcome.out.splitlines())) <= 80
    for option in ("--store", "--json", "-v, --verbose", "-q, --quiet"):
        assert option in outcome.out


@pytest.fixture
def spy(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """Replaces the command `version` by one that notes its settings."""
    seen: list[Settings] = []

    @click.command("version")
    @with_settings
    def command(settings: Settings) -> None:
        seen.append(settings)

    monkeypatch.setattr("recup_kg.cli.version.command", command)
    return seen


@pytest.mark.parametrize(
    ("arguments", "store"),
    [
        ([], "recup-store"),
        (["--store", "a", "version"], "a"),
        (["version", "--store", "b"], "b"),
        (["--store", "a", "version", "--store", "b"], "b"),
    ],
)
def test_store_is_taken_before_and_after_the_command(recup, spy, arguments: list[str], store: str) -> None:
    recup(*(arguments or ["version"]))
    assert [settings.location for settings in spy] == [store]


def test_an_option_wins_over_the_environment_which_wins_over_the_default(recup, spy, monkeypatch) -> None:
    monkeypatch.setenv("RECUP_STORE", "from-environment")
    recup("version")
    recup("version", "--store", "from-option")
    assert [settings.location for settings in spy] == ["from-environment", "from-option"]


def test_flags_are_taken_before_and_after_the_command(recup, spy) -> None:
    recup("-vv", "--json", "version")
    recup("version", "-q", "--json", "-v")
    assert [(s.verbosity, s.quiet, s.json) for s in spy] == [(2, False, True), (1, True, True)]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["nonsense"], "recup: No such command 'nonsense'; see 'recup --help'\n"),
        (["version", "--nonsense"], "recup: No such option '--nonsense'; see 'recup version --help'\n"),
        (["show", "a", "b", "c"], "recup: Got unexpected extra argument (c); see 'recup show --help'\n"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(recup, arguments: list[str], line: str) -> None:
    outcome = recup(*arguments)
    assert (outcome.code, outcome.out) == (exits.BAD_INPUT, "")
    assert outcome.err == line


def _replace_version(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    @click.command("version")
    @with_settings
    def command(settings: Settings) -> None:
        raise error

    monkeypatch.setattr("recup_kg.cli.version.command", command)


def test_an_error_of_ours_is_one_line_and_exit_code_2(recup, monkeypatch) -> None:
    _replace_version(monkeypatch, UsageError("first\nsecond"))
    assert recup("version") == type(recup("version"))(2, "", "recup: first second\n")


def test_a_defect_keeps_its_traceback(recup, monkeypatch) -> None:
    _replace_version(monkeypatch, ZeroDivisionError("a defect"))
    with pytest.raises(ZeroDivisionError, match="a defect"):
        recup("version")


def test_ctrl_c_is_one_line_and_exit_code_130(recup, monkeypatch) -> None:
    _replace_version(monkeypatch, KeyboardInterrupt())
    outcome = recup("version")
    assert outcome.code == 130
    assert outcome.err.strip() == "recup: interrupted"


def test_sigint_ends_a_process_with_130(tmp_path: Path) -> None:
    script = (
        "import sys, time, click; from recup_kg.cli import main, version; from recup_kg.cli.options import with_settings\n"
        "@click.command('version')\n@with_settings\ndef command(settings):\n"
        "    print('ready', flush=True); time.sleep(60)\n"
        "version.command = command; sys.exit(main(['version']))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130
    assert "Traceback" not in err


def test_a_reader_that_goes_away_is_no_traceback() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "recup_kg", "completion", "bash"],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (exits.BROKEN_PIPE, "")


def test_the_log_goes_to_standard_error_by_level(recup, monkeypatch) -> None:
    import logging

    @click.command("version")
    @with_settings
    def command(settings: Settings) -> None:
        logger = logging.getLogger("recup_kg.somewhere")
        for level in ("debug", "info", "warning", "error"):
            getattr(logger, level)(level)

    monkeypatch.setattr("recup_kg.cli.version.command", command)
    said = {flag: recup("version", *flag.split()).err.split("\n")[:-1] for flag in ("", "-v", "-vv", "-q")}
    assert said == {
        "": ["recup: warning", "recup: error"],
        "-v": ["recup: info", "recup: warning", "recup: error"],
        "-vv": ["recup: debug", "recup: info", "recup: warning", "recup: error"],
        "-q": ["recup: error"],
    }


def test_remarks_are_kept_back_when_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    messages.remark("heard", quiet=False)
    messages.remark("unheard", quiet=True)
    assert capsys.readouterr() == ("", "heard\n")


def test_version_in_both_forms(recup) -> None:
    from recup_kg import __version__

    assert recup("version").out.splitlines()[0] == f"recup {__version__}"
    assert recup("--version").out == f"recup {__version__}\n"
    assert recup("version", "--json").json["recup"] == __version__


@pytest.mark.parametrize(
    ("shell", "mark"), [("bash", "complete"), ("zsh", "#compdef recup"), ("fish", "complete")]
)
def test_completion_scripts(recup, shell: str, mark: str) -> None:
    outcome = recup("completion", shell)
    assert outcome.code == 0
    assert mark in outcome.out
    assert "_RECUP_COMPLETE" in outcome.out
    assert recup("completion", shell, "--json").json == {"shell": shell, "script": outcome.out[:-1]}


def test_completion_offers_commands(recup_process) -> None:
    outcome = recup_process(_RECUP_COMPLETE="bash_complete", COMP_WORDS="recup re", COMP_CWORD="1")
    assert outcome.out.split() == ["plain,results", "plain,reindex"]


def _completed(recup_process, words: str) -> list[str]:
    outcome = recup_process(
        _RECUP_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(words.count(" "))
    )
    return outcome.out.split()


def test_completion_offers_runs_of_the_store_then_files(recup_process, samples: Path) -> None:
    assert _completed(recup_process, "recup show bla") == ["file,bla"]
    recup_process("ingest", *(samples / "blast").glob("*.json"), "--store", "s")
    names = ["plain,blast-chameleon-small-002", "plain,blast-chameleon-small-003", "file,bla"]
    assert sorted(_completed(recup_process, "recup --store s compare @latest bla")) == sorted(names)


def test_completion_offers_queries(recup_process, root: Path) -> None:
    names = {f"plain,{path.stem}" for path in (root / "queries").glob("*.rq")}
    assert set(_completed(recup_process, "recup query ")) >= names
    assert names


def test_python_dash_m_is_the_same_command(recup_process) -> None:
    assert json.loads(recup_process("version", "--json").out)["recup"]


def test_the_group_refuses_what_is_no_command() -> None:
    assert group.get_command(click.Context(group), "run") is None
    assert main(["run"]) == 2
