"""The customer in one look: a fragment for the inbox and other pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import get_object_or_404

from core.htmx import render_partial
from customers.models import CustomerAccount
from documents.models import Document
from reports.queries import credit_file as queries
from reports.queries.ageing import age_parts, ages_by_account
from reports.queries.behaviour import behaviour_of
from reports.queries.portfolio import portfolio
from reports.views.base import ReportView

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


class AccountPanelView(ReportView):
    """Limit, ageing, behaviour, last decisions and orders of one account, as they stand now."""

    permission_required = "customers.view_credit_file"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The fragment for htmx; a small page of its own otherwise."""
        account = get_object_or_404(
            CustomerAccount.objects.visible_to(self.user).select_related("customer", "company"),
            pk=pk,
        )
        today = self.today
        book = portfolio(account_ids=[pk], as_of=today, user=self.user)
        (figure,) = queries.account_figures(book, None)
        ages = ages_by_account(book.positions, today).get(pk, {})
        (behaviour,) = behaviour_of([account], today)
        documents = queries.documents_of([pk])
        context = {
            "account": account,
            "customer": account.customer,
            "figure": figure,
            "ageing_parts": age_parts(ages, lambda bucket: f"{figure.file_url}&bucket={bucket}"),
            "behaviour": behaviour,
            "checks": queries.checks_of([pk])[:5],
            "documents": documents.filter(
                status__in=(
                    Document.Status.HELD,
                    Document.Status.SUBMITTED,
                    Document.Status.RELEASED,
                )
            )[:8],
            "several": False,
        }
        return render_partial(request, "reports/account_panel.html", context, partial="panel")
