"""What comes in (来信): taken once, joined to its customer where that is certain, and what follows by itself.

By itself follows only what a machine can know: a message came back, was delayed, was read, was answered. What a reply
means is proposed (`rules.intent`) and decided by a person.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from huikuan.journal.commands import record
from huikuan.journal.files import check_file, keep_file
from huikuan.journal.rules.media import FileKind
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.outreach.callbacks import Told
from huikuan.outreach.commands.receipts import note_receipt
from huikuan.outreach.models import Contact, Delivery, InboundMessage
from huikuan.outreach.queries.inbound import entity_of_recipients, match_inbound
from huikuan.outreach.rules.mail import ReadMail, Report, read_mail
from huikuan.outreach.rules.quoting import own_words
from huikuan.parties.models import Customer, User
from huikuan.storage import locks

Kind, Channel, MatchedBy = InboundMessage.Kind, InboundMessage.Channel, InboundMessage.MatchedBy

PROVIDER: Final = "mailbox"
"""The name under which what a mailbox tells of our messages is kept (`ProviderReceipt.provider`)."""
SUMMARY_MAX: Final = 1000
TELLS: Final = {Kind.REPLY: "READ", Kind.AUTO_REPLY: "DELIVERED", Kind.BOUNCE: "BOUNCED"}
"""What an answer proves about the message that it answers: who replies has read it."""
ON_TIMELINE: Final = {
    Channel.EMAIL: Contact.Channel.EMAIL, Channel.SMS: Contact.Channel.SMS, Channel.PORTAL: Contact.Channel.NOTE,
}  # fmt: skip


class InboundAssigned(Refusal):
    """It has a customer."""

    code = "outreach.inbound-assigned"
    text = gettext_noop("This message belongs to {customer} already.")


class InboundHandled(Refusal):
    """Somebody was faster."""

    code = "outreach.inbound-handled"
    text = gettext_noop("This message was dealt with already.")


class InboundNotHandled(Refusal):
    """There is nothing to take back."""

    code = "outreach.inbound-not-handled"
    text = gettext_noop("This message is still open: there is nothing to take back.")


@transaction.atomic
def take_mail(*, content: bytes, now: datetime, is_whole: bool = True) -> tuple[InboundMessage, bool]:
    """Take one e-mail as it came; the same bytes again change nothing. Returns it, and whether it is new.

    Args:
        content: The message, or its beginning.
        now: The instant of taking.
        is_whole: False: it was too large, and this is the beginning.
    """
    mail = read_mail(content)
    facts: dict[str, Any] = {"attachments": [asdict(each) for each in mail.attachments]}
    if mail.flaws:
        facts["flaws"] = list(mail.flaws)
    if not is_whole:
        facts["is_cut"] = True
    if mail.report is not None:
        facts["report"] = asdict(mail.report)
    return take_inbound(
        channel=Channel.EMAIL,
        key=f"mail:{hashlib.sha256(content).hexdigest()}",
        kind=_kind_of(mail),
        sender=mail.sender,
        sender_name=mail.sender_name,
        recipients=mail.recipients,
        subject=mail.subject,
        text=mail.text,
        message_id=mail.message_id,
        sent_at=mail.sent_at,
        digests=mail.our_ids,
        facts=facts,
        report=mail.report,
        content=content,
        now=now,
    )


def _kind_of(mail: ReadMail) -> str:
    if mail.report is None:
        return Kind.AUTO_REPLY if mail.is_automatic else Kind.REPLY
    return {"failed": Kind.BOUNCE, "delayed": Kind.DELAY}.get(mail.report.action, Kind.RECEIPT)


@transaction.atomic
def take_inbound(
    *,
    channel: str,
    key: str,
    sender: str,
    text: str,
    now: datetime,
    kind: str = Kind.REPLY,
    sender_name: str = "",
    recipients: Sequence[str] = (),
    subject: str = "",
    message_id: str = "",
    sent_at: datetime | None = None,
    digests: Sequence[str] = (),
    facts: Mapping[str, Any] | None = None,
    report: Report | None = None,
    content: bytes = b"",
) -> tuple[InboundMessage, bool]:
    """Take one message that came in on any channel; the same key again changes nothing.

    A reply joins the customer's timeline when it is certain whose it is; otherwise it waits in the inbox.

    Args:
        channel: InboundMessage.Channel.
        key: Recognizes a repetition: “aliyun:20260710…”.
        sender, sender_name: Mailbox or telephone number, and as the sender calls himself.
        text, facts: The words, and plain values kept with them.
        now: The instant.
        kind: InboundMessage.Kind.
        recipients: To which of our addresses it came.
        subject, message_id, sent_at: Of an e-mail, by the sender's account.
        digests: Of Message-IDs of ours that it answers or gives back.
        report, content: What a mail server reports; the message as it came, kept as evidence.

    Returns: the message, and whether it is new.
    """
    locks.hold(f"inbound:{key}")
    known = InboundMessage.objects.filter(key=key).first()
    if known is not None:
        return known, False
    is_kept = bool(content) and _is_mail(content)
    match = match_inbound(channel=channel, sender=sender, digests=digests, words=f"{subject}\n{text}")
    message = InboundMessage(
        key=key, channel=channel, kind=kind, sender=sender[:254], sender_name=sender_name[:200],
        recipient=", ".join(recipients)[:254], subject=subject[:300], text=text, message_id=message_id[:300],
        sent_at=sent_at, received_at=now,
        facts={**(facts or {}), "candidates": list(match.candidates), "is_kept": is_kept},
        customer_id=match.customer_id, person_id=match.person_id, delivery=match.delivery, matched_by=match.how,
        entity_id=entity_of_recipients(recipients),
    )  # fmt: skip
    if match.customer_id is not None:
        _join(message, now=now, actor=None)
    message.save()
    if is_kept:
        _keep(message, content, now=now)
    event = "outreach.reply-taken" if kind == Kind.REPLY else "outreach.inbound-taken"
    _record(event, message, now=now, actor=None, kind=kind)
    _tell_delivery(message, report, now=now)
    return message, True


def _keep(message: InboundMessage, content: bytes, *, now: datetime) -> None:
    """Keep a message as it came, as evidence."""
    keep_file(
        content=content, name="message.eml", media_type="message/rfc822", kind=FileKind.MESSAGE, now=now,
        entity_id=message.entity_id, customer_id=message.customer_id, subject=message, title=message.subject,
    )  # fmt: skip


def _is_mail(content: bytes) -> bool:
    """Tell whether these bytes can be kept as a message: what is no mail at all is only read."""
    try:
        check_file(content=content, name="message.eml", media_type="message/rfc822", kind=FileKind.MESSAGE)
    except Refusal:
        return False
    return True


def _join(message: InboundMessage, *, now: datetime, actor: User | None) -> None:
    """Let a message belong to its customer: a reply becomes a contact, what needs no person is done with."""
    customer = Customer.objects.select_for_update().get(pk=message.customer_id or 0)
    message.entity_id = customer.entity_id
    if message.kind == Kind.BOUNCE and message.delivery is None:
        return  # nobody knows which message came back: a person looks at it
    if message.kind != Kind.REPLY:
        message.handled_at, message.handled_by = now, actor
        return
    words = own_words(message.text) or message.text
    message.contact = Contact.objects.create(
        entity_id=customer.entity_id,
        customer=customer,
        person_id=message.person_id,
        channel=ON_TIMELINE[Channel(message.channel)],
        direction=Contact.Direction.IN,
        address=message.sender,
        at=message.received_at,
        outcome=Contact.Outcome.NOTED,
        summary="\n".join(part for part in (message.subject, words[:SUMMARY_MAX]) if part),
        logged_by=actor,
        logged_at=now,
    )


def _tell_delivery(message: InboundMessage, report: Report | None, *, now: datetime) -> None:
    """Let the message that is answered or given back know it: once, and never on the word of a stranger.

    Only a Message-ID of ours names a delivery: it holds a secret that nobody else can compute (`outreach.references`).
    """
    delivery = message.delivery
    told = TELLS.get(Kind(message.kind), "")
    if message.kind == Kind.RECEIPT and report is not None:
        told = {"read": "READ", "delivered": "DELIVERED"}.get(report.action, "")
    if delivery is None or not told:
        return
    detail = f"{report.reason} {report.status} {report.detail}" if report is not None else ""
    note_receipt(
        provider=PROVIDER,
        told=Told(
            reference=message.key,
            key=delivery.key,
            state=told,
            at=message.received_at,
            detail=" ".join(detail.split()),
            raw={"inbound_message": message.pk, "sender": message.sender},
        ),
        now=now,
    )


@transaction.atomic
def assign_inbound(*, message_id: int, customer_id: int, actor: User, now: datetime) -> InboundMessage:
    """Say whose a message is; a reply joins that customer's timeline. Raises InboundAssigned."""
    message = InboundMessage.objects.select_for_update(of=("self",)).get(pk=message_id)
    if message.customer_id is not None:
        raise InboundAssigned(customer=str(message.customer))
    message.customer_id, message.matched_by = customer_id, MatchedBy.PERSON
    _join(message, now=now, actor=actor)
    message.save(update_fields=["customer", "matched_by", "entity", "contact", "handled_at", "handled_by"])
    _record("outreach.inbound-assigned", message, now=now, actor=actor)
    return message


@transaction.atomic
def handle_inbound(*, message_id: int, actor: User, now: datetime) -> InboundMessage:
    """Say that a message needs nothing more. Raises InboundHandled."""
    message = InboundMessage.objects.select_for_update(of=("self",)).get(pk=message_id)
    if message.handled_at is not None:
        raise InboundHandled
    message.handled_at, message.handled_by = now, actor
    message.save(update_fields=["handled_at", "handled_by"])
    _record("outreach.inbound-handled", message, now=now, actor=actor)
    return message


@transaction.atomic
def reopen_inbound(*, message_id: int, actor: User, now: datetime) -> InboundMessage:
    """Take back that a message needs nothing more. Raises InboundNotHandled."""
    message = InboundMessage.objects.select_for_update(of=("self",)).get(pk=message_id)
    if message.handled_at is None:
        raise InboundNotHandled
    message.handled_at = message.handled_by = None
    message.save(update_fields=["handled_at", "handled_by"])
    _record("outreach.inbound-reopened", message, now=now, actor=actor)
    return message


def _record(event: str, message: InboundMessage, *, now: datetime, actor: User | None, **facts: Any) -> None:
    delivery: Delivery | None = message.delivery
    record(
        event,
        now=now,
        actor=actor,
        entity_id=message.entity_id,
        customer_id=message.customer_id,
        subject=message,
        channel=message.channel,
        sender=message.sender,
        matched_by=message.matched_by,
        delivery_id=None if delivery is None else delivery.pk,
        **facts,
    )
