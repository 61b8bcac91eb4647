"""The words by which `rules.mail` knows returned mail and automatic answers, in Chinese and English."""
# ruff: noqa: E501  lists of words, one kind a line

import re
from typing import Final


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


AUTO_SUBJECT: Final = _words(
    r"^\s*(?:自动回复|自动答复|自動回覆|自动应答|自动回信|休假自动|外出自动)",
    r"^\s*(?:automatic reply|auto[- ]?reply|autoreply|auto[- ]?response|out of office|ooo)\b",
)
"""Subjects that mail programs give to automatic answers."""

BOUNCE_SENDER: Final = _words(
    r"^(?:mailer-daemon|postmaster|mail-daemon|maildaemon|bounce[sd]?|mdaemon|noreply-bounce)\b"
)

BOUNCE_SUBJECT: Final = _words(
    r"退信|被退回|退回|投递失败|无法投递|发送失败|未送达|无法送达|投递状态通知.{0,4}失败",
    r"undeliver(?:ed|able)|delivery (?:status notification|failure|has failed)|mail delivery (?:failed|failure|system)|returned (?:mail|to sender)|failure notice|not delivered|could not be delivered|rejected",
)
DELAY_SUBJECT: Final = _words(r"延迟|延时", r"\bdelay(?:ed)?\b|\bwarning\b|still being retried")

UNKNOWN_ADDRESS: Final = _words(
    r"不存在|无此(?:用户|收件人|账号)|用户不存在|收件人(?:未找到|不存在|地址错误)|地址(?:错误|无效)",
    r"user unknown|unknown user|no such (?:user|mailbox|recipient|address)|does(?:n['’]t| not) exist|mailbox not found|recipient (?:address )?rejected|address rejected|unrouteable|host(?: or domain name)? not found|account (?:is )?(?:disabled|closed|inactive)|invalid recipient|mailbox unavailable",
)
FULL: Final = _words(
    r"邮箱.{0,4}(?:已满|空间)|容量|超出配额",
    r"over ?quota|quota exceeded|mailbox (?:is )?full|insufficient (?:storage|system storage)",
)
REFUSED: Final = _words(r"垃圾邮件|被拒|拒收|黑名单", r"\bspam\b|blocked|blacklist|policy|denied|rejected")
