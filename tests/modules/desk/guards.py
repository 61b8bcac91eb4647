"""A contact guard that answers what the test wants: the real one looks at the clock."""

from huikuan.outreach import ports


class Guard:
    """Allows everything until told otherwise; remembers what it was asked."""

    def __init__(self) -> None:
        self.answer: ports.Answer = ports.Allow()
        self.asked: list[ports.Intent] = []

    def ask(self, intent, person, now):
        self.asked.append(intent)
        return self.answer

    def foresee(self, *, customer, persons, channels, now, **_more):
        return {
            (person.pk, channel): self.ask(_intent(customer, person, channel), person, now)
            for person in persons
            for channel in channels
        }


def _intent(customer, person, channel) -> ports.Intent:
    return ports.Intent(
        entity_id=customer.entity_id, customer_id=customer.pk, channel=channel, address=person.phone, is_automatic=False
    )
