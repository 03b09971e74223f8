"""Plain sentences for the audit events of parties. Read by the timeline and the audit list."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from core.audit import renders
from core.dates import day_text
from customers.models import Customer, CustomerAccount, CustomerGroup

NONE = "–"


def _label(model: type[Customer | CustomerAccount | CustomerGroup], name: str) -> str:
    if name == "account":
        return str(_("account"))
    return str(getattr(model._meta.get_field(name), "verbose_name", name))


def _value(text: str) -> str:
    return {"": NONE, "yes": str(_("yes")), "no": str(_("no"))}.get(text, text)


def _diff(model: type[Customer | CustomerAccount | CustomerGroup], changes: dict[str, Any]) -> str:
    return ", ".join(
        _("%(field)s %(old)s → %(new)s")
        % {"field": _label(model, name), "old": _value(old), "new": _value(new)}
        for name, (old, new) in changes.items()
    )


@renders("customers.customer.created")
def created(data: dict[str, Any]) -> str:
    """Customer C-1001 was added."""
    companies = ", ".join(data.get("companies", []))
    if companies:
        return _("Customer added with code %(code)s, in %(companies)s.") % {
            "code": data["code"],
            "companies": companies,
        }
    return _("Customer added with code %(code)s.") % {"code": data["code"]}


@renders("customers.customer.updated")
def updated(data: dict[str, Any]) -> str:
    """Every changed field with its old and new value."""
    changes = dict(data["changes"])
    accounts = changes.pop("accounts", {})
    contacts = changes.pop("contacts", [])
    parts = [_diff(Customer, changes)] if changes else []
    parts += [
        _("in %(company)s: %(changes)s")
        % {"company": company, "changes": _diff(CustomerAccount, diff)}
        for company, diff in accounts.items()
    ]
    parts += [
        _("contact %(old)s → %(new)s") % {"old": _value(old), "new": _value(new)}
        for old, new in contacts
    ]
    return _("Customer changed: %(changes)s.") % {"changes": "; ".join(parts)}


@renders("customers.customer.status_changed")
def status_changed(data: dict[str, Any]) -> str:
    """From one status to another, since when and why."""
    words = dict(Customer.Status.choices)
    old, new = data["status"]
    return _("Status changed from %(old)s to %(new)s since %(on)s: %(reason)s") % {
        "old": words.get(old, old),
        "new": words.get(new, new),
        "on": day_text(data["on"]),
        "reason": data["reason"],
    }


@renders("customers.group.created")
def group_created(data: dict[str, Any]) -> str:
    """A group was added."""
    return _("Customer group added with code %(code)s, head %(head)s.") % {
        "code": data["code"],
        "head": _value(data["head"]),
    }


@renders("customers.group.updated")
def group_updated(data: dict[str, Any]) -> str:
    """Every changed field of the group."""
    return _("Customer group changed: %(changes)s.") % {
        "changes": _diff(CustomerGroup, data["changes"])
    }


@renders("customers.account.days_late_set")
def days_late_set(data: dict[str, Any]) -> str:
    """Days late in a company changed from 4 to 6 (remittances of a span)."""
    values = {
        "company": data["company"],
        "before": NONE if data["before"] is None else data["before"],
        "after": NONE if data["after"] is None else data["after"],
    }
    text = _("Days late in %(company)s changed from %(before)s to %(after)s.") % values
    if not (data["since"] and data["until"]):
        return text
    return _("%(text)s Remittances of %(since)s to %(until)s.") % {
        "text": text,
        "since": day_text(data["since"]),
        "until": day_text(data["until"]),
    }
