"""Who asks, for which entity, and what he may do there: settled once per request, before a view begins."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, Subquery, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django_htmx.middleware import HtmxDetails

from huikuan.parties.models import Customer, Entity, Membership, Role, User
from huikuan.parties.queries import entities_of, visible_to
from huikuan.parties.rules.rights import Action, allows

P = ParamSpec("P")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """The place a user has taken: the entity chosen in the sidebar, his roles, the moment and the day there."""

    user: User
    entity: Entity
    entities: tuple[Entity, ...]
    roles: Mapping[int, Role]
    now: datetime
    today: date

    @property
    def role(self) -> Role:
        """Return the role in the chosen entity."""
        return self.roles[self.entity.pk]

    def may(self, action: Action, entity_id: int | None = None) -> bool:
        """Tell whether the user may do this in an entity, by default the chosen one."""
        role = self.roles.get(self.entity.pk if entity_id is None else entity_id)
        return self.user.is_superuser or allows(role, action)

    def demand(self, action: Action, entity_id: int | None = None) -> None:
        """Go on only when the user may. Raises PermissionDenied: answered by the 403 page."""
        if not self.may(action, entity_id):
            raise PermissionDenied(_("Your role does not allow this. Ask a manager or an administrator."))


class DeskRequest(HttpRequest):
    """A request of somebody who has signed in."""

    user: User
    htmx: HtmxDetails
    seat: Seat


def take_seat(request: HttpRequest) -> Seat:
    """Find the user's roles and the entity he looks at. Raises PermissionDenied for a user without any role."""
    user = cast("User", request.user)
    roles = Membership.objects.select_related("entity").order_by("entity__code")
    prefetch_related_objects([user], Prefetch("memberships", queryset=roles))
    held = list(user.memberships.all())
    if user.is_superuser:
        entities = tuple(entities_of(user))
        found = {entity.pk: Role.ADMINISTRATOR for entity in entities}
    else:
        entities = tuple(membership.entity for membership in held)
        found = {}
    found |= {membership.entity_id: Role(membership.role) for membership in held}
    if not entities:
        raise PermissionDenied(_("You have no role in any entity yet. Ask an administrator to give you one."))
    chosen = request.session.get("entity")
    first = min(entities, key=lambda each: each.pk)
    entity = next((each for each in entities if each.pk == chosen), first)
    now = timezone.now()
    return Seat(
        user=user,
        entity=entity,
        entities=entities,
        roles=found,
        now=now,
        today=now.astimezone(ZoneInfo(entity.time_zone)).date(),
    )


View = Callable[Concatenate[DeskRequest, P], HttpResponseBase]
Guarded = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def _guarded(view: View[P], methods: tuple[str, ...]) -> Guarded[P]:
    @wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            query = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
            return redirect(f"{resolve_url(settings.LOGIN_URL)}{'?' + query if query else ''}")
        if request.method not in methods:
            return HttpResponseNotAllowed(methods)
        known = cast("DeskRequest", request)
        known.seat = take_seat(request)
        return view(known, *args, **kwargs)

    return cast("Guarded[P]", guarded)


def page(view: View[P]) -> Guarded[P]:
    """Make a view a page to read: signed in, GET or HEAD."""
    return _guarded(view, ("GET", "HEAD"))


def write(view: View[P]) -> Guarded[P]:
    """Make a view a write: signed in, POST only."""
    return _guarded(view, ("POST",))


def read_or_write(view: View[P]) -> Guarded[P]:
    """Make a view that shows a form and takes it."""
    return _guarded(view, ("GET", "HEAD", "POST"))


def visible_customer(seat: Seat, customer_id: int, **beside: Subquery) -> Customer:
    """Return a customer with entity, collector and what is asked beside. One query.

    Raises Http404 when the user may not know that it exists.
    """
    known = visible_to(seat.user).select_related("entity", "collector").annotate(**beside)
    customer = known.filter(pk=customer_id).first()
    if customer is None:
        raise Http404
    return customer
