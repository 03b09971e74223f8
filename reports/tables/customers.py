"""The customer list as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.tables import NONE, NUM, BaseTable, LinkColumn, NumberColumn
from core.templatetags.ui import badge, money
from reports.tables.cells import CurrencyColumn, FigureColumn, UseColumn
from reports.tables.exposure import StatusColumn

if TYPE_CHECKING:
    from reports.queries.customers import CustomerList, CustomerRow


class CustomerTable(BaseTable):
    """Customers with status, group, limit, exposure, use and what is overdue."""

    name = LinkColumn(
        verbose_name=gettext_lazy("Customer"),
        linkify=lambda record: record.url,
        sub="sub",
    )
    status = StatusColumn(verbose_name=gettext_lazy("Status"))
    group = tables.Column(verbose_name=gettext_lazy("Group"), default=NONE)
    currency = CurrencyColumn(verbose_name=gettext_lazy("Currency"))
    limit = tables.Column(verbose_name=gettext_lazy("Limit"), attrs=NUM, empty_values=())
    exposure = FigureColumn(
        verbose_name=gettext_lazy("Exposure"),
        figure="exposure",
        url=lambda row: row.url,
    )
    headroom = FigureColumn(
        verbose_name=gettext_lazy("Headroom"),
        figure="headroom",
        url=lambda row: row.url,
    )
    percent = UseColumn(verbose_name=gettext_lazy("Used"))
    overdue = FigureColumn(
        verbose_name=gettext_lazy("Overdue"),
        figure="overdue",
        url=lambda row: row.overdue_url,
    )
    days = NumberColumn(verbose_name=gettext_lazy("Days"))

    empty_icon = "users"

    class Meta(BaseTable.Meta):
        row_attrs = {"data-href": lambda record: record.url}

    def __init__(
        self, found: CustomerList, *, order: str = "name", may_add: bool = False, **kwargs: Any
    ) -> None:
        self.totals = found.totals
        self.total_currency = found.book.currency
        left_out = tuple(kwargs.pop("exclude", ()))
        kwargs["exclude"] = left_out if found.book.is_mixed else (*left_out, "currency")
        super().__init__(found.rows, **kwargs)
        # The rows come in order: they are one page of many, and only their query knows the rest.
        self.data.order_by = lambda _aliases: None
        self.order_by = order
        self.caption = _("Customers")
        self.empty_title = _("No customer")
        if may_add:
            self.empty_url = reverse("customers:customer_create")
            self.empty_action = _("New customer")

    def render_group(self, value: str, record: CustomerRow) -> Any:
        """The group, leading to its members."""
        url = reverse("customers:group_detail", args=[record.customer.group_id])
        return format_html('<a href="{}">{}</a>', url, value) if value else NONE

    def render_limit(self, record: CustomerRow) -> Any:
        """The limits added up, or the state in a word."""
        if not record.is_complete:
            return badge("bad", label=_("Rate missing"), tone="bad")
        if record.limit_state == "amount":
            return money(record.limit)
        words = {"unlimited": _("unlimited"), "zero": _("zero"), "none": _("none")}
        return format_html('<span class="text-muted">{}</span>', words[record.limit_state])

    def render_days(self, value: int, record: CustomerRow) -> Any:
        """Days past due of the oldest item."""
        return value or NONE
