"""Receipts and replies as Tencent posts them: JSON. It does not sign; the address holds a secret instead."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from huikuan.adapters.web_token import demand_token
from huikuan.outreach.callbacks import Call, Heard, Reply, Told, UnreadableError

ANSWER: Final = '{"result": 0, "errmsg": "OK"}'
CHINA: Final = ZoneInfo("Asia/Shanghai")


def read(call: Call, now: datetime) -> Heard:
    """Return what a call says: an array of receipts, or one reply. Raises ForgedError, UnreadableError."""
    del now
    demand_token(call)
    try:
        said = json.loads(call.body)
        if isinstance(said, dict):
            return Heard((), (_reply(said),), ANSWER)
        return Heard(tuple(_told(each) for each in said), (), ANSWER)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise UnreadableError(str(error)) from error


def _told(each: Mapping[str, Any]) -> Told:
    return Told(
        reference=str(each["sid"]),
        key="",
        state="DELIVERED" if each["report_status"] == "SUCCESS" else "FAILED",
        at=datetime.strptime(each["user_receive_time"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA),
        detail=f"{each.get('errmsg') or ''} {each.get('description') or ''}".strip(),
        raw=each,
    )


def _reply(said: Mapping[str, Any]) -> Reply:
    at = datetime.fromtimestamp(int(said["time"]), UTC)
    address = f"+{said['nationcode']}{said['mobile']}"
    return Reply(f"tencent:{address} {at.isoformat()}", address, str(said["text"]), at)
