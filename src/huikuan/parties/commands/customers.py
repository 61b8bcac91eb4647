"""Customers: saving what is known of them, and who collects from them."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, TypedDict, Unpack

from django.conf import settings
from django.db import transaction

from huikuan.journal.commands import record
from huikuan.kernel.identifiers import parse_email, parse_phone, parse_registration_no
from huikuan.kernel.money import currency_exponent
from huikuan.kernel.numbers import NumberKind
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.kernel.zones import local_day, zone_of
from huikuan.parties.commands.entities import NameMissing, take_numbers
from huikuan.parties.models import Customer, Entity, Membership, User


class SizeClassUnknown(Refusal):
    """A size class that does not exist."""

    code = "parties.size-class-unknown"
    text = gettext_noop("“{value}” is not a size class. Use one of {known}.")


class LanguageUnknown(Refusal):
    """A language in which nothing is written."""

    code = "parties.language-unknown"
    text = gettext_noop("Notices are not written in “{value}”. Use one of {known}.")


class CountryUnknown(Refusal):
    """Not the two letters of a country."""

    code = "parties.country-unknown"
    text = gettext_noop("“{value}” is not a country. Use the two letters of ISO 3166, for example CN.")


class CollectorHasNoRole(Refusal):
    """Nobody collects for an entity in which he has no role."""

    code = "parties.collector-has-no-role"
    text = gettext_noop("{collector} has no role in {entity}. Grant the role first.")


class CustomerFields(TypedDict, total=False):
    """What is known of a customer; the fields of the table."""

    name: str
    registration_no: str
    country: str
    currency: str
    industry: str
    region: str
    size_class: str
    language: str
    time_zone: str
    email: str
    phone: str
    business_since: date | None
    sales_owner: str


_COUNTRY_LENGTH = 2


def checked_customer_fields(fields: CustomerFields, *, country: str) -> dict[str, Any]:
    """Return the fields in the form in which they are stored; empty text clears a field.

    Args:
        fields: Only what was said.
        country: Where a number without country code belongs, when `fields` names no country.

    Raises: the refusals of this file and of `kernel.identifiers`.
    """
    kept: dict[str, Any] = {key: value.strip() if isinstance(value, str) else value for key, value in fields.items()}
    country = kept.get("country", country)
    if len(country) != _COUNTRY_LENGTH or not country.isascii() or not country.isupper():
        raise CountryUnknown(value=country)
    if kept.get("registration_no"):
        kept["registration_no"] = parse_registration_no(kept["registration_no"], country)
    if kept.get("phone"):
        kept["phone"] = parse_phone(kept["phone"], country)
    if kept.get("email"):
        kept["email"] = parse_email(kept["email"])
    if "currency" in kept:
        currency_exponent(kept["currency"])
    if "time_zone" in kept:
        zone_of(kept["time_zone"])
    if kept.get("size_class") and kept["size_class"] not in Customer.Size.values:
        raise SizeClassUnknown(value=kept["size_class"], known=", ".join(Customer.Size.values))
    languages = [code for code, _name in settings.LANGUAGES]
    if "language" in kept and kept["language"] not in languages:
        raise LanguageUnknown(value=kept["language"], known=", ".join(languages))
    if "name" in kept and not kept["name"]:
        raise NameMissing
    return kept


@transaction.atomic
def save_customer(
    *, entity_id: int, actor: User | None, now: datetime, code: str = "", **fields: Unpack[CustomerFields]
) -> Customer:
    """Make a customer, or change the one with this code in the entity; what is not named stays as it is.

    Args:
        entity_id: The creditor.
        actor: Who does it; None for the machine.
        now: The instant.
        code: Empty: a new customer gets the next number of the entity.
        fields: Checked and normalized: telephone to E.164, registration number with its check character.

    Raises: the refusals of `checked_customer_fields`; NameMissing for a new customer without name.
    """
    entity = Entity.objects.get(pk=entity_id)
    found = Customer.objects.select_for_update().filter(entity=entity, code=code).first() if code else None
    kept = checked_customer_fields(fields, country=found.country if found else entity.country)
    if found is None:
        if not kept.get("name"):
            raise NameMissing
        if not code:
            year = local_day(now, entity.time_zone).year
            code = take_numbers(entity=entity, kind=NumberKind.CUSTOMER, year=year)[0]
        inherited = {"currency": entity.currency, "country": entity.country, "time_zone": entity.time_zone}
        customer = Customer.objects.create(entity=entity, code=code, created_at=now, **(inherited | kept))
        record(
            "parties.customer-made", now=now, actor=actor, entity_id=entity.pk, customer_id=customer.pk,
            subject=customer, code=code, name=customer.name,
        )  # fmt: skip
        return customer
    before = {field: getattr(found, field) for field in kept if getattr(found, field) != kept[field]}
    for field in before:
        setattr(found, field, kept[field])
    found.save(update_fields=list(before))
    record(
        "parties.customer-changed", now=now, actor=actor, entity_id=entity.pk, customer_id=found.pk, subject=found,
        before=before, after={field: kept[field] for field in before},
    )  # fmt: skip
    return found


@transaction.atomic
def assign_collector(
    *, customer_ids: Collection[int], collector: User | None, entity: Entity, actor: User | None, now: datetime
) -> int:
    """Give customers of an entity to a collector, or to nobody; return how many changed hands.

    Raises: CollectorHasNoRole.
    """
    if collector is not None and not Membership.objects.filter(user=collector, entity=entity).exists():
        raise CollectorHasNoRole(collector=str(collector), entity=entity.code)
    chosen = Customer.objects.filter(entity=entity, pk__in=list(customer_ids))
    moved = list(
        chosen.select_for_update().exclude(collector=collector).order_by("pk").values_list("pk", "collector_id")
    )
    Customer.objects.filter(pk__in=[pk for pk, _before in moved]).update(collector=collector)
    record(
        "parties.collector-assigned", now=now, actor=actor, entity_id=entity.pk,
        customer_id=moved[0][0] if len(moved) == 1 else None, subject=collector,
        collector=None if collector is None else collector.username,
        before={str(pk): before for pk, before in moved},
    )  # fmt: skip
    return len(moved)
