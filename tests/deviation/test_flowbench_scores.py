"""Labelled faults in real runs are found: a part of what benchmarks/deviation_ablation.py measures, so that it can't rot."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from recup_kg.deviation import fit
from tests.deviation.samples import FLOWBENCH, flowbench


def auc(scores: list[float], labelled: list[bool]) -> float:
    """The share of pairs of a labelled and another one that are in order (Mann-Whitney U / (n m))."""
    marked = np.array(labelled)
    sample = np.array(scores)
    found = stats.mannwhitneyu(sample[marked], sample[~marked])
    return float(found.statistic / (marked.sum() * (~marked).sum()))


@pytest.mark.parametrize(
    ("workflow", "least_auc", "least_hit"), [("eht_imaging", 0.87, 0.82), ("pycbc_inference", 0.88, 0.78)]
)
def test_labelled_tasks_and_machines_are_ranked_first(
    shared_data: Path, workflow: str, least_auc: float, least_hit: float
) -> None:
    runs = flowbench(shared_data / "flowbench" / f"{workflow}.zip")
    normal = [one for one, labels in runs if not labels]
    faulty = [(one, labels) for one, labels in runs if labels][::3]
    references = [normal[place] for place in np.random.default_rng(0).choice(len(normal), 5, replace=False)]
    baseline = fit(references, FLOWBENCH)
    scores: list[float] = []
    labelled: list[bool] = []
    machines: list[float] = []
    at_fault: list[bool] = []
    hits = 0
    for one, labels in faulty:
        found = baseline.score(one)
        scores += [task.score for task in found.tasks]
        labelled += [task.identifier in labels for task in found.tasks]
        hits += found.tasks[0].identifier in labels
        if next(iter(labels.values())).startswith("hdd"):
            hosts = {task.nodes[0] for task in one.tasks if task.identifier in labels}
            physical = [node for node in found.nodes if "-container" not in node.name]
            machines += [node.score for node in physical]
            at_fault += [node.name in hosts for node in physical]
    assert auc(scores, labelled) >= least_auc
    assert hits / len(faulty) >= least_hit
    assert auc(machines, at_fault) >= 0.99


@pytest.mark.parametrize("workflow", ["eht_imaging", "pycbc_inference"])
def test_alarms_on_slow_disks_and_rarely_on_normal_runs(shared_data: Path, workflow: str) -> None:
    runs = flowbench(shared_data / "flowbench" / f"{workflow}.zip")
    normal = [one for one, labels in runs if not labels]
    slow = [one for one, labels in runs if any(label.startswith("hdd") for label in labels.values())][::3]
    order = np.random.default_rng(1).permutation(len(normal))
    baseline = fit([normal[place] for place in order[:20]], FLOWBENCH)
    alarms = [baseline.score(one).run.p == 1 / (1 + 20) for one in slow]
    false = [baseline.score(normal[place]).run.p == 1 / (1 + 20) for place in order[20:80]]
    assert np.mean(alarms) >= 0.95
    assert np.mean(false) <= 0.12
