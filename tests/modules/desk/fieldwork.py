"""A recorded call of the portfolio's customer, and visits: one planned, one under way with a photo."""

from datetime import timedelta

from huikuan.outreach.commands.recording import Recording, keep_recording
from huikuan.outreach.commands.visit import Party, check_in, keep_photo, plan_visit
from huikuan.outreach.fakes import FakeGuard
from huikuan.outreach.models import Visit

WAV = b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(64)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF"


def make_fieldwork(portfolio, owner, colleague, *, now) -> dict[str, int]:
    """Return the keys that addresses name."""
    call = portfolio.customer.contacts.get(outcome="PROMISED")
    keep_recording(contact_id=call.pk, recording=Recording(WAV, "call.wav", "audio/wav"), actor=owner, now=now)
    under_way = plan(portfolio, owner, colleague, at=now + timedelta(minutes=1), now=now)
    check_in(visit_id=under_way.pk, actor=owner, now=now + timedelta(seconds=1), guard=FakeGuard())
    photo = keep_photo(
        visit_id=under_way.pk, content=JPEG, name="door.jpg", media_type="image/jpeg", actor=owner, now=now
    )  # fmt: skip
    planned = plan(portfolio, owner, colleague, at=now + timedelta(days=1), now=now)
    return {"recorded": call.pk, "visit": planned.pk, "visit_under_way": under_way.pk, "photo": photo.pk}


def plan(portfolio, owner, colleague, *, at, now, guard=None, **changes) -> Visit:
    """Plan a visit of the owner and the manager."""
    given = {
        "customer_id": portfolio.customer.pk,
        "person_id": portfolio.customer.contact_persons.get(name="刘会计").pk,
        "planned_at": at,
        "place": "广州市体育西路 88 号",
        "purpose": "TALK",
        "party": Party(owner.pk, colleague.pk, "王律师，小李"),
        "documents": ["CONTRACT", "STATEMENT"],
        "actor": owner,
        "now": now,
        "guard": guard or FakeGuard(),
        **changes,
    }
    return plan_visit(**given)
