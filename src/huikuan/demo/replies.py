"""The answers of the demo: what debtors wrote back to the last messages, taken as a mailbox gives them.

Most wait in the inbox with what they seem to say; one has been followed up, one is nobody's, and an automatic answer
needs nobody.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from huikuan.adapters.smtp.letter import message_id_of
from huikuan.cases.commands.intents import Details, apply_intent
from huikuan.outreach.commands.inbound import take_mail
from huikuan.outreach.models import Delivery, InboundMessage

SAID: Final = (
    "您好，催款邮件收到。下周五先付3万，剩下的月底前付清，麻烦把最新的对账单再发一份。",
    "款项昨天下午已经转过去了，请查收，银行回单稍后发您。",
    "其中有一台设备开箱就有划痕，质量问题没有解决之前，这一笔我们先不付。",
    "最近工程款没有收回来，资金确实紧张，能不能分三期付？",
    "您好，我已经离职，不再负责付款，请联系公司财务部。",
)
"""What people write, one each."""
PAID_AT: Final = 1
"""Place of the answer that somebody has followed up."""
AWAY: Final = "我正在出差，下周一回来后尽快处理您的邮件。"
STRANGER: Final = "stranger@example.com", "您好，请问上个月的发票什么时候能补开？"
LATELY: Final = timedelta(days=6)
APART: Final = timedelta(minutes=17)


def replies(*, now: datetime) -> list[InboundMessage]:
    """Take the answers to the last messages of the entity MAIN that left; none when none left lately."""
    answered = list(_answered(now))
    taken = []
    for number, (delivery, said) in enumerate(zip(answered, (*SAID, AWAY), strict=False)):
        taken.append(_take(_mail(delivery, said, is_automatic=said == AWAY, now=now), now - APART * (number + 1)))
    for message in taken[PAID_AT : PAID_AT + 1]:
        collector = message.customer.collector if message.customer else None
        if collector is not None:
            apply_intent(message_id=message.pk, intent="PAID", actor=collector, now=now, details=Details())
    if answered:
        address, said = STRANGER
        taken.append(_take(_written(address, answered[0].entity.email_from, "开票", said, now=now), now))
    return taken


def _answered(now: datetime) -> Iterator[Delivery]:
    """Yield e-mails to persons that left lately, one per customer."""
    sent = (
        Delivery.objects.filter(entity__code="MAIN", channel="EMAIL", state=Delivery.State.SENT)
        .filter(person__isnull=False, customer__collector__isnull=False, finished_at__gte=now - LATELY)
        .filter(customer__country="CN")
        .select_related("entity", "customer", "person", "message")
        .order_by("-finished_at", "-pk")
    )
    seen: set[int] = set()
    for delivery in sent[:50]:
        if delivery.customer_id not in seen:
            seen.add(delivery.customer_id)
            yield delivery


def _mail(delivery: Delivery, said: str, *, is_automatic: bool, now: datetime) -> EmailMessage:
    """Return an answer as a mail program writes it, with what it answers below."""
    message, person = delivery.message, delivery.person
    subject = message.subject if message else ""
    quoted = "\n".join(f"> {line}" for line in (message.text if message else "").splitlines()[:4])
    mail = _written(delivery.address, delivery.entity.email_from, f"回复：{subject}", f"{said}\n\n{quoted}", now=now)
    mail.replace_header("From", f"{person.name if person else ''} <{delivery.address}>")
    answered = message_id_of(delivery.key, delivery.entity.email_from)
    mail["In-Reply-To"] = mail["References"] = answered
    if is_automatic:
        mail["Auto-Submitted"] = "auto-replied"
    return mail


def _written(sender: str, to: str, subject: str, text: str, *, now: datetime) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Date"], mail["Message-ID"] = format_datetime(now), f"<{now:%Y%m%d}.{sender}>"
    mail.set_content(text, charset="utf-8", cte="base64")
    return mail


def _take(mail: EmailMessage, at: datetime) -> InboundMessage:
    return take_mail(content=mail.as_bytes(), now=at)[0]
