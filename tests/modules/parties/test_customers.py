"""Entities, customers, the persons there, numbers."""

import threading
from datetime import time, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from huikuan.journal.models import Entry
from huikuan.kernel.identifiers import EmailUnreadable, PhoneUnreadable, UsccWrongLength
from huikuan.kernel.money import CurrencyUnknown
from huikuan.kernel.numbers import NumberKind
from huikuan.kernel.zones import ZoneUnknown
from huikuan.parties.commands import (
    assign_collector,
    block_contact,
    change_entity,
    open_entity,
    save_contact_person,
    save_customer,
    take_numbers,
    unblock_contact,
)
from huikuan.parties.commands.contacts import (
    AlreadyBlocked,
    BlockEnded,
    ContactChannelUnknown,
    ContactUnreachable,
    PersonOfOtherCustomer,
    change_contact_person,
)
from huikuan.parties.commands.customers import (
    CollectorHasNoRole,
    CountryUnknown,
    LanguageUnknown,
    SizeClassUnknown,
)
from huikuan.parties.commands.entities import EntityCodeUnusable, EntityExists, NameMissing
from huikuan.parties.models import ContactBlock, ContactPerson, Customer, Entity
from huikuan.parties.rules.contacts import ContactRoleUnknown, HoursUnreadable, PersonActsForNobody, role_of
from tests.people import NOON


def test_an_entity_is_opened_once(huatai, administrator):
    opened = open_entity(code="LEASE-2", name=" 恒信租赁 ", business="LEASING", actor=administrator, now=NOON)
    assert (opened.name, opened.business, opened.currency) == ("恒信租赁", "LEASING", "CNY")
    assert Entry.objects.get(event="parties.entity-opened").entity_id == opened.pk
    for fields, refusal in (
        ({"code": "LEASE-2", "name": "x"}, EntityExists),
        ({"code": "lease", "name": "x"}, EntityCodeUnusable),
        ({"code": "X" * 21, "name": "x"}, EntityCodeUnusable),
        ({"code": "X", "name": " "}, NameMissing),
        ({"code": "X", "name": "x", "currency": "RMB"}, CurrencyUnknown),
        ({"code": "X", "name": "x", "time_zone": "Shanghai"}, ZoneUnknown),
        ({"code": "X", "name": "x", "email_from": "nobody"}, EmailUnreadable),
    ):
        with pytest.raises(refusal):
            open_entity(**fields, actor=administrator, now=NOON)
    assert Entity.objects.count() == 2


def test_an_entity_changes_only_in_what_is_named(huatai, administrator):
    change_entity(entity_id=huatai.pk, bank_account="6222 0000", actor=administrator, now=NOON)
    huatai.refresh_from_db()
    assert (huatai.bank_account, huatai.name) == ("6222 0000", "华泰建材有限公司")
    entry = Entry.objects.get(event="parties.entity-changed")
    assert entry.facts == {"before": {"bank_account": ""}, "now_is": {"bank_account": "6222 0000"}}


def test_a_customer_is_made_with_what_is_known(huatai, finance):
    made = save_customer(entity_id=huatai.pk, name="天河电子", phone="138 0013 8000", email="Zhang@Tianhe.EXAMPLE",
                         registration_no="9135 0100 M000 100Y 43", actor=finance, now=NOON)  # fmt: skip
    assert made.code == "CUS-MAIN-2026-000001"
    assert (made.phone, made.email) == ("+8613800138000", "Zhang@tianhe.example")
    assert (made.registration_no, made.country, made.time_zone) == ("91350100M000100Y43", "CN", "Asia/Shanghai")


def test_saving_again_changes_only_what_is_named(tianhe, huatai, finance):
    save_customer(entity_id=huatai.pk, code="TIANHE", region="华东", phone="", actor=finance, now=NOON)
    tianhe.refresh_from_db()
    assert (tianhe.region, tianhe.phone, tianhe.name) == ("华东", "", "天河电子有限公司")
    entry = Entry.objects.get(event="parties.customer-changed")
    assert entry.facts["before"] == {"region": "", "phone": "+8613800138000"}
    assert entry.customer_id == tianhe.pk


BAD_CUSTOMERS = [
    ({"phone": "12"}, PhoneUnreadable),
    ({"email": "x@"}, EmailUnreadable),
    ({"registration_no": "9135"}, UsccWrongLength),
    ({"country": "China"}, CountryUnknown),
    ({"currency": "YUAN"}, CurrencyUnknown),
    ({"time_zone": "Mars/Base"}, ZoneUnknown),
    ({"size_class": "HUGE"}, SizeClassUnknown),
    ({"language": "fr"}, LanguageUnknown),
    ({"name": "  "}, NameMissing),
]


@pytest.mark.parametrize(("fields", "refusal"), BAD_CUSTOMERS)
def test_a_bad_field_is_refused_and_changes_nothing(tianhe, huatai, finance, fields, refusal):
    with pytest.raises(refusal):
        save_customer(entity_id=huatai.pk, code="TIANHE", **{"region": "x", **fields}, actor=finance, now=NOON)
    tianhe.refresh_from_db()
    assert tianhe.region == ""
    with pytest.raises(NameMissing):
        save_customer(entity_id=huatai.pk, code="NEW", actor=finance, now=NOON)
    assert not Entry.objects.filter(event__startswith="parties.customer").exists()


def test_customers_change_hands_within_the_entity(tianhe, binhai, yunfeng, huatai, owner, colleague, outsider):
    chosen = [tianhe.pk, binhai.pk, yunfeng.pk]
    moved = assign_collector(customer_ids=chosen, collector=owner, entity=huatai, actor=colleague, now=NOON)
    assert moved == 1  # Tianhe was his already, Yunfeng is another entity's
    binhai.refresh_from_db()
    yunfeng.refresh_from_db()
    assert (binhai.collector, yunfeng.collector) == (owner, None)
    with pytest.raises(CollectorHasNoRole, match="赵强"):
        assign_collector(customer_ids=chosen, collector=outsider, entity=huatai, actor=colleague, now=NOON)
    assert assign_collector(customer_ids=chosen, collector=None, entity=huatai, actor=colleague, now=NOON) == 2


def person(customer, actor, **fields):
    given = {"name": "张会计", "email": "zhang@tianhe.example"}
    return save_contact_person(customer_id=customer.pk, actor=actor, now=NOON, **(given | fields))


def test_a_person_is_saved_once_with_the_role_that_the_word_means(tianhe, finance):
    first = person(tianhe, finance, role="财务", phone="0755-8888 6666")
    assert (first.role, first.phone, first.lawful_basis) == ("ACCOUNTANT", "+8675588886666", "NAMED_BY_CUSTOMER")
    again = person(tianhe, finance, role="payer", phone="0755 88886666", preferred_channel="PHONE")
    assert (again.pk, again.role, again.preferred_channel, again.created_at) == (first.pk, "PAYER", "PHONE", NOON)


@pytest.mark.parametrize(
    "role", ["配偶", "他的家属", "Spouse", "friend of the boss", "紧急联系人", "邻居", "other supplier"]
)
def test_who_does_not_act_for_the_customer_is_refused(tianhe, finance, role):
    with pytest.raises(PersonActsForNobody):
        person(tianhe, finance, role=role)
    assert not ContactPerson.objects.exists()


def test_words_for_roles():
    assert [role_of(word) for word in ("", "法人", "Accountant", " 出纳 ", "审批人")] == [
        "OTHER", "LEGAL_REP", "ACCOUNTANT", "PAYER", "APPROVER",
    ]  # fmt: skip
    with pytest.raises(ContactRoleUnknown, match="PAYER"):
        role_of("wizard")


def test_a_person_can_be_reached_somehow(tianhe, finance):
    for fields, refusal in (
        ({"email": ""}, ContactUnreachable),
        ({"name": " "}, NameMissing),
        ({"phone": "1"}, PhoneUnreadable),
        ({"preferred_channel": "PIGEON"}, ContactChannelUnknown),
    ):
        with pytest.raises(refusal):
            person(tianhe, finance, **fields)


def test_preferred_hours_are_two_times_of_one_day(tianhe, finance):
    zhang = person(tianhe, finance, preferred_hours=(time(9, 30), time(11, 30)))
    assert zhang.preferred_hours == (time(9, 30), time(11, 30))
    assert Entry.objects.get(event="parties.contact-person-saved").facts["preferred_hours"] == "09:30-11:30"
    with pytest.raises(HoursUnreadable):
        person(tianhe, finance, preferred_hours=(time(11, 30), time(9, 30)))
    kept = {"name": zhang.name, "role": "PAYER", "email": zhang.email, "phone": "", "preferred_channel": ""}
    after = change_contact_person(person_id=zhang.pk, **kept, preferred_hours=None, actor=finance, now=NOON)
    assert after.preferred_hours is None
    changed = Entry.objects.get(event="parties.contact-person-changed").facts["changed"]
    assert changed["preferred_hours"] == {"before": "09:30-11:30", "after": ""}
    for half in ({"preferred_from": time(9)}, {"preferred_from": time(9), "preferred_until": time(9)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ContactPerson.objects.filter(pk=zhang.pk).update(**half)


def test_a_block_is_open_until_it_is_lifted(tianhe, binhai, finance):
    zhang = person(tianhe, finance)
    common = {"kind": "OPT_OUT", "actor": finance, "now": NOON}
    block = block_contact(customer_id=tianhe.pk, person_id=zhang.pk, channel="SMS", reason="asked by mail", **common)
    with pytest.raises(AlreadyBlocked, match="张会计"):
        block_contact(customer_id=tianhe.pk, person_id=zhang.pk, channel="SMS", **common)
    block_contact(customer_id=tianhe.pk, **common)
    with pytest.raises(AlreadyBlocked, match="天河"):
        block_contact(customer_id=tianhe.pk, **common)
    with pytest.raises(PersonOfOtherCustomer):
        block_contact(customer_id=binhai.pk, person_id=zhang.pk, **common)
    with pytest.raises(ContactChannelUnknown):
        block_contact(customer_id=tianhe.pk, person_id=zhang.pk, channel="FAX", **common)
    unblock_contact(block_id=block.pk, actor=finance, now=NOON + timedelta(hours=1))
    with pytest.raises(BlockEnded):
        unblock_contact(block_id=block.pk, actor=finance, now=NOON)
    assert ContactBlock.objects.filter(ended_at=None).count() == 1
    block_contact(customer_id=tianhe.pk, person_id=zhang.pk, channel="SMS", **common)


def test_numbers_run_per_entity_kind_and_year(huatai, jinxiu):
    taken = take_numbers(entity=huatai, kind=NumberKind.CASE, year=2026, count=2)
    assert taken == ["CASE-MAIN-2026-000001", "CASE-MAIN-2026-000002"]
    assert take_numbers(entity=huatai, kind=NumberKind.CASE, year=2026) == ["CASE-MAIN-2026-000003"]
    for entity, kind, year in (
        (jinxiu, NumberKind.CASE, 2026),
        (huatai, NumberKind.LETTER, 2026),
        (huatai, NumberKind.CASE, 2027),
    ):
        assert take_numbers(entity=entity, kind=kind, year=year)[0].endswith("-000001")


@pytest.mark.django_db(transaction=True)
def test_nobody_gets_a_number_that_another_has(huatai):
    taken, barrier = [], threading.Barrier(4)

    def taking():
        barrier.wait()
        try:
            for _ in range(10):
                taken.extend(take_numbers(entity=huatai, kind=NumberKind.CASE, year=2026, count=3))
        finally:
            connection.close()

    threads = [threading.Thread(target=taking) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(taken)) == len(taken) == 120
    assert max(taken) == "CASE-MAIN-2026-000120"


def test_the_customer_and_its_act_stand_or_fall_together(huatai, finance, monkeypatch):
    monkeypatch.setattr("huikuan.parties.commands.customers.record", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        save_customer(entity_id=huatai.pk, code="NEW", name="新客户", actor=finance, now=NOON)
    assert not Customer.objects.filter(code="NEW").exists()
