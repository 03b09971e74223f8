"""Nonsense about approvals, limits, policies and documents."""

from __future__ import annotations

import datetime
from decimal import Decimal

from django.db.backends.postgresql.psycopg_any import DateRange

from tests.architecture.ground import (
    NOON,
    YESTERDAY,
    account_limit,
    agreement,
    alert,
    authority,
    behaviour,
    charge,
    document,
    document_line,
    document_type,
    employee,
    group_limit,
    hold_case,
    limit,
    paper,
    policy,
    policy_rule,
    policy_version,
    release,
    request,
    revision,
    snapshot,
    step,
)
from tests.architecture.nonsense_case import Case, same
from tests.world import TODAY

SALES = (
    Case("authority_of_person_or_role", authority, {"user": lambda g: g.world.clerk}),
    Case(
        "authority_of_person_or_role",
        authority,
        {"group": None},
        {"group": None, "user": lambda g: g.world.clerk},
    ),
    Case("authority_amount_not_negative", authority, {"max_amount": -1}, {"max_amount": 0}),
    Case(
        "one_authority_each",
        authority,
        {"max_amount": None},
        {"company": lambda g: g.elsewhere},
        same(),
    ),
    Case(
        "one_open_request_per_subject",
        request,
        {"amount": 11},
        {"status": "withdrawn", "closed_at": NOON},
        same(),
    ),
    Case("request_closed_iff_not_open", request, {"closed_at": NOON}),
    Case(
        "request_closed_iff_not_open",
        request,
        {"status": "approved"},
        {"status": "approved", "closed_at": NOON},
    ),
    Case("one_step_per_position", step, {"position": 1}),
    *(
        Case(
            "step_decided_with_name_and_reason",
            step,
            {**decided, **missing},
            decided,
        )
        for decided in (
            {
                "status": status,
                "acted_by": lambda g: g.world.manager,
                "acted_at": NOON,
                "comment": "known for years",
            }
            for status in ("approved", "refused")
        )
        for missing in ({"comment": ""}, {"acted_by": None}, {"acted_at": None})
    ),
    Case("step_decided_with_name_and_reason", step, {"acted_by": lambda g: g.world.manager}),
    Case("one_default_policy", policy, {"company": None}),
    Case("one_row_per_rule", policy_rule, {"effect": "hold"}, {"rule": "no_limit"}, same()),
    Case("rule_threshold_not_negative", policy_rule, {"threshold": -1}, {"threshold": 0}),
    Case("one_policy_version", policy_version, {"content": {"a": 1}}, {"number": 2}, same()),
    Case("release_amount_positive", release, {"amount_up_to": -1}),
    Case("release_says_why", release, {"comment": ""}),
    Case("limit_has_one_scope", limit, {"group": lambda g: g.group}),
    Case("limit_has_one_scope", limit, {"account": lambda g: g.account}),
    Case("limit_has_one_scope", limit, {"customer": None}),
    Case("limit_amount_iff_state_amount", limit, {"amount": None}),
    Case("limit_amount_iff_state_amount", limit, {"amount": 0}),
    Case("limit_amount_iff_state_amount", limit, {"amount": -10}),
    *(
        Case(
            "limit_amount_iff_state_amount",
            limit,
            {"state": state},
            {"state": state, "amount": None},
        )
        for state in ("none", "zero", "unlimited")
    ),
    Case("limit_amount_iff_state_amount", limit, {"state": "generous", "amount": None}),
    *(
        Case(
            f"no_overlapping_{scope}_limits",
            sound,
            {"valid_during": DateRange(None, TODAY + datetime.timedelta(days=1))},
            {"valid_during": DateRange(None, TODAY)},
            same(),
        )
        for scope, sound in (
            ("account", account_limit),
            ("customer", limit),
            ("group", group_limit),
        )
    ),
    Case("one_snapshot_per_day", snapshot, {"total": 5}, {"as_of": YESTERDAY}, same()),
    Case(
        "snapshot_over_limit_has_negative_headroom",
        snapshot,
        {"is_over_limit": True, "headroom": 0},
        {"is_over_limit": True, "headroom": -1},
    ),
    Case("snapshot_over_limit_has_negative_headroom", snapshot, {"is_over_limit": True}),
    Case("one_behaviour_per_day", behaviour, {}, {"window_months": 3}, same()),
    Case(
        "behaviour_known_iff_something_settled",
        behaviour,
        {"settled_amount": 10},
        {"settled_amount": 10, "average_days_late": 0, "late_share_percent": 0},
    ),
    Case("behaviour_known_iff_something_settled", behaviour, {"average_days_late": 3}),
    Case("one_alert_per_kind_and_day", alert, {"facts": {"a": 1}}, {"kind": "over_limit"}, same()),
    Case("alert_seen_by_somebody", alert, {"seen_at": NOON}),
    Case("alert_seen_by_somebody", alert, {"seen_by": lambda g: g.world.manager}),
    Case(
        "one_document_per_number",
        document,
        {"number": "SO-1"},
        {"number": "SO-2"},
        same(number="SO-1"),
    ),
    Case(
        "one_document_per_import_key",
        document,
        {"import_key": "a"},
        {"import_key": ""},
        same(import_key="a"),
    ),
    Case(
        "document_gross_is_net_plus_tax",
        document,
        {"gross_amount": 10, "net_amount": 10, "tax_amount": Decimal("0.01")},
        {"gross_amount": 12, "net_amount": 10, "tax_amount": 2},
    ),
    *(
        Case(
            "document_numbered_once_submitted",
            document,
            {"status": status, "accepted_on": TODAY},
            {"status": status, "accepted_on": TODAY, "number": "SO-1"},
        )
        for status in ("submitted", "released", "closed")
    ),
    *(
        Case(
            "document_accepted_iff_it_counted",
            document,
            {"status": status, "number": "SO-1"},
            {"status": status, "number": "SO-1", "accepted_on": TODAY},
        )
        for status in ("submitted", "released", "closed")
    ),
    Case("document_accepted_iff_it_counted", document, {"status": "lost", "number": "SO-1"}),
    Case(
        "document_ended_when_closed",
        document,
        {"ended_on": TODAY},
        {"status": "cancelled", "ended_on": TODAY},
    ),
    Case(
        "document_posted_iff_in_the_ledger",
        document,
        {"status": "posted", "number": "SO-1", "accepted_on": TODAY},
        {"status": "posted", "number": "SO-1", "accepted_on": TODAY, "posted_on": TODAY},
    ),
    Case(
        "document_posted_iff_in_the_ledger",
        document,
        {
            "status": "posted",
            "number": "SO-1",
            "accepted_on": TODAY,
            "posted_on": TODAY,
            "net_amount": 5,
            "gross_amount": 5,
        },
        {
            "status": "posted",
            "number": "SO-1",
            "accepted_on": TODAY,
            "posted_on": TODAY,
            "net_amount": 5,
            "gross_amount": 5,
            "entry": lambda g: g.invoice.entry,
        },
    ),
    Case("document_posted_iff_in_the_ledger", document, {"posted_on": TODAY}),
    Case("document_posted_iff_in_the_ledger", document, {"entry": lambda g: g.invoice.entry}),
    Case(
        "document_paid_within_total",
        document,
        {"paid_amount": 6, "net_amount": 5, "gross_amount": 5},
        {"paid_amount": 5, "net_amount": 5, "gross_amount": 5},
    ),
    Case("document_paid_within_total", document, {"paid_amount": -1}),
    Case("document_printed_by_somebody", document, {"printed_on": TODAY}),
    Case(
        "document_printed_by_somebody",
        document,
        {"printed_by": lambda g: g.world.clerk},
        {"printed_by": lambda g: g.world.clerk, "printed_on": TODAY},
    ),
    *(
        Case(
            "type_reverse_is_return_or_credit_note",
            document_type,
            {"kind": kind, "nature": "reverse"},
            {"kind": "delivery", "nature": "reverse"},
        )
        for kind in ("order", "quote", "advance", "counter", "charge")
    ),
    Case(
        "type_pro_forma_is_an_invoice",
        document_type,
        {"is_pro_forma": True, "counts_as_credit": True},
        {"is_pro_forma": True, "counts_as_credit": False},
    ),
    Case(
        "type_pro_forma_is_an_invoice",
        document_type,
        {"kind": "order", "is_pro_forma": True, "counts_as_credit": False},
    ),
    *(
        Case(
            "type_of_goods_in_never_counts",
            document_type,
            {"kind": kind},
            {"kind": kind, "counts_as_credit": False},
        )
        for kind in ("receipt", "move")
    ),
    Case(
        "type_over_delivery_within_bounds",
        document_type,
        {"over_delivery_percent": 101},
        {"over_delivery_percent": 100},
    ),
    Case("type_over_delivery_within_bounds", document_type, {"over_delivery_percent": -1}),
    Case(
        "type_tolerance_is_of_what_goes_out",
        document_type,
        {"kind": "delivery", "nature": "reverse", "over_delivery_percent": 1},
        {"kind": "delivery", "nature": "reverse", "over_delivery_percent": 0},
    ),
    Case("agreement_ceiling_positive", agreement, {"employee_ceiling": 0}, {"employee_ceiling": 1}),
    Case(
        "agreement_ends_after_it_begins",
        agreement,
        {"valid_to": YESTERDAY},
        {"valid_to": TODAY},
    ),
    Case("one_employee_of_a_name_per_agreement", employee, {"name": "rita b."}, {"name": "Rita"}),
    Case("employee_name_has_single_blanks", employee, {"name": "Rita  C."}, {"name": "Rita C."}),
    Case("employee_name_has_single_blanks", employee, {"name": ""}, {"name": "R"}),
    Case("employee_ceiling_is_positive", employee, {"ceiling": 0}, {"ceiling": 1}),
    Case(
        "charge_of_an_agreement_names_the_employee",
        charge,
        {"employee": "Rita"},
        {"employee": ""},
    ),
    Case(
        "line_continues_another",
        document_line,
        {"id": 990_000, "source_line_id": 990_000},
        {"id": 990_000, "source_line": lambda g: g.draft.lines.get()},
    ),
    Case("one_line_per_document_position", document_line, {"position": 1}),
    Case("line_has_quantity", document_line, {"quantity": 0}, {"quantity": -1}),
    Case("line_price_not_negative", document_line, {"unit_price": -1}, {"unit_price": 0}),
    Case("line_price_credit_opens_nothing", document_line, {"price_only": True}, {}),
    Case(
        "line_gross_is_net_plus_tax",
        document_line,
        {"gross_amount": 10, "net_amount": 10, "tax_amount": Decimal("0.01")},
        {"gross_amount": 12, "net_amount": 10, "tax_amount": 2},
    ),
    Case("one_paper_per_edition", paper, {"content": {"a": 1}}, {"edition": 2}, same()),
    Case("paper_edition_starts_at_one", paper, {"edition": 0}),
    Case("one_pending_change", revision, {"gross_amount": 11}, {"status": "dropped"}, same()),
    Case(
        "one_open_case_per_checkpoint",
        hold_case,
        {"reasons": []},
        {"checkpoint": "change"},
        same(),
    ),
    Case("case_closed_iff_not_open", hold_case, {"closed_at": NOON}),
    Case(
        "case_closed_iff_not_open",
        hold_case,
        {"status": "lapsed"},
        {"status": "lapsed", "closed_at": NOON},
    ),
)
