"""The text message channel over Tencent Cloud."""

import json
import re
from datetime import datetime
from typing import Final

import httpx
from django.conf import settings

from huikuan.adapters import http_calls
from huikuan.adapters.sms_templates import ApprovedTexts, NotApprovedError, TemplatesUnreadableError, read_approved
from huikuan.adapters.sms_tencent.signing import CONTENT_TYPE, Key, authorization
from huikuan.outreach.ports import Accepted, Mail, Outcome, PermanentRefusal, TemporaryRefusal, Unknown

PROVIDER: Final = "tencent"
ENDPOINT: Final = "https://sms.tencentcloudapi.com"
SERVICE: Final = "sms"
VERSION: Final = "2021-01-11"
HOLE: Final = re.compile(r"\{(\d+)\}")

_LATER: Final = (
    "LimitExceeded", "RequestLimitExceeded", "AuthFailure", "UnauthorizedOperation", "ResourceUnavailable",
    "FailedOperation.InsufficientBalanceInSmsPackage", "FailedOperation.JsonParseFail",
)  # fmt: skip
"""It did not leave, and the same message may leave later: too many at once, the account, the purse."""
_NOBODY_KNOWS: Final = ("InternalError", "FailedOperation.FailResolvePacket", "RequestTimeout")


class TencentSms:
    """Sends approved texts. Tencent does not tell our key back to us: what is in doubt is settled by a person."""

    def __init__(self, endpoint: str = ENDPOINT, *, key: Key | None = None, texts: ApprovedTexts | None = None) -> None:
        """Take what the settings say unless it is given. Nothing is opened yet."""
        self.endpoint = httpx.URL(endpoint)
        self.key = key or Key(settings.HUIKUAN_SMS_KEY_ID, settings.HUIKUAN_SMS_KEY_SECRET)
        self.texts = texts
        self._client = http_calls.client(settings.HUIKUAN_SMS_TIMEOUT_SECONDS)

    def ready(self) -> TemporaryRefusal | None:
        """Have read the approved texts, or say why not."""
        if self.texts is None:
            try:
                self.texts = read_approved(settings.HUIKUAN_SMS_TEMPLATES, HOLE)
            except TemplatesUnreadableError as error:
                return TemporaryRefusal(f"SMS_TEMPLATES_UNREADABLE: {error}")
        return None

    def send(self, mail: Mail, now: datetime) -> Outcome:
        """Send one text; see the port."""
        if (refusal := self.ready()) is not None:
            return refusal
        if self.texts is None:
            message = "ready() promised the approved texts"
            raise RuntimeError(message)
        try:
            filled = self.texts.filled(mail.text)
        except NotApprovedError as error:
            return PermanentRefusal(str(error))
        if not re.fullmatch(r"\+[1-9]\d{6,14}", mail.address):
            return PermanentRefusal(f"SMS_NUMBER_UNFIT: {mail.address}")
        answer = self._asked(
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

    def close(self) -> None:
        """Give the client back."""
        self._client.close()

    def _asked(self, told: dict[str, object], now: datetime) -> http_calls.Answer | TemporaryRefusal | Unknown:
        host = self.endpoint.netloc.decode("ascii")
        body = json.dumps(told, ensure_ascii=False).encode()
        headers = {
            "authorization": authorization(self.key, service=SERVICE, host=host, action="SendSms", body=body, now=now),
            "content-type": CONTENT_TYPE,
            "host": host,
            "x-tc-action": "SendSms",
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
