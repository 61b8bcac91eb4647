"""Letters from the claim to the worklist: written, posted, and what the post says of them afterwards."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from huikuan.cases.commands.post import ask_to_post, finish_letter_tasks, follow_up_letter
from huikuan.kernel.zones import local_day
from huikuan.outreach.commands.letters import make_letter
from huikuan.outreach.commands.posting import News, hand_over, record_news
from huikuan.outreach.commands.queue import check_acts_for
from huikuan.outreach.models import Letter
from huikuan.outreach.ports import ContactGuard
from huikuan.parties.models import ContactPerson, Customer, User
from huikuan.runs.letters import CustomerExcluded, NothingToDemand, letter_content

TRIED_WITHIN: Final = timedelta(days=180)
"""An address from which a letter came back longer ago may be tried again."""


@transaction.atomic
def write_letter(
    *,
    customer_id: int,
    currency: str,
    template: str,
    actor: User | None,
    now: datetime,
    language: str = "",
    person_id: int | None = None,
    step_code: str = "",
    address: str = "",
    instead_of: Letter | None = None,
) -> Letter:
    """Write a letter from what is owed at this moment. The same letter of the same day is one row.

    A letter that was withdrawn may be written again on the same day; it gets another number. So does one that is sent
    `instead_of` another which did not arrive, to an `address` other than the customer's first.

    Raises: NothingToDemand, CustomerExcluded, LetterTextUnknown, LetterWithoutAddress, PersonOfAnotherCustomer.
    """
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    person = None if person_id is None else ContactPerson.objects.get(pk=person_id)
    if person is not None:
        check_acts_for(person, customer)
    today = local_day(now, customer.entity.time_zone)
    customer.address = address or customer.address
    content = letter_content(
        customer=customer,
        currency=currency,
        template=template,
        today=today,
        language=language,
        person=person,
        step_code=step_code,
    )
    same = f"{customer_id}:{currency}:{template}:{content.language}:{today.isoformat()}"
    withdrawn = Letter.objects.filter(key__startswith=f"{same}:", state=Letter.State.CANCELLED).count()
    key = f"{same}:{withdrawn}" if instead_of is None else f"{same}:{withdrawn}:{instead_of.pk}"
    return make_letter(customer_id=customer_id, key=key, content=content, now=now, actor=actor)


@transaction.atomic
def _posted(letter: Letter, *, actor: User | None, now: datetime) -> None:
    finish_letter_tasks(letter=letter, actor=actor, now=now)


def post_letter(
    *,
    letter_id: int,
    carrier: str,
    at: datetime,
    actor: User | None,
    now: datetime,
    tracking_number: str = "",
    guard: ContactGuard | None = None,
) -> Letter:
    """Record that a letter was handed to the post, and close its task on the worklist.

    Two transactions: a refusal of the guard must stay in the journal. The task alone can be closed again.

    Raises: as `outreach.commands.posting.hand_over`.
    """
    letter = hand_over(
        letter_id=letter_id, carrier=carrier, at=at, actor=actor, now=now, tracking_number=tracking_number, guard=guard
    )
    _posted(letter, actor=actor, now=now)
    return letter


@transaction.atomic
def hear_of_letter(
    *,
    letter_id: int,
    state: str,
    at: datetime,
    actor: User | None,
    now: datetime,
    signed_by: str = "",
    note: str = "",
    source: str = "",
) -> News:
    """Record what the post says about a letter.

    One that was returned or refused is written again, to another address that has not been tried, with the task to post
    it; where there is none, it leaves the task to find one, or to go there.

    Raises: as `outreach.commands.posting.record_news`.
    """
    news = record_news(
        letter_id=letter_id, state=state, at=at, actor=actor, now=now, signed_by=signed_by, note=note, source=source
    )
    if news.is_new and news.letter.state == state:
        today = local_day(now, news.letter.entity.time_zone)
        again = _sent_elsewhere(news.letter, actor=actor, now=now)
        if again is None:
            follow_up_letter(letter=news.letter, today=today, actor=actor, now=now)
        else:
            ask_to_post(letter=again, instead_of=news.letter, today=today, actor=actor, now=now)
    return news


def _sent_elsewhere(letter: Letter, *, actor: User | None, now: datetime) -> Letter | None:
    """Write a letter that did not arrive to an address not tried yet; None: there is none, or nothing to demand."""
    if letter.state not in {Letter.State.RETURNED, Letter.State.REFUSED}:
        return None
    customer = Customer.objects.get(pk=letter.customer_id)
    same = Letter.objects.filter(
        customer=customer, template=letter.template, step_code=letter.step_code, currency=letter.currency
    )
    tried = set(same.filter(made_at__gt=now - TRIED_WITHIN).values_list("address", flat=True))
    untried = [address for address in (customer.address, customer.other_address) if address and address not in tried]
    if not untried:
        return None
    try:
        return write_letter(
            customer_id=customer.pk, currency=letter.currency, template=letter.template, language=letter.language,
            person_id=letter.person_id, step_code=letter.step_code, address=untried[0], instead_of=letter, actor=actor,
            now=now,
        )  # fmt: skip
    except (NothingToDemand, CustomerExcluded):
        return None
