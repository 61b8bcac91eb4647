"""The people to whom work can be given."""

from huikuan.parties.models import Membership, Role


def collectors_of(entity_id: int) -> tuple[tuple[int, str], ...]:
    """Return the active collectors of an entity as (key, name), by name. One query."""
    rows = Membership.objects.filter(entity_id=entity_id, role=Role.COLLECTOR, user__is_active=True)
    return tuple(sorted(((row.user_id, str(row.user)) for row in rows.select_related("user")), key=lambda row: row[1]))
