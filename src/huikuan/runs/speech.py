"""How a message puts days, amounts and the people in it, in the customer's language: what every message needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from huikuan.kernel.money import format_money
from huikuan.outreach.models import Delivery
from huikuan.outreach.rules.table import Table
from huikuan.outreach.templates import vocabulary


@dataclass(frozen=True, slots=True)
class Speech:
    """One language, one currency, one day.

    Attributes:
        language: Of the library: "zh-hans" or "en".
        currency: Of the amounts; "" where none is stated.
        today: The day of writing, on the creditor's calendar.
    """

    language: str
    currency: str
    today: date

    @property
    def say(self) -> Mapping[str, str]:
        """Return the vocabulary of the language, by key."""
        return vocabulary(self.language)

    def money(self, minor: int) -> str:
        """Return an amount; "" for nothing, so that the line which would state it goes."""
        return self.amount(minor) if minor else ""

    def amount(self, minor: int) -> str:
        """Return an amount, zero too."""
        return format_money(minor, self.currency, self.language)

    def day(self, day: date | None) -> str:
        """Return a day as it stands in a sentence; "" for none."""
        if day is None:
            return ""
        month_name = self.say.get(f"month.{day.month}", "")
        return self.say["date"].format(year=day.year, month=day.month, day=day.day, month_name=month_name)

    def table(self, columns: tuple[str, ...], rows: list[dict[str, str]], *, numbers: tuple[str, ...]) -> Table:
        """Return a table of the named columns (`column.<name>` of the vocabulary); `numbers` stand flush right."""
        return Table(
            titles=tuple(self.say[f"column.{column}"] for column in columns),
            rows=tuple(tuple(row.get(column, "") for column in columns) for row in rows),
            numbers=frozenset(columns.index(name) for name in numbers),
        )

    def around(self, delivery: Delivery) -> dict[str, str]:
        """Return the words of `kinds.AROUND`: who writes, to whom, how to pay, whom to call."""
        entity, customer = delivery.entity, delivery.customer
        entity_name = entity.name if self.language.startswith("zh") or not entity.name_en else entity.name_en
        return {
            "entity_name": one_line(entity_name),
            "customer_name": one_line(customer.name),
            "salutation": self._salutation(delivery),
            "today": self.day(self.today),
            "bank_account": "\n".join(one_line(line) for line in entity.bank_account.splitlines()),
            "payment_url": one_line(entity.payment_url),
            "call_name": one_line(str(customer.collector)) if customer.collector else "",
            "call_phone": one_line(entity.phone),
            "call_email": one_line(entity.email_from),
        }

    def _salutation(self, delivery: Delivery) -> str:
        customer = one_line(delivery.customer.name)
        if delivery.person is None:
            return self.say["salutation.customer"].format(customer=customer)
        return self.say["salutation.person"].format(name=one_line(delivery.person.name), customer=customer)


def one_line(text: str) -> str:
    """Return text from the data as one line: a name with a line break must not look like a paragraph."""
    return " ".join(text.split())
