"""A text tried on a real case before anybody approves it, and a script filled for the call that is about to be made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import Manager

from huikuan.arrangements.models import Dispute, Plan, Promise
from huikuan.cash.models import AccountStatement
from huikuan.kernel.calendar import WorkingCalendar
from huikuan.kernel.zones import local_day
from huikuan.outreach.commands.letters import LetterContent, draft_data
from huikuan.outreach.letters import LetterText
from huikuan.outreach.models import Delivery
from huikuan.outreach.queries.playbook import answers
from huikuan.outreach.queries.scripts import script_for
from huikuan.outreach.rules.html import Block
from huikuan.outreach.rules.kinds import KINDS
from huikuan.outreach.rules.playbook import Objection
from huikuan.outreach.rules.sms import sms_units
from huikuan.outreach.rules.table import Table
from huikuan.outreach.rules.template import LETTER, SMS, Template, WordMissingError, Words
from huikuan.outreach.templates import offered
from huikuan.parties.models import Customer, User
from huikuan.policy.queries import policy_in_force
from huikuan.policy.rules.schema import Policy, Step
from huikuan.receivables.models import Receipt
from huikuan.runs.claim import claim_on
from huikuan.runs.compose import Said, say, terms_of
from huikuan.runs.letters import CustomerExcluded, NothingToDemand, letter_content
from huikuan.runs.speech import Speech
from huikuan.runs.telling import provider_of
from huikuan.runs.wording import Terms, Writer

SUBJECTS: Final[Mapping[str, Manager[Any]]] = {
    "receipt": Receipt.objects,
    "plan": Plan.objects,
    "promise": Promise.objects,
    "dispute": Dispute.objects,
    "statement": AccountStatement.objects,
}
"""What a message may be about, by the noun of `Delivery.about`: a preview takes the customer's latest."""
DAYS_TO_CHOOSE: Final = (2, 5)
"""Working days from today on which the two days of a question lie."""


@dataclass(frozen=True, slots=True)
class Preview:
    """How a text reads for one customer today.

    Attributes:
        blocks: Paragraphs and tables, filled in, not escaped.
        sms_parts: (places used, messages paid for); None for an e-mail.
        why_not: Why nothing would be sent to this customer today: a stable code; "" when it would be.
    """

    subject: str
    blocks: tuple[Block, ...]
    sms_parts: tuple[int, int] | None = None
    why_not: str = ""


def preview_text(*, customer: Customer, template: Template, currency: str, now: datetime) -> Preview:
    """Return how a text, saved or not, reads for a customer today; the language of the words is that of the text."""
    if template.channel == LETTER:
        return _preview_letter(customer, template, currency, now)
    delivery = _imagined(customer, template, currency, now)
    if delivery is None:
        return Preview("", (), why_not="NOTHING_TO_TELL")
    reader = Customer.objects.select_related("entity", "collector").get(pk=customer.pk)
    reader.language = template.language
    delivery.customer = reader
    said = say(delivery, now)
    if not isinstance(said, Said):
        return Preview("", (), why_not=said.reason)
    try:
        rendered = template.render(said.words)
    except WordMissingError as missing:
        return Preview("", (), why_not=f"WORD_MISSING: {{{missing.args[0]}}}")
    parts = sms_units(rendered.text) if template.channel == SMS else None
    return Preview("" if template.channel == SMS else rendered.subject, rendered.blocks, parts)


def draft_letter(*, customer: Customer, template: Template, currency: str, now: datetime) -> LetterContent:
    """Return a letter with a text, saved or not, as it would be written to a customer today; nothing is kept.

    Raises: NothingToDemand, CustomerExcluded, WordMissingError.
    """
    return letter_content(
        customer=Customer.objects.select_related("entity__seal", "collector").get(pk=customer.pk),
        currency=currency,
        template=template.name,
        today=local_day(now, customer.entity.time_zone),
        language=template.language,
        text=LetterText(template, ""),
    )


def _preview_letter(customer: Customer, template: Template, currency: str, now: datetime) -> Preview:
    try:
        content = draft_letter(customer=customer, template=template, currency=currency, now=now)
    except NothingToDemand:
        return Preview("", (), why_not="NOTHING_OWED")
    except CustomerExcluded:
        return Preview("", (), why_not="CUSTOMER_EXCLUDED")
    except WordMissingError as missing:
        return Preview("", (), why_not=f"WORD_MISSING: {{{missing.args[0]}}}")
    data = draft_data(content)
    return Preview(data["title"], tuple(_block_of(piece, data["signature"]) for piece in data["body"]))


def _block_of(piece: Mapping[str, Any], signature: Mapping[str, str]) -> Block:
    """Return a piece of a letter as a page draws it."""
    match piece["kind"]:
        case "table":
            rows = tuple(tuple(row) for row in piece["rows"])
            return Table(tuple(piece["titles"]), rows, frozenset(piece["numbers"]), tuple(piece["total"]))
        case "panel":
            return Table((piece["title"], ""), tuple((label, value) for label, value in piece["rows"]))
        case "slip":
            return (piece["title"], piece["text"], *piece["rows"])
        case "signature":
            return (signature["name"], signature["day"])
        case _:
            return (piece["text"],)


def _imagined(customer: Customer, template: Template, currency: str, now: datetime) -> Delivery | None:
    """Return the delivery that would carry the text, not saved; None when there is nothing it could be about."""
    today = local_day(now, customer.entity.time_zone)
    in_force = policy_in_force(customer.entity_id, today)
    delivery = Delivery(
        key="preview", entity=customer.entity, customer=customer, channel=template.channel, template=template.name,
        currency=currency, as_of=today, not_before=now, created_at=now,
    )  # fmt: skip
    about = KINDS[template.name].about
    if not about:
        step = None if in_force is None else _step_with(in_force.policy, template.name)
        delivery.step_code = "" if step is None else step.code
        return delivery
    if about not in SUBJECTS or provider_of(template.name) is None:
        return None
    latest = SUBJECTS[about].filter(customer_id=customer.pk).order_by("-pk").first()
    if latest is None:
        return None
    delivery.about = f"{about}:{latest.pk}"
    return delivery


def _step_with(policy: Policy, template: str) -> Step | None:
    """Return the first step of any ladder that sends this text, by e-mail or instead of one."""
    steps = (step for ladder in policy.ladders.values() for step in ladder.steps if step.notice is not None)
    return next((step for step in steps if step.notice is not None and step.notice.template == template), None)


@dataclass(frozen=True, slots=True)
class Talk:
    """What the call screen shows at the left: the script filled in, and the answers to what may be said.

    Attributes:
        parts: By name of the part (`outreach.rules.scripts.PARTS`), lines to say.
        objections: With the two days in their questions.
    """

    parts: Mapping[str, tuple[str, ...]]
    objections: tuple[Objection, ...]


def talk(
    *, customer: Customer, currency: str, script: str, caller: User, person_name: str, language: str, now: datetime
) -> Talk:
    """Return a script with the facts of a customer's claim, as of today.

    Args:
        customer: With entity and collector.
        currency: Of the claim.
        script: Code of the script.
        caller: Who speaks.
        person_name: Who is asked for; "": whoever pays there.
        language: In which it is spoken.
        now: This instant.

    Raises: TemplateUnknown.
    """
    today = local_day(now, customer.entity.time_zone)
    speech = Speech(offered(language), currency, today)
    delivery = Delivery(entity=customer.entity, customer=customer, channel="PHONE", currency=currency, as_of=today)
    in_force = policy_in_force(customer.entity_id, today)
    claim = claim_on(delivery, today, from_due_day=in_force is not None and in_force.policy.counts_from_due_day)
    step = None if in_force is None else _step_saying(in_force.policy, script)
    terms = Terms() if step is None else terms_of(step, claim, delivery)
    said = Writer(claim, speech).words(delivery, terms)
    days = {
        name: speech.day(day)
        for name, day in zip(("date_one", "date_two"), _days(customer, today, terms.offer_until), strict=True)
    }
    person = person_name or speech.say["person.unknown"]
    words = Words({**said.words, **days, "caller": str(caller), "person_name": person})
    spoken = script_for(script, speech.language, customer=customer, as_of=today)
    return Talk(spoken.filled(words), tuple(each.on(days) for each in answers(speech.language)))


def _days(customer: Customer, today: date, offer_until: date | None) -> tuple[date, date]:
    """Return two working days of the customer to choose from, both within an offer where one is made."""
    calendar = WorkingCalendar(customer.country)
    first, second = (calendar.add_working_days(today, days) for days in DAYS_TO_CHOOSE)
    if offer_until is not None and second > offer_until:
        second = max(offer_until, today + timedelta(days=1))
        first = min(first, max(today, second - timedelta(days=1)))
    return first, second


def _step_saying(policy: Policy, script: str) -> Step | None:
    """Return the first step of any ladder whose task is talked from this script."""
    steps = (step for ladder in policy.ladders.values() for step in ladder.steps if step.task is not None)
    return next((step for step in steps if step.task is not None and step.task.script == script), None)
