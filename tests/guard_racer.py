"""A program that calls a customer once: two of them race for the last call that the guard allows.

It says "ready", waits for a line, calls, and prints "made", or the rule that said no.
"""

import sys
import time
from datetime import UTC, datetime

import django

django.setup()

from huikuan.outreach.commands.contact import ContactForbidden, log_contact  # noqa: E402  Django has to be set up first
from huikuan.parties.models import ContactPerson, User  # noqa: E402
from huikuan.runs.gate import ContactGate  # noqa: E402

NOON = datetime(2026, 7, 10, 4, 0, tzinfo=UTC)


class SlowGate(ContactGate):
    """The real gate, with time between the answer and the call: without a lock both would get the last place."""

    def ask(self, intent, person, now):
        answer = super().ask(intent, person, now)
        time.sleep(0.3)
        return answer


def call(at: datetime, gate: ContactGate) -> str:
    """Log one connected call; return what came of it."""
    person, actor = ContactPerson.objects.get(), User.objects.order_by("pk").first()
    try:
        log_contact(
            customer_id=person.customer_id, person_id=person.pk, channel="PHONE", direction="OUT", outcome="REACHED",
            at=at, now=at, actor=actor, guard=gate,
        )  # fmt: skip
    except ContactForbidden as no:
        return str(no.facts["rule"])
    return "made"


if __name__ == "__main__":
    ContactPerson.objects.exists()  # connects
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    sys.stdout.write(call(NOON, SlowGate()))
