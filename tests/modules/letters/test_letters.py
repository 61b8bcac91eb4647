"""Letters: what they state, their numbers, and that what was made stays what it is."""

import subprocess
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from huikuan.documents import rendering
from huikuan.journal.files import FileTypeRefused, read_file
from huikuan.journal.models import Entry
from huikuan.outreach.commands.letters import LetterPosted, LetterWithoutAddress, cancel_letter, draw_again, pdf_of
from huikuan.outreach.commands.queue import PersonOfAnotherCustomer
from huikuan.outreach.letters import LetterTextUnknown
from huikuan.outreach.models import Letter, LetterEvent
from huikuan.parties.commands.letterhead import SealUnreadable, remove_seal, set_postal_address, set_seal
from huikuan.parties.models import ContactPerson, NumberSequence
from huikuan.policy.commands import place_hold
from huikuan.receivables.commands.receipts import book_receipt
from huikuan.runs.letters import NothingToDemand
from tests.modules.letters.conftest import a_seal
from tests.people import NOON, TODAY

pytestmark = pytest.mark.django_db


def printed(letter, tmp_path) -> str:
    place = tmp_path / "letter.pdf"
    place.write_bytes(pdf_of(letter))
    done = subprocess.run(["pdftotext", "-layout", place, "-"], capture_output=True, text=True, check=True)
    return "".join(done.stdout.split())


def test_the_demand_states_every_fact_in_chinese(write, liu, tmp_path):
    letter = write(person_id=liu.pk)
    text = printed(letter, tmp_path)
    for stated in (
        "催款函", "LTR-MAIN-2026-000001", "华泰建材有限公司", "天河电子有限公司", "广州市天河区体育西路88号",
        "刘会计收",
        "INV-1", "INV-2", "60,000.00", "86,000.00", "已逾期30天", "未付金额合计¥146,000.00", "合同HT-2026-001第7.2条",
        "每日0.05%", "2026-06-11至2026-07-10", "2,190.00", "¥148,190.00", "壹拾肆万捌仟壹佰玖拾元整",
        "2026年7月17日（含当日）", "账号：100123456789", "陈立", "021-55550199", "委托律师发出律师函", "回执",
    ):  # fmt: skip
        assert stated.replace(" ", "") in text, stated
    assert (letter.principal_minor, letter.penalty_minor, letter.item_count) == (14_600_000, 219_000, 2)
    assert letter.deadline_on == date(2026, 7, 17)
    assert letter.facts["penalty_lines"][0]["days"] == 30


def test_the_demand_in_english(write, tmp_path):
    text = printed(write(language="en"), tmp_path)
    for stated in (
        "Formal demand for payment", "Huatai Materials", "30 days ago", "¥146,000.00", "contract HT-2026-001",
        "0.05 % of the open amount per day", "17 July 2026, that day included", "instruct our lawyers to write to you",
        "Acknowledgment of receipt", "Page 1 of",
    ):  # fmt: skip
        assert stated.replace(" ", "") in text, stated
    assert "我司" not in text


def test_the_last_notice_threatens_only_what_the_policy_does(write, huatai, tmp_path):
    letter = write("last_notice")
    assert letter.deadline_on is None or letter.step_code
    for threat in ("起诉", "失信", "拘留", "曝光"):
        assert threat not in printed(letter, tmp_path)


def test_numbers_run_on_and_a_refused_letter_takes_none(write, indebted, binhai, owner):
    first = write()
    with pytest.raises(NothingToDemand):
        write(customer_id=binhai.pk)
    with pytest.raises(LetterTextUnknown):
        write("threat")
    second = write("last_notice")
    assert [first.number, second.number] == ["LTR-MAIN-2026-000001", "LTR-MAIN-2026-000002"]
    assert NumberSequence.objects.get(kind="LTR").next_number == 3


def test_a_letter_that_cannot_be_drawn_gives_its_number_back(write, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("huikuan.outreach.commands.letters.LAYOUT", "nothing")
        with pytest.raises(rendering.RenderingError):
            write()
    assert not Letter.objects.exists()
    assert write().number == "LTR-MAIN-2026-000001"


def test_the_same_letter_of_the_same_day_is_one_row(write, owner):
    first = write()
    assert write() == first
    assert write(language="en") != first
    cancel_letter(letter_id=first.pk, reason="typing error", actor=owner, now=NOON)
    again = write()
    assert again.number == "LTR-MAIN-2026-000003"
    assert [event.state for event in LetterEvent.objects.filter(letter=first).order_by("pk")] == ["MADE", "CANCELLED"]


def test_the_same_bytes_again_whatever_became_of_the_ledger(write, indebted, finance, huatai):
    set_seal(entity_id=huatai.pk, content=a_seal(), name="seal.png", actor=finance, now=NOON)
    letter = write()
    book_receipt(
        customer_id=indebted.pk, reference="BANK-1", received_on=TODAY, currency="CNY",
        amount_minor=14_600_000, actor=finance, now=NOON,
    )  # fmt: skip
    remove_seal(entity_id=huatai.pk, actor=finance, now=NOON)
    huatai.refresh_from_db()
    indebted.name = "天河电子（集团）有限公司"
    indebted.save()
    fresh = Letter.objects.select_related("pdf").get(pk=letter.pk)
    assert draw_again(fresh) == read_file(fresh.pdf) == pdf_of(letter)
    assert huatai.seal is None
    assert fresh.data["seal"].endswith(".png")


def test_what_a_letter_says_is_never_changed(write):
    letter = write()
    for change in ({"principal_minor": 1}, {"number": "LTR-X"}, {"data": {}}, {"words": "less"}, {"address": "there"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Letter.objects.filter(pk=letter.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        LetterEvent.objects.filter(letter=letter).update(state="SIGNED")
    with pytest.raises(IntegrityError), transaction.atomic():
        LetterEvent.objects.filter(letter=letter).delete()
    assert Letter.objects.get().words == letter.words


@pytest.mark.parametrize("name", ['#panic("x") *粗*$a$', "<b>公司</b>\n第二行", "{bank_account} %s {}", "\\#\\u{41}"])
def test_hostile_names_print_literally(name, write, indebted, tmp_path):
    indebted.name = name
    indebted.save()
    assert "".join(name.split()) in printed(write(), tmp_path)


def test_held_items_and_money_on_account_are_left_out(write, indebted, finance, huatai, owner, tmp_path):
    book_receipt(
        customer_id=indebted.pk, reference="BANK-1", received_on=TODAY, currency="CNY",
        amount_minor=1_000_000, actor=finance, now=NOON,
    )  # fmt: skip
    held = indebted.items.get(number="INV-2")
    place_hold(
        customer_id=indebted.pk, kind="DISPUTE", item_id=held.pk, starts_on=TODAY, ends_on=TODAY + timedelta(days=9),
        reason="quality", actor=owner, now=NOON,
    )  # fmt: skip
    letter = write()
    text = printed(letter, tmp_path)
    assert "INV-2" not in text
    assert letter.principal_minor == 5_000_000
    assert "减：贵司尚未核销的款项¥10,000.00" in text


def test_without_an_address_there_is_no_letter(write, indebted, owner):
    set_postal_address(customer_id=indebted.pk, address="", actor=owner, now=NOON)
    with pytest.raises(LetterWithoutAddress):
        write()
    set_postal_address(customer_id=indebted.pk, address=" 广州市\n天河区 ", actor=owner, now=NOON)
    assert write().address == "广州市 天河区"


def test_nobody_else_is_addressed(write, yunfeng):
    stranger = ContactPerson.objects.create(customer=yunfeng, name="外人", created_at=NOON)
    with pytest.raises(PersonOfAnotherCustomer):
        write(person_id=stranger.pk)


def test_a_posted_letter_is_not_withdrawn(write, post, owner):
    letter = post(write())
    with pytest.raises(LetterPosted):
        cancel_letter(letter_id=letter.pk, reason="too late", actor=owner, now=NOON)


def test_a_seal_is_checked_by_drawing_it(huatai, finance):
    with pytest.raises(SealUnreadable):
        set_seal(entity_id=huatai.pk, content=a_seal()[:50], name="seal.png", actor=finance, now=NOON)
    with pytest.raises(FileTypeRefused):
        set_seal(entity_id=huatai.pk, content=b"<svg/>", name="seal.svg", actor=finance, now=NOON)
    huatai.refresh_from_db()
    assert huatai.seal is None
    assert not Entry.objects.filter(event="parties.seal-set").exists()
