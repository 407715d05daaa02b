"""The facts that separate what deviates from what does not, ranked, confounded ones together, with what can't be told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from recup_kg.causes.exact import fisher_floor, holm_of_testable
from recup_kg.causes.observed import Property, Quantity
from recup_kg.causes.outcomes import Outcome
from recup_kg.causes.separate import CAPTURE_GAP, Separation, Untold, separations
from recup_kg.causes.words import count, fact_text, sentence, several, value_text
from recup_kg.comparisons import Evidence, Verdict
from recup_kg.explanations import Cause, Explanation, Fact

MEASUREMENT = "measurement"
KINDS = (
    CAPTURE_GAP,
    "parameter",
    "argument",
    "seed",
    "input",
    "program",
    "program version",
    "package",
    "module",
    "image",
    "variable",
    "directive",
    "system",
    "driver",
    "device",
    "node",
    "node type",
    "co-running execution",
    "step",
)
"""Kinds of facts in the order in which equal ones are listed: what somebody chose before where it ran; others come after them."""
NEAR = 0.05
"""Share of the subjects in which two patterns may part and still be nearly confounded; one subject always may."""
_MORE_THAN_ENOUGH = 200
_ROUNDING = 1 + 1e-9
_ONE = "this "
_CHANCE = 0.5
"""A fact with a larger p (before correction) is as likely as not to be where it is."""


@dataclass(frozen=True, slots=True)
class Options:
    """What is listed: causes with at least this `separation`, at most `most` of them; `alpha` is for p after correction.

    With `sure_only` those that can be chance are left out, and those that lack something: of many things that each have much of
    their own, such as tasks, nearly every fact sets some apart.
    """

    separation: float = 0.3
    alpha: float = 0.05
    most: int = 20
    sure_only: bool = False


DEFAULTS = Options()


def find_causes(
    outcome: Outcome,
    properties: Sequence[Property] = (),
    quantities: Sequence[Quantity] = (),
    touched: Mapping[str, str] | None = None,
    options: Options = DEFAULTS,
) -> Explanation:
    """The facts that separate, ranked by Youden's J, then p, then effect; see `recup_kg.causes.separate`.

    Facts with one pattern over all that were compared are one cause, and one test: p is corrected by Holm's method over the
    patterns of facts, and over those of quantities, that could be significant at all (`recup_kg.causes.exact.holm_of_testable`).
    `touched` says of subjects whose outcome itself a gap touches what their capture lacks: then nothing is sure.
    """
    untold = Untold()
    grouped: dict[object, list[Separation]] = {}
    for found in separations(outcome, properties, quantities, untold):
        grouped.setdefault(found.key, []).append(found)
    groups = [sorted(group, key=_fact_key) for group in grouped.values()]
    adjusted = _adjusted([group[0] for group in groups], options.alpha)
    tried = sum(p is not None for p in adjusted)
    causes = [
        (_cause(outcome, group, p, touched or {}, options), group[0])
        for group, p in zip(groups, adjusted, strict=True)
    ]
    listed = [pair for pair in causes if _worth_telling(*pair, options)]
    most = max((found.j for _, found in listed), default=0.0)
    listed.sort(key=lambda pair: _rank_key(pair[0], most))
    return Explanation(
        outcome=outcome.name,
        deviating=outcome.deviating,
        others=outcome.others,
        causes=tuple(_ranked(listed[: options.most])),
        remarks=tuple(_remarks(outcome, tried, len(listed) - options.most, untold, touched or {}, options)),
        rule=outcome.rule,
    )


def _worth_telling(cause: Cause, found: Separation, options: Options) -> bool:
    """Whether a separation is more than what many facts give by chance.

    A quantity always lies on one side of another: it needs a small p, or where there can be none, a clear distance.
    """
    if found.j < options.separation or (found.p is not None and found.p > _CHANCE):
        return False
    if options.sure_only:
        lacking = cause.facts[0].relation == "without"
        return not lacking and cause.p_adjusted is not None and cause.p_adjusted <= options.alpha
    if not found.quantity or (cause.p_adjusted is not None and cause.p_adjusted <= options.alpha):
        return True
    return found.j == 1 and found.clear and (found.floor is None or found.floor > options.alpha)


def _adjusted(found: Sequence[Separation], alpha: float) -> list[float | None]:
    """p after correction, of facts and of quantities by themselves; None where there is no p."""
    adjusted: dict[int, float] = {}
    for family in (False, True):
        tests = {
            at: (one.p, one.floor)
            for at, one in enumerate(found)
            if one.p is not None and one.floor is not None and one.quantity is family
        }
        adjusted |= dict(zip(tests, holm_of_testable(list(tests.values()), alpha), strict=True))
    return [adjusted.get(at) for at in range(len(found))]


def _cause(
    outcome: Outcome,
    group: Sequence[Separation],
    adjusted: float | None,
    touched: Mapping[str, str],
    options: Options,
) -> Cause:
    first = group[0]
    facts, instead = _facts(group)
    gaps = {gap for found in group for gap in found.pattern.untold.values()} | set(touched.values())
    if first.pattern.fact.kind == CAPTURE_GAP:
        gaps.add("what was not captured of these can be what seems to differ")
    sure = not gaps and adjusted is not None and adjusted <= options.alpha
    having = first.deviating[0] + first.others[0]
    return Cause(
        facts=facts,
        about=outcome.about,
        subjects=outcome.deviating,
        separation=first.j,
        with_fact=having,
        without_fact=first.deviating[1] + first.others[1] - having,
        message=_message(outcome, first, facts, instead, sorted(gaps), sure=sure),
        verdict=Verdict.DIFFERENT if sure else Verdict.CANT_TELL,
        effect=first.effect,
        ratio=first.ratio,
        p=first.p,
        p_floor=first.floor,
        p_adjusted=adjusted,
        evidence=_evidence(group),
        instead=instead,
    )


def _facts(group: Sequence[Separation]) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    """The facts of what deviates; what the others have in their place, where that is known."""
    facts = [found.pattern.fact for found in group]
    stated = {(fact.kind, fact.name) for fact in facts if fact.relation != "without"}
    replaced = [fact for fact in facts if fact.relation == "without" and (fact.kind, fact.name) in stated]
    kept = tuple(fact for fact in facts if fact not in replaced)
    return kept, tuple(replace(fact, relation="=") for fact in replaced)


def _message(
    outcome: Outcome,
    first: Separation,
    facts: Sequence[Fact],
    instead: Sequence[Fact],
    gaps: Sequence[str],
    *,
    sure: bool,
) -> str:
    (one, two), (a, deviating), (b, others) = outcome.labels, first.deviating, first.others
    lead = facts[0]
    theirs = [value_text(fact.value) for fact in instead if (fact.kind, fact.name) == (lead.kind, lead.name)]
    swapped = f" instead of {several(theirs, 2)}" if theirs else ""
    missing = len(outcome.subjects) - deviating - others
    together = several([fact_text(fact) for fact in facts[1:]])
    return sentence(
        (
            f"{fact_text(lead)}{swapped}: {_share(a, deviating, one)}, {_share(b, others, two)}",
            f"together with {together}: nothing compared tells them apart" if len(facts) > 1 else "",
            f"not captured of {missing:,}" if missing else "",
            f"can't tell: {several(gaps, 2)}" if gaps else "",
            "one against one: a difference, without significance" if first.p is None else "",
            "it can be chance" if first.p is not None and not gaps and not sure else "",
        )
    )


def _share(having: int, known: int, label: str) -> str:
    if known == 1 and label.startswith(_ONE):
        return label if having else f"not {label}"
    return f"{having:,} of {known:,} {label}"


def _evidence(group: Sequence[Separation]) -> tuple[Evidence, ...]:
    found: list[Evidence] = []
    for separation in group:
        found += [evidence for evidence in separation.pattern.evidence if evidence not in found]
    return tuple(found)


def _kind_order(kind: str) -> int:
    return KINDS.index(kind) if kind in KINDS else len(KINDS)


def _fact_key(found: Separation) -> tuple[object, ...]:
    fact = found.pattern.fact
    return (
        bool(found.pattern.untold),
        fact.relation == "without",
        -abs(found.effect),
        _kind_order(fact.kind),
        fact.name,
        str(fact.value),
    )


def _rank_key(cause: Cause, most: float) -> tuple[object, ...]:
    """Coverage first: a gap that separates as well as anything. Then what is sure, measurements of the outcome's
    own tasks after what can be behind them, and the exact ones first.
    """
    fact = cause.facts[0]
    p = 1.0 if cause.p_adjusted is None else cause.p_adjusted
    return (
        not (fact.kind == CAPTURE_GAP and cause.separation >= most),
        cause.verdict is not Verdict.DIFFERENT,
        fact.kind == MEASUREMENT,
        -round(cause.separation, 6),
        fact.relation in (">=", "<"),
        p,
        _kind_order(fact.kind),
        -abs(cause.effect or 0.0),
        fact.name,
        str(fact.value),
    )


def _ranked(listed: Sequence[tuple[Cause, Separation]]) -> Iterator[Cause]:
    for rank, (cause, found) in enumerate(listed, start=1):
        parting = [
            (fact_text(other.facts[0]), *_parting(found, theirs))
            for other, theirs in listed
            if other is not cause
        ]
        same = [name for name, parted, shared in parting if parted == 0 and shared > 2]
        near = [
            f"{name} (parts from it in {parted:,} of {shared:,})"
            for name, parted, shared in parting
            if 0 < parted <= max(1, NEAR * shared) and shared > 2
        ]
        told = (
            f"goes exactly with {several(same, 2)}" if same else "",
            f"nearly confounded with {several(near, 2)}" if near else "",
        )
        yield replace(cause, rank=rank, message=sentence((cause.message, *told)))


def ranked(causes: Sequence[Cause], most: int = DEFAULTS.most) -> tuple[Cause, ...]:
    """Causes of several outcomes (of runs, of tasks) in one order."""
    strongest = max((cause.separation for cause in causes), default=0.0)
    order = sorted(causes, key=lambda cause: _rank_key(cause, strongest))[:most]
    return tuple(replace(cause, rank=rank) for rank, cause in enumerate(order, start=1))


def _parting(one: Separation, two: Separation) -> tuple[int, int]:
    """In how many of the subjects that both patterns know they part."""
    shared = (one.pattern.having | one.pattern.lacking) & (two.pattern.having | two.pattern.lacking)
    return len((one.pattern.having ^ two.pattern.having) & shared), len(shared)


def _remarks(
    outcome: Outcome,
    tried: int,
    left_out: int,
    untold: Untold,
    touched: Mapping[str, str],
    options: Options,
) -> Iterator[str]:
    if touched:
        names = several(sorted(touched), 3)
        yield f"the {outcome.name} of {names} can't be told: {several(sorted(set(touched.values())), 2)}"
    for gap, kinds in sorted(untold.gaps.items()):
        yield f"can't tell {several(sorted(kinds))}: {gap}"
    if untold.one_sided:
        sides = " and of ".join(outcome.labels)
        yield f"can't tell {several(sorted(untold.one_sided), 6)}: not captured both of {sides}"
    if untold.identifying:
        yield (
            f"left out, since every {outcome.about} has its own value: {several(sorted(untold.identifying))}"
        )
    if left_out > 0:
        yield f"{count(left_out, 'weaker cause')} left out"
    if tried > 1:
        yield (
            f"p of {outcome.about}s is corrected by Holm's method; {count(tried, 'pattern')} of facts and quantities tried"
        )
    yield from _too_few(outcome, options)


def _too_few(outcome: Outcome, options: Options) -> Iterator[str]:
    one, two = len(outcome.deviating), len(outcome.others)
    if not one or not two:
        yield f"nothing to tell apart: {one} {outcome.labels[0]}, {two} {outcome.labels[1]}"
        return
    floor = fisher_floor(one, one, two)
    if floor > options.alpha * _ROUNDING:
        more = fewest_more(one, two, options.alpha)
        yield (
            f"{one} against {two} can give no p below {floor:.2g}: a difference, not a proof"
            + (f"; at least {more} more of the {outcome.labels[1]} are needed" if more else "")
        )


def fewest_more(deviating: int, others: int, alpha: float) -> int | None:
    """How many more of the others are needed so that a fact that separates exactly has p <= alpha; None for very many."""
    for more in range(_MORE_THAN_ENOUGH):
        if fisher_floor(deviating, deviating, others + more) <= alpha * _ROUNDING:
            return more
    return None
