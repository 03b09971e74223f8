"""Tables of every list: dense, sortable, figures to the right, totals below."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import django_tables2 as tables
from django.db.models import QuerySet, Sum
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.markup import badge, day, money
from core.numerals import format_decimal

NUM = {"th": {"class": "num"}, "td": {"class": "num"}, "tf": {"class": "num"}}
MOST_ROWS = 500
"""Rows of a page, whatever its address asks for."""
NONE = format_html('<span class="af-none">{}</span>', "–")


class BaseTable(tables.Table):
    """The house table. Name `Meta(BaseTable.Meta)` in subclasses.

    `empty_title`, `empty_text` and (`empty_url`, `empty_action`) fill the empty state; the caption
    is read out by screen readers and shown only when `caption_visible`.
    """

    caption: str = ""
    caption_visible = False
    empty_icon = "list-check"
    empty_title: Any = _("Nothing here yet")
    empty_url = ""
    empty_action = ""

    class Meta:
        template_name = "ui/table.html"
        attrs = {"class": "af-table"}
        empty_text = _("Nothing matches. Change or clear the filters to see more.")
        per_page = 50

    def paginate(
        self, *args: Any, per_page: int | None = None, page: int = 1, **kwargs: Any
    ) -> None:
        """One page of it; an address may ask for other lengths, within reason."""
        usual = int(self._meta.per_page)
        rows = usual if per_page is None or per_page < 1 else min(per_page, MOST_ROWS)
        super().paginate(*args, per_page=rows, page=page, **kwargs)

    def column_sum(self, accessor: str) -> Decimal:
        """The sum of a column over all pages, as the totals row shows it; 0 without rows."""
        data: Any = getattr(self.data, "data", self.data)
        if isinstance(data, QuerySet):
            # order_by() lets the database sum without sorting first.
            total = data.order_by().aggregate(total=Sum(accessor.replace(".", "__")))["total"]
            return Decimal(total or 0)
        values = (tables.A(accessor).resolve(row, quiet=True) for row in data)
        return sum((value for value in values if value is not None), Decimal(0))


class LinkColumn(tables.Column):
    """Text that opens the row's page; `sub` names an accessor shown small beneath."""

    def __init__(self, *args: Any, sub: str = "", **kwargs: Any) -> None:
        kwargs.setdefault("linkify", True)
        super().__init__(*args, **kwargs)
        self.sub = sub

    def render(self, value: Any, record: Any) -> Any:
        """The text and its second line."""
        if not self.sub:
            return value
        below = tables.A(self.sub).resolve(record, quiet=True)
        return format_html('{}<span class="sub">{}</span>', value, below) if below else value


class MoneyColumn(tables.Column):
    """An amount with two decimals. `currency` is an accessor; without it the header says it.

    `total=True` adds the sum of all pages to the totals row (only sensible in one currency);
    `url` is a function of the record, so that the figure opens what it is made of.
    """

    def __init__(
        self,
        *args: Any,
        currency: str = "",
        total: bool = False,
        url: Callable[[Any], str] | None = None,
        **kwargs: Any,
    ) -> None:
        kwargs["attrs"] = NUM | kwargs.get("attrs", {})
        kwargs.setdefault("default", NONE)
        super().__init__(*args, **kwargs)
        self.currency = currency
        self.url = url
        if total:
            self._footer = self.footer_total

    def render(self, value: Decimal, record: Any) -> SafeString:
        """The amount, linked when `url` is given."""
        code = tables.A(self.currency).resolve(record, quiet=True) if self.currency else ""
        return money(value, str(code or ""), url=self.url(record) if self.url else "")

    def value(self, value: Decimal) -> Decimal:
        """The bare amount, for exports."""
        return value

    def footer_total(self, table: BaseTable, bound_column: Any) -> SafeString:
        """The sum over all pages."""
        return money(table.column_sum(str(bound_column.accessor)))


class NumberColumn(tables.Column):
    """A figure that is no money: days, percents, counts."""

    def __init__(self, *args: Any, places: int = 0, suffix: str = "", **kwargs: Any) -> None:
        kwargs["attrs"] = NUM | kwargs.get("attrs", {})
        kwargs.setdefault("default", NONE)
        super().__init__(*args, **kwargs)
        self.places = places
        self.suffix = suffix

    def render(self, value: Any) -> str:
        """The figure with its suffix."""
        return format_decimal(Decimal(value), self.places) + self.suffix


class DateColumn(tables.Column):
    """A date in the language's short form; a moment when the value is one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", NONE)
        kwargs["attrs"] = {"td": {"class": "nowrap"}} | kwargs.get("attrs", {})
        super().__init__(*args, **kwargs)

    def render(self, value: Any) -> SafeString:
        """The date in a <time> element."""
        return day(value)


class BadgeColumn(tables.Column):
    """A state: its word from the model's choices, its tone from `core.tones`."""

    def render(self, value: Any, record: Any, bound_column: Any) -> SafeString:
        """The badge. django-tables2 already turned the code into its word, so look the code up."""
        code = bound_column.accessor.resolve(record, quiet=True)
        return badge(code if code is not None else value, label=str(value))
