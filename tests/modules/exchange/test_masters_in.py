"""Import customers, contacts and contracts: added, updated with what changed in the journal, or left as they are."""

from datetime import UTC, datetime, time

import pytest

from huikuan.journal.models import Entry
from huikuan.parties.models import ContactPerson, Customer, User
from huikuan.receivables.models import Contract
from tests.modules.exchange.conftest import codes, counts, remarks

LATER = datetime(2026, 7, 11, 4, 0, tzinfo=UTC)
CUSTOMERS = (
    "客户编码,客户名称,统一社会信用代码,国家,币种,行业,规模,语言,时区,邮箱,电话,催收员,业务员\n"
    "C1,天河电子有限公司,91350100M000100Y43,中国,人民币,制造业,中型,中文,Asia/Shanghai,Pay@Tianhe.example,"
    "138 0013 8000,chen.owner,李销售\n"
)


def test_every_column_of_a_customer_arrives(importing, owner):
    outcome = importing("customers", CUSTOMERS)
    assert (counts(outcome), remarks(outcome)) == ((1, 0, 0, 0), [])
    held = Customer.objects.values().get()
    expected = {
        "code": "C1", "name": "天河电子有限公司", "registration_no": "91350100M000100Y43", "country": "CN",
        "currency": "CNY", "industry": "制造业", "size_class": "MEDIUM", "language": "zh-hans",
        "time_zone": "Asia/Shanghai", "email": "Pay@tianhe.example", "phone": "+8613800138000",
        "collector_id": owner.pk, "sales_owner": "李销售",
    }  # fmt: skip
    assert {name: held[name] for name in expected} == expected


def test_what_is_left_out_of_a_customer_has_its_stated_default(importing):
    importing("customers", "code,name,country\nC1,A,\nC2,B,DE\n")
    held = list(Customer.objects.order_by("code").values_list("country", "currency", "language", "time_zone"))
    assert held == [("CN", "CNY", "zh-hans", "Asia/Shanghai"), ("DE", "CNY", "en", "Asia/Shanghai")]


def test_a_changed_customer_is_updated_and_the_change_is_in_the_journal(importing, owner):
    importing("customers", CUSTOMERS)
    outcome = importing("customers", CUSTOMERS.replace("李销售", "王销售"), now=LATER)
    assert counts(outcome) == (0, 1, 0, 0)
    assert Customer.objects.get().sales_owner == "王销售"
    entry = Entry.objects.get(event="parties.customer-changed")
    assert entry.facts["changed"] == {"sales_owner": ["李销售", "王销售"]}
    assert entry.customer_id == Customer.objects.get().pk
    assert counts(importing("customers", CUSTOMERS.replace("李销售", "王销售"), now=LATER)) == (0, 0, 1, 0)


def test_empty_cells_say_nothing_and_change_nothing(importing, owner):
    importing("customers", CUSTOMERS)
    assert counts(importing("customers", "code,name,email\nC1,天河电子有限公司,\n")) == (0, 0, 1, 0)
    assert Customer.objects.get().email == "Pay@tianhe.example"


def test_an_unknown_collector_is_told_and_the_customer_imported(importing):
    outcome = importing("customers", "code,name,collector\nC1,A,nobody\n")
    assert (counts(outcome), remarks(outcome)) == ((1, 0, 0, 0), [(2, "collector", "collector-unknown")])


def test_somebody_of_another_entity_is_no_collector_here(importing, outsider):
    outcome = importing("customers", "code,name,collector\nC1,A,zhao.outsider\n")
    assert remarks(outcome) == [(2, "collector", "collector-unknown")]
    assert Customer.objects.get().collector is None


def test_collectors_are_added_when_that_is_asked_and_cannot_sign_in(importing):
    importing("customers", "code,name,collector\nC1,A,new.one\nC2,B,new.one\n", create_users=True)
    added = User.objects.get(username="new.one")
    assert not added.has_usable_password() or added.check_password("") is False
    assert not added.has_usable_password()
    assert added.collected_customers.count() == 2


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("email", "a.example", "email-unreadable"),
        ("email", "a@b.example; c@d.example", "several-emails"),
        ("phone", "12", "phone-unreadable"),
        ("phone", "1.38E+10", "number-in-exponent-form"),
        ("registration_no", "9.13E+17", "number-in-exponent-form"),
        ("country", "Atlantis", "country-unknown"),
        ("time_zone", "Mars/Olympus", "unknown"),
        ("language", "tlh", "choice-unknown"),
        ("size_class", "huge", "choice-unknown"),
        ("name", "=cmd|' /C calc'!A0", "cell-is-formula"),
    ],
)
def test_bad_cells_of_a_customer(importing, column, value, code):
    names = ["code", "name"] if column == "name" else ["code", "name", column]
    cells = ["C1", value] if column == "name" else ["C1", "A", value]
    outcome = importing("customers", ",".join(names) + "\n" + ",".join(cells) + "\n")
    assert codes(outcome) == [(2, column, code)]


def test_a_doubtful_registration_number_is_kept_and_told(importing):
    outcome = importing("customers", "code,name,registration_no\nC1,A,91350100M000100Y44\n")
    assert remarks(outcome) == [(2, "registration_no", "registration-doubtful")]
    assert Customer.objects.get().registration_no == "91350100M000100Y44"


# --- contacts ----------------------------------------------------------------------------------------------

CONTACTS = "客户编码,姓名,职务,邮箱,手机,首选渠道\nTIANHE,张伟,会计,zw@tianhe.example,13900139000,短信\n"


def test_a_contact_arrives_and_the_same_file_changes_nothing(importing, tianhe):
    assert counts(importing("contacts", CONTACTS)) == (1, 0, 0, 0)
    held = ContactPerson.objects.get()
    assert (held.name, held.role, held.email, held.phone, held.preferred_channel) == (
        "张伟", "ACCOUNTANT", "zw@tianhe.example", "+8613900139000", "SMS",
    )  # fmt: skip
    assert counts(importing("contacts", CONTACTS, now=LATER)) == (0, 0, 1, 0)


def test_the_only_person_of_a_name_is_updated(importing, tianhe):
    importing("contacts", CONTACTS)
    outcome = importing("contacts", CONTACTS.replace("13900139000", "13900139001"))
    assert counts(outcome) == (0, 1, 0, 0)
    assert ContactPerson.objects.get().phone == "+8613900139001"
    assert Entry.objects.filter(event="parties.contact-person-changed").count() == 1


def test_two_persons_of_one_name_stay_two_however_often_the_file_comes(importing, tianhe):
    text = CONTACTS + "TIANHE,张伟,出纳,other@tianhe.example,13900139002,\n"
    assert counts(importing("contacts", text)) == (2, 0, 0, 0)
    assert counts(importing("contacts", text)) == (0, 0, 2, 0)


HOURS = CONTACTS.replace("首选渠道", "首选渠道,方便时段").replace("短信", "短信,9：30至11:30")


def test_preferred_hours_of_a_contact_come_in_and_change(importing, tianhe):
    assert counts(importing("contacts", CONTACTS)) == (1, 0, 0, 0)
    assert ContactPerson.objects.get().preferred_hours is None
    assert counts(importing("contacts", HOURS)) == (0, 1, 0, 0)
    assert ContactPerson.objects.get().preferred_hours == (time(9, 30), time(11, 30))
    changed = Entry.objects.get(event="parties.contact-person-changed").facts["changed"]
    assert changed == {"preferred_hours": [None, "09:30-11:30"]}
    assert counts(importing("contacts", HOURS)) == counts(importing("contacts", CONTACTS)) == (0, 0, 1, 0)
    assert counts(importing("contacts", HOURS.replace("张伟", "李娜").replace("zw@", "ln@"))) == (1, 0, 0, 0)
    wrong = importing("contacts", HOURS.replace("11:30", "9:15"))
    assert codes(wrong) == [(2, "preferred_hours", "hours-unreadable")]


def test_family_is_refused_as_a_contact(importing, tianhe):
    outcome = importing("contacts", CONTACTS.replace("会计", "配偶"))
    assert codes(outcome) == [(2, "role", "person-acts-for-nobody")]


# --- contracts ---------------------------------------------------------------------------------------------

CONTRACTS = "合同编号,客户编码,合同类型,签订日期,账期,日违约金率,宽限期,宽限方式,违约金上限,条款\n"


def test_a_contract_with_its_terms(importing, tianhe):
    importing("contracts", CONTRACTS + "HT-1,TIANHE,买卖,2026-01-05,30天,万分之五,3,顺延,20%,第八条\n")
    held = Contract.objects.select_related("terms").get()
    terms = held.terms
    assert (held.kind, held.term_days, held.clause) == ("SALE", 30, "第八条")
    assert (terms.kind, terms.rate_ppb, terms.grace_days, terms.grace_mode, terms.cap_share_ppm) == (
        "PER_DAY", 500_000, 3, "SHIFTING", 200_000,
    )  # fmt: skip


def test_a_yearly_rate_has_365_days_unless_said(importing, tianhe):
    head = "number,customer_code,penalty_rate_per_year,basis\n"
    importing("contracts", head + "HT-1,TIANHE,12%,\nHT-2,TIANHE,12%,360\n")
    held = list(Contract.objects.order_by("number").values_list("terms__basis_days", "terms__rate_ppb"))
    assert held == [(365, 120_000_000), (360, 120_000_000)]


def test_a_contract_without_rate_is_silent(importing, tianhe):
    importing("contracts", "number,customer_code\nHT-1,TIANHE\n")
    assert Contract.objects.get().terms is None


def test_equal_terms_are_stored_once_and_a_change_is_journaled(importing, tianhe):
    head = "number,customer_code,penalty_rate_per_day,grace_days\n"
    importing("contracts", head + "HT-1,TIANHE,0.0005,\nHT-2,TIANHE,0.05%,\n")
    first, second = Contract.objects.order_by("number")
    assert first.terms_id == second.terms_id
    outcome = importing("contracts", head + "HT-1,TIANHE,,5\nHT-2,TIANHE,0.05%,\n")
    assert counts(outcome) == (0, 1, 1, 0)
    changed = Contract.objects.select_related("terms").get(number="HT-1")
    assert (changed.terms.rate_ppb, changed.terms.grace_days) == (500_000, 5)
    assert Entry.objects.get(event="receivables.contract-changed").facts["changed"] == {"grace_days": [0, 5]}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("HT-1,NOBODY,,,,", "customer-unknown"),
        ("HT-1,TIANHE,0.0005,0.18,,", "contradictory"),
        ("HT-1,TIANHE,,,3,", "terms-without-rate"),
        ("HT-1,TIANHE,abc,,,", "unreadable"),
        ("HT-1,TIANHE,0.0005,,1.5,", "whole-unreadable"),
        ("HT-1,TIANHE,0.0005,,,0.1234567", "cap-not-exact"),
    ],
)
def test_bad_contracts(importing, tianhe, row, code):
    head = "number,customer_code,penalty_rate_per_day,penalty_rate_per_year,grace_days,cap_share\n"
    outcome = importing("contracts", head + row + "\n")
    assert [each[2] for each in codes(outcome)] == [code]


def test_a_contract_never_changes_hands(importing, tianhe, binhai):
    importing("contracts", "number,customer_code\nHT-1,TIANHE\n")
    outcome = importing("contracts", "number,customer_code\nHT-1,BINHAI\n")
    assert codes(outcome) == [(2, "customer_code", "contract-of-other")]


def test_an_unusually_high_daily_rate_is_told(importing, tianhe):
    outcome = importing("contracts", "number,customer_code,penalty_rate_per_day\nHT-1,TIANHE,0.05\n")
    assert remarks(outcome) == [(2, "penalty_rate_per_day", "rate-unusual")]
