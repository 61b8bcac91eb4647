"""Who sees what. Every page, export, endpoint and job reads customers through `visible_to`; nothing else decides."""

from datetime import datetime
from typing import Final, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from huikuan.parties.models import Consent, Customer, Entity, Membership, Role, User
from huikuan.parties.rules.rights import Action, allows

R = TypeVar("R", bound=Model)

Person = User | AnonymousUser
"""Whoever asks, as a request knows him."""

WHOLE_ENTITY: Final = (Role.FINANCE, Role.AUDITOR, Role.ADMINISTRATOR)
"""Roles that see every customer of the entity."""


def visible_to(user: Person, *, entity_id: int | None = None) -> QuerySet[Customer]:
    """Return the customers that the user may see: THE row visibility, from which all other is derived.

    A collector sees the customers given to him; a manager those of his team's collectors and those nobody has, or the
    whole entity when he has no team; finance, auditor and administrator the entity; a superuser everything. Whoever is
    not signed in, or no longer active, sees nothing.

    Args:
        user: Who asks.
        entity_id: Only customers of this entity: fewer conditions than filtering afterwards, so an index serves them.
    """
    customers = Customer.objects.all() if entity_id is None else Customer.objects.filter(entity_id=entity_id)
    if not isinstance(user, User) or not user.is_active:
        return customers.none()
    if user.is_superuser:
        return customers
    whole: list[int] = []
    seen = Q(pk__in=[])
    for membership in user.memberships.all():
        if entity_id not in {None, membership.entity_id}:
            continue
        if membership.role == Role.COLLECTOR:
            seen |= Q(entity_id=membership.entity_id, collector_id=user.pk)
        elif membership.role in WHOLE_ENTITY or membership.team_id is None:
            whole.append(membership.entity_id)
        else:
            team = Membership.objects.filter(team_id=membership.team_id).values("user_id")
            in_team = Q(collector_id__in=team) | Q(collector=None)
            seen |= Q(entity_id=membership.entity_id) & in_team
    return customers.filter(seen | Q(entity_id__in=whole) if whole else seen)


def may_see(user: Person, customer: str = "customer") -> Exists:
    """Return the condition that the user may see a row's customer: for rows found one by one, by their key.

    `visible_to` beside it would have the database gather every customer first.
    """
    return Exists(visible_to(user).filter(pk=OuterRef(f"{customer}_id")))


def sees_whole(user: Person, entity_id: int) -> bool:
    """Tell whether the user sees every customer of the entity, so that its totals may be shown as they are."""
    if not isinstance(user, User) or not user.is_active:
        return False
    if user.is_superuser:
        return True
    return any(
        membership.entity_id == entity_id
        and (membership.role in WHOLE_ENTITY or (membership.role != Role.COLLECTOR and membership.team_id is None))
        for membership in user.memberships.all()
    )


def within(user: Person, rows: QuerySet[R], *, entity_id: int) -> QuerySet[R]:
    """Return those of one entity's rows (with `entity` and `customer`) that the user may see.

    The same as asking `visible_to` for every row; who sees the whole entity is not asked row by row.
    """
    of_entity = rows.filter(entity_id=entity_id)
    if sees_whole(user, entity_id):
        return of_entity
    return of_entity.filter(customer__in=visible_to(user, entity_id=entity_id))


def entities_of(user: Person) -> QuerySet[Entity]:
    """Return the entities in which the user has a role, by code; all of them for a superuser."""
    entities = Entity.objects.order_by("code")
    if not isinstance(user, User) or not user.is_active:
        return entities.none()
    return entities if user.is_superuser else entities.filter(memberships__user=user)


def role_in(user: Person, entity: Entity | int) -> Role | None:
    """Return the user's role in the entity, None when he has none there. A superuser counts as administrator."""
    if not isinstance(user, User) or not user.is_active:
        return None
    entity_id = entity if isinstance(entity, int) else entity.pk
    role = Membership.objects.filter(user=user, entity_id=entity_id).values_list("role", flat=True).first()
    if role is not None:
        return Role(role)
    return Role.ADMINISTRATOR if user.is_superuser else None


def may(user: Person, action: Action, entity: Entity | int) -> bool:
    """Tell whether the user may do this in the entity (`rules.rights.ALLOWED`); a superuser may do everything.

    It says nothing about rows: read them through `visible_to` as well.
    """
    if isinstance(user, User) and user.is_active and user.is_superuser:
        return True
    return allows(role_in(user, entity), action)


def has_consent(*, person_id: int, kind: str, now: datetime, channel: str = "") -> bool:
    """Tell whether a person agrees to something (`Consent.Kind`) at this instant, on this channel or on every one."""
    found = Consent.objects.filter(person_id=person_id, kind=kind, channel__in={"", channel}, ended_at=None)
    return found.filter(Q(expires_at=None) | Q(expires_at__gt=now), begun_at__lte=now).exists()


def hours_sql(alias: str) -> str:
    """Return SQL that writes a person's preferred hours as they are read again, 09:30-11:30; null: none.

    Args:
        alias: Of the table of contact persons in the statement.
    """
    begins, ends = (f"substr(CAST({alias}.{each} AS text), 1, 5)" for each in ("preferred_from", "preferred_until"))
    return f"{begins} || '-' || {ends}"
