"""Who must decide and who may act: no database, no request."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvals.engine import (
    AboveTopLevel,
    Authority,
    NoApproverError,
    OnlyBarredPeople,
    Routing,
    authorities_for,
    first_authority,
    in_company,
    route,
    who_may_act,
)

ANNA, BRUNO, CARLA, DARIO, ELENA = 1, 2, 3, 4, 5


def authority(label, up_to, *people, company=None, kind="user"):
    return Authority(
        who_id=sum(map(ord, label)),
        who_label=label,
        kind=kind,
        max_amount=None if up_to is None else Decimal(up_to),
        company_id=company,
        member_ids=frozenset(people),
    )


TEAM = authority("Credit team", 5_000, ANNA, BRUNO, kind="role")
MANAGER = authority("Credit manager", 20_000, CARLA)
DEPUTY = authority("Deputy", 20_000, DARIO)
OWNER = authority("Owner", None, ELENA)
HOUSE = (OWNER, MANAGER, TEAM, DEPUTY)
BOUNDED = (MANAGER, TEAM)


def test_those_who_reach_the_amount_come_lowest_first_and_unlimited_last():
    assert authorities_for(Decimal(5_000), HOUSE) == (TEAM, MANAGER, DEPUTY, OWNER)
    assert authorities_for(Decimal("5000.01"), HOUSE) == (MANAGER, DEPUTY, OWNER)
    assert authorities_for(Decimal(10**9), HOUSE) == (OWNER,)
    assert authorities_for(Decimal(10**9), BOUNDED) == ()


def test_the_first_authority_is_the_lowest_that_reaches():
    assert first_authority(Decimal(4_000), HOUSE) is TEAM
    assert first_authority(Decimal(20_001), HOUSE) is OWNER


def test_more_than_the_top_level_is_refused_with_the_figures():
    with pytest.raises(AboveTopLevel) as above:
        first_authority(Decimal(20_001), BOUNDED)
    assert (above.value.amount, above.value.top) == (20_001, 20_000)
    assert "20001" in str(above.value)
    assert "20000" in str(above.value)
    with pytest.raises(AboveTopLevel) as nobody:
        route("first", Decimal(1), (), ANNA)
    assert nobody.value.top is None


def test_everybody_with_enough_authority_may_act_but_not_who_asked_or_worked_on_it():
    assert who_may_act(Decimal(4_000), HOUSE, requester_id=9) == {ANNA, BRUNO, CARLA, DARIO, ELENA}
    assert who_may_act(Decimal(4_000), HOUSE, ANNA, {CARLA}) == {BRUNO, DARIO, ELENA}
    assert who_may_act(Decimal(30_000), HOUSE, ELENA) == frozenset()


def test_authorities_of_other_companies_do_not_count():
    here, there = authority("Here", 10, ANNA, company=1), authority("There", 10, BRUNO, company=2)
    assert in_company((here, there, OWNER), 1) == (here, OWNER)


def test_first_asks_once_whoever_has_authority():
    (step,) = route(Routing.FIRST, Decimal(6_000), HOUSE, ANNA)
    assert (step.position, step.decides) == (1, True)
    assert step.people == {CARLA, DARIO, ELENA}
    assert step.authorities == (MANAGER, DEPUTY, OWNER)


def test_chain_asks_every_level_up_to_who_has_authority():
    steps = route("chain", Decimal(50_000), HOUSE, ANNA)
    assert [(step.position, step.people, step.decides) for step in steps] == [
        (1, {BRUNO}, False),
        (2, {CARLA, DARIO}, False),
        (3, {ELENA}, True),
    ]
    assert [step.authorities for step in steps] == [(TEAM,), (MANAGER, DEPUTY), (OWNER,)]


def test_above_requester_asks_nobody_below_the_requester():
    steps = route("above_requester", Decimal(50_000), HOUSE, CARLA)
    assert [step.people for step in steps] == [{ELENA}]
    from_the_team = route("above_requester", Decimal(50_000), HOUSE, ANNA)
    assert [step.people for step in from_the_team] == [{CARLA, DARIO}, {ELENA}]
    from_outside = route("above_requester", Decimal(50_000), HOUSE, 9)
    assert from_outside == route("chain", Decimal(50_000), HOUSE, 9)


def test_above_requester_lets_a_peer_decide_but_not_a_junior():
    """Carla may approve 20,000 and asks for 4,000: the team could, but stands below her."""
    (step,) = route("above_requester", Decimal(4_000), HOUSE, CARLA)
    assert step.people == {DARIO, ELENA}
    assert step.authorities == (DEPUTY, OWNER)
    with pytest.raises(OnlyBarredPeople):
        route("above_requester", Decimal(4_000), (TEAM, OWNER), ELENA)


def test_a_route_above_the_requester_names_no_authority_below():
    """Dario is also in the team, whose bound would do; Carla, who asks, stands above it."""
    wide = authority("Team and deputy", 5_000, ANNA, DARIO, kind="role")
    (step,) = route("above_requester", Decimal(4_000), (wide, MANAGER, DEPUTY), CARLA)
    assert (step.people, step.authorities) == ({DARIO}, (DEPUTY,))


def test_a_level_without_anybody_who_may_act_is_left_out():
    steps = route("chain", Decimal(50_000), HOUSE, ANNA, {BRUNO})
    assert [step.people for step in steps] == [{CARLA, DARIO}, {ELENA}]


def test_a_person_of_two_levels_is_asked_once_at_the_higher():
    both = authority("Chief", 20_000, ANNA, BRUNO)
    steps = route("chain", Decimal(50_000), (TEAM, both, OWNER), 9)
    assert [step.people for step in steps] == [{ANNA, BRUNO}, {ELENA}]


def test_authority_that_only_the_requester_has_is_not_enough():
    with pytest.raises(OnlyBarredPeople) as only:
        route("first", Decimal(30_000), HOUSE, ELENA)
    assert only.value.amount == 30_000
    assert isinstance(only.value, NoApproverError)


def test_an_unknown_routing_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="sideways"):
        route("sideways", Decimal(1), HOUSE, 9)  # type: ignore[arg-type]


people = st.integers(1, 8)
amounts = st.sampled_from([Decimal(value) for value in ("0", "0.01", "50", "100", "100.01", "500")])
houses = st.lists(
    st.builds(
        Authority,
        who_id=st.integers(1, 99),
        who_label=st.sampled_from("abc"),
        kind=st.sampled_from(["user", "role"]),
        max_amount=st.one_of(st.none(), amounts),
        company_id=st.none(),
        member_ids=st.frozensets(people, max_size=3),
    ),
    max_size=6,
)
routings = st.sampled_from(Routing)


@given(houses, amounts, amounts, people, st.frozensets(people, max_size=2))
def test_a_larger_amount_never_lets_more_people_act(house, one, other, requester, excluded):
    less, more = sorted((one, other))
    assert who_may_act(more, house, requester, excluded) <= who_may_act(
        less, house, requester, excluded
    )


@given(houses, amounts, people, st.frozensets(people, max_size=2))
def test_who_asked_or_worked_on_it_never_acts(house, amount, requester, excluded):
    acting = who_may_act(amount, house, requester, excluded)
    assert acting.isdisjoint({requester, *excluded})
    held = {member for item in authorities_for(amount, house) for member in item.member_ids}
    assert acting == held - {requester} - excluded


@given(routings, houses, amounts, people, st.frozensets(people, max_size=2), st.data())
def test_every_route_ends_with_authority_and_asks_nobody_twice_nor_the_barred(
    routing, house, amount, requester, excluded, data
):
    try:
        steps = route(routing, amount, house, requester, excluded)
    except AboveTopLevel:
        assert authorities_for(amount, house) == ()
        return
    except OnlyBarredPeople:
        assert authorities_for(amount, house)
        if routing is not Routing.ABOVE_REQUESTER:
            assert who_may_act(amount, house, requester, excluded) == frozenset()
        return
    may_act = who_may_act(amount, house, requester, excluded)
    assert [step.position for step in steps] == list(range(1, len(steps) + 1))
    assert [step.decides for step in steps] == [False] * (len(steps) - 1) + [True]
    assert steps[-1].people <= may_act
    if routing is not Routing.ABOVE_REQUESTER:
        assert steps[-1].people == may_act
    if routing is Routing.FIRST:
        assert len(steps) == 1
    asked = [person for step in steps for person in step.people]
    assert len(asked) == len(set(asked))
    assert {requester, *excluded}.isdisjoint(asked)
    for step in steps:
        assert step.people
        assert step.people <= {m for item in step.authorities for m in item.member_ids}
    shuffled = data.draw(st.permutations(house))
    assert route(routing, amount, shuffled, requester, excluded) == steps


@given(houses, amounts, people)
def test_nobody_below_the_requester_is_asked(house, amount, requester):
    def level(person):
        return max((item.level for item in house if person in item.member_ids), default=Decimal(-1))

    try:
        steps = route(Routing.ABOVE_REQUESTER, amount, house, requester)
    except NoApproverError:
        return
    for step in steps:
        for person in step.people:
            assert level(person) >= level(requester)
            assert step.decides or level(person) > level(requester)
