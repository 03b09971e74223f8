"""The exposure list, and the list of what one component is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django_tables2 import RequestConfig

from core.exporting import export_answer, export_links
from core.htmx import render_partial
from credit_limits.engine.types import Component
from credit_limits.selectors import credit_position
from credit_limits.standing import policies_by_company
from customers.models import CustomerAccount
from reports.filters import ExposureFilter
from reports.queries.components import (
    CHART_KEYS,
    LABELS,
    LATER,
    TOTAL,
    WAITING,
    figure_of,
    is_counted,
)
from reports.queries.exposure import ORDERS, exposure_list
from reports.queries.lines import component_lines, lines_total
from reports.tables.exposure import ExposureTable
from reports.views.base import ReportView
from reports.views.dates import as_of_from

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse

    from reports.queries.exposure import ExposureRow

PER_PAGE: Final = 50
UNBOUND: Final = frozenset({TOTAL, WAITING, LATER})


class ExposureListView(ReportView):
    """Accounts with limit, components, exposure, headroom; what is over, near, overdue, held."""

    permission_required = "credit_limits.view_exposuresnapshot"

    def get(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse | FileResponse:
        """The list, its part for htmx, or the download of exactly what it shows."""
        accounts = CustomerAccount.objects.visible_to(self.user)
        filters = ExposureFilter(request.GET, queryset=accounts, request=request)
        wanted = filters.wanted
        as_of = filters.as_of or self.today
        order = request.GET.get("sort", "")
        if order.lstrip("-") not in ORDERS:
            order = "-total"
        found = exposure_list(
            account_ids=filters.qs.values_list("pk", flat=True),
            as_of=as_of,
            user=self.user,
            wanted=wanted,
            company=filters.company_chosen,
            dated=filters.as_of is not None,
            order=order,
        )
        table = ExposureTable(found, bucket=wanted.bucket, order=order)
        RequestConfig(request, paginate={"per_page": PER_PAGE}).configure(table)
        answer = export_answer(
            request,
            f"exposure-{as_of}",
            lambda: (export_header(), _export(row.record for row in table.rows)),
        )
        if answer is not None:
            return answer
        context = {
            "title": _("Exposure"),
            "table": table,
            "filter": filters,
            "found": found,
            "as_of": filters.as_of,
            "exports": export_links(request),
        }
        return render_partial(request, "reports/exposure_list.html", context, partial="results")


def export_header() -> list[str]:
    """The headings of the download."""
    return [
        _("Customer"),
        _("Code"),
        _("Company"),
        _("Status"),
        _("As of"),
        _("Currency"),
        _("Limit state"),
        _("Limit"),
        *(str(LABELS[component.value]) for component in CHART_KEYS),
        _("Exposure"),
        _("Headroom"),
        _("Used %"),
        _("Days overdue"),
        _("Held"),
        _("For later"),
        _("Complete"),
    ]


def _export(rows: Iterator[ExposureRow]) -> Iterator[list[Any]]:
    for row in rows:
        position = row.position
        yield [
            row.name,
            row.account.customer.code,
            row.account.company.code,
            row.status,
            position.as_of,
            position.currency,
            position.limit.state.value,
            position.limit.ceiling,
            *(position.components[component] for component in CHART_KEYS),
            position.total,
            position.headroom,
            position.utilisation_percent,
            position.worst_days_overdue,
            position.waiting,
            position.later,
            _("yes") if position.is_complete else _("no"),
        ]


class ComponentDetailView(ReportView):
    """What a component of an account is made of; the lines add up to its figure."""

    permission_required = "customers.view_credit_file"

    def get(self, request: HttpRequest, pk: int, component: str) -> HttpResponse:
        """The lines with their total."""
        if component not in LABELS:
            raise Http404
        account = get_object_or_404(
            CustomerAccount.objects.visible_to(self.user).select_related(
                "company", "customer", "currency"
            ),
            pk=pk,
        )
        asked, problem = as_of_from(request)
        as_of = asked or self.today
        policy = policies_by_company([account.company_id]).get(account.company_id)
        position = credit_position(account=account, as_of=as_of)
        lines = component_lines(account, component, as_of, policy)
        page = Paginator(lines, PER_PAGE).get_page(request.GET.get("page"))
        context = {
            "account": account,
            "component": component,
            "label": LABELS[component],
            "as_of": asked,
            "problem": problem,
            "page": page,
            "figure": figure_of(position, component),
            "day": as_of,
            "lines_total": lines_total(lines),
            "missing": sum(line.account_amount is None for line in lines),
            "missing_rates": position.missing_rates,
            "mixed": any(line.currency != account.currency_id for line in lines),
            "show_component": component == TOTAL,
            "counted": component in UNBOUND or is_counted(Component(component), policy),
            "aside": component in {WAITING, LATER},
        }
        return render(request, "reports/component_detail.html", context)
