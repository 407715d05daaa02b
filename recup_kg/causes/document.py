"""An explanation as the documented, stable JSON document (docs/causes.md)."""

from __future__ import annotations

from typing import Any, TypeAlias

from recup_kg.comparisons import Evidence
from recup_kg.explanations import Cause, Explanation, Fact, Link

Document: TypeAlias = dict[str, Any]


def document(explanation: Explanation) -> Document:
    """The whole explanation; a number that was not computed is None."""
    return {
        "outcome": explanation.outcome,
        "rule": explanation.rule,
        "deviating": list(explanation.deviating),
        "others": list(explanation.others),
        "causes": [cause_document(cause) for cause in explanation.causes],
        "remarks": list(explanation.remarks),
    }


def cause_document(cause: Cause) -> Document:
    """One cause with its chain and the queries behind it."""
    return {
        "rank": cause.rank,
        "about": cause.about,
        "facts": [_fact(fact) for fact in cause.facts],
        "instead": [_fact(fact) for fact in cause.instead],
        "verdict": cause.verdict.value,
        "message": cause.message,
        "separation": cause.separation,
        "with_fact": cause.with_fact,
        "without_fact": cause.without_fact,
        "effect": cause.effect,
        "ratio": cause.ratio,
        "p": cause.p,
        "p_floor": cause.p_floor,
        "p_adjusted": cause.p_adjusted,
        "subjects": list(cause.subjects),
        "evidence": [_evidence(evidence) for evidence in cause.evidence],
        "chain": [_link(link) for link in cause.chain],
    }


def _fact(fact: Fact) -> Document:
    return {
        "kind": fact.kind,
        "name": fact.name,
        "relation": fact.relation,
        "value": fact.value,
        "unit": fact.unit,
    }


def _evidence(evidence: Evidence) -> Document:
    return {"query": evidence.query, "bindings": dict(evidence.bindings)}


def _link(link: Link) -> Document:
    return {
        "message": link.message,
        "evidence": _evidence(link.evidence),
        "rows": [list(row) for row in link.rows],
    }
