"""Programs for the kill tests: `python -m tests.mail_worker seed|work|report …` in an installation of their own.

The worker is the real one, with the real SMTP channel; only the words and the permission are simple, and it can be told
to stand still at a stage, so that a test can kill it exactly there.
"""

import argparse
import json
import os
import sys
import time
from datetime import UTC, datetime, timedelta

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "huikuan.project.settings"
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from huikuan.outreach import ports  # noqa: E402
from huikuan.outreach.commands.queue import enqueue  # noqa: E402
from huikuan.outreach.models import Contact, Delivery, DeliveryEvent  # noqa: E402
from huikuan.outreach.queries import outbox as queries  # noqa: E402
from huikuan.outreach.worker import Worker  # noqa: E402
from huikuan.parties.models import Customer, Entity  # noqa: E402

SEEDED = datetime(2026, 7, 10, 1, 0, tzinfo=UTC)
LIMIT = 3


def say(line: str) -> None:
    """Tell the test that started this program."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def stand_still(stage: str) -> None:
    """Say where we are and wait for the end."""
    say(stage)
    time.sleep(600)


class PlainComposer(ports.Composer):
    """Writes the key into the subject; may stand still in the middle of the transaction."""

    stop_at = ""
    skip = 0

    def compose(self, delivery: Delivery, now: datetime) -> ports.Draft:
        if type(self).stop_at == "composing":
            if type(self).skip == 0:
                stand_still("composing")
            type(self).skip -= 1
        return ports.Draft("zh-hans", f"付款提醒 {delivery.key}", "欠款 ¥86,000.00", "<p>欠款 ¥86,000.00</p>", {})


class OpenGuard(ports.ContactGuard):
    """Allows everything."""

    def ask(self, intent: ports.Intent, person: object, now: datetime) -> ports.Answer:
        return ports.Allow()


class CountingGuard(ports.ContactGuard):
    """Allows so many contacts per customer, slowly: without the lock two workers would take the last place."""

    def ask(self, intent: ports.Intent, person: object, now: datetime) -> ports.Answer:
        since = now - timedelta(days=1)
        made = queries.contacts_made(customer_id=intent.customer_id, addresses={intent.address}, since=since, until=now)
        time.sleep(0.02)
        return ports.Allow() if len(made) < LIMIT else ports.Refuse("limit", f"{len(made)} contacts made")


def seed(count: int, customers: int) -> None:
    """Make an empty installation with so many due deliveries, spread over so many customers."""
    call_command("migrate", verbosity=0)
    entity = Entity.objects.create(
        code="MAIN", name="华泰建材有限公司", email_from="ar@huatai.example", created_at=SEEDED
    )
    made = [
        Customer.objects.create(
            entity=entity, code=f"C{number}", name=f"客户{number}", email=f"c{number}@tianhe.example", created_at=SEEDED
        )
        for number in range(customers)
    ]
    for number in range(count):
        enqueue(
            key=f"D{number}",
            customer_id=made[number % customers].pk,
            template="friendly",
            step_code="friendly",
            currency="CNY",
            as_of=SEEDED.date(),
            not_before=SEEDED,
            now=SEEDED,
        )


def work(stop_at: str, skip: int, later_seconds: int, guard: str) -> None:
    """Drain the queue, standing still when a stage is reached for the (skip + 1)th time."""
    here = f"{__spec__.name}." if __spec__ else ""
    sys.modules.setdefault("tests.mail_worker", sys.modules["__main__"])
    settings.HUIKUAN_PORTS["outreach.composer"] = f"{here}PlainComposer"
    settings.HUIKUAN_PORTS["outreach.guard"] = f"{here}{guard}"
    PlainComposer.stop_at, PlainComposer.skip = stop_at, skip
    left = {"count": skip}

    def on_stage(stage: str) -> None:
        if stage == stop_at:
            if left["count"] == 0:
                stand_still(stage)
            left["count"] -= 1

    machine = Worker(clock=lambda: timezone.now() + timedelta(seconds=later_seconds), on_stage=on_stage)
    say("started")
    machine.drain()
    machine.close()


def report() -> None:
    """Print every delivery's state and trail, and the contact log's keys."""
    deliveries = {
        delivery.key: {
            "state": delivery.state,
            "attempts": delivery.attempt_count,
            "trail": list(
                DeliveryEvent.objects.filter(delivery=delivery).order_by("pk").values_list("state", flat=True)
            ),
        }
        for delivery in Delivery.objects.all()
    }
    contacts = list(Contact.objects.values_list("delivery__key", flat=True))
    say(json.dumps({"deliveries": deliveries, "contacts": contacts}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("verb", choices=["seed", "work", "report"])
    parser.add_argument("--count", type=int, default=5)
    parser.add_argument("--customers", type=int, default=5)
    parser.add_argument("--stop-at", default="")
    parser.add_argument("--skip", type=int, default=0)
    parser.add_argument("--later-seconds", type=int, default=0)
    parser.add_argument("--guard", default="OpenGuard")
    given = parser.parse_args()
    match given.verb:
        case "seed":
            seed(given.count, given.customers)
        case "work":
            work(given.stop_at, given.skip, given.later_seconds, given.guard)
        case _:
            report()
