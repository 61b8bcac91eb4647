"""What only the customers who are contacted need: payments of their overdue items, and whether they can be reached."""

from typing import Final

import polars as pl

from huikuan.outreach.rules.addressee import ROLE_ORDER
from huikuan.receivables.rules.waiver import PRINTED
from huikuan.runs.queries.facts import ITEM_READS
from huikuan.runs.queries.scope import Scope
from huikuan.runs.rules import facts as f
from huikuan.storage.among import among
from huikuan.storage.bulk import read_frame

_FEW: Final = 2_000
"""Up to so many customers are named one by one; more of them are read as the whole range."""

_LATE_ALLOCATIONS: Final = """
SELECT a.item_id, a.amount_minor, a.effective_on
  FROM receivables_openitem i JOIN receivables_allocation a ON a.item_id = i.id
 WHERE {whose} AND {of_these} AND {when}
   AND i.due_on < %(as_of)s AND a.effective_on > i.due_on AND a.effective_on <= %(as_of)s"""
# Only late payments bear a penalty; those in time need not be read.

_WAIVERS: Final = """
SELECT w.item_id, CAST(sum(w.amount_minor) AS bigint) AS waived_minor,
       CAST(sum(CASE WHEN substr(w.about, 1, 7) = 'charge:' THEN w.amount_minor ELSE 0 END) AS bigint) AS charged_minor
  FROM receivables_penaltywaiver w CROSS JOIN receivables_openitem i
 WHERE i.id = w.item_id AND w.effective_on <= %(as_of)s AND i.entity_id = %(entity)s
   AND i.customer_id BETWEEN %(first)s AND %(last)s AND {of_these}
 GROUP BY w.item_id"""
# Waivers are few: they come first.

_REACH: Final = """
SELECT c.id AS customer_id, c.email, c.phone, '' AS role, 0 AS person_id FROM parties_customer c
 WHERE c.entity_id = %(entity)s AND c.id BETWEEN %(first)s AND %(last)s AND {of_customers}
UNION ALL
SELECT p.customer_id, p.email, p.phone, p.role, p.id
  FROM parties_contactperson p JOIN parties_customer c ON c.id = p.customer_id
 WHERE c.entity_id = %(entity)s AND c.id BETWEEN %(first)s AND %(last)s AND {of_customers}"""


_ADDRESSES: Final[f.Columns] = {
    "customer_id": pl.Int64, "email": pl.String, "phone": pl.String, "role": pl.String, "person_id": pl.Int64,
}  # fmt: skip
_ROLES: Final = {role: number for number, role in enumerate(ROLE_ORDER)}


def read_details(scope: Scope, contacted: pl.DataFrame, *, terms: pl.DataFrame, reference: pl.DataFrame) -> f.Details:
    """Read the details of the contacted; nothing at all when there are none.

    Args:
        scope: As for the facts.
        contacted: customer_id.
        terms, reference: Of the whole run, read once.
    """
    if contacted.is_empty():
        return f.Details(terms=terms, reference=reference)
    customers = contacted["customer_id"].to_list()
    params = dict(scope.params)
    of_these = of_customers = "1 = 1"
    if len(customers) <= _FEW:
        of_these, values = among("i.customer_id", "contacted", customers)
        of_customers, _ = among("c.id", "contacted", customers)
        params |= values
    allocations = [
        read_frame(_LATE_ALLOCATIONS.format(whose=whose, of_these=of_these, when=when), params, f.ALLOCATIONS)
        for whose, when in ITEM_READS
    ]
    waivers = read_frame(_WAIVERS.format(of_these=of_these), params, PRINTED)
    mailboxes = _mailboxes(read_frame(_REACH.format(of_customers=of_customers), params, _ADDRESSES), contacted)
    return f.Details(
        allocations=pl.concat(allocations),
        terms=terms,
        reference=reference,
        reach=mailboxes.select(
            "customer_id", has_email=pl.col("email").is_not_null(), has_phone=pl.col("phone").is_not_null()
        ),
        mailboxes=mailboxes,
        waivers=waivers,
    )


def _mailboxes(addresses: pl.DataFrame, contacted: pl.DataFrame) -> pl.DataFrame:
    """Return per customer the mailbox and the number that a message will most likely go to (`addressee.choose`)."""
    order = pl.col("role").replace_strict(_ROLES, default=len(_ROLES), return_dtype=pl.Int8)
    known = addresses.join(contacted, on="customer_id", how="semi").sort(order, "person_id")
    first = [pl.col(name).filter(pl.col(name) != "").first().str.to_lowercase() for name in ("email", "phone")]
    return known.group_by("customer_id").agg(first)
