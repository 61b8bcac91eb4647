"""Learning who pays for whom (学习付款方): what decisions on lines teach, and take back."""

from django.db.models import F, Value
from django.db.models.functions import Greatest

from huikuan.cash.models import KnownPayer, StatementLine
from huikuan.cash.rules.match_book import payer_key
from huikuan.cash.rules.match_text import key_of


def teach(line: StatementLine, customer_id: int, *, confirmed: int = 0, rejected: int = 0) -> None:
    """Count a decision for the account and the name of a line's payer; a negative count takes one back."""
    day = line.value_on or line.booked_on
    for kind, key in keys_of(line):
        known, _ = KnownPayer.objects.get_or_create(
            entity_id=line.account.entity_id, kind=kind, key=key, customer_id=customer_id, defaults={"seen_on": day}
        )
        KnownPayer.objects.filter(pk=known.pk).update(
            confirmed_count=Greatest(F("confirmed_count") + confirmed, Value(0)),
            rejected_count=Greatest(F("rejected_count") + rejected, Value(0)),
            seen_on=max(day, known.seen_on),
        )


def keys_of(line: StatementLine) -> list[tuple[str, str]]:
    """Return (kind, key) by which the payer of a line is known; nothing for a line without name and account."""
    account, name = key_of(line.counterparty_account), payer_key(line.counterparty_name)
    return [
        *([(KnownPayer.Kind.ACCOUNT.value, account)] if account else []),
        *([(KnownPayer.Kind.NAME.value, name[:200])] if name else []),
    ]
