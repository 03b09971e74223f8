"""The users of a case: standard ones by name, its own, and their authority."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group, Permission

from approvals.models import ApprovalAuthority, RequestKind
from core.models import User
from reports.scenarios import vocabulary as v
from reports.scenarios.cases import Action, Case
from reports.scenarios.names import GIVEN_USER
from reports.scenarios.verbs import VERBS
from reports.scenarios.world import GivenError, World

ALWAYS = ("clerk", "credit_manager")
OVERRIDE_PERMISSION = "documents.override_hold"
DECIDE_PERMISSION = "approvals.decide_request"
# What a word stands for beside an authority. Whoever passes a hold at entry decides on it.
WORDS = {
    "approve": (DECIDE_PERMISSION,),
    "override": (OVERRIDE_PERMISSION, DECIDE_PERMISSION),
}


def users_make(world: World) -> None:
    """Make the users the case names, and the two every case has."""
    own: dict[str, Mapping[str, Any]] = dict(world.given.get("users", {}))
    if "user" in world.given:
        own[GIVEN_USER] = world.given["user"]
    named = _named(world.case)
    for name, rights in v.STANDARD_USERS.items():
        if name in own or name in ALWAYS or name in named:
            facts = own.pop(name, {})
            _user_make(world, name, {"rights": list(rights), **facts})
    for name, facts in own.items():
        _user_make(world, name, facts)


def actor_name(world: World, action: Action) -> str:
    """Who does an action: whom it names, the verb's own actor, the case's user, the clerk."""
    if action.actor:
        return action.actor
    own = VERBS[action.verb].actor
    if own:
        return own
    return GIVEN_USER if GIVEN_USER in world.users else "clerk"


def _named(case: Case) -> set[str]:
    found = {document["by"] for document in case.given.get("documents", []) if "by" in document}
    for step in case.steps:
        found |= {name for action in step.actions for name in _action_names(action)}
        for then in (step.then, step.then.get("wrong", {})):
            found |= {v.PEOPLE_ALIASES.get(name, name) for name in then.get("notified", [])}
    return found


def _action_names(action: Action) -> Iterable[str]:
    yield action.actor
    for part in action.parts:
        yield from _action_names(part)
    for value in action.params.values():
        if isinstance(value, Mapping) and "by" in value:
            yield value["by"]


def _user_make(world: World, name: str, facts: Mapping[str, Any]) -> None:
    user = User.objects.create_user(username=name)
    companies = facts.get("companies", list(world.companies))
    user.companies.set([world.companies[company] for company in companies])
    rights: list[str] = facts.get("rights", [])
    for right in rights:
        if right in v.ROLES:
            user.groups.add(Group.objects.get(name=right))
            # Who sells also bills, in the small houses that the cases tell of.
            user.user_permissions.add(
                _permission("documents.post_document"), _permission("documents.credit_freely")
            )
        else:
            user.user_permissions.add(*(_permission(name) for name in WORDS.get(right, (right,))))
    authority = facts.get("authority", "unlimited" if WORDS.keys() & {*rights} else None)
    if authority is not None:
        ApprovalAuthority.objects.create(
            kind=RequestKind.DOCUMENT_RELEASE,
            user=user,
            max_amount=authority if isinstance(authority, Decimal) else None,
            currency=world.company().currency,
        )
    world.users[name] = user


def _permission(name: str) -> Permission:
    app, codename = name.split(".")
    found = Permission.objects.filter(content_type__app_label=app, codename=codename).first()
    if found is None:
        msg = f"there is no permission {name}"
        raise GivenError(msg)
    return found
