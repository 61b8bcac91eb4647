"""Whom to talk to at a customer, and what forbids it."""

from dataclasses import dataclass

from huikuan.parties.models import ContactBlock, ContactPerson


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """A contact person; `blocks` says in words why not to contact him, and on which channel."""

    pk: int
    name: str
    role: str
    phone: str
    email: str
    preferred: str
    blocks: tuple[str, ...]

    @property
    def may_be_called(self) -> bool:
        """Tell whether a call link is shown."""
        return bool(self.phone) and not self.blocks


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """The contact persons, and the blocks that stand on the customer as a whole."""

    persons: tuple[PersonRow, ...]
    blocks: tuple[str, ...]


def people_of(customer_id: int) -> People:
    """Return whom to talk to. Two queries."""
    channels = dict(ContactPerson.Channel.choices)
    blocked: dict[int | None, list[str]] = {}
    for block in ContactBlock.objects.filter(customer_id=customer_id, ended_at=None).order_by("begun_at"):
        channel = f" ({channels.get(block.channel, block.channel)})" if block.channel else ""
        blocked.setdefault(block.person_id, []).append(f"{block.get_kind_display()}{channel}")
    persons = ContactPerson.objects.filter(customer_id=customer_id).order_by("role", "name")
    return People(
        persons=tuple(
            PersonRow(
                pk=person.pk,
                name=person.name,
                role=person.get_role_display(),
                phone=person.phone,
                email=person.email,
                preferred=person.get_preferred_channel_display(),
                blocks=tuple(blocked.get(person.pk, ())),
            )
            for person in persons
        ),
        blocks=tuple(blocked.get(None, ())),
    )
