"""Every address of the desk, asked by everybody: the owner, a colleague, an outsider, nobody.

A view that is missing here fails `test_every_address_is_covered`: decide who may see it, and add a line.
"""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from huikuan.cases.commands.case import postpone_next_action
from huikuan.cash.commands.matching import assign_line
from huikuan.desk.urls import urlpatterns
from huikuan.parties.models import Consent, User
from tests.bank import a_line
from tests.modules.desk.addresses import ADDRESSES, Address
from tests.modules.desk.agreed import make_agreements
from tests.modules.desk.fieldwork import make_fieldwork
from tests.modules.desk.moneys import a_statement, money_of
from tests.modules.desk.objections import make_objections
from tests.modules.desk.posted import make_letters
from tests.modules.desk.received import make_inbound
from tests.modules.desk.reconciled import make_reconciling
from tests.modules.desk.wordings import make_texts
from tests.payments import make_payments

PEOPLE = ("owner", "colleague", "auditor", "outsider", "anonymous")


def test_every_address_is_covered():
    assert {pattern.name for pattern in urlpatterns} == set(ADDRESSES), "say above who may use the new view"


@pytest.fixture
def keys(portfolio, foreign, owner, colleague, finance, now, settings, tmp_path):
    """The rows that addresses name."""
    postponed = portfolio.customers[2].cases.get()
    postpone_next_action(
        case_id=postponed.pk, on=portfolio.run.as_of + timedelta(days=9), reason="agreed", today=portfolio.run.as_of,
        actor=colleague, now=now,
    )  # fmt: skip
    done = portfolio.customers[3].tasks.get()
    done.done_at, done.done_by, done.outcome = now, owner, "DONE"
    done.save()
    person = portfolio.customer.contact_persons.get(name="刘会计")
    agreed = {"person": person, "customer": portfolio.customer, "source": "WRITTEN", "evidence": "letter"}
    consent = Consent.objects.create(kind="RECORDING", begun_at=portfolio.customer.created_at, **agreed)
    taken_back = Consent.objects.create(
        kind="POSITION", begun_at=timezone.now(), ended_at=timezone.now(),
        ended_by=portfolio.customer.collector, **agreed,
    )  # fmt: skip
    settings.MEDIA_ROOT = tmp_path
    states = portfolio.deliveries
    entity, customer = portfolio.customer.entity, portfolio.customer
    decided = assign_line(
        line_id=a_line(entity, 700).pk, customer_id=customer.pk, parts=[], actor=colleague, now=now
    )  # fmt: skip
    return {
        "statement_file": a_statement(portfolio.customer.entity, now).pk,
        "line": a_line(entity, 500, "MAIN-INV-001", customer.name).pk,
        "match": decided.pk,
        **make_payments(customer, finance, now=now),
        **make_agreements(portfolio, owner, now=now),
        **make_texts(entity, colleague, now=now),
        **make_objections(portfolio, owner, now=now),
        **make_letters(portfolio, owner, now=now),
        **make_inbound(portfolio, owner, now=now),
        "customer_code": customer.code,
        **make_reconciling(portfolio, owner, now=now),
        **make_fieldwork(portfolio, owner, colleague, now=now),
        "item": portfolio.item.pk,
        "contract": portfolio.item.contract_id,
        "free_item": portfolio.customer.items.exclude(pk=portfolio.item.pk).filter(settled_on=None).first().pk,
        **money_of(portfolio, now),
        "task": portfolio.task.pk,
        "done_task": done.pk,
        "case": portfolio.case.pk,
        "customer": portfolio.customer.pk,
        "overridden": portfolio.customers[1].pk,
        "hold": portfolio.hold.pk,
        "run": portfolio.run.pk,
        "version": portfolio.version.pk,
        "queued": states["QUEUED"].pk,
        "failed": states["FAILED"].pk,
        "unknown": states["UNKNOWN"].pk,
        "sent": states["SENT"].pk,
        "collector": owner.pk,
        "postponed": postponed.pk,
        "person": person.pk,
        "consent": consent.pk,
        "withdrawn_consent": taken_back.pk,
        "block": portfolio.customer.contact_blocks.get().pk,
    }


def asked(client, name: str, address: Address, keys: dict[str, int], portfolio):
    place = reverse(f"desk:{name}", args=[keys.get(each, each) for each in address.args])
    tomorrow = (portfolio.run.as_of + timedelta(days=1)).isoformat()
    data = {key: {"tomorrow": tomorrow, **keys}.get(value, value) for key, value in address.data.items()}
    return getattr(client, address.method)(place, data)


@pytest.mark.parametrize("name", ADDRESSES)
def test_an_address_answers_each_person(name, request, client, keys, portfolio):
    address, given = ADDRESSES[name], {}
    for who in PEOPLE:
        client.logout()
        if who != "anonymous":
            client.force_login(request.getfixturevalue(who))
        with transaction.atomic():  # each person meets the same rows
            answer = asked(client, name, address, keys, portfolio)
            given[who] = answer.status_code
            transaction.set_rollback(True)
        if who == "anonymous" and address.anonymous == 302:
            assert answer["Location"].startswith("/login/")
    assert given == {who: getattr(address, who) for who in PEOPLE}


OF_HUATAI = ("MAIN-C001", "MAIN-INV-001", "MAIN-2026-00001", "MAIN-R001", "华泰建材")


def test_an_outsider_finds_no_trace_of_another_entity(client, keys, portfolio, outsider):
    client.force_login(outsider)
    for name, address in ADDRESSES.items():
        if address.method == "get":
            answer = asked(client, name, address, keys, portfolio)
            pieces = b"".join(answer.streaming_content) if answer.streaming else answer.content
            assert not [word for word in OF_HUATAI if word.encode() in pieces], name


def test_aging_of_an_outsider_holds_his_entity_only(client, portfolio, foreign, outsider):
    client.force_login(outsider)
    for by in ("item", "customer", "contract", "collector", "industry", "currency", "entity"):
        text = client.get(f"/aging/?by={by}&customer={portfolio.customer.pk}").content.decode()
        assert "MAIN-" not in text, by
        assert "Nothing was open" in text, by


def test_a_write_is_never_a_get(client, keys, portfolio, colleague):
    client.force_login(colleague)
    for name, address in ADDRESSES.items():
        if address.method == "post":
            place = reverse(f"desk:{name}", args=[keys.get(each, each) for each in address.args])
            assert client.get(place).status_code == 405, name


def test_a_write_without_a_token_is_refused(keys, portfolio, colleague):
    client = Client(enforce_csrf_checks=True)
    client.force_login(colleague)
    for name, address in ADDRESSES.items():
        if address.method == "post":
            answer = asked(client, name, address, keys, portfolio)
            assert answer.status_code == 403, name
            assert "form has expired" in answer.content.decode(), name


def test_a_refused_write_changes_nothing(client, keys, portfolio, auditor):
    client.force_login(auditor)
    contacts = portfolio.customer.contacts.count()
    states = {each.state for each in portfolio.customer.deliveries.all()}
    for name, address in ADDRESSES.items():
        if address.method == "post" and address.auditor == 403:
            asked(client, name, address, keys, portfolio)
    portfolio.task.refresh_from_db()
    portfolio.hold.refresh_from_db()
    assert portfolio.task.done_at is None
    assert portfolio.hold.released_at is None
    assert portfolio.customer.contacts.count() == contacts
    assert {each.state for each in portfolio.customer.deliveries.all()} == states


def test_a_user_without_a_role_is_told_what_to_do(client, portfolio):
    nobody = User.objects.create(username="new.comer")
    client.force_login(nobody)
    answer = client.get("/worklist/")
    assert answer.status_code == 403
    assert "no role in any entity" in answer.content.decode()


def test_a_collector_sees_only_the_customers_given_to_him(client, portfolio, owner):
    client.force_login(owner)
    text = client.get("/customers/").content.decode()
    assert "昌雅盛达商贸有限公司" in text
    assert "恒瑞鑫康物业管理有限公司" not in text  # number 6 has no collector


def test_choosing_a_foreign_entity_changes_nothing(client, portfolio, foreign, owner):
    client.force_login(owner)
    client.post("/entity/", {"entity": foreign.entity.pk})
    assert "PROP-C001" not in client.get("/customers/").content.decode()
