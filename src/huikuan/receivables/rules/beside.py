"""Claims beside the principal (从债务): charged penalty and costs are items of their own, but one debt with it.

Civil Code 560 orders debts, 561 what is inside one. So charged items are folded into the debt they belong to before
money is laid out, and what the debt receives is unfolded onto them afterwards.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

Row = dict[str, Any]

PART: Final[Mapping[str | None, str]] = {
    None: "principal_minor",
    "PENALTY": "interest_minor",
    "COSTS": "costs_minor",
}
"""Kind of charge to the part of the debt; None: the item is the principal itself."""


def folded(claims: Sequence[Row]) -> list[Row]:
    """Return one row per debt, as `rules.allocation.pay_out` takes them; item_id is that of the principal.

    Args:
        claims: item_id, debt_id (of the principal; its own without one), beside (PENALTY, COSTS or None), open_minor,
            issued_on, due_on, secured_minor, burden_ppb, the last four those of the debt.
    """
    debts: dict[int, Row] = {}
    for claim in claims:
        debt = debts.setdefault(
            claim["debt_id"],
            claim | {"item_id": claim["debt_id"], "secured_minor": 0} | dict.fromkeys(PART.values(), 0),
        )
        debt[PART[claim["beside"]]] += claim["open_minor"]
        debt["secured_minor"] = max(debt["secured_minor"], claim["secured_minor"])
    return list(debts.values())


def unfolded(paid: Sequence[Row], claims: Sequence[Row]) -> list[Row]:
    """Lay what each debt receives onto its items: item_id, amount_minor, basis, in the order of payment.

    Args:
        paid: What `pay_out` returned.
        claims: As for `folded`; several charges of a kind are paid the oldest first.
    """
    of_part: dict[tuple[int, str], list[Row]] = {}
    for claim in sorted(claims, key=lambda each: each["item_id"]):
        of_part.setdefault((claim["debt_id"], PART[claim["beside"]]), []).append(claim)
    lines: list[Row] = []
    for line in paid:
        for part in ("costs_minor", "interest_minor", "principal_minor"):
            left = line[part]
            for claim in of_part.get((line["item_id"], part), []):
                minor = min(left, claim["open_minor"])
                left -= minor
                if minor:
                    lines.append({"item_id": claim["item_id"], "amount_minor": minor, "basis": line["basis"]})
    return lines


def debts_of(item_ids: Sequence[int], claims: Sequence[Row]) -> list[int]:
    """Return the debts that named items belong to, in their order, each once."""
    debt_of = {claim["item_id"]: claim["debt_id"] for claim in claims}
    return list(dict.fromkeys(debt_of[item_id] for item_id in item_ids if item_id in debt_of))
