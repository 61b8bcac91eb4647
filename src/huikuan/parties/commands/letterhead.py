"""What letters need from master data: the image of a company seal, and where a customer's letters go."""

from datetime import datetime
from typing import Any

from django.db import transaction

from huikuan.documents.rendering import RenderingError, image_name, render_pdf
from huikuan.journal.commands import record
from huikuan.journal.files import check_file, keep_file
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import Customer, Entity, User

ADDRESS_MAX = 300


class SealUnreadable(Refusal):
    """The file begins like an image and is none."""

    code = "parties.seal-unreadable"
    text = gettext_noop("“{name}” cannot be drawn. Save the image of the seal again as PNG and upload that.")


@transaction.atomic
def set_seal(*, entity_id: int, content: bytes, name: str, actor: User | None, now: datetime) -> Entity:
    """Keep the image of the company seal; the letters made from now on carry it. Letters made before stay as they are.

    Raises: SealUnreadable, and the refusals of `journal.files.keep_file`.
    """
    entity = Entity.objects.select_for_update().get(pk=entity_id)
    kept: dict[str, Any] = {"content": content, "name": name, "media_type": "", "kind": "SEAL"}
    check_file(**kept)
    called = image_name(content)
    try:
        render_pdf(layout="seal", data={"seal": called}, language="en", images={called: content})
    except RenderingError as error:
        raise SealUnreadable(name=name) from error
    stored = keep_file(
        content=content,
        name=name,
        media_type="",
        kind="SEAL",
        now=now,
        actor=actor,
        entity_id=entity.pk,
        subject=entity,
    )
    before, entity.seal = entity.seal, stored
    entity.save(update_fields=["seal"])
    record(
        "parties.seal-set",
        now=now,
        actor=actor,
        entity_id=entity.pk,
        subject=entity,
        sha256=stored.sha256,
        before=None if before is None else before.sha256,
    )
    return entity


@transaction.atomic
def remove_seal(*, entity_id: int, actor: User | None, now: datetime) -> Entity:
    """Let the letters made from now on carry no seal: they are stamped by hand."""
    entity = Entity.objects.select_for_update().get(pk=entity_id)
    entity.seal = None
    entity.save(update_fields=["seal"])
    record("parties.seal-removed", now=now, actor=actor, entity_id=entity.pk, subject=entity)
    return entity


@transaction.atomic
def set_postal_address(
    *, customer_id: int, address: str, actor: User | None, now: datetime, other_address: str | None = None
) -> Customer:
    """Say where a customer's letters go. Letters made before keep the address they were made with.

    Args:
        customer_id: The customer.
        address: Where letters go first.
        actor: Who says so.
        now: The instant.
        other_address: Where a formal letter goes that came back; None leaves it as it is.
    """
    customer = Customer.objects.select_for_update().get(pk=customer_id)
    before, customer.address = customer.address, _one_line(address)
    other_before = customer.other_address
    if other_address is not None:
        customer.other_address = _one_line(other_address)
    customer.save(update_fields=["address", "other_address"])
    record(
        "parties.postal-address-set",
        now=now,
        actor=actor,
        entity_id=customer.entity_id,
        customer_id=customer.pk,
        subject=customer,
        before=before,
        now_is=customer.address,
        other_before=other_before,
        other_now_is=customer.other_address,
    )
    return customer


def _one_line(address: str) -> str:
    return " ".join(address.split())[:ADDRESS_MAX]
