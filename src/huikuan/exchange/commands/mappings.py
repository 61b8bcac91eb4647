"""Keep mappings by name, so that the next file of the same origin needs no explanation."""

from datetime import datetime
from typing import Any

from django.db import transaction

from huikuan.exchange.models import SavedMapping
from huikuan.exchange.rules.lists import ListKind
from huikuan.exchange.rules.mapping import FileMapping
from huikuan.journal.commands import record
from huikuan.kernel.days import DayOrder
from huikuan.kernel.refusal import Refusal, gettext_noop
from huikuan.parties.models import User


class MappingNotFound(Refusal):
    """Neither a file nor a saved mapping."""

    code = "mapping.not-found"
    text = gettext_noop("There is no mapping “{name}” for {kind}, and no file of that name. Saved: {known}.")


@transaction.atomic
def save_mapping(*, kind: ListKind, name: str, mapping: FileMapping, actor: User | None, now: datetime) -> SavedMapping:
    """Keep a mapping under a name; the one of the same name is replaced."""
    content: dict[str, Any] = {
        "columns": dict(mapping.columns),
        "date_order": mapping.date_order.value if mapping.date_order else "",
        "encoding": mapping.encoding or "",
        "delimiter": mapping.delimiter or "",
        "sheet": mapping.sheet or "",
    }
    saved, _is_new = SavedMapping.objects.update_or_create(
        kind=kind.value, name=name, defaults={**content, "saved_at": now, "saved_by": actor}
    )
    record("exchange.mapping-saved", now=now, actor=actor, subject=saved, kind=kind.value, name=name, mapping=content)
    return saved


def saved_mapping(kind: ListKind, name: str) -> FileMapping:
    """Return a mapping by name. Raises MappingNotFound, which names those there are."""
    saved = SavedMapping.objects.filter(kind=kind.value, name=name).first()
    if saved is None:
        names = SavedMapping.objects.filter(kind=kind.value).order_by("name").values_list("name", flat=True)
        raise MappingNotFound(name=name, kind=kind.value, known=", ".join(names) or "–")
    return FileMapping(
        columns=saved.columns,
        date_order=DayOrder(saved.date_order) if saved.date_order else None,
        encoding=saved.encoding or None,
        delimiter=saved.delimiter or None,
        sheet=saved.sheet or None,
    )
