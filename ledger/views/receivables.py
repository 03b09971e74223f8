"""Entering a provisional receivable by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import DomainError, NotAllowed
from core.views import signed_in
from ledger.forms import ReceivableForm
from ledger.models import JournalEntry
from ledger.services import receivable_note
from ledger.views.payments import account_or_404, choose_account

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_http_methods(["GET", "POST"])
@permission_required("ledger.record_payment", raise_exception=True)
def receivable_create(request: HttpRequest) -> HttpResponse:
    """Choose the account first, then the amount, the due date and the reason."""
    user = signed_in(request.user)
    title = _("Provisional receivable")
    if not request.GET.get("account"):
        return choose_account(request, user, title=title, lead=_("Who owes it?"))
    account = account_or_404(user, request.GET["account"])
    form = ReceivableForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            entry = receivable_note(account=account, actor=user, **form.cleaned_data)
        except NotAllowed:
            raise
        except DomainError as error:
            rows = JournalEntry.objects.filter(
                form_token=form.cleaned_data["token"], account=account
            )
            if error.code == "ledger.form_repeated" and (done := rows.first()) is not None:
                # The first click did the work; the second one only needs to see it.
                return redirect("ledger:entry_detail", done.pk)
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(
                request,
                _(
                    "%(entry)s is entered. Until it is confirmed it counts only where the credit "
                    "policy counts provisional entries."
                )
                % {"entry": entry},
            )
            return redirect("ledger:entry_detail", entry.pk)
    context = {
        "form": form,
        "title": title,
        "lead": _("%(customer)s, %(company)s, in %(currency)s.")
        % {
            "customer": account.customer,
            "company": account.company,
            "currency": account.currency_id,
        },
        "submit_label": _("Enter"),
        "cancel_url": reverse("ledger:account_statement", args=[account.pk]),
    }
    status = 422 if form.errors else 200
    return render(request, "generic/form.html", context, status=status)
