"""Granting a limit, and the page that says why a check came out as it did."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import Busy, DomainError
from core.htmx import render_partial
from core.links import subject_url
from core.views import signed_in
from credit_limits.engine.serialise import UnreadableCheckError, input_from_json
from credit_limits.engine.types import ScopeKind
from credit_limits.explain import (
    checkpoint_word,
    component_url,
    exposure_parts,
    finding_rows,
    way_words,
)
from credit_limits.forms import LimitForm
from credit_limits.models import CreditCheck, CreditLimit
from credit_limits.replay import Replay, compare
from credit_limits.selectors import check_replay, check_ways, credit_position
from credit_limits.services.limits import limit_grant
from customers.models import CustomerAccount
from customers.querysets import account_scope

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from credit_limits.engine.types import CheckInput


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("credit_limits.grant_limit", raise_exception=True)
def limit_create(request: HttpRequest, account: int) -> HttpResponse:
    """Grant a limit to an account, beside where the account stands today."""
    user = signed_in(request.user)
    found = get_object_or_404(
        CustomerAccount.objects.visible_to(user).select_related("customer", "company", "currency"),
        pk=account,
    )
    back = _credit_file(found.customer_id)
    form = LimitForm(request.POST or None, account=found)
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                limit_grant(
                    account=found,
                    state=form.cleaned_data["state"],
                    amount=form.cleaned_data["amount"],
                    currency=form.cleaned_data["currency"],
                    kind=form.cleaned_data["kind"],
                    valid_from=form.cleaned_data["valid_from"],
                    valid_until=form.valid_until(),
                    reason=form.cleaned_data["reason"],
                    actor=user,
                )
            except DomainError as error:
                names = {"valid_until": "last_day"}
                name = names.get(error.field or "", error.field)
                form.add_error(name if name in form.fields else None, str(error))
                status = 409 if isinstance(error, Busy) else 422
            else:
                messages.success(
                    request, _("The limit of %(customer)s is set.") % {"customer": found.customer}
                )
                return redirect(back or request.path)
        else:
            status = 422
    today = timezone.localdate()
    position = credit_position(account=found, as_of=today)
    context = {
        "account": found,
        "form": form,
        "position": position,
        "parts": exposure_parts(position.components, found.pk),
        "limits": _limits(found),
        "back": back,
        "used_url": component_url(found.pk, "total"),
    }
    return render(request, "credit_limits/limit_form.html", context, status=status)


@require_safe
@permission_required("credit_limits.view_creditcheck", raise_exception=True)
def check_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Why? All findings of one stored check; `?replay=1` decides again on the stored facts."""
    user = signed_in(request.user)
    check = get_object_or_404(
        CreditCheck.objects.filter(account_scope(user, "account__")).select_related(
            "account__customer", "account__company", "policy_version__policy", "checked_by"
        ),
        pk=pk,
    )
    findings = list(check.findings.order_by("position"))
    facts = _facts(check)
    context: dict[str, Any] = {
        "check": check,
        "rows": finding_rows(check, findings),
        "subject_url": subject_url(check.subject_type, check.subject_id),
        "credit_file": _credit_file(check.account.customer_id),
        "used_url": component_url(check.account_id, "total", check.as_of),
        "facts": facts,
        "scopes": _scopes(check, facts) if facts else [],
        "ways": [way_words(way, facts) for way in check_ways(check)] if facts else [],
        "replay": None,
        "tone": {"pass": "ok", "refuse": "bad"}.get(check.outcome, "warn"),
        "checkpoint": checkpoint_word(check.checkpoint),
        "others": CreditCheck.objects.filter(
            subject_type=check.subject_type, subject_id=check.subject_id
        )
        .exclude(pk=check.pk)
        .order_by("-checked_at", "-pk")[:10],
    }
    if "replay" in request.GET:
        context["replay"] = (
            compare(check, findings, check_replay(check))
            if facts
            else Replay("", (_("The stored figures cannot be read any more."),))
        )
    return render_partial(request, "credit_limits/check_detail.html", context, partial="replay")


def _limits(account: CustomerAccount) -> list[Any]:
    """The account's limits, newest first, each with the last day it holds on."""
    rows = (
        CreditLimit.objects.filter(account=account)
        .exclude(valid_during__isempty=True)
        .order_by("-valid_during", "-pk")[:10]
    )
    found: list[Any] = list(rows)
    for limit in found:
        upper = limit.valid_during.upper
        limit.last_day = upper - timedelta(days=1) if upper else None
    return found


def _facts(check: CreditCheck) -> CheckInput | None:
    """What the check was decided on; None when a newer engine cannot read it."""
    try:
        return input_from_json(check.inputs)
    except UnreadableCheckError:
        return None


def _scopes(check: CreditCheck, facts: CheckInput) -> list[dict[str, Any]]:
    """Each limit that was compared with, and the exposure it was compared to."""
    names = {
        ScopeKind.ACCOUNT: _("In %(company)s") % {"company": check.account.company},
        ScopeKind.CUSTOMER: _("In all companies"),
        ScopeKind.GROUP: _("In the customer group"),
    }
    return [
        {
            "name": names[scope.kind],
            "label": scope.label,
            "parts": exposure_parts(
                scope.exposure.amounts,
                check.account_id if scope.kind is ScopeKind.ACCOUNT else None,
                check.as_of,
            ),
            "limit": scope.limit.ceiling,
            "limit_state": scope.limit.state.value,
            "currency": scope.currency,
            "this": scope.document_amount,
        }
        for scope in facts.scopes
    ]


def _credit_file(customer_id: int) -> str:
    try:
        return reverse("reports:credit_file", args=[customer_id])
    except NoReverseMatch:
        return ""
