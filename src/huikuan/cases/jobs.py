"""What the scheduler calls about answers: the mailbox is read, and what came back leaves its work behind."""

import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from django.conf import settings

from huikuan.cases.commands.bounced import repair_bounced
from huikuan.outreach.fetching import fetch_mail
from huikuan.outreach.mailbox import MailboxTroubleError, mailbox

logger = logging.getLogger(__name__)


def fetch_answers(*, clock: Callable[[], datetime]) -> Counter[str]:
    """Take what is new in the mailbox, and leave a task for every address that mail came back from.

    Raises: MailboxTroubleError; the tasks of what was taken before it are left all the same.
    """
    try:
        counts = fetch_mail(mailbox(), clock=clock)
    finally:
        repaired = len(repair_bounced(now=clock()))
    counts["repair-tasks"] = repaired
    return counts


def fetch_answers_quietly(*, clock: Callable[[], datetime]) -> Counter[str]:
    """Do the same for the scheduler: no mailbox set is nothing to do, and one in trouble is tried again later."""
    if not settings.HUIKUAN_IMAP_HOST:
        return Counter()
    try:
        return fetch_answers(clock=clock)
    except MailboxTroubleError as trouble:
        logger.warning("the mailbox cannot be read: %s", trouble)
        return Counter()
