"""The words of notifications about requests."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from core.notifications import Text, renders
from core.numerals import format_decimal

if TYPE_CHECKING:
    from collections.abc import Mapping

type Facts = Mapping[str, Any]


def _words(facts: Facts) -> dict[str, Any]:
    """The figures of a request, formatted in the active language."""
    return {
        **facts,
        "amount": _money(facts["amount"], facts),
        "overrun": _money(facts["overrun"], facts),
        "reasons": ", ".join(facts["reasons"]),
    }


def _money(amount: Any, facts: Facts) -> str:
    return f"{format_decimal(Decimal(str(amount)))} {facts['currency']}"


def _lines(words: dict[str, Any], facts: Facts) -> tuple[str, ...]:
    lines = [_("Why: %(reasons)s") % words, _("Amount to approve: %(amount)s") % words]
    if Decimal(str(facts["overrun"])) > 0:
        lines.append(_("Over the limit by: %(overrun)s") % words)
    lines.append(_("Asked by: %(asked_by)s") % words)
    return tuple(lines)


@renders("approvals.request.waiting")
def waiting(facts: Facts) -> Text:
    """To those who may decide."""
    words = _words(facts)
    return Text(
        _("%(subject)s, %(customer)s: waits for your decision") % words,
        _("%(subject)s of %(customer)s waits for your decision: %(reasons)s.") % words,
        _lines(words, facts),
    )


@renders("approvals.request.held")
def held(facts: Facts) -> Text:
    """To those who wrote the subject and did not ask themselves."""
    words = _words(facts)
    if facts["people"]:
        who = _("It can be decided by %(people)s.") % {"people": ", ".join(facts["people"])}
    else:
        who = _("Nobody has the authority for it yet; the credit managers have been told.")
    return Text(
        _("%(subject)s, %(customer)s: held for approval") % words,
        _("%(subject)s of %(customer)s is held: %(reasons)s.") % words + " " + who,
        _lines(words, facts),
    )


@renders("approvals.request.without_authority")
def without_authority(facts: Facts) -> Text:
    """To credit managers and administrators: the question reaches nobody."""
    words = _words(facts)
    if facts["top"] is None:
        why = _("Nobody has the authority to approve %(amount)s for this customer.") % words
    else:
        words["top"] = _money(facts["top"], facts)
        why = _("Nobody may approve %(amount)s; the highest authority ends at %(top)s.") % words
    return Text(
        _("%(subject)s, %(customer)s: nobody may decide") % words,
        _("%(subject)s of %(customer)s waits and reaches nobody.") % words + " " + why,
        _lines(words, facts),
    )


@renders("approvals.request.approved")
def approved(facts: Facts) -> Text:
    """To the asker: yes."""
    words = _words(facts)
    return Text(
        _("%(subject)s, %(customer)s: approved") % words,
        _("%(who)s approved %(subject)s of %(customer)s: “%(reason)s”") % words,
        _lines(words, facts),
    )


@renders("approvals.request.refused")
def refused(facts: Facts) -> Text:
    """To the asker: no."""
    words = _words(facts)
    return Text(
        _("%(subject)s, %(customer)s: refused") % words,
        _("%(who)s refused %(subject)s of %(customer)s: “%(reason)s”") % words,
        _lines(words, facts),
    )


@renders("approvals.request.outdated")
def outdated(facts: Facts) -> Text:
    """To the asker: yes, but to figures that are no longer true."""
    words = _words(facts)
    return Text(
        _("%(subject)s, %(customer)s: asked again") % words,
        _(
            "%(who)s approved %(subject)s of %(customer)s (“%(reason)s”), but the figures have "
            "changed since it was asked. It stays held and the question went out again."
        )
        % words,
        _lines(words, facts),
    )
