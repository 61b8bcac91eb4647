"""Messages per second by the real worker through real SMTP, beside a bare smtplib loop with the very same bytes.

Ours has two halves, measured apart and together. Writing: claim, locks, what is owed with its penalty from the ledger,
the words, the guard, the frozen message, its bytes. Sending: the commit of the hand-over, SMTP, and the commit of what
was answered with its event, journal entry and contact log. The loop: `smtplib.SMTP.sendmail` of the finished bytes,
nothing else; it is compared with sending, which does the same and more. Both talk to one server process on loopback, in
turns, over one connection at a time that is renewed after the same number of messages.
"""

import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from json import loads
from typing import Any, Final

from django.db import connection

from huikuan.adapters.smtp.channel import LETTERS_PER_CONNECTION_MAX, SmtpChannel
from huikuan.adapters.smtp.conversation import Server
from huikuan.adapters.smtp.letter import Letter, build
from huikuan.bench import portfolio
from huikuan.bench.stopwatch import ratio
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.outreach.commands.queue import enqueue
from huikuan.outreach.models import Contact, Delivery, Message
from huikuan.outreach.queries.outbox import mail_of
from huikuan.outreach.worker import Worker
from huikuan.parties.models import Customer, Entity
from huikuan.receivables.models import OpenItem

ITEMS_EACH: Final = 5
"""Overdue items of each customer, all of them in its message: more than in real life (the demands of the demo list
three, all its messages together one and a half)."""
IN_TURN: Final = 100
"""Messages of ours, then the same with the bare loop: noise meets both alike."""
TARGET_RATIO: Final = 0.5
AT: Final = datetime(2026, 3, 31, 2, 30, tzinfo=UTC)
"""Half past ten on a working day in Shanghai."""
SENDER: Final = "ar@bench.example"


class ServerMissing(Refusal):
    """The local mail server of the benchmark is a tool of developers."""

    code = "bench.mail-server-missing"
    text = gettext_noop("The benchmark needs the local mail server aiosmtpd. Install it: pip install aiosmtpd")


class _Mailman:
    """The server process, and what it says it took."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.port = int(self._line())

    def taken(self) -> list[str]:
        """Return the hashes of what arrived since the last time."""
        if self.process.stdin is None:
            raise ServerMissing
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        hashes: list[str] = loads(self._line())
        return hashes

    def _line(self) -> str:
        line = self.process.stdout.readline() if self.process.stdout else ""
        if not line:
            raise ServerMissing
        return line


@contextmanager
def _mailman() -> Iterator[_Mailman]:
    with subprocess.Popen(
        [sys.executable, "-m", "huikuan.bench.mail_server"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield _Mailman(process)
        finally:
            if process.stdin is not None:
                process.stdin.close()


def measure(count: int) -> dict[str, Any]:
    """Send so many reminders to so many customers. Raises AssertionError when the loop sends other bytes than we."""
    _queue(count)
    ours = bare = 0.0
    sent = byte_count = 0
    with _mailman() as mailman:
        worker = _worker(mailman.port)
        mailman.taken()
        while sent < count:
            before = set(Delivery.objects.filter(state=Delivery.State.QUEUED).values_list("pk", flat=True))
            at = time.perf_counter()
            worker.deliver(IN_TURN)
            ours += time.perf_counter() - at
            letters = _letters(before)
            if not letters:
                break
            theirs = mailman.taken()
            at = time.perf_counter()
            _bare(mailman.port, letters)
            bare += time.perf_counter() - at
            if sorted(theirs) != sorted(mailman.taken()):
                message = "the bare loop sends other messages than the worker"
                raise AssertionError(message)
            sent += len(letters)
            byte_count += sum(len(letter.content) for letter in letters)
        worker.close()
    sending = worker.seconds["sending"]
    speed = ratio(bare, sending)
    return {
        "messages": sent,
        "mean_items": round(_mean_items(), 2),
        "contacts_logged": Contact.objects.exclude(delivery=None).count(),
        "not_sent": {state: count for state, count in worker.counts.items() if state != "SENT"},
        "seconds": round(ours, 3),
        "messages_per_second": round(sent / ours, 1),
        "written_per_second": round(sent / max(worker.seconds["writing"], 1e-9), 1),
        "sent_per_second": round(sent / max(sending, 1e-9), 1),
        "bare_smtplib_seconds": round(bare, 3),
        "bare_smtplib_per_second": round(sent / max(bare, 1e-9), 1),
        "ratio_to_bare_smtplib": speed,
        "ratio_with_writing": ratio(bare, ours),
        "target_at_least": TARGET_RATIO,
        "is_met": speed >= TARGET_RATIO,
        "mean_bytes": round(byte_count / max(sent, 1)),
        "messages_per_connection": LETTERS_PER_CONNECTION_MAX,
        "database": connection.vendor,
    }


def _queue(count: int) -> None:
    """Load the customers and queue one reminder for each that has something overdue: not part of the measurement."""
    portfolio.load(count * ITEMS_EACH, of_each=ITEMS_EACH)
    Entity.objects.update(email_from=SENDER)
    late = OpenItem.objects.filter(settled_on=None, due_on__lt=AT.date()).values("customer_id")
    customers = list(Customer.objects.filter(pk__in=late).order_by("pk")[:count])
    for customer in customers:
        customer.email = f"c{customer.pk}@customers.example"
    Customer.objects.bulk_update(customers, ["email"], batch_size=500)
    for customer in customers:
        enqueue(
            key=f"bench/{customer.pk}", customer_id=customer.pk, template="friendly", step_code="friendly",
            currency="CNY", as_of=AT.date(), not_before=AT, now=AT,
        )  # fmt: skip


def _worker(port: int) -> Worker:
    """Return the worker as it is wired, but for the server that it talks to and the clock, which stands."""
    made = Worker(clock=lambda: AT)
    made.channel = SmtpChannel(
        Server(
            host="127.0.0.1", port=port, user="", password="", starttls=False, tls=False, timeout_seconds=30,
            answer_seconds_max=30,
        )
    )  # fmt: skip
    return made


def _letters(before: set[int]) -> list[Letter]:
    """Return what the worker has sent of those that were queued before, as it left, byte by byte."""
    found = Delivery.objects.filter(pk__in=before, state=Delivery.State.SENT)
    left = found.select_related("entity", "customer", "person", "message").order_by("pk")
    return [build(mail_of(delivery), default_sender=SENDER, now=AT) for delivery in left]


def _mean_items() -> float:
    """Return how many items a message lists."""
    counts = [len(facts["items"]) for facts in Message.objects.values_list("facts", flat=True)]
    return sum(counts) / max(len(counts), 1)


def _bare(port: int, letters: list[Letter]) -> None:
    """Send finished bytes with the standard library and nothing around it."""
    for start in range(0, len(letters), LETTERS_PER_CONNECTION_MAX):
        with smtplib.SMTP("127.0.0.1", port, timeout=30) as smtp:
            for letter in letters[start : start + LETTERS_PER_CONNECTION_MAX]:
                smtp.sendmail(letter.sender, letter.recipient, letter.content)
