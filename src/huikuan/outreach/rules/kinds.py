"""The kinds of message: what each speaks of, the placeholders it may use, and the facts it must state (F3).

One line per kind. A message of the ladder speaks of the whole claim; any other of one thing, named by `Delivery.about`
(“plan:12”), whose facts `runs.providers` reads. Placeholders are the contract between the two: a provider gives the
words and tables that its kind lists here, and no text may use any other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

FRAME: Final = frozenset({"entity_name", "customer_name", "salutation", "today"})
"""Words that are always there."""

HOW_TO_PAY: Final = frozenset({"bank_account", "payment_url"})
WHOM_TO_CALL: Final = frozenset({"call_name", "call_phone", "call_email"})
ONLINE: Final = frozenset({"bill_link"})
"""The customer's own page behind a signed link, where the desk can be reached from outside."""
AROUND: Final = FRAME | HOW_TO_PAY | WHOM_TO_CALL | ONLINE
"""Words every message may use, whatever it speaks of."""

CLAIM: Final = frozenset(
    {
        "item_count", "item_numbers", "amount", "amount_in_capitals", "upcoming_count", "upcoming_amount",
        "upcoming_from", "on_account", "amount_due", "penalty", "total_due", "first_due_on", "days_overdue", "deadline",
        "clause", "penalty_terms", "offer_share", "offer_waived", "offer_amount", "offer_until", "announced",
    }
)  # fmt: skip
"""Words of a claim; any of them may be absent on a given day."""

CLAIM_TABLES: Final = frozenset({"items", "upcoming_items", "penalty_lines"})


class Tone(StrEnum):
    """How a message speaks: friendly first, the contract later, the legal consequence last (F2)."""

    FRIENDLY = "FRIENDLY"
    CONTRACT = "CONTRACT"
    LEGAL = "LEGAL"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of message.

    Attributes:
        code: As in `Delivery.template`.
        tone: Of the shipped text.
        about: Noun of `Delivery.about`: "receipt" in “receipt:7”; "" for the ladder's, which speak of the whole claim.
        asks_for_money: It demands what is overdue: a hold stops it, and demands keep their distance.
        words: Placeholders beyond `AROUND`.
        tables: Tables it may hold.
        must_state: Facts without which the text is refused; of each group one placeholder is enough.
        must_state_short: The same for a text message, which has no room for tables.
        is_called: Consequences that it is itself, so that it may name them.
    """

    code: str
    tone: Tone
    about: str = ""
    asks_for_money: bool = False
    words: frozenset[str] = CLAIM
    tables: frozenset[str] = CLAIM_TABLES
    must_state: tuple[frozenset[str], ...] = ()
    must_state_short: tuple[frozenset[str], ...] = ()
    is_called: frozenset[str] = frozenset()

    @property
    def known(self) -> frozenset[str]:
        """Return every placeholder a text of this kind may use."""
        return AROUND | self.words | self.tables

    @property
    def is_of_ladder(self) -> bool:
        """Tell whether the daily run asks for it."""
        return self.code in LADDER


def _groups(*groups: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(group.split("|")) for group in groups)


_PAY: Final = "bank_account|payment_url"
_CALL: Final = "call_phone|call_email|call_name"
_DEMAND: Final = _groups("items", "amount", "penalty", "penalty_lines", "clause", _PAY, _CALL)
_DEMAND_SHORT: Final = _groups("item_count|item_numbers", "amount|amount_due", "days_overdue", _PAY, _CALL)


def _ladder(code: str, tone: Tone, *must: str, short: Iterable[str] = ()) -> Kind:
    return Kind(
        code,
        tone,
        asks_for_money=True,
        must_state=_DEMAND + _groups(*must),
        must_state_short=_DEMAND_SHORT + _groups(*short),
    )


def _about(
    about: str, code: str, *must: str, words: str, tables: str = "", short: tuple[str, ...] = (), pay: bool = False
) -> Kind:
    ends = (_PAY, _CALL) if pay else (_CALL,)
    return Kind(
        code,
        Tone.FRIENDLY,
        about=about,
        words=frozenset(words.split()),
        tables=frozenset(tables.split()),
        must_state=_groups(*must, *ends),
        must_state_short=_groups(*(short or must), *ends),
    )


_ALL: Final = (
    Kind(
        "bill",
        Tone.FRIENDLY,
        words=CLAIM | {"early_payment"},
        must_state=_groups("items", "amount", "penalty_terms", "clause", _PAY, _CALL),
        must_state_short=_groups("item_count|item_numbers", "amount", "first_due_on", _PAY, _CALL),
    ),
    Kind(
        "upcoming",
        Tone.FRIENDLY,
        must_state=_groups("upcoming_items", "upcoming_amount", _PAY, _CALL),
        must_state_short=_groups("upcoming_count", "upcoming_amount", "upcoming_from", _PAY, _CALL),
    ),
    _ladder("friendly", Tone.FRIENDLY),
    _ladder("follow_up", Tone.CONTRACT, "days_overdue"),
    _ladder("weekly", Tone.CONTRACT, "days_overdue"),
    _ladder(
        "offer", Tone.CONTRACT, "offer_share", "offer_until", "offer_amount", short=("offer_until", "offer_amount")
    ),
    _ladder("demand", Tone.LEGAL, "deadline", "total_due", "days_overdue", "announced", short=("deadline",)),
    _ladder("last_notice", Tone.LEGAL, "deadline", "total_due", "days_overdue", "announced", short=("deadline",)),
    _about(
        "receipt", "thank_you", "received_amount", "received_on",
        words="receipt_number received_amount received_on settled_count still_open", tables="settled_items",
    ),
    _about(
        "plan", "plan_confirmation", "plan_amount", "installments", pay=True,
        words="plan_number plan_amount down_payment installment_count next_amount next_due_on plan_ends_on on_default",
        tables="installments", short=("plan_amount", "next_amount", "next_due_on"),
    ),
    _about(
        "promise", "promise_reminder", "promised_amount", "promised_on", pay=True,
        words="promised_amount promised_on promised_by",
    ),
    _about(
        "dispute", "dispute_ack", "dispute_number", "disputed_amount", "disputed_items",
        words="dispute_number dispute_kind disputed_amount answer_by undisputed_amount", tables="disputed_items",
        short=("dispute_number", "disputed_amount"),
    ),
    _about(
        "dispute", "dispute_decision", "dispute_number", "decision", "decision_reason",
        words="dispute_number dispute_kind disputed_amount decision decision_reason credited_amount still_open pay_by",
        tables="disputed_items", short=("dispute_number", "decision"),
    ),
    _about("", "holiday", "back_on", words="closed_from closed_until back_on"),
    _about(
        "statement", "statement", "statement_number", "closing_balance", "statement_lines",
        words="statement_number period_from period_until opening_balance charged paid closing_balance confirm_by "
        "confirm_url",
        tables="statement_lines", short=("statement_number", "closing_balance", "period_until"),
    ),
    _about(
        "statement", "statement_reminder", "statement_number", "closing_balance", "confirm_by",
        words="statement_number period_from period_until closing_balance confirm_by confirm_url",
    ),
    Kind(
        "offer_made",
        Tone.CONTRACT,
        about="offer",
        asks_for_money=True,
        words=frozenset(
            {"offer_share", "offer_until", "offer_waived", "offer_amount", "offered_principal", "offered_penalty"}
        ),
        tables=frozenset({"offered_items"}),
        must_state=_groups("offer_share", "offer_until", "offer_amount", _PAY, _CALL),
        must_state_short=_groups("offer_until", "offer_amount", _PAY, _CALL),
    ),
    Kind("text", Tone.CONTRACT, about="text", asks_for_money=True),
)  # fmt: skip

_LETTER_STATES: Final = _groups("items", "amount", "penalty", "penalty_lines", "clause", "days_overdue", "announced")


def _letter(code: str, *is_called: str) -> Kind:
    """Return a kind of letter: sums, time limit and account stand in its panels."""
    called = frozenset(is_called)
    return Kind(code, Tone.LEGAL, asks_for_money=True, must_state=_LETTER_STATES, is_called=called)


LETTERS: Final = {
    kind.code: kind
    for kind in (_letter("demand"), _letter("last_notice"), _letter("lawyers_letter", "律师函", "lawyer"))
}
"""Every kind of letter, by code, in the order of the ladder."""

PANELS: Final = {"[sums]": True, "[payment]": True, "[signature]": True, "[slip]": False}
"""Places of a letter that the layout fills in, and whether a letter must have them: what is to be paid until when, how
and whom to call, signature and seal, the slip to send back."""

HEADING: Final = "## "
"""Begins a heading of a letter."""

KINDS: Final = {kind.code: kind for kind in _ALL}
"""Every kind, by code; the order in which pages list them."""

LADDER: Final = ("bill", "upcoming", "friendly", "follow_up", "offer", "demand", "weekly", "last_notice")
"""Kinds the daily run asks for, in the order of the ladder."""

TEXT: Final = "text"
"""Words a person wrote in the composer."""

NOT_DEMANDS: Final = frozenset(kind.code for kind in _ALL if not kind.asks_for_money)
"""Kinds that ask for nothing overdue: they do not count as a demand."""

FREE_OF_HOLDS: Final = NOT_DEMANDS - set(LADDER)
"""Answers and confirmations: a dispute stops the demands, not the letter that acknowledges it."""

EVERY_WORD: Final = AROUND.union(*(kind.words for kind in _ALL))
EVERY_TABLE: Final = frozenset().union(*(kind.tables for kind in _ALL))


def subject_of(about: str) -> tuple[str, int]:
    """Return noun and id of a `Delivery.about`: “plan:12” is ("plan", 12). Raises ValueError for anything else."""
    noun, colon, number = about.partition(":")
    if not (noun and colon and number.isascii() and number.isdigit()):
        message = f"“{about}” does not name a thing: write noun, colon, id, as in plan:12"
        raise ValueError(message)
    return noun, int(number)
