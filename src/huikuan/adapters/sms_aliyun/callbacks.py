"""Receipts and replies as Aliyun posts them: a JSON array. It does not sign; the address holds a secret instead."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from huikuan.adapters.sms_aliyun.channel import CHINA
from huikuan.adapters.web_token import demand_token
from huikuan.outreach.callbacks import Call, Heard, Reply, Told, UnreadableError

ANSWER: Final = '{"code": 0, "msg": "OK"}'
GONE: Final = frozenset({"MOBILE_NOT_ON_SERVICE"})
"""Codes that say: nobody has this number (any more)."""


def read(call: Call, now: datetime) -> Heard:
    """Return what a call of SmsReport or SmsUp says. Raises ForgedError, UnreadableError."""
    del now
    demand_token(call)
    try:
        listed = json.loads(call.body)
        replies = tuple(_reply(each) for each in listed if "content" in each)
        told = tuple(_told(each) for each in listed if "content" not in each)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableError(str(error)) from error
    return Heard(told, replies, ANSWER)


def _told(each: Mapping[str, Any]) -> Told:
    code = str(each.get("err_code") or "")
    state = "DELIVERED" if each["success"] is True else "BOUNCED" if code in GONE else "FAILED"
    return Told(
        reference=str(each["biz_id"]),
        key=str(each.get("out_id") or ""),
        state=state,
        at=_instant(each["report_time"]),
        detail=f"{code} {each.get('err_msg') or ''}".strip(),
        raw=each,
    )


def _reply(each: Mapping[str, Any]) -> Reply:
    number = str(each["phone_number"])
    at = _instant(each["send_time"])
    return Reply(
        reference=f"aliyun:{each.get('sequence_id') or f'{number} {at.isoformat()}'}",
        address=f"+86{number}" if len(number) == 11 else f"+{number}",  # noqa: PLR2004  a Chinese mobile number
        text=str(each["content"]),
        at=at,
    )


def _instant(text: str) -> datetime:
    """Return an instant: Aliyun writes Chinese time without saying so."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
