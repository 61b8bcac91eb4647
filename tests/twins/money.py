"""Slow, obvious twins of the kernel's money: fractions, and a reader of capital numerals that goes sign by sign."""

from fractions import Fraction

DIGITS = {digit: value for value, digit in enumerate("零壹贰叁肆伍陆柒捌玖")}
SMALL = {"拾": 10, "佰": 100, "仟": 1000}
LARGE = {"万": 10**4, "亿": 10**8}


def round_half_away(exact: Fraction) -> int:
    """Return the nearest whole number, halves away from zero, by looking at both neighbors."""
    below = exact.numerator // exact.denominator
    distance = exact - below
    if distance == Fraction(1, 2):
        return below + 1 if exact > 0 else below
    return below + 1 if distance > Fraction(1, 2) else below


def read_capitals(text: str) -> int:
    """Return the 分 that an amount in capital numerals (大写金额) means; KeyError for a sign that it does not know."""
    negative = text.startswith("负")
    yuan_text, yuan_sign, rest = text.removeprefix("负").partition("元")
    if not yuan_sign:
        yuan_text, rest = "", yuan_text
    minor = 100 * _read_whole(yuan_text)
    digit = 0
    for sign in rest.removesuffix("整"):
        if sign == "角":
            minor, digit = minor + 10 * digit, 0
        elif sign == "分":
            minor, digit = minor + digit, 0
        else:
            digit = DIGITS[sign]
    assert digit == 0, f"{text} ends in a digit without a unit"
    return -minor if negative else minor


def _read_whole(text: str) -> int:
    """Add up: a digit waits for its small unit, a section below 万 waits for its large one; 亿 lifts all before it."""
    total = section = digit = 0
    for sign in text:
        if sign in SMALL:
            section, digit = section + digit * SMALL[sign], 0
        elif sign == "万":
            total, section, digit = total + (section + digit) * LARGE[sign], 0, 0
        elif sign == "亿":
            total, section, digit = (total + section + digit) * LARGE[sign], 0, 0
        else:
            digit = DIGITS[sign]
    return total + section + digit
