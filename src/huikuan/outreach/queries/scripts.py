"""The script of a talk: the company's own version in use, else the shipped one."""

from datetime import date

from huikuan.outreach.queries.texts import text_for
from huikuan.outreach.rules.scripts import Script, channel_of, script_of
from huikuan.outreach.templates import offered, shipped
from huikuan.parties.models import Customer


def script_for(
    code: str, language: str, *, customer: Customer | None = None, as_of: date = date.max, tone: str = ""
) -> Script:
    """Return a script with its placeholders; `Script.filled` puts the words of a case into it.

    Args:
        code: As a step of the policy names it (`outreach.rules.scripts.SCRIPTS`).
        language: Of whoever speaks; one that is not offered reads English.
        customer: Whose own variant is taken; None: the shipped script.
        as_of: The day, for the customer's grade.
        tone: "": the script's own.

    Raises: TemplateUnknown.
    """
    channel, known = channel_of(code), offered(language)
    if customer is None:
        text = next(iter(shipped(code, channel, known)))
    else:
        text = text_for(customer=customer, kind=code, channel=channel, language=known, as_of=as_of, tone=tone)
    return script_of(code, known, text.body)
