"""Verbs that are understood and do not run yet: each names the capability it waits for."""

from __future__ import annotations

from reports.scenarios import fields as f
from reports.scenarios.verb import DOCUMENT, MANAGER, WHOSE, Verb

WAITING: dict[str, Verb] = {
    "set_hold": Verb(
        {
            **WHOSE,
            "hold": f.word(("credit", "sales")),
            "active": f.flag,
        },
        "Put a customer on credit hold (deliveries) or sales hold (orders).",
        required=("hold",),
        actor=MANAGER,
        needs="holds",
    ),
    "set_override": Verb(
        DOCUMENT,
        "Let one order pass every hold.",
        required=("document",),
        actor=MANAGER,
        needs="holds",
    ),
    "run_dunning": Verb(
        {"days_past_due": f.whole}, "Run the dunning.", actor=MANAGER, needs="dunning"
    ),
    "issue_dunning": Verb(
        {"level": f.whole}, "Issue the letters of a level.", actor=MANAGER, needs="dunning"
    ),
    "suspend_dunning": Verb(
        {"item": f.name}, "Suspend the dunning of an item.", actor=MANAGER, needs="dunning"
    ),
    "resume_dunning": Verb(
        {"item": f.name}, "Lift the suspension.", actor=MANAGER, needs="dunning"
    ),
}
