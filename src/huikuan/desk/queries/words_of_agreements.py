"""Codes of agreements in words and colors."""

from typing import Final

from django.utils.translation import gettext_lazy

TONES: Final = {
    **dict.fromkeys(("KEPT", "FULFILLED", "GRANTED"), "good"),
    **dict.fromkeys(("BROKEN", "DECLINED"), "bad"),
    **dict.fromkeys(("PARTLY", "PROPOSED"), "warn"),
    **dict.fromkeys(("RUNNING", "APPROVED"), "info"),
}
"""Colors of states; the words beside them say the same."""

LIMITS: Final = {
    "FIRST_TOO_SMALL": gettext_lazy("the first part is smaller than the policy allows"),
    "TOO_LONG": gettext_lazy("it runs longer than the policy allows"),
    "TOO_FEW_PARTS": gettext_lazy("it has fewer parts than the policy asks for"),
    "TOO_MUCH_WAIVED": gettext_lazy("it waives more penalty than the policy allows"),
    "EXTENSION": gettext_lazy("extension"),
    "EARLY_PAYMENT": gettext_lazy("early-payment discount on one item"),
    "PARTIAL_WAIVER": gettext_lazy("partial waiver of principal"),
}
"""Why an approval is asked."""

WAYS: Final = {
    "OFFER": gettext_lazy("Paid now, less what is given up"),
    "PLAN": gettext_lazy("Installment plan"),
    "SUIT": gettext_lazy("Suit"),
}
"""Ways to recover a claim."""
