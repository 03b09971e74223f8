"""The commands that are killed between any two of their statements.

A new command is one line here: a name, the scene it runs in and the call, both in a module of
scenes beside this one. The tests of `test_commands.py` take it up from there.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from tests.harness import scenes
from tests.harness import scenes_night as nights
from tests.harness import scenes_sales as sales
from tests.harness.invariants import WHOLE
from tests.harness.kills import Command

whole = partial(Command, invariants=WHOLE, figures=scenes.figures)

COMMANDS: Final[tuple[Command, ...]] = (
    whole("submit_passes", scenes.order_drafted, scenes.submit),
    whole("submit_holds", scenes.order_too_large, scenes.submit),
    whole("change_passes", scenes.order_accepted, scenes.change),
    whole("change_holds", scenes.order_accepted_small, scenes.change),
    whole("release", scenes.order_held, scenes.approve),
    whole("refusal", scenes.order_held, scenes.refuse),
    whole("payment", scenes.items_open, scenes.pay),
    whole(
        "history_import", scenes.history_previewed, scenes.import_it, again=scenes.import_taken_up
    ),
    whole("delivery_writes", sales.ordered, sales.deliver),
    whole("delivery_passes", sales.delivery_drafted, scenes.submit),
    whole("invoice_writes", sales.ordered, sales.invoice),
    whole("invoice_posts", sales.invoice_drafted, sales.post),
    whole("credit_note_posts", sales.credit_note_drafted, sales.post),
    whole("order_cancels", sales.ordered, sales.cancel),
    whole("order_closes", sales.ordered, sales.close),
    whole("order_prints", sales.ordered, sales.print_it),
    whole("payment_back", sales.invoice_paid, sales.take_payment_back),
    whole("night", nights.five_accounts, nights.night, again=nights.night, figures=nights.stored),
)

BY_NAME: Final = {command.name: command for command in COMMANDS}
