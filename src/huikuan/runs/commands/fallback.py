"""Messages that show no effect: unread ones go by another channel, lost ones too, and bad addresses are repaired (F5).

Nothing is remembered here: what was done is the key of the message or task that it left, so that it is done once,
however often it is looked for.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat

from huikuan.cases.models import Case, Task
from huikuan.journal.commands import record
from huikuan.kernel.calendar import WorkingCalendar
from huikuan.kernel.zones import local_day
from huikuan.outreach.commands.queue import DeliveryNotCancellable, cancel_delivery, enqueue
from huikuan.outreach.models import Contact, Delivery
from huikuan.outreach.queries.outbox import addressee
from huikuan.parties.models import Customer, Entity
from huikuan.policy.queries import policy_in_force
from huikuan.policy.rules.schema import Fallback, Notice, Policy
from huikuan.runs.claim import decision_of
from huikuan.runs.compose import step_of
from huikuan.runs.queries.hours import preferred_instant
from huikuan.runs.queries.preparation import wired_channels
from huikuan.runs.rules.fallback import Way, next_way, unread_from
from huikuan.runs.rules.sending import known_zone_or
from huikuan.runs.rules.work import REPAIR

State = Delivery.State
LOST: Final = (State.BOUNCED, State.FAILED)
ON_THE_WAY: Final = (State.SENT, State.DELIVERED)
LOOKED_BACK: Final = timedelta(days=14)
"""Older messages are left alone: who switches a fallback on does not send the whole past again."""
MACHINE: Final = tuple(Delivery.Channel.values)


def fall_back(*, entity_id: int, now: datetime) -> Counter[str]:
    """Do for every message of the entity what follows from its fate; return how many of each kind of act.

    Unread for the hours that the step's `fallback:` names: the same by its channel. Bounced: a task to repair the
    address, and the next channel of the step at once. Failed for good: the next channel; when none is left and no other
    message of the step got through, the task. A message sent instead is taken back when the first is read or answered.

    Args:
        entity_id: The creditor.
        now: The instant.
    """
    entity = Entity.objects.get(pk=entity_id)
    today = local_day(now, entity.time_zone)
    in_force = policy_in_force(entity_id, today)
    done: Counter[str] = Counter()
    if in_force is None:
        return done
    policy, wired = in_force.policy, wired_channels()
    for delivery in _answered_meanwhile(entity_id):
        with suppress(DeliveryNotCancellable):  # it is leaving at this moment
            cancel_delivery(delivery_id=delivery.pk, reason="ANSWERED", now=now)
            done["taken-back"] += 1
    for delivery, back in _unread(entity, policy, now=now):
        if back.channel in wired and _address(delivery, back.channel):
            _go(delivery, Way(back.channel, back.template), policy, why="UNREAD", now=now)
            done["unread"] += 1
    for delivery in _lost(entity_id, now=now):
        done.update(_recover(delivery, policy, wired, today=today, now=now))
    return done


def _key(delivery: Delivery, channel: str) -> str:
    return f"{delivery.key}/{channel.lower()}"


def _answered_since(at: str) -> Exists:
    """Tell whether the customer was in touch since."""
    spoke = Q(direction=Contact.Direction.IN) | Q(is_connected=True)
    return Exists(Contact.objects.filter(spoke, customer_id=OuterRef("customer_id"), at__gte=OuterRef(at)))


def _answered_meanwhile(entity_id: int) -> list[Delivery]:
    """Return waiting messages that stand in for another one which has been read or answered."""
    suffixes = Q()
    for channel in MACHINE:
        suffixes |= Q(key__endswith=f"/{channel.lower()}")
    waiting = list(Delivery.objects.filter(suffixes, entity_id=entity_id, state=State.QUEUED))
    first = {each.key.rpartition("/")[0]: each for each in waiting}
    read = Q(state=State.READ) | Q(_answered_since("finished_at"), state__in=ON_THE_WAY)
    return [first[key] for key in Delivery.objects.filter(read, key__in=first).values_list("key", flat=True)]


def _unread(entity: Entity, policy: Policy, *, now: datetime) -> Iterator[tuple[Delivery, Fallback]]:
    """Yield the messages that nobody has read in time and that nothing has followed."""
    calendars: dict[str, WorkingCalendar] = {}
    for code, notice in _notices(policy).items():
        back = notice.fallback
        if back is None or back.when != "unread":
            continue
        followed = Delivery.objects.filter(key=Concat(OuterRef("key"), Value(f"/{back.channel.lower()}")))
        sent = _recent(entity.pk, now).filter(
            ~Exists(followed), ~_answered_since("finished_at"), state__in=ON_THE_WAY, step_code=code,
            channel__in=[each for each in notice.channels if each != back.channel],
            finished_at__lte=now - timedelta(hours=back.after_hours),
        )  # fmt: skip
        for delivery in sent:
            country = delivery.customer.country
            calendar = calendars.setdefault(country, WorkingCalendar(country))
            zone = known_zone_or(delivery.customer.time_zone, entity.time_zone)
            left_at = delivery.finished_at
            if left_at is not None and now >= unread_from(
                left_at, back.after_hours, calendar=calendar, zone=zone,
                working_days_only=policy.send_times.working_days_only,
            ):  # fmt: skip
                yield delivery, back


def _notices(policy: Policy) -> dict[str, Notice]:
    """Return the notice of every step code, the first ladder's where several have it."""
    found: dict[str, Notice] = {}
    for ladder in policy.ladders.values():
        for step in ladder.steps:
            if step.notice is not None:
                found.setdefault(step.code, step.notice)
    return found


def _recent(entity_id: int, now: datetime) -> QuerySet[Delivery]:
    """Return the messages of the ladder of the last days; what stands in for another one is no new beginning."""
    return (
        Delivery.objects.filter(entity_id=entity_id, about="", created_at__gte=now - LOOKED_BACK)
        .exclude(step_code="")
        .select_related("customer", "entity")
        .order_by("pk")
    )


def _lost(entity_id: int, *, now: datetime) -> list[Delivery]:
    """Return messages that did not arrive and from which nothing has followed yet."""
    lost = list(_recent(entity_id, now).filter(state__in=LOST))
    keys = {_key(each, channel): each.pk for each in lost for channel in MACHINE}
    followed = {keys[key] for key in Delivery.objects.filter(key__in=keys).values_list("key", flat=True)}
    repairs = {_repair_key(each): each.pk for each in lost}
    followed |= {repairs[key] for key in Task.objects.filter(key__in=repairs).values_list("key", flat=True)}
    return [each for each in lost if each.pk not in followed]


def _recover(delivery: Delivery, policy: Policy, wired: frozenset[str], *, today: date, now: datetime) -> Iterable[str]:
    """Go the next way with a message that did not arrive, and have a bad address repaired."""
    found = step_of(policy, delivery, decision_of(delivery))
    notice = None if found is None else found[1].notice
    if notice is None:
        return
    same = Delivery.objects.filter(
        customer_id=delivery.customer_id, currency=delivery.currency, step_code=delivery.step_code, as_of=delivery.as_of
    )
    tried = set(same.values_list("channel", flat=True))
    got_through = same.exclude(state__in=[*LOST, State.CANCELLED, State.REFUSED]).exists()
    open_to = {channel for channel in MACHINE if channel in wired and _address(delivery, channel)}
    way = None if got_through else next_way(notice, policy, tried=tried, open_to=open_to)
    if way is not None:
        _go(delivery, way, policy, why=delivery.state, now=now)
        yield "next-channel"
    is_bad_address = delivery.state == State.BOUNCED
    if (is_bad_address or (way is None and not got_through)) and _repair(delivery, today=today, now=now):
        yield "repair"


def _address(delivery: Delivery, channel: str) -> str:
    """Return to whom a message on that channel would go now."""
    return addressee(_there(delivery, channel))[1]


def _there(delivery: Delivery, channel: str) -> Delivery:
    """Return the delivery as it would go on another channel."""
    return Delivery(customer_id=delivery.customer_id, customer=delivery.customer, channel=channel)


@transaction.atomic
def _go(delivery: Delivery, way: Way, policy: Policy, *, why: str, now: datetime) -> None:
    """Queue the same notice on another channel, for the same step and day; composed and permitted when it goes."""
    person, _to = addressee(_there(delivery, way.channel))
    follower = enqueue(
        key=_key(delivery, way.channel), customer_id=delivery.customer_id, template=way.template,
        currency=delivery.currency, as_of=delivery.as_of, now=now,
        not_before=preferred_instant(person, delivery.customer, way.channel, policy=policy, now=now),
        step_code=delivery.step_code, channel=way.channel, priority=delivery.priority,
    )  # fmt: skip
    record(
        "runs.message-fell-back", now=now, entity_id=delivery.entity_id, customer_id=delivery.customer_id,
        subject=follower, why=why, instead_of=delivery.pk, channel=way.channel, step_code=delivery.step_code,
    )  # fmt: skip


def _repair_key(delivery: Delivery) -> str:
    return f"task/{REPAIR}/delivery/{delivery.pk}"


@transaction.atomic
def _repair(delivery: Delivery, *, today: date, now: datetime) -> bool:
    """Ask for another address, unless somebody is at it already; tell whether anything was asked."""
    customer = Customer.objects.select_for_update().get(pk=delivery.customer_id)
    open_tasks = Task.objects.filter(customer=customer, kind=Task.Kind.REPAIR, done_at=None, cancelled_at=None)
    if open_tasks.exists():
        return False
    case = Case.objects.filter(customer=customer, closed_on=None).first()
    task = Task.objects.create(
        key=_repair_key(delivery), entity_id=delivery.entity_id, customer=customer, case=case, kind=Task.Kind.REPAIR,
        step_code=REPAIR, currency=delivery.currency, owner_id=customer.collector_id, due_on=today,
        priority=delivery.priority, created_at=now,
    )  # fmt: skip
    record(
        "cases.task-made", now=now, entity_id=delivery.entity_id, customer_id=customer.pk, subject=task,
        kind=task.kind, step_code=task.step_code, delivery=delivery.pk, why=delivery.last_error, state=delivery.state,
    )  # fmt: skip
    return True
