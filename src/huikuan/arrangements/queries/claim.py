"""What an arrangement is about: open items with the penalty claimed on them, and the policy that limits it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from huikuan.parties.models import Customer
from huikuan.policy.queries import policy_in_force
from huikuan.policy.reading.policy import default_policy
from huikuan.policy.rules.schema import Policy
from huikuan.receivables.models import PenaltyTerms
from huikuan.receivables.queries.frames import Scope, allocation_frame, item_frame
from huikuan.receivables.queries.terms import reference_frame, terms_frame
from huikuan.receivables.queries.waivers import waiver_frame
from huikuan.receivables.rules.penalty import penalty


@dataclass(frozen=True, slots=True)
class ClaimItem:
    """One item as of the day, minor units."""

    item_id: int
    number: str
    due_on: date
    currency: str
    open_minor: int
    days_overdue: int
    penalty_minor: int


@dataclass(frozen=True, slots=True)
class Claim:
    """Items of one currency with their sums, minor units."""

    items: tuple[ClaimItem, ...]

    @property
    def principal_minor(self) -> int:
        """Return what is open on the items."""
        return sum(item.open_minor for item in self.items)

    @property
    def penalty_minor(self) -> int:
        """Return the penalty claimed on them."""
        return sum(item.penalty_minor for item in self.items)

    @property
    def days_overdue(self) -> int:
        """Return how long the oldest of them is overdue."""
        return max((item.days_overdue for item in self.items), default=0)


def claim_items(customer: Customer, *, as_of: date, with_settled: bool = False) -> list[ClaimItem]:
    """Return every item of a customer with its penalty less what was waived, by due day."""
    scope = Scope(as_of=as_of, customer_ids=[customer.pk])
    items = item_frame(scope, with_settled=with_settled)
    terms = PenaltyTerms.objects.filter(pk__in=items["terms_id"].drop_nulls().unique().to_list())
    borne = penalty(
        items, allocations=allocation_frame(scope, with_settled=with_settled), terms=terms_frame(terms),
        reference=reference_frame(as_of), as_of=as_of, waivers=waiver_frame(scope),
    )  # fmt: skip
    return [ClaimItem(*row) for row in borne.select(ClaimItem.__slots__).iter_rows()]


def claim_on(customer: Customer, currency: str, *, as_of: date, item_ids: Collection[int] | None = None) -> Claim:
    """Return the open items of a customer in a currency: those named, else those that are overdue."""
    found = [
        item
        for item in claim_items(customer, as_of=as_of)
        if item.currency == currency and (item.days_overdue > 0 if item_ids is None else item.item_id in item_ids)
    ]
    return Claim(tuple(found))


def policy_for(entity_id: int, day: date) -> Policy:
    """Return the policy in force, else the default pack."""
    in_force = policy_in_force(entity_id, day)
    return in_force.policy if in_force else default_policy()
