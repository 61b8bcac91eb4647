"""Which bill of exchange a bank line collects at maturity: money for what was paid when the bill came, no new money.

Only a line of exactly the bill's amount can be one. The long number of a bill in the text settles it; the acceptor's
name or the bank's words for a collection near maturity only make it worth asking a person.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from huikuan.cash.rules.match_names import name_of
from huikuan.cash.rules.match_payers import Line
from huikuan.cash.rules.match_text import atoms_of, plain, probes

EARLY_DAYS: Final = 7
"""An acceptor may pay a bill that is presented before maturity; hardly sooner."""
LATE_DAYS: Final = 30
"""Ten days to present, and the time that the money takes."""
NUMBER_MIN: Final = 16
"""A shorter number (old paper bills have 8 digits) may as well be a day: it is a reason, and no proof."""

_WORDS: Final = re.compile(r"托收|汇票|票据|银承|商承|承兑|兑付|BILL OF EXCHANGE|\bDRAFT\b|ACCEPTANCE")
_BANK: Final = re.compile(r"[\u3400-\u9fff]{2,6}?银行")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A bill in our hands. Money in minor units."""

    bill_id: int
    number: str
    acceptor: str
    currency: str
    amount_minor: int
    matures_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """A bill that a line may collect, and why; sure: its number is written and nothing contradicts."""

    bill_id: int
    is_sure: bool
    reasons: tuple[str, ...]


REASONS: Final = ("BILL_NUMBER", "BILL_ACCEPTOR", "BILL_WORDS", "BILL_MATURES")
"""Every reason there is; the pages have words for each."""


def collected(line: Line, papers: Iterable[Paper]) -> tuple[Collected, ...]:
    """Return the bills that a line may collect, the sure ones first, then as they mature."""
    fitting = [paper for paper in papers if (paper.currency, paper.amount_minor) == (line.currency, line.amount_minor)]
    found = [each for paper in sorted(fitting, key=_order) if (each := _collected(line, paper)) is not None]
    return tuple(sorted(found, key=lambda each: not each.is_sure))


def _order(paper: Paper) -> tuple[date, int]:
    return paper.matures_on, paper.bill_id


def _collected(line: Line, paper: Paper) -> Collected | None:
    earliest, latest = paper.matures_on - timedelta(days=EARLY_DAYS), paper.matures_on + timedelta(days=LATE_DAYS)
    is_near = earliest <= line.received_on <= latest
    reasons = []
    if paper.number in probes(atoms_of(line.text)):
        reasons.append("BILL_NUMBER")
    if _is_acceptor(line.payer_name, paper.acceptor):
        reasons.append("BILL_ACCEPTOR")
    if _WORDS.search(plain(line.text)):
        reasons.append("BILL_WORDS")
    if not reasons or line.received_on < earliest or (not is_near and "BILL_NUMBER" not in reasons):
        return None
    if is_near:
        reasons.append("BILL_MATURES")
    is_sure = "BILL_NUMBER" in reasons and len(paper.number) >= NUMBER_MIN
    return Collected(bill_id=paper.bill_id, is_sure=is_sure, reasons=tuple(reasons))


def _is_acceptor(payer: str, acceptor: str) -> bool:
    """Tell whether the payer is the acceptor: the same name, or the same bank, whichever branch."""
    if not payer.strip():
        return False
    ours, theirs = name_of(payer), name_of(acceptor)
    if ours.full == theirs.full or ours.stem == theirs.stem or (ours.core == theirs.core and ours.core):
        return True
    banks = [_BANK.search(name.replace("中国", "")) for name in (payer, acceptor)]
    return all(banks) and len({bank[0] for bank in banks if bank}) == 1
