"""What only the customers who are contacted need: payments of their overdue items, and whether they can be reached."""

from typing import Final

import polars as pl

from huikuan.outreach.rules.addressee import ROLE_ORDER
from huikuan.parties.queries import hours_sql
from huikuan.receivables.rules.waiver import PRINTED
from huikuan.runs.queries.facts import ITEM_READS
from huikuan.runs.queries.hours import Law
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

_REACH: Final = f"""
SELECT c.id AS customer_id, c.email, c.phone, '' AS role, 0 AS person_id, '' AS prefers, NULL AS hours,
       c.country, c.size_class
  FROM parties_customer c
 WHERE c.entity_id = %(entity)s AND c.id BETWEEN %(first)s AND %(last)s AND {{of_customers}}
UNION ALL
SELECT p.customer_id, p.email, p.phone, p.role, p.id, p.preferred_channel, {hours_sql("p")}, c.country, c.size_class
  FROM parties_contactperson p JOIN parties_customer c ON c.id = p.customer_id
 WHERE c.entity_id = %(entity)s AND c.id BETWEEN %(first)s AND %(last)s AND {{of_customers}}"""  # noqa: S608  our own names


_ADDRESSES: Final[f.Columns] = {
    "customer_id": pl.Int64, "email": pl.String, "phone": pl.String, "role": pl.String, "person_id": pl.Int64,
    "prefers": pl.String, "hours": pl.String, "country": pl.String, "size_class": pl.String,
}  # fmt: skip
_ROLES: Final = {role: number for number, role in enumerate(ROLE_ORDER)}


def read_details(
    scope: Scope, contacted: pl.DataFrame, *, terms: pl.DataFrame, reference: pl.DataFrame, law: Law
) -> f.Details:
    """Read the details of the contacted; nothing at all when there are none.

    Args:
        scope: As for the facts.
        contacted: customer_id.
        terms, reference: Of the whole run, read once.
        law: Which hours it leaves open.
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
    mailboxes = _mailboxes(read_frame(_REACH.format(of_customers=of_customers), params, _ADDRESSES), contacted, law)
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


def _mailboxes(addresses: pl.DataFrame, contacted: pl.DataFrame, law: Law) -> pl.DataFrame:
    """Return per customer the mailbox and the number that a message will most likely go to (`addressee.choose`)."""
    rank = pl.col("role").replace_strict(_ROLES, default=len(_ROLES), return_dtype=pl.Int8)
    known = addresses.join(contacted, on="customer_id", how="semi").with_columns(rank=rank)
    named = []
    for channel, address in (("EMAIL", "email"), ("SMS", "phone")):
        hours = f"{address}_hours"
        order = [pl.col("person_id") == 0, pl.col("prefers") != channel, "rank", "person_id"]
        first = known.filter(pl.col(address) != "").sort(order).group_by("customer_id").first()
        open_hours = _open_hours(first, channel, law)
        named.append(
            first.join(open_hours, on=["country", "size_class", "hours"], how="left").select(
                "customer_id", pl.col(address).str.to_lowercase(), hours
            )
        )
    everybody = known.select("customer_id").unique()
    return everybody.join(named[0], on="customer_id", how="left").join(named[1], on="customer_id", how="left")


def _open_hours(persons: pl.DataFrame, channel: str, law: Law) -> pl.DataFrame:
    """Return country, size_class, hours and what of the hours the law leaves open; few people name any."""
    wanted = persons.drop_nulls("hours").select("country", "size_class", "hours").unique()
    rows = [
        (country, size_class, hours, law.open_hours(hours, channel, country=country, size_class=size_class))
        for country, size_class, hours in wanted.rows()
    ]
    column = {"EMAIL": "email_hours", "SMS": "phone_hours"}[channel]
    schema = dict.fromkeys(("country", "size_class", "hours", column), pl.String)
    return pl.DataFrame(rows, schema=schema, orient="row")
