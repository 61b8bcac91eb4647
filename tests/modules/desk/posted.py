"""Letters of the portfolio's customer: one that waits to be posted, one that was, with its receipt."""

from huikuan.outreach.commands.posting import keep_receipt
from huikuan.outreach.fakes import FakeGuard
from huikuan.parties.commands.letterhead import set_postal_address
from huikuan.runs.commands.letters import post_letter, write_letter


def make_letters(portfolio, owner, *, now) -> dict[str, int]:
    """Return the keys that addresses name."""
    customer = portfolio.customer
    set_postal_address(customer_id=customer.pk, address="广州市体育西路 88 号", actor=owner, now=now)
    given = {"customer_id": customer.pk, "currency": "CNY", "actor": owner, "now": now}
    waiting = write_letter(template="last_notice", **given)
    posted = write_letter(template="demand", language="en", **given)
    post_letter(
        letter_id=posted.pk, carrier="EMS", tracking_number="EA1", at=now, actor=owner, now=now, guard=FakeGuard()
    )
    receipt = keep_receipt(
        letter_id=posted.pk, content=b"\xff\xd8\xff\xe0\x00\x10JFIF", name="r.jpg", media_type="image/jpeg",
        actor=owner, now=now,
    )  # fmt: skip
    return {"letter": waiting.pk, "posted": posted.pk, "receipt_file": receipt.pk}
