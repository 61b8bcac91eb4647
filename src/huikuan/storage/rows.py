"""Single rows written without the cost of composing their statement anew each time."""

from datetime import datetime
from functools import cache
from typing import Any, Final

from django.db import connection, models


def instant(at: datetime) -> Any:  # noqa: ANN401  the database's own form
    """Return an instant as the database in use holds it, for statements written by hand."""
    return connection.ops.adapt_datetimefield_value(at)


def insert_row(row: models.Model) -> None:
    """Insert a new row and give it its number; like `row.save(force_insert=True)` without signals, at a fifth of it.

    For tables that are written with every message or act. Raises django.db.IntegrityError.
    """
    fields, statement = _statement(type(row), connection.vendor)
    held = vars(row)
    with connection.cursor() as cursor:
        cursor.execute(statement, [_stored(held[field.attname], field) for field in fields])
        (row.pk,) = cursor.fetchone()
    row._state.adding, row._state.db = False, connection.alias  # noqa: SLF001  as Model.save does


@cache
def _statement(model: type[models.Model], vendor: str) -> "tuple[tuple[models.Field[Any, Any], ...], str]":
    """Return the fields and the statement of a model; the vendor belongs to the key of the cache.

    Raises: TypeError for a field that makes its value when it is saved: nobody would.
    """
    del vendor
    fields = tuple(field for field in model._meta.concrete_fields if not field.primary_key)
    for field in fields:
        if getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False):
            message = f"{field} makes its value when it is saved"
            raise TypeError(message)
    quoted = connection.ops.quote_name
    names = ", ".join(quoted(str(field.column)) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    table, key = quoted(model._meta.db_table), quoted(str(model._meta.pk.column))
    return fields, f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING {key}"  # noqa: S608  our own names


_AS_IS: Final = frozenset({str, int, bool, type(None)})
"""What both databases take as it is, in any field but JSON."""


def _stored(value: Any, field: "models.Field[Any, Any]") -> Any:  # noqa: ANN401  what the driver takes
    if value.__class__ in _AS_IS and field.__class__ is not models.JSONField:
        return value
    if isinstance(value, models.expressions.DatabaseDefault):
        value = field.db_default
    return field.get_db_prep_save(value, connection)
