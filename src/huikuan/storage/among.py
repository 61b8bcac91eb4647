"""A condition on very many values, as one parameter: thousands of placeholders are slow, and limited on SQLite."""

import json
from collections.abc import Sequence

from huikuan.storage.bulk import is_postgresql


def among(column: str, name: str, values: Sequence[str] | Sequence[int]) -> tuple[str, dict[str, str]]:
    """Return SQL that is true where the column has one of the values, and the parameter that goes with it.

    Args:
        column: As written in the statement, "i.number".
        name: Of the %(name)s placeholder.
        values: All text or all whole numbers; text without the character NUL.
    """
    parameter = {name: json.dumps(list(values))}
    if not values:
        return "1 = 0", {}  # PostgreSQL could not tell of which type nothing is
    if not is_postgresql():
        return f"{column} IN (SELECT value FROM json_each(%({name})s))", parameter  # noqa: S608  our own names
    kind = "bigint" if values and isinstance(values[0], int) else "text"
    each = f"SELECT value::{kind} FROM jsonb_array_elements_text(%({name})s::jsonb) AS value"  # noqa: S608
    return f"{column} = ANY(ARRAY({each}))", parameter
