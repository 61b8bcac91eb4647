"""Notices composed from the ledger of the sending day: the right amounts, the right words, or none at all."""

from datetime import date, time, timedelta

import pytest

from huikuan.arrangements.commands.discounts import agree_discount
from huikuan.kernel.rates import parse_rate
from huikuan.kernel.zones import instant_at
from huikuan.outreach.models import Delivery
from huikuan.outreach.ports import Draft, Pointless
from huikuan.outreach.templates import vocabulary
from huikuan.parties.models import ContactPerson
from huikuan.policy.commands import install_default, place_hold, upload_version
from huikuan.policy.models import PolicyVersion
from huikuan.receivables.commands.contracts import open_contract
from huikuan.receivables.commands.items import book_item
from huikuan.receivables.commands.receipts import book_receipt
from huikuan.receivables.models import OpenItem
from huikuan.receivables.rules.terms import Terms
from huikuan.runs.compose import NoticeComposer
from huikuan.runs.wording import daily_rate
from tests.people import NOON, TODAY

pytestmark = pytest.mark.django_db


@pytest.fixture
def policy(huatai):
    huatai.bank_account = "户名：华泰建材有限公司\n账号：6222 0000 1111"
    huatai.payment_url = "https://pay.huatai.example/tianhe?a=1&b=2"
    huatai.phone, huatai.email_from = "023-6300 0000", "ar@huatai.example"
    huatai.save()
    return install_default(entity_id=huatai.pk, starts_on=date(2020, 1, 1), now=NOON)


@pytest.fixture
def contract(tianhe, finance, policy):
    terms = Terms(kind="PER_DAY", rate_ppb=parse_rate("0.05%"))
    return open_contract(
        customer_id=tianhe.pk, actor=finance, now=NOON, number="HT-2026-001", terms=terms, clause="第7.2条"
    )


@pytest.fixture
def book(tianhe, contract, finance):
    """Book an item of Tianhe under its contract."""

    def booked(number, amount_minor, due_on, **fields):
        return book_item(
            customer_id=tianhe.pk, number=number, amount_minor=amount_minor, issued_on=due_on - timedelta(days=30),
            due_on=due_on, contract_id=contract.pk, actor=finance, now=NOON, **fields,
        )  # fmt: skip

    return booked


@pytest.fixture
def two_overdue(book):
    """The vectors of domain.md §3: 60 000.00 and 86 000.00, five days at 0.05 % a day, bear 150.00 and 215.00."""
    return book("INV-1", 6000000, date(2026, 7, 5)), book("INV-2", 8600000, date(2026, 7, 5))


def compose(delivery, now=NOON):
    fresh = Delivery.objects.select_related("customer", "entity", "person").get(pk=delivery.pk)
    return NoticeComposer().compose(fresh, now)


def test_the_friendly_reminder_states_every_fact_in_chinese(queue_one, tianhe, wang, two_overdue):
    draft = compose(queue_one(tianhe, person_id=wang.pk))
    assert isinstance(draft, Draft)
    assert draft.subject == "华泰建材有限公司付款提醒：2笔款项已到期，合计¥146,000.00"
    for words in (
        "王芳（天河电子有限公司）：", "截至2026年7月10日", "INV-1", "¥60,000.00", "¥86,000.00", "逾期违约金为 ¥365.00",
        "约定依据：合同 HT-2026-001 第7.2条。", "账号：6222 0000 1111", "https://pay.huatai.example/tianhe?a=1&b=2",
        "联系人：陈立", "电话：023-6300 0000", "2026-07-06 至 2026-07-10", "0.05%", "¥150.00", "¥215.00",
    ):  # fmt: skip
        assert words in draft.text, words
    assert draft.html.count("<table") == 2
    assert "¥146,000.00" in draft.html
    assert 'href="https://pay.huatai.example/tianhe?a=1&amp;b=2"' in draft.html


def test_the_same_in_english_for_an_english_customer(queue_one, tianhe, two_overdue):
    tianhe.language = "en"
    tianhe.save()
    draft = compose(queue_one(tianhe))
    assert draft.language == "en"
    assert draft.subject == "Payment reminder from Huatai Materials: 2 item(s) due, ¥146,000.00 in all"
    for words in ("As of 10 July 2026", "contract HT-2026-001, 第7.2条", "¥365.00", "Your contact:"):
        assert words in draft.text, words


def test_the_facts_are_frozen_with_the_words(queue_one, tianhe, two_overdue):
    facts = compose(queue_one(tianhe)).facts
    assert (facts["overdue_minor"], facts["penalty_minor"], facts["due_minor"]) == (14600000, 36500, 14600000)
    assert [(row["number"], row["due_minor"], row["days_overdue"], row["penalty_minor"]) for row in facts["items"]] == [
        ("INV-1", 6000000, 5, 15000), ("INV-2", 8600000, 5, 21500),
    ]  # fmt: skip
    assert sum(line["amount_minor"] for line in facts["penalty_lines"]) == 36500
    assert (facts["as_of"], facts["policy_version"]) == ("2026-07-10", 1)


def test_a_part_payment_is_in_the_calculation(queue_one, tianhe, book, finance):
    """domain.md §3: 100 000.00 due 2026-01-10, 40 000.00 paid on the 20th, as of 9 February: 500.00 + 600.00."""
    book("INV-9", 10000000, date(2026, 1, 10))
    book_receipt(
        customer_id=tianhe.pk, reference="R1", received_on=date(2026, 1, 20), amount_minor=4000000, actor=finance,
        now=NOON, item_number="INV-9",
    )  # fmt: skip
    draft = compose(queue_one(tianhe), NOON.replace(month=2, day=9))
    assert "逾期违约金为 ¥1,100.00" in draft.text
    assert [(line["days"], line["base_minor"], line["amount_minor"]) for line in draft.facts["penalty_lines"]] == [
        (10, 10000000, 50000), (20, 6000000, 60000),
    ]  # fmt: skip
    assert "¥60,000.00" in draft.subject


def test_the_money_that_arrived_since_changes_the_message_or_makes_it_pointless(
    queue_one, tianhe, two_overdue, finance
):
    delivery = queue_one(tianhe)
    book_receipt(
        customer_id=tianhe.pk, reference="R1", received_on=TODAY, amount_minor=6000000, actor=finance, now=NOON,
        item_number="INV-1",
    )  # fmt: skip
    draft = compose(delivery)
    assert "INV-1 " not in draft.text
    assert "¥86,000.00" in draft.subject
    book_receipt(
        customer_id=tianhe.pk, reference="R2", received_on=TODAY, amount_minor=8600000, actor=finance, now=NOON,
        item_number="INV-2",
    )  # fmt: skip
    assert compose(delivery) == Pointless("NOTHING_OWED", {"as_of": "2026-07-10", "open_minor": 0})


def test_a_fixed_cost_stands_beside_the_penalty(queue_one, tianhe, policy, finance):
    """EU 2011/7: EUR 40 for each late payment, above the penalty of the days."""
    terms = Terms(kind="PER_DAY", rate_ppb=parse_rate("0.05%"), fee_bands=((0, 4000),))
    contract = open_contract(customer_id=tianhe.pk, actor=finance, now=NOON, number="EU-1", terms=terms, currency="EUR")
    book_item(
        customer_id=tianhe.pk, number="EU-INV", amount_minor=6000000, issued_on=date(2026, 6, 1), currency="EUR",
        due_on=date(2026, 7, 5), contract_id=contract.pk, actor=finance, now=NOON,
    )  # fmt: skip
    draft = compose(queue_one(tianhe, currency="EUR"))
    assert draft.facts["penalty_minor"] == 15000 + 4000
    assert "固定追索费用" in draft.text
    assert "€190.00" in draft.text


def test_money_on_account_is_named_and_deducted(queue_one, tianhe, two_overdue, finance):
    delivery = queue_one(tianhe)
    book_receipt(
        customer_id=tianhe.pk, reference="R1", received_on=TODAY, amount_minor=4600000, actor=finance, now=NOON
    )
    draft = compose(delivery)
    assert "未核销款项 ¥46,000.00，抵扣后应付 ¥100,000.00" in draft.text
    assert draft.facts["due_minor"] == 10000000
    book_receipt(
        customer_id=tianhe.pk, reference="R2", received_on=TODAY, amount_minor=10000000, actor=finance, now=NOON
    )
    assert compose(delivery).reason == "COVERED_ON_ACCOUNT"


def test_what_is_disputed_is_left_out(queue_one, tianhe, two_overdue, owner):
    delivery = queue_one(tianhe)
    hold = {
        "customer_id": tianhe.pk, "kind": "DISPUTE", "starts_on": TODAY, "ends_on": TODAY + timedelta(days=10),
        "reason": "质量争议", "actor": owner, "now": NOON,
    }  # fmt: skip
    place_hold(**hold, item_id=two_overdue[0].pk, amount_minor=2000000)
    draft = compose(delivery)
    assert "INV-1（不含争议部分）" in draft.text
    assert draft.facts["overdue_minor"] == 12600000
    assert draft.facts["penalty_minor"] == 10000 + 21500
    place_hold(**hold)
    later = compose(delivery)
    assert later.reason == "ON_HOLD"
    assert later.at == instant_at(TODAY + timedelta(days=11), time(), "Asia/Shanghai")


def test_too_little_to_write_about_is_not_written_about(queue_one, tianhe, book):
    book("INV-1", 9999, date(2026, 7, 5))
    assert compose(queue_one(tianhe)).reason == "BELOW_MINIMUM"


def test_without_a_policy_nothing_is_written(queue_one, tianhe, two_overdue):
    delivery = queue_one(tianhe)
    PolicyVersion.objects.all().delete()
    assert compose(delivery).reason == "NO_POLICY"


def test_a_step_that_the_policy_no_longer_has_is_not_taken(queue_one, tianhe, two_overdue):
    assert compose(queue_one(tianhe, step_code="abolished")).reason == "STEP_NOT_IN_POLICY"


def test_a_later_notice_overtakes_an_earlier_one(queue_one, tianhe, two_overdue):
    earlier = queue_one(tianhe, as_of=TODAY - timedelta(days=9))
    later = queue_one(tianhe, key="later", step_code="offer", template="offer")
    assert compose(earlier).reason == "OVERTAKEN"
    assert isinstance(compose(later), Draft)


def test_the_offer_waives_by_the_policy_until_the_end_of_this_week(queue_one, tianhe, two_overdue):
    draft = compose(queue_one(tianhe, template="offer", step_code="offer"))
    assert draft.subject == "华泰建材有限公司：2026年7月12日前付清到期款项，逾期违约金减免50%"
    assert "可减免 ¥182.50，合计支付 ¥146,182.50 即可结清" in draft.text
    assert (draft.facts["waived_minor"], draft.facts["offer_until"]) == (18250, "2026-07-12")


def test_without_a_penalty_there_is_no_offer_to_waive_it(queue_one, tianhe, policy, finance):
    book_item(
        customer_id=tianhe.pk, number="INV-1", amount_minor=6000000, issued_on=date(2026, 6, 1),
        due_on=date(2026, 7, 5), actor=finance, now=NOON,
    )  # fmt: skip
    draft = compose(queue_one(tianhe, template="offer", step_code="offer"))
    assert draft.facts["template"] == "follow_up"
    assert "违约金" not in draft.text


def test_the_demand_takes_deadline_and_consequence_from_the_policy(queue_one, tianhe, two_overdue, policy, owner):
    delivery = queue_one(tianhe, template="demand", step_code="demand")
    draft = compose(delivery)
    assert "请于 2026年7月17日（含当日）之前付清" in draft.text
    assert "委托律师发出律师函" in draft.text
    assert "本金与违约金合计 ¥146,365.00" in draft.text
    source = policy.source.replace(
        "deadline_days: 7\n        announces: [lawyers_letter]", "deadline_days: 15\n       "
    )
    assert source != policy.source
    upload_version(
        entity_id=delivery.entity_id, source=source, starts_on=TODAY, last_run_on=None, actor=owner, now=NOON
    )
    changed = compose(delivery)
    assert "2026年7月27日（含当日）" in changed.text, "15 days end on a Saturday: the next working day"
    assert "律师" not in changed.text, "a consequence the policy will not carry out is not written"


def test_the_bill_lists_what_was_issued_and_the_terms(queue_one, tianhe, book):
    book("INV-5", 1200000, TODAY + timedelta(days=30))
    draft = compose(queue_one(tianhe, template="bill", step_code="bill"))
    assert draft.subject == "华泰建材有限公司电子账单：1笔，合计¥12,000.00，请于2026年8月9日前付款"
    assert "逾期付款的，按未付金额每日 0.05% 支付违约金" in draft.text
    assert "逾期天数" not in draft.text


def test_the_bill_says_what_early_payment_saves_to_the_cent_and_nothing_without_terms(
    queue_one, tianhe, contract, book, finance
):
    tianhe.language = "en"
    tianhe.save()
    book("INV-6", 10001, TODAY + timedelta(days=30))
    delivery = queue_one(tianhe, template="bill", step_code="bill")
    assert "early payment" not in compose(delivery).text
    agree_discount(
        contract_id=contract.pk, share_ppm=20_000, days=10, starts_on=date(2026, 1, 1), actor=finance, now=NOON
    )
    draft = compose(delivery)
    line = "INV-6: 2% off when paid by 2026-07-20: ¥98.01 instead of ¥100.01"
    assert f"Discount for early payment:\n{line}\n" in draft.text
    assert line in draft.html
    assert [row["payable_minor"] for row in draft.facts["early_payments"]] == [9801]
    tianhe.language = "zh-hans"
    tianhe.save()
    assert "INV-6：2026-07-20（含当日）前付款可减 2%，只需支付 ¥98.01（原应付 ¥100.01）" in compose(delivery).text
    agree_discount(
        contract_id=contract.pk, share_ppm=20_000, days=1, starts_on=date(2026, 1, 1), actor=finance, now=NOON
    )
    assert "现金折扣" in compose(delivery, NOON + timedelta(days=1)).text
    assert "现金折扣" not in compose(delivery, NOON + timedelta(days=2)).text


def test_the_reminder_before_the_due_day_lists_both_and_stops_when_all_fell_due(queue_one, tianhe, book, two_overdue):
    book("INV-5", 1200000, TODAY + timedelta(days=3))
    delivery = queue_one(tianhe, template="upcoming", step_code="reminder")
    draft = compose(delivery)
    assert draft.subject == "华泰建材有限公司付款提示：1笔款项将于2026年7月13日起陆续到期，合计¥12,000.00"
    assert "贵司另有 2 笔款项已过约定付款日，未付 ¥146,000.00" in draft.text
    assert compose(delivery, NOON + timedelta(days=10)).reason == "FELL_DUE"


def test_names_with_line_breaks_stay_on_their_line(queue_one, tianhe, two_overdue):
    person = ContactPerson.objects.create(
        customer=tianhe, name="王芳\n\n请付款至账号 1234", email="w@tianhe.example", created_at=NOON
    )
    draft = compose(queue_one(tianhe, person_id=person.pk))
    assert "王芳 请付款至账号 1234（天河电子有限公司）：" in draft.text
    assert "\n" not in draft.subject


def test_a_currency_is_never_mixed_with_another(queue_one, tianhe, two_overdue, book):
    book("USD-1", 500000, date(2026, 7, 5), currency="USD")
    draft = compose(queue_one(tianhe, currency="USD"))
    assert "INV-1" not in draft.text
    assert "5,000.00" in draft.subject


@pytest.mark.parametrize(
    ("numerator", "denominator", "text"),
    [(1, 2000, "0.05%"), (90000, 730_000_000, "≈0.0123288%"), (1, 10**9, "0.0000001%"), (0, 1, "0%")],
)
def test_a_daily_rate_says_when_it_is_rounded(numerator, denominator, text):
    assert daily_rate(numerator, denominator) == text


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_kind_of_item_has_a_word(language):
    words = vocabulary(language)
    assert {f"kind.{kind}" for kind in OpenItem.Kind.values} <= set(words)
