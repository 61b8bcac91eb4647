"""The lists that can be exported, each as one statement: names as they are imported again, first."""

from dataclasses import dataclass
from typing import Final

import polars as pl

from huikuan.exchange.ports import Column
from huikuan.parties.queries import hours_sql

_KINDS: Final[dict[str, type[pl.DataType] | pl.DataType]] = {
    "text": pl.String,
    "money": pl.Int64,
    "whole": pl.Int64,
    "day": pl.Date,
    "instant": pl.Datetime("us"),
}


@dataclass(frozen=True)
class ListSource:
    """An exported list.

    `sql` names the base table `t`, gives every column plus `_id` and, where there is money, `_currency`; it ends in a
    WHERE to which more conditions are added. `day` is the SQL condition that --as-of adds, with %(as_of)s.
    """

    columns: tuple[Column, ...]
    sql: str
    customer: str = "t.customer_id"
    entity: str = "t.entity_id"
    day: str = ""
    lowered: tuple[str, ...] = ()
    """Codes that are written in lower case, as they are usually typed."""

    @property
    def schema(self) -> dict[str, type[pl.DataType] | pl.DataType]:
        """Return the types of what `sql` gives."""
        types: dict[str, type[pl.DataType] | pl.DataType] = {each.name: _KINDS[each.kind] for each in self.columns}
        return types | {"_id": pl.Int64, "_currency": pl.String}


def _columns(text: str) -> tuple[Column, ...]:
    """Read "name name:kind:width …"."""
    found = []
    for word in text.split():
        name, _, rest = word.partition(":")
        kind, _, width = rest.partition(":")
        found.append(Column(name, kind or "text", int(width) if width else 14))
    return tuple(found)


_LATER: Final = """LEFT JOIN (SELECT {side}, sum(amount_minor) AS amount FROM receivables_allocation
    WHERE effective_on > %(as_of)s AND {side} IS NOT NULL GROUP BY {side}) later ON later.{side} = t.id"""
_FIXED: Final = "p.kind IN ('PER_DAY', 'PER_YEAR')"

CUSTOMERS: Final = ListSource(
    _columns(
        "code::16 name::32 registration_no::22 country::9 currency::9 industry size_class language "
        "time_zone::16 email::26 phone::18 collector sales_owner entity"
    ),
    """SELECT t.id AS _id, '' AS _currency, t.code, t.name, t.registration_no, t.country, t.currency, t.industry,
       t.size_class, t.language, t.time_zone, t.email, t.phone, coalesce(u.username, '') AS collector, t.sales_owner,
       e.code AS entity
       FROM parties_customer t JOIN parties_entity e ON e.id = t.entity_id
       LEFT JOIN parties_user u ON u.id = t.collector_id WHERE 1 = 1""",
    customer="t.id",
    lowered=("size_class",),
)
CONTACTS: Final = ListSource(
    _columns("customer_code::16 name::20 role email::26 phone::18 preferred_channel preferred_hours entity"),
    f"""SELECT t.id AS _id, '' AS _currency, c.code AS customer_code, t.name, t.role, t.email, t.phone,
       t.preferred_channel, {hours_sql("t")} AS preferred_hours, e.code AS entity
       FROM parties_contactperson t JOIN parties_customer c ON c.id = t.customer_id
       JOIN parties_entity e ON e.id = c.entity_id WHERE 1 = 1""",  # noqa: S608  our own names
    entity="c.entity_id",
    lowered=("role", "preferred_channel"),
)
CONTRACTS: Final = ListSource(
    _columns(
        "number::20 customer_code::16 kind signed_on:day:12 term_days:whole penalty_rate_per_day "
        "penalty_rate_per_year basis:whole grace_days:whole grace_mode cap_share clause::30 penalty_kind "
        "entity"
    ),
    f"""SELECT t.id AS _id, '' AS _currency, t.number, c.code AS customer_code, t.kind, t.signed_on, t.term_days,
       CASE WHEN p.kind = 'PER_DAY' THEN CAST(p.rate_ppb AS text) END AS penalty_rate_per_day,
       CASE WHEN p.kind = 'PER_YEAR' THEN CAST(p.rate_ppb AS text) END AS penalty_rate_per_year,
       CASE WHEN p.kind = 'PER_YEAR' THEN p.basis_days END AS basis,
       CASE WHEN {_FIXED} THEN p.grace_days END AS grace_days,
       CASE WHEN {_FIXED} THEN p.grace_mode END AS grace_mode,
       CASE WHEN {_FIXED} THEN CAST(p.cap_share_ppm AS text) END AS cap_share,
       t.clause, p.kind AS penalty_kind, e.code AS entity
       FROM receivables_contract t JOIN parties_customer c ON c.id = t.customer_id
       JOIN parties_entity e ON e.id = t.entity_id
       LEFT JOIN receivables_penaltyterms p ON p.id = t.terms_id WHERE 1 = 1""",  # noqa: S608  our own names
    day="(t.signed_on IS NULL OR t.signed_on <= %(as_of)s)",
    lowered=("kind", "grace_mode", "penalty_kind"),
)
ITEMS: Final = ListSource(
    _columns(
        "number::22 customer_code::16 contract_number::20 kind issued_on:day:12 due_on:day:12 "
        "amount:money:18 currency::9 open:money:18 settled_on:day:12 entity"
    ),
    f"""SELECT t.id AS _id, t.currency AS _currency, t.number, c.code AS customer_code, k.number AS contract_number,
       t.kind, t.issued_on, t.due_on, t.amount_minor AS amount, t.currency,
       t.open_minor + coalesce(later.amount, 0) AS open,
       CASE WHEN later.amount IS NULL AND t.settled_on <= %(as_of)s THEN t.settled_on END AS settled_on,
       e.code AS entity
       FROM receivables_openitem t JOIN parties_customer c ON c.id = t.customer_id
       JOIN parties_entity e ON e.id = t.entity_id LEFT JOIN receivables_contract k ON k.id = t.contract_id
       {_LATER.format(side="item_id")} WHERE 1 = 1""",  # noqa: S608  our own names
    day="t.issued_on <= %(as_of)s",
    lowered=("kind",),
)
CREDIT_NOTES: Final = ListSource(
    ITEMS.columns,
    f"""SELECT t.id AS _id, t.currency AS _currency, t.number, c.code AS customer_code, NULL AS contract_number,
       'CREDIT_NOTE' AS kind, t.issued_on, t.issued_on AS due_on, t.amount_minor AS amount, t.currency,
       t.unapplied_minor + coalesce(later.amount, 0) AS open, CAST(NULL AS date) AS settled_on, e.code AS entity
       FROM receivables_creditnote t JOIN parties_customer c ON c.id = t.customer_id
       JOIN parties_entity e ON e.id = t.entity_id
       {_LATER.format(side="credit_note_id")} WHERE 1 = 1""",  # noqa: S608  our own names
    day="t.issued_on <= %(as_of)s",
    lowered=("kind",),
)
RECEIPTS: Final = ListSource(
    _columns(
        "reference::22 customer_code::16 received_on:day:12 amount:money:18 currency::9 item_number::22 "
        "payer_name::30 on_account:money:18 entity"
    ),
    f"""SELECT t.id AS _id, t.currency AS _currency, t.reference, coalesce(c.code, '?') AS customer_code, t.received_on,
       t.amount_minor AS amount, t.currency, t.designation AS item_number, t.payer_name,
       t.unapplied_minor + coalesce(later.amount, 0) AS on_account, e.code AS entity
       FROM receivables_receipt t LEFT JOIN parties_customer c ON c.id = t.customer_id
       JOIN parties_entity e ON e.id = t.entity_id
       {_LATER.format(side="receipt_id")} WHERE 1 = 1""",  # noqa: S608  our own names
    day="t.received_on <= %(as_of)s",
)
ALLOCATIONS: Final = ListSource(
    _columns(
        "item_number::22 customer_code::16 receipt_reference::22 credit_note_number::22 effective_on:day:12 "
        "amount:money:18 currency::9 basis reverses:whole reason::30 booked_at:instant:22 booked_by id:whole "
        "entity"
    ),
    """SELECT t.id AS _id, t.currency AS _currency, i.number AS item_number, c.code AS customer_code,
       r.reference AS receipt_reference, n.number AS credit_note_number, t.effective_on, t.amount_minor AS amount,
       t.currency, t.basis, t.reverses_id AS reverses, t.reason, t.booked_at, u.username AS booked_by, t.id,
       e.code AS entity
       FROM receivables_allocation t JOIN receivables_openitem i ON i.id = t.item_id
       JOIN parties_customer c ON c.id = i.customer_id JOIN parties_entity e ON e.id = i.entity_id
       LEFT JOIN receivables_receipt r ON r.id = t.receipt_id
       LEFT JOIN receivables_creditnote n ON n.id = t.credit_note_id
       LEFT JOIN parties_user u ON u.id = t.booked_by_id WHERE 1 = 1""",
    customer="i.customer_id",
    entity="i.entity_id",
    day="t.effective_on <= %(as_of)s",
    lowered=("basis",),
)
TASKS: Final = ListSource(
    _columns(
        "due_on:day:12 customer_code::16 customer_name::30 kind step case_number::24 owner overdue:money:18 "
        "currency::9 oldest_due_on:day:12 priority:whole state outcome created_at:instant:22 "
        "done_at:instant:22 done_by cancelled_at:instant:22 cancel_reason entity"
    ),
    """SELECT t.id AS _id, t.currency AS _currency, t.due_on, c.code AS customer_code, c.name AS customer_name, t.kind,
       t.step_code AS step, k.number AS case_number, o.username AS owner, t.overdue_minor AS overdue, t.currency,
       t.oldest_due_on, t.priority,
       CASE WHEN t.done_at IS NOT NULL THEN 'done' WHEN t.cancelled_at IS NOT NULL THEN 'cancelled' ELSE 'open' END
         AS state,
       t.outcome, t.created_at, t.done_at, d.username AS done_by, t.cancelled_at, t.cancel_reason, e.code AS entity
       FROM cases_task t JOIN parties_customer c ON c.id = t.customer_id JOIN parties_entity e ON e.id = t.entity_id
       LEFT JOIN cases_case k ON k.id = t.case_id LEFT JOIN parties_user o ON o.id = t.owner_id
       LEFT JOIN parties_user d ON d.id = t.done_by_id WHERE 1 = 1""",
    day="t.due_on <= %(as_of)s",
    lowered=("kind", "outcome"),
)
CASES: Final = ListSource(
    _columns(
        "number::24 customer_code::16 customer_name::30 stage opened_on:day:12 closed_on:day:12 closing "
        "owner next_action next_action_on:day:12 balance_currency overdue:money:18 open:money:18 "
        "on_account:money:18 items:whole oldest_due_on:day:12 last_step last_step_on:day:12 entity"
    ),
    """SELECT t.id AS _id, coalesce(b.currency, '') AS _currency, t.number, c.code AS customer_code,
       c.name AS customer_name, t.stage, t.opened_on, t.closed_on, t.closing, o.username AS owner, t.next_action,
       t.next_action_on, b.currency AS balance_currency, b.overdue_minor AS overdue, b.open_minor AS open,
       b.on_account_minor AS on_account, b.item_count AS items, b.oldest_due_on, b.last_step_code AS last_step,
       b.last_step_on, e.code AS entity
       FROM cases_case t JOIN parties_customer c ON c.id = t.customer_id JOIN parties_entity e ON e.id = t.entity_id
       LEFT JOIN cases_casebalance b ON b.case_id = t.id LEFT JOIN parties_user o ON o.id = t.owner_id WHERE 1 = 1""",
    day="t.opened_on <= %(as_of)s",
    lowered=("stage", "closing"),
)
DELIVERIES: Final = ListSource(
    _columns(
        "as_of:day:12 customer_code::16 customer_name::30 channel address::26 template step currency::9 "
        "state not_before:instant:22 created_at:instant:22 finished_at:instant:22 attempts:whole "
        "last_error::30 subject::30 provider_reference::26 entity"
    ),
    """SELECT t.id AS _id, '' AS _currency, t.as_of, c.code AS customer_code, c.name AS customer_name, t.channel,
       t.address, t.template, t.step_code AS step, t.currency, t.state, t.not_before, t.created_at, t.finished_at,
       t.attempt_count AS attempts, t.last_error, m.subject, t.provider_reference, e.code AS entity
       FROM outreach_delivery t JOIN parties_customer c ON c.id = t.customer_id
       JOIN parties_entity e ON e.id = t.entity_id LEFT JOIN outreach_message m ON m.id = t.message_id WHERE 1 = 1""",
    day="t.as_of <= %(as_of)s",
    lowered=("channel", "state"),
)
DECISIONS: Final = ListSource(
    _columns(
        "decided_on:day:12 customer_code::16 customer_name::30 currency::9 step action rule::30 "
        "spell_on:day:12 occurrence:whole case_number::24 facts::40 run:whole entity"
    ),
    """SELECT t.id AS _id, '' AS _currency, t.decided_on, c.code AS customer_code, c.name AS customer_name, t.currency,
       t.step_code AS step, t.action, t.rule, t.spell_on, t.occurrence, k.number AS case_number,
       CAST(t.facts AS text) AS facts, t.run_id AS run, e.code AS entity
       FROM runs_decision t JOIN parties_customer c ON c.id = t.customer_id
       JOIN parties_entity e ON e.id = c.entity_id LEFT JOIN cases_case k ON k.id = t.case_id WHERE 1 = 1""",
    entity="c.entity_id",
    day="t.decided_on <= %(as_of)s",
    lowered=("action",),
)

SOURCES: Final[dict[str, tuple[ListSource, ...]]] = {
    "customers": (CUSTOMERS,),
    "contacts": (CONTACTS,),
    "contracts": (CONTRACTS,),
    "items": (ITEMS, CREDIT_NOTES),
    "receipts": (RECEIPTS,),
    "allocations": (ALLOCATIONS,),
    "tasks": (TASKS,),
    "cases": (CASES,),
    "deliveries": (DELIVERIES,),
    "decisions": (DECISIONS,),
}
"""Everything that can be exported; credit notes follow the items, as they are imported together."""
