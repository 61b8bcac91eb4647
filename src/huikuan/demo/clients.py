"""Customers of the demo and the persons to talk to there."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import polars as pl

from huikuan.demo import words
from huikuan.demo.chance import below, between, happens, one_of, weighted

KEY: Final = pl.col("id")
_USCC_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)

PAYERS: Final = {
    "PROMPT": 33,
    "SLIGHT": 24,
    "CHRONIC": 13,
    "PARTIAL": 8,
    "STOPPED": 6,
    "LONG": 3,
    "NEW": 6,
    "DISPUTES": 3,
    "OVERPAYS": 4,
}
"""How customers pay, and how many in a hundred do so."""

SIZES: Final = {
    "SALE": {"MICRO": 20, "SMALL": 42, "MEDIUM": 26, "LARGE": 9, "PUBLIC": 3},
    "PROPERTY": {"MICRO": 50, "SMALL": 35, "MEDIUM": 12, "LARGE": 3},
    "LEASING": {"MICRO": 10, "SMALL": 40, "MEDIUM": 35, "LARGE": 13, "PUBLIC": 2},
}


@dataclass(frozen=True, slots=True)
class Creditor:
    """An entity as the database knows it: its id, its words, and the ids of its collectors."""

    entity_id: int
    said: words.DemoEntity
    collector_ids: tuple[int, ...]


def instant(day: date, hour: int = 2) -> datetime:
    """Return an instant of a day: two o'clock UTC is ten in the morning in China."""
    return datetime.combine(day, time(hour), UTC)


def customers(creditors: tuple[Creditor, ...], *, first_id: int, count: int, as_of: date) -> pl.DataFrame:
    """Return customers: the columns of the table, and how each of them pays (`payer`).

    Args:
        creditors: The entities.
        first_id: Id of the first; each further one has the next.
        count: How many.
        as_of: Today.
    """
    ids = pl.DataFrame({"id": pl.int_range(first_id, first_id + count, eager=True)})
    shares = {creditor.said.code: creditor.said.share for creditor in creditors}
    drawn = ids.with_columns(code_of=weighted(KEY, "entity", shares), payer=weighted(KEY, "payer", PAYERS))
    parts = [_of_one(drawn.filter(pl.col("code_of") == each.said.code), each, as_of=as_of) for each in creditors]
    return pl.concat(parts).sort("id")


def _of_one(drawn: pl.DataFrame, creditor: Creditor, *, as_of: date) -> pl.DataFrame:
    """Return the customers of one entity."""
    business = creditor.said.business
    trades = words.TRADES[business]
    stay = pl.when(pl.col("payer") == "NEW").then(between(KEY, "since-new", 20, 80)).otherwise(
        between(KEY, "since", 400, 3600)
    )  # fmt: skip
    collectors = pl.Series("collectors", [*creditor.collector_ids], dtype=pl.Int64)
    native = drawn.with_columns(
        city=one_of(KEY, "city", [*["重庆"] * 5, *words.CITIES]),
        trade=one_of(KEY, "trade", trades),
        style=one_of(KEY, "first", words.FIRST) + one_of(KEY, "middle", words.MIDDLE) + one_of(KEY, "last", words.LAST),
        abroad=pl.when((business == "SALE") & happens(KEY, "abroad", 40)).then(below(KEY, "land", len(words.ABROAD))),
    ).with_columns(
        area=pl.col("city").replace_strict(list(words.CITIES), list(words.CITIES.values())),
        name=pl.col("city") + pl.col("style") + pl.col("trade") + "有限公司",
    )
    return _abroad(native).select(
        "id",
        "payer",
        entity_id=pl.lit(creditor.entity_id, pl.Int64),
        business=pl.lit(business),
        code=pl.lit(creditor.said.prefix) + KEY.cast(pl.String).str.zfill(6),
        name="name",
        registration_no=pl.when(pl.col("abroad").is_null()).then(registration_no(KEY)).otherwise(pl.lit("")),
        country="country",
        currency="currency",
        industry=pl.col("trade").replace_strict(list(words.INDUSTRIES), list(words.INDUSTRIES.values())),
        region="city",
        size_class=weighted(KEY, "size", SIZES[business]),
        language="language",
        time_zone="time_zone",
        email=pl.lit("ar") + KEY.cast(pl.String) + "@example.com",
        phone="phone",
        parent_id=pl.lit(None, pl.Int64),
        business_since=pl.lit(as_of) - pl.duration(days=stay),
        collector_id=pl.when(happens(KEY, "nobody", 970)).then(
            pl.lit(collectors).gather(below(KEY, "collector", len(collectors)))
        ),
        sales_owner=one_of(KEY, "sales", words.SALES),
        created_at=pl.lit(instant(as_of - timedelta(days=730))).cast(pl.Datetime("us", "UTC")),
    )


def _abroad(native: pl.DataFrame) -> pl.DataFrame:
    """Add country, currency, language, time zone and telephone; name those abroad in their own way."""

    def said(position: int) -> pl.Expr:
        return pl.lit(pl.Series("said", [row[position] for row in words.ABROAD])).gather(pl.col("abroad"))

    is_home = pl.col("abroad").is_null()
    local = pl.lit("+86") + pl.col("area") + "0" + between(KEY, "telephone", 1_000_000, 9_999_999).cast(pl.String)
    suffix = between(KEY, "telephone", 100, 199).cast(pl.String)
    foreign = pl.when(said(3) == "").then(pl.lit("")).otherwise(said(3) + suffix)
    style = one_of(KEY, "first", words.ABROAD_FIRST) + " " + one_of(KEY, "second", words.ABROAD_SECOND)
    return native.with_columns(
        country=pl.when(is_home).then(pl.lit("CN")).otherwise(said(0)),
        currency=pl.when(is_home).then(pl.lit("CNY")).otherwise(said(1)),
        time_zone=pl.when(is_home).then(pl.lit("Asia/Shanghai")).otherwise(said(2)),
        language=pl.when(is_home).then(pl.lit("zh-hans")).otherwise(pl.lit("en")),
        phone=pl.when(is_home).then(local).otherwise(foreign),
        name=pl.when(is_home).then(pl.col("name")).otherwise(style + " " + said(4)),
        city=pl.when(is_home).then(pl.col("city")).otherwise(pl.lit("")),
    )


def registration_no(key: pl.Expr) -> pl.Expr:
    """Return a unified social credit code with a valid check character, in a region that does not exist."""
    body = pl.lit("91990000") + (key + 100_000_000).cast(pl.String)
    total: pl.Expr = pl.lit(0, pl.Int64)
    for place, weight in enumerate(_USCC_WEIGHTS):
        total = total + body.str.slice(place, 1).cast(pl.Int64) * weight
    check = pl.lit(pl.Series("alphabet", list(_USCC_ALPHABET))).gather((31 - total % 31) % 31)
    return body + check


def persons(customers_: pl.DataFrame, *, first_id: int) -> pl.DataFrame:
    """Return one to three persons per customer; the first of them pays the invoices."""
    roles = ("PAYER", "APPROVER", "LEGAL_REP")
    spread = (
        customers_.select(
            "id", "country", "phone", "created_at", many=weighted(KEY, "persons", {"1": 50, "2": 35, "3": 15})
        )
        .with_columns(place=pl.int_ranges(0, pl.col("many").cast(pl.Int64)))
        .explode("place")
        .with_columns(key=KEY * 4 + pl.col("place"))
    )
    at, key = pl.col("place"), pl.col("key")
    home = one_of(key, "surname", words.SURNAMES) + one_of(key, "given", words.GIVEN)
    return spread.select(
        id=pl.int_range(first_id, first_id + spread.height, eager=True),
        customer_id=KEY,
        name=pl.when(pl.col("country") == "CN").then(home).otherwise(one_of(key, "foreign", words.FOREIGN_PERSONS)),
        role=pl.lit(pl.Series("roles", roles)).gather(at),
        email=pl.lit("p") + key.cast(pl.String) + "@example.com",
        phone=pl.when(at == 0).then("phone").otherwise(pl.lit("")),
        preferred_channel=pl.when(at == 0)
        .then(weighted(key, "channel", {"EMAIL": 60, "PHONE": 40}))
        .otherwise(pl.lit("")),
        lawful_basis=pl.lit("NAMED_BY_CUSTOMER"),
        created_at="created_at",
    )
