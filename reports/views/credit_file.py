"""The credit file: one customer, whole, with a tab for each part of the story."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.links import subject_url
from core.money import ZERO
from core.selectors import timeline_entries
from credit_limits.engine.types import WayKind
from credit_limits.explain import way_words
from credit_limits.sentences import reason_label
from customers.models import Customer, CustomerAccount
from customers.selectors import accounts_visible
from documents.models import Document
from ledger.ageing import BY_KEY
from ledger.selectors import bucket_label
from reports.queries import credit_file as queries
from reports.queries.ageing import age_parts, ages_by_account
from reports.queries.portfolio import Portfolio, portfolio
from reports.queries.scopes import wide_limits
from reports.sentences import next_sentence
from reports.views.base import ReportView
from reports.views.dates import as_of_from

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from django.http import HttpRequest, HttpResponse
    from django.utils.functional import _StrPromise

    from ledger.models import OpenItem

PER_PAGE: Final = 50
MOST: Final = 100

TABS: Final[dict[str, _StrPromise]] = {
    "overview": gettext_lazy("Overview"),
    "items": gettext_lazy("Open items"),
    "documents": gettext_lazy("Documents"),
    "limits": gettext_lazy("Limits"),
    "decisions": gettext_lazy("Decisions"),
    "behaviour": gettext_lazy("Behaviour"),
    "details": gettext_lazy("Details"),
    "history": gettext_lazy("History"),
}


@dataclass(frozen=True)
class File:
    """What is asked of the page: whose file, which accounts, which day, which tab."""

    customer: Customer
    accounts: list[CustomerAccount]
    chosen: list[CustomerAccount]
    book: Portfolio
    as_of: date
    dated: date | None
    tab: str
    page: str | None
    bucket: str

    @property
    def ids(self) -> list[int]:
        """The accounts that are looked at."""
        return [account.pk for account in self.chosen]

    @property
    def one(self) -> CustomerAccount | None:
        """The account, when it is just one."""
        return self.chosen[0] if len(self.chosen) == 1 else None

    def url(self, **changes: Any) -> str:
        """This page with other parameters; None takes one away."""
        kept: dict[str, Any] = {
            "tab": self.tab if self.tab != "overview" else None,
            "account": self.one.pk if self.one and len(self.accounts) > 1 else None,
            "as_of": self.dated.isoformat() if self.dated else None,
            **changes,
        }
        query = urlencode({key: value for key, value in kept.items() if value is not None})
        path = reverse("reports:credit_file", args=[self.customer.pk])
        return f"{path}?{query}" if query else path


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
            "totals": _totals(file),
            "wide": wide_limits(customer, as_of),
            "waiting": queries.waiting_of(file.ids),
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
            "choices": _choices(file),
            "several": len(accounts) > 1,
            "tab_template": f"reports/credit_file/{tab}.html",
            **PARTS[tab](self, file),
        }
        return render(request, "reports/credit_file.html", context)

    # --- one function for each tab ------------------------------------------------------------

    def overview(self, file: File) -> dict[str, Any]:
        """Where the customer stands and what an order would meet."""
        found: dict[str, Any] = {
            "ageing_parts": _ageing(file),
            "behaviours": queries.behaviour_of(file.chosen, file.as_of),
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

    def items(self, file: File) -> dict[str, Any]:
        """Open items, oldest due first; of one age when `?bucket=` names it."""
        bucket = file.bucket if file.bucket in BY_KEY else ""
        items = queries.open_items(file.ids, file.as_of, is_today=file.dated is None, bucket=bucket)
        page = Paginator(items, PER_PAGE).get_page(file.page)
        return {
            "ageing_parts": _ageing(file),
            "page": page,
            "rows": [_item_row(item, file.as_of) for item in page],
            "sums": _sums(
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
            "held_sums": _sums((row.currency_id, row.gross_amount) for row in held),
            "open": counting,
            "open_sums": _sums((row.currency_id, row.gross_amount) for row in counting),
            "others": documents.exclude(
                status__in=(statuses.HELD, statuses.SUBMITTED, statuses.RELEASED)
            )[:20],
            "all_url": f"{reverse('documents:order_list')}?customer={file.customer.pk}",
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
        return {"behaviours": queries.behaviour_of(file.chosen, file.as_of)}

    def details(self, file: File) -> dict[str, Any]:
        """Terms, people and contacts."""
        return {"contacts": file.customer.contacts.all(), "accounts": file.accounts}

    def history(self, file: File) -> dict[str, Any]:
        """The audit trail in plain words."""
        page = Paginator(queries.events_of(self.user, file.customer), PER_PAGE).get_page(file.page)
        return {"page": page, "events": timeline_entries(page, link=True)}


PARTS: Final[dict[str, Callable[[CreditFileView, File], dict[str, Any]]]] = {
    "overview": CreditFileView.overview,
    "items": CreditFileView.items,
    "documents": CreditFileView.documents,
    "limits": CreditFileView.limits,
    "decisions": CreditFileView.decisions,
    "behaviour": CreditFileView.behaviour,
    "details": CreditFileView.details,
    "history": CreditFileView.history,
}


def _totals(file: File) -> dict[str, Any]:
    book = file.book
    return {
        "exposure": book.total(lambda position: position.total),
        "limit": book.total(lambda position: position.limit.ceiling),
        "headroom": book.total(lambda position: position.headroom),
        "overdue": book.total(lambda position: position.overdue_amount),
        "waiting": book.total(lambda position: position.waiting),
        "days": max((p.worst_days_overdue for p in book.positions.values()), default=0),
    }


def _choices(file: File) -> list[dict[str, Any]]:
    """The account chooser: all companies, or one."""
    if len(file.accounts) < 2:
        return []
    every = {"label": _("All companies"), "url": file.url(account=None), "active": not file.one}
    return [
        every,
        *(
            {
                "label": account.company.name,
                "url": file.url(account=account.pk),
                "active": file.one == account,
            }
            for account in file.accounts
        ),
    ]


def _ageing(file: File) -> list[Any]:
    """The ageing of the chosen accounts in the currency of the totals."""
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    positions = file.book.positions
    for key, ages in ages_by_account(positions, file.as_of).items():
        for bucket, amount in ages.items():
            sums[bucket] += file.book.convert(positions[key], amount) or ZERO
    return age_parts(sums, lambda bucket: file.url(tab="items", bucket=bucket))


def _item_row(item: OpenItem, as_of: date) -> dict[str, Any]:
    sign = -1 if item.direction == item.Direction.CREDIT else 1
    residual: Decimal = item.residual  # type: ignore[attr-defined]
    days = (as_of - item.due_on).days if sign > 0 else 0
    return {
        "item": item,
        "residual": sign * residual,
        "amount": sign * item.amount,
        "days": days if days > 0 else None,
        "url": subject_url("ledger.openitem", item.pk),
    }


def _sums(rows: Iterable[tuple[str, Decimal]]) -> list[tuple[str, Decimal]]:
    """Amounts added up by currency."""
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for currency, amount in rows:
        sums[currency] += amount
    return sorted(sums.items())
