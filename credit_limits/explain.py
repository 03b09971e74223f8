"""A stored check laid out for a page: rule by rule, its exposure, and the ways to a pass."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.charts import COMPONENT_COLOURS, Part
from core.numerals import format_decimal
from credit_limits.engine.types import ZERO, Component, Rule, ScopeKind, WayKind
from credit_limits.models.policy import RuleCode
from credit_limits.sentences import (
    COMPONENT_LABELS,
    EXCLUSION_LABELS,
    finding_sentence,
    reason_label,
    way_sentence,
)
from customers.models import Customer, PaymentMethod

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from credit_limits.engine.types import CheckInput, Way
    from credit_limits.models import CheckFinding, CreditCheck

DAY_RULES: Final = frozenset({Rule.OVERDUE_DAYS, Rule.OLDEST_ITEM})
LATE_RULES: Final = frozenset({Rule.OVERDUE_DAYS, Rule.OVERDUE_AMOUNT})


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One rule of a check. Texts are ready to show.

    `effect` is what was left after exclusions, "off" when the rule had nothing to look at or the
    policy does not use it (`off_word` says which); `silenced_by` says what lowered it. `sources`
    are (words, URL) of what the figure is made of.
    """

    rule: str
    scope: str
    found: str
    allowed: str
    effect: str
    off_word: str
    sentence: str
    silenced_by: str
    sources: tuple[tuple[str, str], ...]


def finding_rows(check: CreditCheck, findings: Iterable[CheckFinding]) -> list[FindingRow]:
    """Every finding of a check, those that stopped it first, in the engine's order otherwise."""
    rows = [_row(check, finding) for finding in findings]
    weight = {"refuse": 0, "hold": 1, "warn": 2, "note": 3, "ok": 4, "off": 5}
    return sorted(rows, key=lambda row: weight[row.effect])


def exposure_parts(
    amounts: Mapping[Component, Decimal], account_id: int | None, as_of: date | None = None
) -> list[Part]:
    """The components of an exposure as parts of a chart, each leading to what it is made of.

    `account_id` None is a scope of several accounts, which has no list of its own; `as_of` None
    means today.
    """
    return [
        Part(
            key=COMPONENT_COLOURS[component],
            label=str(COMPONENT_LABELS[component]),
            amount=amounts.get(component, ZERO),
            url=component_url(account_id, component.value, as_of) if account_id else "",
        )
        for component in Component
    ]


def component_url(account_id: int, component: str, as_of: date | None = None) -> str:
    """The list a component is made of ("total" for all of them); empty where it has no page."""
    query = f"?as_of={as_of.isoformat()}" if as_of else ""
    return _url("reports:component_detail", query, account_id, component)


def checkpoint_word(checkpoint: str) -> str:
    """The step at which the check was asked, in words."""
    words = {
        "submit": _("submit"),
        "change": _("change"),
        "reopen": _("reopen"),
        "print": _("print"),
        "deliver": _("delivery"),
        "invoice": _("invoice"),
        "post": _("posting"),
        "release": _("release"),
    }
    return words.get(checkpoint, checkpoint)


def way_words(way: Way, facts: CheckInput) -> str:
    """One way to a pass, with what has to be done besides, each amount in its own currency."""
    parts = [way_sentence(part, _way_currency(part, facts)) for part in _way_parts(way)]
    text = parts[0]
    for part in parts[1:]:
        text = _("%(first)s and %(second)s") % {"first": text, "second": part}
    return text


def _way_parts(way: Way) -> list[Way]:
    """The single steps of a way: one per limit to raise, and those to be taken besides."""
    single = replace(way, also=())
    steps = [single]
    if way.kind is WayKind.RAISE_LIMIT and len(way.references) > 1:
        steps = [
            replace(single, amount=amount, references=(label,), amounts=(amount,))
            for label, amount in zip(way.references, way.amounts, strict=True)
        ]
    return steps + [part for further in way.also for part in _way_parts(further)]


def _way_currency(way: Way, facts: CheckInput) -> str:
    if way.kind in {WayKind.REDUCE, WayKind.PAY_IMMEDIATELY}:
        return facts.document.currency
    if way.kind is WayKind.RAISE_LIMIT:
        labels = {scope.label: scope.currency for scope in facts.scopes}
        return labels.get(way.references[0], "") if way.references else ""
    return next(scope.currency for scope in facts.scopes if scope.kind is ScopeKind.ACCOUNT)


def _row(check: CreditCheck, finding: CheckFinding) -> FindingRow:
    label = str(RuleCode(finding.rule).label)
    if finding.rule == Rule.COMPONENT_LIMIT and ":" in finding.reason:
        label = reason_label(finding.reason)
    off_word = "" if finding.asked else _("Not asked")
    if finding.asked and finding.fired and finding.severity == "ok":
        off_word = _("Switched off")
    return FindingRow(
        rule=label,
        scope=_scope_words(finding),
        found=_figure(finding, finding.observed) if finding.asked else "–",
        allowed=_figure(finding, finding.threshold) if finding.asked else "–",
        effect="off" if off_word else finding.effect,
        off_word=off_word,
        sentence=finding_sentence(finding),
        silenced_by=_silencer(finding),
        sources=_sources(check, finding),
    )


def _silencer(finding: CheckFinding) -> str:
    code = finding.excluded_by.partition(":")[0]
    return str(EXCLUSION_LABELS.get(code, finding.excluded_by)) if code else ""


def _scope_words(finding: CheckFinding) -> str:
    if finding.scope == ScopeKind.CUSTOMER:
        return _("all companies")
    if finding.scope == ScopeKind.GROUP:
        return _("customer group")
    return ""


def _figure(finding: CheckFinding, text: str) -> str:
    """An observed value or threshold in the words of its rule."""
    if not text:
        return "–"
    if finding.rule == Rule.CUSTOMER_STATUS:
        return str(Customer.Status(text).label)
    if finding.rule == Rule.PAYMENT_METHOD:
        return str(finding.facts.get("method") or PaymentMethod.Treatment(text).label)
    if finding.rule == Rule.FIRST_ORDER:
        return _("earlier orders") if text == "history" else _("none before")
    if finding.rule == Rule.NO_LIMIT:
        return _limit_state(text)
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    if finding.rule in DAY_RULES:
        count = int(number)
        return ngettext("%(count)s day", "%(count)s days", count) % {"count": count}
    return format_decimal(number, 0 if finding.rule == Rule.RATE_MISSING else 2)


def _limit_state(state: str) -> str:
    words = {
        "none": _("no limit"),
        "zero": _("limit zero"),
        "amount": _("a limit"),
        "unlimited": _("unlimited"),
    }
    return words.get(state, state)


def _sources(check: CreditCheck, finding: CheckFinding) -> tuple[tuple[str, str], ...]:
    """What the figure is made of, with where to see it today."""
    customer_id = check.account.customer_id
    rule = Rule(finding.rule)
    if not finding.asked:
        return ()
    if rule in {Rule.LIMIT_EXCEEDED, Rule.NEAR_LIMIT}:
        label = str(finding.facts.get("label", ""))
        return (
            (
                _("exposure of %(label)s") % {"label": label} if label else _("exposure"),
                component_url(check.account_id, "total", check.as_of),
            ),
        )
    if rule in LATE_RULES or rule is Rule.OLDEST_ITEM:
        reference = str(finding.facts.get("reference", ""))
        state = "overdue" if rule in LATE_RULES else "open"
        words = reference or _("items past due")
        if not reference and not finding.facts.get("items"):
            return ()
        return (
            (
                words,
                _url(
                    "ledger:item_list", f"?customer={customer_id}&state={state}&as_of={check.as_of}"
                ),
            ),
        )
    if rule is Rule.COMPONENT_LIMIT and "component" in finding.facts:
        component = Component(finding.facts["component"])
        words = str(COMPONENT_LABELS[component])
        return ((words, component_url(check.account_id, component.value, check.as_of)),)
    if rule is Rule.RATE_MISSING and finding.facts.get("rates"):
        return ((str(finding.facts["rates"]), ""),)
    return ()


def _url(name: str, query: str, *args: int | str) -> str:
    try:
        return reverse(name, args=args) + query
    except NoReverseMatch:
        return ""
