"""The collectors of the demo at work: every task is done through the commands that the desk uses."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final

from huikuan.arrangements.commands.promising import log_contact
from huikuan.cases.commands.task import complete_task
from huikuan.cases.models import Task
from huikuan.demo import story
from huikuan.kernel.money import format_money
from huikuan.kernel.refusal import Refusal
from huikuan.outreach.commands.contact import Promised
from huikuan.outreach.models import Contact
from huikuan.parties.models import ContactPerson, User
from huikuan.policy.commands import place_hold
from huikuan.policy.models import Hold
from huikuan.receivables.models import OpenItem

LEFT_UNDONE_PERCENT: Final = 12
"""So many in a hundred tasks wait for another day."""
LEFT_LATELY_PERCENT: Final = 75
"""The same on the last days: there is always a backlog when somebody looks."""
TASKS_PER_DAY: Final = 14
"""What one person gets done in a day."""
OPENING_HOUR_UTC: Final = 1
"""Nine o'clock in China."""


@dataclass(slots=True)
class Team:
    """Everybody of the demo who works through tasks.

    Attributes:
        payers: How each customer pays.
        counts: What has been done so far.
    """

    payers: dict[int, str]
    counts: Counter[str] = field(default_factory=Counter)

    def work(self, day: date, *, is_lately: bool = False) -> None:
        """Do what is open on a day, the most urgent first, each person as much as a day holds."""
        left_undone = LEFT_LATELY_PERCENT if is_lately else LEFT_UNDONE_PERCENT
        done: Counter[int] = Counter()
        tasks = (
            Task.objects.filter(done_at=None, cancelled_at=None, due_on__lte=day, owner__isnull=False)
            .select_related("customer", "owner")
            .order_by("-priority", "pk")
        )
        for task in tasks:
            chance = Random(f"{task.key}/{day}")  # noqa: S311  the same story every time, no secret
            if task.owner is None or done[task.owner.pk] >= TASKS_PER_DAY:
                continue
            if chance.randrange(100) < left_undone:
                continue
            at = _instant(day, minutes=20 + 30 * done[task.owner.pk] + chance.randrange(25))
            done[task.owner.pk] += 1
            self._do(task, task.owner, at=at, day=day, chance=chance)

    def _do(self, task: Task, owner: User, *, at: datetime, day: date, chance: Random) -> None:
        """Do one task; what the rules refuse stays open, as in life."""
        try:
            if task.kind in {Task.Kind.CALL, Task.Kind.VISIT}:
                outcome = self._talk(task, owner, at=at, day=day, chance=chance)
            else:
                outcome = "APPROVED" if task.kind == Task.Kind.APPROVE else "DONE"
            note = story.TASK_NOTES.get(task.kind, "")
            complete_task(task_id=task.pk, outcome=outcome, actor=owner, now=at, note=note)
        except Refusal as refusal:
            self.counts[f"refused:{refusal.code}"] += 1
            return
        self.counts["tasks_done"] += 1

    def _talk(self, task: Task, owner: User, *, at: datetime, day: date, chance: Random) -> str:
        """Call or visit, note what was said, and let a promise or a dispute pause the ladder. Returns the outcome."""
        person = ContactPerson.objects.filter(customer_id=task.customer_id, blocks=None).order_by("pk").first()
        outcome = chance.choice(story.OUTCOMES[self.payers.get(task.customer_id, "SLIGHT")])
        amount, promised_on = task.overdue_minor, day + timedelta(days=chance.randint(3, 12))
        if amount <= 0 and outcome in {"PROMISED", "DISPUTES", "REFUSES", "HARDSHIP"}:
            outcome = "REACHED"
        is_visit = task.kind == Task.Kind.VISIT
        if is_visit and outcome in {"NO_ANSWER", "BUSY", "CALL_BACK"}:
            outcome = "REACHED"
        note = chance.choice(story.NOTES[outcome])
        words = (f"{story.VISIT_NOTE}{note}" if is_visit else note).format(
            person=person.name if person else task.customer.name,
            day=f"{promised_on.month} 月 {promised_on.day} 日",
            amount=format_money(amount, task.currency, "zh-hans"),
        )
        log_contact(
            customer_id=task.customer_id,
            channel=Contact.Channel.VISIT if is_visit else Contact.Channel.PHONE,
            direction=Contact.Direction.OUT,
            outcome=outcome,
            at=at,
            actor=owner,
            now=at,
            person_id=person.pk if person else None,
            summary=words,
            promised=Promised(promised_on, amount, task.currency) if outcome == "PROMISED" else None,
            next_step_on=day + timedelta(days=2) if outcome == "CALL_BACK" else None,
            is_identity_verified=outcome not in {"NO_ANSWER", "BUSY"},
            visitor_count=2 if is_visit else 0,
        )
        self.counts["contacts"] += 1
        self._pause(task, owner, outcome, at=at, day=day)
        return outcome

    def _pause(self, task: Task, owner: User, outcome: str, *, at: datetime, day: date) -> None:
        """Pause the ladder for what is disputed, unless it rests already; a promise pauses it by itself."""
        kind = Hold.Kind.DISPUTE
        disputed = Hold.objects.filter(customer_id=task.customer_id, kind=kind, ends_on__gte=day)
        if outcome != "DISPUTES" or disputed.exists():
            return
        item = (
            OpenItem.objects.filter(customer_id=task.customer_id, settled_on=None, due_on__lt=day)
            .order_by("due_on", "pk")
            .first()
        )
        place_hold(
            customer_id=task.customer_id,
            kind=kind,
            starts_on=day,
            ends_on=day + timedelta(days=20),
            reason=story.DISPUTE_REASON,
            actor=owner,
            now=at,
            item_id=item.pk if item else None,
        )
        self.counts["holds"] += 1


def _instant(day: date, *, minutes: int) -> datetime:
    """Return an instant of a working day, so many minutes after opening."""
    return datetime.combine(day, time(OPENING_HOUR_UTC), UTC) + timedelta(minutes=minutes)
