"""Writing an entry with its lines and items: the one way by which anything enters the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, Invalid
from core.money import COLUMN_LARGEST, ZERO, convert
from ledger.models import EntryKind, JournalEntry, OpenItem
from ledger.services.amounts import (
    amount_checked,
    currency_checked,
    number_checked,
    rate_to_company,
)
from ledger.services.calendar import day_come, day_open
from ledger.services.lines import lines_write, lines_write_between, splits_checked
from ledger.values import part_values

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from decimal import Decimal
    from uuid import UUID

    from core.models import Currency, User
    from customers.models import CustomerAccount
    from ledger.services.lines import Split

CREDITS: Final = frozenset({EntryKind.CREDIT_NOTE, EntryKind.PAYMENT, EntryKind.BILL})


@dataclass(frozen=True, slots=True)
class Origin:
    """What an entry came from: the form, the payment it goes with, the entry it reverses.

    `direction` is for kinds that may stand on either side; `company_amount` for entries that must
    be worth what another one was.
    """

    token: UUID | None = None
    goes_with: JournalEntry | None = None
    reverses: JournalEntry | None = None
    direction: str = ""
    company_amount: Decimal | None = None


NOWHERE: Final = Origin()


def entry_create(  # noqa: PLR0913 - an entry has that many facts
    *,
    account: CustomerAccount,
    kind: str,
    number: str,
    document_on: date,
    posted_on: date | None = None,
    instalments: Sequence[tuple[date, Decimal]],
    currency: Currency | str | None,
    actor: User | None,
    provisional: bool = False,
    text: str = "",
    rate: Decimal | None = None,
    splits: Sequence[Split] = (),
    origin: Origin = NOWHERE,
    day_field: str = "document_on",
) -> JournalEntry:
    """Write an entry with its lines and items, without row locks and without an event.

    `instalments` are (due date, amount above zero); `splits` what stands against the customer, by
    default the usual account of the kind. `posted_on` is the day of the books, by default the
    document date. `rate` None takes the rate on file for the document date; when there is none it
    stays unknown. Must run inside a transaction. Raises Invalid (a closed period, a day to come, a
    day before the money; at `posted_on` or where that is not given at `day_field`) and Conflict
    (number taken).
    """
    number = number_checked(number)
    money = currency_checked(currency, account)
    if not instalments:
        raise Invalid("ledger.no_instalment", _("Give at least one due date and amount."))
    parts = [(due_on, amount_checked(amount)) for due_on, amount in instalments]
    is_credit = (origin.direction or ("credit" if kind in CREDITS else "debit")) == "credit"
    if not is_credit and any(due_on < document_on for due_on, _amount in parts):
        raise Invalid(
            "ledger.due_before_document",
            _("The due date lies before the document date."),
            field="due_on",
        )
    total = amount_checked(sum((amount for _due, amount in parts), start=ZERO))
    counter = splits_checked(kind, total, splits)
    rate = rate_to_company(money, account, document_on, rate)
    field = "posted_on" if posted_on else day_field
    posted_on = posted_on or document_on
    if document_on > posted_on:
        day_come(document_on, field=day_field)
    if provisional:
        day_come(posted_on, field=field)
    else:
        day_open(account.company_id, posted_on, field=field)
    posted_after(kind, document_on, posted_on)
    value = origin.company_amount
    if value is None and rate is not None:
        value = convert(total, rate)
        if value > COLUMN_LARGEST:
            raise Invalid(
                "ledger.amount_too_large_converted",
                _("The amount is too large in the currency of the company."),
                field="amount",
            )
    entry = JournalEntry(
        company=account.company,
        account=account,
        kind=kind,
        number=number,
        document_on=document_on,
        posted_on=posted_on,
        noted_on=posted_on if provisional else None,
        state=JournalEntry.State.PROVISIONAL if provisional else JournalEntry.State.POSTED,
        currency=money,
        amount=total,
        rate=rate,
        company_amount=value,
        text=text.strip()[:200],
        created_by=actor,
        form_token=origin.token,
        goes_with=origin.goes_with,
        reverses=origin.reverses,
    )
    _insert(entry)
    lines_write(entry, is_debit=not is_credit, splits=counter)
    _items_write(entry, parts, is_credit=is_credit)
    return entry


def posted_after(kind: str, document_on: date, posted_on: date) -> None:
    """Raise Invalid where the books would show money before it came.

    A document may be booked on an earlier day than its own: goods of a month, invoiced in the next.
    """
    if kind == EntryKind.PAYMENT and posted_on < document_on:
        raise Invalid(
            "ledger.posted_before_money",
            _("The posting date lies before %(day)s, the day the money came."),
            params={"day": document_on},
            field="posted_on",
        )


def _insert(entry: JournalEntry) -> None:
    try:
        with transaction.atomic():
            entry.save(force_insert=True)
    except IntegrityError as error:
        if "one_entry_per_form" in str(error):
            raise Conflict(
                "ledger.form_repeated",
                _("This was recorded already: the form was sent twice."),
            ) from error
        if "entry_natural_key" not in str(error):
            raise
        raise Conflict(
            "ledger.number_taken",
            _("%(kind)s %(number)s is in the ledger of this customer already."),
            params={"kind": entry.get_kind_display(), "number": entry.number},
            field="number",
        ) from error


def _items_write(
    entry: JournalEntry, parts: Sequence[tuple[date, Decimal]], *, is_credit: bool
) -> None:
    values: list[Decimal | None] = [None] * len(parts)
    if entry.company_amount is not None:
        values = list(part_values(entry.company_amount, [amount for _due, amount in parts]))
    now = timezone.now()
    OpenItem.objects.bulk_create(
        OpenItem(
            entry=entry,
            account=entry.account,
            direction=OpenItem.Direction.CREDIT if is_credit else OpenItem.Direction.DEBIT,
            number=entry.number,
            instalment=position,
            document_on=entry.document_on,
            due_on=due_on,
            currency=entry.currency,
            amount=amount,
            open_amount=amount,
            rate=entry.rate,
            company_amount=value,
            is_posted=entry.state == JournalEntry.State.POSTED,
            noted_at=now,
        )
        for position, ((due_on, amount), value) in enumerate(
            zip(parts, values, strict=True), start=1
        )
    )


def transfer_create(  # noqa: PLR0913 - an entry has that many facts
    *,
    account: CustomerAccount,
    kind: str,
    number: str,
    document_on: date,
    posted_on: date | None = None,
    amount: Decimal,
    currency: Currency,
    rate: Decimal | None,
    company_amount: Decimal | None,
    debit: str,
    credit: str,
    text: str = "",
    goes_with: JournalEntry | None = None,
    actor: User | None,
) -> JournalEntry:
    """Write an entry that moves `amount` between the accounts of two roles; the caller its items.

    Must run inside a transaction. Raises Invalid as `entry_create`.
    """
    posted_on = posted_on or document_on
    day_open(account.company_id, posted_on)
    entry = JournalEntry(
        company=account.company,
        account=account,
        kind=kind,
        number=number,
        document_on=document_on,
        posted_on=posted_on,
        state=JournalEntry.State.POSTED,
        currency=currency,
        amount=amount,
        rate=rate,
        company_amount=company_amount,
        text=text.strip()[:200],
        created_by=actor,
        goes_with=goes_with,
    )
    _insert(entry)
    lines_write_between(entry, debit=debit, credit=credit)
    return entry


def entry_facts(entry: JournalEntry) -> dict[str, Any]:
    """What every audit event about an entry carries."""
    return {
        "account_id": entry.account_id,
        "kind": entry.kind,
        "number": entry.number,
        "amount": entry.amount,
        "currency": entry.currency_id,
    }
