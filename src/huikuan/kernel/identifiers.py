"""Numbers and addresses that others gave out: registration numbers, telephones, e-mail. Normalized or refused.

python-stdnum (LGPL-2.1+) is used as an unmodified dependency.
"""

import re
import unicodedata
from typing import Final

import phonenumbers
from phonenumbers import shortnumberinfo
from stdnum.cn import uscc
from stdnum.exceptions import InvalidChecksum, InvalidLength, ValidationError

from huikuan.kernel.refusal import Refusal, gettext_noop

_EXPONENT_FORM: Final = re.compile(r"[+-]?\d+(?:\.\d+)?[eE]\+?\d+")
_OLD_CN_REGISTRATION: Final = re.compile(r"[0-9]{15}")
_FOREIGN_REGISTRATION: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z ./()-]{1,38}[0-9A-Za-z)]")

_EMAIL_LENGTH_MAX: Final = 254  # RFC 5321 §4.5.3.1.3, less the angle brackets
_EMAIL_LOCAL_LENGTH_MAX: Final = 64  # RFC 5321 §4.5.3.1.1
_LOCAL_PART: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{2,59})")


class IdentifierInExponentForm(Refusal):
    """A spreadsheet turned a long number into 1.3E+17 and lost its digits."""

    code = "identifier.in-exponent-form"
    text = gettext_noop(
        "“{value}” has lost digits to a spreadsheet. Format the column as text, enter the number again and export."
    )


class UsccWrongLength(Refusal):
    """Not 18 characters."""

    code = "identifier.uscc-wrong-length"
    text = gettext_noop(
        "“{value}” has {length} characters; a unified social credit code has 18. Copy it from the business license."
    )


class UsccWrongCharacter(Refusal):
    """A character that never occurs."""

    code = "identifier.uscc-wrong-character"
    text = gettext_noop(
        "“{value}” has a character that a unified social credit code never has (I, O, S, V and Z are not used). "
        "Perhaps a zero was read as O, or a one as I."
    )


class UsccWrongCheckCharacter(Refusal):
    """The last character does not follow from the others: a typing error somewhere."""

    code = "identifier.uscc-wrong-check-character"
    text = gettext_noop(
        "“{value}” is not a valid unified social credit code: its check character is wrong. "
        "Compare it with the business license."
    )


class RegistrationNumberUnreadable(Refusal):
    """No registration number has this shape."""

    code = "identifier.registration-unreadable"
    text = gettext_noop(
        "“{value}” does not look like a registration number of {country}. Copy it from the business license."
    )


class PhoneUnreadable(Refusal):
    """No telephone number of the region, nor an international one."""

    code = "identifier.phone-unreadable"
    text = gettext_noop(
        "“{value}” is not a telephone number in {region}. "
        "Write it with the area code, or in full like +86 138 0013 8000."
    )


class PhoneIsServiceNumber(Refusal):
    """A short number (95588, 10010): reachable at home only, so it cannot be held in international form."""

    code = "identifier.phone-is-service-number"
    text = gettext_noop("“{value}” is a short service number. Give a number that reaches a person, with the area code.")


class EmailUnreadable(Refusal):
    """Not the shape of one address."""

    code = "identifier.email-unreadable"
    text = gettext_noop("“{value}” is not an e-mail address. Write it like name@example.com.")


class SeveralEmails(Refusal):
    """Two addresses in one field."""

    code = "identifier.several-emails"
    text = gettext_noop("“{value}” holds several e-mail addresses. Give one; add a contact for each of the others.")


def _tidied(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def parse_uscc(text: str) -> str:
    """Return a unified social credit code (统一社会信用代码, GB 32100-2015): 18 capitals and digits, check verified.

    Blanks and hyphens are dropped, letters made capital, full width made half.

    Raises: UsccWrongLength, UsccWrongCharacter, UsccWrongCheckCharacter, IdentifierInExponentForm.
    """
    tidy = re.sub(r"[\s-]", "", _tidied(text)).upper()
    _refuse_exponent_form(text)
    try:
        return str(uscc.validate(tidy))
    except InvalidLength:
        raise UsccWrongLength(value=text, length=len(tidy)) from None
    except InvalidChecksum:
        raise UsccWrongCheckCharacter(value=text) from None
    except ValidationError:
        raise UsccWrongCharacter(value=text) from None


def parse_registration_no(text: str, country: str = "CN") -> str:
    """Return the registration number of a customer, normalized as its country writes it.

    CN: the unified code, or the 15 digits that businesses of individuals may still hold. Elsewhere only the shape is
    checked (2 to 40 letters, digits and the marks between them).

    Raises: those of `parse_uscc`, RegistrationNumberUnreadable.
    """
    tidy = _tidied(text)
    _refuse_exponent_form(text)
    if country == "CN":
        digits = re.sub(r"[\s-]", "", tidy)
        return digits if _OLD_CN_REGISTRATION.fullmatch(digits) else parse_uscc(tidy)
    if not _FOREIGN_REGISTRATION.fullmatch(tidy):
        raise RegistrationNumberUnreadable(value=text, country=country)
    return re.sub(r"\s+", " ", tidy).upper()


def _refuse_exponent_form(text: str) -> None:
    if _EXPONENT_FORM.fullmatch(_tidied(text)):
        raise IdentifierInExponentForm(value=text)


def parse_phone(text: str, region: str = "CN") -> str:
    """Return a telephone number in the international form E.164: "138 0013 8000" in CN is "+8613800138000".

    Args:
        text: As written; an extension is refused with the rest, E.164 has no place for it.
        region: ISO 3166 code that a number without country code belongs to.

    Raises: PhoneUnreadable, PhoneIsServiceNumber, IdentifierInExponentForm.
    """
    _refuse_exponent_form(text)
    tidy = _tidied(text)
    try:
        number = phonenumbers.parse(tidy, region)
    except phonenumbers.NumberParseException:
        raise PhoneUnreadable(value=text, region=region) from None
    if phonenumbers.is_valid_number(number) and not number.extension:
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if shortnumberinfo.is_valid_short_number_for_region(number, region):
        raise PhoneIsServiceNumber(value=text)
    raise PhoneUnreadable(value=text, region=region)


def parse_email(text: str) -> str:
    """Return one e-mail address of the usual shape; the domain in lower case, a Chinese one in its xn-- form.

    Whether it exists only a delivery can tell.

    Raises: EmailUnreadable, SeveralEmails.
    """
    tidy = _tidied(text).removeprefix("mailto:")
    if len(re.findall("@", tidy)) > 1 and re.search(r"[;,、\s/]", tidy):
        raise SeveralEmails(value=text)
    local_part, at, domain = tidy.rpartition("@")
    try:
        domain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise EmailUnreadable(value=text) from None
    address = f"{local_part}@{domain}"
    if (
        not at
        or len(address) > _EMAIL_LENGTH_MAX
        or len(local_part) > _EMAIL_LOCAL_LENGTH_MAX
        or not _LOCAL_PART.fullmatch(local_part)
        or not _DOMAIN.fullmatch(domain)
    ):
        raise EmailUnreadable(value=text)
    return address
