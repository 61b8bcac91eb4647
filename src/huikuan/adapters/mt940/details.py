"""What :86: says about a line: who, from which account, what for. Three usual structures, else plain text."""

import re
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from huikuan.cash.rules.statement import tidy_reference

_NUMBERED: Final = re.compile(r"\d{3}([?>^~@|$§])")
_SLASHED: Final = re.compile(r"/(EREF|NAME|IBAN|REMI|CNTP|ORDP|BENM|BIC|TRTP|PREF|CSID|MARF|USTD|STRD|BUSP|RTRN)/")
_SEPA: Final = re.compile(r"(EREF|KREF|MREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC|PURP)[+:]")
_IBAN_FIRST: Final = re.compile(r"([A-Z]{2}\d{2}[A-Z0-9]{8,30})\s+(.*)")
_NAME_AND_TEXT: Final = 2
_WIDTH: Final = 27
"""Characters of a subfield; a full one goes on in the next without a blank."""


class Details(NamedTuple):
    """What is known of the other side."""

    remittance: str
    name: str = ""
    account: str = ""
    end_to_end_id: str = ""


def read_details(lines: Sequence[str]) -> Details:
    """Read the lines of :86:."""
    joined = "".join(lines)
    if match := _NUMBERED.match(joined):
        return _numbered(joined, match[1])
    if len(_SLASHED.findall(joined)) >= _NAME_AND_TEXT:
        return _slashed(joined)
    text = " ".join(each.strip() for each in lines if each.strip())
    if match := _IBAN_FIRST.fullmatch(text):
        return Details(remittance=text, account=match[1])
    return Details(remittance=text)


def _numbered(text: str, mark: str) -> Details:
    """Read "166?00GUTSCHRIFT?20EREF+…?31DE…?32NAME"."""
    pieces = re.split(rf"{re.escape(mark)}(\d\d)", text)
    parts: dict[int, str] = {}
    for number, content in zip(pieces[1::2], pieces[2::2], strict=True):
        parts[int(number)] = parts.get(int(number), "") + content
    purpose = [parts[at] for at in (*range(20, 30), *range(60, 64)) if parts.get(at, "").strip()]
    remittance = _flowing(purpose) or parts.get(0, "").strip()
    return Details(
        remittance=remittance,
        name=_flowing([parts.get(32, ""), parts.get(33, "")]),
        account=(parts.get(31, "") or parts.get(38, "")).strip(),
        end_to_end_id=tidy_reference(_sepa(remittance).get("EREF", "")),
    )


def _flowing(pieces: Sequence[str]) -> str:
    """Join subfields: a full one was cut in the middle, a short one or a new key begins anew."""
    text = ""
    for piece in pieces:
        is_new = bool(_SEPA.match(piece)) or len(text) % _WIDTH != 0
        text += (" " if text and is_new and not text.endswith(" ") else "") + piece
    return re.sub(r"\s{2,}", " ", text).strip()


def _sepa(text: str) -> Mapping[str, str]:
    pieces = _SEPA.split(text)
    return {key: value.strip() for key, value in zip(pieces[1::2], pieces[2::2], strict=True)}


def _slashed(text: str) -> Details:
    """Read "/TRTP/SEPA/IBAN/NL…/NAME/J. Jansen/REMI/invoice 7/EREF/x"."""
    pieces = _SLASHED.split(text)
    parts = {key: value.strip(" /") for key, value in zip(pieces[1::2], pieces[2::2], strict=True)}
    between = parts.get("CNTP", "").split("/")
    words = [parts[key] for key in ("REMI", "USTD", "STRD") if parts.get(key)]
    return Details(
        remittance=" ".join(words) or text,
        name=parts.get("NAME", "") or (between[2] if len(between) > _NAME_AND_TEXT else ""),
        account=parts.get("IBAN", "") or between[0],
        end_to_end_id=tidy_reference(parts.get("EREF", "")),
    )


def read_subfields(lines: Sequence[str]) -> Details:
    """Read :NS: of Hungarian and Polish banks: two digits say what a line is (15 and 16 a name, 17 an account)."""
    named = "".join(line[2:] for line in lines if line[:2] in {"15", "16"})
    account = next((line[2:] for line in lines if line[:2] == "17"), "")
    words = " ".join(line[2:].strip() for line in lines if line[2:].strip())
    return Details(remittance=words, name=named, account=account)
