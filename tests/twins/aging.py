"""Aging, slowly: one item after another into its box."""

from collections import defaultdict
from datetime import date


def box_of(days_overdue: int, edges: list[int]) -> str:
    """Name the bucket as a bookkeeper would."""
    if days_overdue <= 0:
        return "current"
    low = 1
    for edge in edges:
        if days_overdue <= edge:
            return f"{low}-{edge}"
        low = edge + 1
    return f">{edges[-1]}"


def aging(items: list[dict], on_account: list[dict], *, by: list[str], as_of: date, edges: list[int]) -> dict:
    """Return {(group…, currency): {column: amount}} without zeros."""
    table = defaultdict(lambda: defaultdict(int))
    for item in items:
        row = table[(*(item[name] for name in by), item["currency"])]
        if item["open_minor"]:
            row["item_count"] += 1
            row["total_minor"] += item["open_minor"]
            row[box_of((as_of - item["due_on"]).days, edges)] += item["open_minor"]
        row["penalty_minor"] += item["penalty_minor"]
    for credit in on_account:
        row = table[(*(credit[name] for name in by), credit["currency"])]
        row["on_account_minor"] -= credit["on_account_minor"]
    without_zeros = {key: {name: minor for name, minor in row.items() if minor} for key, row in table.items()}
    return {key: row for key, row in without_zeros.items() if row}
