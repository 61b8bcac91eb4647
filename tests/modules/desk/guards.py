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
