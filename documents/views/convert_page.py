"""What the conversion page shows: lines with what is left, figures of the trial, credit."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import clock
from core.errors import DomainError
from core.numerals import format_decimal
from credit_limits.engine.types import Outcome
from documents.asking import is_checked
from documents.credit_box import credit_box
from documents.models import DocumentType
from documents.registers import register_of
from documents.services.conversion import Choice, Way, conversion_make
from documents.services.trial import document_try
from documents.views.common import credit_file_path, document_path, list_path
from documents.views.strip import approvers_of, uncounted_words
from documents.words import family, named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.utils.functional import _StrPromise

    from core.models import User
    from credit_limits.selectors import Preview
    from documents.forms.convert import ConversionForm
    from documents.models import Document, DocumentLine
    from documents.services.conversion import Conversion
    from documents.services.trial import Trial

Kind = DocumentType.Kind

TITLES: Final[Mapping[str, _StrPromise]] = {
    "order": gettext_lazy("Accept the quote: make the order"),
    "delivery": gettext_lazy("Deliver"),
    "return": gettext_lazy("Take goods back"),
    "invoice": gettext_lazy("Invoice"),
    "pro_forma": gettext_lazy("Make a pro-forma invoice"),
    "credit_note": gettext_lazy("Give credit"),
    "advance": gettext_lazy("Invoice an advance"),
}
GONE: Final[Mapping[str, _StrPromise]] = {
    "order": gettext_lazy("Ordered already"),
    "delivery": gettext_lazy("Gone already"),
    "return": gettext_lazy("Came back"),
    "credit_note": gettext_lazy("Credited"),
}


@dataclass(frozen=True, slots=True)
class Tried:
    """The trial of what the form says, or why there is none. `places` are faults by line."""

    trial: Trial | None = None
    error: str = ""
    places: Mapping[int, str] | None = None


def trial_of(form: ConversionForm, user: User) -> Tried:
    """Try what the form says; nothing is stored. A fault names its line."""
    conversion = form.conversion
    if not conversion.is_possible:
        return Tried()
    if form.is_bound:
        if not form.is_valid():
            return Tried(error=next(iter(_messages(form)), ""))
        choice = form.choice()
    else:
        choice = _proposed(form)
    try:
        trial = document_try(
            lambda: conversion_make(conversion=conversion, choice=_without_key(choice), actor=user),
            as_of=clock.today(),
        )
    except DomainError as error:
        place, words = form.said(error)
        key = place.partition("-")[2] if place else ""
        return Tried(error=str(error), places={int(key): words} if key.isdecimal() else {})
    return Tried(trial)


def _messages(form: ConversionForm) -> list[str]:
    """The faults of the form, each with the words beside its field."""
    return [
        f"{error.label}: {error.message}" if error.label else error.message
        for error in form.error_summary
    ]


def _proposed(form: ConversionForm) -> Choice:
    """What the blank form proposes."""
    percent = form.fields["percent"].initial if "percent" in form.fields else None
    return Choice(
        on=clock.today(),
        quantities={row.line.pk: row.wanted for row in form.conversion.rows if row.wanted},
        reopens="again" in form.fields,
        percent=percent,
    )


def _without_key(choice: Choice) -> Choice:
    """The choice as a document of its own: a trial is never the one that is stored already."""
    return Choice(
        on=choice.on,
        quantities=choice.quantities,
        reopens=choice.reopens,
        price_only=choice.price_only,
        percent=choice.percent,
        amount=choice.amount,
        import_key=f"trial:{uuid.uuid4()}",
    )


def page_context(
    user: User, form: ConversionForm, documents: Sequence[Document], tried: Tried
) -> dict[str, Any]:
    """Everything the page and its live part show."""
    conversion = form.conversion
    type_ = conversion.type_
    made = _by_source(tried.trial)
    shown = conversion.first
    name = family(type_)
    groups = []
    for source in conversion.sources:
        rows = [
            {
                "row": item.row,
                "field": item.field,
                "amount": form.amount_of(item.row),
                "total": made.get(item.row.line.pk),
                "said": (tried.places or {}).get(item.row.line.pk, ""),
            }
            for item in form.rows_of(source)
        ]
        groups.append(
            {
                "document": source.document,
                "name": named(source.document),
                "url": document_path(source.document),
                "problem": source.problem,
                "gone_label": _gone_label(name, source.document),
                "rows": rows,
            }
        )
    may_submit = user.has_perm("documents.submit_document")
    return {
        "title": TITLES.get(name, type_.name),
        "form": form,
        "conversion": conversion,
        "documents": documents,
        "groups": groups,
        "choosable": conversion.way not in {Way.ADVANCE, Way.PRO_FORMA},
        "is_credit": conversion.way is Way.CREDIT,
        "nothing_left": _nothing_left(conversion),
        "deductions": _deductions(tried.trial),
        "account": shown.account,
        "currency": shown.currency_id,
        "back_url": document_path(documents[0]),
        "list_url": list_path(documents[0].type),
        "list_title": register_of(documents[0].type).title,
        "made": tried.trial.document if tried.trial else None,
        "several_types": len(form.fields["type"].choices) > 1,  # type: ignore[attr-defined]
        "can_submit": may_submit,
        "can_post": may_submit
        and user.has_perm("documents.post_document")
        and type_.kind in {Kind.INVOICE, Kind.ADVANCE}
        and not type_.is_pro_forma,
        **_credit(user, form, tried),
    }


def _gone_label(name: str, source: Document) -> _StrPromise:
    """What happened to the part of a line that is not left any more."""
    if name in {"invoice", "pro_forma"} and source.type.kind == Kind.ORDER:
        return gettext_lazy("Delivered or invoiced")
    return GONE.get(name, gettext_lazy("Invoiced already"))


def _nothing_left(conversion: Conversion) -> str:
    """Why there is nothing to make of documents that nothing else bars; empty otherwise."""
    barred = conversion.problems or any(source.problem for source in conversion.sources)
    if conversion.is_possible or barred:
        return ""
    if conversion.way is Way.ADVANCE:
        return _("Nothing is left for an advance: the order is invoiced, or advances cover it.")
    return _("Nothing is left to take over: everything went on already.")


def moved_words(preview: Preview) -> str:
    """How much of the value is new, where the rest counts already in what it comes from."""
    own = preview.facts.account_scope
    new = own.document_amount - own.counted_before
    if own.counted_before <= 0 or own.document_amount <= 0 or new >= own.document_amount:
        return ""
    if new <= 0:
        return _("All of it counts already where it comes from: nothing new is asked for.")
    return _("%(new)s %(currency)s of it is new; the rest counts already where it comes from.") % {
        "new": format_decimal(new),
        "currency": own.currency,
    }


def _by_source(trial: Trial | None) -> dict[int, Any]:
    """What each line comes to in the document tried, tax included."""
    if trial is None:
        return {}
    return {line.source_line_id: line.gross_amount for line in trial.lines if line.source_line_id}


def _deductions(trial: Trial | None) -> list[DocumentLine]:
    """Lines nobody chose: advances taken off a final invoice."""
    if trial is None or trial.document.type.kind != Kind.INVOICE:
        return []
    return [
        line
        for line in trial.lines
        if line.source_line is not None and line.source_line.document.type.kind == Kind.ADVANCE
    ]


def _credit(user: User, form: ConversionForm, tried: Tried) -> dict[str, Any]:
    """The strip and the outcome, in the words of the entry form."""
    account = form.conversion.first.account
    context: dict[str, Any] = {
        "box": None,
        "approvers": [],
        "box_error": tried.error,
        "uncounted": "",
        "unclear": [],
        "moved": "",
        "credit_file": credit_file_path(account.customer_id),
    }
    if not is_checked(form.conversion.type_):
        context["uncounted"] = "" if tried.error else uncounted_words(form.conversion.type_)
        return context
    if tried.trial is None or tried.trial.preview is None:
        context["box_error"] = tried.error or _("Nothing can be made of these documents.")
        return context
    preview = tried.trial.preview
    context["box"] = credit_box(account, preview)
    context["moved"] = moved_words(preview)
    if preview.decision.outcome is Outcome.HOLD:
        context["approvers"] = approvers_of(account, preview.decision, user, None)
    return context
