"""What silences a finding, what cannot, and in which order (the table is in tests/golden)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from credit_limits.engine.decide import decide
from credit_limits.engine.release import covering_release
from credit_limits.engine.types import (
    Checkpoint,
    ControlType,
    CustomerFacts,
    CustomerStatus,
    Finding,
    MethodTreatment,
    Outcome,
    ReleaseFacts,
    Rule,
    RuleSetting,
    Severity,
)
from tests.credit_limits.engine.builders import (
    NONE,
    TODAY,
    check,
    document,
    exposure,
    found,
    late,
    limit,
    money,
    policy,
)

OVERDUE_HOLDS = policy({Rule.OVERDUE_DAYS: RuleSetting(Severity.HOLD)})


def release(*reasons, up_to=1000, days=0, checkpoints=frozenset(Checkpoint), reference="R1"):
    return ReleaseFacts(
        reasons=frozenset(reasons),
        amount_up_to=money(up_to),
        valid_until=TODAY + timedelta(days=days),
        checkpoints=frozenset(checkpoints),
        reference=reference,
    )


def held(releases=(), doc=150, used=900, **facts):
    """150 on top of 900 against a limit of 1000."""
    return decide(
        check(doc, limit(1000), exposure(invoice_open=used), releases=tuple(releases), **facts)
    )


def test_returns_and_credit_notes_are_told_apart_from_a_step_that_is_not_checked():
    inward = decide(check(document(5000, outward=False), limit(1)))
    assert found(inward, Rule.LIMIT_EXCEEDED).excluded_by == "not_outward"
    rules = policy(checkpoints=frozenset({Checkpoint.DELIVER}))
    unasked = decide(check(5000, limit(1), rules=rules))
    assert found(unasked, Rule.LIMIT_EXCEEDED).excluded_by == "checkpoint_off"
    asked = decide(check(document(5000, checkpoint=Checkpoint.DELIVER), limit(1), rules=rules))
    assert asked.outcome is Outcome.HOLD


def test_a_method_that_always_passes_silences_amounts_and_lateness_but_not_the_status():
    cash = document(5000, method_treatment=MethodTreatment.PASSES)
    silenced = decide(check(cash, limit(1), overdue=late((9, 9)), rules=OVERDUE_HOLDS))
    assert silenced.outcome is Outcome.PASS
    for rule in (Rule.LIMIT_EXCEEDED, Rule.OVERDUE_DAYS):
        assert found(silenced, rule).excluded_by == "payment_method_passes"
    debtor = CustomerFacts(CustomerStatus.DEBTOR)
    assert decide(check(cash, customer=debtor)).blocking == ("STATUS_DEBTOR",)
    assert decide(check(cash, missing_rates=("A-B",))).blocking == ("RATE_MISSING",)


def test_a_method_that_always_passes_does_not_silence_a_refusal():
    cash = document(10, method_treatment=MethodTreatment.PASSES)
    rules = policy({Rule.OVERDUE_DAYS: RuleSetting(Severity.REFUSE)})
    assert decide(check(cash, overdue=late((9, 9)), rules=rules)).outcome is Outcome.REFUSE


def test_the_control_type_caps_amounts_only():
    debtor = CustomerFacts(CustomerStatus.DEBTOR, control=ControlType.NONE)
    decision = decide(check(5000, limit(1), customer=debtor))
    assert decision.blocking == ("STATUS_DEBTOR",)
    assert found(decision, Rule.LIMIT_EXCEEDED).excluded_by == "control_none"


def test_a_release_lowers_what_it_names_and_the_trace_keeps_it():
    decision = held([release("LIMIT_EXCEEDED")])
    item = found(decision, Rule.LIMIT_EXCEEDED)
    assert decision.outcome is Outcome.PASS
    assert (item.fired, item.severity, item.effect) == (True, Severity.HOLD, Severity.NOTE)
    assert (item.excluded_by, item.facts["release"]) == ("release", "R1")
    assert decision.reasons == ("LIMIT_EXCEEDED",)
    assert decision.approval_amount == 0


@pytest.mark.parametrize(("named", "used"), [("LIMIT_EXCEEDED", 1001), ("ALREADY_OVER_LIMIT", 900)])
def test_the_two_over_limit_reasons_are_one_subject_for_a_release(named, used):
    decision = held([release(named)], used=used)
    assert named not in decision.reasons
    assert decision.outcome is Outcome.PASS


@pytest.mark.parametrize(
    "short",
    [
        release("NO_LIMIT"),
        release("LIMIT_EXCEEDED", up_to="149.99"),
        release("LIMIT_EXCEEDED", days=-1),
        release("LIMIT_EXCEEDED", checkpoints={Checkpoint.DELIVER}),
        release(),
    ],
    ids=["other reason", "too small", "expired", "other step", "no reason"],
)
def test_a_release_that_does_not_reach_changes_nothing(short):
    assert held([short]) == held()
    assert held([short]).outcome is Outcome.HOLD


def test_a_release_reaches_up_to_its_amount_on_its_last_day():
    assert held([release("LIMIT_EXCEEDED", up_to=150, days=0)]).outcome is Outcome.PASS


def test_only_a_new_reason_asks_again():
    decision = held([release("LIMIT_EXCEEDED")], overdue=late((9, 9)), rules=OVERDUE_HOLDS)
    assert decision.blocking == ("OVERDUE_DAYS",)
    assert decision.approval_amount == 150
    both = [release("LIMIT_EXCEEDED"), release("OVERDUE_DAYS")]
    assert held(both, overdue=late((9, 9)), rules=OVERDUE_HOLDS).outcome is Outcome.PASS


def test_a_release_never_lowers_a_refusal_or_a_missing_rate():
    everything = [release("STATUS_BLOCKED", "RATE_MISSING")]
    blocked = CustomerFacts(CustomerStatus.BLOCKED)
    assert held(everything, doc=1, customer=blocked).outcome is Outcome.REFUSE
    assert held(everything, doc=1, missing_rates=("A-B",)).outcome is Outcome.HOLD


@pytest.mark.parametrize("control", [ControlType.MONITOR, ControlType.LOCK])
@pytest.mark.parametrize("never_blocks", [True, False])
def test_a_release_also_quietens_the_warning_a_milder_setting_makes_of_a_hold(
    control, never_blocks
):
    customer = CustomerFacts(CustomerStatus.RELEASED, control=control)
    doc = document(150, exclude_block=never_blocks)
    decision = held([release("LIMIT_EXCEEDED")], doc=doc, customer=customer)
    assert decision.outcome is Outcome.PASS
    assert found(decision, Rule.LIMIT_EXCEEDED).excluded_by == "release"


def test_a_release_leaves_a_note_as_it_is():
    noting = policy({Rule.LIMIT_EXCEEDED: RuleSetting(Severity.NOTE)})
    assert held([release("LIMIT_EXCEEDED")], rules=noting) == held(rules=noting)


@pytest.mark.parametrize("rule", [Rule.RATE_MISSING, Rule.CUSTOMER_STATUS])
def test_no_release_covers_a_missing_rate_or_a_refusal_whoever_asks(rule):
    severity = Severity.HOLD if rule is Rule.RATE_MISSING else Severity.REFUSE
    item = Finding(rule, "REASON", severity, severity)
    facts = check(10, releases=(release("REASON"),))
    assert covering_release(item, facts) is None
    holding = Finding(Rule.CUSTOMER_STATUS, "REASON", Severity.HOLD, Severity.HOLD)
    assert covering_release(holding, facts) == facts.releases[0]


def test_a_release_covers_a_held_status():
    debtor = CustomerFacts(CustomerStatus.DEBTOR)
    assert held([release("STATUS_DEBTOR")], doc=1, customer=debtor).outcome is Outcome.PASS


def test_of_two_releases_the_one_that_lasts_longer_is_named():
    pair = [
        release("LIMIT_EXCEEDED", days=3, reference="R1"),
        release("LIMIT_EXCEEDED", days=9, reference="R0"),
    ]
    assert found(held(pair), Rule.LIMIT_EXCEEDED).facts["release"] == "R0"


def test_an_approver_is_asked_for_the_overrun_when_only_the_limit_holds():
    assert held().approval_amount == 50


def test_an_approver_is_asked_for_the_gross_document_for_any_other_reason():
    assert held(overdue=late((9, 9)), rules=OVERDUE_HOLDS).approval_amount == 150
    assert decide(check(150, NONE)).approval_amount == 150


def test_the_larger_of_limit_and_component_overrun_is_asked():
    setting = RuleSetting(Severity.HOLD, thresholds={"order_open": money(20)})
    rules = policy({Rule.COMPONENT_LIMIT: setting})
    assert held(rules=rules).approval_amount == 130


def test_an_overrun_that_only_warns_is_not_asked_for():
    setting = RuleSetting(Severity.HOLD, thresholds={"order_open": money(140)})
    rules = policy({Rule.COMPONENT_LIMIT: setting, Rule.LIMIT_EXCEEDED: RuleSetting(Severity.WARN)})
    decision = held(rules=rules)
    assert (decision.overrun, decision.approval_amount) == (50, 10)


def test_nobody_is_asked_about_a_refusal_or_a_warning():
    blocked = CustomerFacts(CustomerStatus.BLOCKED)
    assert held(customer=blocked).approval_amount == 0
    monitor = CustomerFacts(CustomerStatus.RELEASED, control=ControlType.MONITOR)
    warned = held(customer=monitor)
    assert (warned.outcome, warned.approval_amount, warned.overrun) == (Outcome.WARN, 0, 50)
