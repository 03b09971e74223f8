"""The commands that are killed between any two of their statements.

A new command is one line here: a name, the scene it runs in and the call, both in a module of
scenes beside this one. The tests of `test_commands.py` take it up from there.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from tests.harness import scenes
from tests.harness import scenes_account as accounts
from tests.harness import scenes_bills as bills
from tests.harness import scenes_books as books
from tests.harness import scenes_cycle as cycle
from tests.harness import scenes_files as files
from tests.harness import scenes_night as nights
from tests.harness import scenes_parties as parties
from tests.harness import scenes_returns as returns
from tests.harness import scenes_sales as sales
from tests.harness import scenes_standing as standing
from tests.harness.invariants import WHOLE
from tests.harness.kills import Command

whole = partial(Command, invariants=WHOLE, figures=scenes.figures)

kept = partial(whole, figures=parties.kept)

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
    # Typing in.
    whole("invoice_enters", cycle.desk, cycle.enter),
    whole("draft_rewrites", cycle.invoice_draft, cycle.rewrite),
    whole("document_copies", cycle.invoice_draft, cycle.copy),
    whole("note", sales.ordered, cycle.remark),
    whole("note_of_form", sales.ordered, cycle.remark_of_form),
    # Quotes and conversions.
    whole("quote_orders", cycle.quoted, cycle.order_the_quote),
    whole("quote_accepts", cycle.quoted, cycle.accept_quote, again=cycle.accepted_taken_up),
    whole("orders_to_delivery", cycle.ordered_twice, cycle.convert_to_delivery),
    whole("orders_to_invoice", cycle.ordered_twice, cycle.convert_to_invoice),
    whole("pro_forma_invoices", cycle.goods_moved, cycle.invoice_the_pro_forma),
    # Advances.
    whole("advance_writes", sales.ordered, cycle.ask_for_advance),
    whole("advance_posts", cycle.advance_drafted, sales.post),
    whole("advance_deducts", cycle.advance_posted, sales.invoice),
    whole("deducted_posts", cycle.deducted_drafted, sales.post),
    # What comes back.
    whole("return_writes", cycle.delivered, cycle.give_back),
    whole("return_passes", cycle.return_drafted, scenes.submit),
    whole("credit_note_writes", cycle.invoiced, cycle.credit),
    whole("price_credit_writes", cycle.invoiced, cycle.credit_price),
    # Closing, holding, batches.
    whole("order_reopens", standing.closed, standing.reopen),
    whole("order_reopen_holds", standing.closed_and_no_room, standing.reopen),
    whole("holds_end", standing.held_without_cause, standing.ask_again, again=standing.ask_again),
    whole("type_stops_counting", standing.standing, standing.stop_counting),
    whole("hold_overridden", standing.override_allowed, standing.override),
    whole("batch_posts", standing.two_invoices_drafted, standing.post_all, again=standing.post_all),
    # On account.
    whole("charge_passes", accounts.account, accounts.charge),
    whole("charge_holds", accounts.account, accounts.charge_too_much),
    whole("charge_released", accounts.charge_in_analysis, scenes.approve),
    whole("charge_of_employee", accounts.agreed, accounts.charge_of_employee),
    whole("charges_settle", accounts.charged, accounts.settle),
    whole("settlement_back", accounts.settled, accounts.settlement_back),
    whole("charges_credit", accounts.charged, accounts.credit_by_hand),
    whole("agreement_enters", accounts.account, accounts.agree),
    whole("agreement_changes", accounts.agreed, accounts.lower_ceiling),
    whole("counter_sells", accounts.account, accounts.sell, again=accounts.sell),
    whole("counter_voids", accounts.sold, accounts.void),
    # Entries and money.
    whole("entry_posts", books.items, books.enter),
    whole("payment_announced", books.items, books.announce),
    whole("payment_confirms", books.announced, books.confirm),
    whole("payment_with_discount", books.items, books.pay_less),
    whole("payment_with_discount_back", books.paid_less, books.take_back),
    whole("credit_applies", books.items, books.apply),
    whole("credit_allocates", books.items, books.allocate),
    whole("allocation_back", books.allocated, books.allocation_back),
    # What comes back.
    whole("charge_back", books.items, returns.charge_back),
    whole("charge_back_undone", returns.charged_back, returns.undo),
    whole("payment_returned", returns.paid, returns.bank_returns),
    whole("receivable_noted", books.items, returns.note_receivable),
    # Bills.
    whole("bills_issued", books.items, bills.issue),
    whole("bill_posted", bills.drafted, bills.post),
    whole("bills_presented", bills.in_hand, bills.present),
    whole("bill_collected", bills.with_bank, bills.collect),
    whole("bill_withdrawn", bills.with_bank, bills.withdraw),
    whole("bill_cancelled", bills.in_hand, bills.cancel),
    whole("bill_undone", bills.with_bank, bills.undo),
    whole("bill_returned", bills.with_bank, bills.come_back),
    whole("bill_return_posted", bills.returned, bills.post_return),
    whole("bill_protested", bills.returned, bills.protest),
    whole("bank_result", bills.with_bank, bills.result),
    # Given up, contested, late.
    whole("item_written_off", books.items, books.write_off),
    whole("credit_written_off", books.items, books.write_off_credit),
    whole("discount_given", books.items, books.discount),
    whole("dispute_opens", books.items, books.contest),
    whole("dispute_closes", books.contested, books.agree),
    whole("delay_explained", books.items, books.explain),
    # Periods, accounts, files.
    whole("books_close", books.books, books.close_books),
    whole("books_reopen", books.books_closed, books.reopen_books),
    whole("accounts_install", books.new_company, books.install),
    whole("file_checks", files.file_uploaded, files.check_file, again=files.check_taken_up),
    whole("file_imports", files.file_checked, files.import_file, again=scenes.import_taken_up),
    whole("file_resumes", files.file_left_behind, files.resume_file, again=files.resume_file),
    whole("file_forgotten", files.file_uploaded, files.forget_file),
    whole("profile_saves", files.file_uploaded, files.save_profile),
    # Customers, limits, policies, what is installed.
    kept("customer_adds", parties.office, parties.add_customer),
    kept("customer_changes", parties.customer_added, parties.change_customer),
    kept("customer_blocked", parties.office, parties.block_customer),
    kept("days_late_written", parties.office, parties.write_days_late),
    kept("group_adds", parties.office, parties.add_group),
    kept("group_changes", parties.grouped, parties.change_group),
    kept("limit_granted", parties.office, parties.grant),
    kept("policy_published", parties.policy_changed, parties.publish),
    kept("policy_installs", parties.no_policy, parties.install_policy),
    kept("rules_install", parties.policy_empty, parties.install_rules),
    kept("alert_seen", parties.alerted, parties.see),
    kept("file_attaches", parties.order_and_file, parties.attach),
    kept("file_uploads", parties.profiles, parties.upload),
    kept("defaults_install", parties.nothing, parties.install_everything),
    # The night.
    whole("night", nights.five_accounts, nights.night, again=nights.night, figures=nights.stored),
)

BY_NAME: Final = {command.name: command for command in COMMANDS}
