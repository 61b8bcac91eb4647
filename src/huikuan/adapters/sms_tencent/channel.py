"""The text message channel over Tencent Cloud."""

import json
import re
from datetime import datetime
from typing import Final

import httpx
from django.conf import settings

from huikuan.adapters import http_calls
from huikuan.adapters.sms_approved import ApprovedSms
from huikuan.adapters.sms_templates import Filled
from huikuan.adapters.sms_tencent.signing import CONTENT_TYPE, authorization
from huikuan.outreach.ports import Accepted, Mail, Outcome, PermanentRefusal, TemporaryRefusal, Unknown

PROVIDER: Final = "tencent"
ENDPOINT: Final = "https://sms.tencentcloudapi.com"
SERVICE: Final = "sms"
VERSION: Final = "2021-01-11"
HOLE: Final = re.compile(r"\{(\d+)\}")
LISTED_MAX: Final = 100
CLOCKS_APART_SECONDS: Final = 60

_LATER: Final = (
    "LimitExceeded", "RequestLimitExceeded", "AuthFailure", "UnauthorizedOperation", "ResourceUnavailable",
    "FailedOperation.InsufficientBalanceInSmsPackage", "FailedOperation.JsonParseFail",
)  # fmt: skip
"""It did not leave, and the same message may leave later: too many at once, the account, the purse."""
_NOBODY_KNOWS: Final = ("InternalError", "FailedOperation.FailResolvePacket", "RequestTimeout")


class TencentSms(ApprovedSms):
    """Sends approved texts; finds again what it sent by our own key, which travels as SessionContext."""

    endpoint_url = ENDPOINT
    hole = HOLE

    def send(self, mail: Mail, now: datetime) -> Outcome:
        """Send one text; see the port."""
        filled = self.filled(mail)
        if not isinstance(filled, Filled):
            return filled
        if not re.fullmatch(r"\+[1-9]\d{6,14}", mail.address):
            return PermanentRefusal(f"SMS_NUMBER_UNFIT: {mail.address}")
        answer = self._asked(
            "SendSms",
            {
                "PhoneNumberSet": [mail.address],
                "SmsSdkAppId": settings.HUIKUAN_SMS_APP_ID,
                "SignName": filled.signature,
                "TemplateId": filled.code,
                "TemplateParamSet": [filled.values[hole] for hole in sorted(filled.values, key=int)],
                "SessionContext": mail.key,
            },
            now,
        )
        return _outcome(answer) if isinstance(answer, http_calls.Answer) else answer

    def find(self, mail: Mail, *, handed_over_at: datetime, now: datetime) -> str:
        """Return the reference of a message that may have left, "" when the provider tells nothing of it (yet).

        Tencent lists what the carrier has reported on, of the last seven days, at most a hundred of one number: more
        than the guard lets leave.
        """
        told = {
            "SmsSdkAppId": settings.HUIKUAN_SMS_APP_ID,
            "PhoneNumber": mail.address,
            "BeginTime": int(handed_over_at.timestamp()) - CLOCKS_APART_SECONDS,
            "Offset": 0,
            "Limit": LISTED_MAX,
        }
        answer = self._asked("PullSmsSendStatusByPhoneNumber", told, now)
        response = (answer.content or {}).get("Response") if isinstance(answer, http_calls.Answer) else None
        listed = response.get("PullSmsSendStatusSet") if isinstance(response, dict) else None
        for each in listed if isinstance(listed, list) else []:
            if isinstance(each, dict) and each.get("SessionContext") == mail.key and each.get("SerialNo"):
                return f"{PROVIDER}:{each['SerialNo']}"
        return ""

    def _asked(
        self, action: str, told: dict[str, object], now: datetime
    ) -> http_calls.Answer | TemporaryRefusal | Unknown:
        host = self.endpoint.netloc.decode("ascii")
        body = json.dumps(told, ensure_ascii=False).encode()
        headers = {
            "authorization": authorization(self.key, service=SERVICE, host=host, action=action, body=body, now=now),
            "content-type": CONTENT_TYPE,
            "host": host,
            "x-tc-action": action,
            "x-tc-region": settings.HUIKUAN_SMS_REGION,
            "x-tc-timestamp": str(int(now.timestamp())),
            "x-tc-version": VERSION,
        }
        return http_calls.ask(self._client, httpx.Request("POST", self.endpoint, headers=headers, content=body))


def _outcome(answer: http_calls.Answer) -> Outcome:
    response = (answer.content or {}).get("Response")
    if not isinstance(response, dict):
        return http_calls.without_verdict(answer)
    listed = response.get("SendStatusSet") or [{}]
    verdict = response.get("Error") or (listed[0] if isinstance(listed, list) and isinstance(listed[0], dict) else {})
    code, words = str(verdict.get("Code") or ""), str(verdict.get("Message") or "")
    if code == "Ok":
        reference = verdict.get("SerialNo")
        return Accepted(f"{PROVIDER}:{reference}") if reference else Unknown(answer.words)
    if not code:
        return http_calls.without_verdict(answer)
    if code.startswith(_NOBODY_KNOWS):
        return Unknown(f"{code}: {words}")
    if code.startswith(_LATER):
        return TemporaryRefusal(f"{code}: {words}", answer.retry_after_seconds)
    return PermanentRefusal(f"{code}: {words}")
