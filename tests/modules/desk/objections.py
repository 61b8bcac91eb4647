"""What customers object to, for the table of who may do what: one row of each noun that an address names."""

from datetime import date, datetime, timedelta

from huikuan.arrangements.commands.complaints import answer_complaint, take_complaint
from huikuan.arrangements.commands.disputes import open_dispute, say_in_dispute
from huikuan.arrangements.commands.signals import enter_record
from huikuan.arrangements.models import Offer
from huikuan.parties.models import User


def make_objections(portfolio, owner: User, *, now: datetime) -> dict[str, int]:
    """Return the ids of a dispute with evidence, two complaints, a public record and an offer that waits."""
    customer, item = portfolio.customer, portfolio.item
    said = {"actor": owner, "now": now}
    dispute = open_dispute(
        customer_id=customer.pk, item_id=item.pk, amount_minor=100, kind="PRICE", text="单价", **said
    )
    photo = ("photo.png", "image/png", b"\x89PNG\r\n\x1a\n" + b"\0" * 32)
    message = say_in_dispute(dispute_id=dispute.pk, text="照片", evidence=photo, **said)
    taken = {"customer_id": customer.pk, "kind": "GOODS", "via": "PHONE", "text": "破损", "received_at": now}
    complaint, answered = take_complaint(**taken, **said), take_complaint(**taken, **said)
    answer_complaint(complaint_id=answered.pk, response="已回电", **said)
    record = enter_record(customer_id=customer.pk, kind="ENFORCEMENT", number="A1", published_on=date(2026, 1, 1),
                          source="court", **said)  # fmt: skip
    today = portfolio.run.as_of
    offer = Offer.objects.create(
        entity=customer.entity, customer=customer, currency="CNY", waive_ppm=800_000, principal_minor=100,
        penalty_minor=10, waived_minor=8, offered_on=today, expires_on=today, closes_on=today + timedelta(days=1),
        offered_by=owner, offered_at=now,
    )  # fmt: skip
    return {"dispute": dispute.pk, "evidence": message.file_id, "complaint": complaint.pk, "answered": answered.pk,
            "record": record.pk, "offer": offer.pk}  # fmt: skip
