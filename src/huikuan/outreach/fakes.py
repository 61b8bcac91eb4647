"""Recording fakes of the ports, for tests of any module that sends."""

from dataclasses import dataclass, field
from datetime import datetime

from huikuan.outreach.models import Delivery
from huikuan.outreach.ports import (
    Accepted,
    Allow,
    Answer,
    Composer,
    ContactGuard,
    Draft,
    Intent,
    Later,
    Mail,
    Outcome,
    Pointless,
    TemporaryRefusal,
)
from huikuan.parties.models import ContactPerson


@dataclass
class FakeComposer(Composer):
    """Writes the same words every time, or gives the answers it was told to, the last one for ever."""

    answers: list[Draft | Pointless | Later] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def compose(self, delivery: Delivery, now: datetime) -> Draft | Pointless | Later:
        """Record the key and answer."""
        self.asked.append(delivery.key)
        if not self.answers:
            return Draft("zh-hans", f"通知 {delivery.key}", "正文", "<p>正文</p>", {"composed_at": now.isoformat()})
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@dataclass
class FakeGuard(ContactGuard):
    """Allows everything, or gives the answers it was told to, the last one for ever."""

    answers: list[Answer] = field(default_factory=list)
    asked: list[Intent] = field(default_factory=list)

    def ask(self, intent: Intent, person: ContactPerson | None, now: datetime) -> Answer:
        """Record the intent and answer."""
        del person, now
        self.asked.append(intent)
        if not self.answers:
            return Allow()
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@dataclass
class FakeChannel:
    """Accepts everything, or gives the outcomes it was told to, the last one for ever."""

    outcomes: list[Outcome] = field(default_factory=list)
    sent: list[Mail] = field(default_factory=list)
    not_ready: TemporaryRefusal | None = None
    closed_count: int = 0

    def ready(self) -> TemporaryRefusal | None:
        """Answer as told."""
        return self.not_ready

    def send(self, mail: Mail, now: datetime) -> Outcome:
        """Record the mail and answer."""
        del now
        self.sent.append(mail)
        if not self.outcomes:
            return Accepted(reference=f"fake-{len(self.sent)}")
        return self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]

    def close(self) -> None:
        """Count."""
        self.closed_count += 1
