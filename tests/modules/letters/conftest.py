"""A creditor with letterhead and policy, and a customer with two overdue invoices and an address."""

import struct
import zlib
from datetime import UTC, date, datetime, timedelta

import pytest

from huikuan.kernel.rates import parse_rate
from huikuan.outreach.fakes import FakeGuard
from huikuan.parties.models import ContactPerson
from huikuan.policy.commands import install_default
from huikuan.receivables.commands.contracts import open_contract
from huikuan.receivables.commands.items import book_item
from huikuan.receivables.rules.terms import Terms
from huikuan.runs.commands.letters import post_letter, write_letter
from tests.people import NOON

NINE = datetime(2026, 7, 10, 1, 0, tzinfo=UTC)
"""Nine o'clock in Shanghai, on the day of NOON."""


@pytest.fixture(autouse=True)
def store(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "files"
    return settings.MEDIA_ROOT


@pytest.fixture
def letterhead(huatai):
    huatai.address, huatai.phone, huatai.email_from = "上海市世纪大道 100 号", "021-5555 0199", "ar@huatai.example"
    huatai.bank_account = "户名：华泰建材有限公司\n开户行：工商银行上海浦东支行\n账号：1001 2345 6789"
    huatai.registration_no = "91310000123456789X"
    huatai.save()
    install_default(entity_id=huatai.pk, starts_on=date(2020, 1, 1), now=NOON)
    return huatai


@pytest.fixture
def indebted(tianhe, letterhead, finance):
    """Tianhe owes 146 000.00 for 30 days at 0.05 % a day."""
    tianhe.address = "广州市天河区体育西路 88 号"
    tianhe.save()
    terms = Terms(kind="PER_DAY", rate_ppb=parse_rate("0.05%"))
    contract = open_contract(
        customer_id=tianhe.pk, actor=finance, now=NOON, number="HT-2026-001", terms=terms, clause="第7.2条"
    )
    due_on = date(2026, 6, 10)
    for number, amount_minor in (("INV-1", 6_000_000), ("INV-2", 8_600_000)):
        book_item(
            customer_id=tianhe.pk, number=number, amount_minor=amount_minor, issued_on=due_on - timedelta(days=30),
            due_on=due_on, contract_id=contract.pk, actor=finance, now=NOON,
        )  # fmt: skip
    return tianhe


@pytest.fixture
def liu(indebted):
    return ContactPerson.objects.create(customer=indebted, name="刘会计", role="ACCOUNTANT", created_at=NOON)


@pytest.fixture
def guard():
    return FakeGuard()


@pytest.fixture
def write(indebted, owner):
    def written(template="demand", **more):
        given = {"customer_id": indebted.pk, "currency": "CNY", "actor": owner, "now": NOON, **more}
        return write_letter(template=template, **given)

    return written


@pytest.fixture
def post(owner, guard):
    def posted(letter, tracking_number="EA123456789CN", **more):
        given = {"carrier": "EMS", "at": NOON, "actor": owner, "now": NOON, "guard": guard, **more}
        return post_letter(letter_id=letter.pk, tracking_number=tracking_number, **given)

    return posted


def a_seal(width: int = 8) -> bytes:
    """Return a PNG: a square, half red and half clear."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    row = b"\x00" + b"\xc0\x10\x10\xff\x00\x00\x00\x00" * (width // 2)
    head = struct.pack(">IIBBBBB", width, width, 8, 6, 0, 0, 0)
    chunks = [chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(row * width)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)
