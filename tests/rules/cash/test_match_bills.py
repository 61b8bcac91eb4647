"""Which bill a bank line collects: exactly its amount; its long number settles it, all else is asked."""

from dataclasses import replace
from datetime import date

from huikuan.cash.rules.match_bills import Paper, collected
from huikuan.cash.rules.match_payers import Line
from tests.tables import rows

NUMBER = "510290123456720261020987654321"
BILL = Paper(
    bill_id=1, number=NUMBER, acceptor="中国建设银行股份有限公司广州分行", currency="CNY", amount_minor=1_000_000,
    matures_on=date(2026, 10, 20),
)  # fmt: skip
SPACED = "5102 9012 3456 7202 6102 0987 6543 21"

CASES = rows(f"""
    line | day        | amount  | payer            | text                  | sure  | reasons
    1    | 2026-10-21 | 1000000 | 网上票据清算       | 到期托收 {NUMBER}       | true  | NUMBER WORDS MATURES
    2    | 2026-10-21 | 1000000 | -                | No. {SPACED}          | true  | NUMBER MATURES
    3    | 2027-02-01 | 1000000 | -                | {NUMBER}x             | true  | NUMBER
    4    | 2026-10-21 |  999900 | 建设银行广州分行    | 到期托收 {NUMBER}       | -     | -
    5    | 2026-10-21 | 1000000 | 建设银行天河支行    | 汇款                   | false | ACCEPTOR MATURES
    6    | 2026-10-21 | 1000000 | 建设银行天河支行    | 银承到期               | false | ACCEPTOR WORDS MATURES
    7    | 2026-10-21 | 1000000 | 招商银行广州分行    | 汇款                   | -     | -
    8    | 2026-12-21 | 1000000 | 建设银行天河支行    | 承兑汇票               | -     | -
    9    | 2026-10-12 | 1000000 | 建设银行天河支行    | 承兑汇票               | -     | -
    10   | 2026-09-01 | 1000000 | -                | 票号 {NUMBER}          | -     | -
""")


def line(each):
    payer = each["payer"] if each["payer"] != "-" else ""
    return Line(
        line_id=each["line"], received_on=each["day"], currency="CNY", amount_minor=each["amount"],
        payer_name=payer or "", payer_account="", text=each["text"],
    )  # fmt: skip


def test_each_line_is_judged_by_what_it_says():
    for each in CASES.iter_rows(named=True):
        found = collected(line(each), [BILL])
        said = [(str(one.is_sure).lower(), " ".join(one.reasons).replace("BILL_", "")) for one in found]
        wanted = [] if each["reasons"] in {None, "-"} else [(str(each["sure"]).lower(), each["reasons"])]
        assert said == wanted, each


def test_the_short_number_of_an_old_paper_bill_may_be_a_day():
    said = {"line": 1, "day": date(2026, 10, 20), "amount": 1_000_000, "payer": "", "text": "货款 20261020"}
    assert [one.is_sure for one in collected(line(said), [replace(BILL, number="20261020")])] == [False]


def test_of_several_bills_the_sure_one_comes_first():
    number = "5" + "1" * 29
    other = replace(BILL, bill_id=2, number=number, matures_on=date(2026, 10, 22))
    said = {"line": 1, "day": date(2026, 10, 21), "amount": 1_000_000, "payer": "建设银行", "text": number}
    assert [(one.bill_id, one.is_sure) for one in collected(line(said), [BILL, other])] == [(2, True), (1, False)]
