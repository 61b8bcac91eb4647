"""Profiles: how the export of one bank or wallet is laid out. YAML files; users add their own beside the database."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

import yaml

from huikuan.kernel.days import DayOrder
from huikuan.kernel.refusal import Refusal, gettext_noop

FIELDS: Final = (
    "booked_on", "value_on", "currency", "balance", "charges", "amount", "credit", "debit", "flag", "status",
    "own_account", "counterparty", "counterparty_name", "counterparty_account", "payer_name", "payer_account",
    "payee_name", "payee_account", "remittance", "bank_reference", "end_to_end_id", "kind",
)  # fmt: skip
"""What a column can mean. `counterparty` is a name with the account number behind it in one cell."""
JOINED: Final = frozenset({"remittance"})
"""Fields whose columns are joined; of every other one the first that is there counts."""
_WAYS: Final = (("credit", "debit"), ("amount", "flag"), ("amount",))
_KEYS: Final = frozenset(
    {
        "name", "title", "bank", "columns", "needs", "inverted", "in", "out", "neutral", "void", "day", "currency",
        "account_labels", "skip", "totals",
    }
)  # fmt: skip
_LABELS: Final = ("账号", "卡号", "账户", "本方账号", "查询账号", "银行账号", "account", "account number", "account no")
_SKIP: Final = (
    "合计", "总计", "小计", "本页", "累计", "期初", "期末", "以上数据", "以下", "共\\d", "说明", "备注:", "注:",
    "注意", "温馨提示", "打印", "导出", "资金流水总笔数", "总交易单数", "#", "-{4,}", ".*合计$", "total", "end",
)  # fmt: skip


class ProfileUnknown(Refusal):
    """No layout of this name."""

    code = "bank.profile-unknown"
    text = gettext_noop("There is no layout “{profile}”. Known: {known}.")


class ProfileWrong(Refusal):
    """A user's file cannot be used."""

    code = "bank.profile-wrong"
    text = gettext_noop("The layout {file} cannot be used: {flaw}. The manual page on bank statements shows one.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One layout."""

    name: str
    title: str
    bank: str = ""
    columns: Mapping[str, tuple[str, ...]]
    """Field -> headings, plain; the first that is there counts."""
    needs: tuple[str, ...] = ()
    """Headings that must be there for the layout to be meant."""
    inverted: bool = False
    """Spending is positive, as on the bill of a credit card."""
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """in, out, neutral: how the flag begins; void: how the state of a trade begins that moved no money."""
    order: DayOrder = DayOrder.YMD
    currency: str = "CNY"
    account_labels: tuple[str, ...] = _LABELS
    skip: tuple[str, ...] = _SKIP
    totals: Mapping[str, str] = field(default_factory=dict)
    """credit, debit, count: expressions with one group, sought above the headings."""

    @property
    def way(self) -> tuple[str, ...]:
        """Return the fields that make the amount: credit and debit, amount and flag, or a signed amount."""
        return next(way for way in _WAYS if set(way) <= set(self.columns))


def plain(text: str) -> str:
    """Return a heading as it is compared: half width, small, without blanks, without its English in brackets.

    >>> plain("交易金额[ Trade Amount ]"), plain(" 金额（元）"), plain("日 志 号")
    ('交易金额', '金额(元)', '日志号')
    """
    tidy = unicodedata.normalize("NFKC", text).replace("\ufeff", "")
    return re.sub(r"\[[^\]]*\]|【[^】]*】|[\s*'`]", "", tidy).lower()


def read_profile(text: str, file: str) -> Profile:
    """Read a profile from YAML. Raises ProfileWrong, which names what is wrong."""
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ProfileWrong(file=file, flaw=f"line {mark.line + 1 if mark else 1} is no YAML") from None
    flaw = _flaw(raw)
    if flaw:
        raise ProfileWrong(file=file, flaw=flaw)
    return Profile(
        name=raw["name"],
        title=raw.get("title", raw["name"]),
        bank=raw.get("bank", ""),
        columns={name: tuple(plain(each) for each in _listed(raw["columns"][name])) for name in raw["columns"]},
        needs=tuple(plain(each) for each in _listed(raw.get("needs", []))),
        inverted=bool(raw.get("inverted", False)),
        words={name: tuple(_listed(raw[name])) for name in ("in", "out", "neutral", "void") if name in raw},
        order=DayOrder(raw.get("day", "ymd")),
        currency=raw.get("currency", "CNY"),
        account_labels=tuple(plain(each) for each in (*_LABELS, *_listed(raw.get("account_labels", [])))),
        skip=(*_SKIP, *_listed(raw.get("skip", []))),
        totals=raw.get("totals", {}),
    )


def _listed(value: Any) -> list[str]:  # noqa: ANN401  whatever a person wrote
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def _flaw(raw: Any) -> str:  # noqa: ANN401, PLR0911  whatever a person wrote; one sentence for each mistake
    """Return what is wrong with a profile, empty when nothing is."""
    if not isinstance(raw, dict) or not isinstance(raw.get("name"), str) or not isinstance(raw.get("columns"), dict):
        return "it needs a name and columns"
    if unknown := sorted(set(map(str, raw)) - _KEYS):
        return f"nothing is called {', '.join(unknown)}"
    if unknown := sorted(set(map(str, raw["columns"])) - set(FIELDS)):
        return f"no column is called {', '.join(unknown)}"
    if "booked_on" not in raw["columns"]:
        return "the column booked_on is missing"
    if not any(set(way) <= set(raw["columns"]) for way in _WAYS):
        return "the amount is missing: credit and debit, amount and flag, or amount"
    if "flag" in raw["columns"] and not ("in" in raw and "out" in raw):
        return "with a flag, in and out say which words mean what"
    if raw.get("day", "ymd") not in {each.value for each in DayOrder}:
        return "day is ymd, dmy or mdy"
    for pattern in (*_listed(raw.get("skip", [])), *dict(raw.get("totals", {})).values()):
        try:
            re.compile(pattern)
        except re.error as error:
            return f"“{pattern}” is no expression ({error})"
    return ""


@cache
def built_in() -> Mapping[str, Profile]:
    """Return the profiles that come with the program, by name."""
    folder = resources.files(__package__) / "profiles"
    files = sorted((each for each in folder.iterdir() if each.name.endswith(".yaml")), key=lambda each: each.name)
    found = [read_profile(each.read_text(encoding="utf-8"), each.name) for each in files]
    return {profile.name: profile for profile in found}


def profiles(folder: Path | None) -> dict[str, Profile]:
    """Return all profiles by name; one of the user's folder replaces a built-in one of the same name.

    Raises: ProfileWrong.
    """
    found = dict(built_in())
    for path in sorted(folder.glob("*.y*ml")) if folder is not None and folder.is_dir() else []:
        own = read_profile(path.read_text(encoding="utf-8"), path.name)
        found[own.name] = own
    return found
