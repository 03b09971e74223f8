"""Cells that several tables share: limits in words, the use of a limit, figures with totals."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.numerals import format_decimal
from core.tables import NONE, NUM, BaseTable, MoneyColumn
from core.templatetags.ui import badge, money
from credit_limits.engine.types import LimitState

if TYPE_CHECKING:
    from collections.abc import Callable

    from credit_limits.engine.types import LimitFacts
    from reports.queries.portfolio import Total

BAR_WIDTH = 44
TONES = {"over": "bad", "near": "warn", "zero": "mute", "none": "mute", "unlimited": "ok"}


def limit_words(limit: LimitFacts, currency: str = "", url: str = "") -> SafeString:
    """A limit with its state said aloud: none, zero, an amount, unlimited."""
    if limit.state is LimitState.AMOUNT:
        return money(limit.amount, currency, url=url)
    words = {
        LimitState.ZERO: _("zero"),
        LimitState.UNLIMITED: _("unlimited"),
        LimitState.NONE: _("none"),
    }[limit.state]
    text = format_html('<span class="text-muted">{}</span>', words)
    return format_html('<a href="{}">{}</a>', url, text) if url else text


def use_bar(percent: Decimal | None, band: str) -> SafeString:
    """The used part of a limit as a bar with its figure; a word where there is no percentage."""
    if percent is None:
        if band == "over":
            return badge("over", tone="bad")
        return NONE
    tone = TONES.get(band, "ok")
    width = int(min(max(percent, Decimal(0)), Decimal(100)) * BAR_WIDTH / 100)
    return format_html(
        '<span class="nowrap"><svg viewBox="0 0 {0} 8" width="{0}" height="8" aria-hidden="true">'
        '<rect class="c-track" width="{0}" height="8" rx="2"/>'
        '<rect class="c-{1}" width="{2}" height="8" rx="2"/></svg> '
        '<span class="text-{3}">{4}\u00a0%</span></span>',
        BAR_WIDTH,
        tone,
        width,
        tone if tone in {"bad", "warn"} else "muted",
        format_decimal(percent, 0),
    )


class UseColumn(tables.Column):
    """The use of a limit; records have `percent` and `band`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["attrs"] = NUM | kwargs.get("attrs", {})
        kwargs.setdefault("empty_values", ())
        super().__init__(*args, **kwargs)

    def render(self, record: Any) -> SafeString:
        """Bar and percentage."""
        return use_bar(record.percent, record.band)


class LimitColumn(tables.Column):
    """A limit in words; the value is a `LimitFacts`."""

    def __init__(self, *args: Any, url: Callable[[Any], str] | None = None, **kwargs: Any) -> None:
        kwargs["attrs"] = NUM | kwargs.get("attrs", {})
        super().__init__(*args, **kwargs)
        self.url = url

    def render(self, value: LimitFacts, record: Any) -> SafeString:
        """State or amount."""
        return limit_words(value, "", self.url(record) if self.url else "")


class FigureColumn(MoneyColumn):
    """An amount of a position: zero shows as a dash, the total comes from `table.totals`.

    Names its total by `figure`. The currency of a row stands in a column of its own. `quiet`
    amounts are below zero as a rule and not worth a red.
    """

    def __init__(self, *args: Any, figure: str = "", quiet: bool = False, **kwargs: Any) -> None:
        if figure:
            kwargs["footer"] = self._sum
        super().__init__(*args, **kwargs)
        self.figure = figure
        self.quiet = quiet

    def render(self, value: Decimal, record: Any) -> SafeString:
        """The amount, or a dash for zero."""
        return self._quieted(super().render(value, record)) if value else NONE

    def _quieted(self, text: SafeString) -> SafeString:
        # Both are markup of our own; only the class that makes it red goes.
        return SafeString(text.replace("af-money neg", "af-money")) if self.quiet else text

    def _sum(self, table: BaseTable) -> SafeString:
        totals: dict[str, Total] = getattr(table, "totals", {})
        total = totals.get(self.figure)
        if total is None:
            return NONE
        return self._quieted(money(total.amount))


class CurrencyColumn(tables.Column):
    """The currency of a row's figures; the totals' own in the footer. Left out where all agree."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["footer"] = lambda table: getattr(table, "total_currency", "")
        kwargs["orderable"] = False
        super().__init__(*args, **kwargs)
