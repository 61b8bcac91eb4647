"""The groups of the settings (HUIKUAN_BOTS), one robot per entity."""

import logging
from datetime import datetime

from django.conf import settings

from huikuan.adapters.bots.robot import BotRefusedError, bot_of

logger = logging.getLogger(__name__)


class Groups:
    """Implements `runs.staff.StaffNotifier`."""

    def tell(self, entity_code: str, text: str, now: datetime) -> bool:
        """Write into the entity's group; what goes wrong is logged."""
        told = settings.HUIKUAN_BOTS.get(entity_code)
        if told is None:
            return False
        try:
            bot_of(told).tell(text, now=now)
        except BotRefusedError as error:
            logger.warning("the group of %s cannot be told: %s", entity_code, error)
            return False
        return True
