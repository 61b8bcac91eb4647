"""Import customers: new ones are added, changed ones updated with what changed in the journal."""

from typing import Any, Final

import polars as pl

from huikuan.exchange.commands.context import Importing, Judged, Written
from huikuan.exchange.rules.comparing import changes, compared, merged
from huikuan.exchange.rules.reading import Problem, ReadBatch
from huikuan.journal.commands import record
from huikuan.kernel.identifiers import parse_registration_no
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import Customer, Membership, Role, User
from huikuan.storage.among import among
from huikuan.storage.bulk import insert_frame, read_frame, update_frame

_VALUES: Final = (
    "name", "registration_no", "country", "currency", "industry", "size_class", "language", "time_zone", "email",
    "phone", "collector_id", "sales_owner",
)  # fmt: skip
_SCHEMA: Final = {"id": pl.Int64, "code": pl.String} | dict.fromkeys(_VALUES, pl.String) | {"collector_id": pl.Int64}
_CHINESE: Final = ("CN", "HK", "MO", "TW")


class CollectorUnknown(Refusal):
    """No such user; the customer is imported without one."""

    code = "import.collector-unknown"
    text = gettext_noop(
        "Nobody called “{value}” collects for {entity}. The customer was left as it is; "
        "add the user and import the file again, or import with --create-users."
    )


class RegistrationDoubtful(Refusal):
    """The number fails its check; it is kept as written."""

    code = "import.registration-doubtful"
    text = gettext_noop(
        "“{value}” was kept, but is no valid registration number of {country}. Compare it with the license."
    )


class CustomerImporter:
    """Customers of one entity, by code."""

    def judge(self, read: ReadBatch, importing: Importing) -> Judged:
        """Compare with the customers there are."""
        rows = read.good
        warnings = _doubtful_registrations(rows, importing)
        collectors, unknown = _collectors(rows, importing)
        warnings += unknown
        rows = rows.join(collectors, on="collector", how="left", maintain_order="left")
        condition, values = among("code", "codes", rows["code"].to_list())
        held = read_frame(
            f"SELECT id, code, {', '.join(_VALUES)} FROM parties_customer "  # noqa: S608  our own names
            f"WHERE entity_id = %(entity)s AND {condition}",
            {"entity": importing.entity.pk, **values},
            _SCHEMA,
        )
        return Judged(compared(rows, held, on=["code"], values=_VALUES), warnings)

    def write(self, judged: Judged, importing: Importing) -> Written:
        """Insert the new ones, update the changed ones."""
        insert_frame("parties_customer", _new(judged.fated("create"), importing))
        changed = merged(judged.fated("update"), _VALUES)
        update_frame("parties_customer", ["id"], changed.select("id", *_VALUES))
        for row in changed.iter_rows(named=True):
            record(
                "parties.customer-changed",
                now=importing.now,
                actor=importing.actor,
                entity_id=importing.entity.pk,
                customer_id=row["id"],
                subject=Customer(pk=row["id"]),
                changed=changes(row),
            )
        return Written()


def _new(rows: pl.DataFrame, importing: Importing) -> pl.DataFrame:
    """Return the rows of new customers, with what the file does not say."""
    entity = importing.entity
    texts = ("registration_no", "industry", "region", "size_class", "email", "phone", "sales_owner")
    country = pl.col("country").fill_null(entity.country)
    language = pl.when(country.is_in(_CHINESE)).then(pl.lit("zh-hans")).otherwise(pl.lit("en"))
    return rows.with_columns(region=pl.lit(None, dtype=pl.String)).select(
        pl.lit(entity.pk, dtype=pl.Int64).alias("entity_id"),
        "code",
        "name",
        country,
        pl.col("currency").fill_null(entity.currency),
        pl.col("language").fill_null(language),
        pl.col("time_zone").fill_null(entity.time_zone),
        *(pl.col(name).fill_null("") for name in texts),
        "collector_id",
        pl.lit(importing.now).cast(pl.Datetime("us", "UTC")).alias("created_at"),
    )


def _collectors(rows: pl.DataFrame, importing: Importing) -> tuple[pl.DataFrame, list[Problem]]:
    """Return collector → collector_id, and what to say of names nobody has."""
    names = rows["collector"].drop_nulls().unique().to_list()
    known: dict[str, Any] = dict(
        User.objects.filter(username__in=names, memberships__entity=importing.entity).values_list("username", "pk")
    )
    missing = sorted(set(names) - set(known))
    if importing.create_users and not importing.dry_run:
        known |= {name: _new_user(name, importing) for name in missing}
    frame = pl.DataFrame(
        {"collector": list(known), "collector_id": list(known.values())},
        schema={"collector": pl.String, "collector_id": pl.Int64},
    )
    if importing.create_users:
        return frame, []
    told = rows.filter(pl.col("collector").is_in(missing)).select("row", "collector").iter_rows()
    entity = importing.entity.code
    return frame, [Problem(row, "collector", name, CollectorUnknown(value=name, entity=entity)) for row, name in told]


def _new_user(name: str, importing: Importing) -> int:
    """Return a collector without a password: nobody can sign in before an administrator sets one."""
    user, is_new = User.objects.get_or_create(username=name, defaults={"display_name": name})
    if is_new:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    Membership.objects.get_or_create(user=user, entity=importing.entity, defaults={"role": Role.COLLECTOR})
    record(
        "parties.user-added-by-import",
        now=importing.now,
        actor=importing.actor,
        entity_id=importing.entity.pk,
        subject=user,
        username=name,
    )
    return user.pk


def _doubtful_registrations(rows: pl.DataFrame, importing: Importing) -> list[Problem]:
    found = []
    filled = rows.filter(pl.col("registration_no").is_not_null())
    for row, number, country in filled.select("row", "registration_no", "country").iter_rows():
        where = country or importing.entity.country
        try:
            parse_registration_no(number, where)
        except Refusal:
            doubt = RegistrationDoubtful(value=number, country=where)
            found.append(Problem(row, "registration_no", number, doubt))
    return found
