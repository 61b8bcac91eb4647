"""Statement lines as they are read: which are open, which are whose."""

from django.db.models import Exists, OuterRef, QuerySet

from huikuan.cash.models import SetAside, StatementLine


def open_lines(*, entity_id: int) -> QuerySet[StatementLine]:
    """Return the lines of money that came in, has no receipt yet and was not set aside: what is to be matched."""
    aside = SetAside.objects.filter(line=OuterRef("pk"), ended_at=None)
    return StatementLine.objects.filter(~Exists(aside), account__entity_id=entity_id, receipt=None, amount_minor__gt=0)
