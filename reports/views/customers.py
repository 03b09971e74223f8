"""Lists of customers and of their groups, with figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext as _

from core.htmx import render_partial
from customers.models import Customer
from customers.selectors import groups_visible
from reports.filters import CustomerFilter
from reports.queries.customers import DB_ORDERS, FIGURE_ORDERS, customer_list
from reports.queries.exposure import Wanted
from reports.queries.scopes import group_limits
from reports.tables.customers import CustomerTable
from reports.views.base import ReportView

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


class CustomerListView(ReportView):
    """Customers the user may see: search, filters, order, pages."""

    permission_required = "customers.view_customer"

    def get(self, request: HttpRequest) -> HttpResponse:
        """The list, or its part for htmx."""
        filters = CustomerFilter(
            request.GET, queryset=Customer.objects.visible_to(self.user), request=request
        )
        order = request.GET.get("sort", "name")
        if order.lstrip("-") not in {*DB_ORDERS, *FIGURE_ORDERS}:
            order = "name"
        found = customer_list(
            customers=filters.qs,
            user=self.user,
            as_of=self.today,
            wanted=filters.wanted,
            company=filters.company_chosen,
            order=order,
            page=request.GET.get("page"),
            whole="totals" in request.GET,
        )
        may_add = self.user.has_perm("customers.add_customer")
        table = CustomerTable(found, order=order, may_add=may_add)
        context = {
            "title": _("Customers"),
            "filter": filters,
            "table": table,
            "found": found,
            "may_add": may_add,
        }
        return render_partial(request, "customers/customer_list.html", context, partial="results")


class GroupListView(ReportView):
    """Customer groups with their heads and members."""

    permission_required = "customers.view_customer"

    def get(self, request: HttpRequest) -> HttpResponse:
        """The list."""
        text = request.GET.get("q", "").strip()
        groups = groups_visible(self.user).order_by("name")
        if text:
            groups = groups.filter(name__icontains=text) | groups.filter(code__icontains=text)
        context = {"groups": groups[:500], "q": text}
        return render(request, "customers/group_list.html", context)


class GroupDetailView(ReportView):
    """One group: its members with their figures, its head, its shared limit."""

    permission_required = "customers.view_credit_file"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The page; members the user may not see are counted, not shown."""
        group = groups_visible(self.user).filter(pk=pk).first()
        if group is None:
            raise Http404
        members = Customer.objects.visible_to(self.user).filter(group=group)
        found = customer_list(
            customers=members, user=self.user, as_of=self.today, wanted=Wanted(), whole=True
        )
        table = CustomerTable(found, exclude=("group",), orderable=False)
        context: dict[str, Any] = {
            "group": group,
            "found": found,
            "table": table,
            "hidden": group.members.count() - members.count(),
            "wide": group_limits(group, self.today),
        }
        return render(request, "customers/group_detail.html", context)
