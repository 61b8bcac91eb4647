"""The guard's language check, for texts before they are used: the policy in force says which pack of phrases holds."""

from datetime import date
from typing import Final

from huikuan.outreach.ports import ForbiddenPhrase
from huikuan.parties.models import Entity
from huikuan.policy.queries import policy_in_force
from huikuan.policy.reading.guard import guard_pack
from huikuan.policy.rules.wording import check_words

DEFAULT_PACK: Final = "guard_cn_default"
"""Holds where no policy is in force."""


class PolicyWording:
    """Implements `outreach.ports.WordingCheck`."""

    def forbidden(self, text: str, *, entity_id: int, today: date) -> tuple[ForbiddenPhrase, ...]:
        """Return what the entity's rules forbid in a text; a property manager may not even name utilities."""
        entity = Entity.objects.get(pk=entity_id)
        in_force = policy_in_force(entity_id, today)
        pack = guard_pack(DEFAULT_PACK if in_force is None else in_force.policy.guard.pack)
        is_property = entity.business == Entity.Business.PROPERTY
        return tuple(
            ForbiddenPhrase(found.phrase, found.instead)
            for found in check_words(text, pack.words, is_property=is_property)
        )
