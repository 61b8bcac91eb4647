"""What replies seem to say: real sentences in Chinese and English, and what must be proposed from them, or not.

Each line: kinds in the order of the text (“-” for none), and for a promise or a payment its days and minor units.
Written on Sunday 2026-11-22.
"""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huikuan.outreach.rules.intent import Kind, propose
from huikuan.outreach.rules.quoting import own_words

WRITTEN_ON = date(2026, 11, 22)

SAID = """
# --- promises, Chinese
下周五付5万 => PROMISE 2026-11-27=5000000
月底前付清 => PROMISE 2026-11-30
28号打款86,000元 => PROMISE 2026-11-28=8600000
不好意思，下周五付5万 => PROMISE 2026-11-27=5000000
没问题，28号前付清 => PROMISE 2026-11-28
下周五付5万，月底前付清余款36,000元 => PROMISE 2026-11-27=5000000 2026-11-30=3600000
明天转账3万5 => PROMISE 2026-11-23=3500000
后天汇款三万五千元 => PROMISE 2026-11-24=3500000
12月15日前结清全部货款 => PROMISE 2026-12-15
1月5日付款 => PROMISE 2027-01-05
明年1月10号还清 => PROMISE 2027-01-10
两周后付款 => PROMISE 2026-12-06
三天内付款10万 => PROMISE 2026-11-25=10000000
本月底安排付款20万元 => PROMISE 2026-11-30=20000000
下月10号付一百二十万 => PROMISE 2026-12-10=120000000
年底前结清 => PROMISE 2026-12-31
周三打给你们 => PROMISE 2026-11-25
2026-12-01付款8600.50元 => PROMISE 2026-12-01=860050
二十八号付五万 => PROMISE 2026-11-28=5000000
我们保证11月30日支付人民币86,000元 => PROMISE 2026-11-30=8600000CNY
28号付不了，30号付3万 => PROMISE 2026-11-30=3000000
不会不付的，周三打给你们 => PROMISE 2026-11-25
不会拖，25号一定付 => PROMISE 2026-11-25
不晚于12月1日付清 => PROMISE 2026-12-01
我们会尽快付款 => PROMISE
三个工作日内一定付款 => PROMISE
能否12月10日付款？ => PROMISE 2026-12-10
收到发票后10天内付款 => PROMISE 2026-12-02
已提交付款申请，下周三可以付 => PROMISE 2026-11-25
28号，最晚30号付5万 => PROMISE 2026-11-30=5000000
上周五付了2万，剩下的下周五付 => PAID 2026-11-13=2000000; PROMISE 2026-11-27
下周一先付2万，12月底再付3万 => PROMISE 2026-11-23=2000000 2026-12-31=3000000
这周五付款 => -
# --- promises, English
We will pay USD 12,500 by Friday 28 Nov. => PROMISE 2026-11-28=1250000USD
We will pay on the 15th of next month => PROMISE 2026-12-15
Will settle in full by end of next month => PROMISE 2026-12-31
We'll wire $5,000 tomorrow and the rest on Dec 15 => PROMISE 2026-11-23=500000USD 2026-12-15
payment of 20,000 will be made on Dec 3 => PROMISE 2026-12-03=2000000
Payment will be made next Friday => PROMISE 2026-11-27
I'll transfer EUR 3,000.50 within 10 days => PROMISE 2026-12-02=300050EUR
We can pay 50,000 in two weeks => PROMISE 2026-12-06=5000000
We shall remit the balance on 30 November 2026 => PROMISE 2026-11-30
no quality issues, we will pay on 30 November => PROMISE 2026-11-30
We don't dispute the amount; payment follows on the 30th. => PROMISE 2026-11-30
No problem, paying tomorrow => PROMISE 2026-11-23
We will pay no later than 1 December => PROMISE 2026-12-01
We will pay soon => PROMISE
If the goods arrive we will pay on 5 December => PROMISE 2026-12-05
We promise to settle by the end of the year => PROMISE 2026-12-31
# --- refusals and what is no promise
不会付款 => -
我们不付 => -
暂不付款 => -
我从没答应周五付5万 => -
我没有承诺月底付款 => -
从未说过28号付款 => -
不能在28号付款 => -
周五前无法付款 => -
没有你们的账号，没法付 => -
你们什么时候付运费？ => -
请你们28号前退款 => -
收到你们的付款提醒 => -
你方应付我方赔偿2万元 => -
付款方式是什么 => -
谢谢 => -
好的，收到 => -
下周再联系 => -
not going to pay => -
We are not paying this. => -
I never promised to pay 50,000 on Friday. => -
We won't pay on Friday => -
We refuse to pay => -
I did not say we would pay by 30 November => -
We will not be able to pay before 15 December => -
You must pay us 5,000 by Friday => -
Thanks, noted. => -
When will you pay for the samples? => -
Please confirm your payment details => -
There is no way we pay this on Monday => -
# --- says it is paid
钱已经付了 => PAID
货款已付，流水号 20261118ABC001 => PAID
11月18号已经汇了86,000元 => PAID 2026-11-18=8600000
昨天转过去了 => PAID 2026-11-21
10月15日已付清 => PAID 2026-10-15
上周五打款了 => PAID 2026-11-13
款项早已到账 => PAID
We have already paid USD 12,500 on 18 November => PAID 2026-11-18=1250000USD
the invoice was paid in full last Friday => PAID 2026-11-13
Payment has been made yesterday, ref TT20261118 => PAID 2026-11-21
We paid it already => PAID
This was settled on 3 November => PAID 2026-11-03
还没付款 => -
尚未支付 => -
We have not paid yet => -
It has not been paid => -
钱付了吗？ => -
未付的货款12月1日付 => PROMISE 2026-12-01
# --- disputes
货有质量问题，暂不付款 => DISPUTE
你们少发了20件 => DISPUTE
单价不对，合同价是95元 => DISPUTE
我们没收到发票 => DISPUTE
金额有误，请核对 => DISPUTE
我方对该笔款项有异议 => DISPUTE
设备还没验收 => DISPUTE
We dispute this invoice: the goods were damaged => DISPUTE
The price is wrong => DISPUTE
We never received the goods => DISPUTE
You overcharged us => DISPUTE
质量没有问题，只是资金紧张 => HARDSHIP
无异议 => -
没有质量问题 => -
we have no quality issues => -
We are not disputing anything => -
# --- hardship
最近资金很紧张 => HARDSHIP
周转不开，能不能分期 => HARDSHIP
公司账户被冻结 => HARDSHIP
We cannot pay, cash flow is very tight => HARDSHIP
We need more time => HARDSHIP
The company is insolvent and bankrupt => HARDSHIP
没什么困难 => -
We have no cash flow problems => -
# --- stop
退订 => STOP
TD => STOP
T => STOP
stop => STOP
UNSUBSCRIBE => STOP
请不要再给我打电话 => STOP
别再发短信了 => STOP
停止联系 => STOP
Stop calling me => STOP
Do not contact me again => STOP
Please remove me from your list => STOP
我没有退订 => -
Please do not stop the delivery => -
# --- wrong person
你打错了 => WRONG_PERSON
发错人了 => WRONG_PERSON
我不是这家公司的 => WRONG_PERSON
我已经离职了 => WRONG_PERSON
这事与我无关 => WRONG_PERSON
He no longer works here. => WRONG_PERSON
Wrong number => WRONG_PERSON
You have the wrong person => WRONG_PERSON
I left the company in May => WRONG_PERSON
没有发错，就是我 => -
# --- away
我在出差，12月1日回来 => OUT_OF_OFFICE 2026-12-01
I am out of the office until 1 December => OUT_OF_OFFICE 2026-12-01
I am on annual leave => OUT_OF_OFFICE
I am not out of office => -
"""


def lines():
    for line in SAID.strip().splitlines():
        if line.startswith("#"):
            continue
        text, _, expected = line.rpartition(" => ")
        yield text, expected


def told(proposal):
    parts = "".join(
        f" {part.on or ''}" + (f"={part.minor}{part.currency}" if part.minor is not None else "")
        for part in proposal.parts
        if proposal.kind is not Kind.PROMISE or part.on or part.minor
    )
    return f"{proposal.kind}{parts}"


@pytest.mark.parametrize(("text", "expected"), list(lines()))
def test_what_is_proposed(text, expected):
    proposals = propose(text, written_on=WRITTEN_ON, currency="CNY")
    assert ("; ".join(told(each) for each in proposals) or "-") == expected


def test_the_table_is_long_enough():
    assert len(list(lines())) >= 120


@pytest.mark.parametrize(("text", "confidence"), [
    ("下周五付5万", "HIGH"),
    ("能否12月10日付款？", "LOW"),
    ("如果货到了，12月5日付款", "LOW"),
    ("我们会尽快付款", "LOW"),
    ("We hope to pay on 5 December", "LOW"),
    ("We will pay on 5 December", "HIGH"),
])  # fmt: skip
def test_a_reservation_is_said(text, confidence):
    (proposal,) = propose(text, written_on=WRITTEN_ON, currency="CNY")
    assert proposal.confidence == confidence


def test_the_reason_of_a_dispute_and_the_reference_of_a_payment():
    def reason(text):
        return propose(text, written_on=WRITTEN_ON, currency="CNY")[0].reason

    assert [reason(text) for text in (
        "货有质量问题", "你们少发了20件", "单价不对", "我们没收到发票", "We never received the goods", "设备还没验收",
        "有异议",
    )] == ["QUALITY", "QUANTITY", "PRICE", "INVOICE", "DELIVERY", "SERVICE", "OTHER"]  # fmt: skip
    assert reason("货款已付，流水号：20261118ABC001") == "20261118ABC001"


def test_our_own_words_quoted_below_say_nothing():
    reply = "好的\n\n-----原始邮件-----\n发件人: 华泰\n如有异议请回复。退订请回复TD。请于11月30日前付款86,000元。"
    assert own_words(reply) == "好的"
    assert propose(own_words(reply), written_on=WRITTEN_ON, currency="CNY") == ()
    assert (
        own_words("Will pay.\n\nOn Fri, 10 Jul 2026 at 11:30, Huatai\n<ar@huatai.example> wrote:\n> stop")
        == "Will pay."
    )
    assert own_words("> quoted\nyes\n> more") == "yes"
    assert own_words("明天付\n发自我的iPhone") == "明天付"


SIGNS = "付款不会下周五月底28号5万元已经了，。 质量问题退订没TD1,"
ALPHABET = st.sampled_from([*SIGNS, "pay ", "not ", "on ", "Friday ", "\n"])


@settings(max_examples=150, deadline=None)
@given(st.lists(ALPHABET, max_size=60).map("".join))
def test_any_text_gives_phrases_that_stand_in_it(text):
    for each in propose(text, written_on=WRITTEN_ON, currency="CNY"):
        assert 0 <= each.begin < each.end <= len(text)
        assert each.phrase in text[each.begin : each.end]
    assert propose(text, written_on=WRITTEN_ON, currency="CNY") == propose(text, written_on=WRITTEN_ON, currency="CNY")


def test_a_long_text_is_read_in_time():
    text = "付款" * 20_000 + "不会付款，" * 5000
    assert len(propose(text, written_on=WRITTEN_ON, currency="CNY")) <= 12
