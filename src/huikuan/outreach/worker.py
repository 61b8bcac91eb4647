"""The delivery worker: claims, writes, hands over, calls the channel, settles; for ever or until drained.

A batch is written at once, and leaves one letter after the other.

Any number may run on any machine. The clock is read here and nowhere below.
"""

import logging
import os
import secrets
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import InterfaceError, OperationalError, close_old_connections, transaction
from django.utils import timezone

from huikuan.outreach import ports
from huikuan.outreach.commands import sending, settling
from huikuan.outreach.models import Delivery
from huikuan.outreach.queries.outbox import mail_of

logger = logging.getLogger(__name__)

BATCH_MAX: Final = 64
"""Deliveries written at once: what they need of the ledger is read once for all of them."""
BATCH_SECONDS: Final = (0.4, 1.0)
"""A batch that leaves sooner than the first is followed by a larger one, one that takes longer than the second by a
smaller one: words must be fresh when they leave (`sending.FRESH_SECONDS`)."""
POLL_SECONDS: Final = 2
CHANNEL_DOWN_SECONDS: Final = 60
"""How long deliveries wait after the channel could not be reached."""


def worker_name() -> str:
    """Return a name that no other worker ever has: a claim is tied to it."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"


def quiet(stage: str) -> None:
    """Note a stage in the log, for whoever looks that closely."""
    logger.debug("stage %s", stage)


@dataclass(frozen=True, slots=True)
class Answered:
    """What a channel said, not committed yet."""

    handover: sending.Handover
    outcome: ports.Outcome


class Batch:
    """How many deliveries are taken up at once: as many as leave within a second at the pace of the channel."""

    def __init__(self) -> None:
        """Begin carefully."""
        self.size = 8

    def took(self, seconds: float, *, count: int) -> None:
        """Learn from a batch."""
        short, long = BATCH_SECONDS
        if seconds > long:
            self.size = max(1, self.size // 2)
        elif seconds < short and 2 * count > self.size:
            self.size = min(BATCH_MAX, self.size * 2)


class Worker:
    """Delivers what is due on one machine channel.

    Args:
        kind: A `Delivery.Channel`.
        clock: Gives the instant of each step.
        on_stage: Told "idle", "claimed", "handed-over", "answered", "settled" as each is reached.
    """

    def __init__(
        self,
        kind: str = Delivery.Channel.EMAIL,
        *,
        clock: Callable[[], datetime] = timezone.now,
        on_stage: Callable[[str], None] = quiet,
    ) -> None:
        """Wire the ports; nothing is opened yet."""
        self.name = worker_name()
        self.kind = kind
        self.clock = clock
        self.on_stage = on_stage
        self.channel = ports.channel(kind)
        self.composer = ports.composer()
        self.guard = ports.guard()
        self.counts: Counter[str] = Counter()
        self.seconds: dict[str, float] = {"writing": 0.0, "sending": 0.0}
        self.trouble = ""
        self._channel_down_until: datetime | None = None
        self._batch = Batch()

    def deliver(self, count: int) -> int:
        """Take up so many deliveries, if as many are due; return how many it were."""
        taken = 0
        while taken < count and (more := self.turn(limit=count - taken)):
            taken += more
        return taken

    def turn(self, stop: threading.Event | None = None, *, limit: int = BATCH_MAX) -> int:
        """Deliver one batch; return how many deliveries were taken up (0: nothing due, or the channel is down)."""
        now = self.clock()
        recovered = settling.recover_expired(now=now) if _has_expired(now) else {}
        self.counts.update({f"recovered-{key}": count for key, count in recovered.items() if count})
        if self._is_waiting_for_channel(now) or not _is_due(self.kind, now):
            return 0
        self.on_stage("idle")
        if not self._is_ready(now):
            return 0
        size = min(limit, self._batch.size)
        claimed = sending.claim(worker=self.name, now=self.clock(), limit=size, channel=self.kind)
        self.on_stage("claimed")
        called = self._deliver(claimed, stop)
        self.counts["not-sent"] += len(claimed) - called
        return len(claimed)

    def _deliver(self, claimed: list[int], stop: threading.Event | None) -> int:
        """Take claimed deliveries to their end, give back what may not leave now; return how many left."""
        called, is_rest_left, left = 0, False, claimed
        while left and not is_rest_left:
            began = time.monotonic()
            written, left = self._written(left)
            if isinstance(self.channel, ports.Preparing):
                self.channel.prepare([mail_of(each.delivery) for each in written], self.clock())
            wrote = time.monotonic()
            sent = self._send(written, stop)
            seconds = time.monotonic() - wrote
            self._batch.took(seconds, count=sent)
            self.seconds["writing"] += wrote - began
            self.seconds["sending"] += seconds
            called += sent
            is_rest_left = sent < len(written)
        if is_rest_left:
            now = self.clock()
            sending.release(worker=self.name, now=now, not_before=now, why=self.trouble)
        return called

    def _written(self, delivery_ids: list[int]) -> tuple[list[sending.Written], list[int]]:
        """Write what can be written at once. What cannot fails with its reason, loudly, and those beside it go on."""
        try:
            return sending.write(
                delivery_ids=delivery_ids, worker=self.name, now=self.clock(), composer=self.composer, guard=self.guard
            )
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            if len(delivery_ids) > 1:  # one of them: each for itself
                written, left = self._written(delivery_ids[:1])
                return written, left + delivery_ids[1:]
            logger.exception("delivery %s cannot be written", delivery_ids[0])
            why = f"CANNOT_BE_WRITTEN: {type(error).__name__}: {error}"
            sending.give_up(delivery_id=delivery_ids[0], worker=self.name, why=why, now=self.clock())
            return [], []

    def _send(self, batch: list[sending.Written], stop: threading.Event | None) -> int:
        """Hand over, call the channel and settle, one by one; return how many were handed over.

        What was answered is committed together with the next hand-over: so one delivery at most is ever in doubt.
        """
        answered: Answered | None = None
        called = 0
        try:
            for written in self._while_ready(batch, stop):
                with transaction.atomic():
                    state = self._settle(answered)
                    handover = sending.hand_over(written=written, worker=self.name, now=self.clock())
                answered = None
                self._settled(state)
                if handover is None:
                    continue
                called += 1
                self.on_stage("handed-over")
                answered = Answered(handover, self.channel.send(handover.mail, self.clock()))
                self.on_stage("answered")
        finally:
            self._settled(self._settle(answered))
        return called

    def _settle(self, answered: Answered | None) -> str:
        if answered is None:
            return ""
        return settling.settle(handover=answered.handover, worker=self.name, outcome=answered.outcome, now=self.clock())

    def _settled(self, state: str) -> None:
        """Count what is committed; nothing is open any more."""
        if state:
            self.on_stage("settled")
            self.counts[state] += 1

    def drain(self) -> None:
        """Deliver until nothing more is due now, or the channel is down."""
        while self.turn():
            pass

    def run(self, stop: threading.Event) -> None:
        """Deliver until told to stop; a database that is locked or restarting is waited for."""
        while not stop.is_set():
            try:
                taken = self.turn(stop)
            except (OperationalError, InterfaceError) as error:
                logger.warning("database not available, trying again: %s", error)
                close_old_connections()
                taken = 0
            if not taken:
                stop.wait(POLL_SECONDS)
        self.close()

    def close(self) -> None:
        """Give the channel back."""
        self.channel.close()

    def _while_ready(self, batch: list[sending.Written], stop: threading.Event | None) -> Iterator[sending.Written]:
        """Give what is written one by one as long as the channel stands and nobody wants to stop."""
        for written in batch:
            if (stop is not None and stop.is_set()) or not self._is_ready(self.clock()):
                return
            yield written

    def _is_ready(self, now: datetime) -> bool:
        """Tell whether the channel can be used; else note why and leave it alone for a while."""
        refusal = self.channel.ready()
        if refusal is None:
            self.trouble = ""
            return True
        if refusal.detail != self.trouble:
            logger.warning("%s: %s", self.kind, refusal.detail)
        self.trouble = refusal.detail
        wait = refusal.retry_after_seconds or CHANNEL_DOWN_SECONDS
        self._channel_down_until = now + timedelta(seconds=wait)
        return False

    def _is_waiting_for_channel(self, now: datetime) -> bool:
        return self._channel_down_until is not None and now < self._channel_down_until


def _is_due(kind: str, now: datetime) -> bool:
    """Look without a lock, so that an idle worker never stands in anybody's way."""
    return Delivery.objects.filter(state=Delivery.State.QUEUED, channel=kind, not_before__lte=now).exists()


def _has_expired(now: datetime) -> bool:
    return Delivery.objects.filter(state=Delivery.State.SENDING, claim_expires_at__lt=now).exists()
