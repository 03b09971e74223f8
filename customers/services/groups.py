"""Customer groups: a name, a code, and a head among the members."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from core.events import record
from core.locks import busy_on_timeout, lock_rows, set_lock_timeout
from core.permissions import require
from customers.models import Customer, CustomerGroup
from customers.services.changes import fields_set

if TYPE_CHECKING:
    from core.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupInput:
    """What is said of a group. The head must be a member."""

    code: str
    name: str
    head: Customer | None = None


def group_create(*, fields: GroupInput, actor: User | None) -> CustomerGroup:
    """Add a group. A head given with it becomes its first member. Raises Invalid, NotAllowed."""
    if actor is not None:
        require(actor, "customers.add_customergroup")
    with busy_on_timeout(), transaction.atomic():
        set_lock_timeout()
        group = CustomerGroup(code=fields.code.strip(), name=fields.name.strip())
        _save_unique(group)
        if fields.head is not None:
            (head,) = lock_rows(Customer.objects.filter(pk=fields.head.pk))
            if head.group_id is not None:
                raise Invalid(
                    "customers.head_elsewhere",
                    _("%(name)s belongs to another group already."),
                    params={"name": head.name},
                    field="head",
                )
            head.group = group
            head.save(update_fields=("group",))
            group.head = head
            group.save(update_fields=("head",))
        record(
            "customers.group.created",
            group,
            actor=actor,
            customer_id=group.head_id,
            data={"code": group.code, "head": str(group.head or "")},
        )
    return group


def group_update(*, group: CustomerGroup, fields: GroupInput, actor: User | None) -> CustomerGroup:
    """Rename a group or choose another head among its members. Raises Invalid, NotAllowed, Busy."""
    if actor is not None:
        require(actor, "customers.change_customergroup")
    with busy_on_timeout(), transaction.atomic():
        set_lock_timeout()
        (fresh,) = lock_rows(CustomerGroup.objects.filter(pk=group.pk))
        head = fields.head
        if head is not None:
            (head,) = lock_rows(Customer.objects.filter(pk=head.pk))
            if head.group_id != fresh.pk:
                raise Invalid(
                    "customers.head_not_member",
                    _("%(name)s is not a member of this group."),
                    params={"name": head.name},
                    field="head",
                )
        changes = fields_set(
            fresh, {"code": fields.code.strip(), "name": fields.name.strip(), "head": head}
        )
        if changes:
            _save_unique(fresh)
            record(
                "customers.group.updated",
                fresh,
                actor=actor,
                customer_id=fresh.head_id,
                data={"changes": changes},
            )
    return fresh


def _save_unique(group: CustomerGroup) -> None:
    for name, message in (
        ("code", _("Give the group a code.")),
        ("name", _("Give the group a name.")),
    ):
        if not getattr(group, name):
            raise Invalid("customers.required", message, field=name)
    try:
        with transaction.atomic():
            group.save()
    except IntegrityError as error:
        if "code" not in str(error):
            raise
        raise Invalid(
            "customers.group_code_taken", _("Another group has this code."), field="code"
        ) from error
