"""What was typed for something that a colleague settled while the page was open."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ledger.models import JournalEntry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django import forms


def settled_meanwhile(form: forms.Form, kinds: Iterable[str]) -> str:
    """The amounts in boxes named `kind_<key>` that the form does not have any more, as typed.

    Call it in `clean`. Empty when there are none, and for the second click on a form whose `token`
    is recorded: what it settled is gone by itself, and the service finds the first.
    """
    wanted = re.compile(rf"({'|'.join(map(re.escape, kinds))})_\d+")
    gone = [
        value.strip()
        for name, value in form.data.items()
        if isinstance(value, str)
        and value.strip()
        and name not in form.fields
        and wanted.fullmatch(name)
    ]
    token = form.cleaned_data.get("token")
    if gone and token and JournalEntry.objects.filter(form_token=token).exists():
        return ""
    return ", ".join(gone)
