"""Reads of the journal: what an entry says, and whether the chain is whole."""

from dataclasses import dataclass, field
from datetime import UTC
from typing import Final

from huikuan.journal.models import Entry, Seal
from huikuan.journal.rules.chain import GENESIS, sealed_hash

READ_AT_ONCE: Final = 2_000
NAMED_MAX: Final = 100
"""Broken places that are named; a chain broken once is broken from there on."""


@dataclass(frozen=True, slots=True)
class Break:
    """A place where the chain does not hold."""

    position: int
    reason: str
    """"entry-changed", "seal-changed", or "missing": the seal or its entry is not there."""


@dataclass(slots=True)
class Chain:
    """What the walk along the chain found."""

    sealed_count: int = 0
    unsealed_count: int = 0
    head: str = GENESIS
    """Hash of the last seal. Write it down elsewhere: only so the removal of the newest entries can be noticed."""
    breaks: list[Break] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether nothing was changed, removed or slipped in."""
        return not self.breaks

    def broke(self, position: int, reason: str) -> None:
        """Note a break."""
        if len(self.breaks) < NAMED_MAX:
            self.breaks.append(Break(position, reason))


def content_of(entry: Entry) -> dict[str, object]:
    """Return everything an entry says, as the chain covers it."""
    return {
        "id": entry.pk,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor_id,
        "event": entry.event,
        "entity": entry.entity_id,
        "customer": entry.customer_id,
        "subject": [entry.subject_type, entry.subject_id],
        "facts": entry.facts,
    }


def verify() -> Chain:
    """Walk along the chain from its first seal and compare every hash with what the entries say now."""
    chain = Chain(unsealed_count=Entry.objects.filter(seal=None).count())
    expected_position = 1
    seals = Seal.objects.order_by("position").select_related("entry")
    for seal in seals.iterator(chunk_size=READ_AT_ONCE):
        if seal.position != expected_position:
            chain.broke(expected_position, "missing")
        elif seal.previous_hash != chain.head:
            chain.broke(seal.position, "seal-changed")
        elif seal.hash != sealed_hash(seal.previous_hash, seal.position, content_of(seal.entry)):
            chain.broke(seal.position, "entry-changed")
        chain.sealed_count += 1
        chain.head = seal.hash
        expected_position = seal.position + 1
    return chain
