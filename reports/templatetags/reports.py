"""Figures of positions in templates: meters, limits in words, amounts that open their lines."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.charts import limit_meter as meter_of
from core.links import subject_url
from core.templatetags.ui import badge, chip, day, limit_meter, money
from credit_limits.engine.types import LimitState
from credit_limits.sentences import reason_label
from documents.models import Document
from documents.words import kind_label
from ledger.models import BillKind, EntryKind
from reports.line_words import line_reason
from reports.queries.components import LABELS, component_url, figure_of
from reports.queries.components import week_url as week_url_of
from reports.queries.lines import part_of_total
from reports.tables import cells

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from credit_limits.engine.types import LimitFacts
    from credit_limits.exposure_lines import ExposureLine
    from credit_limits.models import CreditCheck
    from credit_limits.selectors import CreditPosition
    from reports.queries.credit_file import AccountFigures

register = template.Library()


@register.inclusion_tag("ui/limit_meter.html")
def position_meter(row: AccountFigures, compact: bool = False) -> dict[str, Any]:
    """The meter of an account, its parts opening the lines they are made of."""
    position = row.position
    return limit_meter(
        meter_of(
            row.parts,
            limit=position.limit.ceiling,
            limit_state=position.limit.state.value,
            warn_percent=row.near_percent,
        ),
        currency=position.currency,
        compact=compact,
        used_url=row.total_url,
        uid=f"meter-{position.account.pk}",
    )


@register.simple_tag
def limit_words(limit: LimitFacts, currency: str = "", url: str = "") -> SafeString:
    """None, zero, an amount or unlimited."""
    return cells.limit_words(limit, currency, url)


@register.simple_tag
def stored_state(state: str) -> str:
    """The word of a stored limit state."""
    return {
        "none": _("none"),
        "zero": _("zero"),
        "unlimited": _("unlimited"),
        "amount": _("amount"),
    }.get(state, state)


@register.simple_tag
def limit_sentence(limit: LimitFacts, currency: str) -> SafeString:
    """What the limit is made of and until when: own, temporary, last day."""
    if limit.state is LimitState.NONE:
        return format_html("{}", _("Nobody has granted a limit: that gives no credit"))
    if limit.state is LimitState.UNLIMITED:
        text = format_html("{}", _("Unlimited: exposure is counted, never stopped"))
    elif limit.state is LimitState.ZERO:
        text = format_html("{}", _("Limit zero: nothing goes on credit"))
    elif limit.temporary:
        text = format_html(
            _("Permanent {permanent} and temporary {temporary}"),
            permanent=money(limit.permanent, currency),
            temporary=money(limit.temporary, currency),
        )
    else:
        text = format_html(_("Permanent limit {amount}"), amount=money(limit.amount, currency))
    if limit.valid_to:
        return format_html("{}, {} {}", text, _("until"), day(limit.valid_to))
    return text


@register.simple_tag
def component_money(
    position: CreditPosition, component: str, dated: date | None = None, currency: bool = True
) -> SafeString:
    """The figure of a component, "total", "waiting" or "later", linked to its lines."""
    return money(
        figure_of(position, component),
        position.currency if currency else "",
        url=component_url(position.account.pk, component, dated),
    )


@register.simple_tag
def use_bar(percent: Decimal | None, band: str) -> SafeString:
    """The used part of a limit."""
    return cells.use_bar(percent, band)


@register.simple_tag
def reason_chips(check: CreditCheck) -> SafeString:
    """The reasons of a check: those that stopped it stand out."""
    tone = "bad" if check.outcome == "refuse" else "warn"
    chips = [
        chip(reason_label(reason), tone=tone if reason in check.blocking else "mute")
        for reason in sorted(check.reasons, key=lambda reason: reason not in check.blocking)
    ]
    if not chips:
        return format_html('<span class="text-muted">{}</span>', _("all rules passed"))
    return format_html("{} " * len(chips), *chips)


@register.simple_tag
def reasons_of(codes: list[str], tone: str = "warn") -> SafeString:
    """Reason codes as chips."""
    chips = [chip(reason_label(code), tone=tone) for code in codes]
    return format_html("{} " * len(chips), *chips) if chips else SafeString("")


@register.simple_tag
def outcome_badge(check: CreditCheck) -> SafeString:
    """The outcome of a check in words."""
    return badge(check.outcome, label=check.get_outcome_display())


@register.filter
def last_day(upper: date | None) -> date | None:
    """The last day of a half-open span: the one before its upper bound."""
    return upper - timedelta(days=1) if upper else None


@register.simple_tag
def component_label(component: str) -> str:
    """The words of a component."""
    return str(LABELS[component])


@register.simple_tag
def line_state(line: ExposureLine) -> SafeString:
    """The kind of a document and its state as a badge, the kind of an item in a word."""
    if line.is_document:
        return format_html(
            "{} {}",
            kind_label(line.kind, is_back=line.total < 0),
            badge(line.state, label=str(Document.Status(line.state).label)),
        )
    if line.subject_type == "ledger.bill":
        return format_html("{}", BillKind(line.kind).label)
    return format_html("{}", EntryKind(line.kind).label)


@register.simple_tag
def week_url(account_id: int, number: int, as_of: date | None = None) -> str:
    """The page of one of the coming weeks."""
    return week_url_of(account_id, number, as_of)


@register.simple_tag
def line_url(line: ExposureLine) -> str:
    """The page of the document, the item or the ledger entry."""
    return subject_url(line.subject_type, line.subject_id)


@register.simple_tag
def line_why(line: ExposureLine, as_of: date) -> str:
    """Why the line counts, in words."""
    return line_reason(line, as_of)


@register.simple_tag
def line_whole(line: ExposureLine) -> SafeString:
    """What the whole document or item is worth, where only a part of it counts."""
    if not part_of_total(line):
        return SafeString("")
    return format_html(
        '<span class="sub">{}</span>',
        format_html(_("of {amount}"), amount=money(line.total, line.currency)),
    )
