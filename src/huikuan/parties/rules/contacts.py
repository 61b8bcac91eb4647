"""What a person is for the customer, and when he likes to be reached.

Only who acts for the customer may be talked to (domain.md §6, law.md §6).
"""

import re
import unicodedata
from datetime import time
from typing import Final

from huikuan.kernel.refusal import Refusal, gettext_noop


class PersonActsForNobody(Refusal):
    """Family, friends and other third parties: telling them of the debt is against the law."""

    code = "parties.person-acts-for-nobody"
    text = gettext_noop(
        "“{role}” does not act for the customer: family, friends and other third parties may not be contacted. "
        "Name a person who pays, approves, keeps the books or represents the company."
    )


class ContactRoleUnknown(Refusal):
    """A role that says nothing to us."""

    code = "parties.contact-role-unknown"
    text = gettext_noop("“{role}” is not a role of a contact. Use one of {roles}.")


class HoursUnreadable(Refusal):
    """Not two times of one day, the earlier first."""

    code = "parties.hours-unreadable"
    text = gettext_noop("“{value}” are not hours of a day. Write a beginning and a later end, for example 09:30-11:30.")


Hours = tuple[time, time]
"""From … until before …, on somebody's clock, within one day."""

_HOURS: Final = re.compile(r"(\d{1,2}):(\d{2})(?::00)?[-–—~至到](\d{1,2}):(\d{2})(?::00)?")

ROLES: Final = ("PAYER", "APPROVER", "LEGAL_REP", "ACCOUNTANT", "OTHER")
_WORDS: Final = {
    "PAYER": "payer payment payments cashier treasurer 付款 付款人 出纳 付款联系人 资金",
    "APPROVER": "approver approval manager director boss 审批 审批人 负责人 总经理 经理 老板 采购 采购经理 purchasing",
    "LEGAL_REP": "legal_rep legalrep representative 法定代表人 法人 法人代表",
    "ACCOUNTANT": "accountant accounting accounts finance bookkeeper 会计 财务 财务经理 财务负责人 对账 应付",
    "OTHER": "other contact 其他 其它 联系人 业务",
}
_ROLE_OF: Final = {word: role for role, words in _WORDS.items() for word in words.split()}
_THIRD_PARTIES: Final = re.compile(
    r"家属|家人|亲属|亲戚|配偶|妻子|丈夫|老婆|老公|父母|父亲|母亲|子女|儿子|女儿|兄弟|姐妹|朋友|同学|邻居|紧急联系人|供应商|"
    r"famil|spouse|wife|husband|parent|father|mother|child|\bson\b|daughter|brother|sister|relative|friend|neighbou?r|"
    r"emergency|supplier",
    re.IGNORECASE,
)


def role_of(text: str) -> str:
    """Return the role that a word means: "财务" and "finance" are ACCOUNTANT; nothing said is OTHER.

    Raises: PersonActsForNobody, ContactRoleUnknown.
    """
    tidy = unicodedata.normalize("NFKC", text).strip()
    if not tidy:
        return "OTHER"
    if _THIRD_PARTIES.search(tidy):
        raise PersonActsForNobody(role=text)
    role = _ROLE_OF.get(tidy.lower().replace(" ", "_"))
    if role is None:
        raise ContactRoleUnknown(role=text, roles=", ".join(ROLES))
    return role


def parse_hours(text: str) -> Hours:
    """Return the hours that a text names: "9:30-11:30", "09：30 至 11：30". Raises HoursUnreadable."""
    found = _HOURS.fullmatch("".join(unicodedata.normalize("NFKC", text).split()))
    if found is None:
        raise HoursUnreadable(value=text[:60])
    try:
        hours = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    except ValueError:
        raise HoursUnreadable(value=text[:60]) from None
    return checked_hours(*hours)


def checked_hours(begins: time, ends: time) -> Hours:
    """Return the hours when they are some: the beginning before the end. Raises HoursUnreadable."""
    if begins >= ends:
        raise HoursUnreadable(value=format_hours((begins, ends)))
    return begins, ends


def format_hours(hours: Hours) -> str:
    """Write hours as they are read again: 09:30-11:30."""
    begins, ends = hours
    return f"{begins:%H:%M}-{ends:%H:%M}"
