"""What the post does with a letter: states, proof, and what follows on the worklist."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from huikuan.cases.models import Task
from huikuan.journal.files import FileTypeRefused, read_file
from huikuan.journal.models import Entry
from huikuan.outreach.commands.contact import ContactForbidden
from huikuan.outreach.commands.posting import (
    LetterNotPosted,
    LetterNotWaiting,
    PostingOutOfOrder,
    SignerMissing,
    StateNotOfPost,
    TrackingNumberMissing,
    TrackingNumberTaken,
    keep_receipt,
)
from huikuan.outreach.models import Contact, Letter
from huikuan.outreach.ports import DelayUntil, Refuse
from huikuan.parties.commands.letterhead import set_postal_address
from huikuan.receivables.commands.receipts import book_receipt
from huikuan.runs.commands.letters import hear_of_letter
from tests.modules.letters.conftest import NINE
from tests.people import NOON, TODAY

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=2)


@pytest.fixture
def hear(owner):
    def heard(letter, state, at=LATER, **more):
        given = {"actor": owner, "now": LATER + timedelta(hours=1), **more}
        return hear_of_letter(letter_id=letter.pk, state=state, at=at, **given)

    return heard


def states(letter):
    return list(letter.events.order_by("pk").values_list("state", flat=True))


def test_handing_over_asks_the_guard_and_logs_a_contact(write, post, guard, owner):
    letter = post(write(), "ea 123 456 789 cn")
    assert (letter.state, letter.tracking_number) == ("HANDED_OVER", "EA123456789CN")
    asked = guard.asked[0]
    assert (asked.channel, asked.template, asked.key) == ("LETTER", "demand", letter.key)
    assert "催款函" in asked.words
    contact = Contact.objects.get()
    assert (contact.channel, contact.at, contact.outcome, contact.letter) == ("LETTER", NOON, "SENT", letter)
    assert Entry.objects.get(event="outreach.letter-handed-over").facts["sha256"] == letter.pdf.sha256


@pytest.mark.parametrize("answer", [Refuse("OPT_OUT", "no"), DelayUntil(LATER, "HOURS", "not now")])
def test_what_the_guard_refuses_stays_and_the_refusal_is_kept(write, post, guard, answer):
    letter = write()
    guard.answers.append(answer)
    with pytest.raises(ContactForbidden):
        post(letter)
    letter.refresh_from_db()
    assert letter.state == "MADE"
    assert not Contact.objects.exists()
    assert Entry.objects.get(event__startswith="outreach.contact-").facts["rule"] == answer.rule


def test_the_real_guard_lets_a_formal_letter_through(write, post):
    assert post(write(), guard=None).state == "HANDED_OVER"


def test_posting_closes_the_letter_task(write, post, indebted, owner):
    given = {
        "entity": indebted.entity, "customer": indebted, "currency": "CNY", "owner": owner, "due_on": TODAY,
        "created_at": NOON,
    }  # fmt: skip
    task = Task.objects.create(key="t1", kind="LETTER", step_code="demand", **given)
    other = Task.objects.create(key="t2", kind="LETTER", step_code="lawyers_letter", **given)
    post(write())
    task.refresh_from_db()
    other.refresh_from_db()
    assert (task.outcome, task.done_by, other.done_at) == ("SENT", owner, None)


def test_a_letter_is_posted_once_and_a_number_belongs_to_one(write, post):
    letter = write()
    with pytest.raises(TrackingNumberMissing):
        post(letter, " ")
    letter = post(letter)
    with pytest.raises(LetterNotWaiting):
        post(letter, "EA000000001CN")
    other = write("last_notice")
    with pytest.raises(TrackingNumberTaken):
        post(other)
    with pytest.raises(PostingOutOfOrder):
        post(other, "EA000000002CN", at=LATER)
    with pytest.raises(IntegrityError), transaction.atomic():
        Letter.objects.filter(pk=other.pk).update(tracking_number=letter.tracking_number)
    assert post(other, "", carrier="HAND").state == "HANDED_OVER"


def test_signed_for_by_somebody(write, post, hear):
    letter = post(write())
    hear(letter, "IN_TRANSIT", at=NOON + timedelta(hours=5))
    with pytest.raises(SignerMissing):
        hear(letter, "SIGNED")
    hear(letter, "SIGNED", signed_by="刘会计", note="前台")
    letter.refresh_from_db()
    assert (letter.state, letter.signed_by, letter.state_at) == ("SIGNED", "刘会计", LATER)
    assert states(letter) == ["MADE", "HANDED_OVER", "IN_TRANSIT", "SIGNED"]
    assert Entry.objects.get(event="outreach.letter-signed").facts["signed_by"] == "刘会计"
    assert not Task.objects.exists()


@pytest.mark.parametrize(("state", "kind"), [("RETURNED", "REPAIR"), ("REFUSED", "VISIT")])
def test_a_letter_that_did_not_arrive_goes_to_the_other_address_then_to_a_person(
    write, post, hear, indebted, owner, state, kind
):
    set_postal_address(
        customer_id=indebted.pk, address=indebted.address, other_address="广州市白云区 1 号", actor=owner, now=NOON
    )
    first = write(step_code="demand")
    post(first)
    hear(first, state)
    again = Letter.objects.exclude(pk=first.pk).get()
    assert (again.address, again.template, again.step_code) == ("广州市白云区 1 号", "demand", "demand")
    task = Task.objects.get()
    assert (task.kind, task.step_code, task.owner, task.done_at) == ("LETTER", "demand", indebted.collector, None)
    assert Entry.objects.get(event="cases.task-made").facts["instead_of"] == first.number
    hear(first, state)
    assert Letter.objects.count() == 2, "the same news again"
    then = LATER + timedelta(hours=2)
    post(again, tracking_number="EA999999999CN", at=then, now=then)
    task.refresh_from_db()
    assert task.outcome == "SENT"
    hear(again, state, at=then + timedelta(days=1), now=then + timedelta(days=1))
    assert Letter.objects.count() == 2
    assert Task.objects.get(done_at=None).kind == kind


def test_nothing_is_written_again_when_nothing_is_owed_any_more(write, post, hear, indebted, finance, owner):
    set_postal_address(
        customer_id=indebted.pk, address=indebted.address, other_address="广州市白云区 1 号", actor=owner, now=NOON
    )
    letter = write()
    post(letter)
    book_receipt(
        customer_id=indebted.pk, reference="BANK-1", received_on=TODAY, currency="CNY",
        amount_minor=20_000_000, actor=finance, now=NOON,
    )  # fmt: skip
    hear(letter, "RETURNED")
    assert Letter.objects.count() == 1
    assert Task.objects.get().kind == "REPAIR"


@pytest.mark.parametrize(("state", "kind"), [("RETURNED", "REPAIR"), ("REFUSED", "VISIT")])
def test_a_letter_that_did_not_arrive_leaves_one_task(write, post, hear, owner, state, kind):
    letter = post(write())
    hear(letter, state)
    hear(letter, state)
    task = Task.objects.get()
    assert (task.kind, task.owner, task.customer_id) == (kind, owner, letter.customer_id)
    assert states(letter) == ["MADE", "HANDED_OVER", state]
    assert Entry.objects.filter(event=f"outreach.letter-{state.lower()}").count() == 1


def test_old_news_stays_in_the_trail_and_changes_nothing(write, post, hear):
    letter = post(write())
    hear(letter, "SIGNED", signed_by="刘")
    news = hear(letter, "IN_TRANSIT", at=NOON + timedelta(hours=1))
    assert news.is_new
    letter.refresh_from_db()
    assert (letter.state, letter.signed_by) == ("SIGNED", "刘")
    assert states(letter)[-1] == "IN_TRANSIT"


def test_a_wrong_signature_is_corrected_by_later_news(write, post, hear):
    letter = post(write())
    hear(letter, "SIGNED", signed_by="门卫", at=LATER - timedelta(hours=2))
    hear(letter, "RETURNED")
    letter.refresh_from_db()
    assert (letter.state, letter.signed_by) == ("RETURNED", "")


def test_news_that_cannot_be(write, post, hear):
    letter = write()
    with pytest.raises(LetterNotPosted):
        hear(letter, "SIGNED", signed_by="刘")
    post(letter)
    with pytest.raises(StateNotOfPost):
        hear(letter, "MADE")
    for at in (NINE, LATER + timedelta(days=1)):
        with pytest.raises(PostingOutOfOrder):
            hear(letter, "REFUSED", at=at)
    assert states(letter) == ["MADE", "HANDED_OVER"]


def test_the_photo_of_the_receipt_is_evidence(write, post, owner):
    letter = write()
    given = {"letter_id": letter.pk, "name": "回执.jpg", "media_type": "image/jpeg", "actor": owner, "now": LATER}
    photo = b"\xff\xd8\xff\xe0\x00\x10JFIF"
    with pytest.raises(LetterNotPosted):
        keep_receipt(content=photo, **given)
    post(letter)
    with pytest.raises(FileTypeRefused):
        keep_receipt(content=b"MZ\x90 no photo\x00", **given)
    stored = keep_receipt(content=photo, **given)
    assert read_file(stored) == photo
    assert (stored.subject_type, stored.subject_id, stored.customer_id) == (
        "outreach.letter", letter.pk, letter.customer_id,
    )  # fmt: skip


def test_the_database_wants_a_contact_for_a_posted_letter(write):
    letter = write()
    for change in ({"state": "HANDED_OVER"}, {"state": "SIGNED", "carrier": "EMS", "handed_over_at": NOON}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Letter.objects.filter(pk=letter.pk).update(**change)
