"""The scoreboard: the command, where it looks for tables, what counts as labelled, and odd workflows."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from benchmarks import flowbench
from benchmarks.flowbench_data import Labels, NoData, gather, labels
from benchmarks.flowbench_judge import Judged, judge, kind_of, medians
from benchmarks.flowbench_run import Asked, one_draw, populate, scoreboard
from benchmarks.flowbench_scorers import Draw, Scored, z_runtime
from recup_kg.measurements import MeasuredRun, MeasuredTask
from recup_kg.vocab import RECUP
from tests.benchmarks.odd_workflow import Shape, write
from tests.conftest import ROOT

pytest.importorskip("sklearn")

DATA = ROOT / "data" / "flowbench"
COMMAND = ["--data", str(DATA), "--workflow", "eht_imaging", "--references", "3", "--seeds", "2"]
LEVEL = {"auc", "ap", "hit1", "hit5", "by_class"}
CLASSES = {"cpu", "cpu_2", "cpu_3", "hdd", "hdd_10", "hdd_5"}


def test_the_command_on_the_sample(capsys: pytest.CaptureFixture[str]) -> None:
    assert flowbench.main([*COMMAND, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found)[:3] == ["workflow", "references", "seeds"]
    assert (found["workflow"], found["references"], found["seeds"]) == ("eht_imaging", 3, 2)
    assert found["runs"] == {"cpu_2": 1, "cpu_3": 1, "hdd_10": 1, "hdd_5": 1, "normal": 6}
    assert found["seconds"] > 0
    assert found["dependencies"]
    assert found["baselines"].keys() == {"z_runtime", "isolation_forest"}
    for scorer in (found, *found["baselines"].values()):
        for level in ("task", "task_compute", "task_machine_labels", "node"):
            assert scorer[level].keys() == LEVEL
            assert scorer[level]["by_class"].keys() == CLASSES
            assert scorer[level]["by_class"]["hdd_5"].keys() >= {"auc", "ap"}
        assert scorer["run"].keys() >= {"auc", "ap", "by_class"}
    assert found["node"]["by_class"]["hdd"]["auc"] == 1.0
    assert found["task"]["auc"] > found["baselines"]["isolation_forest"]["task"]["auc"]


def test_the_table_fits_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert flowbench.main(COMMAND) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0] == "eht_imaging: 3 references, medians of 2 draws"
    assert any(line.startswith("isolation forest") for line in lines)


def test_by_its_path() -> None:
    command = [
        sys.executable,
        str(ROOT / "benchmarks" / "flowbench.py"),
        "--data",
        "/nowhere",
        "--workflow",
        "x",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "flowbench: /nowhere has neither x.zip nor a folder x with .csv files: see --data\n"


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--references", "6"], "6 normal and 4 labelled runs: that is too few for 6 references"),
        (["--workflow", "montage"], "has neither montage.zip nor a folder montage with .csv files"),
    ],
)
def test_what_can_not_be_done_is_one_line(
    arguments: list[str], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert flowbench.main([*COMMAND, *arguments]) == 2
    told = capsys.readouterr()
    assert (told.out, told.err.count("\n")) == ("", 1)
    assert problem in told.err


def test_without_scikit_learn(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flowbench, "find_spec", lambda name: None)
    assert flowbench.main(COMMAND) == 2
    assert "pip install 'scikit-learn" in capsys.readouterr().err


@pytest.mark.parametrize("number", ["0", "-1"])
def test_nothing_is_drawn_less_than_once(number: str) -> None:
    with pytest.raises(SystemExit):
        flowbench.main([*COMMAND, "--seeds", number])


SAMPLE = DATA / "eht_imaging"


@pytest.mark.parametrize(
    "place",
    [
        "eht_imaging.zip",
        "deeper/eht_imaging.zip",
        "eht-imaging.zip",
        "eht_imaging/{}",
        "eht-imaging/{}",
        "deeper/eht_imaging/{}",
        "eht_imaging/cpu_2/{}",
    ],
)
@pytest.mark.parametrize("beside", ["eht_imaging.adjacency.json", "adjacency_list_dags/eht_imaging.json"])
def test_where_tables_are_looked_for(place: str, beside: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    tables = sorted(SAMPLE.glob("*.csv"))[:2]
    if place.endswith(".zip"):
        (data / place).parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(data / place, "w") as archive:
            for table in tables:
                archive.write(table, f"within/{table.name}")
            archive.writestr("__MACOSX/x.csv", "")
    else:
        for table in tables:
            path = data / place.format(table.name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(table.read_bytes())
    (data / beside).parent.mkdir(exist_ok=True)
    (data / beside).write_bytes((SAMPLE / "eht_imaging.adjacency.json").read_bytes())
    found = gather(data, "eht_imaging", tmp_path / "gathered")
    assert sorted(found.files) == [table.stem for table in tables]
    assert found.adjacency == data / beside


def test_tables_of_one_name_are_kept_apart(tmp_path: Path) -> None:
    for folder in ("normal", "hdd_5"):
        path = tmp_path / "flow" / folder / "run0001.csv"
        path.parent.mkdir(parents=True)
        path.write_text("x")
    found = gather(tmp_path, "flow", tmp_path / "gathered")
    assert sorted(found.files) == ["normal-run0001", "run0001"]
    assert found.adjacency is None


def test_a_broken_archive(tmp_path: Path) -> None:
    (tmp_path / "flow.zip").write_bytes(b"PK")
    with pytest.raises(NoData, match=r"flow\.zip can't be read"):
        gather(tmp_path, "flow", tmp_path / "gathered")


def test_labels_of_a_table() -> None:
    found = labels(SAMPLE / "eht-imaging-run0303.csv")
    assert set(found.classes.values()) == {"hdd_5"}
    assert len(found.machines) == 12
    assert len(found.compute) == 8
    assert len(found.faulty_machines) == 1
    assert found.faulty_machines < set(found.machines.values())
    normal = labels(SAMPLE / "eht-imaging-run0001.csv")
    assert (dict(normal.classes), normal.faulty_machines) == ({}, frozenset())


@pytest.mark.parametrize(
    ("label", "kind"), [("cpu_2", "cpu"), ("hdd_10", "hdd"), ("x", "x"), ("loss-1", "loss")]
)
def test_the_kind_of_a_class(label: str, kind: str) -> None:
    assert kind_of(label) == kind


def judged(tasks: dict[str, float], classes: dict[str, str], run: float, *, alarm: bool) -> Judged:
    """Tasks a and b on machine m, c on n."""
    machines = {"a": "m", "b": "m", "c": "n"}
    nodes = {"m": max(tasks["a"], tasks["b"]), "n": tasks["c"], "m-container-0": 99.0}
    return Judged(Scored(tasks, nodes, run, alarm), Labels(classes, machines, frozenset("ab")))


def test_numbers_by_hand() -> None:
    first = judged({"a": 3.0, "b": 1.0, "c": 2.0}, {"a": "hdd_5"}, 5.0, alarm=True)
    second = judged({"a": 1.0, "b": 0.0, "c": 2.0}, {"a": "cpu_2"}, 1.0, alarm=False)
    normal = judged({"a": 0.0, "b": 0.0, "c": 0.0}, {}, 2.0, alarm=False)
    found: Any = judge([first, second], [normal])
    # Labelled: 3, 1; unlabelled: 1, 2, 0, 2. Pairs won: 4, and 1 (of 0) + 1/2 (of 1).
    assert found["task"]["auc"] == pytest.approx(5.5 / 8)
    assert (found["task"]["hit1"], found["task"]["hit5"]) == (0.5, 1.0)
    assert found["task"]["by_class"]["hdd_5"] == {"auc": 1.0, "ap": 1.0, "hit1": 1.0, "hit5": 1.0}
    # Of those that compute: 3, 1; 1, 0.
    assert found["task_compute"]["auc"] == pytest.approx(3.5 / 4)
    # On faulty machines: 3, 1, 1, 0; on others: 2, 2.
    assert found["task_machine_labels"]["auc"] == pytest.approx(2 / 8)
    # Machines: m 3 (faulty), n 2; m 1 (faulty), n 2. The container is no machine.
    assert found["node"]["auc"] == pytest.approx(0.5)
    assert found["run"]["auc"] == 0.5
    assert found["run"]["by_class"]["hdd"]["auc"] == 1.0
    assert found["alarm"] == {
        "detected": 0.5,
        "false_alarms": 0.0,
        "by_class": {
            name: {"detected": float(name.startswith("hdd"))} for name in ("cpu", "cpu_2", "hdd", "hdd_5")
        },
    }


def test_medians_of_nested_numbers() -> None:
    assert medians([{"a": {"b": 1.0}, "c": None}, {"a": {"b": 3.0}, "c": 2.0}, {"a": {"b": 9.0}}]) == {
        "a": {"b": 3.0},
        "c": 2.0,
    }


def measured(name: str, *times: float | None) -> MeasuredRun:
    tasks = tuple(
        MeasuredTask(
            f"urn:{name}/{number}",
            f"t{number}",
            f"k{number}",
            "s",
            nodes=("m",),
            values={} if time is None else {RECUP + "runTime": time},
        )
        for number, time in enumerate(times)
    )
    return MeasuredRun(f"urn:{name}", f"urn:{name}/graph", name, tasks)


def test_the_z_score_by_hand() -> None:
    score = z_runtime(Draw([measured("a", 10.0, 5.0), measured("b", 14.0, 5.0)], {}, 0))
    found, empty = score([measured("x", 20.0, 8.0, 7.0), measured("y", None)])
    # Mean 12, standard deviation 2.83; mean 5, at least 1 s; never seen.
    assert found.tasks == {"t0": pytest.approx(8 / 8**0.5), "t1": 3.0, "t2": 0.0}
    assert found.run == 3.0
    assert found.nodes["m"] == pytest.approx((8 / 8**0.5 + 3) / 3)
    assert empty.tasks == {"t0": 0.0}


def test_references_are_normal_and_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    population = populate(Asked(DATA, "eht_imaging", 3, 1))
    drawn: list[set[str]] = []
    asked: set[str] = set()

    def noting(draw: Draw) -> object:
        drawn.append({run.name for run in draw.references})

        def score(runs: Sequence[MeasuredRun]) -> list[Scored]:
            asked.update(run.name for run in runs)
            return [Scored({}, {}, 0.0, False) for _ in runs]

        return score

    monkeypatch.setattr("benchmarks.flowbench_run.deviation", noting)
    for seed in range(3):
        one_draw(population, 3, seed)
    normal = {run.name for run in population.normal}
    assert len(normal) == 6
    assert all(len(names) == 3 and names <= normal for names in drawn)
    assert len({frozenset(names) for names in drawn}) > 1
    assert {run.name for run in population.anomalous} <= asked


def test_labels_don_t_reach_what_scores_are_made_of(tmp_path: Path) -> None:
    (tmp_path / "eht_imaging").mkdir()
    for table in SAMPLE.iterdir():
        text = table.read_text()
        for name in ("cpu_2", "cpu_3", "hdd_5", "hdd_10"):
            text = text.replace(name, "None")
        (tmp_path / "eht_imaging" / table.name).write_text(text)
    first, second = (populate(Asked(folder, "eht_imaging", 3, 1)) for folder in (DATA, tmp_path))
    assert len(first.anomalous) == 4
    assert second.anomalous == []
    for one, other in zip(first.measured.runs, second.measured.runs, strict=True):
        assert one.graph != other.graph or one.name not in {run.name for run in first.anomalous}
        assert (one.tasks, one.facts, one.parents) == (other.tasks, other.facts, other.parents)
    assert first.measured.measurements == second.measured.measurements


def test_only_what_reads_tables_names_the_label() -> None:
    files = [*(ROOT / "recup_kg").rglob("*.py"), *(ROOT / "queries").glob("*.rq")]
    naming = {path.relative_to(ROOT).parts[:3] for path in files if "anomalyLabel" in path.read_text()}
    assert naming == {("recup_kg", "converters", "flowbench")}


def test_an_odd_workflow(tmp_path: Path) -> None:
    write(tmp_path, "odd", Shape())
    found = scoreboard(Asked(tmp_path, "odd", 4, 2))
    assert found["refused"] == 1
    assert found["runs"] == {"cpu_2": 2, "hdd_5": 2, "normal": 8}
    task, node = found["task"], found["node"]
    assert isinstance(task, dict)
    assert isinstance(node, dict)
    assert task["auc"] > 0.95
    assert node["auc"] > 0.95


def test_no_more_runs_than_asked_for(tmp_path: Path) -> None:
    write(tmp_path, "odd", Shape(layers=2, width=5, normal=9, anomalous=8))
    found = scoreboard(Asked(tmp_path, "odd", 1, 1, at_most=3))
    runs = found["runs"]
    assert isinstance(runs, dict)
    assert (runs["cpu_2"], runs["hdd_5"]) == (3, 3)
    # One of those that are taken for normal may be the table that is cut off.
    assert runs["normal"] + int(str(found["refused"])) == 3


def test_without_dependencies_and_with_one_reference(tmp_path: Path) -> None:
    write(tmp_path, "odd", Shape(layers=2, width=3, normal=3, anomalous=2))
    (tmp_path / "odd.adjacency.json").unlink()
    found = scoreboard(Asked(tmp_path, "odd", 1, 1))
    assert found["dependencies"] is False
    assert isinstance(found["task"], dict)
    assert found["task"]["auc"] > 0.5
