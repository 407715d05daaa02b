"""What explains a deviation: facts that separate, ranked, with the chain that leads to them. Frozen values."""

from __future__ import annotations

from dataclasses import dataclass

from recup_kg.comparisons import Evidence, Value, Verdict


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that some of the runs (or tasks) have: its kind, its name, its value, and who has it.

    `kind` is node, package, module, variable, program, parameter, seed, input, counter, co-running execution, ... `relation` is =
    or, of a quantity, >= or <; "without" says that they lack the fact.
    """

    kind: str
    name: str
    value: Value
    unit: str | None = None
    relation: str = "="


@dataclass(frozen=True, slots=True)
class Link:
    """One step of a chain: what is said, the query that says it, and the rows that it returned."""

    message: str
    evidence: Evidence
    rows: tuple[tuple[Value, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Cause:
    """Facts that separate what deviates from what does not, the best first.

    `facts` holds more than one where they are confounded: present and absent together in all that was compared. `about` is "run",
    "task" or "node"; `subjects` are the identifiers of what deviates. `separation` is 1 where the facts are exactly with those
    that deviate, 0 where they tell nothing (Youden's J). `effect` is Cliff's delta of the outcome with against without the facts,
    `ratio` the ratio of the medians. `with_fact` and `without_fact` count what was compared; `p` is exact, `p_floor` the
    smallest that these counts can give, `p_adjusted` is p after correction for the number of facts tried. For a quantity (a
    counter), effect and ratio are those of the quantity, of what deviates against the others. `instead` is what the others have.
    The verdict is *can't tell* where a gap in the capture touches one of the facts, and where the separation can be chance.
    """

    facts: tuple[Fact, ...]
    about: str
    subjects: tuple[str, ...]
    separation: float
    with_fact: int
    without_fact: int
    message: str
    verdict: Verdict
    rank: int = 0
    effect: float | None = None
    ratio: float | None = None
    p: float | None = None
    p_floor: float | None = None
    evidence: tuple[Evidence, ...] = ()
    chain: tuple[Link, ...] = ()
    p_adjusted: float | None = None
    instead: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """The causes of what deviates in a run or a population, ranked, and what could not be told and why.

    `rule` says how what deviates was told from the others.
    """

    outcome: str
    deviating: tuple[str, ...]
    others: tuple[str, ...]
    causes: tuple[Cause, ...]
    remarks: tuple[str, ...] = ()
    rule: str = ""
