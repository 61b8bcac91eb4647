"""Messages that came in: a reply of the portfolio's customer, one that is nobody's, and one that was followed up."""

from huikuan.cases.commands.intents import Details, apply_intent
from huikuan.outreach.commands.inbound import take_inbound, take_mail
from huikuan.parties.models import ContactPerson, Entity
from tests.letters_in import OUR_ADDRESS, a_reply

PROMISE = "质量有问题。下周五付5万，月底前付清。"


def make_inbound(portfolio, owner, *, now) -> dict[str, int]:
    """Return the keys that addresses name."""
    person = ContactPerson.objects.create(
        customer=portfolio.customer, name="周出纳", role="PAYER", phone="+8613911112222", created_at=now
    )  # fmt: skip
    Entity.objects.filter(pk=portfolio.customer.entity_id).update(email_from=OUR_ADDRESS)
    given = {"channel": "SMS", "sender": person.phone, "now": now}
    reply, _ = take_inbound(key="sms:1", text=PROMISE, **given)
    other, _ = take_inbound(key="sms:2", text="钱已经付了", **given)
    unknown, _ = take_mail(content=a_reply("hello", sender="nobody@nowhere.example"), now=now)
    applied = apply_intent(message_id=other.pk, intent="PAID", actor=owner, now=now, details=Details())
    mail, _ = take_mail(content=a_reply(f"您好 {portfolio.item.number}", sender="x@y.example"), now=now)
    return {
        "reply": reply.pk, "nobodys": unknown.pk, "followed": other.pk, "applied": applied.pk, "mail_in": mail.pk,
    }  # fmt: skip
