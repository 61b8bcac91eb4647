"""Account statements and a bill of exchange of the portfolio's customer."""

from datetime import timedelta

from huikuan.cash.commands.account_statements import make_statements, send_statement
from huikuan.cash.commands.bills import Paper, receive_bill
from huikuan.cash.commands.receive import NONE
from huikuan.cash.commands.statement_answers import Answerer, Attachment, Difference, report_differences


def make_reconciling(portfolio, owner, *, now) -> dict[str, int]:
    """Return the keys that addresses name: a statement that waits, one that differs with its file, a bill held."""
    customer, today = portfolio.customer, portfolio.run.as_of
    given = {"entity_id": customer.entity_id, "customer_ids": [customer.pk], "as_of": today, "now": now, "actor": owner}
    long_ago, lately = today - timedelta(days=200), today - timedelta(days=20)
    [differs] = make_statements(starts_on=long_ago, ends_on=lately, **given)
    [waiting] = make_statements(starts_on=lately, ends_on=today - timedelta(days=1), **given)
    send_statement(statement_id=differs.pk, as_of=today, now=now, actor=owner)
    slip = Attachment(b"%PDF-1.7 slip", "slip.pdf", "application/pdf")
    [difference] = report_differences(
        statement_id=differs.pk, differences=[Difference("MAIN-INV-001", 100, "short")],
        by=Answerer("李会计", actor=owner, attachment=slip), now=now,
    )  # fmt: skip
    paper = Paper(
        number="1" + "0" * 29, kind="BANK", drawer=customer.name, acceptor="建设银行", payee="华泰建材有限公司",
        amount_minor=5_000, issued_on=today - timedelta(days=30), matures_on=today + timedelta(days=5),
        endorsements=[(customer.name, "华泰建材有限公司")],
    )  # fmt: skip
    bill = receive_bill(customer_id=customer.pk, paper=paper, received_on=today, actor=owner, now=now, allocate=NONE)
    return {
        "statement": waiting.pk, "differing": differs.pk, "difference": difference.pk, "slip": difference.file_id,
        "bill": bill.pk,
    }  # fmt: skip
