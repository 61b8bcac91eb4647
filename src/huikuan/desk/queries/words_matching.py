"""The reasons of a match in words."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

from huikuan.cash.models import SetAside

REASON_WORDS: Final[Mapping[str, LazyText]] = MappingProxyType(
    {
        "ITEM_NUMBER": _("The text names the item"),
        "ITEM_RANGE": _("The text names a range or list of items"),
        "ITEM_TAIL": _("The text holds the end of the item's number"),
        "CONTRACT_NUMBER": _("The text names the contract"),
        "CUSTOMER_CODE": _("The text names the customer's code"),
        "REGISTRATION_NO": _("The text names the registration number"),
        "ACCOUNT_KNOWN": _("This account paid for him before"),
        "ACCOUNT_SHARED": _("This account paid for him and for others before"),
        "NAME_EQUAL": _("The payer's name is his"),
        "NAME_LEARNED": _("This payer paid for him before"),
        "NAME_BRANCH": _("The payer is a branch of his"),
        "NAME_CORE": _("The same name but for place or legal form"),
        "NAME_NEAR": _("Nearly the same name"),
        "NAME_SHORT": _("The short form of his name"),
        "NAME_SHARED": _("Several customers could bear this name"),
        "NAME_PARENT": _("The payer is his parent company"),
        "TEXT_NAME": _("The text names him"),
        "OTHER_PAYER": _("The payer is another customer"),
        "NAMED_SUM": _("The named items make exactly the amount"),
        "NAMED_CHARGE": _("The named items less bank charges make the amount"),
        "NAMED_PENALTY": _("The named items and their penalty make the amount"),
        "NAMED_DISCOUNT": _("The named items less the early-payment discount make the amount"),
        "NAMED_SOME": _("Some of the named items make exactly the amount"),
        "NAMED_MORE": _("The named items and others make exactly the amount"),
        "NAMED_PART": _("A part of the named item"),
        "NAMED_OVER": _("More than the named items"),
        "NAMED_FAR": _("Far more than the named items"),
        "NAMED_SEVERAL_PART": _("A part of the named items"),
        "NAMED_SETTLED": _("The named items are already settled"),
        "NAMED_CURRENCY": _("The named items are in another currency"),
        "AMOUNT_ONE": _("One open item has exactly this amount"),
        "AMOUNT_ALL": _("Everything that is open makes exactly the amount"),
        "AMOUNT_SUM": _("Only these open items add up to the amount"),
        "AMOUNT_PENALTY": _("An open item and its penalty make the amount"),
        "AMOUNT_DISCOUNT": _("An open item less its early-payment discount makes the amount"),
        "AMOUNT_CHARGE": _("An open item less bank charges makes the amount"),
        "AMOUNT_SEVERAL": _("Several sets of open items add up to the amount"),
        "ON_ACCOUNT": _("No open item explains the amount: on account"),
        "AMOUNT_RARE": _("No other open item has this amount"),
        "ITEM_SHORT": _("The text holds the last digits of the number"),
        "DATE_NEAR": _("Paid near the due day"),
        "NOT_A_PAYMENT": _("The text speaks of a refund, wages or interest"),
        "BILL_NUMBER": _("The text names the bill of exchange"),
        "BILL_ACCEPTOR": _("The payer is the acceptor of the bill"),
        "BILL_WORDS": _("The text speaks of a bill or its collection"),
        "BILL_MATURES": _("Near the bill's maturity"),
    }
)
"""Code of `cash.rules.match_evidence` and `match_bills` → what a reader is told."""

ASIDE_WORDS: Final[Mapping[str, LazyText]] = MappingProxyType(
    {
        SetAside.Why.GATEWAY_PAYMENT: _("booked by the gateway as {name}"),
        SetAside.Why.GATEWAY_FEE: _("fee of the gateway for {name}"),
        SetAside.Why.GATEWAY_REFUND: _("sent back by the gateway from {name}"),
        SetAside.Why.BILL: _("collects bill of exchange {name}"),
    }
)


def aside_words(aside: SetAside) -> str:
    """Return why a line waits no more."""
    words = ASIDE_WORDS.get(aside.why)
    return aside.reason if words is None else str(words).format(name=aside.reason)
