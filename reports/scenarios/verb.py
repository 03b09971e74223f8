"""What a verb of a step is, and the keys that many verbs share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reports.scenarios import fields as f
from reports.scenarios import given_format as g
from reports.scenarios import vocabulary as v
from reports.scenarios.fields import Field

ORDER = g.INLINE["order"]


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing a step can do, by `actor` unless the step says `as`; `needs` is a capability."""

    fields: Mapping[str, Field]
    text: str
    required: tuple[str, ...] = ()
    one_of: tuple[tuple[str, ...], ...] = ()
    some_of: tuple[tuple[str, ...], ...] = ()
    actor: str = ""
    needs: str = ""


MANAGER = "credit_manager"
DOCUMENT: Mapping[str, Field] = {"document": f.name}
WHOSE: Mapping[str, Field] = {"customer": f.name, "company": f.name}
ASKING: Mapping[str, Field] = {
    "documents": f.list_of(f.name),
    "override": f.flag,
    "reason": f.text,
    "via": f.word(list(v.CHANNELS)),
}
CONTENT: Mapping[str, Field] = {
    "gross": f.amount,
    "qty": f.number,
    "lines": f.list_of(g.LINE),
    "payment_method": f.name,
}
