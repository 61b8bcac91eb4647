"""Words for penalty terms and their rates, as pages, letters and the portal write them."""

from decimal import Decimal

from django.utils.translation import gettext as _

from huikuan.receivables.rules.profiles import LPR_1Y, LPR_5Y
from huikuan.receivables.rules.terms import Terms


def percent_ppm(ppm: int) -> str:
    """Write a share in millionths as a percentage: 30 000 is 3%."""
    return f"{Decimal(ppm).scaleb(-4).normalize():f}%"


def rate_words(numerator: int, denominator: int) -> str:
    """Write what one unit bears on a day, as a percentage: exactly, or to six decimals with an approximation sign."""
    share = Decimal(100 * numerator) / denominator
    exact = share == share.quantize(Decimal("0.000001"))
    return f"{'' if exact else '≈'}{share.quantize(Decimal('0.000001')).normalize():f}%"


def reference_words(code: str) -> str:
    """Return the name of a reference rate; one that has none here keeps its code."""
    names = {LPR_1Y: _("one-year LPR"), LPR_5Y: _("five-year LPR")}
    return names.get(code, code)


def terms_words(terms: Terms) -> str:
    """Say penalty terms in one line."""
    rate = f"{Decimal(terms.rate_ppb).scaleb(-7).normalize():f}%"
    if terms.kind == "NONE":
        return _("No penalty")
    if terms.kind == "PER_DAY":
        said = [_("{rate} a day").format(rate=rate)]
    elif terms.kind == "PER_YEAR":
        said = [_("{rate} a year of {days} days").format(rate=rate, days=terms.basis_days)]
    else:
        multiple = f"{Decimal(terms.multiple_ppm).scaleb(-6).normalize():f}"
        reference = reference_words(terms.reference_code)
        said = [_("{reference} × {multiple}").format(reference=reference, multiple=multiple)]
        if terms.rate_ppb:
            said.append(f"+ {rate}")
    if terms.grace_days:
        said.append(_("{days} days of grace").format(days=terms.grace_days))
    if terms.cap_share_ppm is not None:
        said.append(_("at most {share} of the amount").format(share=percent_ppm(terms.cap_share_ppm)))
    return " · ".join(said)
