"""Import contact persons: by customer, name, e-mail and telephone; by name alone where only one has it."""

from typing import Final

import polars as pl

from huikuan.exchange.commands.context import Importing, Judged, Written, with_customers
from huikuan.exchange.rules.comparing import changes, compared, merged
from huikuan.exchange.rules.reading import ReadBatch
from huikuan.journal.commands import record
from huikuan.parties.models import ContactPerson
from huikuan.parties.queries import hours_sql
from huikuan.storage.among import among
from huikuan.storage.bulk import insert_frame, read_frame, update_frame

_VALUES: Final = ("role", "email", "phone", "preferred_channel", "preferred_hours")
_SCHEMA: Final = {"id": pl.Int64, "customer_id": pl.Int64, "name": pl.String} | dict.fromkeys(_VALUES, pl.String)
_ONE: Final = ("customer_id", "name", "email", "phone")


class ContactImporter:
    """Contact persons of the customers of one entity."""

    def judge(self, read: ReadBatch, importing: Importing) -> Judged:
        """Find each person: the same in all four, else the only one of that name."""
        rows = with_customers(read, importing)
        condition, values = among("customer_id", "customers", rows["customer_id"].unique().to_list())
        held = read_frame(
            f"SELECT id, customer_id, name, role, email, phone, preferred_channel, {hours_sql('t')} AS preferred_hours"  # noqa: S608
            f" FROM parties_contactperson t WHERE {condition}",
            values,
            _SCHEMA,
        )
        exact = held.select(*_ONE, pl.col("id").alias("exact_id"))
        rows = (
            rows.with_columns(pl.col("email", "phone").fill_null("").name.suffix("_key"))
            .join(
                exact,
                left_on=["customer_id", "name", "email_key", "phone_key"],
                right_on=list(_ONE),
                how="left",
                maintain_order="left",
            )
            .join(_only_ones(held), on=["customer_id", "name"], how="left", maintain_order="left")
        )
        is_namesake = pl.col("row").is_in(list(importing.survey.namesakes))
        by_name = pl.when(~is_namesake).then(pl.col("only_id"))
        rows = rows.with_columns(id=pl.coalesce("exact_id", by_name))
        found = rows.filter(pl.col("id").is_not_null())
        added = rows.filter(pl.col("id").is_null())
        return Judged(
            pl.concat(
                [
                    compared(found, held.with_columns(pid="id"), on=["id"], values=_VALUES, id_name="pid"),
                    added.with_columns(fate=pl.lit("create")),
                ],
                how="diagonal",
            )
        )

    def write(self, judged: Judged, importing: Importing) -> Written:
        """Insert the new ones, update the changed ones."""
        insert_frame("parties_contactperson", _new(judged.fated("create"), importing))
        changed = judged.fated("update")
        if changed.is_empty():
            return Written()
        changed = merged(changed, _VALUES)
        update_frame("parties_contactperson", ["id"], changed.select("id", *_VALUES[:-1], *_hours()))
        for row in changed.iter_rows(named=True):
            record(
                "parties.contact-person-changed",
                now=importing.now,
                actor=importing.actor,
                entity_id=importing.entity.pk,
                customer_id=row["customer_id"],
                subject=ContactPerson(pk=row["id"]),
                name=row["name"],
                changed=changes(row),
            )
        return Written()


def _only_ones(held: pl.DataFrame) -> pl.DataFrame:
    """Return customer and name → id where the ledger has one person of that name."""
    return (
        held.group_by("customer_id", "name")
        .agg(pl.len(), pl.col("id").first().alias("only_id"))
        .filter(pl.col("len") == 1)
        .drop("len")
    )


def _new(rows: pl.DataFrame, importing: Importing) -> pl.DataFrame:
    return rows.select(
        "customer_id",
        "name",
        pl.col("role").fill_null(ContactPerson.Role.OTHER.value),
        pl.col("email").fill_null(""),
        pl.col("phone").fill_null(""),
        pl.col("preferred_channel").fill_null(""),
        *_hours(),
        pl.lit("NAMED_BY_CUSTOMER").alias("lawful_basis"),
        pl.lit(importing.now).cast(pl.Datetime("us", "UTC")).alias("created_at"),
    )


def _hours() -> tuple[pl.Expr, pl.Expr]:
    """Return the two columns in which the table keeps "09:30-11:30"."""
    halves = pl.col("preferred_hours").str.split_exact("-", 1).struct
    begins, ends = halves.field("field_0") + ":00", halves.field("field_1") + ":00"
    return begins.alias("preferred_from"), ends.alias("preferred_until")
