"""Which lines of a wallet are what a gateway told: by number, by the wallet's word, at most one line for a payment."""

from hypothesis import given
from hypothesis import strategies as st

from huikuan.cash.rules.gateway_lines import Movement, Trade, recognize, references_of
from tests.tables import rows

NUMBER, PROVIDER, REFUND = "20261122ab12cd34ef56ab78", "4200002123202611220123456789", "RF20261122ab12cd34"
TRADE = Trade(
    payment_id=7, number=NUMBER, provider_reference=PROVIDER, currency="CNY", amount_minor=10_000,
    refunds=frozenset({REFUND}),
)  # fmt: skip
NAMES = {"ours": NUMBER, "theirs": PROVIDER, "refund": REFUND, "other": "4200009999", "none": ""}

CASES = rows("""
    line | names  | currency | amount | kind           | words            | what
    1    | ours   | CNY      |  10000 | 交易            | 货款              | GATEWAY_PAYMENT
    2    | theirs | CNY      |  10000 | 交易            | 货款              | GATEWAY_PAYMENT
    3    | theirs | CNY      |   9940 | 交易            | 净额到账           | GATEWAY_PAYMENT
    4    | ours   | CNY      |  10001 | 交易            | 货款              | -
    5    | ours   | USD      |  10000 | 交易            | 货款              | -
    6    | other  | CNY      |  10000 | 交易            | 货款              | -
    7    | none   | CNY      |  10000 | 交易            | 货款              | -
    8    | ours   | CNY      |    -60 | 扣除交易手续费     | -                | GATEWAY_FEE
    9    | theirs | CNY      |    -60 | 收费            | -                | GATEWAY_FEE
    10   | ours   | CNY      |    -60 | 支出            | 支付宝服务费        | GATEWAY_FEE
    11   | ours   | CNY      |     60 | 退还手续费        | -                | GATEWAY_FEE
    12   | ours   | CNY      |   9940 | 交易            | 物业服务费         | GATEWAY_PAYMENT
    13   | refund | CNY      |  -4000 | 支出            | -                | GATEWAY_REFUND
    14   | ours   | CNY      | -10000 | 退款            | -                | GATEWAY_REFUND
    15   | ours   | CNY      |   -500 | 转账            | -                | -
""")


def movement(each, **changed):
    said = {
        "line_id": each["line"], "account_id": 1, "currency": each["currency"], "amount_minor": each["amount"],
        "references": frozenset({NAMES[each["names"]]} - {""}), "kind": each["kind"], "words": each["words"] or "",
    }  # fmt: skip
    return Movement(**said | changed)


def test_each_line_is_what_it_says():
    for each in CASES.iter_rows(named=True):
        found = recognize([movement(each)], [TRADE])
        said = None if each["what"] in {None, "-"} else (7, each["what"])
        assert found.get(each["line"]) == said, each


def test_a_number_in_the_text_is_found_and_short_words_are_not():
    assert NUMBER in references_of([], f"货款（{NUMBER}）")
    assert references_of([" A1 ", ""], "INV-1 货款 2026") == {"A1"}


def test_a_second_line_of_one_payment_is_money_that_nobody_booked():
    """The provider's own number tells which of two lines with our number was booked."""
    second = Movement(
        line_id=1, account_id=1, currency="CNY", amount_minor=10_000, references=frozenset({NUMBER, "42000099"})
    )
    booked = Movement(
        line_id=2, account_id=1, currency="CNY", amount_minor=10_000, references=frozenset({NUMBER, PROVIDER})
    )
    assert recognize([second, booked], [TRADE]) == {2: (7, "GATEWAY_PAYMENT")}
    assert recognize([second], [TRADE], taken={(7, 1)}) == {}
    assert recognize([second], [TRADE], taken={(7, 2)}) == {1: (7, "GATEWAY_PAYMENT")}


@given(st.lists(st.tuples(st.sampled_from(["ours", "theirs", "refund", "other"]), st.integers(-12_000, 12_000))))
def test_never_more_money_in_than_was_booked(lines):
    movements = [
        Movement(
            line_id=at, account_id=1, currency="CNY", amount_minor=minor, references=frozenset({NAMES[name]}), kind=""
        )
        for at, (name, minor) in enumerate(lines)
        if minor
    ]
    found = recognize(movements, [TRADE])
    known = [each for each in movements if found.get(each.line_id, (0, ""))[1] == "GATEWAY_PAYMENT"]
    assert len(known) <= 1
    assert all(0 < each.amount_minor <= TRADE.amount_minor for each in known)
    assert recognize(movements[::-1], [TRADE]) == found
