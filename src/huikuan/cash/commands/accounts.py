"""Entering the accounts on which money arrives."""

from datetime import datetime

from django.db import transaction

from huikuan.cash.models import BankAccount
from huikuan.cash.rules.statement import account_number
from huikuan.journal.commands import record
from huikuan.kernel.money import currency_exponent
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import Entity, User


class AccountNumberWrong(Refusal):
    """No account number."""

    code = "bank.account-number-wrong"
    text = gettext_noop("“{number}” is no account number: 3 to 40 letters and digits, none of them masked.")


class AccountTaken(Refusal):
    """It is there."""

    code = "bank.account-taken"
    text = gettext_noop("{entity} already has the account {number} in {currency}.")


_SHORTEST, _LONGEST = 3, 40


@transaction.atomic
def add_account(
    *, entity_id: int, number: str, currency: str, actor: User | None, now: datetime, bank: str = "", name: str = ""
) -> BankAccount:
    """Enter an account of an entity: IBAN, number, or the merchant number of a wallet.

    Raises: AccountNumberWrong, AccountTaken, CurrencyUnknown.
    """
    entity = Entity.objects.get(pk=entity_id)
    currency = currency.strip().upper() or entity.currency
    currency_exponent(currency)
    plain = account_number(number)
    if not _SHORTEST <= len(plain) <= _LONGEST or "*" in plain:
        raise AccountNumberWrong(number=number)
    if BankAccount.objects.filter(entity=entity, number=plain, currency=currency).exists():
        raise AccountTaken(entity=entity.code, number=plain, currency=currency)
    account = BankAccount.objects.create(
        entity=entity, number=plain, currency=currency, bank=bank.strip(), name=name.strip(), opened_at=now
    )
    record(
        "cash.account-added", now=now, actor=actor, entity_id=entity.pk, subject=account, number=plain,
        currency=currency, bank=account.bank,
    )  # fmt: skip
    return account
