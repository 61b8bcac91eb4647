"""The text message channel over Aliyun."""

import json
import re
import secrets
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import httpx

from huikuan.adapters import http_calls
from huikuan.adapters.sms_aliyun.signing import canonical_query, signed_headers
from huikuan.adapters.sms_approved import ApprovedSms
from huikuan.adapters.sms_templates import Filled
from huikuan.outreach.ports import Accepted, Mail, Outcome, PermanentRefusal, TemporaryRefusal, Unknown

PROVIDER: Final = "aliyun"
ENDPOINT: Final = "https://dysmsapi.aliyuncs.com"
VERSION: Final = "2017-05-25"
HOLE: Final = re.compile(r"\$\{(\w+)\}")
CHINA: Final = ZoneInfo("Asia/Shanghai")
PAGE_SIZE: Final = 50

_LATER: Final = frozenset(
    {
        "isv.BUSINESS_LIMIT_CONTROL", "isv.DAY_LIMIT_CONTROL", "isv.MONTH_LIMIT_CONTROL", "isv.OUT_OF_SERVICE",
        "isv.AMOUNT_NOT_ENOUGH", "isv.ACCOUNT_ABNORMAL", "isv.ACCOUNT_NOT_EXISTS", "isv.PRODUCT_UN_SUBSCRIPT",
        "isv.PRODUCT_UNSUBSCRIBE", "isv.DENY_IP_RANGE", "isp.RAM_PERMISSION_DENY", "ServiceUnavailable",
    }
)  # fmt: skip
"""It did not leave, and the same message may leave later: too many at once, the account, the purse."""
_OF_THE_ACCOUNT: Final = ("Throttling", "SignatureDoesNotMatch", "SignatureNonceUsed", "InvalidAccessKeyId",
                          "InvalidTimeStamp", "IncompleteSignature", "Forbidden", "NoPermission")  # fmt: skip
_NOBODY_KNOWS: Final = ("isp.SYSTEM_ERROR", "InternalError", "isp.UNKNOWN")


class AliyunSms(ApprovedSms):
    """Sends approved texts; finds again what it sent by our own key, which travels as OutId."""

    endpoint_url = ENDPOINT
    hole = HOLE

    def send(self, mail: Mail, now: datetime) -> Outcome:
        """Send one text; see the port."""
        filled = self.filled(mail)
        if not isinstance(filled, Filled):
            return filled
        number = number_of(mail.address)
        if not number:
            return PermanentRefusal(f"SMS_NUMBER_UNFIT: {mail.address}")
        answer = self._asked(
            "SendSms",
            {
                "PhoneNumbers": number,
                "SignName": filled.signature,
                "TemplateCode": filled.code,
                "TemplateParam": json.dumps(filled.values, ensure_ascii=False),
                "OutId": mail.key,
            },
            now,
        )
        return _outcome(answer) if isinstance(answer, http_calls.Answer) else answer

    def find(self, mail: Mail, *, handed_over_at: datetime, now: datetime) -> str:
        """Return the reference of a message that may have left, "" when the provider's list does not hold it."""
        day = handed_over_at.astimezone(CHINA).strftime("%Y%m%d")
        asked = {"PhoneNumber": number_of(mail.address), "SendDate": day, "PageSize": str(PAGE_SIZE)}
        page, seen = 1, 0
        while True:
            answer = self._asked("QuerySendDetails", {**asked, "CurrentPage": str(page)}, now)
            content = answer.content if isinstance(answer, http_calls.Answer) else None
            if content is None or content.get("Code") != "OK":
                return ""
            listed = (content.get("SmsSendDetailDTOs") or {}).get("SmsSendDetailDTO") or []
            if any(each.get("OutId") == mail.key for each in listed):
                return f"{PROVIDER}:out-id {mail.key}"
            page, seen = page + 1, seen + len(listed)
            if not listed or seen >= int(content.get("TotalCount") or 0):
                return ""

    def _asked(
        self, action: str, parameters: dict[str, str], now: datetime
    ) -> http_calls.Answer | TemporaryRefusal | Unknown:
        host = self.endpoint.netloc.decode("ascii")
        headers = signed_headers(
            self.key, host=host, action=action, version=VERSION, parameters=parameters,
            nonce=secrets.token_hex(16), now=now,
        )  # fmt: skip
        url = self.endpoint.copy_with(path="/", query=canonical_query(parameters).encode("ascii"))
        return http_calls.ask(self._client, httpx.Request("POST", url, headers=headers))


def number_of(address: str) -> str:
    """Return a number as Aliyun wants it: eleven digits in China, elsewhere country and number; "" when it is none."""
    if not re.fullmatch(r"\+[1-9]\d{6,14}", address):
        return ""
    return address.removeprefix("+86") if address.startswith("+86") else address[1:]


def _outcome(answer: http_calls.Answer) -> Outcome:
    content = answer.content or {}
    code, words = str(content.get("Code") or ""), str(content.get("Message") or "")
    if code == "OK":
        reference = content.get("BizId")
        return Accepted(f"{PROVIDER}:{reference}") if reference else Unknown(answer.words)
    if not code:
        return http_calls.without_verdict(answer)
    if code.startswith(_NOBODY_KNOWS):
        return Unknown(f"{code}: {words}")
    if code in _LATER or code.startswith(_OF_THE_ACCOUNT) or answer.status == http_calls.TOO_MANY:
        return TemporaryRefusal(f"{code}: {words}", answer.retry_after_seconds)
    return PermanentRefusal(f"{code}: {words}")
