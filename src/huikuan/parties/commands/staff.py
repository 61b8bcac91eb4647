"""Our own people: users, teams, and the role of each in an entity."""

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from huikuan.journal.commands import record
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.commands.entities import NameMissing
from huikuan.parties.models import Entity, Membership, Role, Team, User


class UserExists(Refusal):
    """The name is taken."""

    code = "parties.user-exists"
    text = gettext_noop("There is already a user {username}.")


class PasswordTooWeak(Refusal):
    """The password would be guessed."""

    code = "parties.password-too-weak"
    text = gettext_noop("This password cannot be used: {reasons}")


class RoleUnknown(Refusal):
    """No such role."""

    code = "parties.role-unknown"
    text = gettext_noop("“{role}” is not a role. Use one of {known}.")


class TeamOfOtherEntity(Refusal):
    """A team belongs to one entity."""

    code = "parties.team-of-other-entity"
    text = gettext_noop("The team {team} does not belong to {entity}.")


class NoRoleToRevoke(Refusal):
    """The user has no role there."""

    code = "parties.no-role-to-revoke"
    text = gettext_noop("{user} has no role in {entity}.")


@transaction.atomic
def add_user(
    *,
    username: str,
    actor: User | None,
    now: datetime,
    password: str | None = None,
    display_name: str = "",
    language: str = "zh-hans",
    is_superuser: bool = False,
) -> User:
    """Add a person who may sign in; without password he cannot until one is set.

    Raises: UserExists, PasswordTooWeak, NameMissing.
    """
    if not username.strip():
        raise NameMissing
    if User.objects.filter(username__iexact=username).exists():
        raise UserExists(username=username)
    user = User(
        username=username, display_name=display_name, language=language, is_superuser=is_superuser,
        is_staff=is_superuser, date_joined=now,
    )  # fmt: skip
    _set(user, password)
    user.save()
    record("parties.user-added", now=now, actor=actor, subject=user, username=username, is_superuser=is_superuser)
    return user


@transaction.atomic
def change_password(*, user: User, password: str, actor: User | None, now: datetime) -> None:
    """Give a person a new password; whoever is signed in as him must sign in again. Raises PasswordTooWeak."""
    _set(user, password)
    user.save(update_fields=["password"])
    record("parties.password-changed", now=now, actor=actor, subject=user, username=user.username)


def _set(user: User, password: str | None) -> None:
    """Set a password that passes the rules, or none at all."""
    if password is not None:
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise PasswordTooWeak(reasons=" ".join(error.messages)) from None
    user.set_password(password)


@transaction.atomic
def open_team(*, entity: Entity, name: str, actor: User | None, now: datetime) -> Team:
    """Open a team, or return the one of this name. Raises NameMissing."""
    if not name.strip():
        raise NameMissing
    team, is_new = Team.objects.get_or_create(entity=entity, name=name.strip())
    record(
        "parties.team-opened", now=now, actor=actor, entity_id=entity.pk, subject=team, name=team.name, is_new=is_new
    )
    return team


@transaction.atomic
def grant_role(
    *, user: User, entity: Entity, role: str, actor: User | None, now: datetime, team: Team | None = None
) -> Membership:
    """Give a user a role in an entity; the role he had there before ends.

    Raises: RoleUnknown, TeamOfOtherEntity.
    """
    if role not in Role.values:
        raise RoleUnknown(role=role, known=", ".join(Role.values))
    if team is not None and team.entity_id != entity.pk:
        raise TeamOfOtherEntity(team=team.name, entity=entity.code)
    before = Membership.objects.select_for_update().filter(user=user, entity=entity).first()
    membership, _is_new = Membership.objects.update_or_create(
        user=user, entity=entity, defaults={"role": role, "team": team}
    )
    record(
        "parties.role-granted", now=now, actor=actor, entity_id=entity.pk, subject=user, username=user.username,
        role=role, team=team.name if team else None, before=before.role if before else None,
    )  # fmt: skip
    return membership


@transaction.atomic
def revoke_role(*, user: User, entity: Entity, actor: User | None, now: datetime) -> None:
    """End a user's role in an entity; from then on he sees nothing of it. Raises NoRoleToRevoke."""
    membership = Membership.objects.select_for_update().filter(user=user, entity=entity).first()
    if membership is None:
        raise NoRoleToRevoke(user=str(user), entity=entity.code)
    role = membership.role
    membership.delete()
    record(
        "parties.role-revoked",
        now=now,
        actor=actor,
        entity_id=entity.pk,
        subject=user,
        username=user.username,
        role=role,
    )
