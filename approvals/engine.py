"""Who must decide and who may act: amounts and authorities in, people out. No Django, no clock.

All amounts of one question are in one currency; the caller converts. Being a superuser gives no
authority here: only a person named in an authority may act, and never on their own request.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

# Above every amount: how "without an upper bound" compares.
_BOUNDLESS = Decimal("Infinity")


class Routing(StrEnum):
    """How a request travels to the person with authority."""

    FIRST = "first"
    CHAIN = "chain"
    ABOVE_REQUESTER = "above_requester"


@dataclass(frozen=True, slots=True)
class Authority:
    """A person or a role that may approve up to an amount (None = without an upper bound).

    `member_ids` are the people who hold it today: the person, the role's members, stand-ins.
    `company_id` None means every company.
    """

    who_id: int
    who_label: str
    kind: Literal["user", "role"]
    max_amount: Decimal | None
    company_id: int | None
    member_ids: frozenset[int]

    @property
    def level(self) -> Decimal:
        """The bound as a number that compares; infinite when there is none."""
        return _BOUNDLESS if self.max_amount is None else self.max_amount

    def suffices_for(self, amount: Decimal) -> bool:
        """Whether the authority reaches the amount (exactly the amount is enough)."""
        return self.level >= amount


@dataclass(frozen=True, slots=True)
class RouteStep:
    """One turn of a request: any one of `people` acts; the step that `decides` is the last.

    `authorities` are those whose level the step asks, the lowest first, to name it on a page.
    """

    position: int
    authorities: tuple[Authority, ...]
    people: frozenset[int]
    decides: bool


class NoApproverError(Exception):
    """Nobody can decide this request."""

    def __init__(self, message: str, *, amount: Decimal) -> None:
        super().__init__(message)
        self.amount = amount


class AboveTopLevel(NoApproverError):
    """The amount is above every authority; `top` is the highest bound (None: no authority)."""

    def __init__(self, amount: Decimal, top: Decimal | None) -> None:
        bound = "there is no authority at all" if top is None else f"the highest is {top}"
        super().__init__(f"nobody may approve {amount}: {bound}", amount=amount)
        self.top = top


class OnlyBarredPeople(NoApproverError):
    """The amount is within somebody's authority, but only of people who may not act on it."""

    def __init__(self, amount: Decimal) -> None:
        super().__init__(
            f"everybody who may approve {amount} has asked for it or worked on it", amount=amount
        )


def in_company(authorities: Iterable[Authority], company_id: int) -> tuple[Authority, ...]:
    """The authorities that hold in this company: its own and those of every company."""
    return tuple(item for item in authorities if item.company_id in {None, company_id})


def authorities_for(amount: Decimal, authorities: Iterable[Authority]) -> tuple[Authority, ...]:
    """The authorities that reach the amount, the lowest first and the unlimited last."""
    return _by_level(item for item in authorities if item.suffices_for(amount))


def first_authority(amount: Decimal, authorities: Collection[Authority]) -> Authority:
    """The lowest authority that reaches the amount; AboveTopLevel when none does."""
    enough = authorities_for(amount, authorities)
    if not enough:
        raise AboveTopLevel(amount, _top(authorities))
    return enough[0]


def who_may_act(
    amount: Decimal,
    authorities: Iterable[Authority],
    requester_id: int,
    excluded: Collection[int] = frozenset(),
) -> frozenset[int]:
    """Everybody who may decide this amount, superusers like everybody else.

    Never the requester, nor anybody in `excluded` (who wrote or submitted the subject). Empty
    when nobody may.
    """
    people: set[int] = set()
    for item in authorities_for(amount, authorities):
        people |= item.member_ids
    return frozenset(people - {requester_id} - set(excluded))


def route(
    routing: Routing | Literal["first", "chain", "above_requester"],
    amount: Decimal,
    authorities: Collection[Authority],
    requester_id: int,
    excluded: Collection[int] = frozenset(),
) -> tuple[RouteStep, ...]:
    """The steps of a request, in order; the last one decides.

    first            one step: whoever has authority
    chain            first every level below the amount, the lowest first, then who has authority
    above_requester  as chain, but nobody below the requester is asked: the levels above the
                     requester's own, then who has authority at or above the requester's own level

    A person belongs to the highest level they hold, so nobody is asked twice; a level without
    anybody who may act is left out. Raises AboveTopLevel when no authority reaches the amount,
    OnlyBarredPeople when everybody who has it may not act.
    """
    first_authority(amount, authorities)
    routing = Routing(routing)
    barred = {requester_id, *excluded}
    levels = _levels(authorities)
    own = levels.get(requester_id) if routing is Routing.ABOVE_REQUESTER else None
    deciding = frozenset(
        person
        for person, level in levels.items()
        if level >= amount and person not in barred and (own is None or level >= own)
    )
    if not deciding:
        raise OnlyBarredPeople(amount)
    groups: list[tuple[tuple[Authority, ...], frozenset[int]]] = []
    if routing is not Routing.FIRST:
        below = {level for level in levels.values() if level < amount}
        for level in sorted(below):
            people = frozenset(p for p, held in levels.items() if held == level) - barred
            if people and (own is None or level > own):
                groups.append((_held_by(people, authorities, level), people))
    floor = amount if own is None else max(amount, own)
    groups.append((_held_by(deciding, authorities, floor, or_above=True), deciding))
    return tuple(
        RouteStep(
            position=position,
            authorities=asked,
            people=people,
            decides=position == len(groups),
        )
        for position, (asked, people) in enumerate(groups, start=1)
    )


def _by_level(authorities: Iterable[Authority]) -> tuple[Authority, ...]:
    """The lowest first; the rest of the key only makes the order the same every time."""
    return tuple(
        sorted(
            authorities,
            key=lambda item: (
                item.level,
                item.kind,
                item.who_label,
                item.who_id,
                item.company_id or 0,
                sorted(item.member_ids),
            ),
        )
    )


def _top(authorities: Iterable[Authority]) -> Decimal | None:
    """The highest bound there is (only asked when no authority is unlimited)."""
    return max((item.level for item in authorities), default=None)


def _levels(authorities: Iterable[Authority]) -> dict[int, Decimal]:
    """Every person's own level: the highest of the authorities they hold."""
    levels: dict[int, Decimal] = {}
    for item in authorities:
        for person in item.member_ids:
            levels[person] = max(item.level, levels.get(person, item.level))
    return levels


def _held_by(
    people: frozenset[int],
    authorities: Iterable[Authority],
    level: Decimal,
    *,
    or_above: bool = False,
) -> tuple[Authority, ...]:
    """The authorities of this level (or above it) that these people hold, the lowest first."""
    return _by_level(
        item
        for item in authorities
        if (item.level == level or (or_above and item.level > level))
        and not people.isdisjoint(item.member_ids)
    )
