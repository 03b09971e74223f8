"""Expected against actual, key by key. What cannot be answered is a miss, never a pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from approvals.models import ApprovalRequest
from core import notifications
from core.models import AuditEvent, Notification
from credit_limits.engine.types import Include
from reports.scenarios import vocabulary as v
from reports.scenarios.bills import flags, unpaid
from reports.scenarios.doing import DOCUMENT_TYPE

if TYPE_CHECKING:
    from reports.scenarios.doing import Doing


@dataclass(frozen=True, slots=True)
class Line:
    """One comparison. `wrong` lines expect anything but `expected`."""

    key: str
    expected: Any
    actual: Any
    met: bool
    wrong: bool = False


class Unanswered(Exception):
    """The step has nothing to say about this key; the message says why."""


def compare(doing: Doing, then: Mapping[str, Any]) -> list[Line]:
    """A line for every key of `then`, and for every key under its `wrong`."""
    lines = [_line(doing, key, expected) for key, expected in then.items() if key != "wrong"]
    for key, expected in then.get("wrong", {}).items():
        line = _line(doing, key, expected)
        met = not line.met and not isinstance(line.actual, Unanswered)
        lines.append(Line(f"wrong.{key}", line.expected, line.actual, met, wrong=True))
    refusal = doing.answer.refusal
    if refusal is not None and not {"decision", "reasons", "per_document", "blocked_count"} & {
        *then,
        *then.get("wrong", {}),
    }:
        lines.append(Line("decision", "not refused", str(refusal), met=False))
    lines += [
        Line("background work", "no failure", failure, met=False)
        for failure in doing.background_failures
    ]
    return lines


def _line(doing: Doing, key: str, expected: Any) -> Line:
    try:
        actual = ACTUAL[key](doing, expected)
    except Unanswered as nothing:
        return Line(key, expected, nothing, met=False)
    met = MEETS.get(key, _equal)(expected, actual, doing)
    return Line(key, expected, actual, met)


def _equal(expected: Any, actual: Any, _doing: Doing) -> bool:
    return bool(expected == actual)


# --- What the step came to ---------------------------------------------------------------------


def _exposure(doing: Doing, expected: Mapping[str, Any]) -> dict[str, Decimal]:
    standing = doing.standing()
    found = standing.components({Include.COUNT}, expected)
    return {**found, "total": standing.total}


def _excluded(doing: Doing, expected: Mapping[str, Any]) -> dict[str, Decimal]:
    return doing.standing().components({Include.SHOW, Include.LEAVE_OUT}, expected)


def _shown(doing: Doing, expected: Mapping[str, Any]) -> dict[str, Decimal]:
    return doing.standing().components({Include.SHOW}, expected)


def _exposure_met(expected: Mapping[str, Any], actual: Mapping[str, Any], _doing: Doing) -> bool:
    """Components left out of the expectation are 0; the total is only compared when written."""
    wanted = {key: amount for key, amount in expected.items() if amount and key != "total"}
    found = {key: amount for key, amount in actual.items() if amount and key != "total"}
    return wanted == found and ("total" not in expected or expected["total"] == actual["total"])


def _available(doing: Doing, _expected: object) -> Decimal:
    found = doing.standing().available
    if found is None:
        raise Unanswered("there is no limit")
    return found


def _missing_rate(doing: Doing, _expected: object) -> str:
    return ", ".join(doing.standing().missing_rates)


def _decision(doing: Doing, _expected: object) -> str:
    return doing.answer.word


def _decision_met(expected: str, actual: str, _doing: Doing) -> bool:
    return actual in v.DECISIONS[expected]


def _reasons_met(expected: list[str], actual: list[str], doing: Doing) -> bool:
    """The same set, once other systems' words are ours."""
    found = set(actual)
    wanted = set()
    for word in expected:
        ours = v.REASON_ALIASES.get(word, word)
        # NO_LIMIT says "unlimited" elsewhere; with us it is a reason of its own, and an account
        # that is unlimited can never give it.
        if ours == "NO_LIMIT" and "UNLIMITED" in found and "NO_LIMIT" not in found:
            ours = "UNLIMITED"
        wanted.add(ours)
    return wanted == found and doing.answer is not None


def _projected(doing: Doing, _expected: object) -> Decimal:
    scope = doing.answer.scope
    if scope is None:
        raise Unanswered("credit was not asked")
    return scope.projected


def _component_projected(doing: Doing, expected: Mapping[str, Any]) -> dict[str, Decimal]:
    found = {word: doing.answer.component_projected(word) for word in expected}
    if None in found.values():
        raise Unanswered("credit was not asked")
    return {word: amount for word, amount in found.items() if amount is not None}


def _limit_checked(doing: Doing, _expected: object) -> Decimal:
    scope = doing.answer.scope
    if scope is None or scope.limit.ceiling is None:
        raise Unanswered("no limit was compared with")
    return scope.limit.ceiling


def _status(doing: Doing, _expected: object) -> str:
    if doing.answer.word in v.DECISIONS["block"]:
        return "hold"
    return "watch" if "NEAR_LIMIT" in doing.answer.reasons else "ok"


def _doc_state(doing: Doing, expected: Any) -> Any:
    if isinstance(expected, dict):
        return {name: doing.world.document(name).status for name in expected}
    if not doing.touched:
        raise Unanswered("the step is about no document")
    return doing.world.document(doing.touched[-1]).status


def _doc_state_met(expected: Any, actual: Any, _doing: Doing) -> bool:
    if isinstance(expected, dict):
        return all(word in v.STATE_NAMES[actual[name]] for name, word in expected.items())
    return expected in v.STATE_NAMES[actual]


def _per_document(doing: Doing, expected: Mapping[str, str]) -> dict[str, str]:
    return {
        name: doing.answers[name].word if name in doing.answers else "not asked"
        for name in expected
    }


def _per_document_met(expected: Mapping[str, str], actual: Mapping[str, str], _d: Doing) -> bool:
    return all(actual[name] in v.DECISIONS[word] for name, word in expected.items())


def _counted(words: frozenset[str]) -> Callable[[Doing, object], int]:
    def count(doing: Doing, _expected: object) -> int:
        return sum(answer.word in words for answer in doing.answers.values())

    return count


def _gross_of(doing: Doing, expected: Mapping[str, Any]) -> dict[str, Decimal]:
    return {name: doing.world.document(name).gross_amount for name in expected}


def _others_wait(doing: Doing, _expected: object) -> bool:
    if doing.other_customers_wait is None:
        raise Unanswered("no other customer was let pass by")
    return doing.other_customers_wait


def _request_opened(doing: Doing, _expected: object) -> bool:
    return bool(doing.since(ApprovalRequest).exists())


def _notified(doing: Doing, _expected: object) -> list[str]:
    names = doing.since(Notification).values_list("user__username", flat=True)
    return sorted(set(names))


def _notified_met(expected: list[str], actual: list[str], _doing: Doing) -> bool:
    return {v.PEOPLE_ALIASES.get(name, name) for name in expected} == set(actual)


def _audit_entries(doing: Doing, _expected: object) -> int:
    """Events about the step's documents; about anything when the step is about none."""
    events = doing.since(AuditEvent)
    if doing.touched:
        ids = [doing.world.document_ids[name] for name in doing.touched]
        events = events.filter(subject_type=DOCUMENT_TYPE, subject_id__in=ids)
    return int(events.count())


def _message(doing: Doing, _expected: object) -> str:
    """What people are told: the refusal, and the notifications of the step."""
    parts = [str(doing.answer.refusal)] if doing.answer.refusal else []
    for row in doing.since(Notification):
        words = notifications.text(row)
        parts += [words.subject, words.sentence, *words.lines]
    return " | ".join(parts)


def _message_met(expected: Mapping[str, list[str]], actual: str, doing: Doing) -> bool:
    return all(_called(doing, name) in actual for name in expected["names"])


def _called(doing: Doing, name: str) -> str:
    """How a customer or document is called on a screen."""
    world = doing.world
    if name in world.customers:
        return world.customers[name].name
    return str(world.document(name)) if name in world.document_ids else name


def _number_used(doing: Doing, _expected: object) -> bool:
    """Whether the step's document drew its final number."""
    return bool(doing.world.document(doing.touched[-1]).number)


def _told_outside(doing: Doing, _expected: object) -> bool:
    """Whether the posting was announced: what is registered elsewhere listens to that event."""
    ids = [doing.world.document_ids[name] for name in doing.touched]
    events = doing.since(AuditEvent).filter(action="documents.document.posted")
    return bool(events.filter(subject_type=DOCUMENT_TYPE, subject_id__in=ids).exists())


def _at_most(expected: Any, actual: Any, _doing: Doing) -> bool:
    return bool(actual <= expected)


type Actual = Callable[[Doing, Any], Any]

ACTUAL: Mapping[str, Actual] = {
    "exposure": _exposure,
    "total": lambda doing, _expected: doing.standing().total,
    "excluded": _excluded,
    "shown": _shown,
    "waiting": lambda doing, _expected: doing.standing().waiting,
    "by_maturity": lambda doing, _expected: doing.standing().by_maturity(doing.world.today),
    "invoice_flags": lambda doing, expected: flags(doing.world, expected),
    "invoice_open_of": lambda doing, expected: unpaid(doing.world, expected),
    "overdue_count": lambda doing, _expected: doing.standing().overdue_count(doing.world.today),
    "overdue_amount": lambda doing, _expected: doing.standing().overdue_amount,
    "worst_days_overdue": lambda doing, _expected: doing.standing().worst_days_overdue,
    "exposure_state": lambda doing, _expected: (
        "incomplete" if doing.standing().missing_rates else "complete"
    ),
    "missing_rate": _missing_rate,
    "over_limit": lambda doing, _expected: doing.standing().over_by > 0,
    "over_by": lambda doing, _expected: doing.standing().over_by,
    "available": _available,
    "limit_now": lambda doing, _expected: doing.standing().limit.ceiling,
    "decision": _decision,
    "reasons": lambda doing, _expected: sorted(doing.answer.reasons),
    "projected": _projected,
    "component_projected": _component_projected,
    "limit_checked": _limit_checked,
    "status": _status,
    "doc_state": _doc_state,
    "per_document": _per_document,
    "gross_of": _gross_of,
    "confirmed_count": _counted(v.DECISIONS["allow"] | v.DECISIONS["warn"]),
    "blocked_count": _counted(v.DECISIONS["block"]),
    "other_customers_wait": _others_wait,
    "review_item_created": _request_opened,
    "notified": _notified,
    "audit_entries": _audit_entries,
    "message": _message,
    "legal_number_used": _number_used,
    "external_registration_called": _told_outside,
    "max_seconds": lambda doing, _expected: Decimal(str(round(doing.seconds, 3))),
    "max_queries": lambda doing, _expected: doing.queries,
}

MEETS: Mapping[str, Callable[[Any, Any, Doing], bool]] = {
    "exposure": _exposure_met,
    "excluded": _exposure_met,
    "shown": _exposure_met,
    "decision": _decision_met,
    "reasons": _reasons_met,
    "doc_state": _doc_state_met,
    "per_document": _per_document_met,
    "notified": _notified_met,
    "message": _message_met,
    "max_seconds": _at_most,
    "max_queries": _at_most,
}
