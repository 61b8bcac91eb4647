"""The policy as frozen data: what a policy file means once it has been read and found right (`policy.reading`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from huikuan.credit.rules.scorecard import RiskThresholds, Scorecard
from huikuan.kernel.money import currency_exponent, round_half_away
from huikuan.policy.rules.arranging import OfferLimits, ServiceRules, SignalRules

if TYPE_CHECKING:
    from huikuan.policy.rules.plan import PlanRules, RecoveryRules


class ClimbMode(StrEnum):
    """How a ladder is climbed when several steps are due at once."""

    LATEST = "latest"
    """The highest due step; what lies below is passed over, except formal steps."""
    ONE_PER_RUN = "one_per_run"
    """The lowest due step: no step is ever passed over."""
    ONE_PER_SENT = "one_per_sent"
    """The same, and only once the step before has left."""


class Scope(StrEnum):
    """Who climbs, and from which day the days are counted."""

    CUSTOMER = "customer"
    """The customer, from the due day of its oldest overdue item."""
    ITEM = "item"
    """Each item, from its due day."""
    OLDEST_ISSUE = "oldest_issue"
    """The customer, from the issue day of its oldest unpaid item, due or not."""


class Family(StrEnum):
    """When in the life of a debt a step belongs."""

    UPCOMING = "UPCOMING"
    OVERDUE = "OVERDUE"


Bands = tuple[tuple[int | None, int], ...]
"""(up to and including, value), ascending; the last one has no end."""


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount as the policy names it: the same number in every currency, or one per currency.

    Attributes:
        everywhere: Number of major units in any currency; None when the policy names currencies.
        by_currency: Major units per currency; a currency not named has no amount, and its condition never holds.
    """

    everywhere: Decimal | None = None
    by_currency: Mapping[str, Decimal] = field(default_factory=dict)

    def minor(self, currency: str) -> int | None:
        """Return the amount in minor units of the currency, halves away from zero; None when it is not named."""
        major = self.by_currency.get(currency, self.everywhere)
        if major is None:
            return None
        exact = Fraction(major) * 10 ** currency_exponent(currency)
        return round_half_away(exact.numerator, exact.denominator)


@dataclass(frozen=True, slots=True)
class Trigger:
    """When a step falls due. Every part that is given must hold. Days are counted from the day the scope names.

    Attributes:
        before_due_days, after_issue_days, share_of_term_ppm: Moments of an item that is not yet due; one of them makes
            the step an upcoming one. (Under scope oldest_issue, after_issue_days is a day of the ladder: anchor_days.)
        anchor_days: Days overdue from which it holds.
        end_of_month_days: It holds from the end of the month in which that many days have passed.
        since_days, since_step: Days since the named step (None: the one just below) was taken.
        overdue_at_least … unpaid_count_at_least: What must be owed.
        after_events: (event, days): so many days after the latest of its kind in the spell (`events.EVENTS`).
        silent_days: Days since the customer last gave a sign of life.
        unread_hours: Hours since the last message, unread and unanswered.
        signals: One of these delay signals stands.
        label: The trigger in a word for explanations, such as "+20".
    """

    label: str
    before_due_days: int | None = None
    after_issue_days: int | None = None
    share_of_term_ppm: int | None = None
    anchor_days: int | None = None
    end_of_month_days: int | None = None
    since_days: int | None = None
    since_step: str | None = None
    overdue_at_least: Amount | None = None
    unpaid_at_least: Amount | None = None
    overdue_count_at_least: int | None = None
    unpaid_count_at_least: int | None = None
    after_events: tuple[tuple[str, int], ...] = ()
    silent_days: int | None = None
    unread_hours: int | None = None
    signals: tuple[str, ...] | None = None

    @property
    def family(self) -> Family:
        """Return whether this is a moment before the due day or a step of the ladder."""
        moments = (self.before_due_days, self.after_issue_days, self.share_of_term_ppm)
        return Family.OVERDUE if all(moment is None for moment in moments) else Family.UPCOMING


@dataclass(frozen=True, slots=True)
class Repeat:
    """A step that comes again every `every_days`, until so many days after the anchor, at most `max_count` times."""

    every_days: int
    until_days: int | None = None
    max_count: int | None = None


@dataclass(frozen=True, slots=True)
class Fallback:
    """Another channel when the notice shows no effect: after so many hours unread, or when it cannot be delivered."""

    channel: str
    template: str
    after_hours: int
    when: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A message to the customer."""

    template: str
    channels: tuple[str, ...]
    fallback: Fallback | None = None


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """Work for a person: kind of task (cases.Task.Kind), role of the owner, script to talk from."""

    kind: str
    owner: str
    script: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer that the step makes, as data for the letter and the booking: waive a share of the penalty if paid by."""

    waive_penalty_ppm: int
    valid: str
    """"end_of_week", or "days"."""
    valid_days: int | None = None


@dataclass(frozen=True, slots=True)
class Fee:
    """A fee that the step charges once per item: fixed, or a share of the open amount."""

    fixed: Amount | None = None
    share_ppm: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One rung of a ladder.

    Attributes:
        deadline_days: Days that the letter gives to pay.
        announces: Codes of later steps that the letter may announce; what is not listed must not be written.
        proposes: What the task puts to the person who decides: STOP_SUPPLY, AGENCY, LAWSUIT ….
        while_overdue: Upcoming steps: also taken when something else of the customer is overdue.
    """

    code: str
    rank: int
    trigger: Trigger
    notice: Notice | None = None
    task: TaskSpec | None = None
    is_formal: bool = False
    repeat: Repeat | None = None
    min_gap_days: int = 0
    only_in_months: tuple[int, ...] | None = None
    grades: tuple[str, ...] | None = None
    no_response: bool = False
    fruitless_at_least: int | None = None
    stage: str | None = None
    offer: Offer | None = None
    fee: Fee | None = None
    deadline_days: int | None = None
    announces: tuple[str, ...] = ()
    proposes: tuple[str, ...] = ()
    while_overdue: bool = False

    @property
    def action(self) -> str:
        """Return what the step leads to: TASK, NOTICE or BOTH (runs.Decision.Action)."""
        if self.notice and self.task:
            return "BOTH"
        return "NOTICE" if self.notice else "TASK"


@dataclass(frozen=True, slots=True)
class Ladder:
    """Steps in ascending rank."""

    code: str
    steps: tuple[Step, ...]
    climb: ClimbMode
    scope: Scope
    minimum: Amount

    def step(self, code: str) -> Step:
        """Return the step of that code. Raises KeyError."""
        return {step.code: step for step in self.steps}[code]


@dataclass(frozen=True, slots=True)
class Segment:
    """Customers that climb one ladder. Empty match: everybody."""

    code: str
    ladder: str | None
    match: Mapping[str, tuple[str, ...]]
    overdue_at_least: Amount | None = None
    overdue_below: Amount | None = None


@dataclass(frozen=True, slots=True)
class ArrearsRules:
    """Thresholds of the arrears types (E7)."""

    long_term_days: int


@dataclass(frozen=True, slots=True)
class HoldRule:
    """How long a hold of one kind may last at most, and whether the ladder's clock stands still meanwhile."""

    max_days: int
    stops_clock: bool


@dataclass(frozen=True, slots=True)
class SendTimes:
    """When contacts are made, on the customer's clock.

    Attributes:
        at: Times of day at which machine messages leave.
        working_days_only: They leave on working days only, and hours off do not count towards “unread”.
        calls: (from, until) in which a call finds somebody; shown with the task, binding on nobody.
        spacing_minutes: Between two messages to one mailbox or number.
        transit_days: Carrier (outreach.Letter.Carrier) to the days its letters take.
        post_within_days: Working days after which whoever has not posted a letter is reminded.
    """

    at: tuple[time, ...]
    working_days_only: bool
    calls: tuple[tuple[time, time], ...] = ()
    spacing_minutes: int = 0
    transit_days: Mapping[str, int] = field(default_factory=dict)
    post_within_days: int = 3


@dataclass(frozen=True, slots=True)
class PriorityRules:
    """Numbers of the worklist formula, see `priority`. Bands are (up to and including, percent); None: no end.

    Attributes:
        gain_percent: By days overdue: how much more likely money comes because somebody acts now.
        urgency_percent: By days overdue.
        limitation_percent: By days left until the limitation period ends.
        grade_percent: By grade.
        formal_percent: For formal steps.
    """

    gain_percent: Bands
    urgency_percent: Bands
    limitation_percent: Bands
    grade_percent: Mapping[str, int]
    formal_percent: int


@dataclass(frozen=True, slots=True)
class GuardRules:
    """Which contact guard packs apply to every customer and what this policy tightens in them: rule id -> numbers."""

    pack: str
    tighten: Mapping[str, Mapping[str, int | time]]
    added: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy version in force for an entity."""

    name: str
    aging_edges: tuple[int, ...]
    grade: Scorecard
    risk: RiskThresholds
    arrears: ArrearsRules
    holds: Mapping[str, HoldRule]
    plan: "PlanRules"
    recovery: "RecoveryRules"
    send_times: SendTimes
    priority: PriorityRules
    guard: GuardRules
    templates: Mapping[str, tuple[str, ...]]
    scripts: tuple[str, ...]
    offers: OfferLimits
    service: ServiceRules
    signals: SignalRules
    excluded_customers: frozenset[str]
    review_every_days: int
    ladders: Mapping[str, Ladder]
    segments: tuple[Segment, ...]

    def step(self, ladder: str, code: str) -> Step:
        """Return one step with everything it carries (offer, fee, fallback …). Raises KeyError."""
        return self.ladders[ladder].step(code)

    @property
    def counts_from_due_day(self) -> bool:
        """Tell whether a ladder has a step on the due day itself (`days_overdue: 0`)."""
        steps = (step for ladder in self.ladders.values() for step in ladder.steps)
        return any(step.trigger.anchor_days == 0 for step in steps)


PARTS: Final = 10**6
"""Parts of a whole in which shares are held (ppm)."""
