"""Letters per second: number, drawing, archive, database and journal, beside bare Typst on the very same data.

Composing (the claim read from the ledger, the penalty, the words) is measured for itself: bare Typst does none of it.
"""

import json
import resource
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import typst
from django.db import connection

from huikuan.bench.portfolio import entity
from huikuan.bench.stopwatch import ratio
from huikuan.documents.rendering import LAYOUTS, end_processes, font_folders
from huikuan.documents.worker import STANDARD
from huikuan.journal.models import Entry
from huikuan.outreach.commands.letters import LetterContent, make_letter, pdf_of
from huikuan.outreach.models import Letter
from huikuan.parties.commands.customers import save_customer
from huikuan.parties.commands.letterhead import set_postal_address
from huikuan.parties.models import Customer
from huikuan.receivables.commands.contracts import open_contract
from huikuan.receivables.commands.items import book_item
from huikuan.receivables.rules.terms import Terms
from huikuan.runs.letters import letter_content

CUSTOMERS: Final = 50
ITEMS_EACH: Final = 5
IN_TURN: Final = 25
"""Letters of ours, then the same with bare Typst: noise meets both alike."""
FIRST_DAY: Final = date(2026, 7, 1)
TARGET_RATIO: Final = 0.5
_RATE_PPB: Final = 500_000


def measure(count: int) -> dict[str, Any]:
    """Write so many letters of five items each; raises AssertionError when a document differs from bare Typst's."""
    customers = _customers()
    compiler = _compiler()
    composing = ours = bare = 0.0
    byte_count = 0
    begun = _cpu_seconds()
    bare_cpu = 0.0
    for start in range(0, count, IN_TURN):
        turn = range(start, min(start + IN_TURN, count))
        at = time.perf_counter()
        composed = [_composed(customers[n % len(customers)], n // len(customers)) for n in turn]
        composing += time.perf_counter() - at
        at = time.perf_counter()
        letters = [_made(*each, n) for each, n in zip(composed, turn, strict=True)]
        ours += time.perf_counter() - at
        at, cpu = time.perf_counter(), time.process_time()
        drawn = [_bare(compiler, letter) for letter in letters]
        bare += time.perf_counter() - at
        bare_cpu += time.process_time() - cpu
        for letter, reference in zip(letters, drawn, strict=True):
            if pdf_of(letter) != reference:
                message = f"{letter.number}: bare Typst draws another document"
                raise AssertionError(message)
            byte_count += len(reference)
    end_processes()
    cpu_seconds = _cpu_seconds() - begun - bare_cpu
    throughput = ratio(bare, ours)
    return {
        "letters": Letter.objects.count(),
        "journal_entries": Entry.objects.count(),
        "seconds": round(ours, 3),
        "letters_per_second": round(count / ours, 1),
        "composing_seconds": round(composing, 3),
        "letters_per_second_with_composing": round(count / (ours + composing), 1),
        "cpu_seconds_with_composing": round(cpu_seconds, 3),
        "letters_per_core_second_with_composing": round(count / cpu_seconds, 1),
        "mean_bytes": round(byte_count / count),
        "bare_typst_seconds": round(bare, 3),
        "bare_typst_per_second": round(count / bare, 1),
        "ratio_to_bare_typst": throughput,
        "ratio_with_composing": ratio(bare, ours + composing),
        "target_at_least": TARGET_RATIO,
        "is_met": throughput >= TARGET_RATIO,
        "database": connection.vendor,
    }


def _customers() -> list[Customer]:
    """Book what the letters demand: not part of the measurement."""
    creditor, now = entity(), _noon(0)
    return [_customer(creditor.pk, number, now) for number in range(CUSTOMERS)]


def _customer(entity_id: int, number: int, now: datetime) -> Customer:
    customer = save_customer(entity_id=entity_id, code=f"L{number:04d}", name=f"第{number}号客户", actor=None, now=now)
    contract = open_contract(
        customer_id=customer.pk, number=f"HT-{number:04d}", clause="第七条", actor=None, now=now,
        terms=Terms(kind="PER_DAY", rate_ppb=_RATE_PPB),
    )  # fmt: skip
    for item in range(ITEMS_EACH):
        due_on = FIRST_DAY - timedelta(days=30 + 7 * item)
        book_item(
            customer_id=customer.pk, number=f"INV-{number:04d}-{item}", amount_minor=1_234_567 + 1_000 * item,
            issued_on=due_on - timedelta(days=30), due_on=due_on, contract_id=contract.pk, actor=None, now=now,
        )  # fmt: skip
    return set_postal_address(customer_id=customer.pk, address=f"测试路 {number} 号", actor=None, now=now)


def _composed(customer: Customer, day: int) -> tuple[Customer, LetterContent]:
    today = FIRST_DAY + timedelta(days=day)
    return customer, letter_content(customer=customer, currency="CNY", template="demand", today=today)


def _made(customer: Customer, content: LetterContent, number: int) -> Letter:
    return make_letter(customer_id=customer.pk, key=f"bench:{number}", content=content, now=_noon(0))


def _noon(day: int) -> datetime:
    return datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, 4, tzinfo=UTC) + timedelta(days=day)


def _compiler() -> typst.Compiler:
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=font_folders())
    return typst.Compiler(root=str(LAYOUTS), font_paths=fonts, ignore_system_fonts=True)


def _bare(compiler: typst.Compiler, letter: Letter) -> object:
    """Draw a letter with nothing around the compiler."""
    midnight = datetime.combine(letter.as_of, datetime.min.time(), UTC)
    return compiler.compile(
        input=str(LAYOUTS / "letter.typ"),
        format="pdf",
        sys_inputs={
            "data": json.dumps(letter.data, ensure_ascii=False, sort_keys=True),
            "language": letter.language,
        },
        pdf_standards=STANDARD,
        timestamp=midnight,
    )


def _cpu_seconds() -> float:
    """Return what this process and the children it waited for have computed."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    )
