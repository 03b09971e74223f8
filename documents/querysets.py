"""Names for sub-sets of documents."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models
from django.db.models import DecimalField, Exists, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce

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
                _taken("delivery", "normal"), _taken("invoice", "normal"), again=_given_back(back)
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
            _left(
                _taken("invoice", "normal"),
                _taken("delivery", "reverse"),
                again=_given_back(Q(document__type__kind="invoice")),
                lines=~Q(source_line__document__type__kind="invoice"),
            )
        )

    def to_credit(self) -> DocumentQuerySet:
        """Return notes of which something has no credit note yet."""
        return self.filter(
            type__kind="delivery", type__nature="reverse", status__in=ACCEPTED
        ).filter(_left(_taken("invoice", "reverse")))

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


def _taken(kind: str, nature: str) -> Any:
    """What documents of a kind took of the line, drafts included."""
    found = _sum(
        source_line=OuterRef("pk"), document__type__kind=kind, document__type__nature=nature
    )
    return Coalesce(Subquery(found, output_field=DecimalField()), Value(Decimal(0)))


def _given_back(of: Q) -> Any:
    """What came back of that and is open again: credit notes and returns on those lines."""
    line = apps.get_model("documents", "DocumentLine")
    taking = line.objects.filter(of, source_line=OuterRef(OuterRef("pk"))).values("pk")
    found = _sum(source_line__in=taking, document__type__nature="reverse", reopens=True)
    return Coalesce(Subquery(found, output_field=DecimalField()), Value(Decimal(0)))


def _left(*taken: Any, again: Any = None, lines: Q | None = None) -> Exists:
    """Whether a line of the document has something left after all of this."""
    gone = sum(taken, Value(Decimal(0))) - (again if again is not None else Value(Decimal(0)))
    line = apps.get_model("documents", "DocumentLine")
    rows = line.objects.filter(lines or Q(), document=OuterRef("pk")).alias(gone=gone)
    return Exists(
        rows.filter(
            Q(quantity__gt=0, gone__lt=F("quantity")) | Q(quantity__lt=0, gone__gt=F("quantity"))
        )
    )
