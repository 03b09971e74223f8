"""The credit file: one customer, whole, with a tab for each part of the story."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext_lazy

from core.selectors import timeline_entries
from credit_limits.engine.types import WayKind
from credit_limits.explain import way_words
from credit_limits.sentences import reason_label
from customers.models import Customer
from customers.selectors import accounts_visible
from documents.models import Document
from ledger.ageing import BY_KEY
from ledger.selectors import bucket_label
from reports.queries import credit_file as queries
from reports.queries.behaviour import behaviour_of
from reports.queries.portfolio import portfolio
from reports.queries.scopes import wide_limits
from reports.sentences import next_sentence
from reports.views.base import ReportView
from reports.views.credit_file_parts import (
    File,
    ageing,
    choices,
    composition,
    item_row,
    sums,
    totals,
)
from reports.views.curve import weeks_part
from reports.views.dates import as_of_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse
    from django.utils.functional import _StrPromise


PER_PAGE: Final = 50
MOST: Final = 100

TABS: Final[dict[str, _StrPromise]] = {
    "overview": gettext_lazy("Overview"),
    "weeks": gettext_lazy("Coming weeks"),
    "items": gettext_lazy("Open items"),
    "documents": gettext_lazy("Documents"),
    "limits": gettext_lazy("Limits"),
    "decisions": gettext_lazy("Decisions"),
    "behaviour": gettext_lazy("Behaviour"),
    "details": gettext_lazy("Details"),
    "history": gettext_lazy("History"),
}


class CreditFileView(ReportView):
    """One customer. Each tab asks only its own questions; their number does not grow with rows."""

    permission_required = "customers.view_credit_file"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The page with the tab of `?tab=`, the account of `?account=`, the day of `?as_of=`."""
        customer = get_object_or_404(
            Customer.objects.visible_to(self.user).select_related("group"), pk=pk
        )
        dated, problem = as_of_from(request)
        as_of = dated or self.today
        accounts = accounts_visible(self.user, customer)
        chosen = [row for row in accounts if str(row.pk) == request.GET.get("account")] or accounts
        tab = request.GET.get("tab", "overview")
        if tab not in TABS:
            raise Http404
        file = File(
            customer=customer,
            accounts=accounts,
            chosen=chosen,
            book=portfolio(
                account_ids=[account.pk for account in chosen], as_of=as_of, user=self.user
            ),
            as_of=as_of,
            dated=dated,
            tab=tab,
            page=request.GET.get("page"),
            bucket=request.GET.get("bucket", ""),
        )
        figures = queries.account_figures(file.book, dated)
        context = {
            "file": file,
            "customer": customer,
            "figures": figures,
            "figure": figures[0] if len(figures) == 1 else None,
            "totals": totals(file),
            "composition": composition(file, figures) if len(figures) > 1 else [],
            "wide": wide_limits(customer, as_of),
            "waiting": None if dated else queries.waiting_of(file.ids),
            "reviews": [row for row in figures if row.review_is_near],
            "problem": problem,
            "tabs": [
                {
                    "label": label,
                    "url": file.url(tab=name if name != "overview" else None),
                    "active": name == tab,
                }
                for name, label in TABS.items()
            ],
            "choices": choices(file),
            "several": len(accounts) > 1,
            "tab_template": f"reports/credit_file/{tab}.html",
            **PARTS[tab](self, file),
        }
        return render(request, "reports/credit_file.html", context)

    # --- one function for each tab ------------------------------------------------------------

    def overview(self, file: File) -> dict[str, Any]:
        """Where the customer stands and what an order would meet."""
        found: dict[str, Any] = {
            **ageing(file),
            "behaviours": behaviour_of(file.chosen, file.as_of),
            "checks": queries.checks_of(file.ids, file.dated)[:5],
            "contacts": file.customer.contacts.all()[:3],
        }
        if file.one and not file.dated:
            preview = queries.next_order(file.one, file.as_of)
            found["next_order"] = preview.decision
            found["next_findings"] = [
                {
                    "label": reason_label(finding.reason),
                    "sentence": next_sentence(finding),
                    "effect": finding.effect.name.lower(),
                }
                for finding in sorted(preview.decision.findings, key=lambda f: -f.effect)
                if finding.effect
            ]
            found["ways"] = [
                way_words(way, preview.facts)
                for way in preview.ways
                if way.kind is not WayKind.REDUCE
            ]
        return found

    def weeks(self, file: File) -> dict[str, Any]:
        """Exposure and headroom of the coming weeks, as the customer usually pays."""
        return weeks_part(file)

    def items(self, file: File) -> dict[str, Any]:
        """Open items, oldest due first; of one age when `?bucket=` names it."""
        bucket = file.bucket if file.bucket in BY_KEY else ""
        items = queries.open_items(file.ids, file.as_of, is_today=file.dated is None, bucket=bucket)
        page = Paginator(items, PER_PAGE).get_page(file.page)
        return {
            **ageing(file),
            "page": page,
            "rows": [item_row(item, file.as_of) for item in page],
            "sums": sums(
                (currency, -residual if side == "credit" else residual)
                for currency, side, residual in items.values_list(  # type: ignore[misc]
                    "currency", "direction", "residual"
                )
            ),
            "bucket": bucket,
            "bucket_label": bucket_label(bucket) if bucket else "",
            "all_url": file.url(bucket=None),
        }

    def documents(self, file: File) -> dict[str, Any]:
        """Held and open documents, and the last ones that ended."""
        documents = queries.documents_of(file.ids)
        statuses = Document.Status
        held = list(documents.filter(status=statuses.HELD)[:MOST])
        counting = list(documents.filter(status__in=(statuses.SUBMITTED, statuses.RELEASED))[:MOST])
        return {
            "held": held,
            "held_sums": sums((row.currency_id, row.gross_amount) for row in held),
            "open": counting,
            "open_sums": sums((row.currency_id, row.gross_amount) for row in counting),
            "others": documents.exclude(
                status__in=(statuses.HELD, statuses.SUBMITTED, statuses.RELEASED)
            )[:20],
            "all_url": f"{reverse('documents:document_list')}?customer={file.customer.pk}",
            "most": MOST,
        }

    def limits(self, file: File) -> dict[str, Any]:
        """Every limit that was granted, with those in force marked."""
        return {
            "limits": [
                {"limit": limit, "in_force": queries.is_in_force(limit, file.as_of)}
                for limit in queries.limits_of(file.customer, file.ids)[:MOST]
            ]
        }

    def decisions(self, file: File) -> dict[str, Any]:
        """Checks with outcome and reasons, what was asked and decided, releases."""
        checks = Paginator(queries.checks_of(file.ids, file.dated), PER_PAGE)
        return {
            "checks": checks.get_page(file.page),
            "requests": queries.requests_of(file.ids)[:30],
            "releases": queries.releases_of(file.ids)[:30],
        }

    def behaviour(self, file: File) -> dict[str, Any]:
        """How the customer pays."""
        return {"behaviours": behaviour_of(file.chosen, file.as_of)}

    def details(self, file: File) -> dict[str, Any]:
        """Terms, people and contacts."""
        return {"contacts": file.customer.contacts.all(), "accounts": file.accounts}

    def history(self, file: File) -> dict[str, Any]:
        """The audit trail in plain words."""
        page = Paginator(queries.events_of(self.user, file.customer), PER_PAGE).get_page(file.page)
        return {"page": page, "events": timeline_entries(page, link=True)}


PARTS: Final[dict[str, Callable[[CreditFileView, File], dict[str, Any]]]] = {
    "overview": CreditFileView.overview,
    "weeks": CreditFileView.weeks,
    "items": CreditFileView.items,
    "documents": CreditFileView.documents,
    "limits": CreditFileView.limits,
    "decisions": CreditFileView.decisions,
    "behaviour": CreditFileView.behaviour,
    "details": CreditFileView.details,
    "history": CreditFileView.history,
}
