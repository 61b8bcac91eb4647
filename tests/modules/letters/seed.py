"""Fills an empty installation with a creditor and one customer who owes."""

import os
from datetime import UTC, date, datetime

os.environ["DJANGO_SETTINGS_MODULE"] = "huikuan.project.settings"

import django

django.setup()

from huikuan.cli.home import ensure_home  # noqa: E402
from huikuan.parties.commands.customers import save_customer  # noqa: E402
from huikuan.parties.commands.letterhead import set_postal_address  # noqa: E402
from huikuan.parties.models import Entity  # noqa: E402
from huikuan.receivables.commands.items import book_item  # noqa: E402

NOW = datetime(2026, 7, 10, 4, tzinfo=UTC)
ensure_home()
customer = save_customer(entity_id=Entity.objects.get().pk, code="TIANHE", name="天河电子有限公司", actor=None, now=NOW)
set_postal_address(customer_id=customer.pk, address="广州市天河区体育西路 88 号", actor=None, now=NOW)
book_item(
    customer_id=customer.pk, number="INV-1", amount_minor=6_000_000, issued_on=date(2026, 5, 10),
    due_on=date(2026, 6, 10), actor=None, now=NOW,
)  # fmt: skip
