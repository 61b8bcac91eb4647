"""What money pays, slowly: one smallest coin after another, each to the debt that comes first."""

from datetime import date

PARTS = {"STATUTORY": ("costs_minor", "interest_minor", "principal_minor")}


def pay_coin_by_coin(
    debts: list[dict], *, sum_minor: int, order: str, as_of: date, designated: list[int], agreed=None
) -> dict:
    """Return {item_id: {part: paid}}. Equal debts (statutory) are taken in turns by what each still lacks.

    With a plan, every coin asks first whether the plan has had what is due; then whether another debt falls due before
    more of the plan does.

    Taking turns by the share not yet paid is proportion, up to one coin; callers compare equal debts with that margin.
    """
    left = {debt["item_id"]: {part: debt[part] for part in PARTS["STATUTORY"]} for debt in debts}
    whole = {item_id: sum(parts.values()) for item_id, parts in left.items()}
    paid = {item_id: dict.fromkeys(PARTS["STATUTORY"], 0) for item_id in left}

    def is_open(item_id: int) -> bool:
        return any(left[item_id].values())

    for_plan = 0
    for _ in range(sum_minor):
        named = [item_id for item_id in designated if is_open(item_id)]
        reachable = [debt for debt in debts if is_open(debt["item_id"])]
        if agreed is not None and not named:
            if for_plan < agreed.due_minor:
                for_plan += 1
                reachable = [debt for debt in reachable if debt["item_id"] in agreed.debts]
                if not reachable:
                    continue  # the coin waits on account
            else:
                reachable = _turn(reachable, agreed)
        elif agreed is not None and named[0] in agreed.debts:
            for_plan += 1
        if not reachable:
            break
        if named:
            chosen = named[0]
            parts = PARTS["STATUTORY"] if order == "STATUTORY" else PARTS["STATUTORY"][::-1]
        elif order == "PRINCIPAL_FIRST":
            part = next(name for name in PARTS["STATUTORY"][::-1] if any(left[d["item_id"]][name] for d in reachable))
            with_it = [debt for debt in reachable if left[debt["item_id"]][part]]
            chosen = min(with_it, key=lambda debt: (debt["due_on"], debt["issued_on"], debt["item_id"]))["item_id"]
            parts = (part,)
        else:
            first = min(reachable, key=lambda debt: _rank(debt, as_of))
            equals = [debt["item_id"] for debt in reachable if _rank(debt, as_of) == _rank(first, as_of)]
            chosen = min(equals, key=lambda item_id: (sum(paid[item_id].values()) / whole[item_id], item_id))
            parts = PARTS["STATUTORY"]
        part = next(name for name in parts if left[chosen][name])
        left[chosen][part] -= 1
        paid[chosen][part] += 1
    return paid


def _turn(reachable: list[dict], agreed) -> list[dict]:
    """Return the debts whose turn it is: due before more of the plan is, then the plan's, then the others."""
    others = [debt for debt in reachable if debt["item_id"] not in agreed.debts]
    before = [debt for debt in others if debt["due_on"] < agreed.rest_due_on]
    return before or [debt for debt in reachable if debt["item_id"] in agreed.debts] or others


def _rank(debt: dict, as_of: date) -> tuple:
    return debt["due_on"] > as_of, debt["secured_minor"], -debt["burden_ppb"], debt["due_on"]
