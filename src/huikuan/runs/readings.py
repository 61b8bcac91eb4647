"""What the messages of a batch need of the ledger and the policy, read for all of them at once."""

from collections.abc import Collection, Iterable
from datetime import date, datetime

from huikuan.kernel.zones import local_day
from huikuan.outreach.models import Delivery
from huikuan.outreach.queries.texts import Texts
from huikuan.policy.queries import PolicyInForce, policy_in_force
from huikuan.receivables.queries.frames import Scope
from huikuan.runs.claim import Account, Claim, Row, claims_on, decisions_of, overtaken
from huikuan.runs.early import early_payments
from huikuan.runs.models import Decision
from huikuan.runs.papers import Papers, papers_of
from huikuan.runs.telling import provider_of


class Readings:
    """Facts as of one instant, read inside the transaction that sends: the customers are locked, so they stay true."""

    def __init__(self, deliveries: Collection[Delivery], now: datetime) -> None:
        """Read for deliveries with their entities and customers."""
        self._days = {each.entity_id: local_day(now, each.entity.time_zone) for each in deliveries}
        self._policies = {entity_id: policy_in_force(entity_id, day) for entity_id, day in self._days.items()}
        of_ladder = [each for each in deliveries if self._is_of_ladder(each)]
        self._decisions = decisions_of(of_ladder)
        self._claims = self._read_claims(of_ladder)
        self._papers: Papers | None = None
        self._overtaken = overtaken(of_ladder)
        self._discounts: dict[int, Row] | None = None
        customer_ids = {each.customer_id for each in deliveries}
        self._texts = {day: Texts(as_of=day, customer_ids=customer_ids) for day in self._days.values()}

    def policy(self, delivery: Delivery) -> PolicyInForce | None:
        """Return the policy in force for the delivery's entity."""
        return self._policies[delivery.entity_id]

    def decision(self, delivery: Delivery) -> Decision | None:
        """Return the decision behind it."""
        return self._decisions.get((delivery.customer_id, delivery.currency, delivery.step_code, delivery.as_of))

    def claim(self, delivery: Delivery) -> Claim:
        """Return what its customer owes in its currency."""
        return self._claims[delivery.customer_id, delivery.currency]

    def papers(self) -> Papers:
        """Return the contracts and terms of everything that is claimed."""
        if self._papers is None:
            self._papers = papers_of(self._claims.values())
        return self._papers

    def discounts(self, claim: Claim) -> list[Row]:
        """Return what upcoming items of a claim offer to who pays early, in their order."""
        if self._discounts is None:
            self._discounts = early_payments(self._claims.values())
        return [self._discounts[row["item_id"]] for row in claim.upcoming if row["item_id"] in self._discounts]

    def is_overtaken(self, delivery: Delivery) -> bool:
        """Tell whether a later step was taken since."""
        return delivery.pk in self._overtaken

    def texts(self, day: date) -> Texts:
        """Return the texts of a day."""
        return self._texts[day]

    def _is_of_ladder(self, delivery: Delivery) -> bool:
        return provider_of(delivery.template) is None and self.policy(delivery) is not None

    def _read_claims(self, deliveries: Iterable[Delivery]) -> dict[Account, Claim]:
        accounts: dict[int, set[Account]] = {}
        for each in deliveries:
            accounts.setdefault(each.entity_id, set()).add((each.customer_id, each.currency))
        found: dict[Account, Claim] = {}
        for entity_id, wanted in accounts.items():
            in_force = self._policies[entity_id]
            scope = Scope(
                as_of=self._days[entity_id],
                entity_id=entity_id,
                customer_ids=sorted({customer_id for customer_id, _currency in wanted}),
            )
            found |= claims_on(scope, wanted, from_due_day=in_force is not None and in_force.policy.counts_from_due_day)
        return found
