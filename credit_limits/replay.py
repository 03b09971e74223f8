"""Deciding a stored check again: the same verdict, or what is different."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from credit_limits.models.policy import RuleCode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from credit_limits.engine.types import Decision, Finding
    from credit_limits.models import CheckFinding, CreditCheck


@dataclass(frozen=True, slots=True)
class Replay:
    """What deciding again on the stored facts came to. `differences` is empty when all agrees."""

    outcome: str
    differences: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Whether the engine of today gives the verdict that was stored, to the last figure."""
        return not self.differences


def compare(check: CreditCheck, findings: Iterable[CheckFinding], decision: Decision) -> Replay:
    """The stored verdict beside a fresh one: outcome, reasons, figures and every finding."""
    differences: list[str] = []

    def differ(label: str, stored: object, now: object) -> None:
        if stored != now:
            differences.append(
                _("%(what)s: stored %(stored)s, now %(now)s")
                % {"what": label, "stored": stored, "now": now}
            )

    differ(_("Outcome"), check.outcome, decision.outcome.value)
    differ(_("Reasons"), ", ".join(check.reasons), ", ".join(decision.reasons))
    differ(_("Blocking reasons"), ", ".join(check.blocking), ", ".join(decision.blocking))
    differ(_("Projected"), check.projected, decision.projected)
    differ(_("Headroom"), check.headroom, decision.headroom)
    differ(_("Over by"), check.overrun, decision.overrun)
    differ(_("Amount to approve"), check.approval_amount, decision.approval_amount)
    stored = {_identity(item.rule, item.scope): _stored_words(item) for item in findings}
    fresh = {
        _identity(item.rule.value, item.scope.value if item.scope else ""): _fresh_words(item)
        for item in decision.findings
    }
    for key in sorted(stored.keys() | fresh.keys()):
        differ(key, stored.get(key, "–"), fresh.get(key, "–"))
    return Replay(decision.outcome.value, tuple(differences))


def _identity(rule: str, scope: str) -> str:
    return f"{RuleCode(rule).label} ({scope})" if scope else str(RuleCode(rule).label)


def _stored_words(item: CheckFinding) -> str:
    return _words(item, item.effect, item.observed, item.threshold)


def _fresh_words(item: Finding) -> str:
    observed = "" if item.observed is None else str(item.observed)[:60]
    threshold = "" if item.threshold is None else str(item.threshold)[:60]
    return _words(item, item.effect.name.lower(), observed, threshold)


def _words(item: CheckFinding | Finding, effect: str, observed: str, threshold: str) -> str:
    fired = _("met") if item.fired else _("not met")
    return f"{item.reason} ({fired}) {effect} {observed} / {threshold} {item.excluded_by}".strip()
