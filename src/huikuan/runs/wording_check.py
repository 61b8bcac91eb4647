"""The guard's language check for texts before they are used: the policy and the business say which phrases hold."""

from datetime import date

from huikuan.outreach.ports import ForbiddenPhrase
from huikuan.parties.models import Entity
from huikuan.policy.queries import policy_in_force
from huikuan.policy.reading.guard import packs_for
from huikuan.policy.rules.guard_pack import Debtor
from huikuan.policy.rules.wording import check_words


class PolicyWording:
    """Implements `outreach.ports.WordingCheck`."""

    def forbidden(self, text: str, *, entity: Entity, today: date) -> tuple[ForbiddenPhrase, ...]:
        """Return what the entity's rules forbid in a text; a property manager may not even name utilities."""
        in_force = policy_in_force(entity.pk, today)
        debtor = Debtor(country=entity.country, businesses=frozenset({entity.business}))
        packs = packs_for(None if in_force is None else in_force.policy.guard, debtor)
        words = [each for pack in packs for each in pack.words]
        is_property = entity.business == Entity.Business.PROPERTY
        return tuple(
            ForbiddenPhrase(found.phrase, found.instead) for found in check_words(text, words, is_property=is_property)
        )
