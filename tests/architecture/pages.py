"""Every page of the site, for whom it is opened here, and with what in its address."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ledger.models import Allocation, Bill, Chargeback, Presentation
from tests.documents.views.conftest import form_data

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.http import HttpResponse

    from tests.architecture.site import Site

URLS: Final = Path(__file__).with_name("url_roles.csv")
NOT_PAGES: Final = frozenset(
    {
        "core:company_logo",
        "core:home",  # sends each role to its first page
        "core:search",  # sends to the list that is searched
        "core:notification_open",  # sends to what the notification is about
        "core:health_live",
        "core:health_ready",
        "approvals:request_detail",  # sends to the inbox with the request chosen
        "documents:agreement_create",  # sends to the charge accounts until one is chosen
        "documents:attachment_download",
    }
)
# Pages that make no sense without a query.
ONLY_WITH: Final = frozenset({"documents:convert"})
# Whoever works most with a page opens it; else the first of these who may.
ROLES: Final = ("credit_manager", "sales", "treasury", "admin", "approver", "auditor")
NOBODY: Final = "nobody"
SUPERUSER: Final = "superuser"


@dataclass(frozen=True)
class Page:
    """One page. `arguments` fill its address, `query` follows it."""

    name: str
    role: str
    query: str = ""
    arguments: Callable[[Site], dict[str, Any]] | None = None
    method: str = "get"

    @property
    def key(self) -> str:
        """How the baseline calls it."""
        query = re.sub(r"{.*}", "…", self.query)
        return f"{self.name}?{query}" if query else self.name

    def url(self, site: Site) -> str:
        """Its address in this world."""
        arguments = self.arguments(site) if self.arguments else {}
        query = self.query.format(site=site)
        path = reverse(self.name, kwargs=arguments)
        return f"{path}?{query}" if query else path


def _customer(site: Site) -> dict[str, Any]:
    return {"pk": site.account.customer_id}


def _account(site: Site) -> dict[str, Any]:
    return {"pk": site.account.pk}


def _with_bank() -> Bill:
    return Bill.objects.filter(state="presented").earliest("pk")


ARGUMENTS: Final[dict[str, Callable[[Site], dict[str, Any]]]] = {
    "customers:customer_edit": _customer,
    "customers:group_detail": lambda site: {"pk": site.group.pk},
    "customers:group_edit": lambda site: {"pk": site.group.pk},
    "ledger:item_detail": lambda site: {"pk": site.invoice.pk},
    "ledger:item_write_off": lambda site: {"pk": site.invoice.pk},
    "ledger:item_dispute": lambda site: {"pk": site.invoice.pk},
    "ledger:item_charge_back": lambda site: {"pk": site.invoice.pk},
    "ledger:chargeback_undo": lambda site: {"pk": Chargeback.objects.earliest("pk").pk},
    "ledger:payment_return": lambda site: {"pk": site.on_account.entry_id},
    "ledger:dispute_close": lambda site: {"pk": site.dispute.pk},
    "ledger:entry_detail": lambda site: {"pk": site.invoice.entry_id},
    "ledger:entry_reverse": lambda site: {"pk": site.on_account.entry_id},
    "ledger:allocation_reverse": lambda site: {"pk": Allocation.objects.earliest("pk").pk},
    "ledger:account_statement": _account,
    "ledger:bill_detail": lambda site: {"pk": Bill.objects.earliest("pk").pk},
    "ledger:bill_step": lambda site: {"pk": _with_bank().pk, "step": "return"},
    "ledger:presentation_detail": lambda site: {"pk": Presentation.objects.earliest("pk").pk},
    "ledger:period_close": lambda site: {"pk": site.world.company.pk},
    "ledger:period_reopen": lambda site: {"pk": site.world.company.pk},
    "ledger:item_apply": lambda site: {"pk": site.on_account.pk},
    "ledger:import_detail": lambda site: {"pk": site.run.pk},
    "ledger:import_columns": lambda site: {"pk": site.run.pk},
    "ledger:import_progress": lambda site: {"pk": site.busy_run.pk},
    "credit_limits:limit_create": lambda site: {"account": site.account.pk},
    "credit_limits:check_detail": lambda site: {"pk": site.check.pk},
    "documents:order_detail": lambda site: {"pk": site.held.pk},
    "documents:document_post": lambda site: {"pk": site.going.draft.pk},
    "documents:document_paper": lambda site: {"pk": site.going.bill.pk},
    "documents:order_edit": lambda site: {"pk": site.draft.pk},
    "documents:charge_account": _account,
    "documents:charge_settle": _account,
    "documents:settlement_reverse": lambda site: {"pk": site.settlement.pk},
    "documents:agreement_statement": lambda site: {"pk": site.agreement.pk},
    "documents:agreement_edit": lambda site: {"pk": site.agreement.pk},
    "reports:component_detail": lambda site: {"pk": site.account.pk, "component": "total"},
    "reports:credit_file": _customer,
    "reports:curve_week": lambda site: {"pk": site.account.pk, "number": 1},
    "reports:account_panel": _account,
    "reports:job_detail": lambda site: {"pk": site.job.pk},
}
# The same page seen otherwise, where other questions are asked.
QUERIES: Final[dict[str, tuple[str, ...]]] = {
    "approvals:inbox": ("id={site.request.pk}", "tab=all", "tab=decided"),
    "customers:customer_list": ("q=customer", "totals=1"),
    "documents:account_search": ("account_q=customer",),
    "documents:charge_create": ("account={site.account.pk}", "agreement={site.agreement.pk}"),
    "documents:customer_search": ("ordered_by_q=customer",),
    "documents:order_create": ("account={site.account.pk}", "type=quote", "type=receipt"),
    "documents:order_list": ("customer={site.account.customer_id}", "q=SO", "todo=deliver"),
    "documents:convert": (
        "type=delivery&of=order&document={site.going.order.pk}",
        "type=invoice&of=order&document={site.going.order.pk}",
        "type=advance&of=order&document={site.going.order.pk}",
        "type=invoice&of=sent&document={site.going.sent.pk}",
        "type=return&of=sent&document={site.going.sent.pk}",
        "type=credit_note&of=bill&document={site.going.bill.pk}",
        "type=credit_note&of=back&document={site.going.back.pk}",
    ),
    "documents:document_list": ("todo=invoice", "todo=credit"),
    "ledger:bill_create": ("account={site.account.pk}",),
    "ledger:bill_list": ("state=all", "customer={site.account.customer_id}"),
    "ledger:item_list": ("customer={site.account.customer_id}",),
    "ledger:payment_create": ("account={site.account.pk}",),
    "ledger:remittance_list": ("account={site.account.pk}",),
    "ledger:receivable_create": ("account={site.account.pk}",),
    "reports:credit_file": tuple(
        f"tab={tab}"
        for tab in (
            "weeks",
            "items",
            "documents",
            "limits",
            "decisions",
            "behaviour",
            "details",
            "history",
        )
    ),
    "reports:exposure_list": ("over=1",),
    "reports:alert_list": ("seen=yes",),
}
# The same page about other rows.
ELSEWHERE: Final[dict[str, dict[str, Callable[[Site], dict[str, Any]]]]] = {
    "documents:order_detail": {
        "of=a pending change": lambda site: {"pk": site.changing.pk},
        "of=an accepted order": lambda site: {"pk": site.accepted.pk},
        "of=a closed order": lambda site: {"pk": site.closed.pk},
        "of=an order on its way": lambda site: {"pk": site.going.order.pk},
        "of=a delivery": lambda site: {"pk": site.going.sent.pk},
        "of=a posted invoice": lambda site: {"pk": site.going.bill.pk},
        "of=a return": lambda site: {"pk": site.going.back.pk},
    },
    "documents:order_edit": {
        "of=an accepted order": lambda site: {"pk": site.accepted.pk},
    },
}


def pages() -> Iterator[Page]:
    """Every URL of the table of roles that answers GET with a page, once or more often."""
    with URLS.open() as file:
        rows = [row for row in csv.DictReader(file) if row["method"] == "get"]
    for row in rows:
        name = row["name"]
        if name in NOT_PAGES:
            continue
        may = set(row["roles"].split())
        fitting = ROLES if "everybody" in may else [role for role in ROLES if role in may]
        role = NOBODY if "public" in may else next(iter(fitting), SUPERUSER)
        arguments = ARGUMENTS.get(name)
        if name not in ONLY_WITH:
            yield Page(name, role, arguments=arguments)
        for query in QUERIES.get(name, ()):
            yield Page(name, role, query, arguments)
        for query, other in ELSEWHERE.get(name, {}).items():
            yield Page(name, role, query, other)
    # What is asked while somebody types an order.
    for name in ("documents:credit_strip", "documents:order_head"):
        yield Page(name, "sales", method="post")


type Counts = dict[str, dict[str, str | int]]


def measure(site: Site) -> Counts:
    """{page: {"role": who opened it, "queries": how many statements it took}}."""
    clients = {NOBODY: Client()}
    for role, user in site.people.items():
        clients[role] = Client()
        clients[role].force_login(user)
    found: Counts = {}
    for page in pages():
        ask = getattr(clients[page.role], page.method)
        data = form_data(site.world) if page.method == "post" else None
        with CaptureQueriesContext(connection) as queries:
            response: HttpResponse = ask(page.url(site), data)
        assert response.status_code == 200, f"{page.key}: {response.status_code}"
        found[page.key] = {"role": page.role, "queries": len(queries)}
    return found
