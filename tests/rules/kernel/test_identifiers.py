"""Registration numbers, telephones, e-mail."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huikuan.kernel.identifiers import (
    EmailUnreadable,
    IdentifierInExponentForm,
    PhoneIsServiceNumber,
    PhoneUnreadable,
    RegistrationNumberUnreadable,
    SeveralEmails,
    UsccWrongCharacter,
    UsccWrongCheckCharacter,
    UsccWrongLength,
    parse_email,
    parse_phone,
    parse_registration_no,
    parse_uscc,
)

# law.md §7
VALID = ["91350100M000100Y43", "91440300708461136T", "9144030071526726XG", "91330100799655058B", "91110000802100433B"]
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]


@pytest.mark.parametrize("code", VALID)
def test_a_valid_code_is_kept(code):
    assert parse_uscc(code) == parse_registration_no(code) == code


def test_a_code_is_normalized():
    assert parse_uscc(" 91350100 m000100y43 ") == "91350100M000100Y43"
    assert parse_uscc("９１３５０１００Ｍ０００１００Ｙ４３") == "91350100M000100Y43"


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        ("91350100M000100Y44", UsccWrongCheckCharacter),
        ("91350100MO00100Y43", UsccWrongCharacter),  # the letter O
        ("91350100M000100I43", UsccWrongCharacter),
        ("91350100M000100Y4", UsccWrongLength),
        ("91350100M000100Y433", UsccWrongLength),
        ("", UsccWrongLength),
        ("9.1350100E+17", IdentifierInExponentForm),
    ],
)
def test_a_wrong_code_is_refused_by_name(code, refusal):
    with pytest.raises(refusal):
        parse_uscc(code)


@given(st.sampled_from(VALID), st.integers(0, 16), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_found(code, place, character):
    changed = code[:place] + character + code[place + 1 :]
    check = (31 - sum(ALPHABET.index(c) * w for c, w in zip(changed, WEIGHTS, strict=False)) % 31) % 31
    if changed == code:
        assert ALPHABET[check] == code[-1]
        assert parse_uscc(changed) == code
    else:
        assert ALPHABET[check] != code[-1]
        with pytest.raises((UsccWrongCheckCharacter, UsccWrongCharacter)):
            parse_uscc(changed)


def test_the_15_digits_of_individual_businesses_are_accepted():
    assert parse_registration_no("110108 600012345") == "110108600012345"


def test_numbers_of_other_countries_are_checked_for_shape_only():
    assert parse_registration_no(" 12-345 678/a ", "DE") == "12-345 678/A"
    with pytest.raises(RegistrationNumberUnreadable, match="HK"):
        parse_registration_no("?", "HK")


@pytest.mark.parametrize(
    ("written", "region", "number"),
    [
        ("138 0013 8000", "CN", "+8613800138000"),
        ("170-1234-5678", "CN", "+8617012345678"),
        ("16212345678", "CN", "+8616212345678"),
        ("19512345678", "CN", "+8619512345678"),
        ("１３８００１３８０００", "CN", "+8613800138000"),
        ("+86 138 0013 8000", "US", "+8613800138000"),
        ("0086 13800138000", "CN", "+8613800138000"),
        ("(010) 6234-5678", "CN", "+861062345678"),
        ("400-810-0000", "CN", "+864008100000"),
        ("2123 4567", "HK", "+85221234567"),
        ("+1 212-555-2368", "CN", "+12125552368"),
    ],
)
def test_a_telephone_number_takes_the_international_form(written, region, number):
    assert parse_phone(written, region) == number
    assert parse_phone(number, region) == number


@pytest.mark.parametrize(
    ("written", "refusal"),
    [
        ("95588", PhoneIsServiceNumber),
        ("10010", PhoneIsServiceNumber),
        ("", PhoneUnreadable),
        ("none", PhoneUnreadable),
        ("1380013800", PhoneUnreadable),
        ("138001380000", PhoneUnreadable),
        ("13800138000; 13900139000", PhoneUnreadable),
        ("010-62345678 ext. 12", PhoneUnreadable),
        ("1.38001E+10", IdentifierInExponentForm),
    ],
)
def test_what_reaches_nobody_is_refused_by_name(written, refusal):
    with pytest.raises(refusal):
        parse_phone(written)


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("Wang.Li@Example.COM", "Wang.Li@example.com"),
        (" a+b@x.cn ", "a+b@x.cn"),
        ("mailto:a@x.cn", "a@x.cn"),
        ("ａ@x．cn", "a@x.cn"),
        ("a@公司.cn", "a@xn--55qx5d.cn"),
        ("o'neil@mail.example.org", "o'neil@mail.example.org"),
    ],
)
def test_an_address_is_normalized(written, address):
    assert parse_email(written) == parse_email(address) == address


@pytest.mark.parametrize(
    ("written", "refusal"),
    [
        ("", EmailUnreadable),
        ("a", EmailUnreadable),
        ("@x.cn", EmailUnreadable),
        ("a@", EmailUnreadable),
        ("a@x", EmailUnreadable),
        ("a@@x.cn", EmailUnreadable),
        ("a..b@x.cn", EmailUnreadable),
        (".a@x.cn", EmailUnreadable),
        ("a b@x.cn", EmailUnreadable),
        ("a@-x.cn", EmailUnreadable),
        ("a@x..cn", EmailUnreadable),
        ("王@x.cn", EmailUnreadable),
        ("a@x.cn\nBcc: b@y.cn", SeveralEmails),
        ("a@x.cn\nBcc:", EmailUnreadable),
        ("a" * 65 + "@x.cn", EmailUnreadable),
        ("a@" + "x" * 64 + ".cn", EmailUnreadable),
        ("a@x.cn;b@y.cn", SeveralEmails),
        ("a@x.cn, b@y.cn", SeveralEmails),
        ("a@x.cn、b@y.cn", SeveralEmails),
    ],
)
def test_what_is_no_single_address_is_refused_by_name(written, refusal):
    with pytest.raises(refusal):
        parse_email(written)


def test_an_address_may_be_as_long_as_the_standard_allows():
    longest = "a" * 64 + "@" + ("x" * 61 + ".") * 3 + "cn"
    assert len(longest) == 253
    assert parse_email(longest) == longest
    assert parse_email(longest + "n") == longest + "n"
    with pytest.raises(EmailUnreadable):
        parse_email(longest + "nn")


@given(st.text(max_size=30))
def test_no_text_breaks_an_address(text):
    try:
        address = parse_email(text)
    except (EmailUnreadable, SeveralEmails):
        return
    assert parse_email(address) == address
    assert "\n" not in address
