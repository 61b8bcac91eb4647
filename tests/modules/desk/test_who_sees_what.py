"""Every address of the desk, asked by everybody: the owner, a colleague, an outsider, nobody.

A view that is missing here fails `test_every_address_is_covered`: decide who may see it, and add a line.
"""

from dataclasses import dataclass, field
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
from tests.modules.desk.agreed import make_agreements
from tests.modules.desk.fieldwork import make_fieldwork
from tests.modules.desk.moneys import a_statement, money_of
from tests.modules.desk.objections import make_objections
from tests.modules.desk.posted import make_letters
from tests.modules.desk.received import make_inbound
from tests.modules.desk.reconciled import make_reconciling
from tests.modules.desk.wordings import make_texts
from tests.payments import a_paid_payment


@dataclass(frozen=True, slots=True)
class Address:
    """A view: how it is asked, with which rows of the portfolio, and what each person gets.

    `outsider` is 404 wherever the address names a row of the other entity.
    """

    args: tuple[str, ...] = ()
    method: str = "get"
    data: dict[str, str] = field(default_factory=dict)
    owner: int = 200
    colleague: int = 200
    auditor: int = 200
    outsider: int = 200
    anonymous: int = 302


def row(name: str, **more) -> Address:
    return Address(args=(name,), outsider=404, **more)


def act(*args: str, **more) -> Address:
    given = {"owner": 303, "colleague": 303, "auditor": 403, "outsider": 404, **more}
    return Address(args=args, method="post", **given)


def books(*args: str, **more) -> Address:
    """A write that only finance may do; the outsider is finance elsewhere."""
    given = {"owner": 403, "colleague": 403, "auditor": 403, "outsider": 404, **more}
    return Address(args=args, method="post", **given)


ADDRESSES = {
    "home": Address(owner=302, colleague=302, auditor=302, outsider=302),
    "healthz": Address(anonymous=200),
    "login": Address(owner=302, colleague=302, auditor=302, outsider=302, anonymous=200),
    "logout": Address(method="post", owner=302, colleague=302, auditor=302, outsider=302),
    "language": Address(
        method="post", data={"language": "en"}, owner=303, colleague=303, auditor=303, outsider=303, anonymous=303
    ),
    "theme": Address(
        method="post", data={"theme": "dark"}, owner=303, colleague=303, auditor=303, outsider=303, anonymous=303
    ),
    "entity": Address(method="post", owner=303, colleague=303, auditor=303, outsider=303),
    "manual": Address(),
    "dashboard": Address(),
    "worklist": Address(),
    "start": Address(owner=302, colleague=302, auditor=302, outsider=302),
    "task-done": act("task", data={"outcome": "DONE"}),
    "task-off": act("task", data={"reason": "paid"}),
    "task-undo": act("done_task"),
    "case": row("case"),
    "case-owner": act("case", data={"owner": "collector"}, owner=403),
    "case-postpone": act("case", data={"on": "tomorrow", "reason": "agreed"}),
    "case-resume": act("postponed"),
    "customers": Address(),
    "customer": row("customer"),
    "people": row("customer"),
    "contracts": row("customer"),
    "money": row("customer"),
    "receive": act("customer", owner=403, colleague=403),
    "charge": act("customer", owner=403, colleague=403),
    "write-off": act("customer", owner=403, colleague=403),
    "set-off": act("customer", owner=403, colleague=403),
    "assignment": act("customer", owner=403, colleague=403),
    "allocation": row("receipt", owner=403, colleague=403, auditor=403),
    "receipt-reversal": act("receipt", owner=403, colleague=403),
    "payout": act("receipt", owner=403, colleague=403),
    "allocation-reversal": act("allocation", owner=403, colleague=403),
    "charge-withdrawal": act("charge", owner=403, colleague=403),
    "agreements": row("customer"),
    "promise": act("customer", data={"due_on_1": "tomorrow", "amount_1": "100", "currency": "CNY"}),
    "promise-withdraw": act("promise", data={"reason": "misheard"}),
    "plan-new": row("customer"),
    "plan-draft": act(
        "customer",
        data={
            "parts": "3",
            "first_percent": "30",
            "kind": "EVEN",
            "cycle": "MONTHLY",
            "starts_on": "tomorrow",
            "items": "item",
            "currency": "CNY",
        },
    ),
    "plan": row("drafted_plan"),
    "plan-agreement": row("drafted_plan"),
    "plan-propose": act("drafted_plan"),
    "plan-accept": act("approved_plan", owner=422, colleague=422),
    "plan-link": act("approved_plan"),
    "plan-end": act("approved_plan", data={"reason": "paid at once"}),
    "restructuring": row("customer"),
    "restructuring-propose": act(
        "customer", data={"kind": "EXTENSION", "extended_to": "tomorrow", "reason": "moved", "currency": "CNY"}
    ),
    "restructuring-withdraw": act("restructuring"),
    "approvals": Address(),
    "approval": act("approval", data={"decision": "yes"}, owner=403),
    "contact": act("customer", data={"channel": "NOTE", "direction": "OUT", "summary": "called back"}),
    "call": row("customer", auditor=403),
    "call-script": row("customer", data={"script": "first_call"}, auditor=403),
    "dial": act("customer", owner=404, colleague=404),  # nobody is named: the guard would answer by the clock
    "call-end": act("customer", owner=422, colleague=422),
    "recording": row("recorded"),
    "recording-add": act("recorded"),
    "compose": row("customer", auditor=403),
    "compose-send": act(
        "customer", data={"channel": "EMAIL", "person": "person", "currency": "CNY", "subject": "对账", "body": "您好"}
    ),
    "visits": Address(),
    "customer-visits": row("customer"),
    "visit-plan": act("customer", owner=422, colleague=422),
    "visit": row("visit"),
    "visit-documents": act("visit", data={"packed": "CONTRACT"}),
    "visit-arrive": act("visit", owner=409, colleague=409),  # planned for tomorrow
    "visit-report": act("visit_under_way", owner=422, colleague=422),
    "visit-photo": act("visit_under_way", owner=422, colleague=422),
    "visit-photo-file": Address(args=("visit_under_way", "photo"), outsider=404),
    "visit-cancel": act("visit", data={"reason": "rain"}),
    "person-add": act("customer", data={"person_name": "李出纳", "role": "PAYER", "email": "li@customer.example"}),
    "person": act("person", data={"person_name": "刘会计", "role": "ACCOUNTANT", "phone": "+8613900139001"}),
    "block": act("customer", data={"kind": "OPT_OUT", "reason": "asked by mail"}),
    "unblock": act("block", data={"reason": "he is back"}),
    "guard": row("customer"),
    "guard-refusals": Address(),
    "guard-rules": Address(),
    "consents": row("person"),
    "consent-give": act("person", data={"kind": "VISIT", "source": "SPOKEN", "evidence": "call of today"}),
    "consent-withdraw": act("consent"),
    "consent-restore": act("withdrawn_consent", colleague=409),
    "hold": act("customer", data={"kind": "MANUAL", "ends_on": "tomorrow", "reason": "agreed"}),
    "grade-override": act("customer", data={"letter": "A", "ends_on": "tomorrow", "reason": "group"}, owner=403),
    "grade-release": act("overridden", owner=403),
    "hold-release": act("hold"),
    "aging": Address(),
    "aging-export": Address(args=("csv",)),
    "export": Address(args=("items", "csv")),
    "runs": Address(),
    "run-today": Address(owner=403, auditor=403),
    "run": row("run"),
    "matching": Address(),
    "matching-run": books(outsider=303),
    "matching-terms": books(data={"threshold": "90", "charge": "20"}, outsider=303),
    "matching-decide": books("line", data={"customer": "customer"}),
    "matching-reject": books("line", data={"customer": "customer"}),
    "matching-aside": books("line", data={"reason": "interest"}),
    "match-undo": books("match"),
    "texts": Address(),
    "text": Address(args=("friendly", "EMAIL", "zh-hans")),
    "text-edit": Address(args=("friendly", "EMAIL", "zh-hans"), owner=403, auditor=403, outsider=403),
    "text-version": row("draft_text"),
    "text-approve": act("draft_text", owner=403),
    "text-return": act("draft_text", data={"reason": "too casual"}, owner=403),
    "text-use": act("older_text", owner=403),
    "text-shipped": act("slot", owner=403),
    "scripts": Address(),
    "policies": Address(),
    "policy-edit": Address(owner=403, auditor=403, outsider=403),
    "policy": row("version"),
    "disputes": row("customer"),
    "dispute": act("customer", data={"item": "free_item", "amount": "1", "kind": "PRICE", "text": "x"}),
    "dispute-message": act("dispute", data={"text": "x"}),
    "dispute-decision": act("dispute", data={"decision": "REJECTED", "explanation": "x"}),
    "dispute-evidence": row("evidence"),
    "record": act(
        "customer", data={"kind": "LITIGATION", "number": "B2", "published_on": "2026-01-01", "source": "court"}
    ),
    "record-end": act("record"),
    "complaints": Address(),
    "complaint": act("customer", data={"kind": "GOODS", "via": "PHONE", "department": "SALES", "text": "x"}),
    "complaint-answer": act("complaint", data={"response": "x"}),
    "complaint-resolution": act("answered", data={"resolution": "x"}),
    "offer": act("customer", data={"currency": "CNY", "percent": "50", "expires_on": "tomorrow"}),
    "offer-approval": act("offer", owner=403),
    "customer-letters": row("customer"),
    "letter-make": act(
        "customer", data={"template": "demand", "language": "zh-hans", "currency": "CNY", "address": "广州市体育西路"}
    ),
    "letters": Address(),
    "letters-write": Address(method="post", owner=303, colleague=303, auditor=403, outsider=403),
    "letters-print": Address(outsider=409),
    "letters-addresses": Address(args=("csv",)),
    "letters-carrier-list": Address(method="post", owner=303, colleague=303, auditor=403, outsider=403),
    "letter": row("letter"),
    "letter-pdf": row("letter"),
    "letter-docx": row("letter"),
    "letter-post": act("letter", data={"carrier": "HAND"}, owner=422, colleague=422),
    "letter-news": act("posted", data={"state": "REFUSED"}, owner=422, colleague=422),
    "letter-receipt": act("posted"),
    "letter-file": Address(args=("posted", "receipt_file"), outsider=404),
    "letter-cancel": act("letter", data={"reason": "typing error"}),
    "letterhead": Address(owner=403, colleague=403, auditor=403, outsider=403),
    "letterhead-seal": Address(method="post", owner=403, colleague=403, auditor=403, outsider=403),
    "letterhead-seal-image": Address(owner=403, colleague=403, auditor=403, outsider=403),
    "deliveries": Address(),
    "delivery": row("sent"),
    "delivery-cancel": act("queued", data={"reason": "paid"}),
    "delivery-retry": act("failed"),
    "delivery-reconcile": act("unknown", data={"was_sent": "yes", "evidence": "log"}),
    "statements": Address(),
    "statement": row("statement"),
    "statement-file": Address(args=("statement", "pdf"), outsider=404),
    "statement-evidence": Address(args=("differing", "slip"), outsider=404),
    "statement-send": act("statement"),
    "statement-confirm": act("statement", owner=422, colleague=422),
    "statement-differ": act("statement", owner=422, colleague=422),
    "statement-end": act("statement", data={"reason": "wrong period"}),
    "difference-resolve": act("difference", data={"resolution": "EXPLAINED", "explanation": "delivered in full"}),
    "customer-statements": row("customer"),
    "statement-make": act("customer", data={"starts_on": "2024-01-01", "ends_on": "2024-01-31"}),
    "bills": Address(),
    "bill": row("bill"),
    "customer-bills": row("customer"),
    "bill-receive": books("customer"),
    "bill-move": books("bill"),
    "deliveries-retry": act(data={"reason": "x"}, outsider=403),
    "inbox": Address(),
    "inbound": row("reply"),
    "inbound-assign": act("nobodys", data={"customer": "customer_code"}, owner=404),
    "inbound-handle": act("reply"),
    "inbound-reopen": act("reply", owner=409, colleague=409),
    "inbound-follow": act("reply", data={"intent": "STOP"}),
    "inbound-file": row("mail_in"),
    "intent-undo": act("applied"),
    "bank": Address(),
    "bank-account": act(data={"number": "6222000011", "currency": "CNY"}, owner=403, colleague=403, outsider=303),
    "bank-upload": act(owner=403, colleague=403, outsider=422),
    "bank-preview": Address(owner=403, colleague=403, auditor=403, outsider=404),
    "bank-book": act(owner=403, colleague=403, outsider=404),
    "bank-lines": Address(),
    "bank-file": row("statement_file", owner=404, colleague=404),
    "bank-withdraw": act("statement_file", owner=404, colleague=404),
    "payments": Address(),
    "payment-refund": act("payment", data={"amount": "1", "reason": "paid twice"}, owner=403, colleague=403),
    "receipt-new": Address(owner=403, colleague=403, auditor=403),
}
PEOPLE = ("owner", "colleague", "auditor", "outsider", "anonymous")


def test_every_address_is_covered():
    assert {pattern.name for pattern in urlpatterns} == set(ADDRESSES), "say above who may use the new view"


@pytest.fixture
def keys(portfolio, foreign, owner, colleague, now, settings, tmp_path):
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
        "payment": a_paid_payment(portfolio.customer, now=now).pk,
        **make_agreements(portfolio, owner, now=now),
        **make_texts(entity, colleague, now=now),
        **make_objections(portfolio, owner, now=now),
        **make_letters(portfolio, owner, now=now),
        **make_inbound(portfolio, owner, now=now),
        "customer_code": customer.code,
        **make_reconciling(portfolio, owner, now=now),
        **make_fieldwork(portfolio, owner, colleague, now=now),
        "item": portfolio.item.pk,
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
