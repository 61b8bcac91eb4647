"""Every address of the desk: how it is asked, and what each person gets. Decide here who may use a new view."""

from dataclasses import dataclass, field


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
    "item-discount": act("customer", data={"item": "free_item", "percent": "2", "days": "365"}),
    "item-discount-withdraw": act("discount_request"),
    "item-discount-end": act("discounted_item", owner=403),
    "discount": act(
        "customer", data={"contract": "contract", "percent": "2", "days": "10", "starts_on": "tomorrow"}, owner=403
    ),
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
    "matching-open": books("line"),
    "matching-bill": books("line", data={"bill": "bill"}),
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
    "payment-look": act("news", data={"note": "paid back"}, owner=404, colleague=404),
    "payment-look-again": act("seen_news", owner=404, colleague=404),
    "payment-refund": act("payment", data={"amount": "1", "reason": "paid twice"}, owner=403, colleague=403),
    "receipt-new": Address(owner=403, colleague=403, auditor=403),
}
