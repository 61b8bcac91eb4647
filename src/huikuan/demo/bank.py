"""The bank lines of the demo: a small statement of the last days, imported and matched by the real commands."""

import csv
import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from django.db.models import Count

from huikuan.cash.commands.accounts import add_account
from huikuan.cash.commands.matching import Matched, match_lines
from huikuan.cash.commands.statements import import_statement
from huikuan.cash.ports import open_statement
from huikuan.kernel.money import format_decimal
from huikuan.parties.models import Entity
from huikuan.receivables.models import OpenItem

ACCOUNT: Final = "6200000000001055"
_HEAD: Final = ("交易日期", "对方户名", "对方账号", "摘要", "收入", "支出", "余额")


def bank_days(*, as_of: date, now: datetime) -> Matched:
    """Bring a statement of the entity MAIN: items named, bare amounts, a third party, interest; and match it."""
    entity = Entity.objects.get(code="MAIN")
    account = add_account(
        entity_id=entity.pk, number=ACCOUNT, currency="CNY", actor=None, now=now, bank="演示银行", name="货款户"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "演示银行流水.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([_HEAD, *_rows(entity, as_of)])
        source = open_statement(path)
        import_statement(entity_id=entity.pk, source=source, path=path, actor=None, now=now, chosen=account)
    return match_lines(entity_id=entity.pk, now=now)


def _rows(entity: Entity, as_of: date) -> list[tuple[str, ...]]:
    """Return the lines, the balance running on."""
    owing = OpenItem.objects.filter(entity=entity, settled_on=None, currency="CNY").values("customer_id")
    several = owing.annotate(count=Count("pk")).filter(count__gte=2).order_by("customer_id")
    by_customer = [
        list(
            OpenItem.objects.filter(customer_id=each["customer_id"], settled_on=None, currency="CNY")
            .select_related("customer")
            .order_by("due_on", "pk")[:2]
        )
        for each in several[:5]
    ]
    told = [_told(place, items) for place, items in enumerate(by_customer)]
    told.append(("网银互联清算", "4402", "他行汇入", 2_688_00))
    told.append(("演示银行", "", "结息", 41_37))
    balance = 1_000_000_00
    rows: list[tuple[str, ...]] = []
    for place, (name, number, text, minor) in enumerate(told):
        balance += minor
        day = as_of - timedelta(days=max(3 - place, 1))
        rows.append((day.isoformat(), name, number, text, _yuan(minor), "", _yuan(balance)))
    return rows


def _told(place: int, items: list[OpenItem]) -> tuple[str, str, str, int]:
    """Return payer, account, text and amount of a line: each place its own kind."""
    first, second = items
    name = first.customer.name
    return (
        (name, "62000001", f"货款 {first.number}", first.open_minor),
        (
            name.replace("有限公司", ""),
            "62000002",
            f"付{first.number}、{second.number}",
            first.open_minor + second.open_minor,
        ),
        ("李建国", "62000003", f"代{name}付货款", first.open_minor),
        (name[2:], "62000004", "往来款", second.open_minor - 15_00),
        (name[:4], "62000005", "部分货款", 5_000_00),
    )[place]


def _yuan(minor: int) -> str:
    return format_decimal(minor, "CNY")
