"""Background work on documents: take keys, call a service."""

from __future__ import annotations

from celery import shared_task
from django.db import OperationalError

from core.models import AuditEvent
from customers.models import CustomerAccount
from documents.models import Document
from documents.paper_files import file_make, wanted_of
from documents.printing import RELATED
from documents.services.recheck import held_recheck, related_accounts, waiting_for_rates


@shared_task(autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def recheck_held(event_id: int) -> None:
    """Ask again about the holds of the customer this event is about."""
    event = AuditEvent.objects.get(pk=event_id)
    if event.customer_id is not None:
        held_recheck(account_ids=related_accounts(event.customer_id))


@shared_task(autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def recheck_held_company(event_id: int) -> None:
    """Ask again about every hold of the company this event is about (all, without one)."""
    company_id = AuditEvent.objects.get(pk=event_id).data.get("company_id")
    if company_id is None:
        held_recheck()
        return
    accounts = CustomerAccount.objects.filter(company=company_id)
    held_recheck(account_ids=accounts.values_list("pk", flat=True))


@shared_task(autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def recheck_held_settings(event_id: int) -> None:
    """Ask again about the holds that a setting made by hand may end: those that wait for an
    exchange rate, or all when a document type changed."""
    model = AuditEvent.objects.get(pk=event_id).data.get("model")
    if model == "core.exchangerate":
        held_recheck(account_ids=waiting_for_rates())
    elif model == "documents.documenttype":
        held_recheck()


@shared_task
def make_paper(document_id: int, paper_id: int | None, mark: str, language: str) -> None:
    """Draw a long paper and keep its file; somebody waits for it on a page."""
    document = Document.objects.select_related(*RELATED).get(pk=document_id)
    file_make(wanted_of(document, paper_id=paper_id, mark=mark, language=language))
