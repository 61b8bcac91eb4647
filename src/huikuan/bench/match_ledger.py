"""An invented ledger for the matching benchmark: customers with names like real ones, and what they owe.

It knows nothing of the matcher: names, numbers and amounts are made by rules of their own.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Final

_REGIONS: Final = (
    "北京", "上海", "天津", "重庆", "南京", "苏州", "无锡", "杭州", "宁波", "温州", "合肥", "福州",
    "厦门", "济南", "青岛", "郑州", "武汉", "长沙", "广州", "深圳", "东莞", "佛山", "成都", "西安",
)  # fmt: skip
_SYLLABLES: Final = tuple(
    "华信中联瑞丰恒通达康宏盛鑫源金鼎天泰永安嘉禾博远德润凯旋利民汇东方新海正昌隆宇晟佳美锦程志诚百川众合启明星辰卓越安邦元亨君悦朗格森"
    "林峰岳腾飞翔云帆景荣宝兴业弘毅睿智"
)
_TRADES: Final = (
    "贸易", "商贸", "科技", "实业", "电子", "机械设备", "建材", "化工", "食品", "物流",
    "物业服务", "信息技术", "文化传媒", "医疗器械", "服饰", "五金", "汽车配件", "环保工程", "包装材料", "自动化",
)  # fmt: skip
_FORMS: Final = ("有限公司", "有限公司", "有限公司", "有限责任公司", "股份有限公司")
_SURNAMES: Final = tuple("王李张刘陈杨黄赵吴周徐孙马朱胡")
_GIVEN: Final = tuple("伟芳娜敏静磊军洋勇艳杰涛明超霞平刚桂英")
_PRICES: Final = (9_900, 19_900, 120_000, 260_000, 360_000, 500_000, 1_000_000)
RENT: Final = 3
"""Of the five ways to number, that of rents: equal amounts, month after month."""

FIRST_DAY: Final = date(2025, 9, 1)


@dataclass(slots=True)
class Owed:
    """An item; `left` falls as the story pays it."""

    item_id: int
    number: str
    amount: int
    due_on: date
    left: int
    penalty: int = 0


@dataclass(slots=True)
class Debtor:
    """A customer with the words of his name apart, and the account he pays from."""

    customer_id: int
    region: str
    brand: str
    trade: str
    form: str
    account: str
    is_known: bool
    parent: "Debtor | None" = None
    items: list[Owed] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Return the registered name."""
        return f"{self.region}{self.brand}{self.trade}{self.form}"

    @property
    def code(self) -> str:
        """Return the customer's code."""
        return f"KH{self.customer_id:06d}"

    @property
    def open(self) -> list[Owed]:
        """Return what the story has not paid yet."""
        return [item for item in self.items if item.left > 0]


def likely(chance: Random, per_mille: int) -> bool:
    """Tell whether something happens that happens so many times in a thousand."""
    return chance.randrange(1_000) < per_mille


def person(chance: Random) -> str:
    """Return the name of somebody."""
    return chance.choice(_SURNAMES) + "".join(chance.choices(_GIVEN, k=chance.choice((1, 2))))


def company(chance: Random) -> tuple[str, str, str, str]:
    """Return region, brand, trade and legal form of a company."""
    brand = "".join(chance.sample(_SYLLABLES, k=2 if likely(chance, 600) else 3))
    return chance.choice(_REGIONS), brand, chance.choice(_TRADES), chance.choice(_FORMS)


def ledger(chance: Random, items: int) -> list[Debtor]:
    """Return customers who together owe about so many items: twins with near names and groups among them."""
    debtors: list[Debtor] = []
    names: set[str] = set()
    sequence = iter(chance.sample(range(1, 4 * items), 4 * items - 1))
    made = 0
    while made < items:
        parts, parent = company(chance), None
        if debtors and likely(chance, 40):
            parts = near_name(chance, chance.choice(debtors))
        elif debtors and likely(chance, 60):
            parent = chance.choice(debtors[-50:])
            parent = parent.parent or parent
            parts = (parts[0], parent.brand, parts[2], parts[3])
        if "".join(parts) in names:
            continue
        account = "".join(chance.choices("0123456789", k=19))
        debtor = Debtor(len(debtors) + 1, *parts, account, likely(chance, 400), parent)
        names.add(debtor.name)
        debtors.append(debtor)
        for _ in range(min(items - made, int(chance.expovariate(0.3)) + 1)):
            made += 1
            debtor.items.append(_item(chance, debtor, made, next(sequence)))
    return debtors


def near_name(chance: Random, other: Debtor) -> tuple[str, str, str, str]:
    """Return a name that differs from another by one character, the trade or the place."""
    way = chance.randrange(3)
    if way == 0:
        return other.region, other.brand[:-1] + chance.choice(_SYLLABLES), other.trade, other.form
    if way == 1:
        return other.region, other.brand, chance.choice(_TRADES), other.form
    return chance.choice(_REGIONS), other.brand, other.trade, other.form


def _item(chance: Random, debtor: Debtor, item_id: int, sequence: int) -> Owed:
    due_on = FIRST_DAY + timedelta(days=chance.randrange(-60, 60))
    scheme = debtor.customer_id % 5
    number = (
        f"INV-{due_on.year}-{sequence:06d}",
        f"FP{due_on:%Y%m}{sequence:06d}",
        f"2531200000{sequence:010d}",
        f"ZJ{due_on:%y%m}-{debtor.customer_id:05d}-{len(debtor.items) + 1:02d}",
        f"XS/{due_on:%y}/{sequence:07d}",
    )[scheme]
    amount = _amount(chance)
    if debtor.items and (scheme == RENT or likely(chance, 50)):
        amount = debtor.items[-1].amount if likely(chance, 500) else amount
    penalty = amount * chance.randrange(1, 40) // 2_000 if likely(chance, 300) else 0
    return Owed(item_id, number, amount, due_on, amount, penalty)


def _amount(chance: Random) -> int:
    if likely(chance, 120):
        return chance.choice(_PRICES)
    if likely(chance, 200):
        return chance.randrange(5, 900) * 10_000
    return int(10 ** chance.uniform(4.5, 7.5))
