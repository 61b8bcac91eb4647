"""The portfolio goes into an empty database, in bulk and in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

import polars as pl
from django.db import connection, transaction

from huikuan.demo import words
from huikuan.demo.bargains import SILENT, TERMS, TermsIds
from huikuan.demo.clients import Creditor
from huikuan.demo.portfolio import Ground, Part, parts
from huikuan.demo.sales import first_day
from huikuan.journal.commands import record
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.commands import add_user, change_entity, grant_role, open_entity, open_team
from huikuan.parties.models import Customer, Entity, User
from huikuan.policy.commands import install_default
from huikuan.receivables.commands.terms import keep_terms, set_default_terms
from huikuan.receivables.models import OpenItem, Receipt
from huikuan.receivables.queries.terms import reference_frame, terms_frame
from huikuan.storage import triggers
from huikuan.storage.bulk import align_sequence, insert_frame


class HomeNotEmpty(Refusal):
    """The demo never mixes with real work."""

    code = "demo.home-not-empty"
    text = gettext_noop(
        "This installation already holds {customers} customers. The demo wants an empty one: "
        "set HUIKUAN_HOME to another folder, or start again with --reset."
    )


@dataclass(slots=True)
class Loaded:
    """How many rows came in, and how the customers pay (id to kind of payer)."""

    counts: dict[str, int] = field(default_factory=dict)
    payers: dict[int, str] = field(default_factory=dict)


def check_empty() -> None:
    """Refuse an installation in which anything has been done. Raises HomeNotEmpty."""
    if Customer.objects.exists() or OpenItem.objects.exists() or Receipt.objects.exists():
        raise HomeNotEmpty(customers=Customer.objects.count())


def load(
    *,
    items: int,
    as_of: date,
    now: datetime,
    is_open_only: bool = False,
    on_progress: Callable[[int], None] = lambda _count: None,
) -> Loaded:
    """Make entities, users, policy and the portfolio.

    Args:
        items: How many open items, about.
        as_of: Today.
        now: Instant.
        is_open_only: Nothing is paid in full (benchmarks).
        on_progress: Told how many items are in, after each part.

    Raises: HomeNotEmpty.
    """
    check_empty()
    with transaction.atomic():
        ground = lay_ground(as_of=as_of, now=now)
        loaded = Loaded()
        with triggers.suspended(connection):
            for part in parts(ground, items=items, is_open_only=is_open_only):
                _insert(part, loaded)
                on_progress(loaded.counts["items"])
        for table in TABLES.values():
            align_sequence(table)
        record("demo.loaded", now=now, as_of=as_of, rows=loaded.counts)
    return loaded


def lay_ground(*, as_of: date, now: datetime) -> Ground:
    """Make what the portfolio stands on: entities with policy and default terms, users, terms."""
    terms = {name: keep_terms(content).pk for name, content in TERMS.items()}
    entities = {said.code: _entity(said, as_of=as_of, now=now) for said in words.ENTITIES}
    collectors = _users(entities, now=now)
    creditors = tuple(Creditor(entities[said.code].pk, said, collectors[said.code]) for said in words.ENTITIES)
    return Ground(
        creditors=creditors,
        terms_ids=TermsIds(terms),
        terms=terms_frame(),
        reference=reference_frame(as_of),
        as_of=as_of,
    )


def _entity(said: words.DemoEntity, *, as_of: date, now: datetime) -> Entity:
    """Return the entity under its demo name, opened when there is none of the code."""
    entity = Entity.objects.filter(code=said.code).first()
    if entity is None:
        entity = open_entity(code=said.code, name=said.name, actor=None, now=now)
    change_entity(
        entity_id=entity.pk,
        actor=None,
        now=now,
        name=said.name,
        name_en=said.name_en,
        business=said.business,
        address=said.address,
        phone=said.phone,
        email_from=f"{said.code.lower()}@example.com",
        bank_account=f"{said.name} · 演示银行重庆分行 · 6200 0000 0000 {1000 + said.share}",
    )
    set_default_terms(entity=entity, terms=TERMS[SILENT], actor=None, now=now)
    install_default(entity_id=entity.pk, starts_on=first_day(as_of), now=now)
    return entity


def _users(entities: dict[str, Entity], *, now: datetime) -> dict[str, tuple[int, ...]]:
    """Make the people who sign in; return the collectors of each entity."""
    collectors: dict[str, list[int]] = {code: [] for code in entities}
    for said in words.USERS:
        user: User = add_user(
            username=said.username, password=words.PASSWORD, display_name=said.display_name, language="zh-hans",
            is_superuser=False, actor=None, now=now,
        )  # fmt: skip
        for code in said.entities:
            team = open_team(entity=entities[code], name=said.team, actor=None, now=now) if said.team else None
            grant_role(user=user, entity=entities[code], role=said.role, team=team, actor=None, now=now)
            if said.role == "COLLECTOR":
                collectors[code].append(user.pk)
    return {code: tuple(ids) for code, ids in collectors.items()}


TABLES = {
    "customers": "parties_customer",
    "persons": "parties_contactperson",
    "contracts": "receivables_contract",
    "items": "receivables_openitem",
    "receipts": "receivables_receipt",
    "credit_notes": "receivables_creditnote",
    "allocations": "receivables_allocation",
    "payment_months": "receivables_paymentmonth",
    "customer_history": "receivables_customerhistory",
}
"""The frames of a part, in the order in which the rows refer to one another, and their tables."""


def _insert(part: Part, loaded: Loaded) -> None:
    loaded.payers.update(part.payers.iter_rows())
    for name, table in TABLES.items():
        frame: pl.DataFrame = getattr(part, name)
        if name == "customers":
            frame = frame.drop("payer")
        loaded.counts[name] = loaded.counts.get(name, 0) + insert_frame(table, frame)
