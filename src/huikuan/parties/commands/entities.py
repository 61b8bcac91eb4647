"""Opening creditor entities, and the numbers that each gives out."""

import re
from datetime import datetime
from typing import TypedDict, Unpack

from django.db import transaction

from huikuan.journal.commands import record
from huikuan.kernel.identifiers import parse_email
from huikuan.kernel.money import currency_exponent
from huikuan.kernel.numbers import NumberKind, format_number
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.kernel.zones import zone_of
from huikuan.parties.models import Entity, NumberSequence, User

_CODE = re.compile(r"[A-Z0-9][A-Z0-9_-]{0,19}")


class EntityCodeUnusable(Refusal):
    """The code would not fit into numbers and file names."""

    code = "parties.entity-code-unusable"
    text = gettext_noop("“{code}” cannot be the code of an entity. Use capital letters, digits, - and _ (at most 20).")


class EntityExists(Refusal):
    """The code is taken."""

    code = "parties.entity-exists"
    text = gettext_noop("There is already an entity {code}.")


class NameMissing(Refusal):
    """Somebody or something without a name."""

    code = "parties.name-missing"
    text = gettext_noop("A name is missing.")


class EntityFields(TypedDict, total=False):
    """What else is known of an entity; the fields of the table."""

    name_en: str
    business: str
    currency: str
    country: str
    time_zone: str
    address: str
    phone: str
    email_from: str
    bank_account: str
    payment_url: str
    registration_no: str
    counts_clicks: bool


def _checked(fields: EntityFields) -> EntityFields:
    """Return the fields in the form in which they are stored. Raises the refusals of the kernel."""
    if "currency" in fields:
        currency_exponent(fields["currency"])
    if "time_zone" in fields:
        zone_of(fields["time_zone"])
    if fields.get("email_from"):
        fields = {**fields, "email_from": parse_email(fields["email_from"])}
    return fields


@transaction.atomic
def open_entity(*, code: str, name: str, actor: User | None, now: datetime, **fields: Unpack[EntityFields]) -> Entity:
    """Open a creditor entity. Raises EntityCodeUnusable, EntityExists, NameMissing, and the refusals of its fields."""
    if not _CODE.fullmatch(code):
        raise EntityCodeUnusable(code=code)
    if not name.strip():
        raise NameMissing
    if Entity.objects.filter(code=code).exists():
        raise EntityExists(code=code)
    entity = Entity.objects.create(code=code, name=name.strip(), created_at=now, **_checked(fields))
    record("parties.entity-opened", now=now, actor=actor, entity_id=entity.pk, subject=entity, code=code, name=name)
    return entity


@transaction.atomic
def change_entity(
    *, entity_id: int, actor: User | None, now: datetime, name: str = "", **fields: Unpack[EntityFields]
) -> Entity:
    """Change what is known of an entity; what is not named stays. Raises the refusals of its fields."""
    entity = Entity.objects.select_for_update().get(pk=entity_id)
    wanted = dict(_checked(fields)) | ({"name": name.strip()} if name.strip() else {})
    before = {field: getattr(entity, field) for field in wanted}
    for field, value in wanted.items():
        setattr(entity, field, value)
    entity.save(update_fields=list(wanted))
    record(
        "parties.entity-changed",
        now=now,
        actor=actor,
        entity_id=entity.pk,
        subject=entity,
        before=before,
        now_is=wanted,
    )
    return entity


@transaction.atomic
def take_numbers(*, entity: Entity, kind: NumberKind, year: int, count: int = 1) -> list[str]:
    """Take the next uniform numbers (统一编号) of an entity: part of the command that uses them, so not journaled.

    Two takers never get the same number: the sequence row is locked until the transaction ends (SQLite: the whole
    transaction is exclusive). A rolled back command gives its numbers back.
    """
    NumberSequence.objects.get_or_create(entity=entity, kind=kind.value, year=year)
    sequence = NumberSequence.objects.select_for_update().get(entity=entity, kind=kind.value, year=year)
    first = sequence.next_number
    sequence.next_number = first + count
    sequence.save(update_fields=["next_number"])
    return [format_number(kind, entity.code, year, n) for n in range(first, first + count)]
