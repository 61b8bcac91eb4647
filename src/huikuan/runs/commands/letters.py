"""Letters from the claim to the worklist: written, posted, and what the post says of them afterwards."""

from datetime import datetime

from django.db import transaction

from huikuan.cases.commands.post import finish_letter_tasks, follow_up_letter
from huikuan.kernel.zones import local_day
from huikuan.outreach.commands.letters import make_letter
from huikuan.outreach.commands.posting import News, hand_over, record_news
from huikuan.outreach.commands.queue import check_acts_for
from huikuan.outreach.models import Letter
from huikuan.outreach.ports import ContactGuard
from huikuan.parties.models import ContactPerson, Customer, User
from huikuan.runs.letters import letter_content


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
) -> Letter:
    """Write a letter from what is owed at this moment. The same letter of the same day is one row.

    A letter that was withdrawn may be written again on the same day; it gets another number.

    Raises: NothingToDemand, CustomerExcluded, LetterTextUnknown, LetterWithoutAddress, PersonOfAnotherCustomer.
    """
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    person = None if person_id is None else ContactPerson.objects.get(pk=person_id)
    if person is not None:
        check_acts_for(person, customer)
    today = local_day(now, customer.entity.time_zone)
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
    return make_letter(customer_id=customer_id, key=f"{same}:{withdrawn}", content=content, now=now, actor=actor)


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
    """Record what the post says about a letter; one that was returned or refused leaves a task.

    Raises: as `outreach.commands.posting.record_news`.
    """
    news = record_news(
        letter_id=letter_id, state=state, at=at, actor=actor, now=now, signed_by=signed_by, note=note, source=source
    )
    if news.is_new and news.letter.state == state:
        today = local_day(now, news.letter.entity.time_zone)
        follow_up_letter(letter=news.letter, today=today, actor=actor, now=now)
    return news
