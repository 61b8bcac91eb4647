"""Messages as they come in: replies, automatic answers and returned mail, as the programs and servers write them."""

from email.message import EmailMessage
from email.policy import SMTP

OUR_ADDRESS = "ar@huatai.example"


def a_reply(
    text: str, *, answers: str = "", subject: str = "Re: reminder", sender: str = "王芳 <wang@tianhe.example>",
    charset: str = "utf-8", cte: str = "base64", message_id: str = "<r1@tianhe.example>", **headers: str,
) -> bytes:  # fmt: skip
    """Return a reply as bytes."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, OUR_ADDRESS, subject
    mail["Date"], mail["Message-ID"] = "Fri, 10 Jul 2026 11:30:00 +0800", message_id
    if answers:
        mail["In-Reply-To"] = mail["References"] = answers
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text, charset=charset, cte=cte)
    return mail.as_bytes()


def a_bounce(
    original_id: str, *, action: str = "failed", status: str = "5.1.1", recipient: str = "wang@tianhe.example",
    diagnosis: str = "smtp; 550 5.1.1 User unknown",
) -> bytes:  # fmt: skip
    """Return a delivery status notification (RFC 3464), as Postfix writes it."""
    return f"""\
Return-Path: <>
From: MAILER-DAEMON@mx.huatai.example (Mail Delivery System)
To: {OUR_ADDRESS}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Message-ID: <20260710.{status}.{action}@mx.huatai.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx.huatai.example.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.huatai.example

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Diagnostic-Code: {diagnosis}

--b
Content-Type: message/rfc822

From: {OUR_ADDRESS}
To: {recipient}
Subject: reminder
Message-ID: {original_id}

words
--b--
""".replace("\n", "\r\n").encode()


def a_bounce_in_words(original_id: str, *, subject: str = "系统退信/Systems bounce", said: str = "") -> bytes:
    """Return returned mail of a server that writes words only, as QQ and NetEase do."""
    said = said or "抱歉，您的邮件被退回来了……收件人邮件地址（wang@tianhe.example）不存在，邮件无法送达。"
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"], mail["Subject"] = "PostMaster <postmaster@qq.com>", OUR_ADDRESS, subject
    mail["Message-ID"] = "<b2@qq.com>"
    mail.set_content(f"{said}\r\n\r\nMessage-ID: {original_id}\r\n", charset="gb18030", cte="base64")
    return mail.as_bytes()
