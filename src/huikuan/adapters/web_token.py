"""The secret part of an address, for providers that do not sign their calls."""

import hmac

from django.conf import settings

from huikuan.outreach.callbacks import Call, ForgedError


def demand_token(call: Call) -> None:
    """Go on only when the address holds our secret. Raises ForgedError, also when we have none."""
    secret: str = settings.HUIKUAN_HOOKS_TOKEN
    if not secret or not hmac.compare_digest(call.token.encode(), secret.encode()):
        message = "the address does not hold HUIKUAN_HOOKS_TOKEN"
        raise ForgedError(message)
