"""Matching bank lines with what is owed (匹配核销): by itself where it is sure, by a person elsewhere; and undone."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Final

from django.db import transaction

from huikuan.cash.commands.collecting import collect_bill
from huikuan.cash.commands.payers import teach
from huikuan.cash.commands.receive import Way, receive_money, recognize_money
from huikuan.cash.commands.reopening import reopen_the_loop
from huikuan.cash.commands.reverse import ReasonMissing
from huikuan.cash.models import Match, MatchTerms, Proposal, SetAside, StatementLine
from huikuan.cash.queries.match_book import book_of, lines_to_match, papers_of
from huikuan.cash.rules.match import NEVER, Candidate, Line, Terms, Verdict, match
from huikuan.cash.rules.match_bills import collected
from huikuan.journal.commands import record
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.kernel.zones import local_day
from huikuan.parties.models import Customer, Entity, User
from huikuan.receivables.commands.account import today_of
from huikuan.receivables.commands.allocations import reverse_allocation, standing
from huikuan.receivables.models import Receipt
from huikuan.storage.transactions import only_one

CHUNK: Final = 500
Progress = Callable[[int], None]


class LineDecided(Refusal):
    """Somebody, or the machine, was faster."""

    code = "cash.line-decided"
    text = gettext_noop("The line of {day} over {amount_minor} minor units was already decided. Undo that match first.")


class CustomerElsewhere(Refusal):
    """Money of one entity pays nothing of another."""

    code = "cash.customer-elsewhere"
    text = gettext_noop("{customer} is no customer of the entity to whose account the money came.")


class MatchUndone(Refusal):
    """Undone once."""

    code = "cash.match-undone"
    text = gettext_noop("This match was already undone.")


class MatchingBusy(Refusal):
    """One matching of an entity at a time."""

    code = "cash.matching-busy"
    text = gettext_noop("The lines of {entity} are being matched right now. Try again in a moment.")


class ThresholdWrong(Refusal):
    """Confidence goes from 0 to 100."""

    code = "cash.threshold-wrong"
    text = gettext_noop("The threshold lies between 1 and 100; 101 means: never by itself. {value} does not.")


@dataclass(slots=True, kw_only=True)
class Matched:
    """What a matching did, or would do: lines looked at, bills collected, matched by itself, proposed, no answer."""

    lines: int = 0
    collected: int = 0
    automatic: int = 0
    proposed: int = 0
    unanswered: int = 0
    refused: list[str] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """Return the numbers by name."""
        return {name: number for name, number in asdict(self).items() if name != "refused"}


def terms_of(entity_id: int) -> Terms:
    """Return what the entity has set for matching, or the defaults."""
    stored = MatchTerms.objects.filter(entity_id=entity_id).first()
    return Terms(threshold=stored.threshold, charge_minor=stored.charge_minor) if stored else Terms()


@transaction.atomic
def set_match_terms(
    *, entity_id: int, threshold: int, charge_minor: int, actor: User | None, now: datetime
) -> MatchTerms:
    """Set from which confidence lines are matched by themselves, and what bank charges may be missing.

    Raises: ThresholdWrong.
    """
    if not 1 <= threshold <= NEVER:
        raise ThresholdWrong(value=threshold)
    terms, _ = MatchTerms.objects.update_or_create(
        entity_id=entity_id,
        defaults={
            "threshold": threshold, "charge_minor": max(charge_minor, 0), "changed_at": now, "changed_by": actor,
        },
    )  # fmt: skip
    record(
        "cash.match-terms-set", now=now, actor=actor, entity_id=entity_id, subject=terms, threshold=terms.threshold,
        charge_minor=terms.charge_minor,
    )  # fmt: skip
    return terms


def match_lines(
    *,
    entity_id: int,
    now: datetime,
    actor: User | None = None,
    threshold: int | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> Matched:
    """Match every undecided line of an entity: sure ones are booked, each in a transaction of its own; others proposed.

    An interrupted matching is simply started again: what was booked is no longer undecided.

    Args:
        entity_id: The creditor.
        now: The instant.
        actor: Who asks; None: the machine.
        threshold: From this confidence on by itself; None: as the entity has set it.
        dry_run: Say what would be done and write nothing.
        progress: Told how many lines are done.

    Raises: MatchingBusy.
    """
    entity = Entity.objects.get(pk=entity_id)
    terms = terms_of(entity_id)
    terms = Terms(threshold=terms.threshold if threshold is None else threshold, charge_minor=terms.charge_minor)
    with only_one(f"match:{entity_id}") as is_ours:
        if not is_ours:
            raise MatchingBusy(entity=entity.name)
        done = Matched()
        lines, of_bills = _collect(entity_id, done, actor=actor, now=now, dry_run=dry_run)
        kept = dict(Proposal.objects.filter(line__account__entity_id=entity_id).values_list("line_id", "rejected"))
        book = book_of(entity, as_of=local_day(now, entity.time_zone))
        waiting: list[Verdict] = []
        for verdict in match(lines, book, terms, ruled_out=of_bills | _ruled_out(entity_id, kept)):
            if not _book(verdict, done, actor=actor, now=now, dry_run=dry_run):
                waiting.append(verdict)
            done.lines += 1
            if len(waiting) >= CHUNK and not dry_run:
                _propose(waiting, kept, now=now)
                waiting.clear()
            if progress is not None and done.lines % CHUNK == 0:
                progress(done.lines)
        if not dry_run:
            _propose(waiting, kept, now=now)
    return done


def _collect(
    entity_id: int, done: Matched, *, actor: User | None, now: datetime, dry_run: bool
) -> tuple[list[Line], dict[int, set[int]]]:
    """Settle the bills that lines surely collect; return the other lines, and of them those that may collect one.

    Such a line is never matched by itself as new money.
    """
    papers = {paper.bill_id: paper for paper in papers_of(entity_id=entity_id)}
    others, unsure = [], {}
    for line in lines_to_match(entity_id=entity_id):
        found = collected(line, papers.values()) if papers else ()
        if found and found[0].is_sure and _collected(line.line_id, found[0].bill_id, actor, now=now, dry_run=dry_run):
            papers.pop(found[0].bill_id)
            done.lines += 1
            done.collected += 1
            continue
        if found:
            unsure[line.line_id] = set[int]()
        others.append(line)
    return others, unsure


def _collected(line_id: int, bill_id: int, actor: User | None, *, now: datetime, dry_run: bool) -> bool:
    """Settle a bill by its line; tell whether it went: else a person looks."""
    if line_id in _taken_up(line_id=line_id):
        return False
    if not dry_run:
        try:
            collect_bill(line_id=line_id, bill_id=bill_id, actor=actor, now=now)
        except Refusal:
            return False
    return True


def _taken_up(**which: int) -> set[int]:
    """Return the lines that a person put back although they were known for a payment or a bill."""
    known = SetAside.objects.exclude(why=SetAside.Why.HAND).filter(ended_at__isnull=False, **which)
    return set(known.values_list("line_id", flat=True))


def _ruled_out(entity_id: int, kept: dict[int, list[int]]) -> dict[int, set[int]]:
    """Return the lines of which a person has spoken, with the customers ruled out: none is automatic again."""
    undone = Match.objects.filter(customer__entity_id=entity_id, undone_at__isnull=False)
    put_back = _taken_up(line__account__entity_id=entity_id)
    spoken: dict[int, set[int]] = {line_id: set() for line_id in {*undone.values_list("line_id", flat=True), *put_back}}
    return spoken | {line_id: set(rejected) for line_id, rejected in kept.items() if rejected}


def _book(verdict: Verdict, done: Matched, *, actor: User | None, now: datetime, dry_run: bool) -> bool:
    """Book an automatic verdict and count it; tell whether the line is decided."""
    best = verdict.candidates[0] if verdict.candidates else None
    if best is None or not verdict.is_automatic:
        done.proposed += best is not None
        done.unanswered += best is None
        return False
    if not dry_run:
        try:
            with transaction.atomic():
                _decide(verdict.line_id, best, actor=actor, now=now, confidence=verdict.confidence, is_automatic=True)
        except Refusal as no:  # the ledger moved meanwhile: a person looks
            done.refused.append(no.code)
            done.proposed += 1
            return False
    done.automatic += 1
    return True


def _propose(verdicts: Sequence[Verdict], kept: dict[int, list[int]], *, now: datetime) -> None:
    """Keep the answers for a person to see."""
    rows = [
        Proposal(
            line_id=verdict.line_id,
            confidence=verdict.confidence,
            has_rival=verdict.has_rival,
            candidates=[asdict(candidate) for candidate in verdict.candidates],
            rejected=kept.get(verdict.line_id, []),
            made_at=now,
        )
        for verdict in verdicts
        if verdict.candidates or verdict.line_id in kept
    ]
    gone = [verdict.line_id for verdict in verdicts if not verdict.candidates and verdict.line_id not in kept]
    with transaction.atomic():
        Proposal.objects.filter(line_id__in=gone).delete()
        Proposal.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["line"],
            update_fields=["confidence", "has_rival", "candidates", "made_at"],
        )


@transaction.atomic
def assign_line(
    *,
    line_id: int,
    customer_id: int,
    parts: Sequence[tuple[int, int]],
    actor: User | None,
    now: datetime,
) -> Match:
    """Decide whose money a line is and what it pays; what the parts leave stays on account. It teaches the matcher.

    Args:
        line_id: The line.
        customer_id: Whose money it is: as proposed, or as a person knows better.
        parts: (item id, minor units); none: everything on account.
        actor: Who decides.
        now: The instant.

    Raises: LineDecided, CustomerElsewhere, and those of `receive_money`.
    """
    proposal = Proposal.objects.filter(line_id=line_id).first()
    wanted = {"customer_id": customer_id, "parts": [list(part) for part in parts]}
    same = [
        each
        for each in (proposal.candidates if proposal else [])
        if {"customer_id": each["customer_id"], "parts": [list(part) for part in each["parts"]]} == wanted
    ]
    candidate = Candidate(
        customer_id=customer_id, parts=tuple((item, minor) for item, minor in parts), on_account_minor=0, score=0,
        reasons=tuple(same[0]["reasons"]) if same else (),
    )  # fmt: skip
    confidence = min(max(same[0]["score"], 0), 100) if same else None
    return _decide(line_id, candidate, actor=actor, now=now, confidence=confidence, is_automatic=False)


def _decide(
    line_id: int, chosen: Candidate, *, actor: User | None, now: datetime, confidence: int | None, is_automatic: bool
) -> Match:
    """Book the money of a line; the transaction is the caller's."""
    line = StatementLine.objects.select_for_update(of=("self",)).select_related("account", "receipt").get(pk=line_id)
    customer = Customer.objects.get(pk=chosen.customer_id)
    if customer.entity_id != line.account.entity_id:
        raise CustomerElsewhere(customer=customer.name)
    is_open = line.receipt is None or line.receipt.customer_id is None
    if not is_open or line.amount_minor <= 0 or line.set_asides.filter(ended_at=None).exists():
        raise LineDecided(day=line.booked_on, amount_minor=line.amount_minor)
    receipt = _receipt(line, chosen, actor=actor, now=now)
    made = Match.objects.create(
        line=line, receipt=receipt, customer=customer, confidence=confidence, reasons=list(chosen.reasons),
        is_automatic=is_automatic, made_at=now, made_by=actor,
    )  # fmt: skip
    if not is_automatic or "ITEM_NUMBER" in chosen.reasons:  # what the machine inferred from names must not teach names
        teach(line, customer.pk, confirmed=1)
    record(
        "cash.line-matched", now=now, actor=actor, entity_id=customer.entity_id, customer_id=customer.pk, subject=made,
        line_id=line.pk, receipt_id=receipt.pk, confidence=confidence, reasons=list(chosen.reasons),
        parts=[list(part) for part in chosen.parts], is_automatic=is_automatic,
    )  # fmt: skip
    return made


def _receipt(line: StatementLine, chosen: Candidate, *, actor: User | None, now: datetime) -> Receipt:
    """Book the money, or recognize what was booked as nobody's."""
    way: Way = list(chosen.parts) or "NONE"
    if line.receipt is not None:
        return recognize_money(
            receipt_id=line.receipt.pk, customer_id=chosen.customer_id, actor=actor, now=now, allocate=way
        )
    receipt = receive_money(
        entity_id=line.account.entity_id,
        customer_id=chosen.customer_id,
        reference=f"BANK-{line.account_id}-{line.key[:16]}",
        received_on=line.value_on or line.booked_on,
        currency=line.currency,
        amount_minor=line.amount_minor,
        payer_name=line.counterparty_name,
        allocate=way,
        actor=actor,
        now=now,
    )
    line.receipt = receipt
    line.save(update_fields=["receipt"])
    return receipt


@transaction.atomic
def reject_proposal(*, line_id: int, customer_id: int, actor: User | None, now: datetime) -> Proposal:
    """Say that a line is not this customer's money: he is not proposed for it again, and his payer is un-taught.

    Raises: LineDecided when nothing is proposed any more.
    """
    line = StatementLine.objects.select_for_update(of=("self",)).select_related("account").get(pk=line_id)
    proposal = Proposal.objects.filter(line=line).first()
    if proposal is None:
        raise LineDecided(day=line.booked_on, amount_minor=line.amount_minor)
    if customer_id in proposal.rejected:
        return proposal
    proposal.rejected = [*proposal.rejected, customer_id]
    proposal.candidates = [each for each in proposal.candidates if each["customer_id"] != customer_id]
    proposal.save(update_fields=["rejected", "candidates"])
    teach(line, customer_id, rejected=1)
    record(
        "cash.proposal-rejected", now=now, actor=actor, entity_id=line.account.entity_id, customer_id=customer_id,
        subject=line, rejected=proposal.rejected,
    )  # fmt: skip
    return proposal


@transaction.atomic
def undo_match(*, match_id: int, reason: str, actor: User | None, now: datetime) -> Match:
    """Undo a match as if it had never been: its items are open again, the money nobody's, what it taught taken back.

    The receipt stays booked without a customer; the next decision on the line recognizes it.

    Raises: MatchUndone, ReasonMissing.
    """
    if not reason.strip():
        raise ReasonMissing
    found = Match.objects.select_related("customer__entity", "line__account", "receipt").get(pk=match_id)
    Customer.objects.select_for_update().get(pk=found.customer_id)
    found.refresh_from_db(fields=["undone_at"])
    if found.undone_at is not None:
        raise MatchUndone
    for allocation in standing(found.receipt):
        reverse_allocation(allocation_id=allocation.pk, actor=actor, now=now, reason=reason, as_if_never=True)
    Receipt.objects.filter(pk=found.receipt_id).update(customer=None)
    found.undone_at, found.undone_by, found.undone_reason = now, actor, reason[:200]
    found.save(update_fields=["undone_at", "undone_by", "undone_reason"])
    if not found.is_automatic or "ITEM_NUMBER" in found.reasons:
        teach(found.line, found.customer_id, confirmed=-1)
    reopen_the_loop(
        customer_id=found.customer_id, since=found.made_at, receipt_id=found.receipt_id,
        as_of=today_of(found.customer.entity, now), now=now, actor=actor,
    )  # fmt: skip
    record(
        "cash.match-undone", now=now, actor=actor, entity_id=found.customer.entity_id, customer_id=found.customer_id,
        subject=found, line_id=found.line_id, receipt_id=found.receipt_id, reason=reason,
    )  # fmt: skip
    return found
