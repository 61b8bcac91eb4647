"""What somebody wrote himself, without the letter of ours that his program quotes below.

Our own letters speak of disputes, dates and how to opt out: read as the customer's words they would mean the opposite.
"""

import re
from typing import Final

_HEADS: Final = re.compile(
    r"""^\s*(?:
        -{2,}\s*(?:原始邮件|原邮件|回复的原邮件|转发的?邮件|Original\ Message|Forwarded\ message)\s*-{0,} .*
      | -{5,}\s*Original\ .*
      | (?:发件人|寄件者|From)\s*[:：].+
      | _{10,}
      | On\s.{6,200}\swrote\s?[:：]
      | (?:于|在)\s?\d{4}.{2,120}(?:写道|寫道|wrote)\s?[:：]?
      | .{0,80}\d{4}.{2,120}(?:写道|寫道)\s?[:：]
      | \d{4}[-年/].{4,120}(?:写道|寫道)\s?[:：]
    )\s*$""",
    re.VERBOSE | re.IGNORECASE,
)
"""The line with which a program begins to quote: in the order Chinese mail clients, Outlook, Apple and Gmail."""

_SIGNATURE: Final = re.compile(
    r"^(?:-- ?|发自我的.*|来自我的.*|发送自.*|Sent from my .*|Get Outlook for .*)$", re.IGNORECASE
)
_QUOTED: Final = re.compile(r"^\s*[>|\uff1e]")


def own_words(text: str) -> str:
    """Return the words above the first quoted letter, without quoted lines and signature; "" when all is quoted.

    A head that a program has broken into two lines ("On …" and "… wrote:") counts as one.
    """
    kept: list[str] = []
    lines = text.splitlines()
    for number, line in enumerate(lines):
        following = lines[number + 1].strip() if number + 1 < len(lines) else ""
        broken = f"{line.strip()} {following}"
        begins = line.lstrip().lower().startswith(("on ", "于", "在")) and bool(_HEADS.match(broken))
        if _HEADS.match(line) or begins or _SIGNATURE.match(line.strip()):
            break
        if not _QUOTED.match(line):
            kept.append(line.rstrip())
    return "\n".join(kept).strip()
