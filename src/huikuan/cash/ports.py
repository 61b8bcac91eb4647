"""What the cash module needs from outside: readers of bank statements (`adapters.bank_files`), and payment gateways."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

from huikuan.cash.rules.payment import News
from huikuan.cash.rules.statement import Part
from huikuan.kernel.refusal import Refusal, gettext_noop


class StatementSource(Protocol):
    """A bank's file, recognized but not yet read."""

    name: str
    sha256: str
    """Of the bytes, hexadecimal."""
    format: str
    """camt.053.001.08, MT940, or the name of a profile."""

    def parts(self) -> Iterator[Part]:
        """Read the file from its beginning, in bounded memory; may be called again.

        Raises: Refusal with the place where the file is not what it should be.
        """


@cache
def _opener_at(path: str) -> Any:  # noqa: ANN401  what a dotted path names
    return import_string(path)


def open_statement(path: Path, *, name: str = "", profile: str = "", encoding: str = "") -> StatementSource:
    """Recognize a bank's file by its content (`HUIKUAN_PORTS["cash.statements"]`).

    Args:
        path: File on this machine.
        name: What people call it, when the path is a temporary one.
        profile: Name of the layout of a table; empty finds out.
        encoding: Of a text file; empty finds out.

    Raises: Refusal when it is no statement, or several profiles fit.
    """
    opener = _opener_at(settings.HUIKUAN_PORTS["cash.statements"])
    return cast("StatementSource", opener(path, name=name or path.name, profile=profile, encoding=encoding))


def known_layouts() -> list[tuple[str, str]]:
    """Return name and title of every layout of tables (`HUIKUAN_PORTS["cash.layouts"]`)."""
    return list(_opener_at(settings.HUIKUAN_PORTS["cash.layouts"])())


class GatewayRefused(Refusal):
    """The gateway says no: it would say so again."""

    code = "payment.gateway-refused"
    text = gettext_noop("{gateway} refused: {said}. Pay another way, or ask us.")


class GatewayUnsure(Refusal):
    """No answer, or none that says whether anything happened: ask again later."""

    code = "payment.gateway-unsure"
    text = gettext_noop("{gateway} does not answer at the moment. Try again in a few minutes.")


class CallbackForged(Refusal):
    """Not signed by the gateway, or too old: nothing of it is believed or kept."""

    code = "payment.callback-forged"
    text = gettext_noop("The signature of this call is not {gateway}'s. Nothing was taken from it.")


class GatewayUnknown(Refusal):
    """Not switched on."""

    code = "payment.gateway-unknown"
    text = gettext_noop("There is no way to pay called “{gateway}” here.")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentOrder:
    """A payment that a gateway is to take.

    Attributes:
        number: Ours, unique for ever: 6 to 32 letters and digits. The same number is the same payment.
        title: What the payer reads on the gateway's page.
        currency, amount_minor: What he pays.
        begun_at, expires_at: He can pay until then.
        notify_url: Where the gateway calls us.
        return_url: Where it sends the payer afterwards.
        is_phone: He sits before a phone.
        payer_ip: His address, which some gateways demand.
        language: "zh-hans" or "en".
    """

    number: str
    title: str
    currency: str
    amount_minor: int
    begun_at: datetime
    expires_at: datetime
    notify_url: str
    return_url: str
    is_phone: bool
    payer_ip: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """How the payer pays.

    Attributes:
        address: The page to go to, or the text of the QR code.
        is_code: To be shown as a QR code instead of a link.
        handle: How the gateway calls its order, where it has a name of its own.
    """

    address: str
    is_code: bool = False
    handle: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundOrder:
    """Money to send back through the gateway. The same refund number is the same refund, however often it is asked."""

    number: str
    refund_number: str
    handle: str
    provider_reference: str
    currency: str
    amount_minor: int
    total_minor: int
    reason: str


class PaymentGateway(Protocol):
    """Takes money for us. No method may be called inside a transaction; none of them tries again by itself.

    Every method raises GatewayRefused (a no for good) or GatewayUnsure (it may have arrived) instead of anything else.
    """

    name: str
    currencies: frozenset[str]

    def create(self, order: PaymentOrder) -> Checkout:
        """Make a payment that the payer can pay."""

    def query(self, number: str, handle: str, *, now: datetime) -> News:
        """Ask where a payment stands; PENDING also when the gateway has never heard of it."""

    def close(self, number: str, handle: str) -> None:
        """Let a payment be paid no longer; one that is closed or unknown there is no error."""

    def refund(self, order: RefundOrder) -> str:
        """Send money back; return the gateway's name of the refund."""

    def read(self, headers: Mapping[str, str], body: bytes, *, now: datetime) -> News | None:
        """Verify a callback and read it; None: it is about something else. Raises CallbackForged.

        Args:
            headers: Names in lower case.
            body: As it came.
            now: The instant: a signature of the past is not believed.
        """

    def answer(self, *, is_taken: bool) -> tuple[int, str, str]:
        """Return status, media type and text that tell the gateway: taken, or call again."""


class TrialGateway(PaymentGateway, Protocol):
    """A gateway whose pay page is ours: nobody pays anything."""

    def order(self, number: str) -> PaymentOrder:
        """Return what the pay page shows. Raises GatewayUnknown when there is no such payment."""

    def press(self, number: str, button: str, *, now: datetime) -> list[tuple[dict[str, str], bytes]]:
        """Do what a button of the pay page does; return the callbacks, signed, in the order in which they go out.

        Args:
            number: The payment.
            button: "pay", "fail" or "twice".
            now: The instant.
        """


TRIAL: Final = "sandbox"


def payment_gateways() -> dict[str, PaymentGateway]:
    """Return the gateways that are switched on, by name (`HUIKUAN_GATEWAY_PORTS`)."""
    return {name: _gateway_at(path) for name, path in settings.HUIKUAN_GATEWAY_PORTS.items()}


def payment_gateway(name: str) -> PaymentGateway:
    """Return one gateway. Raises GatewayUnknown when it is not switched on."""
    path = settings.HUIKUAN_GATEWAY_PORTS.get(name)
    if path is None:
        raise GatewayUnknown(gateway=name)
    return _gateway_at(path)


def trial_gateway() -> TrialGateway:
    """Return the gateway of trials. Raises GatewayUnknown when it is not switched on."""
    return cast("TrialGateway", payment_gateway(TRIAL))


def _gateway_at(path: str) -> PaymentGateway:
    return cast("PaymentGateway", _opener_at(path)())
