"""Writes letters in a process of its own: `program.py COUNT FIRST_DAY [die]`; with “die” it is killed while drawing."""

import os
import signal
import sys
from datetime import UTC, datetime, timedelta

os.environ["DJANGO_SETTINGS_MODULE"] = "huikuan.project.settings"

import django

django.setup()

from huikuan.outreach.commands import letters  # noqa: E402
from huikuan.parties.models import Customer  # noqa: E402
from huikuan.runs.commands.letters import write_letter  # noqa: E402

count, first_day = int(sys.argv[1]), int(sys.argv[2])
if sys.argv[3:] == ["die"]:
    letters.render_pdf = lambda **_given: os.kill(os.getpid(), signal.SIGKILL)
customer = Customer.objects.get(code="TIANHE")
for day in range(first_day, first_day + count):
    now = datetime(2026, 7, 10, 4, tzinfo=UTC) + timedelta(days=day)
    letter = write_letter(customer_id=customer.pk, currency="CNY", template="demand", actor=None, now=now)
    sys.stdout.write(f"{letter.number}\n")
    sys.stdout.flush()
