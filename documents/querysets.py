"""Names for sub-sets of documents."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models
from django.db.models import (
    Case,
    DecimalField,
    Exists,
    F,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest, Least

from customers.querysets import account_scope

if TYPE_CHECKING:
    from core.models import User
    from documents.models import Document  # noqa: F401 - in strings below

GONE = ("cancelled", "refused")
COUNTING = ("submitted", "released")
ACCEPTED = (*COUNTING, "closed", "posted")


class DocumentQuerySet(models.QuerySet["Document"]):
    """Documents by visibility, state, and what is still to be done about them."""

    def visible_to(self, user: User) -> DocumentQuerySet:
        """Documents billed to accounts the user may see."""
        return self.filter(account_scope(user, "account__"))

    def with_head(self) -> DocumentQuerySet:
        """With all that another document takes over from their heads."""
        return self.select_related(
            "type",
            "company",
            "account__customer__group",
            "account__company",
            "currency",
            "payment_method",
            "payment_term",
            "ordered_by",
            "ship_to_customer",
        )

    def orders(self) -> DocumentQuerySet:
        """Orders of every type."""
        return self.filter(type__kind="order")

    def counting(self) -> DocumentQuerySet:
        """Accepted documents whose type counts as credit."""
        return self.filter(status__in=COUNTING, type__counts_as_credit=True)

    def held(self) -> DocumentQuerySet:
        """Documents that wait for a decision."""
        return self.filter(status="held")

    def unfinished(self) -> DocumentQuerySet:
        """Everything that is neither closed, cancelled nor refused."""
        return self.exclude(status__in=("closed", *GONE))

    def to_order(self) -> DocumentQuerySet:
        """Quotes that stand, of which something was not ordered yet."""
        return self.filter(type__kind="quote", status__in=COUNTING).filter(
            _left(_taken("order", "normal"))
        )

    def to_deliver(self) -> DocumentQuerySet:
        """Orders of which something was neither delivered nor invoiced directly."""
        back = Q(document__type__kind__in=("delivery", "invoice"))
        return self.filter(type__kind="order", status__in=COUNTING, is_live=True).filter(
            _left(
                _taken("delivery", "normal"),
                _taken("invoice", "normal"),
                again=_given_back(back, reopens=True),
            )
        )

    def to_invoice(self) -> DocumentQuerySet:
        """Delivery notes of which something was neither invoiced nor came back for good.

        Goods that were invoiced before they went out are not invoiced again.
        """
        return self.filter(
            type__kind="delivery",
            type__nature="normal",
            status__in=ACCEPTED,
            is_live=True,
        ).filter(
            _left(_not_to_invoice("pk"), lines=~Q(source_line__document__type__kind="invoice"))
        )

    def to_credit(self) -> DocumentQuerySet:
        """Return notes of which something was invoiced and has no credit note yet.

        Not goods that came back before they were invoiced, and not those whose invoice was
        credited instead.
        """
        line = apps.get_model("documents", "DocumentLine")
        back = (
            line.objects.filter(document=OuterRef("pk"))
            .alias(
                gone=_taken("invoice", "reverse"),
                not_to_invoice=_not_to_invoice("source_line"),
                of_bill=_taken("invoice", "reverse", of="source_line__source_line"),
            )
            .filter(_before("gone", "quantity"))
            .filter(
                Q(source_line=None)
                | Q(
                    _before("source_line__quantity", "not_to_invoice"),
                    ~Q(source_line__source_line__document__type__kind="invoice"),
                )
                | Q(
                    _before("of_bill", "source_line__source_line__quantity"),
                    source_line__source_line__document__type__kind="invoice",
                )
            )
        )
        return self.filter(
            Exists(back), type__kind="delivery", type__nature="reverse", status__in=ACCEPTED
        )

    def to_post(self) -> DocumentQuerySet:
        """Invoices, credit notes and advances that are not in the ledger yet."""
        return self.filter(
            type__kind__in=("invoice", "advance"),
            type__is_pro_forma=False,
            status__in=("draft", *COUNTING),
        )

    def to_print(self) -> DocumentQuerySet:
        """Accepted documents that were not printed for good."""
        return self.filter(
            type__kind__in=("quote", "order", "delivery", "invoice", "advance"),
            status__in=("submitted", "released", "posted"),
            printed_on__isnull=True,
        )


def _sum(**conditions: Any) -> models.QuerySet[Any]:
    """The quantity of the lines that stand and fulfil these, for a sub-query; one group."""
    line = apps.get_model("documents", "DocumentLine")
    return (
        line.objects.filter(document__type__is_pro_forma=False, **conditions)
        .exclude(document__status__in=GONE)
        .order_by()
        .annotate(one=Value(1))
        .values("one")
        .annotate(total=Sum("quantity", output_field=DecimalField()))
        .values("total")
    )


def _taken(kind: str, nature: str, *, of: str = "pk") -> Any:
    """What documents of a kind took of the line (or of the line it continues), drafts included."""
    return _total(
        source_line=OuterRef(of), document__type__kind=kind, document__type__nature=nature
    )


def _total(**conditions: Any) -> Any:
    """That sum as a figure: nothing is zero."""
    return Coalesce(Subquery(_sum(**conditions), output_field=DecimalField()), Value(Decimal(0)))


def _given_back(taking: Q, *, of: str = "pk", **conditions: Any) -> Any:
    """What credit notes and returns took of the lines that took something of the line."""
    line = apps.get_model("documents", "DocumentLine")
    lines = line.objects.filter(taking, source_line=OuterRef(OuterRef(of))).values("pk")
    return _total(source_line__in=lines, document__type__nature="reverse", **conditions)


def _not_to_invoice(of: str) -> Any:
    """How much of a delivery line is not to be invoiced: it was, or it came back before.

    As `documents.continued.Continued.not_to_invoice`, for lists.
    """
    bill = Q(document__type__kind="invoice", document__type__nature="normal")
    back = Q(document__type__kind="delivery", document__type__nature="reverse")
    came = (
        _taken("delivery", "reverse", of=of)
        - _given_back(back, of=of)
        - _given_back(bill, of=of, reopens=False, price_only=False)
    )
    nothing = Value(Decimal(0), output_field=DecimalField())
    return (
        _taken("invoice", "normal", of=of)
        - _given_back(bill, of=of, reopens=True)
        + Case(When(quantity__gt=0, then=Greatest(came, nothing)), default=Least(came, nothing))
    )


def _before(first: str, second: str) -> Q:
    """Whether the first quantity is short of the second; rebate lines run below zero."""
    return Q(quantity__gt=0, **{f"{first}__lt": F(second)}) | Q(
        quantity__lt=0, **{f"{first}__gt": F(second)}
    )


def _left(*taken: Any, again: Any = None, lines: Q | None = None) -> Exists:
    """Whether a line of the document has something left after all of this."""
    gone = sum(taken, Value(Decimal(0))) - (again if again is not None else Value(Decimal(0)))
    line = apps.get_model("documents", "DocumentLine")
    rows = line.objects.filter(lines or Q(), document=OuterRef("pk")).alias(gone=gone)
    return Exists(rows.filter(_before("gone", "quantity")))
