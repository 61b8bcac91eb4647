"""What payers of the invented ledger do, and how banks tell it: lines with their truth, kind by kind.

The truth is what the payer of the story meant. Whether a person could know it from the line (`is_answerable`) is worked
out here by counting, without the matcher: the line must say who pays, and the items by number or by an amount that only
one set of this customer's open items makes.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import combinations
from random import Random
from typing import Final

from huikuan.bench.match_ledger import FIRST_DAY, Debtor, Owed, company, likely, near_name, person

CHARGE_MAX: Final = 5_000
"""Bank charges of the story never exceed 50 yuan; the matcher is told so, as a user would."""

SUMS_TRIED_MAX: Final = 14
"""A person does not try the sums of more open items."""

_NOT_FOR_ITEMS: Final = (
    "结息", "工资退回", "退税", "供应商退款", "订单{digits}退款", "保证金退回 {digits}", "社保退费", "补贴款", "差旅费",
    "稳岗返还",
)  # fmt: skip
_PURPOSES: Final = ("货款", "付货款", "支付货款", "往来款", "转账", "付款", "结清", "货款 谢谢", "")
_LOOKALIKE: Final = dict(
    zip("华信瑞丰恒通达宏盛鑫源嘉博润凯汇新志诚荣宇晟", "化言端峰桓同大洪胜金原佳搏闰恺会欣智成容雨成", strict=True)
)
_TRADITIONAL: Final = str.maketrans(
    "华联达东锦启宝兴业云电机设备贸实广苏汉门汽车环医疗",
    "華聯達東錦啟寶興業雲電機設備貿實廣蘇漢門汽車環醫療",
)


@dataclass(slots=True)
class Told:
    """A line as the bank tells it, its kind, and the truth: None when no customer paid it."""

    line_id: int
    received_on: date
    kind: str
    amount: int
    name: str
    account: str
    text: str
    customer_id: int | None = None
    parts: dict[int, int] = field(default_factory=dict)
    is_answerable: bool = False


@dataclass(slots=True)
class Clue:
    """What a line says about its payer, and whether a person can tell the customer from it."""

    name: str
    account: str
    tells: bool


def story(chance: Random, debtors: list[Debtor], lines: int) -> list[Told]:
    """Return so many lines over a quarter of a year, in the order of days; every line is of one of the KINDS."""
    weights = [weight for weight, _ in KINDS.values()]
    brands: dict[str, int] = {}
    for debtor in debtors:
        brands[debtor.brand] = brands.get(debtor.brand, 0) + 1
    told: list[Told] = []
    while len(told) < lines:
        kind = chance.choices(list(KINDS), weights)[0]
        day = FIRST_DAY + timedelta(days=90 * len(told) // lines)
        line = Told(len(told) + 1, day, kind, 0, "", "", "")
        if kind == "noise":
            _noise(chance, line, debtors)
        else:
            payer = _somebody(chance, line, debtors, brands)
            if payer is None:
                continue
            line.customer_id = payer.customer_id
            for item in payer.items:
                item.left -= line.parts.get(item.item_id, 0)
        told.append(line)
    return told


def _somebody(chance: Random, line: Told, debtors: list[Debtor], brands: dict[str, int]) -> Debtor | None:
    """Let a customer of whom it can be true do what the kind says; None when nobody was found."""
    for _ in range(300):
        debtor = chance.choice(debtors)
        if debtor.open and KINDS[line.kind][1](chance, line, debtor, brands):
            return debtor
    return None


def _pay(line: Told, items: list[Owed], less: int = 0, more: int = 0) -> None:
    """Let the line pay items in full; `less` is missing from the largest, `more` is beyond them."""
    line.parts = {item.item_id: item.left for item in items}
    largest = max(items, key=lambda item: (item.left, item.item_id))
    line.parts[largest.item_id] -= less
    line.amount = sum(line.parts.values()) + more


def _some(chance: Random, debtor: Debtor, low: int, high: int) -> list[Owed] | None:
    """Return some open items, the oldest most often."""
    items = sorted(debtor.open, key=lambda item: (item.due_on, item.item_id))
    count = chance.randint(low, high)
    if len(items) < count:
        return None
    return items[:count] if likely(chance, 700) else sorted(chance.sample(items, count), key=lambda i: i.item_id)


def _clue(chance: Random, debtor: Debtor, brands: dict[str, int], *, how: str = "") -> Clue:
    """Write the payer's name as banks do; without `how` mostly as registered."""
    how = how or chance.choices(("plain", "loose", "typo", "short"), (78, 14, 4, 4))[0]
    account = debtor.account if likely(chance, 800) else ""
    tells = how != "short" or brands[debtor.brand] == 1
    name = {"plain": debtor.name, "loose": _loose(chance, debtor), "typo": _typo(chance, debtor.name),
            "short": debtor.brand + (debtor.trade[:2] if likely(chance, 500) else "")}[how]  # fmt: skip
    return Clue(name, account, tells or (debtor.is_known and bool(account)))


def _loose(chance: Random, debtor: Debtor) -> str:
    return chance.choice((
        f"{debtor.brand}({debtor.region}){debtor.trade}{debtor.form}",
        f"{debtor.brand}（{debtor.region}）{debtor.trade}{debtor.form}",
        f"{debtor.region}市{debtor.brand}{debtor.trade}{debtor.form}",
        debtor.name.replace(debtor.form, ""),
        debtor.name.translate(_TRADITIONAL),
        " ".join((debtor.region, debtor.brand, debtor.trade + debtor.form)),
        f"{debtor.name}{debtor.region}分公司",
    ))  # fmt: skip


def _typo(chance: Random, name: str) -> str:
    at = chance.randrange(2, len(name) - 4)
    way = chance.randrange(3)
    if way == 0:
        return name[:at] + _LOOKALIKE.get(name[at], "某") + name[at + 1 :]
    return name[:at] + (name[at + 1 :] if way == 1 else name[at + 1] + name[at] + name[at + 2 :])


def _spelled(chance: Random, number: str) -> str:
    """Write a number as payers do: spaces, no dashes, full width, small letters."""
    return chance.choice((
        number, number, number, number.replace("-", "").replace("/", ""), number.replace("-", " "), number.lower(),
        "".join(chr(ord(sign) + 0xFEE0) if sign.isdecimal() else sign for sign in number),
        number.replace("-", "\N{FULLWIDTH HYPHEN-MINUS}"),
        f"{number[:6]} {number[6:]}",
    ))  # fmt: skip


def _in_words(chance: Random, numbers: list[str]) -> str:
    said = chance.choice(("、", ",", " ", "，", "和", "/")).join(numbers)
    return chance.choice(
        (f"{said}", f"货款{said}", f"付{said}号发票款", f"发票号：{said}", f"INVOICE {said} PAYMENT", f"{said}货款")
    )


def _write(chance: Random, line: Told, clue: Clue, text: str = "") -> bool:
    line.name, line.account, line.text = clue.name, clue.account, text or chance.choice(_PURPOSES)
    return True


def _by_amount(line: Told, debtor: Debtor, clue: Clue) -> bool:
    """Tell whether only one set of the customer's open items makes the amount; a single item goes before a sum."""
    if not clue.tells:
        return False
    lefts = [(item.left, item.item_id) for item in debtor.open]
    for size in range(1, 5):
        if len(lefts) > SUMS_TRIED_MAX and size > 1:
            return False
        sets = [each for each in combinations(lefts, size) if sum(left for left, _ in each) == line.amount]
        if sets:
            return len(sets) == 1 and {item for _, item in sets[0]} == set(line.parts)
    return set(line.parts) == {item for _, item in lefts}


Brands = dict[str, int]


def _numbered(chance: Random, line: Told, debtor: Debtor, brands: Brands) -> bool:
    items = _some(chance, debtor, 1, 1)
    assert items  # noqa: S101  the debtor owes something
    _pay(line, items)
    line.is_answerable = True
    return _write(chance, line, _clue(chance, debtor, brands), _in_words(chance, [_spelled(chance, items[0].number)]))


def _several(chance: Random, line: Told, debtor: Debtor, brands: Brands) -> bool:
    items = _some(chance, debtor, 2, 6)
    if not items:
        return False
    _pay(line, items)
    numbers = [item.number for item in items]
    if len({number[:-2] for number in numbers}) == 1 and likely(chance, 500):  # "ZJ2507-01433-03、04"
        numbers = [numbers[0], *(number[-2:] for number in numbers[1:])]
    line.is_answerable = True
    return _write(chance, line, _clue(chance, debtor, brands), _in_words(chance, numbers))


def _prefix_cut(chance: Random, line: Told, debtor: Debtor, brands: Brands) -> bool:
    items = _some(chance, debtor, 1, 1)
    assert items  # noqa: S101
    _pay(line, items)
    said = chance.choice((items[0].number[-5:], items[0].number.lstrip("INVFPZJXS-/"), items[0].number[-8:]))
    clue = _clue(chance, debtor, brands)
    line.is_answerable = clue.tells
    return _write(chance, line, clue, _in_words(chance, [said]))


def _amount_only(chance: Random, line: Told, debtor: Debtor, brands: Brands, how: str = "") -> bool:
    items = _some(chance, debtor, 1, 1)
    assert items  # noqa: S101
    _pay(line, items)
    clue = _clue(chance, debtor, brands, how=how)
    line.is_answerable = _by_amount(line, debtor, clue)
    return _write(chance, line, clue)


def _mistyped(chance: Random, line: Told, debtor: Debtor, brands: Brands) -> bool:
    return _amount_only(chance, line, debtor, brands, how="typo")


def _short(chance: Random, line: Told, debtor: Debtor, brands: Brands) -> bool:
    return _amount_only(chance, line, debtor, brands, how="short")


def _sum_only(chance: Random, line: Told, debtor: Debtor, brands: Brands) -> bool:
    items = _some(chance, debtor, 2, 4)
    if not items:
        return False
    _pay(line, items)
    clue = _clue(chance, debtor, brands)
    line.is_answerable = _by_amount(line, debtor, clue)
    return _write(chance, line, clue)


def _third_party(chance: Random, line: Told, debtor: Debtor, _brands: Brands) -> bool:
    items = _some(chance, debtor, 1, 2)
    if not items:
        return False
    _pay(line, items)
    name = person(chance) if likely(chance, 400) else "".join(company(chance))
    clue = Clue(name, "".join(chance.choices("0123456789", k=19)), tells=True)
    if likely(chance, 600):
        line.is_answerable = True
        return _write(chance, line, clue, _in_words(chance, [_spelled(chance, item.number) for item in items]))
    line.is_answerable = _by_amount(line, debtor, clue)
    return _write(
        chance, line, clue, chance.choice((f"代{debtor.name}付货款", f"代付 {debtor.name}", f"{debtor.name}货款"))
    )


def _group(chance: Random, line: Told, debtor: Debtor, _brands: Brands) -> bool:
    items = _some(chance, debtor, 1, 3)
    if debtor.parent is None or not items:
        return False
    _pay(line, items)
    clue = Clue(debtor.parent.name, debtor.parent.account, tells=False)
    line.is_answerable = likely(chance, 750)
    return _write(chance, line, clue, _in_words(chance, [i.number for i in items]) if line.is_answerable else "")


def _part(chance: Random, line: Told, debtor: Debtor, brands: Brands) -> bool:
    items = _some(chance, debtor, 1, 1)
    assert items  # noqa: S101
    _pay(line, items, less=items[0].left * chance.choice((30, 50, 60, 70)) // 100)
    line.is_answerable = True
    return _write(chance, line, _clue(chance, debtor, brands), _in_words(chance, [_spelled(chance, items[0].number)]))


def _over(chance: Random, line: Told, debtor: Debtor, brands: Brands) -> bool:
    items = _some(chance, debtor, 1, 1)
    assert items  # noqa: S101
    _pay(line, items, more=chance.randrange(1, 300) * 100)
    line.is_answerable = True
    return _write(chance, line, _clue(chance, debtor, brands), _in_words(chance, [_spelled(chance, items[0].number)]))


def _charged(chance: Random, line: Told, debtor: Debtor, brands: Brands) -> bool:
    items = _some(chance, debtor, 1, 1)
    assert items  # noqa: S101
    if items[0].left <= 4 * CHARGE_MAX:
        return False
    _pay(line, items, less=chance.randrange(500, CHARGE_MAX, 50))
    line.is_answerable = True
    return _write(chance, line, _clue(chance, debtor, brands), _in_words(chance, [_spelled(chance, items[0].number)]))


def _with_penalty(chance: Random, line: Told, debtor: Debtor, brands: Brands) -> bool:
    late = [item for item in debtor.open if item.penalty]
    if not late:
        return False
    item = chance.choice(late)
    _pay(line, [item], more=item.penalty)
    line.is_answerable = True
    text = f"{_in_words(chance, [_spelled(chance, item.number)])} 含违约金"
    return _write(chance, line, _clue(chance, debtor, brands), text)


def _transposed(chance: Random, line: Told, debtor: Debtor, brands: Brands) -> bool:
    items = _some(chance, debtor, 1, 1)
    assert items  # noqa: S101
    _pay(line, items)
    number = items[0].number
    at = len(number) - chance.randrange(2, 5)
    wrong = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    clue = _clue(chance, debtor, brands)
    line.is_answerable = _by_amount(line, debtor, clue)
    return _write(chance, line, clue, _in_words(chance, [wrong]))


def _undesignated(chance: Random, line: Told, debtor: Debtor, brands: Brands) -> bool:
    """A round sum with no word about what it is for: a prepayment or a part. It names nothing and so pays no item."""
    line.amount = chance.randrange(2, 90) * 10_000 + chance.choice((0, 0, 5_000))
    if any(item.left == line.amount for item in debtor.open):
        return False
    clue = _clue(chance, debtor, brands)
    line.is_answerable = clue.tells
    return _write(chance, line, clue, chance.choice(("预付款", "预付货款", "往来款", "定金", "")))


def _nameless(chance: Random, line: Told, debtor: Debtor, _brands: Brands) -> bool:
    """No name, no number: nobody can know."""
    items = _some(chance, debtor, 1, 1)
    assert items  # noqa: S101
    _pay(line, items)
    return _write(chance, line, Clue("", "", tells=False), chance.choice(("网银转账", "POS 消费", "他行汇入", "")))


def _noise(chance: Random, line: Told, debtors: list[Debtor]) -> None:
    """Money that no customer paid for an item: interest, refunds, wages sent back, deposits; some by customers."""
    line.amount = int(10 ** chance.uniform(2.5, 7)) if likely(chance, 700) else chance.randrange(1, 200) * 10_000
    line.account = "".join(chance.choices("0123456789", k=19))
    digits = "".join(chance.choices("0123456789", k=chance.choice((6, 8, 11))))
    line.text = chance.choice(_NOT_FOR_ITEMS).format(digits=digits)
    line.name = chance.choices(
        (chance.choice(debtors).name, "".join(near_name(chance, chance.choice(debtors))), "".join(company(chance)),
         chance.choice((person(chance), "国家金库某支库", "财付通支付科技有限公司", ""))), (5, 10, 40, 45),
    )[0]  # fmt: skip


KINDS: Final[dict[str, tuple[int, Callable[[Random, Told, Debtor, Brands], bool]]]] = {
    "item number": (230, _numbered),
    "several items": (100, _several),
    "prefix cut": (60, _prefix_cut),
    "amount only": (160, _amount_only),
    "sum only": (50, _sum_only),
    "name mistyped": (50, _mistyped),
    "short name": (40, _short),
    "third party": (45, _third_party),
    "group payer": (35, _group),
    "part": (45, _part),
    "overpaid": (20, _over),
    "bank charges": (35, _charged),
    "with penalty": (20, _with_penalty),
    "transposed digits": (25, _transposed),
    "nothing designated": (25, _undesignated),
    "nameless": (10, _nameless),
    "noise": (50, lambda *_told: False),
}
"""Kind → (how frequent among 1 000 lines, what happens)."""
