"""The delivery worker: claims, hands over, calls the channel, settles; one letter at a time, for ever or until drained.

Any number may run on any machine. The clock is read here and nowhere below.
"""

import logging
import os
import secrets
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db import InterfaceError, OperationalError, close_old_connections
from django.utils import timezone

from huikuan.outreach import ports
from huikuan.outreach.commands import sending, settling
from huikuan.outreach.models import Delivery

logger = logging.getLogger(__name__)

BATCH: Final = 10
POLL_SECONDS: Final = 2
CHANNEL_DOWN_SECONDS: Final = 60
"""How long deliveries wait after the channel could not be reached."""


def worker_name() -> str:
    """Return a name that no other worker ever has: a claim is tied to it."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"


def quiet(stage: str) -> None:
    """Note a stage in the log, for whoever looks that closely."""
    logger.debug("stage %s", stage)


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
        self.trouble = ""
        self._channel_down_until: datetime | None = None

    def turn(self, stop: threading.Event | None = None) -> int:
        """Deliver one batch; return how many deliveries were taken up (0: nothing due, or the channel is down)."""
        now = self.clock()
        recovered = settling.recover_expired(now=now) if _has_expired(now) else {}
        self.counts.update({f"recovered-{key}": count for key, count in recovered.items() if count})
        if self._is_waiting_for_channel(now) or not _is_due(self.kind, now):
            return 0
        self.on_stage("idle")
        if not self._is_ready(now):
            return 0
        claimed = sending.claim(worker=self.name, now=self.clock(), limit=BATCH, channel=self.kind)
        self.on_stage("claimed")
        taken = 0
        for delivery_id in self._while_ready(claimed, stop):
            self.deliver(delivery_id)
            taken += 1
        if taken < len(claimed):
            now = self.clock()
            sending.release(worker=self.name, now=now, not_before=now, why=self.trouble)
        return taken

    def deliver(self, delivery_id: int) -> str:
        """Take one claimed delivery to its end and return its state ("" when it was not handed over)."""
        handover = self._handed_over(delivery_id)
        if handover is None:
            self.counts["not-sent"] += 1
            return ""
        self.on_stage("handed-over")
        outcome = self.channel.send(handover.mail, self.clock())
        self.on_stage("answered")
        state = settling.settle(handover=handover, worker=self.name, outcome=outcome, now=self.clock())
        self.on_stage("settled")
        self.counts[state] += 1
        return state

    def _handed_over(self, delivery_id: int) -> sending.Handover | None:
        """Hand over; what cannot be written fails with its reason, loudly, and those behind it go on."""
        try:
            return sending.hand_over(
                delivery_id=delivery_id, worker=self.name, now=self.clock(), composer=self.composer, guard=self.guard
            )
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            logger.exception("delivery %s cannot be written", delivery_id)
            why = f"CANNOT_BE_WRITTEN: {type(error).__name__}: {error}"
            sending.give_up(delivery_id=delivery_id, worker=self.name, why=why, now=self.clock())
            return None

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

    def _while_ready(self, claimed: list[int], stop: threading.Event | None) -> Iterator[int]:
        """Give the claimed deliveries one by one as long as the channel stands and nobody wants to stop."""
        for delivery_id in claimed:
            if (stop is not None and stop.is_set()) or not self._is_ready(self.clock()):
                return
            yield delivery_id

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
