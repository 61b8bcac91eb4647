"""Bank accounts of an entity, and which of them a file is about."""

from huikuan.cash.models import BankAccount
from huikuan.cash.rules.judging import Judged
from huikuan.cash.rules.statement import same_account
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import Entity


class AccountUnknown(Refusal):
    """The file is of an account that the entity has not."""

    code = "bank.account-unknown"
    text = gettext_noop(
        "The file is of the account {number} in {currency}, which {entity} has not. If it is yours, add the account "
        "first (Bank accounts, or huikuan bank accounts --add); if not, it is the wrong file or the wrong entity."
    )


class AccountUnnamed(Refusal):
    """The file does not say of which account it is."""

    code = "bank.account-unnamed"
    text = gettext_noop("“{name}” does not say of which account it is. Choose the account (--account).")


class AccountUnclear(Refusal):
    """Several accounts fit a masked number."""

    code = "bank.account-unclear"
    text = gettext_noop("The number {number} fits several accounts of {entity}. Choose the account (--account).")


class AccountDiffers(Refusal):
    """The file is of another account than the chosen one."""

    code = "bank.account-differs"
    text = gettext_noop("The file is of the account {number} in {currency}, not of {account}. Nothing was imported.")


class AccountNotFound(Refusal):
    """No account of this number."""

    code = "bank.account-not-found"
    text = gettext_noop("{entity} has no account {number}. Known: {known}.")


def account_named(entity: Entity, number: str) -> BankAccount:
    """Return the account that a person names, by its number or its last digits.

    Raises: AccountNotFound, AccountUnclear.
    """
    accounts = list(BankAccount.objects.filter(entity=entity).order_by("number", "currency"))
    found = [each for each in accounts if same_account(each.number, number)]
    found = found or [each for each in accounts if number and each.number.endswith(number.upper())]
    if not found:
        known = ", ".join(f"{each.number} {each.currency}" for each in accounts) or "—"
        raise AccountNotFound(entity=entity.code, number=number, known=known)
    if len(found) > 1:
        raise AccountUnclear(number=number, entity=entity.code)
    return found[0]


def account_of(judged: Judged, *, entity: Entity, chosen: BankAccount | None, name: str) -> BankAccount:
    """Return the account that a part of a file is about.

    Args:
        judged: What the file says.
        entity: Whose statement it is.
        chosen: The account that a person chose; its sister in another currency serves lines in that one.
        name: Of the file.

    Raises: AccountUnknown, AccountUnnamed, AccountUnclear, AccountDiffers.
    """
    accounts = BankAccount.objects.filter(entity=entity, currency=judged.currency)
    if chosen is not None:
        found = [each for each in accounts if each.number == chosen.number]
        if not found or not same_account(chosen.number, judged.account):
            number = judged.account or chosen.number
            raise AccountDiffers(number=number, currency=judged.currency, account=str(chosen))
        return found[0]
    if not judged.account:
        raise AccountUnnamed(name=name)
    found = [each for each in accounts if same_account(each.number, judged.account)]
    if len(found) > 1:
        raise AccountUnclear(number=judged.account, entity=entity.code)
    if not found:
        raise AccountUnknown(number=judged.account, currency=judged.currency, entity=entity.code)
    return found[0]
