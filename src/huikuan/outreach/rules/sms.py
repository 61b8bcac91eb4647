"""How long a text message is, and how many are paid for."""

from typing import Final

_GSM: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""3GPP TS 23.038, default alphabet: seven bits a character."""
_GSM_ESCAPED: Final = frozenset("^{}\\[~]|€\f")
"""Its extension: two places a character."""
SHORT_MAX: Final = 500
"""Longest text message, in characters, that the Chinese carriers take (Aliyun: 500 with the signature)."""


def sms_units(text: str) -> tuple[int, int]:
    """Return (places used, messages paid for): 70 or 67 characters each in Chinese, 160 or 153 in plain Latin text."""
    if all(character in _GSM or character in _GSM_ESCAPED for character in text):
        places = sum(2 if character in _GSM_ESCAPED else 1 for character in text)
        one, each = 160, 153
    else:
        places = len(text.encode("utf-16-le")) >> 1
        one, each = 70, 67
    if places <= one:
        return places, 1
    whole, rest = divmod(places, each)
    return places, whole + bool(rest)
