"""What every list needs while it is imported: the entity, the moment, the person, and the lookups they share."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import polars as pl

from huikuan.exchange.commands.survey import Survey
from huikuan.exchange.rules.cells import plain_key
from huikuan.exchange.rules.column import Defaults
from huikuan.exchange.rules.lists import ListKind
from huikuan.exchange.rules.reading import Problem, ReadBatch
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import Entity, User
from huikuan.storage.among import among
from huikuan.storage.bulk import read_frame


class CustomerUnknown(Refusal):
    """No customer has this code."""

    code = "import.customer-unknown"
    text = gettext_noop("There is no customer “{code}” in {entity}. Import the customers first, or correct the code.")


@dataclass
class Importing:
    """One import under way."""

    entity: Entity
    kind: ListKind
    actor: User | None
    now: datetime
    defaults: Defaults
    survey: Survey
    allocate: bool = False
    create_users: bool = False
    dry_run: bool = False


@dataclass
class Judged:
    """What a batch comes to: rows with their `fate`, counts, and what to say about them."""

    rows: pl.DataFrame
    warnings: list[Problem] = field(default_factory=list)

    def fated(self, fate: str) -> pl.DataFrame:
        """Return the rows with this fate."""
        return self.rows.filter(pl.col("fate") == fate)


@dataclass
class Written:
    """What a batch added besides its rows."""

    allocated: int = 0
    warnings: list[Problem] = field(default_factory=list)


class Importer(Protocol):
    """How one list meets the ledger."""

    def judge(self, read: ReadBatch, importing: Importing) -> Judged:
        """Compare the good rows with the ledger; mark those that cannot be accepted as bad."""

    def write(self, judged: Judged, importing: Importing) -> Written:
        """Write what is to be created or updated, inside the transaction of the batch."""


def with_customers(read: ReadBatch, importing: Importing, rows: pl.DataFrame | None = None) -> pl.DataFrame:
    """Add `customer_id` to the good rows, or to some of them; refuse rows whose customer code is unknown."""
    rows = read.good if rows is None else rows
    codes = [plain_key(code) for code in rows["customer_code"].unique().to_list()]
    condition, values = among("code", "codes", codes)
    held = read_frame(
        f"SELECT id, code FROM parties_customer WHERE entity_id = %(entity)s AND {condition}",  # noqa: S608
        {"entity": importing.entity.pk, **values},
        {"id": pl.Int64, "code": pl.String},
    )
    joined = rows.join(
        held.rename({"id": "customer_id", "code": "customer_code"}),
        on="customer_code",
        how="left",
        maintain_order="left",
    )
    unknown = joined.filter(pl.col("customer_id").is_null())
    read.refuse(
        [
            Problem(row, "customer_code", code, CustomerUnknown(code=code, entity=importing.entity.code))
            for row, code in unknown.select("row", "customer_code").iter_rows()
        ]
    )
    return joined.filter(pl.col("customer_id").is_not_null())
