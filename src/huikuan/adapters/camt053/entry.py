"""One entry (Ntry) of a camt message as one line, or as one for each transaction of a batch whose amounts it names."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from huikuan.adapters.camt053.nodes import Node
from huikuan.cash.rules.statement import BankLine, Remark, tidy_reference
from huikuan.kernel.days import parse_day
from huikuan.kernel.money import parse_minor
from huikuan.kernel.refusal import Refusal, gettext_noop

BOOKED: Final = frozenset({"BOOK", ""})
"""States of an entry that moved money; pending and informative ones did not."""


class ElementWrong(Refusal):
    """A value is not what the message defines."""

    code = "bank.element-wrong"
    text = gettext_noop("Line {line}: {element} reads “{value}”: {why} Nothing was imported.")


class ElementMissing(Refusal):
    """Something without which a statement says nothing."""

    code = "bank.element-missing"
    text = gettext_noop("Line {line}: {element} is missing. Nothing was imported: ask the bank for the file again.")


def read_amount(node: Node | None, parent: Node, *, debit: bool) -> tuple[int, str]:
    """Return signed minor units and currency of an Amt element. Raises ElementMissing, ElementWrong."""
    if node is None:
        raise ElementMissing(line=parent.line, element="Amt")
    currency = node.attributes.get("Ccy", "")
    try:
        minor = parse_minor(node.text, currency)
    except Refusal as why:
        raise ElementWrong(line=node.line, element="Amt", value=node.text, why=str(why)) from None
    return (-minor if debit else minor), currency


def is_debit(node: Node) -> bool:
    """Tell the direction. Raises ElementWrong, ElementMissing."""
    word = node.value("CdtDbtInd")
    if not word:
        raise ElementMissing(line=node.line, element="CdtDbtInd")
    if word not in {"CRDT", "DBIT"}:
        raise ElementWrong(line=node.line, element="CdtDbtInd", value=word, why="CRDT or DBIT is meant.")
    return word == "DBIT"


def read_day(node: Node | None) -> date | None:
    """Return the calendar day as the bank states it, in its own zone; None when there is none. Raises ElementWrong."""
    if node is None:
        return None
    text = node.value("Dt", "DtTm") or node.text
    try:
        return parse_day(text[:10]) if text else None
    except Refusal as why:
        raise ElementWrong(line=node.line, element=node.tag, value=text, why=str(why)) from None


def read_entry(entry: Node, *, row: int, said_on: date | None) -> Iterator[BankLine | Remark]:
    """Yield the lines of one entry.

    Args:
        entry: The Ntry element.
        row: Its number in the file, from 1: the lines of one batch share it.
        said_on: Day of the message, for an entry that names none (camt.054).

    Raises: ElementMissing, ElementWrong.
    """
    status = entry.value("Sts/Cd", "Sts")
    if status not in BOOKED:
        yield Remark("pending", row, status)
        return
    debit = is_debit(entry)
    minor, currency = read_amount(entry.first("Amt"), entry, debit=debit)
    value_on = read_day(entry.first("ValDt"))
    booked_on = read_day(entry.first("BookgDt")) or value_on
    if booked_on is None:
        if said_on is None:
            raise ElementMissing(line=entry.line, element="BookgDt")
        booked_on = said_on
        yield Remark("day-of-message", row, said_on.isoformat())
    whole = BankLine(
        row=row,
        booked_on=booked_on,
        value_on=value_on,
        currency=currency,
        amount_minor=minor,
        charges_minor=_charges(entry, currency),
        bank_reference=tidy_reference(entry.value("AcctSvcrRef")),
        kind=_kind(entry),
        is_reversal=entry.value("RvslInd") in {"true", "1"},
        remittance=entry.value("AddtlNtryInf"),
    )
    details = entry.all("NtryDtls/TxDtls") or entry.all("TxDtls")
    parts = _split(whole, details)
    if parts is None and len(details) > 1:
        yield Remark("batch-kept-whole", row, str(len(details)))
    if parts is None:
        yield _explained(whole, details, debit=debit)
        return
    for detail, amount in zip(details, parts, strict=True):
        yield _explained(whole._replace(amount_minor=amount), [detail], debit=amount < 0)


def _split(whole: BankLine, details: Sequence[Node]) -> list[int] | None:
    """Return the signed amounts of a batch's transactions, None unless they make the entry to the last cent."""
    if len(details) < 2:  # noqa: PLR2004
        return None
    amounts = []
    for detail in details:
        node = detail.first("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt")
        if node is None or node.attributes.get("Ccy") != whole.currency:
            return None
        debit = is_debit(detail) if detail.first("CdtDbtInd") else whole.amount_minor < 0
        amounts.append(read_amount(node, detail, debit=debit)[0])
    return amounts if sum(amounts) == whole.amount_minor and all(amounts) else None


def _kind(entry: Node) -> str:
    code = entry.first("BkTxCd")
    if code is None:
        return ""
    domain = [code.value("Domn/Cd"), code.value("Domn/Fmly/Cd"), code.value("Domn/Fmly/SubFmlyCd")]
    return "/".join(part for part in domain if part) or code.value("Prtry/Cd")


def _charges(node: Node, currency: str) -> int:
    """Return the charges already taken off the amount, in minor units."""
    total = 0
    for charge in (*node.all("Chrgs"), *node.all("NtryDtls/TxDtls/Chrgs")):
        records = charge.all("Rcrd") or [charge]
        for each in records:
            amount = each.first("Amt", "TtlChrgsAndTaxAmt")
            included = each.value("ChrgInclInd") not in {"false", "0"}
            if amount is not None and included and amount.attributes.get("Ccy", currency) == currency:
                total += abs(read_amount(amount, each, debit=False)[0])
    return total


def _party(node: Node, role: str) -> str:
    return node.value(f"RltdPties/{role}/Nm", f"RltdPties/{role}/Pty/Nm", f"RltdPties/{role}/Agt/FinInstnId/Nm")


def _explained(line: BankLine, details: Sequence[Node], *, debit: bool) -> BankLine:
    """Add what the transactions say: the other side, its account, its words, its references."""
    role = "Cdtr" if debit else "Dbtr"
    words = [line.remittance]
    line = line._replace(remittance="")
    for node in details:
        account = node.first(f"RltdPties/{role}Acct/Id")
        name, ultimate = _party(node, role), _party(node, f"Ultmt{role}")
        line = line._replace(
            counterparty_name=line.counterparty_name or name or ultimate,
            counterparty_account=line.counterparty_account
            or (account.value("IBAN", "Othr/Id", "PrtryAcct/Id", "BBAN") if account is not None else ""),
            end_to_end_id=line.end_to_end_id or tidy_reference(node.value("Refs/EndToEndId")),
            bank_reference=line.bank_reference
            or tidy_reference(node.value("Refs/AcctSvcrRef", "Refs/UETR", "Refs/TxId", "Refs/Prtry/Ref")),
            is_reversal=line.is_reversal or node.first("RtrInf") is not None,
        )
        words += _words(node)
        if ultimate and ultimate != name:
            words.append(ultimate)
    said = dict.fromkeys(re.sub(r"\s+", " ", word) for word in words if word)
    return line._replace(remittance=" ".join(said))


def _words(node: Node) -> list[str]:
    paths = (
        "RmtInf/Ustrd",
        "RmtInf/Strd/CdtrRefInf/Ref",
        "RmtInf/Strd/CdtrRefInf/CdtrRef",
        "RmtInf/Strd/RfrdDocInf/Nb",
        "RmtInf/Strd/RfrdDocInf/RfrdDocNb",
        "RmtInf/Strd/AddtlRmtInf",
        "RtrInf/AddtlInf",
        "AddtlTxInf",
    )
    return [each.text for path in paths for each in node.all(path)]
