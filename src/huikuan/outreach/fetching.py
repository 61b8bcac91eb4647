"""Reads a mailbox: every message once, one transaction each, whatever interrupts it.

What has been taken is known twice: the folder's last number (UID) says where to go on, the bytes of a message say
whether it is known. So a server that numbers anew (UIDVALIDITY), a crash, or two readers at once take nothing twice.
"""

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from huikuan.outreach.commands.inbound import take_mail
from huikuan.outreach.mailbox import Mailbox, RawMail
from huikuan.outreach.models import MailFolder

logger = logging.getLogger(__name__)

BYTES_MAX: Final = 25 * 1024 * 1024
"""Of a message larger than this only so much is taken."""
FIRST_DAYS: Final = 7
"""A folder that is read for the first time, or whose numbers start anew: mail that came before is not ours to read."""


def fetch_mail(mailbox: Mailbox, *, clock: Callable[[], datetime]) -> Counter[str]:
    """Take every new message of a folder.

    Returns: how many of each `InboundMessage.Kind` were new, and how many were "known" already.

    Raises: MailboxTroubleError: what was taken before it stays taken.
    """
    counts: Counter[str] = Counter()
    try:
        validity = mailbox.open()
        place = MailFolder.objects.filter(account=mailbox.account, name=mailbox.folder).first()
        is_known = place is not None and place.uid_validity == validity
        after = place.last_uid if place is not None and is_known else 0
        since = None if is_known else clock().date() - timedelta(days=FIRST_DAYS)
        for uid in mailbox.uids(after=after, since=since):
            raw = mailbox.fetch(uid, bytes_max=BYTES_MAX)
            if raw is not None:
                counts[_take(mailbox, validity, raw, now=clock())] += 1
                mailbox.put_away(uid)
    finally:
        mailbox.close()
    return counts


@transaction.atomic
def _take(mailbox: Mailbox, validity: int, raw: RawMail, *, now: datetime) -> str:
    """Take one message and write down that the folder is read up to it: both, or neither."""
    message, is_new = take_mail(content=raw.content, is_whole=raw.is_whole, now=now)
    MailFolder.objects.update_or_create(
        account=mailbox.account,
        name=mailbox.folder,
        defaults={"uid_validity": validity, "last_uid": raw.uid, "read_at": now},
    )
    return message.kind if is_new else "known"
