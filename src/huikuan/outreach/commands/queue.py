"""Put deliveries into the outbox, take them out, give them another chance."""

from datetime import date, datetime

from django.db import transaction

from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.outreach.commands.trail import journal, move
from huikuan.outreach.models import Delivery, DeliveryEvent
from huikuan.parties.models import ContactPerson, Customer, User

State = Delivery.State


class PersonOfAnotherCustomer(Refusal):
    """The person does not act for this customer."""

    code = "outreach.person-of-another-customer"
    text = gettext_noop(
        "{person} does not act for {customer}. Choose one of its own contact persons: nobody else may hear of a debt."
    )


class DeliveryNotCancellable(Refusal):
    """It is being sent, has been sent, or may have been."""

    code = "outreach.delivery-not-cancellable"
    text = gettext_noop("This message is no longer waiting ({state}). Only a waiting or failed one can be withdrawn.")


class DeliveryNotFailed(Refusal):
    """Only what failed, or was withdrawn by the guard, can be tried again."""

    code = "outreach.delivery-not-failed"
    text = gettext_noop("Only a failed message can be tried again; this one is {state}.")


@transaction.atomic
def enqueue(
    *,
    key: str,
    customer_id: int,
    template: str,
    currency: str,
    as_of: date,
    not_before: datetime,
    now: datetime,
    step_code: str = "",
    about: str = "",
    channel: str = Delivery.Channel.EMAIL,
    person_id: int | None = None,
    priority: int = 0,
    actor: User | None = None,
) -> Delivery:
    """Put one message into the outbox; composed when it is sent. The same key again returns the same row.

    Args:
        key: Names the contact: "plan:12/plan_confirmation".
        customer_id: Who is written to; by its language, in its zone.
        template: A kind of `outreach.rules.kinds`.
        currency: Of the claim it speaks of; "" where no amount is stated.
        as_of: The day that asked for it.
        not_before: When it may leave at the earliest; the contact guard may make it later.
        now: This instant.
        step_code: The step of the ladder that asked for it; "" for what no run decided.
        about: What such a message speaks of, "plan:12" (`outreach.rules.kinds` says which); its facts come from
            `runs.providers` at the moment of sending.
        channel: A `Delivery.Channel`.
        person_id: To this person; None: whoever pays there.
        priority: Greater leaves first.
        actor: Who asked; None: the machine.

    Raises: PersonOfAnotherCustomer.
    """
    customer = Customer.objects.get(pk=customer_id)
    if person_id is not None:
        check_acts_for(ContactPerson.objects.get(pk=person_id), customer)
    delivery, is_new = Delivery.objects.get_or_create(
        key=key,
        defaults={
            "entity_id": customer.entity_id,
            "customer": customer,
            "person_id": person_id,
            "channel": channel,
            "template": template,
            "about": about,
            "step_code": step_code,
            "currency": currency,
            "as_of": as_of,
            "priority": priority,
            "not_before": not_before,
            "created_at": now,
        },
    )
    if is_new:
        DeliveryEvent.objects.create(delivery=delivery, at=now, state=State.QUEUED)
        journal("outreach.delivery-queued", delivery, actor=actor, now=now)
    return delivery


def check_acts_for(person: ContactPerson, customer: Customer) -> None:
    """Refuse anybody who does not act for the debtor (law.md §6). Raises PersonOfAnotherCustomer."""
    if person.customer_id != customer.pk:
        raise PersonOfAnotherCustomer(person=person.name, customer=customer.name)


@transaction.atomic
def cancel_delivery(*, delivery_id: int, reason: str, now: datetime, actor: User | None = None) -> Delivery:
    """Withdraw a message that has not left. Raises DeliveryNotCancellable."""
    delivery = Delivery.objects.select_for_update().get(pk=delivery_id)
    if delivery.state not in {State.QUEUED, State.FAILED}:
        raise DeliveryNotCancellable(state=delivery.get_state_display())
    move(delivery, State.CANCELLED, now=now, why=reason)
    journal("outreach.delivery-cancelled", delivery, actor=actor, now=now, why=reason)
    return delivery


@transaction.atomic
def retry_failed(*, delivery_id: int, now: datetime, actor: User) -> Delivery:
    """Queue a failed message again, with all its attempts before it. Raises DeliveryNotFailed."""
    delivery = Delivery.objects.select_for_update().get(pk=delivery_id)
    if delivery.state != State.FAILED:
        raise DeliveryNotFailed(state=delivery.get_state_display())
    delivery.attempt_count = 0
    delivery.not_before = now
    move(delivery, State.QUEUED, now=now)
    journal("outreach.delivery-retried", delivery, actor=actor, now=now)
    return delivery
