"""Finding what a command line names."""

from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import Entity


class EntityUnknown(Refusal):
    """No entity has this code."""

    code = "cli.entity-unknown"
    text = gettext_noop("There is no entity {entity}. Known: {known}.")


def entity_by_code(code: str) -> Entity:
    """Return the entity of a code, in any case. Raises EntityUnknown, which names those there are."""
    found = Entity.objects.filter(code__iexact=code).first()
    if found is None:
        known = ", ".join(Entity.objects.order_by("code").values_list("code", flat=True))
        raise EntityUnknown(entity=code, known=known)
    return found
